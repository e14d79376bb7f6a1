"""Made rows as pictures for the calibration: displays, dot matrix, and print with letters beside the digits.

Of displays and dots there are hardly any photos, and in print a letter beside a digit is what readers take for one
more. The rows are of seeds that no training reaches.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from core.base.opencv import cv2
from core.loaders.font_files import Face
from core.reading.rows.check_digits import LENGTHS
from core.synthesis.lines.frame import CONTENT, HEIGHT, SIDE, TOP
from core.synthesis.lines.rows import Row, RowAssets, make_row

Gray = npt.NDArray[np.uint8]

COUNTS = {"line-segments": 80, "line-dots": 60, "line-fonts": 140}
"""Rows of each kind."""
CHECKED_LENGTHS = {"line-segments": 50, "line-fonts": 90}
"""Further rows with a number as long as those with a check digit, whose last digit is any: of real photos there are
none but wagons' with so many, and what a check digit is worth would be overrated."""
_FIRST_SEED = 10_000_000
_MOST_TRIED = 8_000
_ON_PHOTO = 0.4


def made_rows(
    rng: random.Random, faces: Sequence[Face], grounds: Sequence[Gray], share: float
) -> Iterator[tuple[Row, Gray]]:
    """Rows with the pictures that show them. faces: what is printed with. grounds: photos without numbers, to stand
    behind some. share: of the rows."""
    assets = RowAssets(faces=faces)
    for kind, count in COUNTS.items():
        if kind == "line-fonts" and not faces:
            continue
        for i in range(round(count * share)):
            row = make_row(kind, _FIRST_SEED + i, assets)
            if row is not None:
                yield row, _shown(rng, row, grounds)
    for kind, count in CHECKED_LENGTHS.items():
        if kind == "line-fonts" and not faces:
            continue
        seeds = itertools.count(2 * _FIRST_SEED)
        found = (make_row(kind, seed, assets) for seed in itertools.islice(seeds, _MOST_TRIED))
        fitting = (row for row in found if row is not None and _is_as_long(row.text))
        for row in itertools.islice(fitting, round(count * share)):
            yield row, _shown(rng, row, grounds)


def _is_as_long(text: str) -> bool:
    return text.isdecimal() and len(text) in LENGTHS


def _shown(rng: random.Random, row: Row, grounds: Sequence[Gray]) -> Gray:
    """The row's ink on a plain ground or a piece of a photo, with room around it, 12 to 70 pixels high."""
    scale = 12 * 6 ** rng.random() / CONTENT
    ink = row.picture[:, SIDE // 2 : -SIDE // 2]
    size = max(round(ink.shape[1] * scale), 4), max(round(HEIGHT * scale), 4)
    ink = np.asarray(
        cv2.resize(ink, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR), np.uint8
    )
    # The frame has room above and below already; the picture has more, or hardly any.
    room = [round(rng.uniform(-0.8 * TOP, 1.5 * CONTENT) * scale) for _ in range(2)]
    ends = [round(rng.uniform(0, 2 * CONTENT) * scale) for _ in range(2)]
    top, bottom = (max(-r, 0) for r in room)
    ink = ink[top : len(ink) - bottom]
    ink = np.pad(ink, ((max(room[0], 0), max(room[1], 0)), (ends[0], ends[1])))
    ground = _ground(rng, ink.shape, grounds)
    middle = float(ground.mean())
    away = rng.uniform(50, 200)
    up = middle + away <= 255 if rng.random() < 0.5 else middle - away < 0
    tone = min(max(middle + away if up else middle - away, 0.0), 255.0)
    weight = ink.astype(np.float32) / 255
    return np.asarray((ground + weight * (tone - ground)).round().clip(0, 255), np.uint8)


def _ground(rng: random.Random, shape: tuple[int, ...], grounds: Sequence[Gray]) -> npt.NDArray[np.float32]:
    """A plain ground, or a piece of a photo, faint."""
    plain = np.full(shape, rng.uniform(10, 245), np.float32)
    if not grounds or rng.random() > _ON_PHOTO:
        return plain
    photo = rng.choice(list(grounds))
    tall, wide = min(shape[0], photo.shape[0]), min(shape[1], photo.shape[1])
    top, left = rng.randint(0, photo.shape[0] - tall), rng.randint(0, photo.shape[1] - wide)
    piece = cv2.resize(
        photo[top : top + tall, left : left + wide], shape[::-1], interpolation=cv2.INTER_LINEAR
    )
    return plain + (piece.astype(np.float32) - float(piece.mean())) * np.float32(rng.uniform(0.1, 0.6))
