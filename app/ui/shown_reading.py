"""A reading as people see it: in reading order, with what they corrected; and the address of a digit in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from core.reading.types import NOT_A_DIGIT, Box, Digit, Number, Reading, digits_of

NO_PLACE = Box(0.0, 0.0, 0.0, 0.0)
"""The box of a number whose place in the picture isn't known."""


@dataclass(frozen=True)
class DigitRef:
    """The address of a digit in a reading.

    number: the place of its number among the numbers shown; None for a mark that is no digit.
    place: its own place in that number, or among the marks.
    """

    number: int | None
    place: int


@dataclass(frozen=True)
class ShownNumber:
    """A number as people see it.

    read: as it was read.
    is_maybe: it was found and is not sure enough to be reported.
    correction: as a person said that it is written, "" for “no number here”; None if it was not corrected.
    is_added: it was not read, a person added it.
    """

    read: Number
    is_maybe: bool = False
    correction: str | None = None
    is_added: bool = False

    @classmethod
    def added(cls, written: str, box: Box | None) -> ShownNumber:
        """A number that a person added. box: None if its place isn't known."""
        digits = digits_of(written)
        place = box or NO_PLACE
        # Where each of its digits stands isn't known either: all are as wide as they can be.
        width = place.w / max(len(digits), 1)
        own = tuple(
            Digit(int(c), 1.0, replace(place, x=place.x + i * width, w=width)) for i, c in enumerate(digits)
        )
        return cls(Number(own, 1.0, place, written), correction=written, is_added=True)

    @property
    def is_corrected(self) -> bool:
        return self.correction is not None

    @property
    def is_false(self) -> bool:
        """Whether a person said that there is no number."""
        return self.correction == ""

    @property
    def is_unsure(self) -> bool:
        """Whether it is shown as a question: it is only a maybe and was not corrected."""
        return self.is_maybe and self.correction is None

    @property
    def has_place(self) -> bool:
        """Whether it is known where in the picture it is."""
        return self.read.box != NO_PLACE

    @property
    def number(self) -> Number:
        """With the corrected digits, where as many were said as were read."""
        said = digits_of(self.correction or "")
        if not said or len(said) != len(self.read.digits):
            return self.read
        digits = tuple(
            d if d.is_digit and d.digit == int(c) else replace(d, digit=int(c), confidence=1.0, is_digit=True)
            for d, c in zip(self.read.digits, said, strict=True)
        )
        return self.read.with_digits(digits, 1.0)

    @property
    def text(self) -> str:
        """The digits alone."""
        return self.read.text if self.correction is None else digits_of(self.correction)

    @property
    def written(self) -> str:
        """With the letters and signs that belong to it."""
        return self.read.written if self.correction is None else self.correction

    @property
    def confidence(self) -> float:
        """That it is right; 1 for what a person said."""
        return self.read.confidence if self.correction is None else 1.0


