"""Readings of a set of pictures as an expected format leaves them: for commands, which ask nobody."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from app.review.alternatives import read_as
from app.review.items import ReviewItem, judged
from app.review.number_format import NumberFormat
from core.reading.types import Reading


@dataclass(frozen=True)
class FittedNumber:
    """was_read: as it was read before the format chose. problems: what in the number breaks the format still."""

    written: str
    was_read: str
    problems: tuple[str, ...]

    @property
    def words(self) -> str:
        """For people; "" where there is nothing to say."""
        chosen = [f"was read as {self.was_read}"] if self.was_read != self.written else []
        return f"{self.written}: {', '.join([*chosen, *self.problems])}" if chosen or self.problems else ""


@dataclass(frozen=True)
class FittedReading:
    """reading: with the numbers that fit in place of those that were likeliest. numbers: about its numbers, in order.
    problems: of a picture without a number, that it has none."""

    reading: Reading
    numbers: tuple[FittedNumber, ...]
    problems: tuple[str, ...]


def fit_all(readings: Sequence[Reading], expected: NumberFormat) -> list[FittedReading]:
    """All readings of a set, in its order, by the same rules as in a review."""
    items: list[ReviewItem] = []
    for reading in readings:
        for number in reading.numbers or (None,):
            items.append(ReviewItem(len(items), "", "", number=number))
    following = iter(judged(items, expected))
    found = []
    for reading in readings:
        if not reading.numbers:
            found.append(FittedReading(reading, (), next(following).problems))
            continue
        own = [next(following) for _ in reading.numbers]
        numbers = tuple(
            read_as(number, one.proposed) for number, one in zip(reading.numbers, own, strict=True)
        )
        said = tuple(FittedNumber(one.proposed, one.item.read, one.problems) for one in own)
        found.append(FittedReading(replace(reading, numbers=numbers), said, ()))
    return found
