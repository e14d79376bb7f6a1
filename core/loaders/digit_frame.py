"""Every source's digits in one common frame: 64x64, the digit in the middle at one size.

The middle NOMINAL x NOMINAL pixels are what a network sees un-augmented; the digit's longer side spans
INK_SHARE of those. What lies around is surroundings (photos) or empty (ink).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from core.base.opencv import cv2
from core.reading.crops import crop_box
from core.reading.types import INK_SHARE, Box

SOURCE_SIZE = 64
NOMINAL = 40

DIGIT_SIDE = INK_SHARE * NOMINAL

Image = npt.NDArray[np.uint8]


def resize_square(square: Image) -> Image:
    """A square picture at the sources' size: area-averaged when it shrinks, cubic when it grows."""
    if square.shape[0] == SOURCE_SIZE:
        return square
    how = cv2.INTER_AREA if square.shape[0] > SOURCE_SIZE else cv2.INTER_CUBIC
    size = (SOURCE_SIZE, SOURCE_SIZE)
    return np.asarray(cv2.resize(np.ascontiguousarray(square), size, interpolation=how), np.uint8)


def frame_ink(ink: Image, *, scale: float | None = None) -> Image:
    """Ink coverage (H,W), 255 on 0, cropped to its ink and framed (64,64).

    scale: how many pixels of the frame one pixel of `ink` becomes; without it the ink's longer side spans
    DIGIT_SIDE. Empty ink gives an empty frame.
    """
    x, y, width, height = cv2.boundingRect((ink > 32).view(np.uint8))
    if width == 0:
        return np.zeros((SOURCE_SIZE, SOURCE_SIZE), np.uint8)
    # A pixel more on each side keeps the faint edge of the ink.
    left, top = max(x - 1, 0), max(y - 1, 0)
    right, bottom = min(x + width + 1, ink.shape[1]), min(y + height + 1, ink.shape[0])
    crop = ink[top:bottom, left:right]
    side = round(SOURCE_SIZE / scale if scale else max(width, height) * SOURCE_SIZE / DIGIT_SIDE)
    side = max(side, *crop.shape)
    square = np.zeros((side, side), np.uint8)
    row = min(max(round((side - height) / 2) - (y - top), 0), side - crop.shape[0])
    column = min(max(round((side - width) / 2) - (x - left), 0), side - crop.shape[1])
    square[row : row + crop.shape[0], column : column + crop.shape[1]] = crop
    return resize_square(square)


def cut_digit(gray: Image, box: Box) -> Image:
    """The digit in `box` (pixels of `gray`) with its surroundings, (64,64): as live reading cuts it, zoomed out.

    The longer side of the box spans DIGIT_SIDE. Raises InputError where the box lies outside the photo.
    """
    return crop_box(gray, box, SOURCE_SIZE, zoom_out=SOURCE_SIZE / NOMINAL)


def cut_square(gray: Image, left: int, top: int, side: int) -> Image:
    """A square of a photo (H,W); what lies outside the photo repeats its edge."""
    rows = np.clip(np.arange(top, top + side), 0, gray.shape[0] - 1)
    columns = np.clip(np.arange(left, left + side), 0, gray.shape[1] - 1)
    return np.ascontiguousarray(gray[np.ix_(rows, columns)])
