"""Every set of real pictures of whole numbers, and of words and scenes without any, in one form.

The parts of a set: `train`; `validation`, on which figures are reported, never trained on anywhere; and `dev`, kept
out of training too, for choosing and calibrating, where a set has one. A set whose table names its parts keeps them.
Of the others a tenth is validation, a fifth of those with fewer than 500 pictures, by a hash of the file's name.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from core.base.errors import DataError
from core.base.paths import Places
from core.loaders import svhn, svhn_extra
from core.loaders.background_photos import background_files, image_files
from core.loaders.folders import data_folder
from core.loaders.formats import box_of, read_table
from core.reading.types import Box

SPLITS = ("train", "dev", "validation")
SMALL_SET = 500
"""With fewer pictures a fifth is held back, not a tenth."""


@dataclass(frozen=True)
class NumberPhoto:
    """One picture with what is written in it.

    written: with letters and signs where the set gives them (`is_whole`), else the digits. digits: alone; empty for
    words without digits. box: of the row of characters, in pixels; None where the row is all (or most) of the
    picture. digit_boxes: where known, in reading order. group: pictures of the same thing (a track) share it.
    """

    file: Path
    source: str
    split: str
    written: str
    digits: str
    is_whole: bool = False
    box: Box | None = None
    digit_boxes: tuple[tuple[int, Box], ...] = ()
    group: str = ""


def held_back(file_name: str, share: float) -> bool:
    """Whether a picture, by its file's name alone, is among the share that is never trained on."""
    value = int.from_bytes(hashlib.sha256(file_name.encode()).digest()[:8], "big")
    return value / 2**64 < share


def number_photos(places: Places, source: str, split: str | None = None) -> list[NumberPhoto]:
    """The pictures of a source, of one part of it or of all. Raises DataError where it is not here or damaged."""
    known = SOURCES | WITHOUT_NUMBERS
    if source not in known:
        raise DataError(f"There are no photos “{source}”; there are {', '.join(known)}.")
    name, load = known[source]
    try:
        found = load(data_folder(places, name), source)
    except OSError as error:
        raise DataError(f"{error.filename or name}: {error.strerror or error}.") from error
    return [photo for photo in found if split is None or photo.split == split]


def digits_in(text: str) -> str:
    """The digits of a text, alone."""
    return "".join(c for c in text if c.isascii() and c.isdigit())


def _photo(file: Path, source: str, written: str, split: str) -> NumberPhoto:
    return NumberPhoto(file, source, split, written, digits_in(written))


def _hashed(photos: list[NumberPhoto]) -> list[NumberPhoto]:
    """The photos with their part, chosen by their files' names."""
    share = 0.2 if len(photos) < SMALL_SET else 0.1
    return [replace(p, split="validation" if held_back(p.file.name, share) else "train") for p in photos]


def _rows_of_boxes(table: Path) -> dict[str, tuple[tuple[int, Box], ...]]:
    """Per file its digits with their boxes, left to right."""
    found: dict[str, list[tuple[int, Box]]] = {}
    for row in read_table(table, ("file", "digit", "x", "y", "w", "h")):
        found.setdefault(row["file"], []).append((_digit(table, row), box_of(table, row)))
    return {name: tuple(sorted(items, key=lambda item: item[1].x)) for name, items in found.items()}


def _digit(table: Path, row: Mapping[str, str]) -> int:
    if len(row["digit"]) != 1 or row["digit"] not in "0123456789":
        raise DataError(f"{table}: “{row['digit']}” of {row['file']} is not a digit.")
    return int(row["digit"])


def _placed(photo: NumberPhoto, boxes: tuple[tuple[int, Box], ...]) -> NumberPhoto:
    """The photo with its digits' boxes, where they spell its number."""
    if not boxes or "".join(str(d) for d, _ in boxes) != photo.digits:
        return photo
    return replace(photo, digit_boxes=boxes, box=Box.around([b for _, b in boxes]))


def _wagons(folder: Path, source: str) -> list[NumberPhoto]:
    boxes = _rows_of_boxes(folder / "boxes.csv")
    rows = read_table(folder / "labels.csv", ("file", "number", "split"))
    return [
        _placed(
            _photo(folder / "images" / r["file"], source, r["number"], _split(folder, r)),
            boxes.get(r["file"], ()),
        )
        for r in rows
    ]


def _cheques(folder: Path, source: str) -> list[NumberPhoto]:
    boxes = _rows_of_boxes(folder / "boxes.csv")
    rows = read_table(folder / "labels.csv", ("file", "number"))
    photos = [_photo(folder / "images" / r["file"], source, r["number"], "") for r in rows]
    return _hashed([_placed(p, boxes.get(p.file.name, ())) for p in photos])


def _shirts(folder: Path, source: str) -> list[NumberPhoto]:
    rows = read_table(folder / "labels.csv", ("file", "number", "track", "split"))
    return [
        replace(
            _photo(folder / "images" / r["file"], source, r["number"], _split(folder, r)), group=r["track"]
        )
        for r in rows
    ]


def _speed_signs(folder: Path, source: str) -> list[NumberPhoto]:
    rows = read_table(folder / "labels.csv", ("file", "number"))
    return _hashed([_photo(folder / "images" / r["file"], source, r["number"], "") for r in rows])


