"""What is not a digit: letters, punctuation, scribbles, pieces of digits, pieces of photos. No torch, no Qt."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from core.data import fonts
from core.data.cache import Arrays
from core.data.font_files import Face, faces_of, font_files
from core.data.font_shapes import framed_signatures, looks_like_digits
from core.data.framing import (
    DIGIT_SIDE,
    NOT_A_DIGIT,
    SOURCE_SIZE,
    Image,
    cut_square,
    frame_ink,
)
from core.data.glyphs import draw_character, draw_digits, open_face
from core.data.photos import background_files, cut_pieces
from core.data.scribbles import scribble

VERSION = 1

LETTERS = "ACEFHKMNPRTUVWXYacdefhkmnprtuvwxÄÜäüÉéÑñÆΔΣΨλπДЖЯ"
"""Those that no hand or font makes look like a digit: without b B D g G I i j J l L o O q Q s S y z Z and the like."""

SIGNS = "-_.,()+=:;!?#*%&@~^<>€©"
"""Without those that are a 1 when enlarged (/ | '), an 8 or 5 ($ §) or a 3 (})."""

_SMALL_SIGNS = frozenset(".,:;-_~")
"""Never, or not always, enlarged to a digit's size: a large comma is a 9."""

_TOO_ALIKE = 0.82
"""Correlation with a digit of the same face from which a character is left out."""

COUNTS = {"letters": 9000, "signs": 2400, "scribbles": 5000, "pieces": 2000}
"""How many of each are made for training; for dev a tenth."""


def build(backgrounds: Path | None, split: str) -> Arrays:
    """images uint8 (N,64,64), labels all NOT_A_DIGIT, is_ink bool (N,). Photos are used where they are there."""
    share = 1 if split == "train" else 10
    seed = 11 if split == "train" else 12
    faces = _faces(split)
    parts = [
        _characters(faces, LETTERS, COUNTS["letters"] // share, seed=seed),
        _characters(faces, SIGNS, COUNTS["signs"] // share, seed=seed + 100),
        np.stack([scribble(np.random.default_rng((seed, i))) for i in range(COUNTS["scribbles"] // share)]),
    ]
    parts.append(_pieces(parts[0], faces, COUNTS["pieces"] // share, seed=seed))
    ink = sum(map(len, parts))
    if backgrounds is not None:
        files = background_files(backgrounds, split)
        parts.append(cut_pieces(files, 10, seed=seed))
    images = np.concatenate(parts)
    return {
        "images": images,
        "labels": np.full(len(images), NOT_A_DIGIT, np.int64),
        "is_ink": np.arange(len(images)) < ink,
    }


def _faces(split: str) -> list[Face]:
    """One face of each family of the split whose digits are lettering (then its letters are, too)."""
    chosen: dict[str, Face] = {}
    for face in (face for path in font_files() for face in faces_of(path)):
        if face.family not in chosen and fonts.is_dev(face.family) == (split == "dev"):
            chosen[face.family] = face
    usable = []
    for face in chosen.values():
        digits = draw_digits(face)
        if digits is not None and looks_like_digits(digits):
            usable.append(face)
    return usable


def _characters(faces: list[Face], characters: str, count: int, *, seed: int) -> Image:
    """`count` framed characters (count,64,64) of random faces; those like a digit of their face are left out."""
    rng = np.random.default_rng(seed)
    drawn: list[Image] = []
    misses = 0
    per_face = max(1, -(-count * 5 // (4 * max(len(faces), 1))))
    while faces and len(drawn) < count and misses < 50 * count:
        for face in (faces[i] for i in rng.permutation(len(faces))):
            found = _draw_some(face, characters, per_face, rng)
            misses += per_face - len(found)
            drawn += found
            if len(drawn) >= count:
                break
    return np.stack(drawn[:count]) if drawn else np.zeros((0, SOURCE_SIZE, SOURCE_SIZE), np.uint8)


def _draw_some(face: Face, characters: str, count: int, rng: np.random.Generator) -> list[Image]:
    try:
        font = open_face(face, int(rng.choice([18, 28, 48, 72])))
        missing = draw_character(font, "\U0010fffd")
        inks = [draw_character(font, str(d)) for d in range(10)]
        if any(ink is None for ink in inks):
            return []
        digits = framed_signatures(np.stack([frame_ink(ink) for ink in inks if ink is not None]))
        # What a digit's height becomes in the frame, for signs that stay small.
        natural = DIGIT_SIDE / float(np.median([ink.shape[0] - 4 for ink in inks if ink is not None]))
        found = []
        for character in rng.choice(list(characters), count):
            ink = draw_character(font, str(character))
            if ink is None or (missing is not None and np.array_equal(ink, missing)):
                continue
            small = character in _SMALL_SIGNS and (character in ",;" or rng.random() < 0.5)
            framed = frame_ink(ink, scale=natural if small else None)
            if small or (framed_signatures(framed[None]) @ digits.T).max() < _TOO_ALIKE:
                found.append(framed)
    except (OSError, ValueError, OverflowError):
        return []
    return found


def _pieces(letters: Image, faces: list[Face], count: int, *, seed: int) -> Image:
    """Two halves of neighbouring digits with a gap in the middle, and corners of digits: (count,64,64)."""
    rng = np.random.default_rng(seed + 200)
    pieces = []
    chosen = [faces[i] for i in rng.permutation(len(faces))[: count // 8 + 1]]
    sheets = [d for d in (draw_digits(face) for face in chosen) if d is not None]
    if not sheets:
        return np.zeros((0, *letters.shape[1:]), np.uint8)
    for i in range(count):
        digits = sheets[int(rng.integers(len(sheets)))]
        pieces.append(_gap(digits, rng) if i % 2 else _corner(digits, rng))
    return np.stack(pieces)


def _gap(digits: Image, rng: np.random.Generator) -> Image:
    """Between two digits: the right part of one at the left edge, the left part of another at the right."""
    left, right = digits[rng.integers(10)], digits[rng.integers(10)]
    half = round(DIGIT_SIDE / 2)
    shift = round(rng.uniform(0.85, 1.15) * half)
    between = np.zeros((SOURCE_SIZE, SOURCE_SIZE), np.uint8)
    between[:, : SOURCE_SIZE - shift] = left[:, shift:]
    other = np.zeros_like(between)
    other[:, shift:] = right[:, : SOURCE_SIZE - shift]
    return np.maximum(between, other)


def _corner(digits: Image, rng: np.random.Generator) -> Image:
    """A digit so far off the middle that only a corner or an edge of it is in sight."""
    digit = digits[rng.integers(10)]
    angle = rng.uniform(0, 2 * np.pi)
    far = rng.uniform(0.85, 1.0) * DIGIT_SIDE / max(abs(np.cos(angle)), abs(np.sin(angle)))
    dx, dy = round(float(far * np.cos(angle))), round(float(far * np.sin(angle)))
    padded = np.pad(digit, SOURCE_SIZE)
    return cut_square(padded, SOURCE_SIZE - dx, SOURCE_SIZE - dy, SOURCE_SIZE)
