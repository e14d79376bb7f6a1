"""The readings that a number may have besides the likeliest one, and which of them an expected format leaves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from core.reading.types import Number

CLOSE = 0.02
"""A reading counts as close that is at least so likely, next to the likeliest one."""
MOST = 200
"""Readings of one number that are looked at."""


@dataclass(frozen=True)
class Alternative:
    """share: how likely it is next to the likeliest reading, 0–1."""

    written: str
    share: float


def alternatives_of(number: Number, *, close: float = CLOSE, most: int = MOST) -> list[Alternative]:
    """The close readings of a number, likeliest first: each digit may be any that its probabilities allow."""
    found: list[tuple[float, tuple[int, ...]]] = [(1.0, ())]
    for digit in number.digits:
        table = digit.probabilities
        own = table[digit.digit] if table else 0.0
        choices = {digit.digit: 1.0}
        if own > 0:
            choices |= {
                value: table[value] / own
                for value in range(10)
                if value != digit.digit and table[value] >= close * own
            }
        found = sorted(
            (
                (share * choice, (*digits, value))
                for share, digits in found
                for value, choice in choices.items()
                if share * choice >= close
            ),
            key=lambda item: -item[0],
        )[:most]
    return [Alternative(_written(number, digits), min(share, 1.0)) for share, digits in found]


def choose(number: Number, is_allowed: Callable[[str], bool], *, close: float = CLOSE) -> str:
    """The likeliest close reading that is allowed; where none is, the number as it was read."""
    if is_allowed(number.written):
        return number.written
    fitting = (a.written for a in alternatives_of(number, close=close) if is_allowed(a.written))
    return next(fitting, number.written)


def read_as(number: Number, written: str) -> Number:
    """The number under another one of its close readings: its digits, and how sure they are, are those of that one."""
    values = [int(c) for c in written if c.isdecimal()]
    if written == number.written or len(values) != len(number.digits):
        return number
    share, digits = 1.0, []
    for digit, value in zip(number.digits, values, strict=True):
        if value != digit.digit and digit.probabilities:
            own = digit.probabilities[digit.digit]
            share *= min(digit.probabilities[value] / own, 1.0) if own > 0 else 1.0
            digit = replace(digit, digit=value, confidence=digit.probabilities[value])
        digits.append(digit)
    return Number(tuple(digits), number.confidence * share, number.box, written)


def _written(number: Number, values: tuple[int, ...]) -> str:
    if all(digit.digit == value for digit, value in zip(number.digits, values, strict=True)):
        return number.written
    following = iter(values)
    if "".join(c for c in number.written if c.isdecimal()) != number.text:
        return "".join(map(str, values))
    return "".join(str(next(following)) if c.isdecimal() else c for c in number.written)
