"""The labelled digits as training and measuring take them, those held back apart from those that are learned."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import numpy as np

from core.base.errors import DataError
from core.loaders.cache import Arrays
from core.loaders.digit_frame import NOMINAL, SOURCE_SIZE
from core.loaders.own.arrange import surround
from core.loaders.user_digits import UserDigitStore, read_image, read_strokes
from core.reading.crops import frame_digit
from core.reading.strokes import rasterise

VERSION = 2
PENS = (None, 2.0 / 32, 4.2 / 32)
"""For training a drawing is drawn with its own pen, a thinner and a fatter one; shares of the frame."""


def digit_files(folder: Path) -> list[Path]:
    """The files that say which digits were labelled; none where none were."""
    return [entry.json_path for entry in UserDigitStore(folder).entries()]


def build_digits(folder: Path, split: str, held: Collection[str]) -> Arrays:
    """images uint8 (N,64,64), labels int64 (N,), is_ink bool (N,) of the labelled digits; dev is what is held back.

    held: groups. Drawings are ink, for training drawn with each of PENS; corrected crops of photos stay photos. Damaged
    entries are left out: one must not stop learning from the rest.
    """
    images, labels, is_ink = [], [], []
    edge = (SOURCE_SIZE - NOMINAL) // 2
    for entry in UserDigitStore(folder).entries():
        if (entry.origin.group in held) != (split == "dev"):
            continue
        try:
            strokes = read_strokes(entry)
            if strokes:
                pens = PENS if split == "train" else PENS[:1]
                drawn = [np.pad(rasterise(strokes, NOMINAL, pen=pen), edge) for pen in pens]
            else:
                drawn = [surround(frame_digit(read_image(entry), NOMINAL))]
        except DataError:
            continue
        images += drawn
        labels += [entry.label] * len(drawn)
        is_ink += [bool(strokes)] * len(drawn)
    stacked = np.stack(images) if images else np.zeros((0, SOURCE_SIZE, SOURCE_SIZE), np.uint8)
    return {"images": stacked, "labels": np.array(labels, np.int64), "is_ink": np.array(is_ink, bool)}
