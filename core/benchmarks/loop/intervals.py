"""How sure the bench's figures are: 95% intervals of a median and of a share of errors that is left."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

_SAMPLES = 4_000


def median_interval(values: Sequence[float]) -> tuple[float, float] | None:
    """Within which the median of all such lies with at least 95%; None for fewer than six, which can't tell.

    By the order of the values alone (the sign test's interval; Conover, "Practical Nonparametric Statistics", 3.2).
    """
    ordered, n = sorted(values), len(values)
    below, place = 0.0, -1
    while (below := below + math.comb(n, place + 1) / 2**n) <= 0.025:
        place += 1
    return None if place < 0 else (ordered[place], ordered[n - 1 - place])


def left_interval(mended: int, stayed: int, broken: int, right: int) -> tuple[float, float]:
    """Within which the share of the errors that is left after learning lies with 95%, by drawing the pictures anew
    (percentile bootstrap; Efron and Tibshirani, "An Introduction to the Bootstrap", 13).

    mended: wrong before and right after; stayed: wrong both times; broken: right before and wrong after; right: both
    times. (0, inf) where nothing was wrong before.
    """
    n = mended + stayed + broken + right
    if not mended + stayed:
        return 0.0, math.inf
    drawn = np.random.default_rng(0).multinomial(n, np.array([mended, stayed, broken, right]) / n, _SAMPLES)
    before, after = drawn[:, 0] + drawn[:, 1], drawn[:, 1] + drawn[:, 2]
    low, high = np.percentile(after[before > 0] / before[before > 0], (2.5, 97.5))
    return float(low), float(high)


def shown(low: float, high: float) -> str:
    """“40 to 62%”."""
    return f"{100 * low:.0f} to {100 * high:.0f}%"
