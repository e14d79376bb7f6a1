"""What other programs labelled: digits in any form that `core.loaders.own` knows, and numbers with their text."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote

from core.base.errors import DataError, InputError
from core.collection.exchange.entry import NOTHING, What
from core.collection.numbers import checked_number
from core.loaders.background_photos import image_files
from core.loaders.formats import BOX_COLUMNS, COLUMNS, box_of, read_rows, read_table
from core.loaders.own.boxes import BoxedPhotos, coco_photos, json_files, yolo_photos
from core.loaders.own.digits import OwnDigits, Picture
from core.loaders.own.find import TABLE, look_in, own_digits
from core.loaders.own.names import label_of
from core.reading.types import NOT_A_DIGIT, Box

_TEXT_COLUMNS = ("number", "text", "written", "reading", "value", "transcription")
_ALIASES = {**COLUMNS, "number": (*_TEXT_COLUMNS, "label", *COLUMNS["label"])}


@dataclass(frozen=True)
class Given:
    """One label that a set gives.

    text: “7”, “12B”, "" for none; None where the set says only that there is a number. box: in pixels, or in shares
    where `in_shares`. entry: the id that our own exports give it.
    """

    what: What
    text: str | None
    file: Path
    box: Box | None = None
    in_shares: bool = False
    entry: str = ""


@dataclass
class GivenSet:
    """All that a set gives. said: a sentence each about what was left out."""

    labels: list[Given] = field(default_factory=list)
    said: list[str] = field(default_factory=list)

    def add(self, other: GivenSet) -> None:
        self.labels += other.labels
        self.said += other.said


def given_in(path: Path) -> GivenSet:
    """The labels of a folder or a file.

    Raises DataError, naming what is wrong with it and what was found instead.
    """
    return look_in(path, _in_folder, _in_file)


def _in_file(path: Path) -> GivenSet:
    suffix = path.suffix.casefold()
    if suffix in (".csv", ".tsv") and _holds_numbers(path):
        return numbers_table(path)
    if suffix == ".json":
        photos = coco_photos([path], path.parent)
        if photos is not None:
            return boxed(photos)
    if suffix in (".yaml", ".yml"):
        photos = yolo_photos(path.parent)
        if photos is not None:
            return boxed(photos)
    return _of_digits(own_digits(path))


def _in_folder(folder: Path) -> GivenSet:
    if (folder / TABLE).is_file():
        return _in_file(folder / TABLE)
    halves = [folder / "digits", folder / "numbers"]
    if any(half.is_dir() for half in halves):
        found = GivenSet()
        for half, read in zip(halves, (given_in, _in_numbers), strict=True):
            if half.is_dir():
                found.add(read(half))
        return found
    photos = coco_photos(json_files(folder), folder)
    if photos is None and any((folder / name).exists() for name in ("labels", "data.yaml")):
        photos = yolo_photos(folder)
    return boxed(photos) if photos is not None else _of_digits(own_digits(folder))


def _in_numbers(folder: Path) -> GivenSet:
    return numbers_table(folder / TABLE) if (folder / TABLE).is_file() else number_folders(folder)


def number_folders(folder: Path) -> GivenSet:
    """A sub-folder a number, named as `folder_name` does; “none” for pictures without one."""
    found = GivenSet()
    for sub in sorted(p for p in folder.iterdir() if p.is_dir() and p.name[0] != "."):
        text = unquote(sub.name)
        try:
            text = "" if text == NOTHING else checked_number(text)
        except InputError as error:
            found.said.append(f"{sub} is left out: {error}")
            continue
        found.labels += [Given("number", text, file, entry=file.stem) for file in image_files(sub)]
    return found


def numbers_table(table: Path) -> GivenSet:
    """Numbers of a table with the columns file and number, perhaps x, y, w and h. Raises DataError."""
    rows = read_table(table, ("file", "number"), (*BOX_COLUMNS, "entry"), _ALIASES)
    found = GivenSet()
    for place, row in enumerate(rows, start=2):
        text = row["number"].strip()
        try:
            if not text:
                raise InputError(f"it says nothing; “{NOTHING}” says that there is no number.")
            number = "" if text == NOTHING else checked_number(text)
            has_box = all(row.get(name, "").strip() for name in BOX_COLUMNS)
            box = box_of(table, row) if has_box else None
        except InputError as error:
            found.said.append(f"{table}, line {place} is left out: {error}")
            continue
        file = table.parent / row["file"].strip().replace("\\", "/")
        found.labels.append(Given("number", number, file, box, entry=row.get("entry", "")))
    return found


def digits_table(table: Path) -> GivenSet:
    """Digits of one of our own tables, whose rows say which entry they are. Raises DataError."""
    found = GivenSet()
    for place, row in enumerate(read_table(table, ("file", "label"), ("entry",), COLUMNS), start=2):
        label = label_of(row["label"])
        if label is None:
            found.said.append(f"{table}, line {place} is left out: “{row['label']}” is not 0 to 9 or “none”.")
            continue
        file = table.parent / row["file"].strip().replace("\\", "/")
        found.labels.append(Given("digit", _text(label), file, entry=row.get("entry", "")))
    return found


def digit_folders(folder: Path) -> GivenSet:
    """Digits of one of our own image folders, whose files are named by their entries. Raises DataError."""
    found = _of_digits(own_digits(folder))
    found.labels = [Given("digit", g.text, g.file, entry=g.file.stem) for g in found.labels]
    return found


def boxed(photos: BoxedPhotos) -> GivenSet:
    """Digits by their boxes, numbers by the text that stands at their boxes, and photos without any."""
    found, unread = GivenSet(), set[str]()
    for box in photos.boxes:
        label = label_of(box.name)
        entry = str(box.facts.get("entry", ""))
        if label is not None and label != NOT_A_DIGIT:
            found.labels.append(Given("digit", _text(label), box.file, box.box, box.in_shares, entry))
            continue
        text = None
        with contextlib.suppress(InputError):
            text = checked_number(box.text) or None
        if text or box.name == "number":
            found.labels.append(Given("number", text, box.file, box.box, box.in_shares, entry))
        else:
            unread.add(box.name)
    found.labels += [Given("number", "", file) for file in photos.empty]
    if unread:
        names = ", ".join(f"“{name}”" for name in sorted(unread)[:4])
        found.said.append(f"Boxes of other classes are left out: {names}.")
    if photos.lost:
        found.said.append(f"{photos.lost:,} boxes are left out: their photos are not there.")
    return found


def _of_digits(digits: OwnDigits) -> GivenSet:
    """What the own loader found. Raises DataError for arrays, which have no pictures."""
    if digits.images is not None:
        raise DataError(
            f"{digits.where} holds arrays, not images; train with it as it is: gnc train --set data_folder=…"
        )
    return GivenSet([_of_picture(p) for p in digits.pictures], list(digits.remarks))


def _of_picture(picture: Picture) -> Given:
    return Given("digit", _text(picture.label), picture.file, picture.box, picture.in_shares)


def _text(label: int) -> str:
    return "" if label == NOT_A_DIGIT else str(label)


def _holds_numbers(table: Path) -> bool:
    """Whether a table lists whole numbers: it has a column for them, or labels that are no digits."""
    rows = read_rows(table)
    header = [cell.strip().casefold() for cell in (rows or [[]])[0]]
    if any(name in header for name in _TEXT_COLUMNS):
        return True
    at = next((header.index(name) for name in ("label", *COLUMNS["label"]) if name in header), None)
    if at is None or len(header) >= 64:
        return False
    return any(len(row) > at and label_of(row[at]) is None for row in rows[1:])
