"""Random pen strokes that are no digit, drawn by the code that the canvas uses.

Every kind keeps clear of what could be read: no lone upright stroke (1), no lone closed loop (0), not so few
corners or turns that it is a 2, 6, 7 or 9.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from core.loaders.digit_frame import Image
from core.loaders.pen_strokes import draw

Paths = list[NDArray[np.float64]]
Rng = np.random.Generator


def scribble(rng: Rng) -> Image:
    """One scribble as framed ink, uint8 (64,64)."""
    kind = KINDS[int(rng.integers(len(KINDS)))]
    paths = [
        np.asarray(p, np.float32) + rng.normal(0, 0.008, np.shape(p)).astype(np.float32) for p in kind(rng)
    ]
    return draw(paths, float(rng.uniform(1.5, 5.0)) / 32)


def _turned(points: NDArray[np.float64], angle: float) -> NDArray[np.float64]:
    cos, sin = np.cos(angle), np.sin(angle)
    return np.asarray(points @ np.array([[cos, sin], [-sin, cos]]))


def _curve(corners: NDArray[np.float64], steps: int = 12) -> NDArray[np.float64]:
    """A smooth curve through corners (Catmull-Rom)."""
    padded = np.concatenate([corners[:1], corners, corners[-1:]])
    t = np.linspace(0, 1, steps, endpoint=False)[:, None, None]
    p0, p1, p2, p3 = padded[:-3], padded[1:-2], padded[2:-1], padded[3:]
    points = 0.5 * (
        2 * p1 + (p2 - p0) * t + (2 * p0 - 5 * p1 + 4 * p2 - p3) * t**2 + (3 * p1 - p0 - 3 * p2 + p3) * t**3
    )
    return np.asarray(points.transpose(1, 0, 2).reshape(-1, 2))


def _zigzag(rng: Rng) -> Paths:
    corners = int(rng.integers(5, 13))
    x = np.linspace(0, rng.uniform(0.8, 2.0), corners)
    y = np.where(np.arange(corners) % 2, 1.0, 0.0) * rng.uniform(0.3, 1.0) + rng.uniform(-0.15, 0.15, corners)
    points = np.stack([x, y], axis=1)
    return [_turned(points, rng.uniform(-np.pi, np.pi))]


def _wave(rng: Rng) -> Paths:
    periods = rng.uniform(2.0, 5.0)
    x = np.linspace(0, 1, 80)
    y = rng.uniform(0.08, 0.3) * np.sin(2 * np.pi * (periods * x + rng.random()))
    return [_turned(np.stack([x, y], axis=1), rng.uniform(-0.5, 0.5))]


def _spiral(rng: Rng) -> Paths:
    turns = rng.uniform(2.3, 4.5)
    angle = np.linspace(0, 2 * np.pi * turns, 120)
    radius = angle / angle[-1]
    points = np.stack([radius * np.cos(angle), radius * np.sin(angle) * rng.uniform(0.7, 1.3)], axis=1)
    points[:, 0] *= 1 if rng.random() < 0.5 else -1
    return [_turned(points, rng.uniform(-np.pi, np.pi))]


def _loops(rng: Rng) -> Paths:
    loops = int(rng.integers(3, 7))
    t = np.linspace(0, 2 * np.pi * loops, 40 * loops)
    x = t / (2 * np.pi) * rng.uniform(0.45, 0.8) + 0.6 * np.sin(t)
    return [_turned(np.stack([x, np.cos(t) * rng.uniform(0.6, 1.4)], axis=1), rng.uniform(-0.4, 0.4))]


def _tangle(rng: Rng) -> Paths:
    return [_curve(rng.uniform(0, 1, (int(rng.integers(11, 28)), 2)))]


def _several_tangles(rng: Rng) -> Paths:
    return [_curve(rng.uniform(0, 1, (int(rng.integers(4, 9)), 2))) for _ in range(int(rng.integers(3, 6)))]


def _dots(rng: Rng) -> Paths:
    count = int(rng.integers(1, 10))
    centres = rng.uniform(0, 1, (count, 2))
    return [c + rng.uniform(-0.01, 0.01, (int(rng.integers(1, 4)), 2)) for c in centres]


def _dash(rng: Rng) -> Paths:
    x = np.linspace(0, 1, 12)
    y = rng.uniform(-0.08, 0.08) * np.sin(np.pi * x)
    return [_turned(np.stack([x, y], axis=1), rng.uniform(-0.35, 0.35))]


def _dashes(rng: Rng) -> Paths:
    rows = np.arange(int(rng.integers(2, 6))) * rng.uniform(0.15, 0.4)
    dashes = []
    for row in rows:
        left = rng.uniform(0, 0.3)
        dashes.append(np.array([[left, row], [left + rng.uniform(0.4, 1.0), row + rng.uniform(-0.1, 0.1)]]))
    return dashes


def _scattered_lines(rng: Rng) -> Paths:
    count = int(rng.integers(4, 11))
    starts, angles = rng.uniform(0, 1, (count, 2)), rng.uniform(0, np.pi, count)
    ends = starts + np.stack([np.cos(angles), np.sin(angles)], axis=1) * rng.uniform(0.2, 0.9, (count, 1))
    return [np.stack([a, b]) for a, b in zip(starts, ends, strict=True)]


def _hatching(rng: Rng) -> Paths:
    count = int(rng.integers(5, 12))
    x = np.repeat(np.linspace(0, 1, count), 2)
    y = np.tile([0.0, 1.0, 1.0, 0.0], count)[: 2 * count] + rng.uniform(-0.08, 0.08, 2 * count)
    points = np.stack([x, y], axis=1)
    return [_turned(points, rng.uniform(-np.pi, np.pi))]


def _crossing(rng: Rng) -> Paths:
    # Two strokes crossing in their middles: x and plus; more of them make stars.
    count = int(rng.integers(2, 6))
    angles = np.arange(count) * np.pi / count + rng.uniform(-0.15, 0.15, count) + rng.uniform(0, np.pi)
    rays = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    return [np.stack([-ray, ray]) + rng.uniform(-0.08, 0.08, (1, 2)) for ray in rays]


def _grid(rng: Rng) -> Paths:
    count = int(rng.integers(2, 5))
    at = (np.arange(count) + 0.5) / count
    slant = rng.uniform(-0.2, 0.2)
    upright = [np.array([[x - slant, 0.0], [x + slant, 1.0]]) for x in at]
    level = [np.array([[0.0, y], [1.0, y + rng.uniform(-0.08, 0.08)]]) for y in at]
    return upright + level


def _star(rng: Rng) -> Paths:
    points = int(rng.choice([5, 7]))
    angle = 2 * np.pi * (points // 2) * np.arange(points + 1) / points + rng.uniform(0, 2 * np.pi)
    return [np.stack([np.cos(angle), np.sin(angle)], axis=1)]


def _arrow(rng: Rng) -> Paths:
    head = rng.uniform(0.2, 0.4)
    shaft = np.array([[0.0, 0.0], [1.0, 0.0]])
    tip = np.array([[1 - head, -head], [1.0, 0.0], [1 - head, head]])
    # Upright arrows are a 1 with its flag: only level ones.
    angle = rng.uniform(-0.5, 0.5) + (np.pi if rng.random() < 0.5 else 0)
    return [_turned(shaft, angle), _turned(tip, angle)]


def _heart_or_face(rng: Rng) -> Paths:
    t = np.linspace(0, 2 * np.pi, 60)
    if rng.random() < 0.5:
        heart = np.stack(
            [16 * np.sin(t) ** 3, -13 * np.cos(t) + 5 * np.cos(2 * t) + 2 * np.cos(3 * t)], axis=1
        )
        return [heart / 16]
    circle = np.stack([np.cos(t), np.sin(t)], axis=1)
    eyes = [np.array([[side * 0.35, -0.3], [side * 0.35, -0.22]]) for side in (-1, 1)]
    mouth_t = np.linspace(0.2, np.pi - 0.2, 20)
    mouth = np.stack([0.5 * np.cos(mouth_t), 0.1 + 0.45 * np.sin(mouth_t)], axis=1)
    return [circle, *eyes, mouth]


KINDS: tuple[Callable[[Rng], Paths], ...] = (
    _zigzag,
    _wave,
    _spiral,
    _loops,
    _tangle,
    _several_tangles,
    _dots,
    _dash,
    _dashes,
    _scattered_lines,
    _hatching,
    _crossing,
    _grid,
    _star,
    _arrow,
    _heart_or_face,
)
