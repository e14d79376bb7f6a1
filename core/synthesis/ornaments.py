"""Ironwork around signs: scrolls, posts, steps, leaves. It looks like 6, 9, 3 and 1 and is none."""

from __future__ import annotations

import math
import random

import numpy as np
import numpy.typing as npt

from core.base.opencv import cv2

Mask = npt.NDArray[np.uint8]
Points = npt.NDArray[np.float64]


def ornament(rng: random.Random, h: int, w: int) -> Mask:
    """An ornament that fills about h x w pixels: uint8 (h,w), 255 where there is iron."""
    mask = np.zeros((h, w), np.uint8)
    side = min(h, w)
    thick = max(1, round(side * rng.uniform(0.03, 0.09)))
    kind = rng.random()
    if kind < 0.7:
        _scrolls(rng, mask, thick)
    elif kind < 0.85:
        _steps(rng, mask, thick)
    else:
        _leaves(rng, mask)
    if w > 1.3 * h and rng.random() < 0.4:
        half = mask[:, : w // 2]
        mask[:, w - w // 2 :] = half[:, ::-1]
    if rng.random() < 0.4:
        _post(rng, mask, thick)
    return mask


def _scrolls(rng: random.Random, mask: Mask, thick: int) -> None:
    """Spirals in a row, each alone or two joined to an S or a C, and a bar below or above them."""
    h, w = mask.shape
    radius = 0.5 * min(h, w) * rng.uniform(0.4, 0.95)
    # Never one alone: that would be a 6 or a 9.
    count = max(2, min(6, round(w / (2 * radius) * rng.uniform(0.6, 1.3))))
    for i in range(count):
        middle = np.array(((i + 0.5) * w / count, h / 2 + rng.uniform(-0.2, 0.2) * h))
        _line(mask, _scroll(rng, radius) + middle, thick)
    if rng.random() < 0.5:
        y = rng.choice((thick, h - 1 - thick))
        cv2.line(mask, (0, y), (w - 1, y), 255, thick, cv2.LINE_AA)


def _scroll(rng: random.Random, radius: float) -> Points:
    turns = rng.uniform(1.1, 2.4)
    t = np.linspace(0, 1, 40)
    start, way = rng.uniform(0, 2 * math.pi), rng.choice((-1, 1))
    angle = start + way * 2 * math.pi * turns * t
    reach = radius * (rng.uniform(0.1, 0.3) + t) / 1.3
    curl = np.stack([np.cos(angle), np.sin(angle)], 1) * reach[:, None]
    kind = rng.random()
    if kind < 0.5:
        return curl
    # Joined at the outer end with its own mirror image or the same turned by half a turn.
    end = curl[-1]
    other = 2 * end - curl if kind < 0.8 else end + (curl - end) * np.array((1.0, -1.0))
    both = np.concatenate([curl, other[::-1]])
    both -= (both.min(0) + both.max(0)) / 2
    return np.asarray(both * (2 * radius / max(float(np.ptp(both, 0).max()), 1.0)))


def _steps(rng: random.Random, mask: Mask, thick: int) -> None:
    """Open boxes and bars at right angles, as on modern signs."""
    h, w = mask.shape
    for _ in range(rng.randint(2, 6)):
        x0, x1 = sorted((rng.randrange(w), rng.randrange(w)))
        y0, y1 = sorted((rng.randrange(h), rng.randrange(h)))
        if rng.random() < 0.5:
            cv2.rectangle(mask, (x0, y0), (x1, y1), 255, thick)
        else:
            cv2.polylines(mask, [np.array([(x0, y0), (x1, y0), (x1, y1)], np.int32)], False, 255, thick)


def _leaves(rng: random.Random, mask: Mask) -> None:
    h, w = mask.shape
    for _ in range(rng.randint(3, 14)):
        length = min(h, w) * rng.uniform(0.08, 0.3)
        axes = (max(1, round(length)), max(1, round(length * rng.uniform(0.25, 0.6))))
        place = (rng.randrange(w), rng.randrange(h))
        cv2.ellipse(mask, place, axes, rng.uniform(0, 180), 0, 360, 255, -1, cv2.LINE_AA)


def _post(rng: random.Random, mask: Mask, thick: int) -> None:
    h, w = mask.shape
    x = rng.choice((thick, w - 1 - thick, rng.randrange(w)))
    cv2.line(mask, (x, 0), (x, h - 1), 255, rng.randint(thick, 2 * thick), cv2.LINE_AA)
    if rng.random() < 0.5:
        cv2.circle(mask, (x, min(2 * thick, h - 1)), 2 * thick, 255, -1, cv2.LINE_AA)


def _line(mask: Mask, points: Points, thick: int) -> None:
    cv2.polylines(mask, [np.round(points).astype(np.int32)], False, 255, thick, cv2.LINE_AA)
