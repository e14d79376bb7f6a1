"""What became of one photo: whether its number was read, what else was reported, and why a number was missed."""

from __future__ import annotations

import re
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from core.loaders.number_photos import NumberPhoto, digits_in
from core.reading.types import Box, Digit, Number, Reading

SAME_PLACE = 0.5
"""Intersection over union from which a found digit is at a labelled one's place."""
_WITHIN = 0.5
"""Share of the smaller one of two boxes that both have, from which a number is at the place of the labelled one."""

MISSES = {
    "too few": "too few digits",
    "too many": "too many digits",
    "split": "split in several numbers",
    "wrong digit": "a wrong digit",
    "not sure": "found but not reported",
    "another": "found, another one surer",
    "nothing": "not found in the photo",
}
"""Why a number was missed: the name in JSON, and for people."""

_PARTS = re.compile(r"[\s/\-‐‑‒–—−]+")


class NumberReader(Protocol):
    """What reads pictures; `PhotoReader` is the real one."""

    def read(self, image: Any, *, threshold: float | None = None) -> Reading: ...


@dataclass(frozen=True)
class PhotoScore:
    """What became of one photo.

    numbers: those reported, best first. rejected: digits of those that were not. maybe: numbers that were found and
    not reported, best first; only of photos whose number was missed. has_others: the photo may show other numbers
    than the labelled one: those at other places say nothing, right or wrong.
    """

    photo: NumberPhoto
    numbers: tuple[Number, ...]
    milliseconds: float
    rejected: tuple[Digit, ...] = ()
    maybe: tuple[Number, ...] = ()
    has_others: bool = False

    @property
    def judged(self) -> tuple[Number, ...]:
        """The reported numbers that are right or wrong, best first."""
        return self._in_place(self.numbers)

    @property
    def right(self) -> bool:
        """The best number is the one in the photo; nothing is reported where (in the labelled place) there is none.

        Where what is written falls into several numbers (7–9), these in reading order are right as well. Where the
        photo may show other numbers, one of those reported has to be right.
        """
        if not self.photo.digits:
            return not self.judged
        if self.has_others:
            return self.found
        return (bool(self.judged) and self.judged[0].text == self.photo.digits) or self._is_parted_rightly()

    @property
    def found(self) -> bool:
        """The photo's number is among the reported ones."""
        return bool(self.photo.digits) and (
            any(n.text == self.photo.digits for n in self.judged) or self._is_parted_rightly()
        )

    @property
    def false_numbers(self) -> tuple[Number, ...]:
        """Of the reported numbers those that are no number of the photo."""
        return tuple(n for n in self.judged if not self.is_true(n))

    def is_true(self, number: Number) -> bool:
        """Whether a number is the one in the photo, or one of those that are written there."""
        return bool(number.text) and number.text in (self.photo.digits, *parts_of(self.photo.written))

    @property
    def missed(self) -> str | None:
        """Why the number was missed, one of MISSES; None where it was read, or there is none."""
        wanted = self.photo.digits
        if self.right or not wanted:
            return None
        doubtful = self._in_place(self.maybe)
        if self.found:
            return "another"
        if any(n.text == wanted for n in doubtful):
            return "not sure"
        every = (*self.judged, *doubtful)
        if not every:
            return "nothing"
        length = len(every[0].text)
        if length == len(wanted):
            return "wrong digit"
        if sum(len(n.text) for n in (self.judged or doubtful)) == len(wanted):
            return "split"
        return "too few" if length < len(wanted) else "too many"

    def _in_place(self, numbers: Sequence[Number]) -> tuple[Number, ...]:
        row = self.photo.box
        if not self.has_others or row is None:
            return tuple(numbers)
        return tuple(n for n in numbers if is_same_place(row, n.box))

    def _is_parted_rightly(self) -> bool:
        parts = parts_of(self.photo.written)
        return len(parts) > 1 and tuple(n.text for n in in_reading_order(self.judged)) == parts


def parts_of(written: str) -> tuple[str, ...]:
    """The numbers that something written falls into at spaces, dashes and slashes: the digits of each, in order."""
    return tuple(digits for part in _PARTS.split(written) if (digits := digits_in(part)))


def is_same_place(row: Box, other: Box) -> bool:
    """Whether a number's box is where the labelled row is: most of the smaller one lies in the other."""
    return row.shared(other) > 0 and row.shared(other) >= _WITHIN * min(row.area, other.area)


def in_reading_order(numbers: Sequence[Number]) -> list[Number]:
    """Numbers line by line, each from left to right."""
    lines: list[list[Number]] = []
    for number in sorted(numbers, key=_middle):
        tall = statistics.median(n.box.h for n in numbers)
        if lines and _middle(number) - _middle(lines[-1][0]) < tall / 2:
            lines[-1].append(number)
        else:
            lines.append([number])
    return [number for line in lines for number in sorted(line, key=lambda n: n.box.x)]


def _middle(number: Number) -> float:
    return number.box.y + number.box.h / 2


def numbers_in_doubt(reader: NumberReader, image: Any, reading: Reading) -> tuple[Number, ...]:
    """What was found in a picture and not reported, best first. A reader that does not keep them reads once more."""
    if reading.maybe:
        return reading.maybe
    reported = {(n.text, n.box) for n in reading.numbers}
    every = reader.read(image, threshold=0.0)
    return tuple(n for n in (*every.numbers, *every.maybe) if (n.text, n.box) not in reported)


def match_boxes(wanted: Sequence[Box], found: Sequence[Box]) -> list[tuple[int, int]]:
    """Pairs of places whose boxes overlap by SAME_PLACE or more, the best first, each box once."""
    overlaps = sorted(
        ((a.iou(b), i, j) for i, a in enumerate(wanted) for j, b in enumerate(found)), reverse=True
    )
    pairs: list[tuple[int, int]] = []
    for share, i, j in overlaps:
        if share >= SAME_PLACE and all(i != a and j != b for a, b in pairs):
            pairs.append((i, j))
    return pairs
