"""Made rows, one of each kind at a time, in the frame of `core.synthesis.lines.frame`."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from core.base.opencv import cv2
from core.loaders.font_files import Face
from core.reading.line_format import spelled
from core.reading.types import Box
from core.synthesis.lines import counters, displays, texts
from core.synthesis.lines.fonts import bolder, set_row
from core.synthesis.lines.frame import CONTENT, HEIGHT, SIDE, TOP, Gray, frame_row
from core.synthesis.lines.pens import Hand, painted_row, pen_row

Mask = npt.NDArray[np.uint8]
_TRIES = 20


@dataclass(frozen=True)
class Row:
    """picture: (HEIGHT, w + 2 SIDE), grey, or ink (255 on 0) where `is_ink`. text: spelled, empty for nothing."""

    picture: Gray
    text: str
    is_ink: bool


@dataclass(frozen=True)
class RowAssets:
    """What rows are made of; each may be empty, then its kind can't be made."""

    faces: Sequence[Face] = ()
    hands: Sequence[Hand] = ()
    wheels: Sequence[counters.Wheel] = ()
    photos: Sequence[Gray] = field(default=())


def font_row(rng: random.Random, assets: RowAssets) -> Row | None:
    """Any text in an installed font."""
    text = texts.random_text(rng)
    face = assets.faces[rng.randrange(len(assets.faces))]
    if text.isdigit() and len(text) < 10 and rng.random() < 0.06:
        return _in_cells(rng, face, text)
    made = set_row(rng, face, text)
    if made is None:
        return None
    picture = bolder(rng, frame_row(made.mask, made.box, is_ink=True))
    return Row(_with_clutter(rng, picture, assets), spelled(text), True)


def pen_written_row(rng: random.Random, assets: RowAssets) -> Row | None:
    text = texts.pen_text(rng)
    mask = pen_row(rng, text, assets.hands[rng.randrange(len(assets.hands))])
    return None if mask is None else _ink_row(rng, mask, text, assets)


def painted(rng: random.Random, assets: RowAssets) -> Row | None:
    text = texts.random_number(rng, 12)
    mask = painted_row(rng, text)
    return None if mask is None else _ink_row(rng, mask, text, assets)


def segments(rng: random.Random, assets: RowAssets) -> Row | None:
    """Seven or fourteen segments."""
    fourteen = rng.random() < 0.18
    text = texts.display_text(rng)
    if fourteen and rng.random() < 0.5:
        text = (
            rng.choice((texts.random_word(rng), texts.random_text(rng)))
            .upper()
            .replace("S", "")
            .replace("O", "")
        )
    elif rng.random() < 0.06:
        text = "".join(rng.choices("AbCdEFHLPUhnort", k=rng.randint(1, 5)))
    mask = displays.segment_row(rng, text, 48, fourteen=fourteen) if text.strip() else None
    return None if mask is None else _ink_row(rng, mask, text, assets, lines=0.15)


def dots(rng: random.Random, assets: RowAssets) -> Row | None:
    text = rng.choice((texts.random_number, texts.random_text, texts.display_text))(rng).upper()
    text = text.replace("O", "")
    mask = displays.dot_row(rng, text, 48) if text.strip() else None
    return None if mask is None else _ink_row(rng, mask, " ".join(text.split()), assets, lines=0.15)


def counter(rng: random.Random, assets: RowAssets) -> Row | None:
    """A mechanical counter: pictures of a real one's wheels, or made ones."""
    if assets.wheels and rng.random() < 0.5:
        made: counters.CounterRow | None = counters.real_row(
            rng, assets.wheels[rng.randrange(len(assets.wheels))]
        )
    else:
        made = counters.made_row(rng, assets.faces)
    if made is None:
        return None
    return Row(frame_row(made.picture, made.box, is_ink=False), made.text, False)


def empty(rng: random.Random, assets: RowAssets) -> Row | None:
    """Nothing to read: pieces of photos, lines and boxes, slivers of writing above and below."""
    width = rng.randint(12, 300)
    if assets.photos and rng.random() < 0.65:
        photo = assets.photos[rng.randrange(len(assets.photos))]
        tall = rng.uniform(16, max(20, photo.shape[0] / 2))
        wide = min(tall * width / CONTENT, photo.shape[1] * 0.9)
        box = Box(
            rng.uniform(0, photo.shape[1] - wide), rng.uniform(0, max(1.0, photo.shape[0] - tall)), wide, tall
        )
        picture = frame_row(photo, box, is_ink=False)
        if rng.random() < 0.25:
            lines = _lines(rng, picture.shape[1])
            picture = np.where(lines > 0, np.uint8(rng.randint(0, 255)), picture)
        return Row(picture, "", False)
    picture = np.zeros((HEIGHT, width + 2 * SIDE), np.uint8)
    if rng.random() < 0.8:
        picture = np.maximum(picture, _lines(rng, picture.shape[1]))
    if assets.faces and rng.random() < 0.4:
        picture = np.maximum(picture, _slivers(rng, picture.shape[1], assets, sure=True))
    return Row(picture, "", True)


