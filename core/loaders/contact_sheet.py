"""Labelled contact sheets of digits."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from core.base.errors import FailureError, InputError
from core.base.files import written_aside
from core.reading.types import NOT_A_DIGIT

_CELL = 64
_CAPTION = 16
_GAP = 4
_GROUND, _TEXT = 40, 235


def caption(label: int) -> str:
    """A label in words: the digit, or “none”."""
    return "none" if label == NOT_A_DIGIT else str(label)


def contact_sheet(images: NDArray[np.uint8], captions: Sequence[str], *, columns: int = 16) -> Image.Image:
    """Images uint8 (N,H,W), N at least 1, enlarged to whole cells with a caption under each."""
    assert len(images) == len(captions), "one caption an image"
    columns = min(columns, len(images))
    rows = -(-len(images) // columns)
    width, height = _CELL + _GAP, _CELL + _CAPTION + _GAP
    sheet = Image.new("L", (columns * width + _GAP, rows * height + _GAP), _GROUND)
    draw = ImageDraw.Draw(sheet)
    font = ImageFont.load_default(11)
    for i, (image, text) in enumerate(zip(images, captions, strict=True)):
        x, y = _GAP + (i % columns) * width, _GAP + (i // columns) * height
        # Nearest: pixels are to be seen as the network sees them.
        sheet.paste(Image.fromarray(image).resize((_CELL, _CELL), Image.Resampling.NEAREST), (x, y))
        while font.getlength(text) > _CELL:
            text = text[:-1]
        draw.text((x + 1, y + _CELL + 1), text, fill=_TEXT, font=font)
    return sheet


def save_sheet(sheet: Image.Image, path: Path) -> None:
    """Write a sheet as the kind of picture that its name says.

    Raises InputError for an unknown kind, FailureError where the file can't be written.
    """
    kind = Image.registered_extensions().get(path.suffix.lower())
    if kind is None or kind not in Image.SAVE:
        raise InputError(f"{path}: images can't be written as “{path.suffix or path.name}”; use .png.")
    try:
        with written_aside(path) as file:
            sheet.save(file, kind)
    except OSError as error:
        raise FailureError(f"{path} can't be written: {error.strerror or error}.") from error
