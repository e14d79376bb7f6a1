"""Own digits as training takes them, and as an own set in the user's data folder."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
from PIL import Image as PillowImage

from core.base.errors import FailureError, InputError
from core.base.files import csv_text, write_text
from core.loaders.cache import Arrays
from core.loaders.digit_frame import NOMINAL, SOURCE_SIZE, Image, cut_digit
from core.loaders.own.digits import Item, OwnDigits, label_name
from core.loaders.own.find import TABLE
from core.reading.crops import frame_digit

VERSION = 1
PICTURES = "pictures"


def surround(nominal: Image) -> Image:
    """A framed picture (40,40) with its edges repeated out to (64,64)."""
    return np.pad(nominal, (SOURCE_SIZE - NOMINAL) // 2, mode="edge")


def framed(item: Item) -> Image:
    """A digit framed (64,64): cut out by its box, or, where it has none, the way a picture to classify is."""
    if item.box is not None:
        return cut_digit(item.picture, item.box)
    return surround(frame_digit(item.picture, NOMINAL))


def build(digits: OwnDigits, split: str) -> Arrays:
    """images uint8 (N,64,64), labels int64 (N,), left_out str (K,): a sentence a file that can't be read."""
    images, labels, left_out = [], [], list[str]()
    for item in digits.read(split, left_out):
        images.append(framed(item))
        labels.append(item.label)
    return {
        "images": np.stack(images) if images else np.zeros((0, SOURCE_SIZE, SOURCE_SIZE), np.uint8),
        "labels": np.array(labels, np.int64),
        "left_out": np.array(left_out, dtype=np.str_),
    }


def import_digits(digits: OwnDigits, folder: Path) -> list[str]:
    """Copy a set into `folder`, which must not be there yet: its pictures, and a table that says what is what.

    Returns a sentence a file that can't be read. Raises InputError where the folder is there, FailureError where it
    can't be written; nothing half-written is left behind.
    """
    if folder.exists():
        raise InputError(f"{folder} is there already; give another name with --name.")
    aside = folder.with_name(f".{folder.name}.part")
    shutil.rmtree(aside, ignore_errors=True)
    try:
        left_out = _copy(digits, aside)
        folder.parent.mkdir(parents=True, exist_ok=True)
        aside.rename(folder)
    except OSError as error:
        raise FailureError(f"{folder} can't be written ({error.strerror or error}).") from error
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return left_out


def _copy(digits: OwnDigits, folder: Path) -> list[str]:
    (folder / PICTURES).mkdir(parents=True)
    rows: list[list[str]] = []
    left_out = list[str]()
    copied: dict[str, str] = {}
    # Item by item, so that what can't be read is found out here and not in a training run.
    for split in sorted(set(digits.splits)):
        for item in digits.read(split, left_out):
            name = copied.get(item.name)
            if name is None:
                suffix = Path(item.name).suffix.lower() if digits.images is None else ".png"
                name = f"{PICTURES}/{len(copied):06}{suffix}"
                if digits.images is None:
                    shutil.copyfile(item.name, folder / name)
                else:
                    PillowImage.fromarray(item.picture).save(folder / name, format="PNG")
                copied[item.name] = name
            spot = item.box
            box = [""] * 4 if spot is None else [f"{v:.2f}" for v in (spot.x, spot.y, spot.w, spot.h)]
            rows.append([name, label_name(item.label), split if digits.has_parts else "", *box])
    write_text(folder / TABLE, csv_text(["file", "label", "split", "x", "y", "w", "h"], rows))
    return left_out
