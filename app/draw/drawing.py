"""The drawing on the canvas as a value: strokes, perhaps over a picture; erasing, fitting, sorting.

Coordinates are pixels from the middle of the canvas, y down, so that a drawing stays in the middle of a
window that changes its size.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from core.reading.strokes import Stroke
from core.reading.types import Box

_DENSE = 2.0
"""Pixels between points where a stroke is cut: an eraser must not take a whole long segment along."""


@dataclass(frozen=True)
class Picture:
    """An image lying on the canvas. image: uint8, (H, W) or (H, W, 3) RGB. box: where it lies."""

    image: NDArray[np.uint8] = field(compare=False, repr=False)
    box: Box


@dataclass(frozen=True)
class Drawing:
    """What is on the canvas. Drawings are never changed, only replaced: that makes undo safe."""

    strokes: tuple[Stroke, ...] = ()
    picture: Picture | None = None

    @property
    def is_empty(self) -> bool:
        return not self.strokes and self.picture is None

    def with_stroke(self, stroke: Stroke) -> Drawing:
        return replace(self, strokes=(*self.strokes, stroke))

    def bounds(self) -> Box | None:
        """The smallest box that holds everything, pen widths included; None for an empty drawing."""
        boxes = [stroke_box(s) for s in self.strokes]
        if self.picture is not None:
            boxes.append(self.picture.box)
        return Box.around(boxes) if boxes else None


@dataclass(frozen=True)
class View:
    """How the drawing lies in the widget: widget = drawing * scale + (dx, dy)."""

    scale: float
    dx: float
    dy: float

    def to_drawing(self, x: float, y: float) -> tuple[float, float]:
        return (x - self.dx) / self.scale, (y - self.dy) / self.scale

    def to_widget(self, box: Box) -> Box:
        return Box(
            box.x * self.scale + self.dx, box.y * self.scale + self.dy, box.w * self.scale, box.h * self.scale
        )


def fit_view(width: float, height: float, bounds: Box | None, *, margin: float = 8.0) -> View:
    """The view of a canvas of this size that leaves nothing outside; made smaller only where it must be."""
    scale = 1.0
    if bounds is not None:
        reach_x = max(-bounds.x, bounds.x + bounds.w, 1.0)
        reach_y = max(-bounds.y, bounds.y + bounds.h, 1.0)
        scale = min(1.0, max(width / 2 - margin, 1.0) / reach_x, max(height / 2 - margin, 1.0) / reach_y)
    return View(scale, width / 2, height / 2)


def stroke_box(stroke: Stroke) -> Box:
    """The smallest box that holds a stroke, the pen's width included."""
    points = np.asarray(stroke.points, np.float64)
    low, high = points.min(axis=0) - stroke.width / 2, points.max(axis=0) + stroke.width / 2
    return Box(float(low[0]), float(low[1]), float(high[0] - low[0]), float(high[1] - low[1]))


def erase(
    strokes: Sequence[Stroke], start: tuple[float, float], stop: tuple[float, float], radius: float
) -> tuple[Stroke, ...]:
    """What is left of the strokes when an eraser of this radius moves straight from `start` to `stop`.

    Strokes that are hit in the middle fall into pieces; those that are not hit are the same objects.
    """
    left: list[Stroke] = []
    for stroke in strokes:
        left += _erased(stroke, np.asarray(start, np.float64), np.asarray(stop, np.float64), radius)
    return tuple(left)


def _erased(
    stroke: Stroke, start: NDArray[np.float64], stop: NDArray[np.float64], radius: float
) -> list[Stroke]:
    box, reach = stroke_box(stroke), radius + stroke.width / 2
    low, high = np.minimum(start, stop) - radius, np.maximum(start, stop) + radius
    if box.x > high[0] or box.y > high[1] or box.x + box.w < low[0] or box.y + box.h < low[1]:
        return [stroke]
    points = np.asarray(stroke.points, np.float64)
    at = _dense_positions(points)
    index = np.arange(len(points))
    dense = np.stack([np.interp(at, index, points[:, 0]), np.interp(at, index, points[:, 1])], axis=1)
    hit = _distance(dense, start, stop) < reach
    if not hit.any():
        return [stroke]
    pressures = np.interp(at, index, stroke.pressures) if stroke.pressures else None
    pieces = []
    # Runs of points that were not hit: +1 where one begins, -1 where it is over.
    edges = np.diff(np.concatenate([[0], (~hit).astype(np.int8), [0]]))
    for first, end in zip(np.flatnonzero(edges == 1), np.flatnonzero(edges == -1), strict=True):
        if end - first < 2:
            continue  # a lone point between two hits is dust, not ink
        kept = tuple(map(tuple, dense[first:end].tolist()))
        pressed = tuple(pressures[first:end].tolist()) if pressures is not None else ()
        pieces.append(Stroke(kept, stroke.width, pressed))
    return pieces


def _dense_positions(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Positions along the index of the points, those of the points included, _DENSE pixels apart at most."""
    if len(points) < 2:
        return np.zeros(1)
    lengths = np.hypot(*np.diff(points, axis=0).T)
    steps = np.maximum(np.ceil(lengths / _DENSE), 1).astype(np.int64)
    segment = np.repeat(np.arange(len(steps)), steps)
    first = np.concatenate([[0], np.cumsum(steps)[:-1]])
    within = (np.arange(len(segment)) - first[segment]) / steps[segment]
    return np.concatenate([segment + within, [len(points) - 1]])


def _distance(
    points: NDArray[np.float64], start: NDArray[np.float64], stop: NDArray[np.float64]
) -> NDArray[np.float64]:
    """(N,) distances from a segment."""
    along = stop - start
    length2 = float(along @ along)
    share = np.clip((points - start) @ along / length2, 0, 1) if length2 else np.zeros(len(points))
    return np.asarray(np.hypot(*(points - (start + share[:, None] * along)).T))


def strokes_of_boxes(strokes: Sequence[Stroke], boxes: Sequence[Box]) -> list[tuple[Stroke, ...]]:
    """The strokes of each box: every stroke goes to the box that holds most of its points, if any does."""
    found: list[list[Stroke]] = [[] for _ in boxes]
    for stroke in strokes:
        points = np.asarray(stroke.points, np.float64)
        inside = [_inside(points, box, slack=stroke.width) for box in boxes]
        if inside and max(inside) > 0:
            found[inside.index(max(inside))].append(stroke)
    return [tuple(group) for group in found]


def _inside(points: NDArray[np.float64], box: Box, *, slack: float) -> int:
    x, y = points.T
    within = (x >= box.x - slack) & (x <= box.x + box.w + slack)
    return int(np.count_nonzero(within & (y >= box.y - slack) & (y <= box.y + box.h + slack)))


def viewed(strokes: Sequence[Stroke], view: View) -> tuple[Stroke, ...]:
    """The strokes in pixels of the widget."""
    return tuple(
        replace(
            s,
            points=tuple((x * view.scale + view.dx, y * view.scale + view.dy) for x, y in s.points),
            width=s.width * view.scale,
        )
        for s in strokes
    )


def placed(image: NDArray[np.uint8], width: float, height: float, *, share: float = 0.86) -> Picture:
    """An image laid in the middle of a canvas of this size, filling `share` of it, at most 12 x enlarged."""
    rows, columns = image.shape[:2]
    scale = min(share * width / columns, share * height / rows, 12.0)
    return Picture(image, Box(-columns * scale / 2, -rows * scale / 2, columns * scale, rows * scale))
