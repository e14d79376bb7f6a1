"""Digits in arrays: `.npz` files (ours, Keras's, scikit-learn's habits) and tables of pixels (Kaggle's)."""

from __future__ import annotations

import math
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from core.base.errors import DataError
from core.loaders.formats import read_npz, read_rows
from core.loaders.own.digits import OwnDigits
from core.loaders.own.names import label_of, split_of
from core.reading.types import NOT_A_DIGIT

_IMAGES = ("images", "x", "data", "pixels", "arr_0")
_LABELS = ("labels", "y", "label", "target", "targets", "arr_1")
_LABEL_COLUMNS = ("label", "labels", "class", "digit", "target", "y")

Values = npt.NDArray[Any]


def npz_digits(path: Path) -> OwnDigits:
    """The digits of an `.npz` file: images and labels, or such pairs for train, validation and test.

    Raises DataError, naming the file and what it holds, where there is no such pair.
    """
    names = tuple(read_npz(path))
    with np.load(path, allow_pickle=False) as content:
        names = tuple(content.files)
    pairs = _pairs(names)
    if not pairs:
        raise DataError(f"{path} holds {', '.join(names) or 'nothing'}; “images” and “labels” are needed.")
    content = read_npz(path, *(name for pair in pairs.values() for name in pair))
    images, labels, splits = [], [], list[str]()
    for split, (image_name, label_name) in pairs.items():
        found = as_images(content[image_name], path, image_name)
        digits = as_labels(content[label_name], path, label_name)
        if len(found) != len(digits):
            raise DataError(
                f"{path}: “{image_name}” holds {len(found):,} images and “{label_name}” {len(digits):,} labels."
            )
        images.append(found)
        labels.append(digits)
        splits += [split] * len(digits)
    if "validation" in names and len(pairs) == 1:
        held = read_npz(path, "validation")["validation"].astype(bool)
        if held.shape == (len(splits),):
            splits = ["dev" if h else "train" for h in held]
    if len({found.shape[1:] for found in images}) > 1:
        raise DataError(f"{path}: its parts hold images of different sizes.")
    return OwnDigits(
        f"arrays of {', '.join(sorted({s for s in splits if s})) or 'images and labels'}", path, tables=(path,),
        images=np.concatenate(images), array_labels=tuple(np.concatenate(labels).tolist()),
        array_splits=tuple(splits),
    )  # fmt: skip


def _pairs(names: tuple[str, ...]) -> dict[str, tuple[str, str]]:
    """Per split the names of its pictures and its labels; the split is "" if the names don't say it."""
    found: dict[str, dict[str, str]] = {}
    for name in names:
        low = name.casefold()
        split = split_of(low) or ""
        bare = "_".join(part for part in low.split("_") if split_of(part) is None)
        for kind, words in (("images", _IMAGES), ("labels", _LABELS)):
            if bare in words:
                found.setdefault(split, {}).setdefault(kind, name)
    return {s: (kinds["images"], kinds["labels"]) for s, kinds in found.items() if len(kinds) == 2}


def as_images(values: Values, path: Path, name: str) -> npt.NDArray[np.uint8]:
    """(N,H,W) or (N,H,W,3) uint8: of flat rows, channels first or last, 0–1 or 0–255. Raises DataError."""
    shape = "x".join(map(str, values.shape))
    if values.ndim == 2 and values.shape[1] == math.isqrt(values.shape[1]) ** 2 and values.shape[1] > 1:
        side = math.isqrt(values.shape[1])
        values = values.reshape(len(values), side, side)
    if values.ndim == 4 and values.shape[1] in (1, 3) and values.shape[3] not in (1, 3, 4):
        values = np.moveaxis(values, 1, -1)
    if values.ndim == 4 and values.shape[3] == 1:
        values = values[..., 0]
    if values.ndim not in (3, 4) or 0 in values.shape or (values.ndim == 4 and values.shape[3] not in (3, 4)):
        raise DataError(f"{path}: “{name}” is {shape}; N x H x W (x 3), or N x 3 x H x W, is needed.")
    if values.dtype.kind not in "buif":
        raise DataError(f"{path}: “{name}” does not hold numbers.")
    values = values[..., :3] if values.ndim == 4 else values
    if values.dtype != np.uint8:
        numbers = np.nan_to_num(values.astype(np.float32))
        # Scaled to 0–1, or to -1–1 as some programs train.
        low = float(numbers.min())
        if low < 0:
            numbers = (numbers - low) / max(float(numbers.max()) - low, 1e-9)
        scale = 255.0 if float(numbers.max()) <= 1 else 1.0
        values = np.clip(np.rint(numbers * scale), 0, 255).astype(np.uint8)
    return np.ascontiguousarray(values)


