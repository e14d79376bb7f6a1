"""What is not a digit: letters, signs, scribbles, pieces of digits, what stands beside numbers, pieces of photos."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.base.opencv import cv2
from core.datasets.non_digits_beside_numbers import beside_numbers
from core.loaders import fonts, starter
from core.loaders.background_photos import background_files, cut_pieces
from core.loaders.cache import Arrays
from core.loaders.digit_frame import DIGIT_SIDE, SOURCE_SIZE, Image, cut_square, frame_ink
from core.loaders.font_files import Face
from core.loaders.font_filter import filled_signatures, framed_signatures
from core.loaders.glyphs import draw_characters, open_face
from core.loaders.scribbles import scribble
from core.reading.types import NOT_A_DIGIT

VERSION = 7

LETTERS = "ACEFHKMNPRTUVWXYacdefhkmnprtuvwxÄÜäüÉéÑñÆΔΣΨλπДЖЯ"
"""Those that no hand or font makes look like a digit: no b B D g G I i j J l L o O q Q s S y z Z and the like."""

SIGNS = "-_.,+=:;!?#*%&@~<>€©"
"""Without those that are a 1 when enlarged, straight (/ | '), bent as hands write it (brackets) or with a long stroke
upwards (^), an 8 or 5 ($ §) or a 3 (})."""

_SMALL_SIGNS = frozenset(".,:;-_~")
"""Never, or not always, enlarged to a digit's size: a large comma is a 9."""

_UNASSIGNED = "\U000efffd"
_MOST_OF_A_FACE = 64
"""Characters drawn of a face in one round."""

_TOO_ALIKE = 0.93
"""Correlation with a digit of the same face from which a character is left out: some faces draw E as a 3."""

COUNTS = {"letters": 9000, "signs": 2400, "scribbles": 5000, "pieces": 2000, "beside": 4000}
"""How many of each are made for training; for dev a tenth."""


