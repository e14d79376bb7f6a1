"""Digits of rotating counters, cut from camera pictures (AI-on-the-edge, jomjol). No torch, no Qt."""

from __future__ import annotations

import zlib
from pathlib import Path

import numpy as np

from core.base.errors import DataError
from core.loaders.cache import Arrays
from core.loaders.digit_frame import SOURCE_SIZE, cut_digit
from core.loaders.formats import read_npz
from core.reading.images import to_gray
from core.reading.types import Box

VERSION = 2
FILE = "meter_digits_32x52.npz"
_DIGIT_HEIGHT = 36
"""Of the 52 pixels of a crop a digit takes about so many."""


def is_dev(group: str) -> bool:
    """One of six groups of crops is kept out of training; the frames of one counter stay together."""
    counter = "/".join(group.split("/")[:4])
    return zlib.crc32(counter.encode()) % 6 == 0


def build(folder: Path, split: str) -> Arrays:
    """images uint8 (N,64,64) photos, labels int64 (N,). Raises DataError, naming the file at fault."""
    path = folder / FILE
    content = read_npz(path, "images", "labels", "group")
    images, labels, groups = content["images"], content["labels"], content["group"]
    if images.ndim != 4 or images.shape[3] != 3 or images.dtype != np.uint8:
        raise DataError(f"{path}: “images” is not N pictures of RGB bytes.")
    if not len(images) == len(labels) == len(groups):
        raise DataError(
            f"{path} is damaged: it has {len(labels)} labels and {len(groups)} groups for {len(images)} images."
        )
    if labels.size and labels.max() > 9:
        raise DataError(f"{path} holds the label {labels.max()}; a digit is 0 to 9.")
    dev = np.array([is_dev(str(g)) for g in groups], bool)
    kept = np.flatnonzero(dev if split == "dev" else ~dev)
    framed = np.empty((len(kept), SOURCE_SIZE, SOURCE_SIZE), np.uint8)
    height, width = images.shape[1:3]
    digit = _DIGIT_HEIGHT * height / 52
    for i, k in enumerate(kept):
        framed[i] = cut_digit(to_gray(images[k]), Box(0, (height - digit) / 2, width, digit))
    return {"images": framed, "labels": labels[kept].astype(np.int64)}
