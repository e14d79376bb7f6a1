"""Pen strokes: smooth them, draw them as the classifier wants to see them, keep them as JSON.

The canvas, the data sets and the tests all use this code. OpenCV is imported when the first line is drawn: the canvas
needs the strokes before the window is shown, and OpenCV only in the thread that reads.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.base.errors import DataError
from core.reading.stroke_grouping import cut, join_strokes, rows_of
from core.reading.types import INK_SHARE, INPUT_SIZE

__all__ = [
    "MAX_PEN",
    "MIN_PEN",
    "Stroke",
    "bounds",
    "rasterise",
    "rasterise_paths",
    "smooth",
    "smooth_stroke",
    "split_into_digits",
    "strokes_from_json",
    "strokes_to_json",
]

MIN_PEN = 1.5 / 32
"""Thinnest pen, as a share of a frame in which the ink spans INK_SHARE; thinner lines fade when resized."""
MAX_PEN = 5.0 / 32
"""Fattest pen, same measure; a fatter one closes the holes of an 8."""

_SUPERSAMPLE = 4.0  # about: lines are drawn so many times as large, and averaged
_SHIFT = 4  # OpenCV draws with coordinates of 1/16 pixel
_EXTRA = 1.3  # pixels by which OpenCV's antialiased lines are wider than an even thickness says (measured)
_MAX_SHRINK = 4.0  # how far a fat pen may be thinned before the drawing is a blob, not a digit


@dataclass(frozen=True)
class Stroke:
    """One pull of the pen. points: (x, y) in pixels of the image, y down. width: of the pen, same pixels.

    pressures: empty, or one value a point in 0–1 that scales the width there.
    """

    points: tuple[tuple[float, float], ...]
    width: float
    pressures: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        assert self.points, "a stroke without points"
        assert self.width > 0, "a pen without width"
        assert not self.pressures or len(self.pressures) == len(self.points), "one pressure a point"


def bounds(strokes: Sequence[Stroke]) -> tuple[float, float, float, float]:
    """(left, top, right, bottom) of the pen's path, without the pen's width; at least one stroke."""
    points = np.concatenate([np.asarray(s.points, np.float64) for s in strokes])
    low, high = points.min(axis=0), points.max(axis=0)
    return float(low[0]), float(low[1]), float(high[0]), float(high[1])


def smooth(points: Sequence[tuple[float, float]], *, spacing: float = 2.0) -> tuple[tuple[float, float], ...]:
    """The path as a curve through its points, about `spacing` pixels between the new ones.

    The jitter of whole mouse pixels is averaged away first, but not at ends and corners (turns over 60°).
    The curve is a centripetal Catmull-Rom spline (Yuksel, Schaefer, Keyser 2011), which makes no loops.
    """
    return tuple(map(tuple, _curve(np.asarray(points, np.float64).reshape(-1, 2), spacing)[0].tolist()))


def smooth_stroke(stroke: Stroke, *, spacing: float = 2.0) -> Stroke:
    """The stroke with its path smoothed and its pressures carried along."""
    curve, at = _curve(np.asarray(stroke.points, np.float64), spacing)
    pressures: tuple[float, ...] = ()
    if stroke.pressures:
        pressures = tuple(np.interp(at, np.arange(len(stroke.points)), stroke.pressures).tolist())
    return replace(stroke, points=tuple(map(tuple, curve.tolist())), pressures=pressures)


def _curve(points: NDArray[np.floating], spacing: float) -> tuple[NDArray[np.floating], NDArray[np.floating]]:
    """(M, 2) points of the smoothed curve, (M,) where each lies along the index of the given points."""
    moved = np.ones(len(points), bool)
    moved[1:] = np.any(np.diff(points, axis=0) != 0, axis=1)
    index = np.flatnonzero(moved).astype(np.float64)
    p = points[moved]
    if len(p) < 3:
        return p, index
    before, after = p[1:-1] - p[:-2], p[2:] - p[1:-1]
    turn = np.sum(before * after, axis=1)
    gentle = turn > 0.5 * np.hypot(*before.T) * np.hypot(*after.T)
    # Only what a coarse grid makes (steps of a few pixels) is jitter; longer steps are meant.
    short = np.maximum(np.hypot(*before.T), np.hypot(*after.T)) < 4 * spacing
    averaged = (p[:-2] + 2 * p[1:-1] + p[2:]) / 4
    p = p.copy()
    p[1:-1] = np.where((gentle & short)[:, None], averaged, p[1:-1])
    ends = np.concatenate([2 * p[:1] - p[1:2], p, 2 * p[-1:] - p[-2:-1]])
    p0, p1, p2, p3 = ends[:-3], ends[1:-2], ends[2:-1], ends[3:]
    # Knot distances are the square roots of the lengths; the floor keeps coinciding averages apart.
    d1, d2, d3 = (
        np.maximum(np.sqrt(np.hypot(*(b - a).T)), 1e-6)[:, None] for a, b in ((p0, p1), (p1, p2), (p2, p3))
    )
    m1 = d2 * ((p1 - p0) / d1 - (p2 - p0) / (d1 + d2) + (p2 - p1) / d2)
    m2 = d2 * ((p2 - p1) / d2 - (p3 - p1) / (d2 + d3) + (p3 - p2) / d3)
    steps = np.maximum(np.ceil(np.hypot(*(p2 - p1).T) / spacing), 1).astype(np.int64)
    segment = np.repeat(np.arange(len(steps)), steps)
    first = np.concatenate([[0], np.cumsum(steps)[:-1]])
    t = ((np.arange(len(segment)) - first[segment]) / steps[segment])[:, None]
    a, b, m, n = p1[segment], p2[segment], m1[segment], m2[segment]
    s, c = t * t, t * t * t
    curve = (2 * c - 3 * s + 1) * a + (c - 2 * s + t) * m + (3 * s - 2 * c) * b + (c - s) * n
    at = index[segment] + t[:, 0] * (index[segment + 1] - index[segment])
    return np.concatenate([curve, p[-1:]]), np.concatenate([at, index[-1:]])


def rasterise(
    strokes: Sequence[Stroke],
    size: int = INPUT_SIZE,
    *,
    pen: float | None = None,
    ink_share: float = INK_SHARE,
) -> NDArray[np.uint8]:
    """One digit drawn as the classifier sees it: (size, size) uint8, ink 255 on 0, antialiased, round ends.

    The ink's longer side, pen included, spans `ink_share` of the frame and is centred, as `frame_digit` would
    frame it. pen: width as a share of the frame; None follows the strokes' own widths, kept legible (between
    MIN_PEN and MAX_PEN). A dot stays a dot, however small. No strokes: all 0.
    """
    paths = [np.asarray(s.points, np.float32) for s in strokes]
    pressures = [np.asarray(s.pressures, np.float32) if s.pressures else None for s in strokes]
    widths = [s.width for s in strokes]
    return rasterise_paths(paths, size, pen=pen, widths=widths, pressures=pressures, ink_share=ink_share)


def rasterise_paths(
    paths: Sequence[NDArray[np.floating]],
    size: int = INPUT_SIZE,
    *,
    pen: float | None = None,
    widths: Sequence[float] | None = None,
    pressures: Sequence[NDArray[np.floating] | None] | None = None,
    ink_share: float = INK_SHARE,
) -> NDArray[np.uint8]:
    """`rasterise` for paths that are arrays already, (n, 2) each: what data sets use, thousands a second.

    Either `pen` (share of the frame) or `widths` (pixels of the paths) says how thick the lines are.
    """
    from core.base.opencv import cv2

    if not paths:
        return np.zeros((size, size), np.uint8)
    assert pen is not None or widths is not None, "no pen width"
    points = paths[0] if len(paths) == 1 else np.concatenate(paths)
    low, high = points.min(axis=0), points.max(axis=0)
    length = float(max(high - low))
    width = max(widths) if widths is not None else 0.0
    scale, thick = _fit(length, width, pen, size, ink_share)
    # OpenCV's lines come in steps of two pixels: the canvas is sized so that this pen is one of them.
    line = _drawn_width(thick * _SUPERSAMPLE)
    big = max(round(size * line / thick), size)
    zoom = big / size
    canvas = np.zeros((big, big), np.uint8)
    middle = (low + high) / 2
    unit = (1 << _SHIFT) * zoom
    # The middle of the pixel (i, j) is at (i + ½, j + ½); OpenCV counts from pixel middles.
    offset = size / 2 * unit - (1 << _SHIFT) / 2
    for i, path in enumerate(paths):
        fixed = np.rint((path - middle) * (scale * unit) + offset).astype(np.int32)
        share = widths[i] / width if widths is not None else 1.0
        press = pressures[i] if pressures is not None else None
        if press is None:
            _draw(canvas, fixed, thick * zoom * share)
        else:
            _draw_pressed(canvas, fixed, thick * zoom * share, press)
    return np.asarray(cv2.resize(canvas, (size, size), interpolation=cv2.INTER_AREA))


def _fit(length: float, width: float, pen: float | None, size: int, ink_share: float) -> tuple[float, float]:
    """(scale from path pixels to frame pixels, pen width in frame pixels) that fills the wanted span."""
    span = ink_share * size
    nominal = span / INK_SHARE  # the frame's size, were the ink to fill it as usual
    if pen is not None:
        thick = min(pen * size, 0.9 * span)
    else:
        thick = min(max(span * width / (length + width), MIN_PEN * nominal), MAX_PEN * nominal)
    scale = (span - thick) / length if length > 0 else 0.0
    if width > 0:
        # A dot made with a shaky hand must not be blown up until it is a line.
        scale = min(scale, _MAX_SHRINK * max(thick, MIN_PEN * nominal) / width)
    return scale, thick


def _drawn_width(wanted: float) -> float:
    """The width nearest to the wanted one, pixels of the canvas, that OpenCV can draw."""
    return 2 * max(round((wanted - _EXTRA) / 2), 0) + _EXTRA


def _draw(canvas: NDArray[np.uint8], fixed: NDArray[np.int32], width: float) -> None:
    """A polyline, `width` pixels of the canvas wide, with round joints and ends; a single point is a dot."""
    from core.base.opencv import cv2

    if len(fixed) == 1:
        radius = max(round((width - 1) / 2 * (1 << _SHIFT)), 1 << _SHIFT)
        centre = (int(fixed[0, 0]), int(fixed[0, 1]))
        cv2.circle(canvas, centre, radius, 255, cv2.FILLED, cv2.LINE_AA, _SHIFT)
        return
    thickness = max(round(_drawn_width(width) - _EXTRA), 1)
    cv2.polylines(canvas, [fixed.reshape(-1, 1, 2)], False, 255, thickness, cv2.LINE_AA, _SHIFT)


def _draw_pressed(
    canvas: NDArray[np.uint8], fixed: NDArray[np.int32], width: float, pressures: NDArray[np.floating]
) -> None:
    """As `_draw`, the width following the pressure in steps of two pixels of the canvas."""
    local = width * np.clip(pressures, 0.15, 1.0)
    if len(fixed) == 1:
        _draw(canvas, fixed, float(local[0]))
        return
    segments = 2 * np.rint((np.maximum(local[1:], local[:-1]) - _EXTRA) / 2) + _EXTRA
    start = 0
    for stop in [*np.flatnonzero(np.diff(segments)) + 1, len(segments)]:
        _draw(canvas, fixed[start : stop + 1], float(segments[start]))
        start = int(stop)


def split_into_digits(strokes: Sequence[Stroke]) -> list[list[int]]:
    """Indices of the strokes of each digit, in reading order: rows from the top, each from left to right.

    By geometry alone: the dash of a 7, both strokes of a 4, the bar of a 5 stay with their digit. One stroke
    that writes several digits without lifting the pen stays one group.
    """
    groups = cut(join_strokes([np.asarray(s.points, np.float64) for s in strokes]))
    rows = rows_of([g.box for g in groups])
    return [list(groups[i].strokes) for row in rows for i in row]


def strokes_to_json(strokes: Sequence[Stroke]) -> list[dict[str, Any]]:
    """Plain values for `json.dumps`; coordinates to 1/100 pixel."""
    out = []
    for stroke in strokes:
        item: dict[str, Any] = {
            "width": round(stroke.width, 3),
            "points": [[round(x, 2), round(y, 2)] for x, y in stroke.points],
        }
        if stroke.pressures:
            item["pressures"] = [round(p, 3) for p in stroke.pressures]
        out.append(item)
    return out


def strokes_from_json(value: Any) -> tuple[Stroke, ...]:
    """The strokes of `strokes_to_json`. Raises DataError where `value` is something else."""
    try:
        strokes = []
        for item in value:
            points = tuple((float(x), float(y)) for x, y in item["points"])
            pressures = tuple(float(p) for p in item.get("pressures", ()))
            width = float(item["width"])
            numbers = [width, *pressures, *(c for point in points for c in point)]
            if not (points and width > 0 and all(map(math.isfinite, numbers))):
                raise ValueError("a value out of range")
            if pressures and len(pressures) != len(points):
                raise ValueError("not one pressure a point")
            strokes.append(Stroke(points, width, pressures))
        return tuple(strokes)
    except (TypeError, ValueError, KeyError, AttributeError) as error:
        raise DataError("The drawing is damaged: its strokes can't be understood.") from error
