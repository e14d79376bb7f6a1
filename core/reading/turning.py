"""Pictures that stand on their side or head: turned, and their readings turned back."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from core.base.opencv import cv2
from core.reading.types import Box, Number, Reading

CLEARLY = 1.5
"""By how much stronger the reading of a turned picture is before it is believed; see `strength`."""
DOUBTFUL = 0.3
"""How much stronger a turned reading must be for the upright one to count as not sure."""
AT_LEAST = 2.9
"""The strength of a reading that is believed of a turned picture; pictures are upright nearly always."""
BEYOND_DOUBT = 4.5
"""The strength from which a picture is taken to stand upright."""
LARGEST = 1600
"""Longer side, in pixels, at which large pictures are looked at from the other sides."""
TURNED_DIGITS = 3
"""Least digits of a number that counts as evidence of a turned picture: upside-down words look like shorter ones."""
EACH_DIGIT = 0.4
"""What each further digit of a number adds to the strength of its reading: long ones are seldom read by chance."""


def turn(gray: npt.NDArray[np.uint8], quarters: int) -> npt.NDArray[np.uint8]:
    """The picture turned clockwise by so many quarters."""
    return np.ascontiguousarray(np.rot90(gray, -quarters))


def shrunk(gray: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """The picture, not larger than LARGEST."""
    zoom = LARGEST / max(gray.shape)
    if zoom >= 1:
        return gray
    return np.asarray(cv2.resize(gray, None, fx=zoom, fy=zoom, interpolation=cv2.INTER_AREA), np.uint8)


def strength(reading: Reading) -> float:
    """How strongly a reading says that there is writing: of its surest number of several digits the logarithm of the
    odds, and something for its length. One digit is no evidence of which way is up."""
    return max((_of_number(n) for n in reading.numbers if len(n.digits) > 1), default=0.0)


def _of_number(number: Number) -> float:
    confidence = min(max(number.confidence, 1e-3), 1 - 1e-3)
    return math.log(confidence / (1 - confidence)) + EACH_DIGIT * (min(len(number.digits), 8) - 1)


def is_clearly_better(turned: Reading, upright: Reading) -> bool:
    """Whether the reading of the turned picture is the one to believe."""
    return _is_long(turned) and strength(turned) >= max(strength(upright) + CLEARLY, AT_LEAST)


def is_doubtful(upright: Reading, turned: Reading) -> bool:
    """Whether a turned picture says more, though not enough to be believed."""
    return _is_long(turned) and strength(turned) >= max(strength(upright) + DOUBTFUL, AT_LEAST)


def _is_long(reading: Reading) -> bool:
    return any(len(n.digits) >= TURNED_DIGITS for n in reading.numbers)


def as_unsure(reading: Reading) -> Reading:
    """The reading with all its numbers as not sure."""
    return replace(reading, numbers=(), maybe=(*reading.numbers, *reading.maybe))


def turned_back(reading: Reading, quarters: int, shape: tuple[int, ...]) -> Reading:
    """The reading of a picture that was turned by `turn`, with boxes where they are in the picture itself.

    shape: of the picture, (H, W).
    """
    if quarters % 4 == 0:
        return reading
    h, w = shape

    def box(of: Box) -> Box:
        if quarters % 4 == 2:
            return Box(w - of.x - of.w, h - of.y - of.h, of.w, of.h)
        if quarters % 4 == 1:  # turned clockwise: its left side is the picture's bottom
            return Box(of.y, h - of.x - of.w, of.h, of.w)
        return Box(w - of.y - of.h, of.x, of.h, of.w)

    return reading.with_boxes(box)
