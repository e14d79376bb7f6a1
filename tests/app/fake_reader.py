"""A reader of drawings for tests: reads a digit per stroke, at once or when it is let."""

from __future__ import annotations

import threading
from pathlib import Path
from types import SimpleNamespace

import numpy as np

from app.draw.drawing import Drawing, stroke_box
from core.base.errors import ModelError
from core.reading.types import Box, Digit, Number, Reading, Vote


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


class FakeReader:
    """Every stroke is a digit: 1 for the first, 2 for the second …; a picture is a 7.

    gate: where given, every reading waits until it is set. fail: raised in place of reading.
    """

    def __init__(self, *, gate: threading.Event | None = None, fail: Exception | None = None) -> None:
        self.info = SimpleNamespace(recipe="general", date="2025-01-01")
        self.read_drawings: list[Drawing] = []
        self.started = threading.Event()
        self._gate, self._fail = gate, fail

    def read(self, drawing: Drawing) -> Reading:
        self.read_drawings.append(drawing)
        self.started.set()
        if self._gate is not None:
            assert self._gate.wait(10)
        if self._fail is not None:
            raise self._fail
        if drawing.picture is not None:
            return reading_of(digit_of(7, box=drawing.picture.box))
        digits = [digit_of((i + 1) % 10, box=stroke_box(s)) for i, s in enumerate(drawing.strokes)]
        return reading_of(*digits)


class FakeModels:
    """What `load` is in tests: any file named in `readers`, a fresh FakeReader for other existing files."""

    def __init__(self) -> None:
        self.readers: dict[Path, FakeReader] = {}
        self.loaded: list[Path] = []

    def load(self, path: Path) -> FakeReader:
        self.loaded.append(path)
        if path in self.readers:
            return self.readers[path]
        if not path.is_file():
            raise ModelError(f"{path} is not there.")
        if path.read_bytes() == b"damaged":
            raise ModelError(f"{path} is damaged: it is not a model file.")
        return FakeReader()
