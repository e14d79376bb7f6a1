"""Lines that part the numbers of a row: the cells of a grid, the boxes of a form, the rims of displays."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from core.base.opencv import cv2
from core.reading.types import Box

RULE_BEYOND = 0.3
"""A line between two digits goes on above and below them by so many heights: no 1 does."""
RULE_GAP = 0.85
"""Digits of a row that are closer, in heights, are one number all the same: those in the windows of a counter are."""
RULE_GAP_BELOW = 0.35
"""The same of digits one below the other."""
RULE_CONTRAST = 10.0
"""Grey levels by which a line stands out from what is left and right of it, at least."""
RULE_SHARE = 0.85
"""Share of its height in which it does."""
_ROWS = 32


def is_parted_below(gray: npt.NDArray[np.uint8], one: Box, other: Box) -> bool:
    """Whether a line stands between a digit and the one below it."""
    if other.y - one.y - one.h < RULE_GAP_BELOW * (one.h + other.h) / 2:
        return False
    first, second = (Box(b.y, b.x, b.h, b.w) for b in (one, other))
    return _has_rule(gray.T, first, second)


def is_parted(gray: npt.NDArray[np.uint8], one: Box, other: Box) -> bool:
    """Whether a line stands between two neighbours of a row, as between the cells of a grid or two displays."""
    if other.x - one.x - one.w < RULE_GAP * (one.h + other.h) / 2:
        return False
    return _has_rule(gray, one, other)


def _has_rule(gray: npt.NDArray[np.uint8], one: Box, other: Box) -> bool:
    """Whether the gap between two boxes, left and right, has an upright line that goes on above and below them."""
    left, right = one.x + one.w, other.x
    height = (one.h + other.h) / 2
    top = min(one.y, other.y) - RULE_BEYOND * height
    bottom = max(one.y + one.h, other.y + other.h) + RULE_BEYOND * height
    h, w = gray.shape
    x0, x1 = round(max(left, 0)), round(min(right, w))
    y0, y1 = round(max(top, 0)), round(min(bottom, h))
    if x1 - x0 < 3 or y1 - y0 < 8 or y1 - y0 < 0.9 * height:
        return False
    columns = max(round((x1 - x0) * _ROWS / (y1 - y0) * 1.5), 8)
    how = cv2.INTER_AREA if y1 - y0 > _ROWS else cv2.INTER_LINEAR
    gap = np.asarray(cv2.resize(gray[y0:y1, x0:x1], (columns, _ROWS), interpolation=how), np.float32)
    # Lines may lean a little: the best of three columns counts in each row.
    reach = max(columns // 6, 2)
    padded = np.pad(gap, ((0, 0), (reach, reach)), mode="edge")
    sides = np.stack([padded[:, : -2 * reach], padded[:, 2 * reach :]])
    for ridge in (gap - sides.max(0), sides.min(0) - gap):
        near = np.pad(ridge, ((0, 0), (1, 1)), constant_values=-255.0)
        near = np.maximum(np.maximum(near[:, :-2], near[:, 1:-1]), near[:, 2:])
        if float((near > RULE_CONTRAST).mean(0).max()) >= RULE_SHARE:
            return True
    return False
