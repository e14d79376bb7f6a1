"""Digits → numbers in reading order: rows, slanted rows, stairs, columns. Pure geometry; numpy only.

Every character looks for its right neighbour; the closest pairs are linked first, so that each has one
neighbour at most on either side. What stays single looks for a neighbour below. Letters take part, so that a
row of them is known for a word and a stray digit in it for a misread letter. A dash between two digits parts them:
3-5 is two numbers.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.reading.types import Box

GAP = 1.1
"""Largest gap to the right neighbour, in heights."""
GAP_BELOW = 0.95
"""Largest gap to the neighbour below, in heights."""
STEP = 0.75
"""Right neighbours stand higher or lower by so many heights at most; rows are further apart."""
TALLER = 1.9
"""One neighbour is so many times as tall as the other at most: old-style figures differ by half."""
FLAT = 0.4
"""A mark between two digits that is lower than this share of their height, and longer than high, is a dash."""


@dataclass(frozen=True)
class CharacterBox:
    """One character: where it is, and whether it is a letter."""

    box: Box
    is_letter: bool = False


@dataclass(frozen=True)
class NumberGroup:
    """One number. places: of its digits among the marks, in reading order. letters: that stand in its row."""

    places: tuple[int, ...]
    letters: int = 0
    is_vertical: bool = False


def group(marks: Sequence[CharacterBox]) -> list[NumberGroup]:
    """The numbers that the marks form; every digit is in one of them, or in a word and in none."""
    if not marks:
        return []
    table = np.array([(m.box.x, m.box.y, m.box.x + m.box.w, m.box.y + m.box.h) for m in marks], np.float64)
    dashes = table[[m.is_letter and m.box.w > m.box.h for m in marks]]
    rows: list[tuple[int, ...]] = []
    single: list[int] = []
    for chain in _chains(table, _right_of):
        for part in _split_at_gaps(table, chain, dashes=dashes, across=True):
            if len(part) > 1:
                rows.append(part)
            else:
                single.append(part[0])
    found = [g for row in rows for g in _numbers(marks, row, is_vertical=False)]
    for chain in _chains(table[single], _below):
        for part in _split_at_gaps(table[single], chain, dashes=table[:0], across=False):
            column = tuple(single[i] for i in part)
            found += _numbers(marks, column, is_vertical=len(column) > 1)
    return found


def chains(marks: Sequence[CharacterBox]) -> list[list[int]]:
    """Characters linked to their neighbours, left to right, however many and whatever the gaps."""
    if not marks:
        return []
    table = np.array([(m.box.x, m.box.y, m.box.x + m.box.w, m.box.y + m.box.h) for m in marks], np.float64)
    return _chains(table, _right_of)


def _chains(
    table: npt.NDArray[np.float64], cost_of: Callable[..., npt.NDArray[np.float64]]
) -> list[list[int]]:
    """Marks linked to their neighbours, the closest pairs first; single ones are chains of one."""
    count = len(table)
    cost = cost_of(table)
    after, before = {}, {}
    first, second = np.nonzero(np.isfinite(cost))
    for k in np.argsort(cost[first, second], kind="stable"):
        i, j = int(first[k]), int(second[k])
        if i not in after and j not in before:
            after[i], before[j] = j, i
    chains = []
    for start in (i for i in range(count) if i not in before):
        chain = [start]
        while chain[-1] in after:
            chain.append(after[chain[-1]])
        chains.append(chain)
    return chains


def _right_of(table: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """(N,N): how little the second looks like the right neighbour of the first; infinite where it can't be."""
    left, _, right, _ = table.T
    x, y, height, taller = _pairs(table)
    gap = (left[None] - right[:, None]) / height
    width = np.minimum((right - left)[:, None], (right - left)[None]) / height
    across, up = (x[None] - x[:, None]) / height, np.abs(y[None] - y[:, None]) / height
    fine = (across > 0.12) & (gap < GAP) & (gap > -0.6 * width) & (up < STEP) & (up < 1.3 * across)
    fine &= taller < TALLER
    return np.where(fine, np.maximum(gap, 0) + 1.2 * up + 0.8 * np.log(taller), np.inf)


