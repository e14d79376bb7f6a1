"""Reads many photos in the background: progress, cancel; a broken file is reported and the rest goes on."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PySide6.QtCore import QObject, Signal

from app.photos.results import PhotoResult, without_rejected
from app.services.shared_reader import PictureReader
from app.ui.errors import sentence_of
from core.base.errors import FailureError, InputError, ModelError
from core.reading.images import picture_files

Load = Callable[[Path], np.ndarray]


def load_picture(path: Path) -> np.ndarray:
    """`core.reading.images.load_image`, imported when it is first needed."""
    from core.reading.images import load_image

    return load_image(path)


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
        load: Load = load_picture,
        parent: QObject | None = None,
    ) -> None:
        """paths: files, and folders whose pictures are meant. next_key: of results; called in the thread."""
        super().__init__(parent)
        self._paths, self._reader, self._next_key, self._load = list(paths), reader, next_key, load
        self._cancelled = threading.Event()
        self._thread = threading.Thread(target=self._run, name="folder", daemon=True)

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
            files = self._found()
            if not self._cancelled.is_set():
                self._read_all(files)
        except (InputError, FailureError, OSError) as error:
            self.failed.emit(sentence_of(error))
            self._cancelled.set()
        finally:
            self.finished.emit(not self._cancelled.is_set())

    def _found(self) -> list[Path]:
        files: list[Path] = []
        problem: InputError | None = None
        for path in self._paths:
            try:
                files += self._until_cancelled(picture_files([path]))
            except InputError as error:  # an empty folder among others
                problem = error
        if not files and problem is not None:
            raise problem
        return files

    def _until_cancelled(self, files: Iterable[Path]) -> list[Path]:
        taken = []
        for file in files:
            if self._cancelled.is_set():
                break
            taken.append(file)
        return taken

    def _read_all(self, files: Sequence[Path]) -> None:
        problems = 0
        self.progressed.emit(FolderProgress(0, len(files)))
        for done, path in enumerate(files, start=1):
            if self._cancelled.is_set():
                return
            result = self._read(path)
            problems += bool(result.error)
            self.photo_read.emit(result)
            self.progressed.emit(FolderProgress(done, len(files), problems))

    def _read(self, path: Path) -> PhotoResult:
        key = self._next_key()
        try:
            image = self._load(path)
            size = (image.shape[1], image.shape[0])
            reading = without_rejected(self._reader.read(image))
        except ModelError:
            raise  # no other photo will fare better
        except (InputError, OSError, MemoryError) as error:
            return PhotoResult(key, path.name, path, error=sentence_of(error))
        except Exception as error:  # noqa: BLE001  (one odd photo must not end the reading of a thousand)
            detail = f"{type(error).__name__}: {error}".rstrip(": ")
            return PhotoResult(key, path.name, path, error=f"{path.name} could not be read ({detail}).")
        return PhotoResult(key, path.name, path, reading, size)
