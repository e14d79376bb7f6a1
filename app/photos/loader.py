"""Loads one photo to look at, and reads it where that was not done yet; the newest wish wins."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from app.image_view.image_view import picture_levels
from app.photos.folder_job import load_picture, picture_remark
from app.photos.results import PhotoResult, without_rejected
from app.services.models import PictureReader
from app.services.workers import LatestOnlyWorker
from app.ui.errors import details_of, sentence_of
from core.base.errors import FailureError, InputError


@dataclass(frozen=True)
class Photo:
    """A photo to look at. levels: as `picture_levels` makes them; the first is the photo."""

    result: PhotoResult
    levels: tuple[np.ndarray, ...]

    @property
    def image(self) -> np.ndarray:
        return self.levels[0]


@dataclass(frozen=True)
class _Wish:
    generation: int
    result: PhotoResult
    load: Callable[[], np.ndarray]
    levels: tuple[np.ndarray, ...] = ()


class PhotoLoader(QObject):
    """Hands out photos twice: as soon as they can be seen, and once they were read."""

    loaded = Signal(object)
    """`Photo`, perhaps not yet read."""
    was_read = Signal(object)
    """`Photo` with its reading."""
    failed = Signal(object, str, str)
    """A `PhotoResult` could not be shown or read: a sentence, details ("" where the sentence says it all)."""

    _loaded_there = Signal(object, object)
    _done_there = Signal(object, object)
    _failed_there = Signal(object, object)

    def __init__(self, reader: PictureReader, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._reader = reader
        self._generation = 0
        self._worker: LatestOnlyWorker[_Wish, Photo] = LatestOnlyWorker(
            self._work, done=self._done_there.emit, failed=self._failed_there.emit, name="photo"
        )
        self._loaded_there.connect(self._on_loaded)
        self._done_there.connect(self._on_done)
        self._failed_there.connect(self._on_failed)

    def show(self, result: PhotoResult, load: Callable[[], np.ndarray] | None = None) -> None:
        """Load a photo, from its path or with `load`; read it where its result has no reading."""
        path = result.path
        if load is None:
            assert path is not None, "a photo without a path needs something to load it with"
            wanted, index = path, result.page.index if result.page else 0
            load = lambda: load_picture(wanted, index)  # noqa: E731  (a named function would hide that it waits)
        self._wish(_Wish(self._generation + 1, result, load))

    def read_again(self, photo: Photo) -> None:
        """Read a photo that is loaded with the model that is wanted now."""
        result = replace(photo.result, reading=None, corrected={})
        self._wish(_Wish(self._generation + 1, result, lambda: photo.image, photo.levels))

    def forget(self) -> None:
        """What is being loaded is not wanted any more."""
        self._generation += 1
        self._worker.clear()

    def shut_down(self) -> None:
        self._worker.stop(5.0)

    def _wish(self, wish: _Wish) -> None:
        self._generation = wish.generation
        self._worker.submit(wish)

    def _work(self, wish: _Wish) -> Photo:
        levels = wish.levels or picture_levels(wish.load())
        size = (levels[0].shape[1], levels[0].shape[0])
        result = replace(wish.result, size=size)
        if result.path is not None and result.page is None and not result.remark:
            result = replace(result, remark=picture_remark(result.path))
        photo = Photo(result, levels)
        self._loaded_there.emit(wish, photo)
        if photo.result.reading is None:
            reading = without_rejected(self._reader.read(photo.image, any_direction=True))
            photo = Photo(replace(photo.result, reading=reading), levels)
        return photo

    def _on_loaded(self, wish: _Wish, photo: Photo) -> None:
        if wish.generation == self._generation:
            self.loaded.emit(photo)

    def _on_done(self, wish: _Wish, photo: Photo) -> None:
        if wish.generation == self._generation:
            self.was_read.emit(photo)

    def _on_failed(self, wish: _Wish, error: Exception) -> None:
        if wish.generation != self._generation:
            return
        if isinstance(error, InputError | FailureError | OSError | MemoryError):
            self.failed.emit(wish.result, sentence_of(error), "")
        else:
            self.failed.emit(wish.result, f"{wish.result.title} could not be read.", details_of(error))


def read_copied(image: QImage) -> np.ndarray:
    """A picture of the clipboard or of another program, at its own size. Raises InputError.

    Alpha and 16 bit are handled once, in `core.reading.images`, and that reads files.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "picture.png"
        if image.isNull() or not image.save(str(path)):
            raise InputError("The picture can't be used: the other program offered none that can be read.")
        return load_picture(path)
