"""Finds out what a folder or a file of one's own holds: the one loader of `gnc train`, `evaluate` and `data import`."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TypeVar

from core.base.errors import DataError
from core.loaders.background_photos import image_files
from core.loaders.formats import BOX_COLUMNS, COLUMNS, box_of, read_rows, read_table
from core.loaders.own.arrays import npz_digits, pixel_table
from core.loaders.own.boxes import coco_digits, json_files, yolo_digits
from core.loaders.own.digits import OwnDigits, Picture, joined
from core.loaders.own.names import label_of, split_of

Found = TypeVar("Found")
TABLE = "labels.csv"
_DEPTH = 3
"""Folders below the one that is named in which labelled digits are looked for."""
_MOST_FOLDERS = 2000


class SeveralSetsError(DataError):
    """A folder holds more than one set of digits. choices: their folders."""

    def __init__(self, folder: Path, found: Sequence[OwnDigits]) -> None:
        listed = joined([f"{one.where} ({len(one):,} digits)" for one in found], 4)
        super().__init__(f"{folder} holds several sets of digits; choose one of them: {listed}.")
        self.choices = tuple(one.where for one in found)


def existing(path: Path) -> Path:
    """The path of a folder or file that a person named, with “~” resolved. Raises DataError if nothing is there."""
    path = path.expanduser()
    if not path.exists():
        raise DataError(f"{path}: there is no such {'file' if path.suffix else 'folder'}.")
    return path


def own_digits(path: Path) -> OwnDigits:
    """The labelled digits of a folder or file, in any of the forms that are known.

    A folder: subfolders 0 to 9 (or digit_0, zero, Sample001 …, “none”), also below train, val and test; a
    `labels.csv`; boxes of YOLO or COCO; a folder in it that holds one of these. A file: `.npz`, a table of pixels or
    of labels, COCO's JSON, YOLO's `data.yaml`.

    Raises DataError, naming what is wrong with it and what was found instead.
    """
    return look_in(path.expanduser(), _in_folder, _in_file)


def look_in(path: Path, in_folder: Callable[[Path], Found], in_file: Callable[[Path], Found]) -> Found:
    """What one of the two finds. Raises DataError where nothing is there or it can't be read."""
    path = existing(path)
    try:
        return in_folder(path) if path.is_dir() else in_file(path)
    except OSError as error:
        raise DataError(f"{error.filename or path}: {error.strerror or error}.") from error


def _in_file(path: Path) -> OwnDigits:
    suffix = path.suffix.casefold()
    if suffix == ".npz":
        return npz_digits(path)
    if suffix in (".csv", ".tsv"):
        return pixel_table(path) or _listed(path)
    if suffix == ".json":
        found = coco_digits([path], path.parent) or coco_digits([path], path.parent.parent)
        if found is not None:
            return found
        raise DataError(f"{path} is no table of boxes in COCO's format.")
    if suffix in (".yaml", ".yml"):
        found = yolo_digits(path.parent)
        if found is not None:
            return found
        raise DataError(f"{path.parent} has no images with a text file of boxes each, as YOLO has them.")
    raise DataError(f"{path} is neither a folder nor a .npz, .csv, .json or .yaml file with labelled digits.")


def _in_folder(folder: Path) -> OwnDigits:
    found = _direct(folder)
    if found is not None:
        return found
    below = list(_below(folder))
    if len(below) == 1:
        return below[0]
    if below:
        raise SeveralSetsError(folder, below)
    raise DataError(_nothing(folder))


