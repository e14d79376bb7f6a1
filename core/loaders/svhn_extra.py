"""Photos of SVHN's extra set, tight around one number each (`svhn_extra_numbers`).

They come with whole numbers and no boxes. `svhn_extra_boxes.csv`, made by aligning the numbers with what a
trained detector found, says where the digits are. The numbers of the training photos are votes of published
models. Where those disagree, which is where photos are hard, `svhn_extra_checked.csv` holds what was read by eye,
of the photos that were legible beyond doubt and showed one number.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from core.base.errors import DataError
from core.loaders.background_photos import read_gray
from core.loaders.cache import Arrays
from core.loaders.digit_frame import SOURCE_SIZE, cut_digit
from core.loaders.formats import BOX_COLUMNS, box_of, read_table
from core.loaders.svhn import check_box
from core.reading.types import Box

VERSION = 3
BOXES = Path(__file__).parent / "svhn_extra_boxes.csv"
CHECKED = Path(__file__).parent / "svhn_extra_checked.csv"
TABLES = (BOXES, CHECKED)
"""What comes with the program and decides, beside the data's own table, what is trained on."""
AGREEMENTS = ("5of5", "4of5")
"""Votes of published models that are trusted for training; fewer are much worse."""


def is_held(name: str) -> bool:
    """Whether a photo, by its file's name, is held back from training: one of twelve. Dev cost and the reader's
    calibration use those."""
    return zlib.crc32(name.encode()) % 12 == 0


def load_numbers(folder: Path, split: str, checked: Path = CHECKED) -> list[tuple[Path, str]]:
    """(photo, number) of a split: train (trusted votes, or read by eye) or dev (checked by eye).

    checked: table of the numbers that were read by eye. Raises DataError.
    """
    rows = read_table(folder / "labels.csv", ("file", "number", "split", "agreement"))
    if split != "train":
        return [_labelled(folder, row) for row in rows if row["split"] == "validation"]
    read = read_checked(checked)
    return [
        _labelled(folder, row | {"number": read.get(row["file"], row["number"])})
        for row in rows
        if row["split"] == "train" and (row["agreement"] in AGREEMENTS or row["file"] in read)
    ]


def read_checked(path: Path = CHECKED) -> dict[str, str]:
    """Per file name the number that was read by eye; no other digit was seen there. Raises DataError."""
    return {row["file"]: row["number"] for row in read_table(path, ("file", "number"))}


def _labelled(folder: Path, row: Mapping[str, str]) -> tuple[Path, str]:
    if not (row["number"].isascii() and row["number"].isdigit()):
        raise DataError(f"{folder / 'labels.csv'}: “{row['number']}” of {row['file']} is not a number.")
    return folder / "images" / row["file"], row["number"]


def read_boxes(path: Path = BOXES) -> dict[str, list[tuple[int, Box]]]:
    """Per file name the digits with their boxes (pixels of the photo), left to right. Raises DataError."""
    found: dict[str, list[tuple[int, int, Box]]] = {}
    for row in read_table(path, ("file", "index", "digit", *BOX_COLUMNS)):
        box = box_of(path, row)
        try:
            index, digit = int(row["index"]), int(row["digit"])
        except ValueError:
            raise DataError(f"{path} is damaged: the line of {row['file']} does not hold numbers.") from None
        if not 0 <= digit <= 9:
            raise DataError(f"{path}: {digit} of {row['file']} is not a digit.")
        found.setdefault(row["file"], []).append((index, digit, box))
    return {name: [(d, b) for _, d, b in sorted(rows, key=lambda r: r[0])] for name, rows in found.items()}


def build(folder: Path, split: str, boxes: Path = BOXES) -> Arrays:
    """images uint8 (N,64,64) photos, labels int64 (N,): of trusted photos whose boxes spell their number.

    dev: those that are held back; not the photos checked by eye, whose digits have no boxes.
    """
    placed = read_boxes(boxes)
    images, labels = [], []
    for path, number in load_numbers(folder, "train"):
        if is_held(path.name) != (split == "dev"):
            continue
        digits = placed.get(path.name, [])
        if "".join(str(d) for d, _ in digits) != number:
            continue
        gray = read_gray(path)
        for digit, box in digits:
            check_box(path, box, gray.shape)
            images.append(cut_digit(gray, box))
            labels.append(digit)
    stacked = np.stack(images) if images else np.zeros((0, SOURCE_SIZE, SOURCE_SIZE), np.uint8)
    return {"images": stacked, "labels": np.array(labels, np.int64)}
