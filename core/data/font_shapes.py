"""Tells digits from the symbols that some fonts draw in their places. No torch, no Qt.

Every glyph is compared with prototypes of the ten digits (`font_shapes.csv`: k-means centres over some 700
families, whose sheets were looked at). In lettering, however fancy, most digits are nearest to a prototype of
their own; symbols are near to any.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from core.data.framing import Image
from core.opencv import cv2

ENOUGH = 5
"""Of ten digits so many have to look like themselves."""

_SIDE = 14

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
    return _normalised([_shrink(d[14:50, 14:50]) for d in digits])


def filled_signatures(digits: Image) -> Shapes:
    """The same of glyphs stretched to fill a square, with outlines filled: narrow and hollow ones become alike."""
    return _normalised([_shrink(_stretch(d)) for d in digits])


def _stretch(digit: Image) -> Image:
    x, y, width, height = cv2.boundingRect((digit > 32).astype(np.uint8))
    if width == 0:
        return digit
    # A 1 is narrow by nature: stretched without limit, it would be a blob.
    half = max(width, height * 2 // 5)
    crop = cv2.copyMakeBorder(digit[y : y + height, x : x + width], 0, 0, (half - width) // 2, (half - width) // 2, 0)
    large = cv2.resize(crop, (40, 40), interpolation=cv2.INTER_LINEAR)
    closed = cv2.morphologyEx(large, cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))
    return np.asarray(closed, np.uint8)


def _shrink(image: Image) -> Image:
    blurred = cv2.GaussianBlur(image, (0, 0), 1.2)
    return np.asarray(cv2.resize(blurred, (_SIDE, _SIDE), interpolation=cv2.INTER_AREA), np.uint8)


def _normalised(pictures: list[Image]) -> Shapes:
    flat = np.stack(pictures).reshape(len(pictures), -1).astype(np.float32)
    flat -= flat.mean(axis=1, keepdims=True)
    return np.asarray(flat / (np.linalg.norm(flat, axis=1, keepdims=True) + 1e-6), np.float32)


@cache
def _prototypes() -> tuple[npt.NDArray[np.int64], Shapes, Shapes]:
    """labels (K,), framed (K,196), filled (K,196)."""
    rows = [line.split(",") for line in (Path(__file__).parent / "font_shapes.csv").read_text("ascii").split()[1:]]
    labels = np.array([int(row[0]) for row in rows])
    kinds = (_normalised([np.frombuffer(bytes.fromhex(row[i]), np.uint8) for row in rows]) for i in (1, 2))
    return labels, *kinds
