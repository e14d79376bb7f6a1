"""`gnc bench review`: a scripted person reviews two hundred photos with the keyboard.

Measured are what is kept, and how quickly it goes. The photos are made here; their readings are right, wrong by a
digit, of nothing, or missing. Every answer is given with real key events: Enter, digits, Space, ← after a slip. What
is kept in the end is compared with what the person knew.
"""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.base.errors import FailureError
from core.reading.types import Box, Digit, Number

if TYPE_CHECKING:
    from app.review.review import Review

PHOTOS = 200
SIZE = (3264, 2448)
"""Of a photo, pixels: 8 megapixels."""
LOOK = 0.6
"""Seconds that the person looks before a key is pressed; five hundred photos in ten minutes would leave 1.2."""
PATIENCE = 20.0
_DARKEST, _STEP = 10, 25
"""Grey of a 0, and from each digit to the next."""
_SLIP = 25
"""After so many photos, the person confirms one by mistake and comes back to it."""


@dataclass(frozen=True)
class Case:
    """A photo, what it shows ("" for no number), and what was read."""

    path: Path
    truth: str
    number: Number | None


def benchmark(photos: int = PHOTOS, *, size: tuple[int, int] = SIZE, look: float = LOOK) -> dict[str, Any]:
    """Milliseconds from a key to the next photo at its number; labels lost and wrong.

    Raises FailureError where the next photo does not come.
    """
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget

    from app.review.items import ReviewItem
    from app.review.kept_review import KeptReview, begin_review
    from app.review.review import Review
    from app.services.corrections import Corrections
    from app.services.models import ModelService
    from app.services.settings import Settings
    from core.base.paths import Places
    from core.collection.numbers import NumberStore
    from core.loaders.user_digits import UserDigitStore, read_image

    application = QApplication.instance() or QApplication([])
    assert isinstance(application, QApplication)
    with tempfile.TemporaryDirectory() as folder:
        places = Places.find(home=Path(folder) / "home")
        settings = Settings(places.settings)
        settings.keeps_photos = True
        cases = _cases(Path(folder), photos, size)
        items = [
            ReviewItem(place, case.path.name, str(case.path), number=case.number)
            for place, case in enumerate(cases)
        ]
        page = QWidget()
        corrections, models = Corrections(UserDigitStore(places.corrections)), ModelService(settings)
        review = Review(corrections, models, settings, page, "photo")
        QVBoxLayout(page).addWidget(review.view)
        page.resize(1100, 700)
        page.show()
        try:
            review.open(KeptReview.open(begin_review(places.corrections, "benchmark", items)))
            began = time.perf_counter()
            waits = _Person(review, cases, application.processEvents, look).work()
            seconds = time.perf_counter() - began
        finally:
            review.shut_down()
            models.shut_down()
            ended = time.perf_counter()
            corrections.shut_down()
            behind = time.perf_counter() - ended
            page.close()
        kept, damaged = NumberStore.within(places.corrections).entries()
        said = {Path(entry.source_file).name: entry.written for entry in kept}
        truth = {case.path.name: case.truth for case in cases}
        digits = UserDigitStore(places.corrections).entries()
        return {
            "photos": photos,
            "median_ms": 1e3 * statistics.median(waits),
            "worst_ms": 1e3 * max(waits),
            "seconds": seconds,
            "seconds_until_all_is_kept": behind,
            "labels_lost": len(truth.keys() - said.keys()) + len(damaged),
            "labels_wrong": sum(said[name] != truth[name] for name in said),
            "labels_twice": len(kept) - len(said),
            "digits_kept": len(digits),
            "digits_wrong": sum(_digit_seen(read_image(entry)) != entry.label for entry in digits),
        }


