"""What reads whole pictures, shared by the camera and the photos: loaded once, changed with the model."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import numpy as np

from app.services.models import SHIPPED_DETECTOR
from core.base.errors import ModelError
from core.reading.types import Reading
from training.runs.model_cards import Kind, kind_of


class PictureReader(Protocol):
    """Reads the numbers in a picture, from any thread; `core.reading.photo_reader.PhotoReader` is the real one."""

    def read(self, image: np.ndarray) -> Reading:
        """image: uint8, (H, W) or (H, W, 3) RGB."""


class SharedReader:
    """A reader that is loaded when it is first needed, in the thread that needs it.

    load: opens a detector's model file and a classifier's; may raise InputError or FailureError. detector: the
    one to begin with.
    """

    def __init__(
        self, load: Callable[[Path, Path], PictureReader], detector: Path = SHIPPED_DETECTOR
    ) -> None:
        self._load = load
        self._lock = threading.Lock()
        self._models: dict[Kind, tuple[Path, tuple[int, int] | None]] = {
            Kind.DETECTOR: (detector, _identity(detector))
        }
        self._serial = self._loaded = 0
        self._reader: PictureReader | None = None

    def use_model(self, path: Path) -> None:
        """Read with this classifier, or find digits with this detector, from now on.

        It is loaded anew where the file is another one, if only since.
        """
        kind, wanted = kind_of(path), (path, _identity(path))
        with self._lock:
            if self._models.get(kind) != wanted:
                self._models[kind] = wanted
                self._serial += 1

    def prepare(self) -> PictureReader:
        """The reader; the first time slow. Raises what `load` raises, and ModelError before any `use_model`.

        A model that can't be used is tried once; until another is chosen, the one before it reads on.
        """
        with self._lock:
            if self._loaded != self._serial and Kind.CLASSIFIER in self._models:
                self._loaded = self._serial
                self._reader = self._load(self._models[Kind.DETECTOR][0], self._models[Kind.CLASSIFIER][0])
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
