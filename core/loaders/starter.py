"""The starter set that ships with the program: a part of MNIST, and characters of freely licensed fonts.

`assets/starter` holds it, with the names and licences of what is in it; `python -m core.tools.make_starter_set` makes
it. A machine with nothing else learns from it; where the full sets are, they take over.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from assets import STARTER
from core.base.errors import DataError
from core.base.opencv import cv2
from core.loaders.digit_frame import SOURCE_SIZE, Image, frame_ink
from core.loaders.formats import read_npz

MNIST_PART = STARTER / "mnist_part.npz"
"""images: uint8 (N,28,28), light on black. labels: uint8 (N,). split: uint8 (N,), a place in SPLITS."""
GLYPHS = STARTER / "glyphs.npz"
"""See `StarterFonts`; pixels in 16 levels of grey, which pack better."""

SPLITS = ("train", "dev", "test")
DIGITS = "0123456789"
LARGE, SMALL = 56, (14, 26)
"""Heights, pixels, at which a digit is drawn for the source “fonts”: as it is kept, and a small one, coarse."""


@dataclass(frozen=True)
class StarterFonts:
    """The characters of F fonts, the tallest digit of each 56 pixels high.

    characters: those kept, in the order of `facts`. families, styles: of each font. pixels: uint8, all inks (255 on 0)
    one after another. facts: int32 (F,K,6): where the ink starts in `pixels`, height, width, left and top from the pen
    position and the base line (up is negative), advance; height 0 where the font lacks the character.
    """

    characters: str
    families: tuple[str, ...]
    styles: tuple[str, ...]
    pixels: npt.NDArray[np.uint8]
    facts: npt.NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.facts)

    def ink(self, font: int, character: str) -> Image | None:
        """The ink (h,w) of a character; None where the font lacks it."""
        at = self.characters.find(character)
        if at < 0 or self.facts[font, at, 1] == 0:
            return None
        start, h, w = (int(v) for v in self.facts[font, at, :3])
        return self.pixels[start : start + h * w].reshape(h, w)

    def beside(self, installed: Iterable[str]) -> list[int]:
        """The fonts whose family is not installed: those that are give more sizes and weights."""
        known = {name.casefold() for name in installed}
        return [i for i, family in enumerate(self.families) if family.casefold() not in known]


def read_fonts() -> StarterFonts:
    """The shipped fonts; empty if their file is missing. Raises DataError if it is damaged."""
    if not GLYPHS.exists():
        return StarterFonts("", (), (), np.zeros(0, np.uint8), np.zeros((0, 0, 6), np.int32))
    found = read_npz(GLYPHS, "characters", "families", "styles", "pixels", "facts")
    return StarterFonts(
        str(found["characters"]),
        tuple(map(str, found["families"])),
        tuple(map(str, found["styles"])),
        found["pixels"],
        found["facts"].astype(np.int32),
    )


def framed_digits(fonts: StarterFonts, font: int) -> list[Image]:
    """The ten digits of a font, framed, uint8 (10,64,64): once as kept, once drawn small."""
    inks = [ink for digit in DIGITS if (ink := fonts.ink(font, digit)) is not None]
    if len(inks) < len(DIGITS):
        return []
    low, high = SMALL
    height = low + sum(map(ord, fonts.families[font])) % (high - low + 1)
    return [np.stack([frame_ink(shrunk(ink, height / LARGE)) for ink in inks]) for height in (LARGE, height)]


def shrunk(ink: Image, factor: float) -> Image:
    """Ink at another size, with an empty pixel around it."""
    if factor < 1:
        size = (max(1, round(ink.shape[1] * factor)), max(1, round(ink.shape[0] * factor)))
        ink = np.asarray(cv2.resize(ink, size, interpolation=cv2.INTER_AREA), np.uint8)
    return np.pad(ink, 1)


def no_digits() -> Image:
    """The drawings of no font: uint8 (0,10,64,64)."""
    return np.zeros((0, len(DIGITS), SOURCE_SIZE, SOURCE_SIZE), np.uint8)


def mnist_part(path: Path, split: str) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64]]:
    """The shipped pictures (N,28,28) and labels (N,) of a split. Raises DataError where the file is damaged."""
    found = read_npz(path, "images", "labels", "split")
    images, labels = found["images"], found["labels"].astype(np.int64)
    if images.shape != (len(labels), 28, 28) or found["split"].shape != labels.shape:
        raise DataError(f"{path} is damaged: its images and labels do not add up.")
    kept = found["split"] == SPLITS.index(split)
    return images[kept], labels[kept]
