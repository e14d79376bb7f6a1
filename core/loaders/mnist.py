"""MNIST: 28x28 handwritten digits (LeCun, Cortes, Burges). Where it is not here, the part of it that ships."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.base.errors import DataError
from core.base.opencv import cv2
from core.loaders.cache import Arrays
from core.loaders.digit_frame import NOMINAL, SOURCE_SIZE
from core.loaders.formats import read_idx
from core.loaders.starter import mnist_part

VERSION = 1
TRAIN = 55_000
"""The first so many of the training file are for training; the rest of it is dev."""


def find_file(folder: Path, name: str) -> Path:
    """The gzipped file, or the unzipped one where only that is there."""
    zipped = folder / f"{name}.gz"
    return zipped if zipped.exists() or not (folder / name).exists() else folder / name


def files(where: Path) -> list[Path]:
    """The four files of a folder, whether they are there or not; the one of the shipped part."""
    if is_part(where):
        return [where]
    return [
        find_file(where, f"{part}-{kind}-ubyte")
        for part in ("train", "t10k")
        for kind in ("images-idx3", "labels-idx1")
    ]


def is_part(where: Path) -> bool:
    """Whether this is the part that ships with the program, not the folder of the full set."""
    return where.suffix == ".npz"


def read_split(where: Path, split: str) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """The pictures (N,28,28) uint8, light on black, and labels (N,) int64 of train, dev or test.

    where: the folder of the four files, or the shipped part. Raises DataError for damaged, truncated, or mismatched
    files.
    """
    if is_part(where):
        return mnist_part(where, split)
    folder = where
    part = "t10k" if split == "test" else "train"
    image_file = find_file(folder, f"{part}-images-idx3-ubyte")
    label_file = find_file(folder, f"{part}-labels-idx1-ubyte")
    images, labels = read_idx(image_file, dimensions=3), read_idx(label_file, dimensions=1)
    if len(images) != len(labels):
        raise DataError(
            f"{label_file} has {len(labels):,} labels for the {len(images):,} images of {image_file.name}."
        )
    if images.shape[1:] != (28, 28):
        raise DataError(f"{image_file} holds images of {images.shape[2]}x{images.shape[1]}, not 28x28.")
    if labels.size and labels.max() > 9:
        raise DataError(f"{label_file} holds the label {labels.max()}; MNIST has 0 to 9.")
    if split != "test":
        kept = slice(None, TRAIN) if split == "train" else slice(TRAIN, None)
        images, labels = images[kept], labels[kept]
    return images, labels.astype(np.int64)


def build(where: Path, split: str) -> Arrays:
    """images uint8 (N,64,64) ink 255 on 0, the 28x28 frame scaled to the middle 40x40; labels int64 (N,).

    Raises DataError for damaged, truncated, or mismatched files.
    """
    images, labels = read_split(where, split)
    framed = np.zeros((len(images), SOURCE_SIZE, SOURCE_SIZE), np.uint8)
    edge = (SOURCE_SIZE - NOMINAL) // 2
    middle = slice(edge, edge + NOMINAL)
    for i, image in enumerate(images):
        framed[i, middle, middle] = cv2.resize(image, (NOMINAL, NOMINAL), interpolation=cv2.INTER_CUBIC)
    return {"images": framed, "labels": labels}