def as_labels(values: Values, path: Path, name: str) -> npt.NDArray[np.int64]:
    """(N,) 0 to 9, and 10 for no digit; from integers of any type, names, or one column a digit. Raises DataError."""
    if values.ndim == 2 and values.shape[1] == 1:
        values = values[:, 0]
    if values.ndim == 2 and values.shape[1] in (10, 11) and values.dtype.kind in "buif":
        if not ((values != 0).sum(axis=1) == 1).all():
            raise DataError(f"{path}: “{name}” has ten columns, but not one that is set in each row.")
        values = values.argmax(axis=1)
    if values.ndim != 1 or not len(values):
        raise DataError(f"{path}: “{name}” is not a list of digits.")
    if values.dtype.kind in "US":
        found = [label_of(str(v)) for v in values.astype(np.str_)]
        if None in found:
            raise DataError(f"{path} holds the label “{values[found.index(None)]}”; a digit is 0 to 9.")
        return np.array(found, np.int64)
    if values.dtype.kind not in "uif" or not np.isfinite(values).all() or (values != np.rint(values)).any():
        raise DataError(f"{path}: “{name}” is not a list of digits.")
    if values.min() < 0 or values.max() > NOT_A_DIGIT:
        wrong = values[(values < 0) | (values > NOT_A_DIGIT)][0]
        raise DataError(
            f"{path} holds the label {wrong:g}; a digit is 0 to 9, and 10 says that there is none."
        )
    return values.astype(np.int64)


def pixel_table(path: Path) -> OwnDigits | None:
    """The digits of a table with one picture a row (Kaggle: label, pixel0 …); None where it is no such table.

    Raises DataError, naming the file, where it holds pixels and no labels, or something that is no number.
    """
    rows = read_rows(path, most=1)
    if not rows or len(rows[0]) < 64:
        return None
    head, separator = [cell.strip().casefold() for cell in rows[0]], _separator(path)
    has_head = any(not _is_number(cell) for cell in head)
    at = next((head.index(name) for name in _LABEL_COLUMNS if name in head), 0 if not has_head else -1)
    pixels = len(head) - (at >= 0)
    if math.isqrt(pixels) ** 2 != pixels or (at < 0 and not has_head):
        return None
    if at < 0:
        raise DataError(f"{path} holds images without labels: it has no column “label”.")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of a table without rows, which is reported below
        try:
            values = np.loadtxt(
                path, np.float32, delimiter=separator, skiprows=int(has_head), ndmin=2, encoding="utf-8-sig"
            )
        except ValueError as error:
            raise DataError(f"{path} is damaged: a row does not hold {len(head):,} numbers.") from error
    if not values.size:
        raise DataError(f"{path} has no rows.")
    labels = as_labels(values[:, at], path, "label")
    images = as_images(np.delete(values, at, axis=1), path, "pixels")
    return OwnDigits(
        "a table of pixels, one image a row", path, tables=(path,), images=images,
        array_labels=tuple(labels.tolist()), array_splits=("",) * len(labels),
    )  # fmt: skip


def _separator(path: Path) -> str:
    with path.open(encoding="utf-8-sig", errors="replace") as file:
        line = file.readline()
    return max(",;\t", key=line.count)


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True
