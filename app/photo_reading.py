"""What reads whole pictures, shared by the camera and the photos: loaded once, changed with the model."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import numpy as np

from core.errors import ModelError
from core.reading import Reading


class PictureReader(Protocol):
    """Reads the numbers in a picture; `core.photo_reader.Reader` is the real one. Any thread may use it."""

    def read(self, image: np.ndarray) -> Reading:
        """image: uint8, (H, W) or (H, W, 3) RGB."""


class SharedReader:
    """A reader that is loaded when it is first needed, in the thread that needs it.

    load: opens a classifier's model file together with the detector; may raise InputError or FailureError.
    """

    def __init__(self, load: Callable[[Path], PictureReader]) -> None:
        self._load = load
        self._lock = threading.Lock()
        self._wanted: Path | None = None
        self._file: tuple[int, int] | None = None
        self._serial = self._loaded = 0
        self._reader: PictureReader | None = None

    def use_model(self, path: Path) -> None:
        """Read with this classifier from now on; loaded anew where the file is another one, if only since."""
        file = _identity(path)
        with self._lock:
            if (path, file) != (self._wanted, self._file):
                self._wanted, self._file = path, file
                self._serial += 1

    def prepare(self) -> PictureReader:
        """The reader; the first time slow. Raises what `load` raises, and ModelError before any `use_model`.

        A model that can't be used is tried once; until another is chosen, the one before it reads on.
        """
        with self._lock:
            if self._loaded != self._serial and self._wanted is not None:
                self._loaded = self._serial
                self._reader = self._load(self._wanted)
            if self._reader is None:
                raise ModelError("There is no model to read with: choose one in the model menu.")
            return self._reader

    def read(self, image: np.ndarray) -> Reading:
        """Read a picture with the model that is wanted now. Raises as `prepare` does."""
        return self.prepare().read(image)


def _identity(path: Path) -> tuple[int, int] | None:
    """When a file was written and how large it is; None for none."""
    try:
        stat = path.stat()
    except OSError:  # loading it says what is wrong
        return None
    return stat.st_mtime_ns, stat.st_size
