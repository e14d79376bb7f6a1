"""Looks at every picture of a collection in a thread of its own: what is alike, and what the present model reads."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from app.services.models import ModelService
from core.base.errors import DataError, FailureError, InputError
from core.base.files import read_json, write_json
from core.collection.items import Item, key_of
from core.loaders.user_digits import UserDigit
from core.reading.types import Reading

_BATCH = 64
Found = TypeVar("Found")


class Judge(Protocol):
    """The present models, from any thread."""

    def signature(self) -> str:
        """Changes with the models; "" while there are none."""

    def classify(
        self, items: Sequence[Item], images: Mapping[str, NDArray[np.uint8]]
    ) -> list[tuple[str, float]]:
        """Of each digit what is read ("" for no digit) and how surely. images: by `key_of`. Raises ModelError."""

    def read(self, image: NDArray[np.uint8]) -> Reading:
        """The numbers in a picture. Raises ModelError."""


class ModelJudge:
    """The models in use."""

    def __init__(self, models: ModelService) -> None:
        self._models = models

    def signature(self) -> str:
        parts = []
        for kind, model in sorted(self._models.state.in_use.items()):
            try:
                parts.append(f"{kind}:{model.path}:{model.path.stat().st_mtime_ns}")
            except OSError:
                parts.append(f"{kind}:{model.path}")
        return "|".join(parts) if self._models.state.classifier is not None else ""

    def classify(
        self, items: Sequence[Item], images: Mapping[str, NDArray[np.uint8]]
    ) -> list[tuple[str, float]]:
        from core.collection.mistakes import digit_crops

        classifier = self._models.classifier()
        said = classifier.classify(digit_crops(items, images, classifier.info.input_size))
        return [
            (str(one.digit), one.confidence) if one.is_digit else ("", max(1 - sum(one.probabilities), 0.0))
            for one in said
        ]

    def read(self, image: NDArray[np.uint8]) -> Reading:
        return self._models.read(image)


@dataclass
class Checks:
    """What was found of the items, by `key_of`. said: text and confidence, None where nothing can be compared."""

    prints: dict[str, NDArray[np.uint8]] = field(default_factory=dict)
    said: dict[str, tuple[str, float] | None] = field(default_factory=dict)


class Checker(QObject):
    """Tells in pieces what it finds; what it knows already of the same models it does not look at again."""

    found = Signal(object)
    """`Checks` of some items."""
    damaged = Signal(str)
    """A sentence: a picture can't be read."""
    progressed = Signal(int, int)
    """How many of how many were looked at; equal when it is over."""

    def __init__(self, judge: Judge, cache: Path, parent: QObject | None = None) -> None:
        """cache: the file in which what numbers were read as is remembered; it may be deleted at any time."""
        super().__init__(parent)
        self._judge, self._cache = judge, cache
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self, items: Sequence[Item], known: Checks) -> None:
        """Look at items; `known`: what is known of them already, as of these models."""
        self._stop.set()  # one that is at work ends after its picture, unheard
        self._stop = threading.Event()
        arguments = (list(items), set(known.prints), set(known.said), self._stop)
        self._thread = threading.Thread(target=self._work, args=arguments, name="checker", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End after the picture being looked at; nothing more is heard of it."""
        self._stop.set()

    def shut_down(self) -> None:
        """End, and wait for it."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(30)

    def _work(self, items: list[Item], printed: set[str], judged: set[str], stop: threading.Event) -> None:
        from core.collection.mistakes import fingerprint

        signature = self._judge.signature()
        remembered = self._remembered(signature)
        todo = [item for item in items if key_of(item) not in printed or key_of(item) not in judged]
        # Digits first: thousands take as long as a few photos.
        todo.sort(key=lambda item: item.what)
        done = 0
        digits: list[Item] = []
        images: dict[str, NDArray[np.uint8]] = {}
        checks = Checks()

        def report() -> None:
            nonlocal checks
            if digits and signature:
                said = self._tried(lambda: self._judge.classify(digits, images))
                if said is not None:
                    checks.said.update(zip(map(key_of, digits), said, strict=True))
            digits.clear()
            images.clear()
            if not stop.is_set():
                self.found.emit(checks)
                self.progressed.emit(done, len(todo))
            checks = Checks()

        for item in todo:
            if stop.is_set():
                break
            key = key_of(item)
            try:
                image = _image_of(item)
            except DataError as error:
                self.damaged.emit(str(error))
                done += 1
                continue
            checks.prints[key] = fingerprint(image, item)
            if item.what == "digit":
                digits.append(item)
                images[key] = image
            elif signature:
                if key not in remembered:
                    remembered[key] = self._read(item, image)
                checks.said[key] = remembered[key]
            done += 1
            if len(digits) >= _BATCH or (item.what == "number" and len(checks.prints) >= 4):
                report()
        if not stop.is_set():
            report()
            if not todo:
                self.progressed.emit(0, 0)
        self._remember(signature, remembered)

    def _read(self, item: Item, image: NDArray[np.uint8]) -> tuple[str, float] | None:
        from core.collection.mistakes import said_of

        reading = self._tried(lambda: self._judge.read(image))
        said = said_of(reading, item) if reading is not None else None
        return None if said is None else (said.text, said.confidence)

    @staticmethod
    def _tried(work: Callable[[], Found]) -> Found | None:
        try:
            return work()
        except (InputError, FailureError):
            return None  # the main window reports a model that can't be used

    def _remembered(self, signature: str) -> dict[str, tuple[str, float] | None]:
        try:
            body = read_json(self._cache)
            if body["models"] != signature:
                return {}
            return {
                str(key): None if said is None else (str(said[0]), float(said[1]))
                for key, said in body["numbers"].items()
            }
        except (DataError, KeyError, TypeError, ValueError, AttributeError, IndexError):
            return {}

    def _remember(self, signature: str, said: Mapping[str, tuple[str, float] | None]) -> None:
        if not signature or not said:
            return
        try:
            write_json(self._cache, {"models": signature, "numbers": dict(said)})
        except OSError:
            return  # it is read anew next time


def _image_of(item: Item) -> NDArray[np.uint8]:
    """Raises DataError, naming the file."""
    from core.collection.numbers import read_picture
    from core.loaders.user_digits import read_image

    return read_image(item.entry) if isinstance(item.entry, UserDigit) else read_picture(item.entry)