def _direct(folder: Path) -> OwnDigits | None:
    """The data set that lies directly in a folder; None if it has none of the known forms."""
    if (folder / TABLE).is_file():
        return _listed(folder / TABLE)
    parts = [(split, sub) for sub in _folders(folder) if (split := split_of(sub.name)) is not None]
    named = _sub_folders(folder, "")
    if named.pictures:
        return named
    below = [(part, _sub_folders(sub, part)) for part, sub in parts]
    pictures = tuple(p for _, one in below for p in one.pictures)
    if pictures:
        found = [part for part, one in below if one.pictures]
        remarks = tuple(dict.fromkeys(remark for _, one in below for remark in one.remarks))
        return OwnDigits(f"{joined(found)} with one subfolder per digit", folder, pictures, remarks=remarks)
    boxes = coco_digits(json_files(folder), folder)
    return boxes if boxes is not None else yolo_digits(folder) if _has_texts(folder) else None


def _has_texts(folder: Path) -> bool:
    """Whether a folder, or one right below it or below that, is YOLO's: `labels`, a `data.yaml`, or texts."""
    if any(folder.glob("*.yaml")) or any(folder.glob("*.yml")):
        return True
    return any(p.is_dir() for pattern in ("labels", "*/labels") for p in folder.glob(pattern)) or (
        any(folder.glob("*.txt")) and bool(image_files(folder))
    )


def _folders(folder: Path) -> list[Path]:
    return sorted(p for p in folder.iterdir() if p.is_dir() and not p.name.startswith("."))


def _sub_folders(folder: Path, split: str) -> OwnDigits:
    """The pictures of the sub-folders that are named like a digit."""
    pictures, others = list[Picture](), list[str]()
    as_named = True
    for sub in _folders(folder):
        label = label_of(sub.name)
        files = image_files(sub)
        if label is None:
            others += [sub.name] if files else []
            continue
        as_named = as_named and sub.name in (*"0123456789", "none")
        pictures += [Picture(file, label, split) for file in files]
    remarks: tuple[str, ...] = ()
    if others and pictures:
        remarks = (f"Folders with other names are left out: {joined([f'“{name}”' for name in others])}.",)
    first = next((p.file.parent.name for p in pictures), "")
    kind = "one subfolder per digit" if as_named else f"one subfolder per digit, named like “{first}”"
    return OwnDigits(kind, folder, tuple(pictures), remarks=remarks)


def _listed(table: Path) -> OwnDigits:
    """(picture, label) of a table with columns file and label, perhaps split, x, y, w and h."""
    header = [cell.strip().casefold() for cell in (read_rows(table, most=1) or [[]])[0]]
    rows = read_table(table, ("file", "label"), ("split", *BOX_COLUMNS), COLUMNS)
    boxed = all(any(word in header for word in (name, *COLUMNS[name])) for name in BOX_COLUMNS)
    pictures = []
    for row in rows:
        label = label_of(row["label"])
        if label is None:
            raise DataError(f"{table}: the label of {row['file']} is “{row['label']}”, not 0 to 9 or “none”.")
        box = box_of(table, row) if boxed and row.get("x", "").strip() else None
        name = row["file"].strip().replace("\\", "/")
        pictures.append(Picture(table.parent / name, label, split_of(row.get("split") or "") or "", box))
    if not pictures:
        raise DataError(f"{table} has no rows.")
    return OwnDigits(f"a table, {table.name}", table.parent, tuple(pictures), (table,))


def _below(folder: Path) -> Iterable[OwnDigits]:
    """What is found in the folders below, the topmost ones only."""
    level, seen = _folders(folder), 0
    for _ in range(_DEPTH):
        deeper: list[Path] = []
        for sub in level:
            seen += 1
            if seen > _MOST_FOLDERS:
                return
            try:
                found = _direct(sub)
            except DataError:
                found = None
            if found is not None:
                yield found
            else:
                deeper += _folders(sub)
        level = deeper


def _nothing(folder: Path) -> str:
    names = [name for name in sorted(os.listdir(folder)) if not name.startswith(".")]
    if not names:
        return f"{folder} is empty."
    inside = [f"“{name}”" for name in names]
    return (
        f"{folder} has no subfolders named 0 to 9 with images, no {TABLE} and no boxes (YOLO, COCO); "
        f"it holds {joined(inside, 4)}."
    )
