"""Photos as grey arrays for the loaders, and pieces of photos without writing."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from core.base.errors import DataError, InputError
from core.loaders.cache import Arrays
from core.loaders.digit_frame import SOURCE_SIZE, Image, cut_square, resize_square
from core.reading.images import PICTURES, load_image, to_gray

TEXTURES_VERSION = 1
KEPT_OUT = 74
"""The last so many background photos, by name, are never trained on."""


def read_gray(path: Path) -> Image:
    """One photo, upright and grey (H,W). Raises DataError, naming the file, when it is missing or damaged."""
    if not path.is_file():
        raise DataError(f"{path}: there is no such file.")
    try:
        return np.asarray(to_gray(load_image(path)), np.uint8)
    except InputError as error:
        raise DataError(str(error)) from error


def image_files(folder: Path) -> list[Path]:
    """The picture files of a folder, by name; empty if there is no such folder."""
    if not folder.is_dir():
        return []
    return sorted(p for p in folder.iterdir() if p.suffix.lower() in PICTURES and not p.name.startswith("."))


def background_files(folder: Path, split: str) -> list[Path]:
    """Photos of `backgrounds/` for train, or the KEPT_OUT last ones for dev and test."""
    files = image_files(folder)
    return files[:-KEPT_OUT] if split == "train" else files[-KEPT_OUT:]


def cut_pieces(files: list[Path], per_photo: int, *, seed: int) -> Image:
    """Random squares of photos, from 24 pixels to the whole height: (len(files) * per_photo,64,64)."""
    pieces = np.empty((len(files) * per_photo, SOURCE_SIZE, SOURCE_SIZE), np.uint8)
    for i, path in enumerate(files):
        rng = np.random.default_rng((seed, i))
        gray = read_gray(path)
        largest = min(gray.shape)
        for j in range(per_photo):
            side = min(largest, round(24 * (largest / 24) ** rng.random())) if largest > 24 else largest
            top = int(rng.integers(gray.shape[0] - side + 1))
            left = int(rng.integers(gray.shape[1] - side + 1))
            pieces[i * per_photo + j] = resize_square(cut_square(gray, left, top, side))
    return pieces


def build_textures(folder: Path, split: str) -> Arrays:
    """images uint8 (K,64,64): grey pieces of the split's background photos, 8 a photo."""
    return {"images": cut_pieces(background_files(folder, split), 8, seed=1 if split == "train" else 2)}
