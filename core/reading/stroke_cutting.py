"""Where one stroke that may write several digits can be cut: "22" written without lifting the pen.

How sure it is that a stroke is several digits, is a logistic regression on four measures, fitted to joined digits of
UNIPEN's and CROHME's training writers (`core.evaluation.drawings`) and to their digits of one stroke.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

WIDE = 0.6
"""Width over height from which a stroke may be more than one digit."""
MOST_CUTS = 4
"""Cuts of one stroke that are tried; those whose sides overlap least."""

_ASPECT, _WHOLE, _PART, _GAP, _BIAS = 6.38, -3.69, 2.71, -24.5, -0.5
"""Weights of `several_odds`. The bias is one lower than fitted: most strokes are one digit."""

_STEPS = 160  # pieces of even length that a stroke is looked at by
_OVERLAP = 0.3  # share of the height by which the ink before and after a cut may overlap sideways
_RISE = 0.06  # share of the height by which the overlap grows again between two cuts
_TALL = 0.45  # share of the height that what stands on either side of a cut has at least


@dataclass(frozen=True)
class CutPlace:
    """A place where a stroke passes from one digit to the next. Indices of the resampled path.

    first, last: where the line that leads over begins and ends; middle: half-way. overlap: of the ink before and
    after, sideways, share of the height; negative where there is a gap.
    """

    first: int
    middle: int
    last: int
    overlap: float


@dataclass(frozen=True)
class Segment:
    """A part of a stroke that may be one digit: from the cut number `start` to the cut number `stop`.

    0 is the stroke's beginning, the number of cuts + 1 its end. path: (n, 2).
    """

    start: int
    stop: int
    path: Floats


def several_odds(path: Floats, overlap: float, whole: float, weakest: float) -> float:
    """Log-odds that a stroke is the digits that it was cut into, not one.

    overlap: the largest of the cuts made. whole, weakest: log-probabilities, by the classifier, that the whole stroke
    is a digit, and that the least likely one of its parts is.
    """
    width, height = np.ptp(path, axis=0)
    aspect = math.log(max(float(width), 1e-6) / max(float(height), 1e-6))
    return _ASPECT * aspect + _WHOLE * max(whole, -2) + _PART * max(weakest, -3) + _GAP * overlap + _BIAS


def resampled(path: Floats, count: int) -> Floats:
    """`count` points at even distances along the path."""
    steps = np.hypot(*np.diff(path.astype(np.float64), axis=0).T) if len(path) > 1 else np.zeros(0)
    length = np.concatenate([[0.0], np.cumsum(steps)])
    at = np.linspace(0, length[-1], count)
    return np.stack([np.interp(at, length, path[:, 0]), np.interp(at, length, path[:, 1])], axis=1)


def cut_places(path: Floats) -> tuple[Floats, list[CutPlace]]:
    """The path in even steps, and where it may be cut, in the order of writing.

    A cut has the ink before it on the left and the ink after it on the right, both tall enough to be digits.
    None for a stroke that is too narrow for two digits.
    """
    p = resampled(path, _STEPS)
    low, high = p.min(axis=0), p.max(axis=0)
    height = max(float(high[1] - low[1]), 1e-6)
    if high[0] - low[0] < WIDE * height:
        return p, []
    x, y = p[:, 0], p[:, 1]
    # Before a cut after point i lie the points up to i, behind it those from i + 1.
    overlap = (np.maximum.accumulate(x)[:-1] - np.minimum.accumulate(x[::-1])[::-1][1:]) / height
    before = (np.maximum.accumulate(y) - np.minimum.accumulate(y))[:-1] / height
    behind = np.maximum.accumulate(y[::-1])[::-1] - np.minimum.accumulate(y[::-1])[::-1]
    behind = behind[1:] / height
    possible = (overlap < _OVERLAP) & (before > _TALL) & (behind > _TALL)
    # The line that leads over makes a plateau: it is at the right of all before, at the left of all behind.
    flat = max(0.02, 1.1 * float(np.hypot(*(p[1] - p[0]))) / height)
    places = []
    for lowest in _valleys(overlap, _RISE):
        if possible[lowest]:
            level = overlap < overlap[lowest] + flat
            first, last = lowest, lowest
            while first > 0 and level[first - 1]:
                first -= 1
            while last + 1 < len(level) and level[last + 1]:
                last += 1
            places.append(CutPlace(first, (first + last) // 2, last + 1, float(overlap[lowest])))
    places.sort(key=lambda place: place.overlap)
    return p, sorted(places[:MOST_CUTS], key=lambda place: place.middle)


def segments(path: Floats, places: Sequence[CutPlace]) -> list[Segment]:
    """Every part of the path between two cuts, or an end and a cut; each with and without the lines that lead over."""
    found = []
    count, height = len(places), float(np.ptp(path[:, 1]))
    for start in range(count + 1):
        for stop in range(start + 1, count + 2):
            if (start, stop) == (0, count + 1):
                continue
            froms = {0} if start == 0 else {places[start - 1].middle + 1, places[start - 1].last}
            tos = (
                {len(path)}
                if stop == count + 1
                else {places[stop - 1].middle + 1, places[stop - 1].first + 1}
            )
            for a in sorted(froms):
                for b in sorted(tos):
                    if b - a > 2 and float(np.ptp(path[a:b, 1])) > _TALL * height:
                        found.append(Segment(start, stop, path[a:b]))
    return found


def _valleys(values: Floats, rise: float) -> list[int]:
    """Where the values are lowest between two places that are higher by `rise` or more; the ends count as high."""
    found = []
    lowest, highest, falling = 0, 0, True
    for i, value in enumerate(values.tolist()):
        if falling:
            if value < values[lowest]:
                lowest = i
            elif value > values[lowest] + rise:
                found.append(lowest)
                highest, falling = i, False
        elif value > values[highest]:
            highest = i
        elif value < values[highest] - rise:
            lowest, falling = i, True
    return [*found, lowest] if falling else found