KINDS: dict[str, Callable[[random.Random, RowAssets], Row | None]] = {
    "line-fonts": font_row,
    "line-pens": pen_written_row,
    "line-painted": painted,
    "line-segments": segments,
    "line-dots": dots,
    "line-counters": counter,
    "line-empty": empty,
}
"""Made sources of rows, by name."""


def make_row(kind: str, seed: int, assets: RowAssets) -> Row | None:
    """A row of a kind; the same for the same seed. None where it can't be made of what is here."""
    rng = random.Random(f"{kind}/{seed}")
    for _ in range(_TRIES):
        row = KINDS[kind](rng, assets)
        if row is not None:
            return row
    return None


def _ink_row(rng: random.Random, mask: Mask, text: str, assets: RowAssets, lines: float = 0.3) -> Row:
    picture = frame_row(mask, Box(0, 0, mask.shape[1], mask.shape[0]), is_ink=True)
    return Row(_with_clutter(rng, picture, assets, lines), spelled(text), True)


def _in_cells(rng: random.Random, face: Face, text: str) -> Row | None:
    """Digits in the cells of a form; the cells' borders are no characters."""
    cell = rng.uniform(0.8, 1.5) * CONTENT
    room = rng.uniform(0.05, 0.35) * CONTENT
    width = round(cell * len(text))
    picture = np.zeros((HEIGHT, width + 2 * SIDE), np.uint8)
    for i, digit in enumerate(text):
        made = set_row(random.Random(i), face, digit)
        if made is None:
            return None
        glyph = frame_row(made.mask, made.box, is_ink=True)[:, SIDE:-SIDE]
        if glyph.shape[1] > cell - 4:
            glyph = np.asarray(
                cv2.resize(glyph, (max(1, round(cell - 4)), HEIGHT), interpolation=cv2.INTER_AREA), np.uint8
            )
        left = round(SIDE + cell * i + (cell - glyph.shape[1]) * rng.uniform(0.3, 0.7))
        part = picture[:, left : left + glyph.shape[1]]
        np.maximum(part, glyph[:, : part.shape[1]], out=part)
    thick, tone = rng.randint(1, 3), rng.randint(90, 255)
    top, bottom = max(0, round(TOP - room)), min(HEIGHT - 1, round(HEIGHT - TOP + room))
    for i in range(len(text) + 1):
        x = round(SIDE + cell * i)
        cv2.line(picture, (x, top), (x, bottom), tone, thick)
    for y in (top, bottom):
        cv2.line(picture, (SIDE, y), (SIDE + width, y), tone, thick)
    return Row(picture, text, True)


def _with_clutter(rng: random.Random, picture: Gray, assets: RowAssets, lines: float = 0.3) -> Gray:
    """What stands around rows: lines below, frames, writing above and below."""
    if rng.random() < lines:
        picture = np.maximum(picture, _lines(rng, picture.shape[1]))
    if assets.faces and rng.random() < 0.2:
        picture = np.maximum(picture, _slivers(rng, picture.shape[1], assets))
    return picture


def _lines(rng: random.Random, width: int) -> Gray:
    """Lines above, below, or bars at the ends, in the tone of the ink or fainter."""
    made = np.zeros((HEIGHT, width), np.uint8)
    tone = rng.randint(70, 255)
    thick = rng.choice((1, 1, 2, 3, 5))
    tilt = rng.randint(-3, 3)
    above, below = rng.randint(0, TOP - 3), rng.randint(HEIGHT - TOP + 3, HEIGHT - 1)
    for y in rng.choice(((below,), (above, below), (above,), ())):
        cv2.line(made, (0, y), (width, y + tilt), tone, thick)
    for x in rng.choice(
        ((), (), (rng.randint(0, SIDE - 8),), (width - rng.randint(1, SIDE - 8),), (10, width - 10))
    ):
        cv2.line(made, (x, 0), (x + rng.randint(-2, 2), HEIGHT), tone, thick)
    return made


def _slivers(rng: random.Random, width: int, assets: RowAssets, *, sure: bool = False) -> Gray:
    """Writing above and below the row, of which at most a part is seen."""
    made = np.zeros((HEIGHT, width), np.uint8)
    for is_above in (True, False):
        if not sure and rng.random() < 0.5:
            continue
        row = set_row(rng, assets.faces[rng.randrange(len(assets.faces))], texts.random_text(rng))
        if row is None:
            continue
        scale = rng.uniform(0.3, 1.0)
        ink = np.asarray(
            cv2.resize(row.mask, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8
        )
        gap = rng.randint(3, TOP - 1)
        x = rng.randint(-10, max(0, width - 10))
        y = TOP - gap - ink.shape[0] if is_above else HEIGHT - TOP + gap
        _paste(made, ink, x, y)
    return made


def _paste(into: Gray, ink: Gray, x: int, y: int) -> None:
    x0, y0 = max(0, x), max(0, y)
    x1, y1 = min(into.shape[1], x + ink.shape[1]), min(into.shape[0], y + ink.shape[0])
    if x1 > x0 and y1 > y0:
        part = into[y0:y1, x0:x1]
        np.maximum(part, ink[y0 - y : y1 - y, x0 - x : x1 - x], out=part)