class _Person:
    """Knows what the photos show, and presses keys."""

    def __init__(self, review: Review, cases: list[Case], process: Callable[[], None], look: float) -> None:
        self._review, self._cases, self._process, self._look = review, cases, process, look
        self._slips = 0

    def work(self) -> list[float]:
        """Seconds from each last key of an answer to the next photo."""
        from PySide6.QtCore import Qt

        waits = []
        self._wait_for_photo()
        while self._review.session.current is not None:
            self._pause()
            done = self._review.session.progress.done
            if done and done % _SLIP == 0 and self._slips < done // _SLIP:
                self._slips += 1
                self._answer(slip=True)
                self._wait_for_photo()
                self._press(Qt.Key.Key_Left)
                self._wait_for_photo()
            began = self._answer()
            self._wait_for_photo()
            waits.append(time.perf_counter() - began)
        return waits

    def _answer(self, *, slip: bool = False) -> float:
        """When the last key was pressed."""
        from PySide6.QtCore import Qt
        from PySide6.QtTest import QTest

        one = self._review.session.current
        assert one is not None, "something is asked"
        truth, field = self._cases[one.item.id].truth, self._review.view.field
        if slip:
            key, typed = (Qt.Key.Key_Space, "") if truth else (Qt.Key.Key_Return, "0")
        else:
            key, typed = (
                (Qt.Key.Key_Return, truth if field.text() != truth else "")
                if truth
                else (Qt.Key.Key_Space, "")
            )
            if not truth and self._review.session.answer is not None:
                field.selectAll()
        if typed:
            QTest.keyClicks(field, typed)
        began = time.perf_counter()
        self._press(key)
        return began

    def _press(self, key: Any) -> None:
        from PySide6.QtTest import QTest

        QTest.keyClick(self._review.view.field, key)

    def _wait_for_photo(self) -> None:
        """Until what is asked is seen: loaded, and painted."""
        deadline = time.perf_counter() + PATIENCE
        while self._review.session.current is not None and not self._review.is_ready:
            if time.perf_counter() > deadline:
                raise FailureError(f"The next photo did not come within {PATIENCE:.0f} s.")
            self._process()
        self._review.view.repaint()

    def _pause(self) -> None:
        until = time.perf_counter() + self._look
        while time.perf_counter() < until:
            self._process()
            time.sleep(0.005)


def _cases(folder: Path, count: int, size: tuple[int, int]) -> list[Case]:
    from core.base.opencv import cv2

    rng = np.random.default_rng(0)
    noise = rng.integers(90, 160, (size[1] // 8, size[0] // 8, 3), dtype=np.uint8)
    ground: NDArray[np.uint8] = np.asarray(cv2.resize(noise, size), np.uint8)
    cases = []
    for place in range(count):
        truth = "".join(str(v) for v in rng.integers(0, 10, 5))
        kind = place % 10
        image = ground.copy()
        left, top = (float(rng.integers(0, 3 * side // 4)) for side in size)
        box = Box(left, top, size[0] / 6, size[1] / 18)
        if kind != 8:
            _write(image, truth, box)
        read: str | None = truth
        if kind == 7:
            at = int(rng.integers(0, 5))
            read = truth[:at] + str((int(truth[at]) + 1) % 10) + truth[at + 1 :]
        elif kind == 8:
            read, truth = ("77", "") if place % 20 == 8 else (None, "")
        elif kind == 9:
            read = None
        path = folder / f"{place:04}.jpg"
        cv2.imwrite(str(path), image, [cv2.IMWRITE_JPEG_QUALITY, 90])
        confidence = float(rng.uniform(0.4, 0.99))
        cases.append(Case(path, truth, None if read is None else _number(read, box, confidence)))
    return cases


def _write(image: NDArray[np.uint8], text: str, box: Box) -> None:
    """Digits as patches of grey that tell which they are."""
    width = box.w / len(text)
    for place, sign in enumerate(text):
        left, top = round(box.x + place * width), round(box.y)
        image[top : top + round(box.h), left : left + round(width)] = _DARKEST + _STEP * int(sign)


def _digit_seen(crop: NDArray[np.uint8]) -> int:
    """Which digit a crop shows, by the grey in its middle."""
    rows, columns = crop.shape
    return round((float(crop[rows // 2, columns // 2]) - _DARKEST) / _STEP)


def _number(text: str, box: Box, confidence: float) -> Number:
    width = box.w / len(text)
    digits = tuple(
        Digit(int(sign), confidence, Box(box.x + place * width, box.y, width, box.h), True, _table(int(sign)))
        for place, sign in enumerate(text)
    )
    return Number(digits, confidence, box)


def _table(digit: int) -> tuple[float, ...]:
    return tuple(0.91 if value == digit else 0.01 for value in range(10))
