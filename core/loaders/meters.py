"""Digits of rotating counters, cut from camera pictures (AI-on-the-edge, jomjol).

Of one set the digit is known (`FILE`), of the other one also how far it has turned, in tenths (`TENTHS`).
"""

from __future__ import annotations

import zlib
from pathlib import Path

import numpy as np
import numpy.typing as npt

from core.base.errors import DataError
from core.loaders.cache import Arrays
from core.loaders.digit_frame import SOURCE_SIZE, cut_digit
from core.loaders.formats import read_npz
from core.loaders.number_photos import held_back
from core.reading.images import to_gray
from core.reading.types import Box

VERSION = 2
TENTHS = "meter_tenths_20x32.npz"
TENTHS_VERSION = 2
AT_REST = 1
"""Tenths of a turn up to which a digit counts as at rest."""
NEAREST = 3
"""Tenths of a turn up to which the nearest digit is the one to be read. Half-way there are two, each as right."""
_TENTHS_HEIGHT = 0.7
"""Share of the height of a picture of TENTHS that a digit takes."""
FILE = "meter_digits_32x52.npz"
_DIGIT_HEIGHT = 36
"""Of the 52 pixels of a crop a digit takes about so many."""


def is_dev(group: str) -> bool:
    """One of six groups of crops is kept out of training; the frames of one counter stay together."""
    counter = "/".join(group.split("/")[:4])
    return zlib.crc32(counter.encode()) % 6 == 0


def build(path: Path, split: str) -> Arrays:
    """images uint8 (N,64,64) photos, labels int64 (N,). Raises DataError, naming the file at fault."""
    content = read_npz(path, "images", "labels", "group")
    images, labels, groups = content["images"], content["labels"], content["group"]
    if images.ndim != 4 or images.shape[3] != 3 or images.dtype != np.uint8:
        raise DataError(f"{path}: “images” is not N images of RGB bytes.")
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


def is_dev_meter(meter: int) -> bool:
    """Whether a meter of TENTHS, by its number there, is kept out of training: about one of seven."""
    return held_back(f"meter_tenths/{meter}", 0.15)


def nearest_digit(tenths: npt.NDArray[np.integer]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Of places (N,), 0 to 99 (37: seven tenths on the way from 3 to 4), the nearest digits and how far off they are
    in tenths, 0 to 5; half-way it is the next one."""
    place = np.asarray(tenths, np.int64)
    return (place + 5) // 10 % 10, np.abs((place + 5) % 10 - 5)


def read_tenths(path: Path, split: str, most: int) -> tuple[Arrays, tuple[str, ...]]:
    """images (N,H,W,3) uint8 as they are, labels int64 (N,) of a split, and the meter of each.

    most: tenths that a digit may be turned away. Raises DataError, naming the file.
    """
    content = read_npz(path, "images", "tenths", "group")
    images, tenths, meters = content["images"], content["tenths"], content["group"]
    if images.ndim != 4 or images.shape[3] != 3 or images.dtype != np.uint8:
        raise DataError(f"{path}: “images” is not N images of RGB bytes.")
    if not len(images) == len(tenths) == len(meters):
        raise DataError(
            f"{path} is damaged: {len(tenths)} tenths and {len(meters)} meters for {len(images)} images."
        )
    if tenths.size and not 0 <= int(tenths.min()) <= int(tenths.max()) <= 99:
        raise DataError(f"{path} holds a place outside 0 to 99 tenths.")
    labels, off = nearest_digit(tenths)
    is_dev = np.array([is_dev_meter(int(meter)) for meter in meters], bool)
    kept = np.flatnonzero((is_dev == (split == "dev")) & (off <= most))
    return {"images": images[kept], "labels": labels[kept]}, tuple(f"meter {meters[k]}" for k in kept)


def build_tenths(path: Path, split: str) -> Arrays:
    """images uint8 (N,64,64) photos, labels int64 (N,): the nearest digit, where there is one.

    Raises DataError, naming the file at fault.
    """
    content, _ = read_tenths(path, split, NEAREST)
    images = content["images"]
    framed = np.empty((len(images), SOURCE_SIZE, SOURCE_SIZE), np.uint8)
    height, width = images.shape[1:3]
    digit = _TENTHS_HEIGHT * height
    for i, image in enumerate(images):
        framed[i] = cut_digit(to_gray(image), Box(0, (height - digit) / 2, width, digit))
    return {"images": framed, "labels": content["labels"]}
