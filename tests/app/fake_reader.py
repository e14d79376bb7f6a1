"""A reader of drawings for tests: reads a digit per stroke, at once or when it is let."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace

import numpy as np
from numpy.typing import NDArray

from app.draw.drawing import stroke_box
from app.services.models import PictureReader, ReadPhoto
from app.ui.shown_reading import ShownReading
from core.base.errors import ModelError
from core.reading.strokes import Stroke
from core.reading.types import Box, Digit, Number, Reading, Vote
from training.runs.model_cards import Kind


def digit_of(digit: int, *, confidence: float = 0.9, box: Box | None = None, is_digit: bool = True) -> Digit:
    """A digit with everything a reader gives."""
    rest = (1 - confidence) / 10
    probabilities = tuple(confidence if k == digit else rest for k in range(10))
    if not is_digit:
        probabilities = (0.01,) * 10
    votes = (Vote("stage1", (digit + 1) % 10, 0.5), Vote("stage2", digit, 0.8), Vote("stage3", digit, 0.9))
    seen = np.full((32, 32), 20 * digit, np.uint8)
    return Digit(digit, confidence, box or Box(0, 0, 10, 20), is_digit, probabilities, votes, seen)


def reading_of(*digits: Digit, rejected: tuple[Digit, ...] = (), milliseconds: float = 1.25) -> Reading:
    """One number of these digits."""
    if not digits:
        return Reading((), rejected, milliseconds)
    confidence = float(np.prod([d.confidence for d in digits]))
    number = Number(tuple(digits), confidence, Box.around([d.box for d in digits]))
    return Reading((number,), rejected, milliseconds)


def shown(*digits: Digit, rejected: tuple[Digit, ...] = (), milliseconds: float = 1.25) -> ShownReading:
    """One number of these digits, as people see it."""
    return ShownReading.of(reading_of(*digits, rejected=rejected, milliseconds=milliseconds))


class FakeReader:
    """Every stroke is a digit: 1 for the first, 2 for the second …; a picture is a 7.

    gate: where given, every reading waits until it is set. fail: raised in place of reading.
    """

    def __init__(self, *, gate: threading.Event | None = None, fail: Exception | None = None) -> None:
        self.info = SimpleNamespace(recipe="general", date="2025-01-01", input_size=32)
        self.read_strokes: list[Sequence[Stroke]] = []
        self.started = threading.Event()
        self._gate, self._fail = gate, fail

    def read(self, strokes: Sequence[Stroke]) -> Reading:
        self.read_strokes.append(strokes)
        self._begin()
        return reading_of(*(digit_of((i + 1) % 10, box=stroke_box(s)) for i, s in enumerate(strokes)))

    def read_image(self, image: NDArray[np.uint8]) -> Reading:
        self._begin()
        return reading_of(digit_of(7, box=Box(0, 0, image.shape[1], image.shape[0])))

    def classify(self, crops: np.ndarray) -> list[Digit]:
        """Never sure of any crop."""
        return [digit_of(7, confidence=0.5) for _ in crops]

    def _begin(self) -> None:
        self.started.set()
        if self._gate is not None:
            assert self._gate.wait(10)
        if self._fail is not None:
            raise self._fail


class FakeLoader:
    """Opens any file named in `readers`, as a fresh FakeReader any other file there is.

    photos: what reads pictures. gate: while it is cleared, opening waits.
    """

    def __init__(self, photos: PictureReader | None = None) -> None:
        self.readers: dict[Path, FakeReader] = {}
        self.opened: list[Path] = []
        self.photos = photos
        self.gate = threading.Event()
        self.gate.set()

    def open(self, kind: Kind, path: Path) -> FakeReader:
        self.opened.append(path)
        assert self.gate.wait(10)
        if path in self.readers:
            return self.readers[path]
        if not path.is_file():
            raise ModelError(f"{path} is not there.")
        if path.read_bytes() == b"damaged":
            raise ModelError(f"{path} is damaged: it is not a model file.")
        return FakeReader()

    def drawing_reader(self, classifier: FakeReader, read_photo: ReadPhoto) -> FakeReader:
        return classifier

    def photo_reader(self, networks: Mapping[Kind, FakeReader]) -> PictureReader:
        assert self.photos is not None, "nothing was to read photos"
        return self.photos
