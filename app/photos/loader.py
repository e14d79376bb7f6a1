"""Loads one photo to look at, turns it, and reads it where that was not done yet; the newest request wins."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from PySide6.QtCore import QObject, Signal

from app.image_view.image_view import picture_levels, turned
from app.photos.folder_job import load_picture, picture_remark
from app.photos.picture_cache import PictureCache, stamp_of
from app.photos.results import PhotoResult, photo_reading
from app.services.models import Image, PictureReader
from app.services.workers import LatestOnlyWorker
from app.ui.errors import details_of, sentence_of
from core.base.errors import FailureError, InputError


@dataclass(frozen=True)
class Photo:
    """A photo to look at. levels: as `picture_levels` makes them; the first is the photo."""

    result: PhotoResult
    levels: tuple[Image, ...]

    @property
    def image(self) -> Image:
        return self.levels[0]


@dataclass(frozen=True)
class _Request:
    """load: in place of the file. levels: of a photo that is loaded already."""

    generation: int
    result: PhotoResult
    load: Callable[[], Image] | None = None
    levels: tuple[Image, ...] = ()


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

    def __init__(
        self, reader: PictureReader, cache: PictureCache | None = None, parent: QObject | None = None
    ) -> None:
        """cache: of photos that were decoded a short while ago."""
        super().__init__(parent)
        self._reader, self._cache = reader, cache or PictureCache()
        self._generation = 0
        self._worker: LatestOnlyWorker[_Request, Photo] = LatestOnlyWorker(
            self._work, done=self._done_there.emit, failed=self._failed_there.emit, name="photo"
        )
        self._loaded_there.connect(self._on_loaded)
        self._done_there.connect(self._on_done)
        self._failed_there.connect(self._on_failed)

    def show(self, result: PhotoResult, load: Callable[[], Image] | None = None) -> None:
        """Load a photo, from its path or with `load`; read it where its result has no reading."""
        assert result.path is not None or load is not None, (
            "a photo without a path needs something to load it with"
        )
        self._ask(_Request(self._generation + 1, result, load))

    def read_again(self, photo: Photo) -> None:
        """Read a photo that is loaded with the models that are in use now."""
        result = replace(photo.result.as_read, reading=None)
        self._ask(_Request(self._generation + 1, result, levels=photo.levels))

    def forget(self) -> None:
        """What is being loaded is not wanted any more."""
        self._generation += 1
        self._worker.clear()

    def shut_down(self) -> None:
        self._worker.stop(5.0)

    def _ask(self, request: _Request) -> None:
        self._generation = request.generation
        self._worker.submit(request)

    def _work(self, request: _Request) -> Photo:
        levels = request.levels or picture_levels(turned(self._picture(request), request.result.quarters))
        size = (levels[0].shape[1], levels[0].shape[0])
        result = replace(request.result, size=size)
        if result.path is not None and result.page is None and not result.remark:
            result = replace(result, remark=picture_remark(result.path))
        photo = Photo(result, levels)
        self._loaded_there.emit(request, photo)
        if photo.result.reading is None:
            # A photo that a person has turned is upright.
            any_direction = not photo.result.quarters
            reading = photo_reading(self._reader.read(photo.image, any_direction=any_direction))
            photo = Photo(replace(photo.result, reading=reading), levels)
        return photo

    def _picture(self, request: _Request) -> Image:
        result = request.result
        stamp = stamp_of(result.path)
        picture = self._cache.get(result.key, stamp)
        if picture is None:
            if request.load is not None:
                picture = request.load()
            else:
                assert result.path is not None, "checked by `show`"
                picture = load_picture(result.path, result.page.index if result.page else 0)
            self._cache.put(result.key, stamp, picture)
        return picture

    def _on_loaded(self, request: _Request, photo: Photo) -> None:
        if request.generation == self._generation:
            self.loaded.emit(photo)

    def _on_done(self, request: _Request, photo: Photo) -> None:
        if request.generation == self._generation:
            self.was_read.emit(photo)

    def _on_failed(self, request: _Request, error: Exception) -> None:
        if request.generation != self._generation:
            return
        if isinstance(error, InputError | FailureError | OSError | MemoryError):
            self.failed.emit(request.result, sentence_of(error), "")
        else:
            self.failed.emit(request.result, f"{request.result.title} could not be read.", details_of(error))
