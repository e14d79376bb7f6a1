"""What was read: digits, the numbers they form, and the whole reading of one image."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from core.base.figures import chance

INPUT_SIZE = 32
"""Side of the classifier's input, pixels."""
INK_SHARE = 20 / 28
"""Share of the frame that a digit's longer side spans, as in MNIST."""
NOT_A_DIGIT = 10
"""The label of the eleventh class: the crop shows no digit."""


@dataclass(frozen=True)
class Box:
    """An axis-aligned rectangle in pixels of the image that was read; (x, y) is its top left corner."""

    x: float
    y: float
    w: float
    h: float

    @classmethod
    def around(cls, boxes: list[Box] | tuple[Box, ...]) -> Box:
        """The smallest box that holds all of `boxes` (at least one)."""
        assert boxes, "a box around nothing"
        x, y = min(b.x for b in boxes), min(b.y for b in boxes)
        right, bottom = max(b.x + b.w for b in boxes), max(b.y + b.h for b in boxes)
        return cls(x, y, right - x, bottom - y)

    @property
    def area(self) -> float:
        return self.w * self.h

    @property
    def center(self) -> tuple[float, float]:
        """Its middle, (x, y)."""
        return self.x + self.w / 2, self.y + self.h / 2

    def union(self, other: Box) -> Box:
        """The smallest box that holds both."""
        return Box.around((self, other))

    def shared(self, other: Box) -> float:
        """The area that both cover, square pixels."""
        w = min(self.x + self.w, other.x + other.w) - max(self.x, other.x)
        h = min(self.y + self.h, other.y + other.h) - max(self.y, other.y)
        return w * h if w > 0 and h > 0 else 0.0

    def iou(self, other: Box) -> float:
        """Intersection over union, 0–1."""
        shared = self.shared(other)
        return shared / (self.area + other.area - shared) if shared else 0.0

    def contains(self, x: float, y: float) -> bool:
        """Whether a point lies in the box, its edges included."""
        return self.x <= x <= self.x + self.w and self.y <= y <= self.y + self.h

    def as_list(self) -> list[float]:
        return [round(v, 2) for v in (self.x, self.y, self.w, self.h)]


@dataclass(frozen=True)
class Vote:
    """What one conv stage of the classifier says on its own. `digit` may be NOT_A_DIGIT."""

    stage: str
    digit: int
    confidence: float


@dataclass(frozen=True)
class Digit:
    """One character 0–9 with its probability, and where it is.

    confidence: probability that the crop shows `digit`, 0–1.
    probabilities: of 0…9, ten values that sum to 1 minus the probability of "no digit".
    is_digit: False where "no digit" is at least as likely as every digit together.
    crop: what the network got, (H, W) uint8, or None if it was not asked for.
    """

    digit: int
    confidence: float
    box: Box
    is_digit: bool = True
    probabilities: tuple[float, ...] = ()
    votes: tuple[Vote, ...] = ()
    crop: npt.NDArray[np.uint8] | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True)
class Number:
    """Digits that belong together, in reading order.

    confidence: probability that all of it is right. written: as it stands there, with the letters and signs that
    belong to it ("12B", "217.61"); the digits alone where nothing else was given.
    """

    digits: tuple[Digit, ...]
    confidence: float
    box: Box
    written: str = ""

    def __post_init__(self) -> None:
        if not self.written:
            object.__setattr__(self, "written", self.text)

    @property
    def text(self) -> str:
        """The digits alone."""
        return "".join(str(d.digit) for d in self.digits)

    def with_digits(self, digits: tuple[Digit, ...], confidence: float) -> Number:
        """The number with other digits (corrected ones, say); what else is written in it stays where it can."""
        others = [str(d.digit) for d in digits]
        written = ""
        if len(others) == len(self.digits) and "".join(filter(str.isdecimal, self.written)) == self.text:
            following = iter(others)
            written = "".join(next(following) if c.isdecimal() else c for c in self.written)
        return Number(digits, confidence, self.box, written)


@dataclass(frozen=True)
class Reading:
    """All that was read in one image.

    numbers: best first. maybe: numbers that were found and are not sure enough to be reported, best first.
    rejected: what was looked at and is no digit (a scribble). milliseconds: wall time from image to reading.
    """

    numbers: tuple[Number, ...] = ()
    rejected: tuple[Digit, ...] = ()
    milliseconds: float = 0.0
    maybe: tuple[Number, ...] = ()

    def with_boxes(self, place: Callable[[Box], Box]) -> Reading:
        """The same reading with every box moved, as for a picture that is a part of another one, or enlarged."""

        def digit(of: Digit) -> Digit:
            return replace(of, box=place(of.box))

        def number(of: Number) -> Number:
            return replace(of, digits=tuple(digit(d) for d in of.digits), box=place(of.box))

        return replace(
            self,
            numbers=tuple(number(n) for n in self.numbers),
            maybe=tuple(number(n) for n in self.maybe),
            rejected=tuple(digit(d) for d in self.rejected),
        )


def digits_of(text: str) -> str:
    """The digits 0–9 of a text, alone."""
    return "".join(c for c in text if c in "0123456789")


def confidence_word(confidence: float) -> str:
    """`sure`, `fairly sure` or `unsure`, for people; a probability stands beside it wherever it is shown.

    By whole per cents, as they are shown: 90% is always sure.
    """
    shown = round(100 * confidence)
    if shown >= 90:
        return "sure"
    return "fairly sure" if shown >= 60 else "unsure"


def confidence_text(confidence: float) -> str:
    """A word and a figure, as every page, message and command says it: "sure (97%)"."""
    return f"{confidence_word(confidence)} ({chance(confidence)})"


def as_json(path: Path, reading: Reading, page: int | None = None) -> dict[str, Any]:
    """The object of the command line's contract. Boxes: x, y, width, height in pixels of the upright picture.

    page: counts from 1, and stands in the object where a file has several.
    """
    return {
        "file": str(path),
        **({} if page is None else {"page": page}),
        "numbers": [_number_as_json(number) for number in reading.numbers],
        "maybe": [_number_as_json(number) for number in reading.maybe],
        "ms": round(reading.milliseconds, 2),
    }


def _number_as_json(number: Number) -> dict[str, Any]:
    return {
        "text": number.text,
        "written": number.written,
        "confidence": round(number.confidence, 4),
        "box": number.box.as_list(),
        "digits": [
            {"digit": d.digit, "confidence": round(d.confidence, 4), "box": d.box.as_list()}
            for d in number.digits
        ],
    }
