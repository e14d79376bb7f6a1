"""Rows of mechanical counters: digits behind windows, the last one often between two places. Grey pictures."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.base.opencv import cv2
from core.loaders.font_files import Face
from core.reading.types import Box
from core.synthesis.lines.fonts import SetRow, set_row

Gray = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class CounterRow:
    """box: of the digits in the picture."""

    picture: Gray
    box: Box
    text: str


@dataclass(frozen=True)
class Wheel:
    """Pictures of the digits of one real counter, all of one size. tenths: of each, 37 is a 3 on its way to 4.

    share: of a picture's height that a digit takes, in its middle.
    """

    pictures: Gray
    tenths: npt.NDArray[np.int64]
    share: float


def real_row(rng: random.Random, wheel: Wheel) -> CounterRow:
    """Pictures of one counter side by side; the nearest digit of each counts."""
    at_rest = np.flatnonzero(np.isin(wheel.tenths % 10, (8, 9, 0, 1, 2)))
    places = rng.choices((3, 4, 5, 6, 7, 8), (1, 2, 4, 3, 2, 2))[0]
    shown = [int(at_rest[rng.randrange(len(at_rest))]) for _ in range(places - 1)] if len(at_rest) else []
    shown.append(rng.randrange(len(wheel.tenths)))
    tiles = [wheel.pictures[i] for i in shown]
    h, w = tiles[0].shape
    gap = rng.choice((0, 0, rng.randint(1, w // 3)))
    if gap:
        between = np.full((h, gap), rng.choice((rng.randint(0, 60), rng.randint(150, 255))), np.uint8)
        tiles = [part for tile in tiles for part in (tile, between)][:-1]
    picture = np.concatenate(tiles, axis=1)
    text = "".join(str((int(wheel.tenths[i]) + 5) // 10 % 10) for i in shown)
    tall = wheel.share * h
    return CounterRow(picture, Box(w * 0.15, (h - tall) / 2, picture.shape[1] - 0.3 * w, tall), text)


def made_row(rng: random.Random, faces: Sequence[Face]) -> CounterRow | None:
    """Wheels with a font's digits, with bezels between them and other tones for the last places."""
    face = faces[rng.randrange(len(faces))]
    drawn: list[SetRow] = []
    for character in "0123456789":
        row = set_row(random.Random(rng.randrange(2**31)), face, character)
        if row is None:
            return None
        drawn.append(row)
    tall = 44
    w = round(tall * rng.uniform(0.62, 1.0))
    h = round(tall * rng.uniform(1.25, 1.7))
    pitch = round(tall * rng.uniform(1.2, 1.6))
    bezel = rng.choice((0, rng.randint(1, 4), rng.randint(3, 14)))
    dark = rng.random() < 0.7
    ground, ink = (
        (rng.randint(0, 70), rng.randint(170, 255)) if dark else (rng.randint(170, 255), rng.randint(0, 70))
    )
    frame = rng.randint(0, 255)
    places = rng.choices((3, 4, 5, 6, 7, 8, 9), (1, 2, 4, 4, 3, 2, 1))[0]
    coloured = rng.choice((0, 0, 1, 2, 3))
    offset = rng.choice((0.0, 0.0, rng.uniform(0.0, 0.42), rng.uniform(0.58, 1.0)))
    text, tiles = "", []
    for place in range(places):
        digit = rng.randrange(10) if rng.random() < 0.8 else 0
        turned = offset if place == places - 1 else rng.choice((0.0, 0.0, rng.uniform(-0.06, 0.06)))
        text += str((digit + (1 if turned > 0.5 else 0)) % 10)
        back, front = ground, ink
        if place >= places - coloured:
            back, front = (rng.randint(60, 130), ink) if dark else (ground, rng.randint(60, 110))
        mask = np.zeros((h, w), np.float32)
        for step in (-1, 0, 1):
            _lay(mask, drawn[(digit + step) % 10].mask, tall, (step - turned) * pitch + h / 2)
        tile = back + (front - back) * mask
        if rng.random() < 0.4:  # wheels curve away
            tile *= 1 - 0.5 * np.abs(np.linspace(-1, 1, h, dtype=np.float32))[:, None] ** 2
        tiles.append(tile.clip(0, 255).astype(np.uint8))
        if bezel:
            tiles.append(np.full((h, bezel), frame, np.uint8))
    picture = np.concatenate(tiles[:-1] if bezel else tiles, axis=1)
    edge = rng.choice((0, rng.randint(2, 12)))
    picture = np.asarray(
        cv2.copyMakeBorder(picture, edge, edge, edge, edge, cv2.BORDER_CONSTANT, value=(frame,)), np.uint8
    )
    return CounterRow(
        picture, Box(edge + w * 0.1, edge + (h - tall) / 2, picture.shape[1] - 2 * edge - 0.2 * w, tall), text
    )


def _lay(into: npt.NDArray[np.float32], mask: Gray, tall: int, middle: float) -> None:
    """A digit, scaled to `tall`, its middle at a height; what is outside is cut off."""
    scale = tall / max(mask.shape[0], 1)
    width = min(round(mask.shape[1] * scale), round(0.92 * into.shape[1]))
    ink = cv2.resize(
        mask, (max(1, width), tall), interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    )
    top, left = round(middle - tall / 2), (into.shape[1] - ink.shape[1]) // 2
    first, last = max(0, top), min(into.shape[0], top + tall)
    if last > first:
        part = into[first:last, left : left + ink.shape[1]]
        np.maximum(part, ink[first - top : last - top] / 255, out=part)
