"""Gives ink its looks: paint, outline, relief, shadow, and the plaque or tiles below it."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.base.opencv import cv2
from core.synthesis.backgrounds import smooth_noise
from core.synthesis.typesetting import TextMask

Plane = npt.NDArray[np.float32]


@dataclass(frozen=True)
class PaintedText:
    """A painted block. layers: float32 (h,w,2): grey already multiplied by coverage, and coverage 0–1.

    spots: (label, left, top, right, bottom) in pixels of the patch.
    """

    layers: Plane
    spots: tuple[tuple[int, float, float, float, float], ...]


class _Canvas:
    """Paint laid over paint: premultiplied grey and coverage."""

    def __init__(self, h: int, w: int) -> None:
        self.layers = np.zeros((h, w, 2), np.float32)

    def lay(self, alpha: Plane, grey: float | Plane) -> None:
        """One more coat. alpha: 0–1 (h,w); grey: 0–255."""
        self.layers *= (1 - alpha)[:, :, None]
        self.layers[:, :, 0] += alpha * grey
        self.layers[:, :, 1] += alpha


def paint(rng: random.Random, block: TextMask, *, behind: float, contrast_min: float) -> PaintedText:
    """The block in paint. behind: mean grey of what it will stand on; contrast_min: of the full range."""
    height = block.height
    pad = round(height * rng.uniform(0.15, 0.5)) + 3
    h, w = block.mask.shape[0] + 2 * pad, block.mask.shape[1] + 2 * pad
    ink = np.zeros((h, w), np.float32)
    ink[pad:-pad, pad:-pad] = block.mask.astype(np.float32) * np.float32(1 / 255)
    spots = tuple(
        (s.label, s.box[0] + pad, s.box[1] + pad, s.box[2] + pad, s.box[3] + pad) for s in block.spots
    )
    canvas = _Canvas(h, w)
    ground: float = behind
    kind = rng.random()
    if kind < 0.5:
        ground = other_grey(rng, behind, 0.02)
        _lay_plaque(rng, canvas, ground, pad)
    elif kind < 0.58:
        ground = other_grey(rng, behind, 0.05)
        _lay_tiles(rng, canvas, spots, ground, height)
    grey = other_grey(rng, ground, contrast_min)
    _lay_ink(rng, canvas, ink, grey, ground, height)
    return PaintedText(canvas.layers, spots)


def other_grey(rng: random.Random, grey: float, least: float) -> float:
    """A grey at least `least` of the full range away from `grey`; large differences are likelier."""
    span: float = 255 * (least + (1 - least) * rng.random() ** 1.3)
    up, down = grey + span, grey - span
    if up > 255 and down < 0:
        return 255.0 if grey < 128 else 0.0
    if up > 255:
        return down
    if down < 0:
        return up
    return up if rng.random() < 0.5 else down


def _lay_plaque(rng: random.Random, canvas: _Canvas, grey: float, pad: int) -> None:
    h, w = canvas.layers.shape[:2]
    shape = np.zeros((h, w), np.uint8)
    kind = rng.random()
    inset = max(1, pad // 4)
    low, high = (inset, inset), (w - 1 - inset, h - 1 - inset)
    if kind < 0.6:
        cv2.rectangle(shape, low, high, 255, -1)
    elif kind < 0.85:
        _rounded(shape, inset, rng.randint(2, max(3, min(h, w) // 3)), 255, -1)
    else:
        cv2.ellipse(shape, (w // 2, h // 2), (w // 2 - 1, h // 2 - 1), 0, 0, 360, 255, -1, cv2.LINE_AA)
    alpha = shape.astype(np.float32) * np.float32(1 / 255)
    if rng.random() < 0.25:
        _lay_shadow(rng, canvas, alpha, pad * 0.4)
    face: float | Plane = grey
    if rng.random() < 0.35:
        face = np.clip(grey + rng.uniform(2, 22) * smooth_noise(rng, h, w, rng.choice((2, 4, 24))), 0, 255)
    canvas.lay(alpha, face)
    if rng.random() < 0.5:
        line = np.zeros((h, w), np.uint8)
        thick = max(1, round(pad * rng.uniform(0.08, 0.3)))
        gap = inset + (0 if rng.random() < 0.5 else max(1, pad // 4))
        if kind < 0.6:
            cv2.rectangle(line, (gap, gap), (w - 1 - gap, h - 1 - gap), 255, thick)
        elif kind < 0.85:
            _rounded(line, gap, rng.randint(2, max(3, min(h, w) // 3)), 255, thick)
        else:
            axes = (max(2, w // 2 - gap - 1), max(2, h // 2 - gap - 1))
            cv2.ellipse(line, (w // 2, h // 2), axes, 0, 0, 360, 255, thick, cv2.LINE_AA)
        canvas.lay(line.astype(np.float32) * np.float32(1 / 255), other_grey(rng, grey, 0.1))
    if rng.random() < 0.2:
        dots = np.zeros((h, w), np.uint8)
        radius, x0, y0 = max(1, pad // 6), inset + max(2, pad // 3), h // 2
        corners = ((x0, y0), (w - 1 - x0, y0))
        if rng.random() < 0.5:
            y0 = x0
            corners = ((x0, y0), (w - 1 - x0, y0), (x0, h - 1 - y0), (w - 1 - x0, h - 1 - y0))  # type: ignore[assignment]
        for corner in corners:
            cv2.circle(dots, corner, radius, 255, -1, cv2.LINE_AA)
        canvas.lay(dots.astype(np.float32) * np.float32(1 / 255), other_grey(rng, grey, 0.2))


def _rounded(image: npt.NDArray[np.uint8], inset: int, radius: int, value: int, thick: int) -> None:
    h, w = image.shape
    r = min(radius, (h - 2 * inset) // 2 - 1, (w - 2 * inset) // 2 - 1)
    if r < 2:
        cv2.rectangle(image, (inset, inset), (w - 1 - inset, h - 1 - inset), value, thick)
        return
    corner = np.array(cv2.ellipse2Poly((0, 0), (r, r), 0, 0, 90, 15))
    x0, y0, x1, y1 = inset + r, inset + r, w - 1 - inset - r, h - 1 - inset - r
    across, down = np.array((-1, 1)), np.array((1, -1))
    points = np.concatenate(
        [
            corner + np.array((x1, y1)),
            corner[::-1] * across + np.array((x0, y1)),
            corner * across * down + np.array((x0, y0)),
            corner[::-1] * down + np.array((x1, y0)),
        ]
    ).astype(np.int32)
    if thick < 0:
        cv2.fillPoly(image, [points], value, cv2.LINE_AA)
    else:
        cv2.polylines(image, [points], True, value, thick, cv2.LINE_AA)


def _lay_tiles(
    rng: random.Random,
    canvas: _Canvas,
    spots: tuple[tuple[int, float, float, float, float], ...],
    grey: float,
    height: float,
) -> None:
    """A tile of its own behind every digit, with a joint between neighbours."""
    h, w = canvas.layers.shape[:2]
    shape = np.zeros((h, w), np.uint8)
    margin = height * rng.uniform(0.08, 0.2)
    rows = sorted(spots, key=lambda s: s[1])
    for i, (_, x0, y0, x1, y1) in enumerate(rows):
        left = x0 - margin if i == 0 else max(x0 - margin, (rows[i - 1][3] + x0) / 2 + 0.5)
        right = x1 + margin if i + 1 == len(rows) else min(x1 + margin, (x1 + rows[i + 1][1]) / 2 - 0.5)
        if right > left:
            cv2.rectangle(
                shape, (round(left), round(y0 - margin)), (round(right) - 1, round(y1 + margin)), 255, -1
            )
    canvas.lay(shape.astype(np.float32) * np.float32(1 / 255), grey)


def _lay_ink(
    rng: random.Random, canvas: _Canvas, ink: Plane, grey: float, ground: float, height: float
) -> None:
    kind = rng.random()
    stroke = max(1.0, height * 0.05)
    if kind < 0.13:
        _lay_shadow(rng, canvas, ink, height * 0.18)
    elif kind < 0.18:
        # Thick: the sides of the digits are seen.
        angle, reach = rng.uniform(0, 2 * math.pi), max(1.0, height * rng.uniform(0.03, 0.12))
        steps = math.ceil(reach)
        side = ink
        for i in range(1, steps + 1):
            far = reach * i / steps
            side = np.maximum(side, _shifted(ink, far * math.cos(angle), far * math.sin(angle)))
        canvas.lay(side, other_grey(rng, grey, 0.1))
    elif kind < 0.30:
        # Relief: lit from one side, dark at the other; the face may be as grey as what it stands on.
        reach = max(1.0, stroke * rng.uniform(0.5, 1.3))
        dx, dy = rng.choice((-1, 1)) * reach, rng.choice((-1, 1)) * reach
        depth = rng.uniform(30, 110)
        canvas.lay(_shifted(ink, dx, dy), max(ground - depth, 0))
        canvas.lay(_shifted(ink, -dx, -dy), min(ground + depth, 255))
        if rng.random() < 0.4:
            grey = min(max(ground + rng.uniform(-25, 25), 0), 255)
    elif kind < 0.42:
        wide = max(1, round(stroke * rng.uniform(0.5, 1.6)))
        edge = cv2.dilate(ink, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * wide + 1, 2 * wide + 1)))
        canvas.lay(np.asarray(edge, np.float32), other_grey(rng, grey, 0.25))
    elif kind < 0.46 and height > 18:
        # Hollow: only the edge is drawn.
        wide = max(1, round(stroke * 0.6))
        kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * wide + 1, 2 * wide + 1))
        canvas.lay(np.asarray(cv2.dilate(ink, kernel), np.float32) - ink, grey)
        return
    elif kind < 0.54:
        # Thinner or fatter strokes than the font has.
        if rng.random() < 0.5 and height > 16:
            ink = np.asarray(cv2.erode(ink, np.ones((2, 2), np.uint8)), np.float32)
        else:
            kernel = np.ones((2, 2) if height < 24 else (3, 3), np.uint8)
            ink = np.asarray(cv2.dilate(ink, kernel), np.float32)
    face: float | Plane = grey
    if rng.random() < 0.15:
        h, w = ink.shape
        face = np.clip(grey + rng.uniform(5, 40) * smooth_noise(rng, h, w, rng.choice((3, 12))), 0, 255)
    if rng.random() < 0.06:
        # Worn paint.
        h, w = ink.shape
        ink = ink * np.clip(1.2 + 0.8 * smooth_noise(rng, h, w, 16), 0, 1)
    canvas.lay(ink, face)


def _lay_shadow(rng: random.Random, canvas: _Canvas, alpha: Plane, reach: float) -> None:
    dx, dy = rng.uniform(-1, 1) * reach, rng.uniform(0.2, 1) * reach
    soft = cv2.GaussianBlur(_shifted(alpha, dx, dy), (0, 0), max(0.4, rng.uniform(0.1, 0.5) * reach))
    canvas.lay(soft * np.float32(rng.uniform(0.25, 0.8)), rng.uniform(0, 40))


def _shifted(alpha: Plane, dx: float, dy: float) -> Plane:
    h, w = alpha.shape
    return np.asarray(cv2.warpAffine(alpha, np.array([[1, 0, dx], [0, 1, dy]], np.float32), (w, h)))
