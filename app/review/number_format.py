"""What the numbers of a set have in common, as a person gives it, and what in a reading breaks it."""

from __future__ import annotations

import bisect
import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from app.review.check_digits import CheckDigit, is_valid, named_rule
from core.base.errors import InputError
from core.reading.types import digits_of
from training.ui import wording

MOST_DIGITS = 40
SYNTAX = "give digits=5-7, range=0-99999, begins=12, check=luhn or rises, with commas between"
"""What `NumberFormat.parse` takes, for people."""


@dataclass(frozen=True)
class NumberFormat:
    """What is not given is not checked.

    fewest, most: digits. lowest, highest: value. prefix: what it begins with; blanks and the case of letters don't
    count. check: the rule of its check digit. only_rises: in the set's order, none is smaller than the one before.
    """

    fewest: int | None = None
    most: int | None = None
    lowest: Decimal | None = None
    highest: Decimal | None = None
    prefix: str = ""
    check: CheckDigit = CheckDigit.NONE
    only_rises: bool = False

    def __post_init__(self) -> None:
        for count in (self.fewest, self.most):
            if count is not None and not 1 <= count <= MOST_DIGITS:
                raise InputError(f"A number has 1 to {MOST_DIGITS} digits, not {count}.")
        if self.fewest is not None and self.most is not None and self.fewest > self.most:
            raise InputError(f"At least {self.fewest} digits and at most {self.most}: no number has both.")
        if self.lowest is not None and self.highest is not None and self.lowest > self.highest:
            raise InputError(f"The range from {self.lowest} to {self.highest} is empty: swap the two.")

    @property
    def is_empty(self) -> bool:
        """Whether anything goes."""
        return self == NumberFormat()

    def problems(self, written: str) -> tuple[str, ...]:
        """What in a number breaks the format, each in a few words; of `only_rises` see `not_rising`."""
        found = []
        count = len(digits_of(written))
        if not count and not self.is_empty:
            return ("no number",)
        if self.fewest is not None and self.fewest == self.most and count != self.fewest:
            found.append(f"{wording.counted(count, 'digit')}, not {self.fewest}")
        elif self.fewest is not None and count < self.fewest:
            found.append(f"{wording.counted(count, 'digit')}, fewer than {self.fewest}")
        elif self.most is not None and count > self.most:
            found.append(f"{wording.counted(count, 'digit')}, more than {self.most}")
        if not _plain(written).startswith(_plain(self.prefix)):
            found.append(f"does not begin with {self.prefix}")
        values = values_of(written)
        if self.lowest is not None and all(value < self.lowest for value in values):
            found.append(f"below {self.lowest}")
        if self.highest is not None and all(value > self.highest for value in values):
            found.append(f"above {self.highest}")
        if not is_valid(written, self.check):
            found.append("its check digit does not fit")
        return tuple(found)

    @classmethod
    def of_texts(
        cls,
        *,
        fewest: str = "",
        most: str = "",
        lowest: str = "",
        highest: str = "",
        prefix: str = "",
        check: CheckDigit = CheckDigit.NONE,
        only_rises: bool = False,
    ) -> NumberFormat:
        """As a person types it; what is empty is not checked. Raises InputError, which names what can't be read."""
        return cls(
            _count_in(fewest), _count_in(most), _value_in(lowest), _value_in(highest), prefix.strip(), check, only_rises
        )  # fmt: skip

    @classmethod
    def parse(cls, text: str) -> NumberFormat:
        """A format in one line, its parts with commas between: “digits=5-7,range=0-99999,begins=12,check=luhn,rises”.

        Raises InputError, which names the part that can't be read.
        """
        found: dict[str, Any] = {}
        for part in filter(None, (part.strip() for part in text.split(","))):
            name, equals, value = (piece.strip() for piece in part.partition("="))
            match name.lower(), bool(equals and value):
                case "digits", True:
                    found["fewest"], found["most"] = _ends(value)
                case "range", True:
                    found["lowest"], found["highest"] = _ends(value)
                case "begins", True:
                    found["prefix"] = value
                case "check", True:
                    found["check"] = named_rule(value)
                case "rises", False if not equals:
                    found["only_rises"] = True
                case _:
                    raise InputError(f"“{part}” is no part of an expected format: {SYNTAX}.")
        return cls.of_texts(**found)

    def as_dict(self) -> dict[str, Any]:
        """As JSON keeps it."""
        return {
            "fewest": self.fewest,
            "most": self.most,
            "lowest": None if self.lowest is None else str(self.lowest),
            "highest": None if self.highest is None else str(self.highest),
            "prefix": self.prefix,
            "check": self.check.name,
            "only_rises": self.only_rises,
        }

    @classmethod
    def from_dict(cls, kept: dict[str, Any]) -> NumberFormat:
        """Undo `as_dict`. Raises InputError where it makes no sense."""
        try:
            return cls(
                kept["fewest"], kept["most"], _decimal(kept["lowest"]), _decimal(kept["highest"]),
                str(kept["prefix"]), CheckDigit[kept["check"]], bool(kept["only_rises"]),
            )  # fmt: skip
        except (KeyError, TypeError, ArithmeticError) as error:
            raise InputError("The format that was kept makes no sense.") from error


