"""What is written in a row → the numbers in it. Pure text; nothing here looks at a picture.

A letter or sign is never a digit. A letter directly behind a number is its suffix (12B), one or a few directly before
it belong to it (T2182), and so do signs and "No.". A dash, a slash or a gap between words parts two numbers, and
`written` has the whole of a range (7–9, 12/3). A point, comma or colon between digits stays in the number. Digits
inside a word (H0TEL, 3M) are no number.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NamedTuple

JOINING = ".,:"
"""Between two digits these stay in the number."""
PARTING = "-/"
"""Between two numbers: two numbers, written as one."""
LONGEST_PREFIX = 4
"""More letters directly before a number are a word that ends in digits; only the digits are the number then."""
SUFFIXES = frozenset(
    (
        "A",
        "AM",
        "C",
        "EUR",
        "F",
        "G",
        "GB",
        "HP",
        "HR",
        "K",
        "KB",
        "KG",
        "KM",
        "L",
        "M2",
        "MB",
        "ND",
        "PM",
        "RD",
        "ST",
        "TB",
        "TH",
        "USD",
        "V",
        "W",
        "Wh",
        "X",
        "a",
        "am",
        "bar",
        "bis",
        "cm",
        "e",
        "er",
        "ft",
        "g",
        "h",
        "hp",
        "hr",
        "hrs",
        "in",
        "kV",
        "kW",
        "kWh",
        "kg",
        "km",
        "km/h",
        "kmh",
        "l",
        "m",
        "m2",
        "m3",
        "mA",
        "mg",
        "min",
        "ml",
        "mm",
        "mph",
        "nd",
        "p",
        "pm",
        "rd",
        "s",
        "sec",
        "st",
        "t",
        "ter",
        "th",
        "x",
    )
)
"""Letters behind a number that are a unit, an ordinal's ending, or the like."""
_NUMBER = re.compile(r"\d(?:[.,:]?\d)*")
_BEFORE = re.compile(r"(?:(?:\b[Nn][OoRr]?[.°]? ?|\b[Nn]° ?)|#|[$€£])\Z")
_AFTER = re.compile(r" ?[%€£$°]")
_LETTERS_BEFORE = re.compile(r"[A-Za-z]+\Z")
_LETTERS_AFTER = re.compile(r"[A-Za-z]+")


@dataclass(frozen=True)
class WrittenNumber:
    """One number in a text. start, end: from its first digit to behind its last one, in the text; what joins its
    digits lies between. written: the whole that it is or belongs to. is_word: its digits stand inside a word."""

    start: int
    end: int
    written: str
    is_word: bool = False


def numbers_in(text: str) -> list[WrittenNumber]:
    """All numbers of a text, left to right."""
    found = [_with_surroundings(text, m.start(), m.end()) for m in _NUMBER.finditer(text)]
    numbers = []
    for members in _ranges(text, found):
        written = shown(text[members[0].left : members[-1].right])
        numbers += [WrittenNumber(m.start, m.end, written, _is_word(text, m.start, m.end)) for m in members]
    return numbers


def shown(text: str) -> str:
    """A text as people are shown it: a dash between two numbers is a long one."""
    return re.sub(r"(?<=[\w%]) ?- ?(?=[\w#$€£])", "–", text.strip())


class _Span(NamedTuple):
    """Where a number and all that belongs to it start and end, and its digits alone."""

    left: int
    right: int
    start: int
    end: int


def _with_surroundings(text: str, start: int, end: int) -> _Span:
    left, right = start, end
    letters = _LETTERS_BEFORE.search(text[:start])
    if letters is not None and (len(letters.group()) <= LONGEST_PREFIX or _BEFORE.search(text[:start])):
        left = letters.start()
    sign = _BEFORE.search(text[:left])
    if sign is not None:
        left = sign.start()
    behind = _LETTERS_AFTER.match(text, end)
    if behind is not None and (len(behind.group()) == 1 or behind.group() in SUFFIXES):
        right = behind.end()
    else:
        sign = _AFTER.match(text, end)
        right = sign.end() if sign is not None else end
    return _Span(left, right, start, end)


def _is_word(text: str, start: int, end: int) -> bool:
    """Whether the digits are misread or playful letters of a word: H0TEL, 3M, 4EVER."""
    before, after = _count_letters_before(text, start), _count_letters(text, end)
    digits = sum(c.isdigit() for c in text[start:end])
    behind = text[end : end + after]
    if before and after:
        return digits <= 2 and before + after > digits
    if after and digits == 1:
        # 7B is a house, 5km a way; 3M and 4EVER are words.
        return behind not in SUFFIXES and not (after == 1 and behind.lower() in "abcdefgh")
    return after > 4 and digits <= 2


def _count_letters(text: str, end: int) -> int:
    match = _LETTERS_AFTER.match(text, end)
    return 0 if match is None else len(match.group())


def _count_letters_before(text: str, start: int) -> int:
    match = _LETTERS_BEFORE.search(text[:start])
    return 0 if match is None else len(match.group())


def _ranges(text: str, found: list[_Span]) -> list[list[_Span]]:
    """The numbers that are written as one: joined by dashes or slashes."""
    runs: list[list[_Span]] = []
    for span in found:
        between = text[runs[-1][-1].right : span.left].strip() if runs else ""
        if len(between) == 1 and between in PARTING:
            runs[-1].append(span)
        else:
            runs.append([span])
    return runs
