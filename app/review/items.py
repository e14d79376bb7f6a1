"""What is reviewed: numbers of photos; how the expected format judges them, and in which order they come."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.review.alternatives import choose
from app.review.number_format import NumberFormat, bounds_at, not_rising, values_of
from core.base.errors import DataError
from core.reading.types import Box, Digit, Number

_NOT_RISING = "does not rise with the others"


@dataclass(frozen=True)
class ReviewItem:
    """One number of a picture, or a picture without any.

    id: its place in the set's own order. title: for people. file: of the picture, page: which of its pictures (from 0),
    quarters: how often it is turned to the right. number: as it was read, None where nothing was. source: what it was
    seen by, "" for the file. group: of pictures that must be learned from together, "" for this one alone.
    """

    id: int
    title: str
    file: str
    page: int = 0
    quarters: int = 0
    number: Number | None = None
    source: str = ""
    group: str = ""

    @property
    def picture(self) -> tuple[str, int, int]:
        """What identifies its picture."""
        return self.file, self.page, self.quarters

    @property
    def read(self) -> str:
        """As it was read; "" for nothing."""
        return self.number.written if self.number is not None else ""

    @property
    def confidence(self) -> float:
        """0 where nothing was read."""
        return self.number.confidence if self.number is not None else 0.0

    @property
    def box(self) -> Box | None:
        return self.number.box if self.number is not None else None


@dataclass(frozen=True)
class Judged:
    """An item as the expected format leaves it.

    proposed: what is shown first: the likeliest close reading that fits. problems: what in it breaks the format.
    """

    item: ReviewItem
    proposed: str
    problems: tuple[str, ...] = ()

    @property
    def is_chosen(self) -> bool:
        """Whether the format chose another reading than the likeliest one."""
        return self.proposed != self.item.read


def judged(
    items: Sequence[ReviewItem], expected: NumberFormat, known: Mapping[int, str] | None = None
) -> list[Judged]:
    """All items as a format leaves them, in the set's order. known: what people said of some, by their ids."""
    said = known or {}
    proposals = []
    for item in items:
        own = said.get(item.id)
        if own is None:
            own = item.read
            if item.number is not None and not expected.is_empty:
                own = choose(item.number, lambda written: not expected.problems(written))
        proposals.append(own)
    falling: set[int] = set()
    if expected.only_rises:
        values = [max(values_of(written), default=None) for written in proposals]
        falling = not_rising(values)
        for place in sorted(falling):
            item = items[place]
            if item.number is None or item.id in said:
                continue
            low, high = bounds_at(values, place, falling)

            def fits(written: str, low: Any = low, high: Any = high) -> bool:
                own = values_of(written)
                return not expected.problems(written) and any(
                    (low is None or value >= low) and (high is None or value <= high) for value in own
                )

            chosen = choose(item.number, fits)
            if fits(chosen):
                proposals[place] = chosen
                values[place] = max(values_of(chosen))
        falling = not_rising(values)
    return [
        Judged(item, written, (*expected.problems(written), *([_NOT_RISING] if place in falling else [])))
        for place, (item, written) in enumerate(zip(items, proposals, strict=True))
    ]


def queue_of(all_judged: Sequence[Judged]) -> list[int]:
    """The ids in the order of the review: what breaks the format, what it changed, the rest; least sure first."""

    def rank(one: Judged) -> tuple[int, float, int]:
        group = 0 if one.problems else 1 if one.is_chosen else 2
        return group, one.item.confidence, one.item.id

    return [one.item.id for one in sorted(all_judged, key=rank)]


def item_as_dict(item: ReviewItem) -> dict[str, Any]:
    """As JSON keeps it."""
    number = item.number
    return {
        "title": item.title,
        "file": item.file,
        "page": item.page,
        "quarters": item.quarters,
        "source": item.source,
        "group": item.group,
        "number": None
        if number is None
        else {
            "written": number.written,
            "confidence": number.confidence,
            "box": number.box.as_list(),
            "digits": [
                {
                    "digit": d.digit,
                    "confidence": d.confidence,
                    "box": d.box.as_list(),
                    "probabilities": [round(p, 5) for p in d.probabilities],
                }
                for d in number.digits
            ],
        },
    }


def item_from_dict(place: int, kept: dict[str, Any]) -> ReviewItem:
    """Undo `item_as_dict`. Raises DataError where it makes no sense."""
    try:
        number = kept["number"]
        if number is not None:
            digits = tuple(
                Digit(
                    int(d["digit"]), float(d["confidence"]), Box(*d["box"]), True, tuple(d["probabilities"])
                )
                for d in number["digits"]
            )
            number = Number(digits, float(number["confidence"]), Box(*number["box"]), str(number["written"]))
        return ReviewItem(
            place, str(kept["title"]), str(kept["file"]), int(kept["page"]), int(kept["quarters"]), number,
            str(kept.get("source", "")), str(kept.get("group", "")),
        )  # fmt: skip
    except (KeyError, TypeError, ValueError) as error:
        raise DataError("A review that was kept makes no sense.") from error
