"""What a plot shows of its curves at first, and how far one can move away from them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from training.runs.series import Floats


def whole_extent(
    values: Sequence[Floats], *, is_logarithmic: bool, is_from_zero: bool
) -> tuple[float, float]:
    """The lowest and the highest place of the upright axis with all values between them, and a little room.

    values: as the axis shows them; what is not finite is left out. is_from_zero: a plain axis begins at 0.
    """
    finite = [some[np.isfinite(some)] for some in values]
    everything = np.concatenate(finite) if finite else np.empty(0)
    if not len(everything):
        return (-2.0, 0.5) if is_logarithmic else (0.0, 1.0)
    bottom, top = float(everything.min()), float(everything.max())
    if not is_logarithmic and is_from_zero:
        bottom = 0.0
    room = 0.06 * (top - bottom) or 0.1 * abs(top) or 0.1
    return (bottom - room if bottom else -0.0), top + 2 * room


def furthest_extent(ends: Floats, *, is_logarithmic: bool) -> tuple[float, float]:
    """How far down and up one can move: at most a little room is seen around the values. ends: among them."""
    bottom, top = float(ends.min()), float(ends.max())
    if not is_logarithmic:
        bottom = min(bottom, 0.0)
    room = 0.4 * (top - bottom) or max(0.5, 0.3 * abs(top))
    return bottom - room, top + room