@dataclass(frozen=True)
class ShownReading:
    """All that is shown of one picture.

    numbers: those that are reported, then those that are only maybe, each of the two in reading order; then those that
    a person added.
    marks: what is not a digit, or was not taken for one.
    milliseconds: how long reading took.
    """

    numbers: tuple[ShownNumber, ...] = ()
    marks: tuple[Digit, ...] = ()
    milliseconds: float = 0.0

    @classmethod
    def of(
        cls,
        reading: Reading,
        *,
        corrections: Mapping[int, str] | None = None,
        labels: Mapping[DigitRef, int] | None = None,
        added: Sequence[tuple[str, Box | None]] = (),
    ) -> ShownReading:
        """What is to be shown of a reading that is `in_reading_order`.

        corrections: of whole numbers, by their places. labels: of single digits and marks, NOT_A_DIGIT among them.
        added: numbers that were not read: as they are written, and where they are, if that is known.
        """
        said = dict(corrections or {})
        reported, found = len(reading.numbers), (*reading.numbers, *reading.maybe)
        marks = list(reading.rejected)
        changed: dict[int, dict[int, int]] = {}
        for ref, label in (labels or {}).items():
            if ref.number is not None:
                changed.setdefault(ref.number, {})[ref.place] = label
            elif label != NOT_A_DIGIT:
                marks[ref.place] = replace(marks[ref.place], digit=label, confidence=1.0, is_digit=True)
        for place, own in changed.items():
            said[place] = with_digits(said.get(place, found[place].written), own)
        numbers = [ShownNumber(n, i >= reported, said.get(i)) for i, n in enumerate(found)]
        for written, box in added:
            number = ShownNumber.added(written, box)
            numbers.append(replace(number, correction=said.get(len(numbers), written)))
        return cls(tuple(numbers), tuple(marks), reading.milliseconds)

    @property
    def refs(self) -> tuple[DigitRef, ...]:
        """Every digit, in the order in which people go through them."""
        return tuple(self._refs())

    def _refs(self) -> Iterator[DigitRef]:
        for index, number in enumerate(self.numbers):
            yield from (DigitRef(index, place) for place in range(len(number.read.digits)))
        yield from (DigitRef(None, place) for place in range(len(self.marks)))

    @property
    def shape(self) -> tuple[int, ...]:
        """How many digits each number has, then how many marks there are: what a selection depends on."""
        return (*(len(number.read.digits) for number in self.numbers), len(self.marks))

    def number_of(self, ref: DigitRef | None) -> ShownNumber | None:
        """The number that a digit belongs to; None for a mark and for no digit."""
        return self.numbers[ref.number] if ref is not None and ref.number is not None else None

    def digit_at(self, ref: DigitRef) -> Digit:
        """The digit, as it was corrected."""
        return (
            self.marks[ref.place] if ref.number is None else self.numbers[ref.number].number.digits[ref.place]
        )

    @property
    def digits(self) -> tuple[Digit, ...]:
        """In the order of `refs`."""
        return (*(d for number in self.numbers for d in number.number.digits), *self.marks)

    @property
    def reported(self) -> tuple[ShownNumber, ...]:
        """The numbers that are there, and are not mere questions."""
        return tuple(n for n in self.numbers if not n.is_unsure and not n.is_false)

    @property
    def text(self) -> str:
        """The numbers that are reported, as they are written, for the clipboard and for file names."""
        return " ".join(number.written for number in self.reported)


def step_from(shown: ShownReading, selected: DigitRef | None, step: int) -> DigitRef | None:
    """The digit `step` places further on; None beyond the ends."""
    refs = shown.refs
    if selected not in refs:
        return None
    wanted = refs.index(selected) + step
    return refs[wanted] if 0 <= wanted < len(refs) else None


def with_digits(written: str, labels: Mapping[int, int]) -> str:
    """A number with other digits at some places (counted without letters and signs); NOT_A_DIGIT takes one away.

    Without any digit left it is no number: "".
    """
    signs, place = [], -1
    for sign in written:
        if sign in "0123456789":
            place += 1
            label = labels.get(place, int(sign))
            signs.append("" if label == NOT_A_DIGIT else str(label))
        else:
            signs.append(sign)
    changed = "".join(signs)
    return changed if digits_of(changed) else ""


def in_reading_order(reading: Reading) -> Reading:
    """The same reading, its numbers from top to bottom and from left to right."""
    return replace(reading, numbers=_ordered(reading.numbers), maybe=_ordered(reading.maybe))


def reading_order(boxes: Sequence[Box]) -> list[int]:
    """The places of boxes in reading order: rows from top to bottom, each from left to right.

    Two boxes are in one row where the middle of each is at the height of the other. So a tall number beside two
    rows of small ones is in neither. The exponent of a unit, as in m³, is in the row that it stands behind.
    """
    rows: list[list[int]] = []
    for index in sorted(range(len(boxes)), key=lambda i: boxes[i].center[1]):
        row = next((r for r in rows if any(_are_in_one_row(boxes[index], boxes[i]) for i in r)), None)
        if row is None:
            rows.append([index])
        else:
            row.append(index)
    return [i for row in rows for i in sorted(row, key=lambda i: boxes[i].x)]


def _ordered(numbers: tuple[Number, ...]) -> tuple[Number, ...]:
    return tuple(numbers[i] for i in reading_order([number.box for number in numbers]))


def _are_in_one_row(one: Box, other: Box) -> bool:
    is_level = abs(one.center[1] - other.center[1]) < min(one.h, other.h) / 2
    return is_level or _is_exponent(one, other) or _is_exponent(other, one)


def _is_exponent(one: Box, other: Box) -> bool:
    """Whether a box is smaller than another and raised, and stands behind it with a unit's room between them."""
    gap = one.x - other.x - other.w
    rise = other.y - one.y
    return one.h < 0.9 * other.h and 0 <= gap < 2 * other.h and 0 < rise < 0.6 * one.h
