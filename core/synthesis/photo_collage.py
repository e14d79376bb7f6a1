"""Scenes of real photos whose digits have boxes: several small photos side by side, zoomed, turned, inverted."""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.base.opencv import cv2
from core.reading.detector_format import LARGEST, SMALLEST
from core.reading.types import Box
from core.recipes.scenes import IGNORED, Scenes
from core.synthesis.backgrounds import Gray, PhotoPool, photo_piece
from core.synthesis.camera import take_photo
from core.synthesis.scene import Scene


@dataclass(frozen=True)
class LabelledPhoto:
    """A grey photo, its digits in reading order, and their boxes in pixels. IGNORED among the digits: may be one.
    Without digits: a word that fills the photo."""

    image: Gray
    digits: tuple[int, ...]
    boxes: tuple[Box, ...]


@dataclass(frozen=True)
class LabelledPool:
    """N labelled photos in flat arrays. first: int64 (N+1,), where each one's digits start in digits (M,) and
    boxes (M,4)."""

    photos: PhotoPool
    first: npt.NDArray[np.int64]
    digits: npt.NDArray[np.int64]
    boxes: npt.NDArray[np.float32]

    @classmethod
    def of(cls, photos: Sequence[LabelledPhoto]) -> LabelledPool:
        counts = [len(p.digits) for p in photos]
        boxes = [(b.x, b.y, b.w, b.h) for p in photos for b in p.boxes]
        return cls(
            PhotoPool.of([p.image for p in photos]),
            np.cumsum([0, *counts]).astype(np.int64),
            np.array([d for p in photos for d in p.digits], np.int64),
            np.array(boxes, np.float32).reshape(-1, 4),
        )

    def __len__(self) -> int:
        return len(self.photos)


def make_photo_scene(rng: random.Random, config: Scenes, pool: LabelledPool, backgrounds: PhotoPool) -> Scene:
    """One to six cells, each a labelled photo; now and then one of a background."""
    size = config.size
    image = np.empty((size, size), np.uint8)
    labels: list[int] = []
    boxes: list[tuple[float, float, float, float]] = []
    for y0, x0, h, w in _cells(rng, size):
        if len(backgrounds) and rng.random() < 0.1:
            image[y0 : y0 + h, x0 : x0 + w] = photo_piece(rng, h, w, backgrounds)
            continue
        cell, found = _photo_cell(rng, config, pool, backgrounds, h, w)
        image[y0 : y0 + h, x0 : x0 + w] = cell
        for label, box in found:
            left, top = max(box[0], 0.0), max(box[1], 0.0)
            right, bottom = min(box[2], float(w)), min(box[3], float(h))
            if right - left < 1 or bottom - top < 1:
                continue
            whole = (box[2] - box[0]) * (box[3] - box[1])
            seen = (right - left) * (bottom - top) > 0.8 * whole
            labels.append(label if seen else IGNORED)
            boxes.append((left + x0, top + y0, right + x0, bottom + y0))
    heights = [b[3] - b[1] for b in boxes]
    finest = max(min(heights, default=24.0), SMALLEST)
    # SVHN-extra's photos are clearer than those of streets at large: half of the scenes get a camera's full faults.
    image = take_photo(rng, image, finest=finest, strength=config.faults, gentle=rng.random() < 0.5)
    known = np.array(boxes, np.float32).reshape(-1, 4)
    return Scene(image, np.array(labels, np.int64), known, letters_known=False)


def make_empty_scene(rng: random.Random, config: Scenes, photos: PhotoPool) -> Scene:
    """A piece of a photo in which no digit can be read, though there may be words."""
    whole = rng.random() < 0.25
    image = photo_piece(rng, config.size, config.size, photos, whole=whole)
    image = take_photo(rng, image, finest=24.0, strength=config.faults, gentle=True)
    none = np.zeros(0, np.int64)
    return Scene(image, none, np.zeros((0, 4), np.float32), letters_known=False)


def _cells(rng: random.Random, size: int) -> list[tuple[int, int, int, int]]:
    """(top, left, height, width) of cells that fill the scene: one to four rows, some of two columns."""
    rows = rng.choices((1, 2, 3, 4), (12, 34, 36, 18))[0]
    edges = [round(size * i / rows) for i in range(rows + 1)]
    cells = []
    for top, bottom in itertools.pairwise(edges):
        split = size
        if rng.random() < 0.45 and rows > 1:
            split = round(size * rng.uniform(0.35, 0.65))
        for left, right in ((0, split), (split, size)):
            if right > left:
                cells.append((top, left, bottom - top, right - left))
    return cells


