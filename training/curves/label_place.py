"""Where the words beside a marked point may stand without covering a curve."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSizeF

from training.runs.series import Floats

_GAP = 10.0
"""Pixels between the point's mark and the words, and between the words and the curves."""
_PROBES = 48
_STEPS = 14


def label_place(
    point: QPointF, size: QSizeF, area: QRectF, curves: Sequence[tuple[Floats, Floats]]
) -> QRectF:
    """The rectangle for the words: inside `area`, near `point`, over no curve where there is such a place.

    curves: x and y of each in the same pixels, x rising; NaNs interrupt them. Places above and below the point are
    tried, farther and farther away, each also moved to either side; the nearest free one is taken, else the one that
    covers least.
    """
    wide, high = size.width(), size.height()
    shifts = (0.0, -0.5 * wide, 0.5 * wide, -wide, wide)
    best: tuple[float, float, QRectF] | None = None
    for step in range(_STEPS):
        for up in (True, False):
            away = _GAP + step * 0.75 * high
            top = point.y() - away - high if up else point.y() + away
            for shift in shifts:
                left = point.x() - wide / 2 + shift
                place = _moved_inside(QRectF(left, top, wide, high), area)
                around = place.adjusted(-4, -4, 4, 4)
                hidden = _covered(around, curves) + (1.0 if around.contains(point) else 0.0)
                far = abs(place.center().y() - point.y()) + 0.5 * abs(place.center().x() - point.x())
                if best is None or (hidden, far) < best[:2]:
                    best = hidden, far, place
        if best is not None and best[0] == 0:
            break
    assert best is not None
    return best[2]


def leader_end(point: QPointF, place: QRectF) -> QPointF:
    """Where a line from the point to its words ends: at their nearest edge."""
    x = min(max(point.x(), place.left()), place.right())
    y = min(max(point.y(), place.top()), place.bottom())
    return QPointF(x, y)


def _moved_inside(place: QRectF, area: QRectF) -> QRectF:
    left = max(area.left() + 2, min(place.left(), area.right() - place.width() - 2))
    top = max(area.top() + 2, min(place.top(), area.bottom() - place.height() - 2))
    return QRectF(left, top, place.width(), place.height())


def _covered(place: QRectF, curves: Sequence[tuple[Floats, Floats]]) -> float:
    """The share of the rectangle's width over which curves run through it, all curves together."""
    at = np.linspace(place.left(), place.right(), _PROBES)
    hidden = 0.0
    for x, y in curves:
        known = np.isfinite(x) & np.isfinite(y)
        if known.any():
            heights = np.interp(at, x[known], y[known], left=np.nan, right=np.nan)
            hidden += float(np.mean((heights >= place.top()) & (heights <= place.bottom())))
            inside = (x >= place.left()) & (x <= place.right()) & (y >= place.top()) & (y <= place.bottom())
            hidden += 0.01 * float(inside.any())
    return hidden
