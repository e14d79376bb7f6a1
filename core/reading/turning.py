"""Pictures that stand on their side or head: turned, and their readings turned back."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from core.reading.types import Box, Digit, Number, Reading

BETTER = 1.6
"""How many times as much as upright a turned picture has to say before it is believed."""
AT_LEAST = 1.2
"""... and how much at least, in digits times confidence: one digit says nothing of where up is."""


def turn(gray: npt.NDArray[np.uint8], quarters: int) -> npt.NDArray[np.uint8]:
    """The picture turned clockwise by so many quarters."""
    return np.ascontiguousarray(np.rot90(gray, -quarters))


def worth(reading: Reading) -> float:
    """How much a reading says: its sure digits. A long number that is sure counts for more than several short ones."""
    return sum(len(n.digits) ** 1.5 * n.confidence**2 for n in reading.numbers)


def is_clearly_better(turned: Reading, upright: Reading) -> bool:
    """Whether the reading of the turned picture is the one to believe."""
    long = any(len(n.digits) > 1 for n in turned.numbers)
    return long and worth(turned) >= max(BETTER * worth(upright), AT_LEAST)


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

    def digit(of: Digit) -> Digit:
        return replace(of, box=box(of.box))

    def number(of: Number) -> Number:
        return replace(of, digits=tuple(digit(d) for d in of.digits), box=box(of.box))

    return replace(
        reading,
        numbers=tuple(number(n) for n in reading.numbers),
        maybe=tuple(number(n) for n in reading.maybe),
        rejected=tuple(digit(d) for d in reading.rejected),
    )
