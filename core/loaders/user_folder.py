"""What was drawn, or corrected, in the program and labelled, as training takes it."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from core.loaders.cache import Arrays
from core.loaders.digit_frame import NOMINAL, SOURCE_SIZE
from core.loaders.own.arrange import surround
from core.loaders.own.digits import is_held
from core.loaders.user_digits import UserDigitStore, read_image, read_strokes
from core.reading.crops import frame_digit
from core.reading.strokes import rasterise

VERSION = 1


def user_digit_files(folder: Path) -> list[Path]:
    """The files of the digits that were drawn in the program; empty if there are none."""
    return [entry.json_path for entry in UserDigitStore(folder).entries()]


def build_mine(folder: Path, split: str) -> Arrays:
    """images uint8 (N,64,64), labels int64 (N,), is_ink bool (N,) of what was drawn; a fifth is dev.

    Drawings are ink: for training three times each, with their own pen, a thinner and a fatter one. Corrected
    crops of photos stay photos. Damaged entries are left out: one must not stop learning from the rest.
    """
    images, labels, is_ink = [], [], []
    for entry in UserDigitStore(folder).entries():
        if is_held(entry.id, 5) != (split == "dev"):
            continue
        strokes = read_strokes(entry)
        if strokes:
            pens = (None, 2.0 / 32, 4.2 / 32) if split == "train" else (None,)
            edge = (SOURCE_SIZE - NOMINAL) // 2
            drawn = [np.pad(rasterise(strokes, NOMINAL, pen=pen), edge) for pen in pens]
        else:
            drawn = [surround(frame_digit(read_image(entry), NOMINAL))]
        images += drawn
        labels += [entry.label] * len(drawn)
        is_ink += [bool(strokes)] * len(drawn)
    stacked = np.stack(images) if images else np.zeros((0, SOURCE_SIZE, SOURCE_SIZE), np.uint8)
    return {"images": stacked, "labels": np.array(labels, np.int64), "is_ink": np.array(is_ink, bool)}
