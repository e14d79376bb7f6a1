"""Which of the digits that were read are which of those that a person typed: only what is beyond doubt is learned."""

from __future__ import annotations

from dataclasses import dataclass

from core.reading.types import Number

_MOST_CHANGES = 0.5
"""Share of the longer text from which it is taken for another number, not for the same one with mistakes."""


@dataclass(frozen=True)
class DigitMatch:
    """pairs: (place among the digits read, what it really is), in order. is_whole: every digit typed has its pair."""

    pairs: tuple[tuple[int, int], ...] = ()
    is_whole: bool = False


def match_typed(number: Number, typed: str) -> DigitMatch:
    """Match the digits of a number with what a person typed.

    As many characters typed as read: they stand in the same places, unless moving them explains much more. Otherwise
    a character has a partner only where every shortest way to change one text into the other (Wagner and Fischer,
    1974) gives it that one, and where none is missing or too many beside it: the box of such a one may hold a part
    of its neighbour, or both. Signs and blanks don't count.
    """
    read = _characters(number.written)
    if "".join(c for c in read if c.isdecimal()) != number.text:
        read = number.text
    wanted = _characters(typed)
    count = sum(c.isdecimal() for c in wanted)
    pairs = []
    place = -1
    for index, partner in enumerate(_partners(read, wanted)):
        place += read[index].isdecimal()
        if read[index].isdecimal() and partner.isdecimal():
            pairs.append((place, int(partner)))
    return DigitMatch(tuple(pairs), bool(pairs) and len(pairs) == count == len(number.digits))


def _characters(text: str) -> str:
    """Letters and digits, letters in one case. Other alphabets' digits are none."""
    return "".join(c.upper() for c in text if c.isalnum() and (c.isascii() or not c.isdecimal()))


def _partners(read: str, wanted: str) -> list[str]:
    """For each character read the one that it surely is; "" where that can't be told."""
    if not read or not wanted:
        return [""] * len(read)
    before, after = _distances(read, wanted), _distances(read[::-1], wanted[::-1])
    shortest = before[-1][-1]
    changed = sum(a != b for a, b in zip(read, wanted, strict=False))
    if len(read) == len(wanted) and changed == shortest:
        return list(wanted)
    if shortest > _MOST_CHANGES * max(len(read), len(wanted)):
        return [""] * len(read)
    rows, columns = len(read), len(wanted)

    def is_shortest(i: int, j: int, cost: int, i2: int, j2: int) -> bool:
        """Whether a step from (i, j) to (i2, j2) lies on a shortest way."""
        return before[i][j] + cost + after[rows - i2][columns - j2] == shortest

    found: list[set[str]] = []
    near_gap: list[bool] = [False] * rows
    for i in range(rows):
        own = set()
        for j in range(columns):
            if is_shortest(i, j, int(read[i] != wanted[j]), i + 1, j + 1):
                own.add(wanted[j])
        if any(is_shortest(i, j, 1, i + 1, j) for j in range(columns + 1)):
            own.add("")
            for k in (i - 1, i + 1):
                if 0 <= k < rows:
                    near_gap[k] = True
        found.append(own)
    for i in range(rows + 1):
        if any(is_shortest(i, j, 1, i, j + 1) for j in range(columns)):
            for k in (i - 1, i):
                if 0 <= k < rows:
                    near_gap[k] = True
    return [
        next(iter(own)) if len(own) == 1 and not gap else "" for own, gap in zip(found, near_gap, strict=True)
    ]


def _distances(read: str, wanted: str) -> list[list[int]]:
    """The fewest changes from every beginning of `read` to every beginning of `wanted`."""
    table = [[i + j if not i or not j else 0 for j in range(len(wanted) + 1)] for i in range(len(read) + 1)]
    for i, a in enumerate(read, 1):
        for j, b in enumerate(wanted, 1):
            table[i][j] = min(table[i - 1][j - 1] + (a != b), table[i - 1][j] + 1, table[i][j - 1] + 1)
    return table