def _below(table: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """(N,N): the same for the neighbour below."""
    _, top, _, bottom = table.T
    x, y, height, taller = _pairs(table)
    gap = (top[None] - bottom[:, None]) / height
    aside = np.abs(x[None] - x[:, None]) / height
    fine = (y[None] > y[:, None]) & (gap < GAP_BELOW) & (gap > -0.25) & (aside < 0.45) & (taller < 1.6)
    return np.where(fine, np.maximum(gap, 0) + aside + np.log(taller), np.inf)


def _pairs(table: npt.NDArray[np.float64]) -> tuple[npt.NDArray[np.float64], ...]:
    """Middles x and y (N,); of every two the mean height and how many times one is as tall as the other (N,N)."""
    left, top, right, bottom = table.T
    tall = np.maximum(bottom - top, 1e-6)
    mean = (tall[:, None] + tall[None]) / 2
    return (
        (left + right) / 2,
        (top + bottom) / 2,
        mean,
        np.maximum(tall[:, None] / tall, tall[None] / tall[:, None]),
    )


def _split_at_gaps(
    table: npt.NDArray[np.float64], chain: list[int], *, dashes: npt.NDArray[np.float64], across: bool
) -> list[tuple[int, ...]]:
    """A chain cut where a gap is much wider than its others or holds a dash."""
    boxes = table[chain]
    low, high = (0, 2) if across else (1, 3)
    heights = boxes[:, 3] - boxes[:, 1]
    gaps = (boxes[1:, low] - boxes[:-1, high]) / ((heights[1:] + heights[:-1]) / 2)
    parts: list[list[int]] = [[chain[0]]]
    for k, place in enumerate(chain[1:]):
        others = np.delete(gaps, k)
        usual = statistics.median(others.tolist()) if len(others) else float("inf")
        is_wide = gaps[k] > max(0.55, 2.5 * max(usual, 0) + 0.35)
        if is_wide or _is_dashed(boxes[k], boxes[k + 1], dashes):
            parts.append([])
        parts[-1].append(place)
    return [tuple(part) for part in parts]


def _is_dashed(
    one: npt.NDArray[np.float64], other: npt.NDArray[np.float64], dashes: npt.NDArray[np.float64]
) -> bool:
    """Whether a dash stands between two neighbours: its middle between theirs, at half of their height."""
    left, top, right, bottom = dashes.T
    x, y = (left + right) / 2, (top + bottom) / 2
    height = (one[3] - one[1] + other[3] - other[1]) / 2
    middle = (one[1] + one[3] + other[1] + other[3]) / 4
    between = ((one[0] + one[2]) / 2 < x) & (x < (other[0] + other[2]) / 2)
    return bool((between & (np.abs(y - middle) < 0.25 * height) & (bottom - top < FLAT * height)).any())


def _numbers(marks: Sequence[CharacterBox], row: tuple[int, ...], *, is_vertical: bool) -> list[NumberGroup]:
    """The runs of digits in a row of digits and letters that are numbers, not misread letters of a word."""
    letters = sum(marks[i].is_letter for i in row)
    runs: list[list[int]] = [[]]
    for i in row:
        if marks[i].is_letter:
            runs.append([])
        else:
            runs[-1].append(i)
    return [
        NumberGroup(tuple(run), letters, is_vertical)
        for run in runs
        if run and _stands_alone(len(run), letters)
    ]


def _stands_alone(digits: int, letters: int) -> bool:
    """Whether a run of digits beside letters is a number: A888, 42bis and 7B are; the I of VICTORIA is none."""
    if digits == 1:
        return letters <= 1
    return digits > 2 or letters <= 4
