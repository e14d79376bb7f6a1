"""Which strokes make one digit: pen paths → groups → rows. Geometry alone, no classifier.

Strokes are joined pair by pair, the surest first. How sure, is a logistic regression on ten measures of the pair,
fitted to numbers composed of the digits of UNIPEN's and CROHME's training writers (`core.evaluation.drawings`: clear
gaps, small with a fat pen, touching) and to digits below each other. For cases in doubt the joins are kept as a tree,
so that the reader can ask the classifier.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.reading.stroke_cutting import resampled

ALTERNATIVE = -6.0
"""Log-odds below which two groups are never one digit, whatever a classifier says."""

_WEIGHTS = np.array([-1.95, -3.6, -4.08, -6.5, 21.38, 5.08, -13.29, 9.78, 3.09, 5.01])
_BIAS = 4.1
_TOUCH = 0.04  # share of the height at which nearness fades
_DEEP = 0.12  # share of the height that a stroke lies within the span of another one to be no neighbour of it
_SAMPLES = 24  # points a path is measured by; fewer where there are many paths

SLANT = 0.27
"""Least width of a slash as a share of its height (15 degrees): digits written aslant lean less."""
TALLER = 1.2
"""A slash is so many times as tall as the digits beside it; a 1 is not."""


Box = tuple[float, float, float, float]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class StrokeGroup:
    """Strokes that may be one digit. strokes: their indices. box: (left, top, right, bottom) of the paths.

    parts: the two groups it was joined from, or none. join: log-odds that they are one digit; never more than
    those of the parts' own joins, so that a bold join can't hide under an easy one.
    """

    strokes: tuple[int, ...]
    box: Box
    parts: tuple[StrokeGroup, ...] = ()
    join: float = math.inf


def join_strokes(paths: Sequence[Floats], *, least: float = ALTERNATIVE) -> list[StrokeGroup]:
    """The trees of groups whose joins are all at least `least` sure. paths: (n, 2) arrays, y down."""
    if not paths:
        return []
    boxes = np.array([[*p.min(axis=0), *p.max(axis=0)] for p in paths], np.float64)
    near, cross = _distances_and_crossings(paths)
    groups = [
        StrokeGroup((i,), (float(b[0]), float(b[1]), float(b[2]), float(b[3]))) for i, b in enumerate(boxes)
    ]
    n = len(groups)
    score = join_odds(boxes[:, None], boxes[None], near, cross)
    score[np.arange(n), np.arange(n)] = -np.inf
    alive = np.ones(n, bool)
    while True:
        i, j = (int(k) for k in np.unravel_index(np.argmax(score), score.shape))
        if score[i, j] < least or i == j:
            break
        boxes[i] = [*np.minimum(boxes[i, :2], boxes[j, :2]), *np.maximum(boxes[i, 2:], boxes[j, 2:])]
        left, top, right, bottom = boxes[i].tolist()
        members = tuple(sorted(groups[i].strokes + groups[j].strokes))
        join = min(float(score[i, j]), groups[i].join, groups[j].join)
        groups[i] = StrokeGroup(members, (left, top, right, bottom), (groups[i], groups[j]), join)
        near[i] = near[:, i] = np.minimum(near[i], near[j])
        cross[i] = cross[:, i] = cross[i] | cross[j]
        alive[j] = False
        row = join_odds(boxes[i], boxes, near[i], cross[i])
        row[~alive] = -np.inf
        row[i] = -np.inf
        score[i] = score[:, i] = row
        score[j] = score[:, j] = -np.inf
    return [group for group, lives in zip(groups, alive, strict=True) if lives]


def join_odds(a: Floats, b: Floats, distance: Floats, cross: npt.NDArray[np.bool_]) -> Floats:
    """Log-odds that two groups are one digit.

    a, b: boxes (..., 4). distance: the least one of their paths (...). cross: whether the paths cross (...).
    """
    wa, ha = a[..., 2] - a[..., 0], a[..., 3] - a[..., 1]
    wb, hb = b[..., 2] - b[..., 0], b[..., 3] - b[..., 1]
    # The height of the digit, or what it would be for a stroke that lies down.
    unit = np.maximum(np.maximum(ha, hb), 0.6 * np.maximum(wa, wb)) + 1e-6
    across = np.minimum(a[..., 2], b[..., 2]) - np.maximum(a[..., 0], b[..., 0])
    along = np.minimum(a[..., 3], b[..., 3]) - np.maximum(a[..., 1], b[..., 1])
    sa, sb = np.maximum(wa, ha), np.maximum(wb, hb)
    alike = np.minimum(sa, sb) / np.maximum(np.maximum(sa, sb), 1e-6)
    heights = np.minimum(ha, hb) / np.maximum(np.maximum(ha, hb), 1e-6)
    touch = np.exp(-(distance / unit) / _TOUCH)
    # How deep the middle of the narrower one lies within the span of the other: the bar of a 4 does, a 1 that touches
    # its neighbour does not.
    narrow, wide = np.where((wa < wb)[..., None], a, b), np.where((wa < wb)[..., None], b, a)
    middle = (narrow[..., 0] + narrow[..., 2]) / 2
    deep = np.minimum(middle - wide[..., 0], wide[..., 2] - middle) / unit
    beside = heights * (1 - np.clip(deep / _DEEP, 0, 1))
    measures = (
        np.clip(-across / unit, 0, 0.6),
        np.clip(-along / unit, 0, 0.6),
        alike,
        heights,
        touch * alike,
        np.clip(across / unit, 0, None),
        touch * beside,
        np.clip(deep, -0.5, 0.25),
        cross,
        beside,
    )
    odds = np.full(np.shape(distance), _BIAS)
    for weight, measure in zip(_WEIGHTS, measures, strict=True):
        odds = odds + weight * measure
    return np.where(_is_dash_beside(a, b) | _is_dash_beside(b, a), -np.inf, odds)


def _is_dash_beside(dash: Floats, digit: Floats) -> npt.NDArray[np.bool_]:
    """Whether the first of two boxes lies beside the middle of the second as the dash of “12-34” does.

    The bar of a 7, a 4 or a 5 is none: it crosses its digit, or lies at the top of it.
    """
    wide, thick = dash[..., 2] - dash[..., 0], dash[..., 3] - dash[..., 1]
    tall = digit[..., 3] - digit[..., 1]
    at = (dash[..., 1] + dash[..., 3]) / 2 - digit[..., 1]
    across = np.minimum(dash[..., 2], digit[..., 2]) - np.maximum(dash[..., 0], digit[..., 0])
    is_flat = (wide > 1.5 * thick) & (thick < 0.3 * tall) & (wide > 0.12 * tall) & (wide < 1.2 * tall)
    return np.asarray(is_flat & (at > 0.3 * tall) & (at < 0.7 * tall) & (across < 0.03 * tall))


def is_slash(path: Floats, before: Box, after: Box) -> bool:
    """Whether a stroke between two digits is the slash of “12/3”: straight, aslant, and longer at both ends.

    path: (n, 2), y down. before, after: (left, top, right, bottom) of the digits. One that is no taller than
    they are may as well be a 1, and is one.
    """
    ends = path[[path[:, 1].argmin(), path[:, 1].argmax()]].astype(np.float64)
    along = ends[1] - ends[0]
    height = max(float(along[1]), 1e-6)
    away = np.abs((path[:, 0] - ends[0, 0]) * along[1] - (path[:, 1] - ends[0, 1]) * along[0])
    straight = float(away.max()) < 0.06 * float(along @ along)
    tallest = max(_height(before), _height(after))
    longer = ends[0, 1] < min(before[1], after[1]) and ends[1, 1] > max(before[3], after[3])
    return bool(straight and longer and along[0] < -SLANT * height and height > TALLER * tallest)


def cut(groups: Sequence[StrokeGroup], threshold: float = 0.0) -> list[StrokeGroup]:
    """The trees cut where a join is less than `threshold` sure."""
    whole: list[StrokeGroup] = []
    todo = list(groups)
    while todo:
        group = todo.pop()
        if group.parts and group.join < threshold:
            todo.extend(group.parts)
        else:
            whole.append(group)
    return whole


def rows_of(boxes: Sequence[Box]) -> list[list[int]]:
    """Indices of the boxes, row by row from the top, each row from left to right; rows may slant."""
    rows: list[list[int]] = []
    for i in sorted(range(len(boxes)), key=lambda i: (boxes[i][0] + boxes[i][2], boxes[i][1])):
        _, top, _, bottom = boxes[i]
        best, best_share = None, 0.4
        for row in rows:
            last = row[-1]
            if len(row) > 1 and _height(boxes[last]) < 0.5 * _height(boxes[row[-2]]):
                last = row[-2]  # a dash says little about where the row is
            common = min(bottom, boxes[last][3]) - max(top, boxes[last][1])
            share = common / max(min(bottom - top, boxes[last][3] - boxes[last][1]), 1e-6)
            if bottom - top < 1e-6 and boxes[last][1] <= top <= boxes[last][3]:
                share = 1.0
            if share > best_share:
                best, best_share = row, share
        if best is None:
            rows.append([i])
        else:
            best.append(i)
    rows.sort(key=lambda row: sum(boxes[i][1] + boxes[i][3] for i in row) / len(row))
    return rows


def _height(box: Box) -> float:
    return box[3] - box[1]


def _distances_and_crossings(paths: Sequence[Floats]) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """(n, n) least distances between the paths, and which of them cross each other."""
    n = len(paths)
    count = int(np.clip(1200 // n, 6, _SAMPLES))
    points = np.stack([resampled(p, count) for p in paths])
    near, cross = np.empty((n, n)), np.zeros((n, n), bool)
    flat = points.reshape(-1, 2)
    start, stop = points[:, None, :-1], points[:, None, 1:]
    for i in range(n):
        square = ((points[i][:, None] - flat[None]) ** 2).sum(axis=-1)
        near[i] = np.sqrt(square.reshape(count, n, count).min(axis=(0, 2)))
        a, b = points[i, :-1, None], points[i, 1:, None]
        # Two pieces cross where the ends of each lie on both sides of the other.
        apart = _side(a, b, start) * _side(a, b, stop) < 0
        apart &= _side(start, stop, a) * _side(start, stop, b) < 0
        cross[i] = apart.any(axis=(1, 2))
    np.fill_diagonal(cross, False)
    return near, cross | cross.T


def _side(a: Floats, b: Floats, point: Floats) -> Floats:
    """Positive where the point lies on the one side of the line from a to b, negative on the other."""
    x, y = b[..., 0] - a[..., 0], b[..., 1] - a[..., 1]
    return np.asarray(x * (point[..., 1] - a[..., 1]) - y * (point[..., 0] - a[..., 0]))
