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
CELL_GAP, CELL_BEYOND, CELL_ROOM = 0.2, 1.2, 0.8
"""... but not in the cells of a grid, down to that gap: there the line goes on by so many heights above or below, and
no more heights above and below the digits are lines as well."""
RULE_GAP_BELOW = 0.35
"""Digits one below the other that are closer, in heights, are one number all the same."""
RULE_CONTRAST, RULE_CONTRAST_SHARE = (2.5, 5.0), 0.07
"""Grey levels by which a line stands out from what is left and right of it, at least: this share of the digits' own
contrast, but no fewer and no more than these."""
RULE_SHARE = 0.85
"""Share of its length in which it does, of what can be seen of it."""
SEEN = 0.6
"""Share of its length in which it can be seen, at least: not where it crosses other lines."""
EVEN = 2.0
"""A line's mean depth is so many times its standard deviation along the line, at least."""
LEAN = 0.25
"""Share of the gap by which a line may lean to either side, at its ends."""
_SAMPLED = 12
"""Pixels across a digit that are looked at for its contrast."""
_STEPS, _PIXELS_A_STEP = 16, 3
"""A line is looked for in so many steps of its length at most, each of so many pixels at least: noise averages out."""


def is_parted_below(gray: npt.NDArray[np.uint8], one: Box, other: Box) -> bool:
    """Whether a line stands between a digit and the one below it."""
    first, second = (Box(b.y, b.x, b.h, b.w) for b in (one, other))
    if second.x - first.x - first.w < RULE_GAP_BELOW * (one.h + other.h) / 2:
        return False
    near = RULE_BEYOND * (one.w + other.w) / 2
    return _has_rule(gray.T, first, second, near, near, _least_depth(gray, one, other))


def is_parted(gray: npt.NDArray[np.uint8], one: Box, other: Box) -> bool:
    """Whether a line stands between two neighbours of a row, as between the cells of a grid or two displays."""
    height = (one.h + other.h) / 2
    gap = (other.x - one.x - one.w) / height
    if gap < CELL_GAP:
        return False
    near, least = RULE_BEYOND * height, _least_depth(gray, one, other)
    if not _has_rule(gray, one, other, near, near, least):
        return False
    return gap >= RULE_GAP or _are_cells(gray, one, other, least)


def _are_cells(gray: npt.NDArray[np.uint8], one: Box, other: Box, least: float) -> bool:
    """Whether two neighbours with a line between them stand in cells of a grid. What a picture ends before is none."""
    height = (one.h + other.h) / 2
    near, far, room = (share * height for share in (RULE_BEYOND, CELL_BEYOND, CELL_ROOM))
    both = one.union(other)
    above, below = both.y, both.y + both.h
    if not (
        (above >= far and _has_rule(gray, one, other, far, near, least))
        or (below + far <= len(gray) and _has_rule(gray, one, other, near, far, least))
    ):
        return False
    return all(
        _has_line(gray.T, edge, edge + room, both.x, both.x + both.w, least) for edge in (above - room, below)
    )


def _has_rule(
    gray: npt.NDArray[np.uint8], one: Box, other: Box, above: float, below: float, least: float
) -> bool:
    """Whether the gap between two boxes, left and right, has an upright line that goes on above and below them by so
    many pixels, or to the picture's edge. least: grey levels by which it stands out."""
    top, bottom = min(one.y, other.y) - above, max(one.y + one.h, other.y + other.h) + below
    if min(bottom, len(gray)) - max(top, 0) < 0.9 * (one.h + other.h) / 2:
        return False
    return _has_line(gray, one.x + one.w, other.x, top, bottom, least)


def _has_line(
    gray: npt.NDArray[np.uint8], left: float, right: float, top: float, bottom: float, least: float
) -> bool:
    """Whether an upright line, which may lean a little, goes all through a part of a picture."""
    h, w = gray.shape
    x0, x1, y0, y1 = round(max(left, 0)), round(min(right, w)), round(max(top, 0)), round(min(bottom, h))
    if x1 - x0 < 3 or y1 - y0 < 8:
        return False
    size = min(x1 - x0, 24), min((y1 - y0) // _PIXELS_A_STEP + 1, _STEPS)
    part = cv2.resize(gray[y0:y1, x0:x1], size, interpolation=cv2.INTER_AREA).astype(np.float32)
    return _has_dark_line(part, least) or _has_dark_line(255 - part, least)


def _least_depth(gray: npt.NDArray[np.uint8], one: Box, other: Box) -> float:
    """By how many grey levels a line between two digits stands out at least."""
    contrast = min(_contrast(gray, box) for box in (one, other))
    return min(max(RULE_CONTRAST_SHARE * contrast, RULE_CONTRAST[0]), RULE_CONTRAST[1])


def _contrast(gray: npt.NDArray[np.uint8], box: Box) -> float:
    """Between the ink of a digit and its ground, grey levels."""
    x0, y0 = max(int(box.x), 0), max(int(box.y), 0)
    step = max(int(min(box.w, box.h) / _SAMPLED), 1)
    part = gray[y0 : max(int(box.y + box.h), y0 + 1) : step, x0 : max(int(box.x + box.w), x0 + 1) : step]
    low, high = np.percentile(part, (5, 95))
    return float(high - low)


def _has_dark_line(gap: npt.NDArray[np.float32], least: float) -> bool:
    """Whether a straight line from top to bottom, upright or leaning a little, is darker than what is beside it by
    `least` nearly all along, and by about as much: noise and texture are not. Where it crosses others, as those of a
    grid do, nothing can be seen of it."""
    rows, columns = gap.shape
    beside = _ground(gap)
    if ((beside - gap).max(1) > least).mean() < SEEN * RULE_SHARE:
        return False  # most gaps hold nothing, and need no closer look
    reach = max(round(LEAN * columns), 1)
    leans = np.arange(-reach, reach + 1)[:, None, None]
    aside = np.rint(np.linspace(-1, 1, rows)[:, None] * leans).astype(int)
    at = np.clip(np.arange(columns) + aside, 0, columns - 1)
    along = np.arange(rows)[:, None]
    line, ground = gap[along, at], beside[along, at]  # (leans, rows, columns)
    depth = ground - line
    is_seen = ground - np.median(line, axis=1, keepdims=True) > least
    seen = np.maximum(is_seen.sum(1), 1)
    mean = (depth * is_seen).sum(1) / seen
    spread = np.sqrt((((depth - mean[:, None]) ** 2) * is_seen).sum(1) / seen)
    share = ((depth > least) & is_seen).sum(1) / seen
    return bool(((seen >= SEEN * rows) & (share >= RULE_SHARE) & (mean >= EVEN * spread)).any())


def _ground(gap: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """(rows, columns): how bright it is left and right of a place, up to a third of the gap away, in the mean; on the
    darker side."""
    columns = gap.shape[1]
    reach = max(columns // 3, 2)
    padded = np.pad(gap, ((0, 0), (reach, reach)), mode="edge")
    sums = np.pad(padded.cumsum(1), ((0, 0), (1, 0)))
    # The nearest column may belong to the line.
    means = (sums[:, reach - 1 :] - sums[:, : 1 - reach]) / (reach - 1)
    return np.asarray(np.minimum(means[:, :columns], means[:, -columns:]), np.float32)
