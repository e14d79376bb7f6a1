"""Rows set in installed fonts and in those that ship with the program: masks of ink, 255 on 0."""

from __future__ import annotations

import random
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import ImageFont

from core.base.opencv import cv2
from core.loaders import starter
from core.loaders.font_files import Face, faces_of, font_files
from core.loaders.font_filter import looks_like_digits
from core.loaders.fonts import is_dev
from core.loaders.glyphs import draw_digits, open_face
from core.reading.types import Box

Mask = npt.NDArray[np.uint8]
_SIZE = 40
"""Height of a digit as it is drawn, pixels."""
_FACES_A_FAMILY = 6


@dataclass(frozen=True)
class SetRow:
    """mask: ink, 255 on 0. box: of the row of characters in it: from their tops to the base line."""

    mask: Mask
    box: Box


def chosen_faces(split: str, limit: int = 1500, files: Sequence[Path] | None = None) -> list[Face]:
    """Faces with digits that are lettering, at most six of a family; one family of ten is for dev and test alone."""
    families: dict[str, list[Face]] = {}
    for path in font_files() if files is None else files:
        for face in faces_of(path):
            if is_dev(face.family) == (split != "train"):
                families.setdefault(face.family, []).append(face)
    chosen = []
    for family in sorted(families):
        faces = sorted(families[family], key=lambda f: zlib.crc32(f"{f.style}/{f.path}".encode()))
        for face in faces[:_FACES_A_FAMILY]:
            digits = draw_digits(face)
            if digits is not None and looks_like_digits(digits):
                chosen.append(face)
    return [*shipped_faces(split, families), *chosen][:limit]


def shipped_faces(split: str, installed: Iterable[str]) -> list[Face]:
    """The shipped fonts of a split whose families are not installed. index: their place in the shipped file."""
    shipped = _shipped()
    kept = [i for i in shipped.beside(installed) if is_dev(shipped.families[i]) == (split != "train")]
    return [Face(starter.GLYPHS, i, shipped.families[i], shipped.styles[i]) for i in kept]


@lru_cache(maxsize=1)
def _shipped() -> starter.StarterFonts:
    return starter.read_fonts()


class _ShippedMask(bytes):
    """Ink as Pillow's fonts give it: bytes that know their width and height."""

    size: tuple[int, int]


class _ShippedFont:
    """One of the shipped fonts with the methods of Pillow's that `_set` needs, digits _SIZE pixels high."""

    def __init__(self, index: int) -> None:
        self._fonts, self._index = _shipped(), index
        self._scale = _SIZE / starter.LARGE

    def getmask2(self, character: str, **_: object) -> tuple[_ShippedMask, tuple[int, int]]:
        """The ink, and its left and top from the pen and the base line; empty ink for what the font lacks."""
        ink = self._fonts.ink(self._index, character)
        mask = _ShippedMask(b"" if ink is None else self._small(ink).tobytes())
        mask.size = (0, 0) if ink is None else self._small(ink).shape[1::-1]
        left, top, _advance = self._facts(character)
        return mask, (round(left * self._scale), round(top * self._scale))

    def getlength(self, character: str) -> float:
        """To the next pen position."""
        return self._facts(character)[2] * self._scale

    def _small(self, ink: Mask) -> Mask:
        size = (max(1, round(ink.shape[1] * self._scale)), max(1, round(ink.shape[0] * self._scale)))
        return np.asarray(cv2.resize(ink, size, interpolation=cv2.INTER_AREA), np.uint8)

    def _facts(self, character: str) -> tuple[int, int, int]:
        at = self._fonts.characters.find(character)
        left, top, advance = (0, 0, 0) if at < 0 else map(int, self._fonts.facts[self._index, at, 3:])
        return left, top, advance


@lru_cache(maxsize=400)
def _font(face: Face, weight: float | None) -> tuple[ImageFont.FreeTypeFont | _ShippedFont, bytes]:
    if face.path == starter.GLYPHS:
        return _ShippedFont(face.index), b""
    trial = open_face(face, 100, weight)
    heights = [trial.getbbox(d)[3] - trial.getbbox(d)[1] for d in "058"]
    size = round(100 * _SIZE / max(max(heights), 1))
    if not 10 <= size <= 300:
        raise ValueError("digits of an odd size")
    font = open_face(face, size, weight)
    return font, bytes(font.getmask("\uffff", mode="L"))


