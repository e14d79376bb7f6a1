"""What lies behind numbers: photos, walls, fences, windows, plain paint.

Fences, windows, bricks and slats are there on purpose: their edges look like ones, sevens and zeros.
"""

from __future__ import annotations

import itertools
import math
import random
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from core.base.opencv import cv2

Gray = npt.NDArray[np.uint8]

_BANK = 1 << 20


@cache
def _noise_bank() -> npt.NDArray[np.float32]:
    return np.random.default_rng(11).standard_normal(_BANK + 1, np.float32)


def noise(rng: random.Random, h: int, w: int) -> npt.NDArray[np.float32]:
    """Standard normal noise (h,w): a piece of one fixed bank, which costs a hundredth of drawing it."""
    assert h * w <= _BANK
    start = rng.randrange(_BANK - h * w + 1)
    return _noise_bank()[start : start + h * w].reshape(h, w)


def smooth_noise(rng: random.Random, h: int, w: int, cells: int) -> npt.NDArray[np.float32]:
    """Noise (h,w) that changes slowly: `cells` values a side, interpolated."""
    small = np.ascontiguousarray(noise(rng, cells, cells))
    return np.asarray(cv2.resize(small, (w, h), interpolation=cv2.INTER_LINEAR), np.float32)


@dataclass(frozen=True)
class PhotoPool:
    """Grey photos of any size in one flat array. pixels: uint8; facts: int64 (N,3): start, h, w."""

    pixels: npt.NDArray[np.uint8]
    facts: npt.NDArray[np.int64]

    @classmethod
    def of(cls, photos: list[Gray]) -> PhotoPool:
        starts = np.cumsum([0] + [p.size for p in photos])[:-1] if photos else np.zeros(0, np.int64)
        facts = np.array([(s, *p.shape) for s, p in zip(starts, photos, strict=True)], np.int64).reshape(
            -1, 3
        )
        flat = np.concatenate([p.ravel() for p in photos]) if photos else np.zeros(0, np.uint8)
        return cls(flat, facts)

    def __len__(self) -> int:
        return len(self.facts)

    def photo(self, i: int) -> Gray:
        start, h, w = (int(v) for v in self.facts[i])
        return self.pixels[start : start + h * w].reshape(h, w)


def make_ground(rng: random.Random, size: int, photos: PhotoPool, *, photo_share: float) -> Gray:
    """A ground of size x size pixels; a piece of a photo in `photo_share` of cases."""
    if len(photos) and rng.random() < photo_share:
        return photo_ground(rng, size, photos)
    kinds = (_plain, _shaded, _bricks, _slats, _bars, _windows, _clutter)
    ground = rng.choices(kinds, (24, 20, 14, 14, 9, 8, 11))[0](rng, size)
    if rng.random() < 0.6:
        ground = _grainy(rng, ground)
    return ground


def photo_ground(rng: random.Random, size: int, photos: PhotoPool) -> Gray:
    """A piece of a photo at any scale, or several photos side by side where one is too small to fill it."""
    kind = rng.random()
    if kind < 0.75:
        return photo_piece(rng, size, size, photos)
    cells = 2 if kind < 0.93 else 3
    ground = np.empty((size, size), np.uint8)
    edges = [round(size * i / cells) for i in range(cells + 1)]
    for y0, y1 in itertools.pairwise(edges):
        for x0, x1 in itertools.pairwise(edges):
            ground[y0:y1, x0:x1] = photo_piece(rng, y1 - y0, x1 - x0, photos, whole=True)
    return ground


def photo_piece(rng: random.Random, h: int, w: int, photos: PhotoPool, *, whole: bool = False) -> Gray:
    """A piece of a photo, often mirrored, turned or inverted: photos without numbers are few, and what only looks
    like a digit does so in every position."""
    if rng.random() < 0.2:
        return np.ascontiguousarray(_upright_piece(rng, w, h, photos, whole=whole).T)
    return _upright_piece(rng, h, w, photos, whole=whole)


def _upright_piece(rng: random.Random, h: int, w: int, photos: PhotoPool, *, whole: bool) -> Gray:
    photo = photos.photo(rng.randrange(len(photos)))
    largest = min(photo.shape[0] / h, photo.shape[1] / w)
    smallest = min(0.4, largest)
    scale = largest if whole else smallest * (largest / smallest) ** math.sqrt(rng.random())
    tall, wide = min(max(2, int(h * scale)), photo.shape[0]), min(max(2, int(w * scale)), photo.shape[1])
    y, x = rng.randint(0, photo.shape[0] - tall), rng.randint(0, photo.shape[1] - wide)
    piece = photo[y : y + tall, x : x + wide]
    if rng.random() < 0.5:
        piece = piece[:, ::-1]
    if rng.random() < 0.2:
        piece = piece[::-1]
    how = cv2.INTER_AREA if scale > 1 else cv2.INTER_LINEAR
    piece = np.asarray(cv2.resize(np.ascontiguousarray(piece), (w, h), interpolation=how))
    return np.asarray(np.bitwise_not(piece)) if rng.random() < 0.2 else piece


def _grainy(rng: random.Random, ground: Gray) -> Gray:
    h, w = ground.shape
    strength = rng.uniform(1, 14)
    grain = noise(rng, h, w) if rng.random() < 0.5 else smooth_noise(rng, h, w, rng.choice((24, 48, 96)))
    return np.clip(ground + strength * grain, 0, 255).astype(np.uint8)


def _plain(rng: random.Random, size: int) -> Gray:
    return np.full((size, size), rng.randint(0, 255), np.uint8)


