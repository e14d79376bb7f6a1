"""What made scenes look like, for the recipe `detector`. No torch, no Qt."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from core.errors import InputError

LETTER = 10
"""Label of a letter or another mark that is no digit."""

IGNORED = 11
"""Label of something that is neither shown to be there nor not to be: cut off, too small, too large."""


@dataclass(frozen=True)
class Scenes:
    """Made number photos: sizes, layouts, faults. Shares are 0 to 1.

    size: side of a scene, pixels; a multiple of 16. smallest, largest: heights of digits that the detector is
    taught at one scale, pixels; others are found at other levels of the pyramid. fonts: at most so many faces.
    empty: share of made scenes without any number. words: share of numbers with words beside them.
    handwritten: share of numbers written by hand. vertical: share of numbers set from top to bottom. tilt:
    largest turn either way, degrees. perspective: near edge longer by up to this share. contrast_min: smallest
    difference of ink and ground, of the full range. faults: how strong blur, noise, JPEG and bad light are.
    """

    size: int = 192
    smallest: float = 9.0
    largest: float = 60.0
    fonts: int = 900
    empty: float = 0.15
    words: float = 0.3
    handwritten: float = 0.12
    vertical: float = 0.1
    tilt: float = 25.0
    perspective: float = 0.25
    contrast_min: float = 0.1
    faults: float = 1.0

    def __post_init__(self) -> None:
        for f in dataclasses.fields(self):
            value = getattr(self, f.name)
            if value != value or value < 0:
                raise InputError(f"scenes.{f.name}: {value:g} is not a number of 0 or more.")
        for name in ("empty", "words", "handwritten", "vertical", "contrast_min"):
            if getattr(self, name) > 1:
                raise InputError(f"scenes.{name}: {getattr(self, name):g} is more than 1.")
        if self.size % 16 or not 64 <= self.size <= 640:
            raise InputError(f"scenes.size: {self.size} is not a multiple of 16 from 64 to 640.")
        if not 6 <= self.smallest < self.largest <= self.size / 2:
            raise InputError("scenes.smallest: heights go from 6 pixels to half a scene, the smallest first.")
        if self.fonts < 1:
            raise InputError("scenes.fonts: at least one font is needed.")
        if self.tilt > 45 or self.perspective > 0.5 or self.faults > 3:
            raise InputError("scenes: tilt goes to 45, perspective to 0.5, faults to 3.")
