"""Photos with one printed digit in each, from small to large: made here, always the same ones.

The busiest of the photos without writing that are kept out of training are what the digits stand on, and Chars74K's
fonts that are kept out what they are printed with.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from core.base.errors import DataError
from core.base.opencv import cv2
from core.base.paths import Places
from core.loaders import fonts
from core.loaders.background_photos import read_gray
from core.loaders.folders import data_folder
from core.loaders.number_photos import NumberPhoto, number_photos
from core.reading.types import Box
from core.synthesis.camera import take_photo
from core.synthesis.glyphs import Glyph, Handwriting
from core.synthesis.painting import paint
from core.synthesis.scene import lay, scene_random, seen_spots
from core.synthesis.typesetting import LineStyle, TextMask, set_line

NAME = "single-digits"
PICTURES = 100
HEIGHT = 480
"""Of the pictures, pixels."""
SMALLEST, LARGEST = 0.03, 0.20
"""Heights of the digits, share of the picture's."""
BANDS = (0.05, 0.09, 0.14, LARGEST)
"""Upper ends of the size classes."""
SEED = 17
_CONTRAST = 0.3  # of the full range, between a digit and what is right behind it, as it is painted
_SEEN = 0.15  # the same at least, in the end, between the ink and what is right beside it

Gray = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class SingleDigits:
    """photos: with the digit, its box, and how large it is as their group. pictures: (H,W) uint8 by file name."""

    photos: list[NumberPhoto]
    pictures: Mapping[str, Gray]

    def picture(self, photo: NumberPhoto) -> Gray:
        return self.pictures[photo.file.name]


def single_digits(places: Places, count: int = PICTURES) -> SingleDigits:
    """The pictures, as many as asked for. Raises DataError where photos or Chars74K's fonts are not here."""
    files = [p.file for p in number_photos(places, "backgrounds", "validation")]
    files += [p.file for p in number_photos(places, "backgrounds-more", "validation")]
    if not files:
        raise DataError(
            "There are no photos kept out of training in the folders backgrounds and backgrounds_more."
        )
    content = fonts.build_chars74k(data_folder(places, "chars74k_fnt") / fonts.CHARS74K_FILE, "dev")
    prints = Handwriting.of(content["images"], content["labels"])
    photos, pictures = [], {}
    for index, ground in enumerate(_busiest([read_gray(file) for file in files], count)):
        photo, picture = make_single_digit(scene_random(SEED, index), ground, prints, index)
        photos.append(photo)
        pictures[photo.file.name] = picture
    return SingleDigits(photos, pictures)


def make_single_digit(
    rng: random.Random, ground: Gray, prints: Handwriting, index: int
) -> tuple[NumberPhoto, Gray]:
    """A photo (H,W) with the digit `index` % 10 printed somewhere on it, painted anew until it can be seen."""
    digit = str(index % 10)
    share = SMALLEST * (LARGEST / SMALLEST) ** rng.random()
    width = max(round(ground.shape[1] * HEIGHT / ground.shape[0]), HEIGHT // 2)
    photo = np.asarray(cv2.resize(ground, (width, HEIGHT), interpolation=cv2.INTER_AREA), np.uint8)

    def pick(character: str) -> Glyph:
        return prints.glyph(int(character), rng.random())

    while True:
        block = set_line(rng, digit, pick, height=share * HEIGHT, style=LineStyle())
        picture, box, contrast = _printed(rng, photo, block)
        if contrast >= _SEEN * 255:
            break
    band = next(i for i, high in enumerate(BANDS) if share <= high)
    low = SMALLEST if band == 0 else BANDS[band - 1]
    group = f"{round(100 * low):02} to {round(100 * BANDS[band]):02}% of the height"
    file = Path(f"{index:03}.png")
    return NumberPhoto(file, NAME, "validation", digit, digit, box=box, group=group), picture


def _printed(rng: random.Random, photo: Gray, block: TextMask) -> tuple[Gray, Box, float]:
    """The photo with the block somewhere on it as a camera gives it, the digit's box, and how many greys the ink
    differs in the end from what is right beside it."""
    canvas = photo.astype(np.float32)
    h, w = block.mask.shape
    # A plaque or a shadow reaches over the digit.
    x = rng.uniform(block.height, photo.shape[1] - block.height - w)
    y = rng.uniform(block.height, photo.shape[0] - block.height - h)
    behind = float(canvas[int(y) : int(y) + h, int(x) : int(x) + w].mean())
    patch = paint(rng, block, behind=behind, contrast_min=_CONTRAST)
    tall, wide = patch.layers.shape[:2]
    matrix = np.eye(3)
    matrix[:2] = cv2.getRotationMatrix2D((wide / 2, tall / 2), rng.uniform(-6, 6), 1.0)
    matrix[:2, 2] += (x - (wide - w) / 2, y - (tall - h) / 2)
    lay(canvas, patch, matrix)
    _, (left, top, right, bottom) = seen_spots(patch, matrix)[0]
    picture = take_photo(
        rng, np.clip(canvas, 0, 255).astype(np.uint8), finest=bottom - top, strength=0.5, gentle=True
    )
    mask = np.pad(block.mask, ((tall - h) // 2, (wide - w) // 2))
    ink = np.asarray(cv2.warpPerspective(mask, matrix, photo.shape[::-1]))
    near = np.asarray(cv2.dilate(ink, np.ones((5, 5), np.uint8)))
    inside, beside = picture[ink > 200], picture[(near > 128) & (ink < 32)]
    contrast = abs(float(inside.mean()) - float(beside.mean())) if inside.size and beside.size else 0.0
    return picture, Box(left, top, right - left, bottom - top), contrast


def _busiest(grounds: list[Gray], count: int) -> list[Gray]:
    """The photos with most edges, the busiest first; some come again where there are too few."""
    order = sorted(range(len(grounds)), key=lambda i: (-_busyness(grounds[i]), i))
    return [grounds[order[i % len(order)]] for i in range(count)]


def _busyness(gray: Gray) -> float:
    """Mean slope of the greys, of a photo of one common height."""
    width = max(round(gray.shape[1] * 240 / gray.shape[0]), 1)
    small = cv2.resize(gray, (width, 240), interpolation=cv2.INTER_AREA).astype(np.float32)
    return float(np.abs(np.diff(small, axis=0)).mean() + np.abs(np.diff(small, axis=1)).mean())
