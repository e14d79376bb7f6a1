"""Folders of labelled pictures: one's own with a sub-folder a digit, and what was drawn in the program.

No torch, no Qt. Every picture takes the path that a picture to be classified takes.
"""

from __future__ import annotations

import zlib
from pathlib import Path

import numpy as np

from core.base.errors import DataError
from core.loaders.background_photos import image_files, read_gray
from core.loaders.cache import Arrays
from core.loaders.digit_frame import NOMINAL, SOURCE_SIZE
from core.loaders.user_digits import UserDigitStore, read_image, read_strokes
from core.reading.crops import frame_digit
from core.reading.strokes import rasterise
from core.reading.types import NOT_A_DIGIT

VERSION = 1
_LABELS = {str(d): d for d in range(10)} | {"none": NOT_A_DIGIT}


def labelled_files(folder: Path) -> list[tuple[Path, int]]:
    """(picture, label) of the sub-folders 0 to 9 and none. Raises DataError where there are none."""
    if not folder.is_dir():
        raise DataError(f"{folder}: there is no such folder.")
    found = [(path, label) for name, label in _LABELS.items() for path in image_files(folder / name)]
    if not found:
        raise DataError(f"{folder} has no pictures in sub-folders named 0 to 9 (or “none”).")
    return found


def is_dev(name: str, one_in: int) -> bool:
    """Whether an item is kept out of training, by its name alone, so that new items move none."""
    return zlib.crc32(name.encode()) % one_in == 0


def build(folder: Path, split: str) -> Arrays:
    """images uint8 (N,64,64), labels int64 (N,), of a folder; a tenth is dev.

    Raises DataError, naming the file at fault.
    """
    kept = [
        (path, label)
        for path, label in labelled_files(folder)
        if is_dev(f"{path.parent.name}/{path.name}", 10) == (split == "dev")
    ]
    images = np.empty((len(kept), SOURCE_SIZE, SOURCE_SIZE), np.uint8)
    for i, (path, _) in enumerate(kept):
        images[i] = surround(frame_digit(read_gray(path), NOMINAL))
    return {"images": images, "labels": np.array([label for _, label in kept], np.int64)}


def surround(nominal: np.ndarray) -> np.ndarray:
    """A framed picture (40,40) with its edges repeated out to (64,64)."""
    edge = (SOURCE_SIZE - NOMINAL) // 2
    return np.pad(nominal, edge, mode="edge")


def mine_files(folder: Path) -> list[Path]:
    """The files that say what was drawn in the program; none where nothing was."""
    return [entry.json_path for entry in UserDigitStore(folder).entries()]


def build_mine(folder: Path, split: str) -> Arrays:
    """images uint8 (N,64,64), labels int64 (N,), is_ink bool (N,) of what was drawn; a fifth is dev.

    Drawings are ink: for training three times each, with their own pen, a thinner and a fatter one. Corrected
    crops of photos stay photos. Damaged entries are left out: one must not stop learning from the rest.
    """
    images, labels, is_ink = [], [], []
    for entry in UserDigitStore(folder).entries():
        if is_dev(entry.id, 5) != (split == "dev"):
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
