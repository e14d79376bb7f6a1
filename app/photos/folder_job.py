"""Reads many photos in the background: progress, cancel; a broken file is reported and the rest goes on."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from app.photos.picture_cache import PictureCache, stamp_of
from app.photos.results import Page, PhotoResult, photo_reading
from app.services.models import PictureReader
from app.ui.errors import sentence_of
from core.base.errors import FailureError, InputError, ModelError


def load_picture(path: Path, index: int = 0) -> NDArray[np.uint8]:
    """`core.reading.images.load_image`, imported when it is first needed."""
    from core.reading.images import load_image

    return load_image(path, index)


def picture_remark(path: Path) -> str:
    """A sentence on what of a file with one page is not read, or "". Raises InputError."""
    from core.reading.images import pages_of

    return pages_of(path).note


@dataclass(frozen=True)
class FolderProgress:
    """done of total photos; total None while the folders are still being searched. problems: broken files."""

    done: int = 0
    total: int | None = None
    problems: int = 0


class FolderJob(QObject):
    """One reading of many photos, in a thread of its own. Started once."""

    photo_read = Signal(object)
    """`PhotoResult`; the paths come in order."""
    progressed = Signal(object)
    """`FolderProgress`."""
    failed = Signal(str)
    """A sentence: nothing (more) could be read."""
    finished = Signal(bool)
    """It is over; whether it went through to the end."""

    def __init__(
        self,
        paths: Sequence[Path],
        reader: PictureReader,
        *,
        next_key: Callable[[], int],
        cache: PictureCache | None = None,
        skip: int = 0,
        parent: QObject | None = None,
    ) -> None:
        """paths: files, and folders whose pictures are meant.

        next_key: of results; called in the thread.
        cache: where the decoded photos are left for who looks at them next.
        skip: pages of the first file that are not read: an earlier job did.
        """
        super().__init__(parent)
        self._paths, self._reader, self._next_key = list(paths), reader, next_key
        self._cache = cache or PictureCache()
        self._skip = skip
        self._left: list[Path] = list(paths)
        self._problems = 0
        self._cancelled = threading.Event()
        self._thread = threading.Thread(target=self._run, name="folder", daemon=True)

    def rest(self) -> tuple[list[Path], int]:
        """What was not read when the job ended: paths, and how many pages of the first are done (`skip`)."""
        return list(self._left), self._skip

    def start(self) -> None:
        self._thread.start()

    def cancel(self) -> None:
        """Stop after the photo being read."""
        self._cancelled.set()

    def wait(self, seconds: float) -> bool:
        """Whether the thread has ended within `seconds`."""
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def _run(self) -> None:
        try:
            self.progressed.emit(FolderProgress())
            files, problems = self._found()
            if not self._cancelled.is_set():
                self._read_all(files, problems)
        except (InputError, FailureError, OSError) as error:
            self.failed.emit(sentence_of(error))
            self._cancelled.set()
        finally:
            self.finished.emit(not self._cancelled.is_set())

    def _found(self) -> tuple[list[Path], list[tuple[Path, InputError]]]:
        """The files to read, and the paths that give none."""
        from core.reading.picture_files import picture_files

        problems: list[tuple[Path, InputError]] = []
        files = []
        for file in picture_files(self._paths, problem=lambda path, error: problems.append((path, error))):
            if self._cancelled.is_set():
                break
            files.append(file)
        if not files and problems:
            raise problems[0][1]
        return files, problems

    def _read_all(self, files: Sequence[Path], problems: Sequence[tuple[Path, InputError]]) -> None:
        self._left = list(files)
        for path, error in problems:
            self._tell(
                PhotoResult(self._next_key(), path.name, path, error=sentence_of(error), is_photo=False)
            )
        self.progressed.emit(FolderProgress(0, len(files), self._problems))
        for done, path in enumerate(files, start=1):
            if not self._read_file(path):
                return
            self._left, self._skip = list(files[done:]), 0
            self.progressed.emit(FolderProgress(done, len(files), self._problems))

    def _read_file(self, path: Path) -> bool:
        """Read every page of a file; whether all of them were read before the job was cancelled."""
        from core.reading.images import pages_of

        if self._cancelled.is_set():
            return False
        try:
            pages = pages_of(path)
        except (InputError, OSError) as error:
            self._tell(PhotoResult(self._next_key(), path.name, path, error=sentence_of(error)))
            return True
        for index, number in pages.numbered[self._skip :]:
            if self._cancelled.is_set():
                return False
            page = None if number is None else Page(index, number)
            # The page first: long names are cut at their end.
            title = path.name if number is None else f"page {number} of {path.name}"
            self._tell(
                self._read_page(PhotoResult(self._next_key(), title, path, page=page, remark=pages.note))
            )
            self._skip += 1
        return True

    def _tell(self, result: PhotoResult) -> None:
        self._problems += bool(result.error)
        self.photo_read.emit(result)

    def _read_page(self, empty: PhotoResult) -> PhotoResult:
        assert empty.path is not None
        try:
            stamp = stamp_of(empty.path)
            image = load_picture(empty.path, empty.page.index if empty.page else 0)
            self._cache.put(empty.key, stamp, image)
            size = (image.shape[1], image.shape[0])
            reading = photo_reading(self._reader.read(image, any_direction=True))
        except ModelError:
            raise  # no other photo will fare better
        except (InputError, OSError, MemoryError) as error:
            return replace(empty, error=sentence_of(error))
        except Exception as error:  # noqa: BLE001  (one odd photo must not end the reading of a thousand)
            detail = f"{type(error).__name__}: {error}".rstrip(": ")
            return replace(empty, error=f"{empty.title} could not be read ({detail}).")
        return replace(empty, reading=reading, size=size)