def _photo_cell(
    rng: random.Random, config: Scenes, pool: LabelledPool, backgrounds: PhotoPool, h: int, w: int
) -> tuple[Gray, list[tuple[int, tuple[float, float, float, float]]]]:
    """A photo laid into h x w pixels so that its number lies inside, and its digits there."""
    i = rng.randrange(len(pool))
    photo = pool.photos.photo(i)
    digits = pool.digits[pool.first[i] : pool.first[i + 1]]
    boxes = pool.boxes[pool.first[i] : pool.first[i + 1]].astype(np.float64)
    own = boxes[digits != IGNORED]
    if not len(own):
        own = np.array([[0.0, 0.0, photo.shape[1], photo.shape[0]]])
    low = own[:, :2].min(0)
    high = (own[:, :2] + own[:, 2:]).max(0)
    tall = float(np.median(own[:, 3]))
    span = high - low
    target = SMALLEST * 1.15 * (LARGEST / SMALLEST / 1.15) ** rng.random()
    loose = 1.15 if rng.random() < 0.08 else 0.95
    zoom = min(target / tall, loose * w / span[0], loose * h / span[1])
    if zoom < 0.7:
        # Area-averaged first: a warp alone would pick single pixels.
        small = (max(1, round(photo.shape[1] * zoom)), max(1, round(photo.shape[0] * zoom)))
        factor = np.array([small[0] / photo.shape[1], small[1] / photo.shape[0]])
        photo = np.asarray(cv2.resize(photo, small, interpolation=cv2.INTER_AREA))
        boxes = boxes * np.tile(factor, 2)
        low, high = low * factor, high * factor
        zoom = 1.0
    angle = math.radians(rng.gauss(0, 5) if rng.random() < 0.8 else rng.uniform(-14, 14))
    zoom_x = zoom * (rng.uniform(0.8, 1.15) if rng.random() < 0.5 else 1.0)
    slant = rng.uniform(-0.2, 0.2) if rng.random() < 0.3 else 0.0
    c, s = math.cos(angle), math.sin(angle)
    linear = np.array([[c * zoom_x, (-c * slant - s) * zoom], [s * zoom_x, (-s * slant + c) * zoom]])
    middle = (low + high) / 2
    room = np.maximum((np.array([w, h]) - (high - low) * (zoom_x, zoom)) / 2, 0) + 2
    aim = np.array([w / 2 + rng.uniform(-1, 1) * room[0], h / 2 + rng.uniform(-1, 1) * room[1]])
    shift = aim - linear @ middle
    how = cv2.INTER_CUBIC if rng.random() < 0.5 else cv2.INTER_LINEAR
    matrix = np.concatenate([linear, shift[:, None]], 1)
    # What lies beyond the photo must hold no digits, so its mirror image won't do.
    cell: Gray
    kind = rng.random()
    if kind < 0.5:
        cell = np.asarray(cv2.warpAffine(photo, matrix, (w, h), flags=how, borderMode=cv2.BORDER_REPLICATE))
    else:
        if kind < 0.75 and len(backgrounds):
            cell = photo_piece(rng, h, w, backgrounds)
        else:
            cell = np.full((h, w), rng.randint(0, 255), np.uint8)
        cv2.warpAffine(photo, matrix, (w, h), cell, flags=how, borderMode=cv2.BORDER_TRANSPARENT)
    if rng.random() < 0.3:
        cell = np.asarray(np.bitwise_not(cell), np.uint8)
    centres = (boxes[:, :2] + boxes[:, 2:] / 2) @ linear.T + shift
    # The corners of a digit's box are empty: a turned box grows by less than its corners say.
    wide = boxes[:, 2] * zoom_x * abs(c) + 0.5 * boxes[:, 3] * zoom * abs(s + c * slant)
    tall_ = boxes[:, 3] * zoom * abs(c) + 0.5 * boxes[:, 2] * zoom_x * abs(s)
    found = [
        (int(d), (float(x - a / 2), float(y - b / 2), float(x + a / 2), float(y + b / 2)))
        for d, (x, y), a, b in zip(digits, centres, wide, tall_, strict=True)
    ]
    return cell, found


def counter_strips(
    images: npt.NDArray[np.uint8], labels: npt.NDArray[np.int64], count: int, *, seed: int
) -> list[LabelledPhoto]:
    """Counters: digits (N,64,64) of rotating counters, as the source `meter` gives them, set side by side."""
    rng = random.Random(f"strips/{seed}")
    strips = []
    for _ in range(count if len(images) else 0):
        start, length = rng.randrange(len(images)), rng.randint(2, 7)
        # Neighbours in the file come from the same counter, so that the parts of a strip look alike.
        rows = [(start + rng.randint(0, 60)) % len(images) for _ in range(length)]
        strip = np.concatenate([images[r][12:52, 20:44] for r in rows], 1)
        boxes = tuple(Box(24 * k + 3.5, 5.5, 17, 29) for k in range(length))
        strips.append(LabelledPhoto(np.ascontiguousarray(strip), tuple(int(labels[r]) for r in rows), boxes))
    return strips
