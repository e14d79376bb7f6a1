"""How often something is right, and how sure a reading is, as people read it: the same in every window and at the
command line.
"""

from __future__ import annotations

import math

NONE = "–"
"""Stands where a figure was not measured."""
_TWO_DIGITS_FROM = 0.98


def accuracy(share: float) -> str:
    """A fraction right, with a second digit where it is close to all: 93.4%, 98.96%, 100%."""
    if not math.isfinite(share):
        return NONE
    if share >= 1:
        return "100%"
    # 99.996% must not be rounded up to a perfect score.
    return f"{min(100 * share, 99.99):.2f}%" if share >= _TWO_DIGITS_FROM else f"{100 * share:.1f}%"


def wrong(share_right: float) -> str:
    """The share that is wrong, beside `accuracy`, to the same digit: 6.6%, 1.04%, 0%."""
    if not math.isfinite(share_right):
        return NONE
    if share_right >= 1:
        return "0%"
    share = 100 * (1 - share_right)
    return f"{max(share, 0.01):.2f}%" if share_right >= _TWO_DIGITS_FROM else f"{share:.1f}%"


def interval(low: float, high: float) -> str:
    """A 95% interval of fractions: 99.4–99.7%."""
    return f"{100 * low:.1f}–{100 * high:.1f}%"


def chance(share: float) -> str:
    """A probability in whole per cents: 97%, never 100% for what is not certain nor 0% for what is not nil."""
    if not math.isfinite(share):
        return NONE
    if 0 < share < 0.005:
        return "<1%"
    return ">99%" if 0.995 <= share < 1 else f"{share:.0%}"
