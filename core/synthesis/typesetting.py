"""Sets numbers and words: characters → one mask of ink with a box around each.

All randomness comes from the `random.Random` that is passed in: its scalar draws cost a tenth of numpy's,
and a scene needs some hundred.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.base.opencv import cv2
from core.recipes.scenes import LETTER
from core.synthesis.glyphs import LETTERS, MASTER, Glyph

Mask = npt.NDArray[np.uint8]

_TEXT = """
    street road avenue lane drive court place way close terrace square park hill house garden villa cottage
    office open closed sale shop hotel school church station exit private parking welcome family post mail
    north south east west old new rue via calle strasse allee weg platz oak maple walnut elm cedar pine main
    high mill bridge river lake sunset meadow forest spring valley view the of and no please keep clear rose
"""
_WORDS = tuple(_TEXT.split())

_BENFORD = tuple(math.log10(1 + 1 / d) for d in range(1, 10))


@dataclass(frozen=True)
class CharBox:
    """One character in a mask. label: 0–9 or LETTER. box: left, top, right, bottom in pixels of the mask."""

    label: int
    box: tuple[float, float, float, float]


@dataclass(frozen=True)
class TextMask:
    """Ink of one or several lines. mask: uint8 (h,w), 255 on 0. height: of the digits (letters), pixels."""

    mask: Mask
    spots: tuple[CharBox, ...]
    height: float


@dataclass(frozen=True)
class LineStyle:
    """How a line is set. All but the turn in degrees are shares of the line's height.

    tracking: added between characters; negative lets them touch. rise: of the base line per character.
    jitter_size, jitter_base, turn: how unevenly single characters stand, as screwed-on digits do.
    """

    tracking: float = 0.05
    rise: float = 0.0
    jitter_size: float = 0.0
    jitter_base: float = 0.0
    turn: float = 0.0
    vertical: bool = False


def random_number(rng: random.Random) -> str:
    """1 to 6 digits; now and then a repeated or a round one."""
    length = rng.choices((1, 2, 3, 4, 5, 6), (14, 24, 26, 21, 10, 5))[0]
    kind = rng.random()
    if kind < 0.06:
        return rng.choice("0123456789") * length
    if kind < 0.12 and length > 1:
        return rng.choice("123456789") + "0" * (length - 1)
    if kind < 0.5:
        # As in streets, where low numbers come first: Benford's law.
        return rng.choices("123456789", _BENFORD)[0] + "".join(rng.choices("0123456789", k=length - 1))
    return "".join(rng.choices("0123456789", k=length))


def random_words(rng: random.Random) -> str:
    """A word or two, real or made of letters that look like digits, in some case."""
    kind = rng.random()
    if kind < 0.6:
        text = " ".join(rng.choices(_WORDS, k=rng.choice((1, 1, 2))))
    elif kind < 0.85:
        text = "".join(rng.choices(LETTERS, k=rng.randint(1, 8)))
    else:
        text = "".join(rng.choices("OolISZBGqgbDQzsTJA", k=rng.randint(2, 7)))
    return rng.choice((text, text.upper(), text.title()))


def random_style(rng: random.Random, *, vertical: float) -> LineStyle:
    """How a number is set: mostly evenly, now and then spaced, touching, rising or uneven."""
    kind = rng.random()
    tracking = rng.uniform(-0.04, 0.12)
    if kind < 0.15:
        tracking = rng.uniform(0.12, 0.7)
    elif kind < 0.25:
        tracking = rng.uniform(-0.14, -0.04)
    uneven = rng.random() < 0.2
    return LineStyle(
        tracking=tracking,
        rise=rng.uniform(-0.35, 0.35) if rng.random() < 0.1 else 0.0,
        jitter_size=rng.uniform(0.02, 0.2) if uneven else 0.0,
        jitter_base=rng.uniform(0.0, 0.12) if uneven else 0.0,
        turn=rng.uniform(0, 8) if uneven else 0.0,
        vertical=rng.random() < vertical,
    )


def set_line(
    rng: random.Random, text: str, pick: Callable[[str], Glyph], *, height: float, style: LineStyle
) -> TextMask:
    """One line. pick: the glyph of a character. height: of a digit of MASTER height, pixels."""
    inks: list[tuple[Mask, float, float, str]] = []
    pen, base = 0.0, 0.0
    scale = height / MASTER
    for character in text:
        if character == " ":
            pen += 0.35 * height
            continue
        glyph = pick(character)
        factor = scale
        if style.jitter_size:
            factor *= 1 + rng.uniform(-style.jitter_size, style.jitter_size)
        ink = _scaled(glyph.ink, factor)
        if style.turn:
            ink = _turned(ink, rng.uniform(-style.turn, style.turn))
        h, w = ink.shape
        shift = rng.uniform(-style.jitter_base, style.jitter_base) * height if style.jitter_base else 0.0
        if style.vertical:
            inks.append((ink, -w / 2 + shift, pen, character))
            pen += h + (0.12 + max(style.tracking, -0.04)) * height
        else:
            inks.append((ink, pen + glyph.left * factor, base + glyph.top * factor + shift, character))
            pen += glyph.advance * factor + style.tracking * height
            base -= style.rise * height
    return _joined(inks, height)


def stack(rng: random.Random, blocks: list[TextMask], *, gap: float) -> TextMask:
    """Blocks one below the other, centred or flush left; gap: between them, pixels."""
    width = max(b.mask.shape[1] for b in blocks)
    flush = rng.random() < 0.25
    top = 0
    tall = sum(b.mask.shape[0] for b in blocks) + round(gap) * (len(blocks) - 1)
    mask = np.zeros((tall, width), np.uint8)
    spots: list[CharBox] = []
    for block in blocks:
        h, w = block.mask.shape
        left = 0 if flush else (width - w) // 2
        mask[top : top + h, left : left + w] = block.mask
        for spot in block.spots:
            x0, y0, x1, y1 = spot.box
            spots.append(CharBox(spot.label, (x0 + left, y0 + top, x1 + left, y1 + top)))
        top += h + round(gap)
    return TextMask(mask, tuple(spots), max(b.height for b in blocks))


def _scaled(ink: Mask, factor: float) -> Mask:
    h, w = ink.shape
    size = (max(1, round(w * factor)), max(1, round(h * factor)))
    how = cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(ink, size, interpolation=how))


def _turned(ink: Mask, angle: float) -> Mask:
    h, w = ink.shape
    c, s = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    wide, tall = math.ceil(abs(c) * w + abs(s) * h), math.ceil(abs(s) * w + abs(c) * h)
    matrix = np.array(
        [[c, s, wide / 2 - c * w / 2 - s * h / 2], [-s, c, tall / 2 + s * w / 2 - c * h / 2]], np.float32
    )
    return np.asarray(cv2.warpAffine(ink, matrix, (wide, tall)))


def _joined(inks: list[tuple[Mask, float, float, str]], height: float) -> TextMask:
    if not inks:
        return TextMask(np.zeros((1, 1), np.uint8), (), height)
    left = min(x for _, x, _, _ in inks)
    top = min(y for _, _, y, _ in inks)
    right = max(x + ink.shape[1] for ink, x, _, _ in inks)
    bottom = max(y + ink.shape[0] for ink, _, y, _ in inks)
    mask = np.zeros((math.ceil(bottom - top) + 1, math.ceil(right - left) + 1), np.uint8)
    spots = []
    for ink, x, y, character in inks:
        h, w = ink.shape
        column, row = round(x - left), round(y - top)
        place = mask[row : row + h, column : column + w]
        np.maximum(place, ink, out=place)
        label = int(character) if character.isascii() and character.isdigit() else LETTER
        spots.append(CharBox(label, (column, row, column + w, row + h)))
    return TextMask(mask, tuple(spots), height)
