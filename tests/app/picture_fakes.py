"""What the tests of the camera and the photos page have in common: readings, a reader, a page's context."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtWidgets import QWidget

from app.pages.page import PageContext
from app.services.corrections import Corrections
from app.services.models import ModelService
from app.services.settings import Settings
from core.base.opencv import cv2
from core.base.paths import Places
from core.loaders.user_digits import UserDigitStore
from core.reading.types import Box, Digit, Number, Reading
from tests.app.fake_reader import FakeLoader
from training.runs.model_cards import Kind


def digit_of(value: int, box: Box, confidence: float = 0.96) -> Digit:
    """A digit with probabilities and a crop."""
    p = [(1 - confidence) / 9] * 10
    p[value] = confidence
    return Digit(value, confidence, box, True, tuple(p), (), np.full((32, 32), 20 * value, np.uint8))


def number_of(
    text: str, x: float = 10, y: float = 10, *, confidence: float = 0.95, size: float = 10
) -> Number:
    """Digits side by side, each `size` wide and twice as high."""
    digits = tuple(digit_of(int(c), Box(x + i * size, y, size, 2 * size)) for i, c in enumerate(text))
    return Number(digits, confidence, Box.around([d.box for d in digits]))


class FakeReader:
    """Reads every picture as `numbers` says; `error` is raised instead. seen: shapes of what it was given.

    While `gate` is cleared, reading waits.
    """

    def __init__(self, *numbers: Number) -> None:
        self.numbers: tuple[Number, ...] | Callable[[NDArray[np.uint8]], tuple[Number, ...]] = numbers
        self.maybe: tuple[Number, ...] = ()
        self.error: Exception | None = None
        self.seen: list[tuple[int, ...]] = []
        self.gate = threading.Event()
        self.gate.set()
        self.seconds = 0.0

    def read(self, image: NDArray[np.uint8], *, any_direction: bool = False) -> Reading:
        self.seen.append(image.shape)
        assert self.gate.wait(20)
        if self.seconds:
            time.sleep(self.seconds)
        if self.error is not None:
            raise self.error
        numbers = self.numbers(image) if callable(self.numbers) else self.numbers
        return Reading(numbers, milliseconds=12.5, maybe=self.maybe)


@contextmanager
def context_in(folder: Path, reader: FakeReader) -> Iterator[PageContext]:
    """A page's context with everything below `folder`, and models with which `reader` reads pictures."""
    places = Places.find(home=folder)
    settings = Settings(places.settings)
    corrections = Corrections(UserDigitStore(places.corrections))
    shipped = {Kind.CLASSIFIER: folder / "classifier.onnx", Kind.DETECTOR: folder / "detector.onnx"}
    folder.mkdir(parents=True, exist_ok=True)
    for path in shipped.values():
        path.touch()
    models = ModelService(settings, shipped=shipped, loader=FakeLoader(reader))
    models.start()
    yield PageContext(places, settings, corrections, models)
    reader.gate.set()
    models.shut_down()
    corrections.shut_down()


def plain(width: int = 160, height: int = 120, value: int = 128) -> NDArray[np.uint8]:
    return np.full((height, width, 3), value, np.uint8)


def save_picture(path: Path, image: NDArray[np.uint8] | None = None) -> Path:
    """Write a picture file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    assert cv2.imwrite(str(path), plain() if image is None else image)
    return path


def write_video(path: Path, *, frames: int = 30, fps: float = 30, size: tuple[int, int] = (160, 120)) -> Path:
    """A video of plain pictures whose grey counts up."""
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), fps, size)
    assert writer.isOpened()
    for i in range(frames):
        writer.write(np.full((size[1], size[0], 3), 40 + 4 * (i % 50), np.uint8))
    writer.release()
    return path


def as_shown(widget: QWidget, width: int = 800, height: int = 600) -> None:
    """Give a widget a size and a place on the (offscreen) screen."""
    widget.resize(width, height)
    widget.show()
