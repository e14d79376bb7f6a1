"""Draws characters of a face as framed ink. No torch, no Qt."""

from __future__ import annotations

import zlib

import numpy as np
from PIL import Image as PillowImage
from PIL import ImageDraw, ImageFont

from core.data.font_files import Face
from core.data.framing import SOURCE_SIZE, frame_ink

LARGE = 76
"""Font size, pixels, at which a shape is drawn before it is scaled down."""

_LARGEST_GLYPH = 6
"""A glyph wider or taller than so many font sizes is an ornament."""


def open_face(face: Face, size: int, weight: float | None = None) -> ImageFont.FreeTypeFont:
    """The face at a size in pixels. Raises OSError where FreeType cannot use it."""
    font = ImageFont.truetype(str(face.path), size, index=face.index, layout_engine=ImageFont.Layout.BASIC)
    if weight is not None:
        axes = font.get_variation_axes()
        values = [weight if b"eight" in axis["name"] or axis["name"] == b"wght" else axis["default"] for axis in axes]
        font.set_variation_by_axes(values)
    return font


def draw_character(font: ImageFont.FreeTypeFont, text: str) -> np.ndarray | None:
    """Ink coverage (H,W) uint8 with a border of a pixel or more; None where there is no ink."""
    left, top, right, bottom = (int(v) for v in font.getbbox(text))
    width, height = right - left, bottom - top
    limit = _LARGEST_GLYPH * font.size
    if not (0 < width <= limit and 0 < height <= limit):
        return None
    image = PillowImage.new("L", (width + 4, height + 4))
    ImageDraw.Draw(image).text((2 - left, 2 - top), text, fill=255, font=font)
    ink = np.asarray(image)
    return ink if ink.max(initial=0) > 128 else None


def draw_digits(face: Face, *, size: int = LARGE, weight: float | None = None) -> np.ndarray | None:
    """The ten digits, each framed by itself: uint8 (10,64,64). None where one has no ink or can't be drawn."""
    try:
        font = open_face(face, size, weight)
        inks = [draw_character(font, str(d)) for d in range(10)]
    except (OSError, ValueError, OverflowError):
        return None
    framed = np.empty((10, SOURCE_SIZE, SOURCE_SIZE), np.uint8)
    for digit, ink in enumerate(inks):
        if ink is None:
            return None
        framed[digit] = frame_ink(ink)
    return framed


def small_size(face: Face) -> int:
    """A size of 14 to 26 pixels for a face, always the same: hinting and coarse pixels change shapes there."""
    return 14 + zlib.crc32(f"{face.family}/{face.style}".encode()) % 13
