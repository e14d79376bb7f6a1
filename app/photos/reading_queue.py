"""Folders and photos to be read in the background, one after another; what was stopped can go on later."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from app.photos.folder_job import FolderJob, FolderProgress
from app.photos.picture_cache import PictureCache
from app.photos.results import PhotoResult
from app.services.models import PictureReader


class ReadingQueue(QObject):
    """At most one `FolderJob` at a time."""

    photo_read = Signal(object)
    """`PhotoResult`; the paths come in order."""
    progressed = Signal(object)
    """`FolderProgress`."""
    failed = Signal(str)
    """A sentence: nothing (more) could be read."""
    changed = Signal()
    """It begins or ends, or there is something to go on with, or no longer."""

    def __init__(
        self,
        reader: PictureReader,
        cache: PictureCache,
        keys: itertools.count[int],
        parent: QObject | None = None,
    ) -> None:
        """keys: the next keys of results."""
        super().__init__(parent)
        self._reader, self._cache, self._keys = reader, cache, keys
        self._job: FolderJob | None = None
        self._waiting: list[Path] = []
        self._rest: list[Path] = []
        self._skip = 0

    @property
    def is_running(self) -> bool:
        return self._job is not None

    @property
    def can_go_on(self) -> bool:
        """Whether it was stopped before everything was read."""
        return bool(self._rest) and not self.is_running

    def add(self, paths: Sequence[Path]) -> None:
        """Read these too; what was stopped before is left."""
        if self._job is not None:
            self._waiting += paths
        else:
            self._start(list(paths), 0)

    def go_on(self) -> None:
        """Read what is left since it was stopped."""
        if self.can_go_on:
            self._start(self._rest, self._skip)

    def cancel(self) -> None:
        """Stop after the photo being read; `go_on` reads the rest."""
        if self._job is not None:
            self._job.cancel()

    def forget(self) -> None:
        """Stop, and drop the rest; no more signals follow."""
        self.cancel()
        self._job, self._waiting, self._rest, self._skip = None, [], [], 0
        self.changed.emit()

    def shut_down(self) -> None:
        """Stop and wait for the thread."""
        if self._job is not None:
            self._job.cancel()
            self._job.wait(5.0)

    def _start(self, paths: list[Path], skip: int) -> None:
        self._rest, self._skip = [], 0
        self._job = job = FolderJob(
            paths, self._reader, next_key=lambda: next(self._keys), cache=self._cache, skip=skip, parent=self
        )
        job.photo_read.connect(lambda result: self._on_photo_read(job, result))
        job.progressed.connect(lambda progress: self._on_progressed(job, progress))
        job.failed.connect(lambda sentence: self._on_failed(job, sentence))
        job.finished.connect(lambda whole: self._on_finished(job, whole))
        self.changed.emit()
        job.start()

    def _on_photo_read(self, job: FolderJob, result: PhotoResult) -> None:
        if job is self._job:
            self.photo_read.emit(result)

    def _on_progressed(self, job: FolderJob, progress: FolderProgress) -> None:
        if job is self._job:
            self.progressed.emit(progress)

    def _on_failed(self, job: FolderJob, sentence: str) -> None:
        if job is self._job:
            self.failed.emit(sentence)

    def _on_finished(self, job: FolderJob, whole: bool) -> None:
        if job is not self._job:
            return
        self._job = None
        waiting, self._waiting = self._waiting, []
        if whole and waiting:
            self._start(waiting, 0)
            return
        if not whole:
            left, self._skip = job.rest()
            self._rest = [*left, *waiting]
        self.changed.emit()