def build(cache_folder: Path, backgrounds: Path | None, split: str) -> Arrays:
    """images uint8 (N,64,64), labels all NOT_A_DIGIT, is_ink bool (N,). backgrounds: a folder of photos."""
    share = 1 if split == "train" else 10
    seed = 11 if split == "train" else 12
    faces = _lettering(fonts.render_installed(cache_folder), split)
    parts = [
        _characters(faces, LETTERS, COUNTS["letters"] // share, seed=seed),
        _characters(faces, SIGNS, COUNTS["signs"] // share, seed=seed + 100),
        np.stack([scribble(np.random.default_rng((seed, i))) for i in range(COUNTS["scribbles"] // share)]),
        _pieces(faces, COUNTS["pieces"] // share, seed=seed),
    ]
    ink = sum(map(len, parts))
    photos = background_files(backgrounds, split) if backgrounds is not None else []
    parts.append(beside_numbers(cache_folder, photos, split, COUNTS["beside"] // share))
    parts.append(cut_pieces(photos, 10, seed=seed))
    images = np.concatenate(parts)
    return {
        "images": images,
        "labels": np.full(len(images), NOT_A_DIGIT, np.int64),
        "is_ink": np.arange(len(images)) < ink,
    }


Draw = Callable[[Sequence[str], int], list[Image | None]]
"""Characters and a size in pixels → the ink of each, None where the face lacks it. Raises OSError or ValueError."""


@dataclass(frozen=True)
class Lettering:
    """A face whose digits are lettering, so its letters are, too. digits: uint8 (10,64,64), framed."""

    family: str
    draw: Draw
    digits: Image


def _lettering(installed: Arrays, split: str) -> list[Lettering]:
    """The first face of each family of the split, of installed and of shipped fonts."""
    families = [str(name) for name in installed["families"]]
    first = {name: i for i, name in reversed(list(enumerate(families)))}
    found = [
        Lettering(
            name,
            partial(
                draw_installed,
                Face(Path(str(installed["paths"][i])), int(installed["indices"][i]), name, ""),
            ),
            installed["images"][i],
        )
        for name, i in first.items()
    ]
    shipped = starter.read_fonts()
    for i in shipped.beside(first):
        sheets = starter.framed_digits(shipped, i)
        if sheets:
            found.append(Lettering(shipped.families[i], partial(_draw_shipped, shipped, i), sheets[0]))
    kept = [lettering for lettering in found if fonts.is_dev(lettering.family) == (split == "dev")]
    return sorted(kept, key=lambda lettering: lettering.family)


def draw_installed(face: Face, characters: Sequence[str], size: int) -> list[Image | None]:
    """Characters of an installed font, grey, ink white; None for one that the font lacks."""
    font = open_face(face, size)
    missing, *inks = draw_characters(font, [_UNASSIGNED, *characters])
    return [
        None if ink is None or (missing is not None and np.array_equal(ink, missing)) else ink for ink in inks
    ]


def _draw_shipped(
    shipped: starter.StarterFonts, font: int, characters: Sequence[str], size: int
) -> list[Image | None]:
    inks = [shipped.ink(font, character) for character in characters]
    # A digit is about 0.7 of a font's size.
    return [None if ink is None else starter.shrunk(ink, 0.7 * size / starter.LARGE) for ink in inks]


def _characters(faces: list[Lettering], characters: str, count: int, *, seed: int) -> Image:
    """Framed characters (count,64,64) of random faces; those like a digit of their face are left out."""
    rng = np.random.default_rng(seed)
    drawn: list[Image] = []
    per_face = min(max(1, -(-count * 5 // (4 * max(len(faces), 1)))), _MOST_OF_A_FACE)
    # With many faces the first round is enough; with few there are fewer images rather than the same ones.
    for _ in range(4):
        for lettering in (faces[i] for i in rng.permutation(len(faces))):
            if len(drawn) < count:
                drawn += draw_some(lettering, characters, per_face, rng)
    return np.stack(drawn[:count]) if drawn else np.zeros((0, SOURCE_SIZE, SOURCE_SIZE), np.uint8)


def draw_some(lettering: Lettering, characters: str, count: int, rng: np.random.Generator) -> list[Image]:
    """At most `count` of the characters, framed; those that look like a digit of their font are left out."""
    chosen = [str(c) for c in rng.choice(list(characters), count)]
    small_ones = [c in _SMALL_SIGNS and (c in ",;" or rng.random() < 0.5) for c in chosen]
    try:
        eight, *inks = lettering.draw(["8", *chosen], int(rng.choice([18, 28, 44, 60])))
    except (OSError, ValueError, OverflowError):
        return []
    if eight is None:
        return []
    # What a digit's height becomes in the frame, for signs that stay small.
    natural = DIGIT_SIDE / max(cv2.boundingRect(eight)[3], 1)
    framed, small = [], []
    for ink, stays_small in zip(inks, small_ones, strict=True):
        if ink is not None:
            framed.append(frame_ink(ink, scale=natural if stays_small else None))
            small.append(stays_small)
    if not framed:
        return []
    alike = _likeness(np.stack(framed), lettering.digits) >= _TOO_ALIKE
    return [image for image, a, s in zip(framed, alike, small, strict=True) if s or not a]


def _likeness(images: Image, digits: Image) -> NDArray[np.float32]:
    """How much each of the framed images (N,64,64) is like the nearest of the digits (10,64,64): up to 1."""
    pairs = [(kind(images), kind(digits)) for kind in (framed_signatures, filled_signatures)]
    return np.asarray(np.maximum(*((a @ b.T).max(axis=1) for a, b in pairs)))


def _pieces(faces: list[Lettering], count: int, *, seed: int) -> Image:
    """Two halves of neighbouring digits with a gap in the middle, and corners of digits: (count,64,64)."""
    rng = np.random.default_rng(seed + 200)
    if not faces:
        return np.zeros((0, SOURCE_SIZE, SOURCE_SIZE), np.uint8)
    pieces = []
    for i in range(count):
        digits = faces[int(rng.integers(len(faces)))].digits
        pieces.append(gap_between(digits, rng) if i % 2 else _corner(digits, rng))
    return np.stack(pieces)


def gap_between(digits: Image, rng: np.random.Generator) -> Image:
    """Between two digits: one leaves the frame at the left, another at the right, nothing is in the middle."""
    left, right = digits[rng.integers(10)], digits[rng.integers(10)]
    middle = SOURCE_SIZE // 2
    columns_left, columns_right = (np.flatnonzero(d.max(axis=0) > 32) for d in (left, right))
    to_left = int(columns_left.max(initial=middle)) - middle + int(rng.integers(4, 10))
    to_right = middle - int(columns_right.min(initial=middle)) + int(rng.integers(4, 10))
    between = np.zeros((SOURCE_SIZE, SOURCE_SIZE), np.uint8)
    between[:, : SOURCE_SIZE - to_left] = left[:, to_left:]
    between[:, to_right:] = np.maximum(between[:, to_right:], right[:, : SOURCE_SIZE - to_right])
    return between


def _corner(digits: Image, rng: np.random.Generator) -> Image:
    """A digit so far off the middle that only a corner or an edge of it is in sight."""
    digit = digits[rng.integers(10)]
    angle = rng.uniform(0, 2 * np.pi)
    far = rng.uniform(0.85, 1.0) * DIGIT_SIDE / max(abs(np.cos(angle)), abs(np.sin(angle)))
    dx, dy = round(float(far * np.cos(angle))), round(float(far * np.sin(angle)))
    padded = np.pad(digit, SOURCE_SIZE)
    return cut_square(padded, SOURCE_SIZE - dx, SOURCE_SIZE - dy, SOURCE_SIZE)
