"""Tells digits from the symbols that some fonts draw in their places.

Every glyph is compared with prototypes of the ten digits (`font_shapes.csv`: k-means centres over some 700
families, whose sheets were looked at). In lettering, however fancy, most digits are nearest to a prototype of
their own; symbols are near to any.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from core.base.opencv import cv2
from core.loaders.digit_frame import Image

ENOUGH = 5
"""Of ten digits so many have to look like themselves."""

_SIDE = 14
_BRUSH = np.ones((5, 5), np.uint8)
_BLUR = np.exp(-0.5 * (np.subtract.outer(np.arange(_SIDE), np.arange(_SIDE)) / 0.7) ** 2).astype(np.float32)

Shapes = npt.NDArray[np.float32]


def looks_like_digits(digits: Image) -> bool:
    """Whether framed glyphs (10,64,64), 0 to 9 in order, are lettering."""
    return count_alike(digits) >= ENOUGH


def count_alike(digits: Image) -> int:
    """How many of the framed glyphs (10,64,64) are nearest to a prototype of their own digit, 0 to 10."""
    labels, framed, filled = _prototypes()
    own = np.zeros(10, bool)
    for signatures, prototypes in ((framed_signatures(digits), framed), (filled_signatures(digits), filled)):
        own |= labels[np.argmax(signatures @ prototypes.T, axis=1)] == np.arange(10)
    return int(own.sum())


def framed_signatures(digits: Image) -> Shapes:
    """Normalised coarse pictures (N,196) of framed glyphs (N,64,64) as they are."""
    return _signatures([d[14:50, 14:50] for d in digits])


def filled_signatures(digits: Image) -> Shapes:
    """The same of glyphs stretched to a square and with outlines filled: narrow, hollow ones become alike."""
    return _signatures([_stretch(d) for d in digits])


def _stretch(digit: Image) -> Image:
    x, y, width, height = cv2.boundingRect(digit)
    if width == 0:
        return digit
    # A 1 is narrow by nature: stretched without limit, it would be a blob.
    edge = max(0, height * 2 // 5 - width) // 2
    crop = cv2.copyMakeBorder(digit[y : y + height, x : x + width], 0, 0, edge, edge, cv2.BORDER_CONSTANT)
    large = cv2.resize(crop, (42, 42), interpolation=cv2.INTER_LINEAR)
    return np.asarray(cv2.morphologyEx(large, cv2.MORPH_CLOSE, _BRUSH), np.uint8)


def _signatures(pictures: list[Image]) -> Shapes:
    small = [cv2.resize(picture, (_SIDE, _SIDE), interpolation=cv2.INTER_AREA) for picture in pictures]
    blurred = _BLUR @ np.stack(small).astype(np.float32) @ _BLUR.T
    return _normalised(blurred.reshape(len(pictures), -1))


def _normalised(flat: Shapes) -> Shapes:
    flat = flat - flat.mean(axis=1, keepdims=True)
    return np.asarray(flat / (np.linalg.norm(flat, axis=1, keepdims=True) + 1e-6), np.float32)


@cache
def _prototypes() -> tuple[npt.NDArray[np.int64], Shapes, Shapes]:
    """labels (K,), framed (K,196), filled (K,196)."""
    rows = [
        line.split(",") for line in (Path(__file__).parent / "font_shapes.csv").read_text("ascii").split()[1:]
    ]
    labels = np.array([int(row[0]) for row in rows])
    return labels, _read_column(rows, 1), _read_column(rows, 2)


def _read_column(rows: list[list[str]], column: int) -> Shapes:
    pictures = np.stack([np.frombuffer(bytes.fromhex(row[column]), np.uint8) for row in rows])
    return _normalised(pictures.astype(np.float32))