def _iiit5k_numbers(folder: Path, source: str) -> list[NumberPhoto]:
    table = folder / "numbers.csv"
    photos = []
    for row in read_table(table, ("file", "text", "char_boxes_xywh")):
        photo = replace(_photo(folder / "numbers" / row["file"], source, row["text"], ""), is_whole=True)
        try:
            boxes = [Box(*map(float, box)) for box in json.loads(row["char_boxes_xywh"] or "[]")]
        except (ValueError, TypeError) as error:
            raise DataError(
                f"{table} is damaged: the boxes of {row['file']} are no lists of four."
            ) from error
        if boxes and len(boxes) == len(row["text"]):
            pairs = zip(row["text"], boxes, strict=True)
            digits = tuple((int(c), box) for c, box in pairs if digits_in(c))
            photo = replace(photo, box=Box.around(boxes), digit_boxes=digits)
        photos.append(photo)
    return _hashed(photos)


def _iiit5k_words(folder: Path, source: str) -> list[NumberPhoto]:
    rows = read_table(folder / "words.csv", ("file", "text"))
    return _hashed(
        [replace(_photo(folder / "words" / r["file"], source, r["text"], ""), is_whole=True) for r in rows]
    )


def _icdar2015_numbers(folder: Path, source: str) -> list[NumberPhoto]:
    rows = read_table(folder / "numbers.csv", ("file", "text", "digits"))
    return _hashed(
        [
            replace(
                _photo(folder / "numbers" / r["file"], source, r["text"], ""),
                digits=r["digits"], is_whole=True,
            )
            for r in rows
        ]
    )  # fmt: skip


def _lcd_meters(folder: Path, source: str) -> list[NumberPhoto]:
    photos = []
    for name, boxes in _rows_of_boxes(folder / "boxes.csv").items():
        number = "".join(str(d) for d, _ in boxes)
        photos.append(_placed(_photo(folder / "photos" / name, source, number, ""), boxes))
    return _hashed(photos)


def _svhn(folder: Path, source: str) -> list[NumberPhoto]:
    """SVHN's own photos with boxes; their tall loose boxes made tight."""
    photos = []
    for split, name in (("train", "train"), ("dev", "validation")):
        for found in svhn.boxed_photos(folder, split):
            boxes = tuple((d, svhn.tight(b)) for d, b in zip(found.digits, found.boxes, strict=True))
            number = "".join(map(str, found.digits))
            photos.append(_placed(_photo(found.path, source, number, name), boxes))
    return photos


def _svhn_extra(folder: Path, source: str) -> list[NumberPhoto]:
    """Of the training photos those of trusted votes, or read by eye; every twelfth of them is dev."""
    placed = svhn_extra.read_boxes()
    photos = []
    for path, number in svhn_extra.load_numbers(folder, "train"):
        split = "dev" if svhn_extra.is_held(path.name) else "train"
        boxes = tuple(placed.get(path.name, ()))
        photos.append(_placed(_photo(path, source, number, split), boxes))
    checked = svhn_extra.load_numbers(folder, "dev")
    return photos + [_photo(path, source, number, "validation") for path, number in checked]


def _backgrounds(folder: Path, source: str) -> list[NumberPhoto]:
    """The last ones by name are validation, as ever; of the others those that are held back are dev."""
    held, others = background_files(folder, "dev"), background_files(folder, "train")
    split = {path: "dev" if svhn_extra.is_held(path.name) else "train" for path in others}
    return [NumberPhoto(path, source, split.get(path, "validation"), "", "") for path in [*others, *held]]


def _pictures(folder: Path, source: str) -> list[NumberPhoto]:
    return _hashed([_photo(path, source, "", "") for path in image_files(folder)])


def _signs(folder: Path, source: str) -> list[NumberPhoto]:
    rows = read_table(folder / "labels.csv", ("file", "number"))
    return [
        replace(_photo(folder / r["file"], source, r["number"], "validation"), is_whole=True) for r in rows
    ]


def _split(folder: Path, row: Mapping[str, str]) -> str:
    if row["split"] not in SPLITS:
        raise DataError(f"{folder / 'labels.csv'}: “{row['split']}” of {row['file']} is no part of the set.")
    return row["split"]


SOURCES: dict[str, tuple[str, Callable[[Path, str], list[NumberPhoto]]]] = {
    "wagon-numbers": ("wagon_numbers", _wagons),
    "cheques": ("orand_car", _cheques),
    "iiit5k-numbers": ("iiit5k", _iiit5k_numbers),
    "iiit5k-words": ("iiit5k", _iiit5k_words),
    "icdar2015-numbers": ("icdar2015", _icdar2015_numbers),
    "speed-limit-signs": ("speed_limit_signs", _speed_signs),
    "jersey-numbers": ("jersey_numbers", _shirts),
    "lcd-meters": ("lcd_meters", _lcd_meters),
    "svhn-numbers": ("svhn_extra_numbers", _svhn_extra),
    "svhn": ("svhn", _svhn),
    "signs": ("signs", _signs),
}
"""By the name that commands know: the folder of the data, and its loader."""

WITHOUT_NUMBERS: dict[str, tuple[str, Callable[[Path, str], list[NumberPhoto]]]] = {
    "icdar2015-scenes": ("icdar2015", lambda folder, source: _pictures(folder / "scenes", source)),
    "backgrounds": ("backgrounds", _backgrounds),
    "backgrounds-more": ("backgrounds_more", _pictures),
}
"""Whole pictures with nothing in them that is a number; there may be words."""
