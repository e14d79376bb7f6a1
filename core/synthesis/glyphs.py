"""Characters ready to be set: the ink of fonts and handwriting, kept in flat arrays that processes can share."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from core.base.opencv import cv2
from core.loaders import starter
from core.loaders.cache import Arrays, cached, content_key, stat_key
from core.loaders.font_files import Face, faces_of, font_files
from core.loaders.font_filter import looks_like_digits
from core.loaders.fonts import is_dev
from core.loaders.glyphs import draw_digits, open_face

DIGITS = "0123456789"
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
MARKS = "-./&'#°:"
CHARACTERS = DIGITS + LETTERS + MARKS

MASTER = 56
"""Height, pixels, at which the tallest digit of a font is kept."""

VERSION = 2


@dataclass(frozen=True)
class Glyph:
    """One character's ink. ink: uint8 (h,w), 255 on 0, no empty border. left, top: of the ink, from the pen
    position and the baseline (up is negative). advance: to the next pen position. All in master pixels."""

    ink: npt.NDArray[np.uint8]
    left: int
    top: int
    advance: int


@dataclass(frozen=True)
class Glyphs:
    """The characters of F fonts.

    pixels: uint8, all inks one after another. facts: int32 (F,K,6): where the ink starts in `pixels`, h, w,
    left, top, advance; h = 0 where the font lacks the character.
    """

    pixels: npt.NDArray[np.uint8]
    facts: npt.NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.facts)

    def has(self, font: int, text: str) -> bool:
        """Whether a font has all characters of a text (spaces aside)."""
        return all(
            c == " " or (c in CHARACTERS and self.facts[font, CHARACTERS.index(c), 1] > 0) for c in text
        )

    def glyph(self, font: int, character: str) -> Glyph:
        """One character of a font that has it."""
        start, h, w, left, top, advance = (int(v) for v in self.facts[font, CHARACTERS.index(character)])
        assert h > 0, f"font {font} has no {character!r}"
        return Glyph(self.pixels[start : start + h * w].reshape(h, w), left, top, advance)


@dataclass(frozen=True)
class Handwriting:
    """Single written digits. images: uint8 (N,64,64) ink 255 on 0; labels: (N,)."""

    images: npt.NDArray[np.uint8]
    by_digit: tuple[npt.NDArray[np.int64], ...]

    @classmethod
    def of(cls, images: npt.NDArray[np.uint8], labels: npt.NDArray[np.int64]) -> Handwriting:
        return cls(images, tuple(np.flatnonzero(labels == d) for d in range(10)))

    def glyph(self, digit: int, chance: float) -> Glyph:
        """A drawing of a digit, chosen by `chance` in 0..1, as a glyph of MASTER height or less."""
        rows = self.by_digit[digit]
        image = self.images[int(rows[min(int(chance * len(rows)), len(rows) - 1)])]
        return _from_frame(image)


def _from_frame(image: npt.NDArray[np.uint8]) -> Glyph:
    x, y, w, h = cv2.boundingRect(np.ascontiguousarray((image > 64).view(np.uint8)))
    if w == 0:
        x, y, w, h = 30, 30, 2, 2
    gap = max(2, round(0.12 * MASTER))
    scale = MASTER / max(w, h)
    size = (max(1, round(w * scale)), max(1, round(h * scale)))
    ink = cv2.resize(image[y : y + h, x : x + w], size, interpolation=cv2.INTER_LINEAR)
    # What is low and wide (a dash of a 1 written lying down) stands in the middle of the line.
    top = -size[1] - (MASTER - size[1]) // 2
    return Glyph(np.asarray(ink), gap // 2, top, size[0] + gap)


def no_glyphs() -> Glyphs:
    """No fonts at all."""
    return Glyphs(np.zeros(0, np.uint8), np.zeros((0, len(CHARACTERS), 6), np.int32))


def glyphs_of(fonts: Sequence[Mapping[str, Glyph]]) -> Glyphs:
    """The characters of some fonts, each by itself, in flat arrays."""
    pixels: list[npt.NDArray[np.uint8]] = []
    facts = np.zeros((len(fonts), len(CHARACTERS), 6), np.int32)
    start = 0
    for f, font in enumerate(fonts):
        for character, glyph in font.items():
            place = (start, *glyph.ink.shape, glyph.left, glyph.top, glyph.advance)
            facts[f, CHARACTERS.index(character)] = place
            pixels.append(glyph.ink.ravel())
            start += glyph.ink.size
    return Glyphs(np.concatenate(pixels) if pixels else np.zeros(0, np.uint8), facts)


def font_glyphs(cache: Path, split: str, *, limit: int) -> Glyphs:
    """The characters of up to `limit` fonts, at most four faces of an installed family; cached.

    The shipped fonts stand beside the installed ones, but for families that are installed. One family of ten is kept
    out of training; `split` “dev” has those.
    """
    files = font_files()
    shipped = content_key([starter.GLYPHS] if starter.GLYPHS.exists() else [])
    key = stat_key(files, "scene glyphs", VERSION, MASTER, CHARACTERS, split, limit, shipped)
    return Glyphs(**cached(cache, f"scene-glyphs-{split}", key, lambda: _build(files, split, limit)))


def _build(files: Sequence[Path], split: str, limit: int) -> Arrays:
    faces: dict[str, list[Face]] = {}
    for path in files:
        for face in faces_of(path):
            if is_dev(face.family) == (split == "dev"):
                faces.setdefault(face.family, []).append(face)
    fonts = _shipped_glyphs(split, faces)[:limit]
    # One face of each family comes before the second of any: the more families, the better.
    chosen: list[Face] = []
    for turn in range(4):
        for family in sorted(faces, key=lambda name: zlib.crc32(name.encode())):
            ordered = sorted(faces[family], key=lambda f: (_plainness(f.style), f.style, str(f.path)))
            if turn < len(ordered):
                chosen.append(ordered[turn])
    for face in chosen:
        if len(fonts) == limit:
            break
        drawn = draw_face(face)
        if drawn is not None:
            fonts.append(drawn)
    made = glyphs_of(fonts)
    return {"pixels": made.pixels, "facts": made.facts}


def _shipped_glyphs(split: str, installed: Iterable[str]) -> list[dict[str, Glyph]]:
    """The shipped fonts of a split whose families are not installed."""
    shipped = starter.read_fonts()
    fonts = []
    for i in shipped.beside(installed):
        if is_dev(shipped.families[i]) != (split == "dev"):
            continue
        glyphs = {}
        for k, character in enumerate(shipped.characters):
            ink = shipped.ink(i, character)
            if ink is not None and character in CHARACTERS:
                left, top, advance = (int(v) for v in shipped.facts[i, k, 3:])
                glyphs[character] = Glyph(ink, left, top, advance)
        fonts.append(glyphs)
    return fonts


def family_glyphs(family: str, style: str) -> Glyphs:
    """One installed face; no fonts where it is not installed or has no digits."""
    for path in font_files():
        # Names of files hold names of families: the other thousand files need not be opened.
        if family.split()[0].lower() in path.name.lower():
            for face in faces_of(path):
                if (face.family, face.style) == (family, style):
                    drawn = draw_face(face)
                    if drawn is not None:
                        return glyphs_of([drawn])
    return no_glyphs()


def _plainness(style: str) -> int:
    order = ("regular", "bold", "condensed", "italic")
    low = style.lower()
    return next((i for i, word in enumerate(order) if low == word), len(order))


def draw_face(face: Face, characters: str = CHARACTERS) -> dict[str, Glyph] | None:
    """Those of the characters that a face has, at MASTER height; None for a face whose digits are not lettering."""
    framed = draw_digits(face)
    if framed is None or not looks_like_digits(framed):
        return None
    weight = face.weights[zlib.crc32(str(face.path).encode()) % len(face.weights)] if face.weights else None
    try:
        trial = open_face(face, 100, weight)
        heights = [trial.getbbox(d)[3] - trial.getbbox(d)[1] for d in DIGITS]
        size = round(100 * MASTER / max(max(heights), 1))
        if not 20 <= size <= 400:
            return None
        font = open_face(face, size, weight)
        missing = font.getmask("\uffff", mode="L")
        drawn = {c: _draw(font, c, bytes(missing)) for c in characters}
    except (OSError, ValueError, OverflowError):
        return None
    glyphs = {c: glyph for c, glyph in drawn.items() if glyph is not None}
    return glyphs if all(d in glyphs for d in DIGITS) else None


def _draw(font: object, character: str, missing: bytes) -> Glyph | None:
    mask, (left, top) = font.getmask2(character, mode="L", anchor="ls")  # type: ignore[attr-defined]
    w, h = mask.size
    if w == 0 or h == 0 or w > 5 * MASTER or h > 3 * MASTER:
        return None
    if not character.isdigit() and bytes(mask) == missing:
        return None
    ink = np.frombuffer(bytes(mask), np.uint8).reshape(h, w)
    if ink.max() < 128:
        return None
    advance = round(font.getlength(character))  # type: ignore[attr-defined]
    rows, columns = np.flatnonzero((ink > 64).any(1)), np.flatnonzero((ink > 64).any(0))
    ink = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return Glyph(np.ascontiguousarray(ink), int(left + columns[0]), int(top + rows[0]), max(advance, 1))