def set_row(rng: random.Random, face: Face, text: str) -> SetRow | None:
    """`text` in a face, as tight or as wide as signs have it. None where the face lacks a character."""
    weight = rng.uniform(face.weights[0], face.weights[-1]) if face.weights else None
    weight = None if weight is None else round(weight, -2)
    try:
        font, missing = _font(face, weight)
        return _set(rng, font, missing, text)
    except (OSError, ValueError, OverflowError, MemoryError):
        return None


def _set(
    rng: random.Random, font: ImageFont.FreeTypeFont | _ShippedFont, missing: bytes, text: str
) -> SetRow | None:
    kind = rng.random()
    tracking = rng.uniform(-0.02, 0.06)
    if kind < 0.15:
        tracking = rng.uniform(0.06, 0.4)
    elif kind < 0.28:
        tracking = rng.uniform(-0.09, -0.02)
    space = rng.uniform(0.28, 0.6) + max(0.0, tracking)
    uneven = rng.uniform(0.02, 0.1) if rng.random() < 0.12 else 0.0
    stencil = rng.random() < 0.06
    placed: list[tuple[Mask, int, int, bool]] = []
    pen = 0.0
    for character in text:
        if character == " ":
            pen += space * _SIZE
            continue
        mask, (left, top) = font.getmask2(character, mode="L", anchor="ls")
        w, h = mask.size
        if w == 0 or h == 0 or w > 6 * _SIZE or h > 4 * _SIZE:
            return None
        if not character.isdigit() and bytes(mask) == missing:
            return None
        ink = np.frombuffer(bytes(mask), np.uint8).reshape(h, w)
        if stencil and character in "0234568 9ABDOPQR":
            ink = ink.copy()
            bridge = max(2, round(0.08 * _SIZE))
            ink[:, (w - bridge) // 2 : (w + bridge) // 2] = 0
        shift = round(rng.uniform(-uneven, uneven) * _SIZE) if uneven else 0
        low = character in ",;gjpqyQ()/$#"
        placed.append((ink, round(pen + left), top + shift, low))
        pen += font.getlength(character) + tracking * _SIZE
    if not placed:
        return None
    return _joined(rng, placed)


def _joined(rng: random.Random, placed: list[tuple[Mask, int, int, bool]]) -> SetRow:
    left = min(x for _, x, _, _ in placed)
    right = max(x + ink.shape[1] for ink, x, _, _ in placed)
    top = min(y for _, _, y, _ in placed)
    bottom = max(y + ink.shape[0] for ink, _, y, _ in placed)
    mask = np.zeros((bottom - top, right - left), np.uint8)
    for ink, x, y, _ in placed:
        part = mask[y - top : y - top + ink.shape[0], x - left : x - left + ink.shape[1]]
        np.maximum(part, ink, out=part)
    high, deep = top, bottom
    upright = [(ink, y) for ink, _, y, low in placed if not low]
    if upright and rng.random() < 0.6:  # descenders hang below the row's box, as where digits make the box
        high, deep = min(y for _, y in upright), max(y + ink.shape[0] for ink, y in upright)
    if deep - high < 0.55 * _SIZE:  # a dash or a few low letters alone
        high, deep = min(high, -round(0.8 * _SIZE)), max(deep, 0)
    return SetRow(mask, Box(0, high - top, right - left, deep - high))


def bolder(rng: random.Random, mask: Mask) -> Mask:
    """The ink a little fatter or thinner now and then."""
    kind = rng.random()
    if kind < 0.8:
        return mask
    brush = np.ones((2, 2) if rng.random() < 0.6 else (3, 3), np.uint8)
    changed = cv2.dilate(mask, brush) if kind < 0.92 else cv2.erode(mask, brush)
    return np.asarray(changed, np.uint8)
