"""What cameras do to a scene: light, blur, few pixels, noise, JPEG."""

from __future__ import annotations

import math
import random

import numpy as np
import numpy.typing as npt

from core.base.opencv import cv2
from core.synthesis.backgrounds import noise, smooth_noise

Gray = npt.NDArray[np.uint8]


def take_photo(
    rng: random.Random, scene: Gray, *, finest: float, strength: float, gentle: bool = False
) -> Gray:
    """The scene as a camera gives it: uint8 (H,W).

    finest: height of the smallest digit, pixels; blur and coarse pixels leave that one readable. strength: 0
    leaves the scene as it is. gentle: for scenes that a camera has taken once already.
    """
    if strength <= 0:
        return scene
    often = (0.5 if gentle else 1.0) * min(strength, 1.5)
    image = scene
    if rng.random() < 0.35 * often:
        image = _uneven_light(rng, image)
    if rng.random() < 0.10 * often:
        image = _glare(rng, image)
    sharp = 0.05 * finest * strength * (0.6 if gentle else 1.0)
    kind = rng.random()
    if kind < 0.25 * often:
        image = _coarse(rng, image, 1 + sharp * rng.uniform(0.3, 2.2))
    elif kind < 0.60 * often:
        sigma = rng.uniform(0.3, max(0.4, 1.8 * sharp))
        image = np.asarray(cv2.GaussianBlur(image, (0, 0), sigma))
    elif kind < 0.70 * often:
        image = _smeared(rng, image, 1 + 4.5 * sharp * rng.random())
    if rng.random() < 0.55 * often:
        image = _exposed(rng, image)
    if rng.random() < 0.5 * often:
        sigma = rng.uniform(0.5, 5) if rng.random() < 0.7 else rng.uniform(5, 16)
        grain = noise(rng, *image.shape)
        image = np.clip(image + sigma * grain, 0, 255).astype(np.uint8)
    if rng.random() < 0.4 * often:
        quality = rng.randint(30, 90) if finest < 16 or rng.random() < 0.6 else rng.randint(10, 40)
        done, data = cv2.imencode(".jpg", image, (cv2.IMWRITE_JPEG_QUALITY, quality))
        if done:
            image = np.asarray(cv2.imdecode(data, cv2.IMREAD_GRAYSCALE))
    return image


def _coarse(rng: random.Random, image: Gray, factor: float) -> Gray:
    h, w = image.shape
    small = cv2.resize(
        image, (max(8, round(w / factor)), max(8, round(h / factor))), interpolation=cv2.INTER_AREA
    )
    how = rng.choice((cv2.INTER_LINEAR, cv2.INTER_CUBIC, cv2.INTER_CUBIC, cv2.INTER_NEAREST))
    return np.asarray(cv2.resize(small, (w, h), interpolation=how))


def _smeared(rng: random.Random, image: Gray, length: float) -> Gray:
    side = max(3, math.ceil(length) | 1)
    kernel = np.zeros((side, side), np.float32)
    angle, middle, reach = rng.uniform(0, math.pi), side // 2, length / 2
    dx, dy = math.cos(angle) * reach, math.sin(angle) * reach
    ends = [(round((middle - s * dx) * 16), round((middle - s * dy) * 16)) for s in (1, -1)]
    cv2.line(kernel, ends[0], ends[1], 1.0, 1, cv2.LINE_AA, 4)
    total = float(kernel.sum())
    return np.asarray(cv2.filter2D(image, -1, kernel / total)) if total > 0 else image


def _exposed(rng: random.Random, image: Gray) -> Gray:
    """Too dark, too bright, or faint: a curve for the grey values, applied as a table."""
    ramp = np.linspace(0, 1, 256, dtype=np.float32)
    gamma = math.exp(rng.uniform(-0.7, 0.7))
    table = ramp**gamma
    if rng.random() < 0.5:
        span = rng.uniform(0.2, 0.9)
        table = table * span + rng.uniform(0, 1 - span)
    elif rng.random() < 0.4:
        gain = rng.uniform(1.05, 1.6)
        table = np.clip((table - 0.5) * gain + rng.uniform(0.35, 0.65), 0, 1)
    return np.asarray(cv2.LUT(image, (table * 255).astype(np.uint8)))


def _uneven_light(rng: random.Random, image: Gray) -> Gray:
    h, w = image.shape
    fall = rng.uniform(0.1, 0.65)
    if rng.random() < 0.6:
        light = smooth_noise(rng, h, w, rng.choice((2, 3)))
        factor = 1 + fall * np.clip(light, -1.2, 1.2) * 0.6
    else:
        # The edge of a shadow across the scene.
        angle, x0, y0 = rng.uniform(0, 2 * math.pi), rng.uniform(0, w), rng.uniform(0, h)
        x = (np.arange(w, dtype=np.float32) - x0) * math.cos(angle)
        y = (np.arange(h, dtype=np.float32) - y0) * math.sin(angle)
        edge = np.clip((x[None] + y[:, None]) / rng.uniform(1, 30), 0, 1)
        factor = 1 - fall * edge
    return np.asarray(np.clip(image * factor, 0, 255), np.uint8)


def _glare(rng: random.Random, image: Gray) -> Gray:
    h, w = image.shape
    sx, sy = rng.uniform(0.05, 0.4) * w, rng.uniform(0.05, 0.4) * h
    x = np.exp(-(((np.arange(w, dtype=np.float32) - rng.uniform(0, w)) / sx) ** 2))
    y = np.exp(-(((np.arange(h, dtype=np.float32) - rng.uniform(0, h)) / sy) ** 2))
    light = rng.uniform(40, 200) * y[:, None] * x[None]
    return np.asarray(np.minimum(image + light, 255), np.uint8)
