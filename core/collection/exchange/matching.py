"""Which entry each label of an export was, so that nothing is lost that its format can't hold."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

from core.base.errors import DataError
from core.collection.exchange.entry import Format, SharedEntry
from core.collection.exchange.foreign import (
    Given,
    GivenSet,
    boxed,
    digit_folders,
    digits_table,
    number_folders,
    numbers_table,
)
from core.collection.exchange.writing import OTHERS
from core.loaders.own.boxes import coco_photos, yolo_photos
from core.loaders.own.find import TABLE
from core.reading.types import Box

_SAME_PLACE = 0.5
"""Intersection over union from which a box of a picture is the one that was exported."""
_SAME_BOX = 0.95
"""The same, from which it wasn't moved: what differs is YOLO's rounding."""


def given_by(folder: Path, form: Format) -> GivenSet:
    """The labels as the format itself has them: what was changed there by hand counts."""
    found = GivenSet()
    digits, numbers = folder / "digits", folder / "numbers"
    if form == "folder":
        if digits.is_dir():
            try:
                found.add(digit_folders(digits))
            except DataError as error:  # all were taken out of it
                found.said.append(str(error))
        if numbers.is_dir():
            found.add(number_folders(numbers))
    elif form == "csv":
        if (digits / TABLE).is_file():
            found.add(digits_table(digits / TABLE))
        if (numbers / TABLE).is_file():
            found.add(numbers_table(numbers / TABLE))
    else:
        photos = yolo_photos(folder) if form == "yolo" else coco_photos([folder / "annotations.json"], folder)
        if photos is not None:
            found.add(boxed(photos))
    return found


def matched(
    given: GivenSet, known: list[SharedEntry], form: Format
) -> list[tuple[Given, SharedEntry | None]]:
    """Each label with the entry that it was exported from; None where it was added by hand.

    Entries that the format can't say are taken from the list beside it.
    """
    by_id = {entry.id: entry for entry in known}
    if form in ("folder", "csv"):
        return [
            (_edited(label, by_id.get(label.entry), form), by_id.get(label.entry)) for label in given.labels
        ]
    of_picture = defaultdict[str, list[SharedEntry]](list)
    silent = list[tuple[Given, SharedEntry | None]]()
    for one in known:
        if one.file.parent.name == OTHERS:
            silent.append((Given(one.what, one.text, one.file, one.box), one))
        else:
            of_picture[one.file.name].append(one)
    found = list[tuple[Given, SharedEntry | None]]()
    for label in given.labels:
        entry = by_id.get(label.entry) or _taken(label, of_picture[label.file.name])
        if entry is None:
            found.append((label, None))
        elif entry.what == "digit":
            found.append((Given("digit", label.text, label.file), entry))
        else:
            found.append((_edited(label, entry, form), entry))
    return found + silent


def _taken(label: Given, entries: list[SharedEntry]) -> SharedEntry | None:
    """The entry of a picture that a box stands for; it is taken out of the list."""
    best: SharedEntry | None = None
    most = _SAME_PLACE
    for entry in entries:
        if entry.what == "digit":
            # A picture of one digit holds no other entry; the class may have been changed.
            best = entry
            break
        if label.box is None or entry.box is None:
            overlap = 1.0 if label.box is None and entry.box is None else 0.0
        else:
            overlap = _in_pixels(label, entry).iou(entry.box)
        if overlap > most:
            best, most = entry, overlap
    if best is not None:
        entries.remove(best)
    return best


def _in_pixels(label: Given, entry: SharedEntry) -> Box:
    assert label.box is not None
    if not label.in_shares:
        return label.box
    width, height = size_of(entry.facts.get("size"))
    box = label.box
    return Box(box.x * width, box.y * height, box.w * width, box.h * height)


def _edited(label: Given, entry: SharedEntry | None, form: Format) -> Given:
    """The label with what its format can't hold, or spoils, taken from the entry."""
    if entry is None or entry.what != label.what:
        return label
    text, box = label.text, label.box
    # A box of YOLO has no text, one of COCO may have lost it; a file system may know no capitals; a spreadsheet
    # turns “007” into “7”.
    if (
        text is None
        or text.casefold() == entry.text.casefold()
        or (form == "csv" and _same(text, entry.text))
    ):
        text = entry.text
    if form == "folder":
        box = entry.box
    elif box is not None and entry.box is not None:
        pixels = _in_pixels(label, entry)
        box = entry.box if pixels.iou(entry.box) > _SAME_BOX else pixels
    return Given(label.what, text, label.file, box, entry=label.entry)


def _same(text: str, other: str) -> bool:
    try:
        return text != "" and float(text) == float(other)
    except ValueError:
        return False


def size_of(value: object) -> tuple[int, int]:
    """(width, height) of a list of two; (1, 1) for anything else."""
    if isinstance(value, list) and len(value) == 2 and all(type(v) is int and v > 0 for v in value):
        return value[0], value[1]
    return 1, 1