def _ends(value: str) -> tuple[str, str]:
    """“5-7” and “5..7” have two ends, “5-” and “-7” one; “5” is both."""
    for sign in ("..", "–", "-"):
        first, there, last = value.partition(sign)
        if there:
            return first.strip(), last.strip()
    return value, value


def _count_in(text: str) -> int | None:
    value = _value_in(text)
    if value is not None and value != int(value):
        raise InputError(f"“{text.strip()}” is no count of digits.")
    return None if value is None else int(value)


def _value_in(text: str) -> Decimal | None:
    plain = text.strip().replace(",", ".")
    if not plain:
        return None
    try:
        value = Decimal(plain)
    except InvalidOperation as error:
        raise InputError(f"“{text.strip()}” is not a number.") from error
    if not value.is_finite():
        raise InputError(f"“{text.strip()}” is not a number.")
    return value


def _decimal(kept: str | None) -> Decimal | None:
    return None if kept is None else Decimal(kept)


def values_of(written: str) -> tuple[Decimal, ...]:
    """What a number may be worth; () without digits. Letters don't count.

    "1.824" has two values, a thousand times apart: the point may part thousands.
    """
    signs = "".join(c for c in written if c in "0123456789.,").strip(".,")
    digits = digits_of(signs)
    if not digits:
        return ()
    whole = Decimal(digits)
    *front, last = re.split("[.,]", signs)
    if not front or not digits_of("".join(front)):
        return (whole,)
    parted = Decimal(f"{digits_of(''.join(front))}.{last or '0'}")
    # A single sign before three digits may be either; several equal ones part thousands.
    if len(last) == 3 and (len(front) > 1 or len(front[0]) <= 3):
        return (whole, parted) if len(front) == 1 else (whole,)
    return (parted,)


def not_rising(values: Sequence[Decimal | None]) -> set[int]:
    """The places of those that keep the others from rising: as few as can be taken out. None: there is no value.

    The longest row that never falls is kept (Schensted, 1961), so a single number that is too high does not make all
    that follow suspicious.
    """
    tails: list[Decimal] = []
    ends: list[int] = []
    before: dict[int, int] = {}
    for place, value in enumerate(values):
        if value is None:
            continue
        at = bisect.bisect_right(tails, value)
        tails[at : at + 1] = [value]
        ends[at : at + 1] = [place]
        if at:
            before[place] = ends[at - 1]
    kept = set()
    here = ends[-1] if ends else None
    while here is not None:
        kept.add(here)
        here = before.get(here)
    return {place for place, value in enumerate(values) if value is not None and place not in kept}


def bounds_at(
    values: Sequence[Decimal | None], place: int, falling: set[int]
) -> tuple[Decimal | None, Decimal | None]:
    """Between which values a number of a rising set must lie; None for no bound. falling: as `not_rising` tells."""

    def fits(i: int) -> bool:
        return values[i] is not None and i not in falling

    low = next((values[i] for i in range(place - 1, -1, -1) if fits(i)), None)
    high = next((values[i] for i in range(place + 1, len(values)) if fits(i)), None)
    return low, high


def _plain(text: str) -> str:
    return "".join(text.upper().split())
