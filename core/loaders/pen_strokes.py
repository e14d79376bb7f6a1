"""Digits as pen strokes, drawn by the same code that the canvas uses: UNIPEN (train_r01_v07, 1a) and CROHME.

Both are one file of the same arrays; each writer is wholly in train or in validation.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import numpy.typing as npt

from core.base.errors import DataError
from core.base.opencv import cv2
from core.loaders.cache import Arrays
from core.loaders.digit_frame import NOMINAL, SOURCE_SIZE
from core.loaders.formats import read_npz
from core.reading.strokes import rasterise_paths

VERSION = 3
UNIPEN, CROHME = "unipen_digits.npz", "crohme_digits.npz"
RENDERS = 4
"""Most drawings of each digit for training, each with another pen; dev digits are drawn once."""

_TOLERANCE = 3.0
"""Units of 1/1000 of a digit: a tenth of a pixel of the frame. Drawing takes time for every point."""

_AT_ONCE = 500  # digits that a thread draws before it takes others
_THIN, _FAT = 1.6 / 32, 5.2 / 32


def read_strokes(path: Path) -> Arrays:
    """points (P,2), stroke_len (S,), n_strokes (N,), labels (N,), validation (N,). Raises DataError."""
    content = read_npz(path, "points", "stroke_len", "n_strokes", "labels", "validation")
    lengths, counts, labels = content["stroke_len"], content["n_strokes"], content["labels"]
    if not (
        content["points"].ndim == 2
        and content["points"].shape[1] == 2
        and int(lengths.sum()) == len(content["points"])
        and int(counts.sum()) == len(lengths)
        and len(counts) == len(labels) == len(content["validation"])
        and (lengths > 0).all()
        and (counts > 0).all()
    ):
        raise DataError(f"{path} is damaged: its points, strokes and digits do not add up.")
    if labels.size and labels.max() > 9:
        raise DataError(f"{path} holds the label {labels.max()}; a digit is 0 to 9.")
    return content


def split_paths(content: Arrays) -> list[list[npt.NDArray[np.float32]]]:
    """Per digit its strokes, each float32 (n,2), y down, without points that change nothing to be seen."""
    points = content["points"].astype(np.float32)
    pieces = np.split(points, np.cumsum(content["stroke_len"])[:-1])
    simple = [cv2.approxPolyDP(piece, _TOLERANCE, False) for piece in pieces]
    strokes = [np.asarray(line, np.float32).reshape(-1, 2) for line in simple]
    ends = np.cumsum(content["n_strokes"])
    return [strokes[end - count : end] for end, count in zip(ends, content["n_strokes"], strict=True)]


def build(path: Path, split: str) -> Arrays:
    """images uint8 (N,64,64) ink 255 on 0, labels int64 (N,). Raises DataError, naming the file at fault."""
    content = read_strokes(path)
    paths = split_paths(content)
    kept = np.flatnonzero(content["validation"] == (split == "dev"))
    labels = content["labels"][kept].astype(np.int64)
    renders = _renders(labels) if split == "train" else np.ones(len(kept), np.int64)
    first = np.cumsum(renders) - renders
    pens = np.random.default_rng(7).uniform(size=(len(paths), RENDERS))
    images = np.empty((int(renders.sum()), SOURCE_SIZE, SOURCE_SIZE), np.uint8)

    def draw_some(start: int) -> None:
        for i, digit in enumerate(kept[start : start + _AT_ONCE], start):
            for j in range(renders[i]):
                # One pen from each part of the range, so that digits are seen thin and fat.
                share = (j + pens[digit, j]) / renders[i] if split == "train" else 0.15 + 0.5 * pens[digit, 0]
                images[first[i] + j] = draw(paths[digit], _THIN + (_FAT - _THIN) * share)

    # OpenCV lets other threads run while it draws.
    with ThreadPoolExecutor(2) as threads:
        list(threads.map(draw_some, range(0, len(kept), _AT_ONCE)))
    return {"images": images, "labels": np.repeat(labels, renders)}


def _renders(labels: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """How often each digit is drawn: RENDERS times, less where there are many times as many as of the rarest one.

    In CROHME there are nine of 1 and 2 for one of 8 and 9.
    """
    counts = np.bincount(labels, minlength=10)
    least = int(counts[counts > 0].min()) if len(labels) else 0
    times = np.clip(2 * RENDERS * least // np.maximum(counts, 1), 1, RENDERS)
    return np.asarray(times[labels], np.int64)


def draw(paths: Sequence[npt.NDArray[np.float32]], pen: float) -> npt.NDArray[np.uint8]:
    """Strokes framed (64,64). pen: width as a share of the NOMINAL frame."""
    framed = np.zeros((SOURCE_SIZE, SOURCE_SIZE), np.uint8)
    edge = (SOURCE_SIZE - NOMINAL) // 2
    framed[edge:-edge, edge:-edge] = rasterise_paths(paths, NOMINAL, pen=pen)
    return framed
