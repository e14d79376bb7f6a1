"""Digits cut out of scanned pages: of forms filled in with a pen (CVL), and of church books (DIDA)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from core.base.errors import DataError
from core.loaders.cache import Arrays
from core.loaders.digit_frame import SOURCE_SIZE, cut_digit, frame_ink
from core.loaders.formats import read_npz
from core.reading.crops import border_median
from core.reading.types import Box

VERSION = 1
CVL, DIDA = "cvl_digits_64.npz", "dida_digits_48.npz"
_DIDA_SHARE = 0.75
"""Of the side of a crop out of a church book the digit takes about so much; parts of its neighbours take the rest."""

_GRAIN = 0.12
"""Of the depth of the ink what is no darker is paper: its grain, and its own edge within the picture."""


def build_cvl(path: Path, split: str) -> Arrays:
    """images uint8 (N,64,64) ink 255 on 0, labels int64 (N,). Raises DataError, naming the file at fault."""
    images, labels = _read(path, split)
    framed = np.empty((len(images), SOURCE_SIZE, SOURCE_SIZE), np.uint8)
    for i, image in enumerate(images):
        framed[i] = frame_ink(ink_on_paper(image))
    return {"images": framed, "labels": labels}


def build_dida(path: Path, split: str) -> Arrays:
    """images uint8 (N,64,64) photos, labels int64 (N,). Raises DataError, naming the file at fault."""
    images, labels = _read(path, split)
    side = images.shape[1]
    digit, edge = side * _DIDA_SHARE, side * (1 - _DIDA_SHARE) / 2
    framed = np.empty((len(images), SOURCE_SIZE, SOURCE_SIZE), np.uint8)
    for i, image in enumerate(images):
        framed[i] = cut_digit(image, Box(edge, edge, digit, digit))
    return {"images": framed, "labels": labels}


def ink_on_paper(gray: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """How much ink covers each pixel (H,W), 255 where it is darkest, of dark ink on bright even paper."""
    paper = float(border_median(gray))
    depth = max(paper - float(np.percentile(gray, 1)), 1.0)
    cover = (paper - gray.astype(np.float32)) / depth
    return np.asarray(np.clip((cover - _GRAIN) / (1 - _GRAIN) * 255, 0, 255), np.uint8)


def _read(path: Path, split: str) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64]]:
    """The grey pictures (N,H,H) and labels (N,) of train or dev; the file marks which."""
    content = read_npz(path, "images", "labels", "validation")
    images, labels, validation = content["images"], content["labels"], content["validation"]
    if images.ndim != 3 or images.shape[1] != images.shape[2] or images.dtype != np.uint8:
        raise DataError(f"{path}: “images” is not N square images of grey bytes.")
    if not len(images) == len(labels) == len(validation):
        raise DataError(
            f"{path} is damaged: {len(labels)} labels and {len(validation)} marks for {len(images)} images."
        )
    if labels.size and labels.max() > 9:
        raise DataError(f"{path} holds the label {labels.max()}; a digit is 0 to 9.")
    kept = np.asarray(validation, bool) == (split == "dev")
    return images[kept], labels[kept].astype(np.int64)