def _shaded(rng: random.Random, size: int) -> Gray:
    if rng.random() < 0.5:
        corners = np.array([[rng.uniform(0, 255) for _ in range(2)] for _ in range(2)], np.float32)
        return np.asarray(cv2.resize(corners, (size, size), interpolation=cv2.INTER_LINEAR).astype(np.uint8))
    blobs = smooth_noise(rng, size, size, rng.choice((3, 5, 9)))
    return np.asarray(np.clip(rng.uniform(40, 215) + rng.uniform(10, 50) * blobs, 0, 255), np.uint8)


def _two_greys(rng: random.Random, least: int) -> tuple[int, int]:
    one = rng.randint(0, 255)
    apart = rng.randint(least, 110)
    other = one - apart if one - apart >= 0 and (one + apart > 255 or rng.random() < 0.5) else one + apart
    return one, min(max(other, 0), 255)


def _bricks(rng: random.Random, size: int) -> Gray:
    brick, mortar = _two_greys(rng, 15)
    h, w = rng.randint(7, 42), 0
    w = round(h * rng.uniform(1.6, 3.6))
    joint = max(1, round(h * rng.uniform(0.05, 0.2)))
    spread = rng.uniform(0, 25)
    ground = np.full((size, size), mortar, np.uint8)
    y0 = -rng.randint(0, h)
    for row, y in enumerate(range(y0, size, h)):
        x0 = -rng.randint(0, w // 4) - (w // 2 if row % 2 else 0)
        for x in range(x0, size, w):
            grey = int(min(max(brick + rng.uniform(-spread, spread), 0), 255))
            cv2.rectangle(ground, (x, y), (x + w - joint - 1, y + h - joint - 1), grey, -1)
    return ground


def _slats(rng: random.Random, size: int) -> Gray:
    """Siding, blinds, planks: bands with an edge each, level or upright."""
    face, edge = _two_greys(rng, 12)
    step, line = rng.uniform(6, 50), rng.uniform(1, 4)
    fade = rng.uniform(0, 25)
    places = (np.arange(size, dtype=np.float32) + rng.uniform(0, step)) % step
    profile = face + fade * (places / step - 0.5)
    profile[places < line] = edge
    band = np.clip(profile, 0, 255).astype(np.uint8)
    ground = np.repeat(band[:, None], size, 1)
    return np.ascontiguousarray(ground if rng.random() < 0.6 else ground.T)


def _bars(rng: random.Random, size: int) -> Gray:
    """A fence or a railing before something else."""
    behind, bar = _two_greys(rng, 30)
    ground = _shaded(rng, size) if rng.random() < 0.5 else np.full((size, size), behind, np.uint8)
    step = rng.uniform(6, 40)
    thick = max(1, round(step * rng.uniform(0.12, 0.5)))
    lean = rng.uniform(-0.15, 0.15) * size
    x = rng.uniform(-step, 0)
    top, bottom = (
        (0, size) if rng.random() < 0.6 else (rng.randint(0, size // 2), rng.randint(size // 2, size))
    )
    while x < size + abs(lean):
        cv2.line(ground, (round(x), top), (round(x + lean), bottom), bar, thick, cv2.LINE_AA)
        x += step
    for _ in range(rng.randint(0, 3)):
        y = rng.randint(0, size)
        cv2.line(ground, (0, y), (size, y + rng.randint(-8, 8)), bar, thick, cv2.LINE_AA)
    return ground


def _windows(rng: random.Random, size: int) -> Gray:
    wall, pane = _two_greys(rng, 25)
    ground = np.full((size, size), wall, np.uint8)
    w, h = rng.randint(10, 90), rng.randint(12, 110)
    gap_x, gap_y = rng.randint(4, 50), rng.randint(4, 50)
    frame = min(max(wall + rng.randint(-80, 80), 0), 255)
    for y in range(-rng.randint(0, h), size, h + gap_y):
        for x in range(-rng.randint(0, w), size, w + gap_x):
            cv2.rectangle(ground, (x, y), (x + w, y + h), pane + rng.randint(-20, 20), -1)
            cv2.rectangle(ground, (x, y), (x + w, y + h), frame, rng.randint(1, 4))
            if rng.random() < 0.7:
                cv2.line(ground, (x + w // 2, y), (x + w // 2, y + h), frame, 2)
            if rng.random() < 0.7:
                cv2.line(ground, (x, y + h // 2), (x + w, y + h // 2), frame, 2)
    return ground


def _clutter(rng: random.Random, size: int) -> Gray:
    """Drawn shapes: circles, arcs, lines, boxes, leaves."""
    ground = _shaded(rng, size)
    for _ in range(rng.randint(3, 28)):
        x, y, grey = rng.randint(0, size), rng.randint(0, size), rng.randint(0, 255)
        thick = rng.choice((-1, 1, 2, 3, 5))
        kind = rng.random()
        if kind < 0.3:
            axes = (rng.randint(2, 40), rng.randint(2, 40))
            span = 360 if rng.random() < 0.6 else rng.randint(60, 300)
            cv2.ellipse(ground, (x, y), axes, rng.randint(0, 180), 0, span, grey, thick, cv2.LINE_AA)
        elif kind < 0.55:
            end = (x + rng.randint(-70, 70), y + rng.randint(-70, 70))
            cv2.line(ground, (x, y), end, grey, abs(thick) + 1, cv2.LINE_AA)
        elif kind < 0.75:
            cv2.rectangle(ground, (x, y), (x + rng.randint(3, 60), y + rng.randint(3, 60)), grey, thick)
        else:
            points = np.array(
                [[x + rng.randint(-25, 25), y + rng.randint(-25, 25)] for _ in range(5)], np.int32
            )
            cv2.fillPoly(ground, [points], grey, cv2.LINE_AA)
    return ground
