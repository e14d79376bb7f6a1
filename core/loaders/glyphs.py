"""Draws characters of a face as framed ink."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image as PillowImage
from PIL import ImageDraw, ImageFont

from core.loaders.digit_frame import SOURCE_SIZE, frame_ink
from core.loaders.font_files import Face

LARGE = 64
"""Font size, pixels, at which a shape is drawn before it is scaled down."""

_CELL = 3
"""Every character is drawn into a cell of so many font sizes; one that does not fit is an ornament."""


def open_face(face: Face, size: int, weight: float | None = None) -> ImageFont.FreeTypeFont:
    """The face at a size in pixels. Raises OSError where FreeType cannot use it."""
    font = ImageFont.truetype(str(face.path), size, index=face.index, layout_engine=ImageFont.Layout.BASIC)
    if weight is not None:
        values = []
        for axis in font.get_variation_axes():
            is_weight = b"eight" in axis["name"] or axis["name"] == b"wght"
            values.append(weight if is_weight else float(axis["default"] or 0))
        font.set_variation_by_axes(values)
    return font


def draw_characters(font: ImageFont.FreeTypeFont, texts: Sequence[str]) -> list[NDArray[np.uint8] | None]:
    """Ink coverage of each (side,side) uint8, side being three font sizes; None where there is no ink."""
    # Measuring a character costs FreeType as much as drawing it, so all share one large sheet.
    side = round(_CELL * font.size)
    sheet = PillowImage.new("L", (side * len(texts), side))
    draw = ImageDraw.Draw(sheet)
    for i, text in enumerate(texts):
        draw.text((side * i + side // 3, side // 3), text, fill=255, font=font)
    ink = np.asarray(sheet)
    cells = [ink[:, side * i : side * (i + 1)] for i in range(len(texts))]
    return [cell if _is_drawn(cell) else None for cell in cells]


def _is_drawn(cell: NDArray[np.uint8]) -> bool:
    spills = cell[0].any() or cell[-1].any() or cell[:, 0].any() or cell[:, -1].any()
    return not spills and int(cell.max()) > 128


def draw_digits(face: Face, *, size: int = LARGE, weight: float | None = None) -> NDArray[np.uint8] | None:
    """The ten digits, each framed by itself: uint8 (10,64,64). None where one has no ink or can't be drawn."""
    try:
        font = open_face(face, size, weight)
        inks = draw_characters(font, "0123456789")
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
