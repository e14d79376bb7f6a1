"""Digits in photos by their boxes, as YOLO and COCO write them."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.base.errors import DataError
from core.base.files import read_json
from core.loaders.own.digits import OwnDigits, Picture, joined
from core.loaders.own.names import label_of, split_of
from core.reading.images import PICTURES
from core.reading.types import NOT_A_DIGIT, Box

_NAME_FILES = ("classes.txt", "obj.names", "names.txt", "labels.txt")
_COCO_KEYS = {"images", "annotations", "categories"}


def pictures_below(folder: Path) -> list[Path]:
    """The pictures in a folder and below it, by path; hidden ones left out."""
    found = []
    for root, below, names in os.walk(folder):
        below[:] = sorted(name for name in below if not name.startswith("."))
        found += [
            Path(root) / n
            for n in sorted(names)
            if n[0] != "." and os.path.splitext(n)[1].lower() in PICTURES
        ]
    return found


def part_of(path: Path, root: Path) -> str:
    """The split that a folder between `root` and a file is named for; "" if there is none."""
    return next((s for name in path.relative_to(root).parts[:-1] if (s := split_of(name))), "")


@dataclass(frozen=True)
class NamedBox:
    """A box of a photo, as a set of boxes has it.

    name: of its class. in_shares: the box is in shares of the picture's width and height. text: what is written in
    it, where the set says so (COCO-Text's `utf8_string`). facts: all that the set says about it.
    """

    file: Path
    name: str
    box: Box
    split: str = ""
    in_shares: bool = False
    text: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)

    def box_in(self, size: tuple[int, int]) -> Box:
        """The box in pixels of a picture of this (width, height)."""
        if not self.in_shares:
            return self.box
        w, h = size
        return Box(self.box.x * w, self.box.y * h, self.box.w * w, self.box.h * h)


@dataclass(frozen=True)
class BoxedPhotos:
    """The photos of a set of boxes. boxes: of all its classes. tables: the files that say where they are.

    empty: photos of which the set says that there is nothing in them. lost: boxes whose photo is not there.
    """

    boxes: tuple[NamedBox, ...]
    tables: tuple[Path, ...]
    empty: tuple[Path, ...] = ()
    lost: int = 0

    @property
    def digits(self) -> list[Picture]:
        """The boxes whose class is a digit."""
        return [
            Picture(b.file, label, b.split, b.box, in_shares=b.in_shares)
            for b in self.boxes
            if (label := label_of(b.name)) is not None and label != NOT_A_DIGIT
        ]

    @property
    def other_classes(self) -> set[str]:
        """Names of the classes that are no digits."""
        return {b.name for b in self.boxes if label_of(b.name) in (None, NOT_A_DIGIT)}


def yolo_digits(folder: Path) -> OwnDigits | None:
    """Digits of a YOLO set: beside each picture, or in `labels` beside `images`, a text file with a line a box.

    None where there are no such files. Raises DataError, naming the file that is damaged.
    """
    photos = yolo_photos(folder)
    if photos is None:
        return None
    found, unknown = photos.digits, photos.other_classes
    if not found:
        raise DataError(
            f"{folder} holds boxes of YOLO, but none of a digit; its classes are {_listed(unknown)}."
        )
    return OwnDigits(
        "photos with boxes (YOLO)", folder, tuple(found), photos.tables, remarks=_left_out(unknown)
    )


def yolo_photos(folder: Path) -> BoxedPhotos | None:
    """All boxes of a YOLO set; None where it is none. Raises DataError, naming the file that is damaged."""
    pairs = [(path, text) for path in pictures_below(folder) if (text := _text_of(path)) is not None]
    if not pairs:
        return None
    names = _class_names(folder)
    found, empty = list[NamedBox](), list[Path]()
    for path, text in pairs:
        lines = _lines(text)
        if not lines:
            empty.append(path)
        for kind, cx, cy, w, h in lines:
            box = Box(cx - w / 2, cy - h / 2, w, h)
            found.append(
                NamedBox(path, names.get(kind, str(kind)), box, part_of(path, folder), in_shares=True)
            )
    return BoxedPhotos(tuple(found), tuple(sorted({text for _, text in pairs})), tuple(empty))


def _text_of(path: Path) -> Path | None:
    places = [path.with_suffix(".txt")]
    parts = list(path.parts)
    if "images" in parts[:-1]:
        at = len(parts) - 2 - parts[-2::-1].index("images")
        places.append(Path(*parts[:at], "labels", *parts[at + 1 :]).with_suffix(".txt"))
    return next((place for place in places if place.is_file() and place.name not in _NAME_FILES), None)


def _lines(path: Path) -> list[tuple[int, float, float, float, float]]:
    """(class, centre x, centre y, width, height), shares of the picture."""
    found = []
    try:
        for line in path.read_text("utf-8-sig").splitlines():
            if not line.strip():
                continue
            kind, *rest = line.split()
            values = [float(value) for value in rest[:4]]
            if len(values) < 4 or not all(map(math.isfinite, values)):
                raise ValueError(line)
            found.append((int(float(kind)), values[0], values[1], values[2], values[3]))
    except (ValueError, UnicodeDecodeError) as error:
        raise DataError(f"{path} is damaged: a line is not “class x y width height”.") from error
    return found


def _class_names(folder: Path) -> dict[int, str]:
    """Names of the classes, of a `data.yaml` or `classes.txt` in the folder; empty if there is no such file."""
    for name in _NAME_FILES:
        if (folder / name).is_file():
            lines = (folder / name).read_text("utf-8-sig", errors="replace").splitlines()
            return dict(enumerate(line.strip() for line in lines if line.strip()))
    for path in sorted([*folder.glob("*.yaml"), *folder.glob("*.yml")]):
        found = yaml_names(path.read_text("utf-8-sig", errors="replace"))
        if found:
            return found
    return {}


def yaml_names(text: str) -> dict[int, str]:
    """The classes of a `data.yaml`: `names: [a, b]`, a list with dashes, or `0: a` lines. No other YAML is read."""
    match = re.search(r"^names\s*:[ \t]*(.*)$", text, re.MULTILINE)
    if match is None:
        return {}
    inline = text[match.start(1) :]
    if inline.startswith("["):
        listed = inline[1 : inline.find("]")].split(",")
        return {i: name.strip().strip("'\"") for i, name in enumerate(listed) if name.strip()}
    found: dict[int, str] = {}
    for line in text[match.end() :].splitlines():
        item = re.fullmatch(r"\s*(?:-\s+|(\d+)\s*:\s*)(.+?)\s*(?:#.*)?", line)
        if item is None:
            if line.strip() and not line[0].isspace():
                break
            continue
        found[int(item[1]) if item[1] else len(found)] = item[2].strip("'\"")
    return found


def is_coco(body: Any) -> bool:
    """Whether a JSON file's content is COCO's."""
    return isinstance(body, dict) and body.keys() >= _COCO_KEYS


def coco_digits(files: Iterable[Path], root: Path) -> OwnDigits | None:
    """Digits of COCO files (images, annotations, categories); None where none of the files is one.

    root: below it the photos are looked for by name. Raises DataError, naming the file that is damaged.
    """
    photos = coco_photos(files, root)
    if photos is None:
        return None
    found, unknown = photos.digits, photos.other_classes
    if not found:
        raise DataError(
            f"{joined(list(map(str, photos.tables)))}: no box of a digit; the classes are {_listed(unknown)}."
        )
    remarks = _left_out(unknown)
    if photos.lost:
        remarks += (f"{photos.lost:,} boxes are left out: their photos are not there.",)
    return OwnDigits("photos with boxes (COCO)", root, tuple(found), photos.tables, remarks=remarks)


def coco_photos(files: Iterable[Path], root: Path) -> BoxedPhotos | None:
    """All boxes of COCO files, as `coco_digits` finds them."""
    found, empty, tables = list[NamedBox](), list[Path](), list[Path]()
    below: dict[str, list[Path]] | None = None
    lost = 0
    for table in files:
        body = read_json(table)
        if not is_coco(body):
            continue
        if below is None:
            below = {}
            for path in pictures_below(root):
                below.setdefault(path.name, []).append(path)
        tables.append(table)
        split = split_of(table.stem) or part_of(table, root)
        boxes, nothing, missing = _coco(table, body, below, split)
        found += boxes
        empty += nothing
        lost += missing
    return BoxedPhotos(tuple(found), tuple(tables), tuple(empty), lost) if tables else None


def _coco(
    table: Path, body: Mapping[str, Any], below: Mapping[str, list[Path]], split: str
) -> tuple[list[NamedBox], list[Path], int]:
    """Its boxes, the photos without any, and how many boxes of digits or texts have no photo."""
    found, lost = list[NamedBox](), 0
    try:
        names = {int(c["id"]): str(c["name"]) for c in body["categories"]}
        photos = {int(i["id"]): _find(str(i["file_name"]), table.parent, below) for i in body["images"]}
        empty = dict(photos)
        for facts in body["annotations"]:
            name = names.get(int(facts["category_id"]), str(facts["category_id"]))
            photo = photos[int(facts["image_id"])]
            empty.pop(int(facts["image_id"]), None)
            text = str(facts.get("utf8_string") or "")
            if photo is None:
                lost += label_of(name) not in (None, NOT_A_DIGIT) or bool(text)
                continue
            # Keypoints and masks of other classes need no box.
            is_needed = label_of(name) is not None or bool(text)
            x, y, w, h = (float(v) for v in (facts["bbox"] if is_needed else facts.get("bbox") or [0.0] * 4))
            found.append(NamedBox(photo, name, Box(x, y, w, h), split, text=text, facts=facts))
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise DataError(f"{table} is damaged: it is not what COCO's format asks for.") from error
    return found, [photo for photo in empty.values() if photo is not None], lost


def _find(name: str, beside: Path, below: Mapping[str, list[Path]]) -> Path | None:
    if (beside / name).is_file():
        return beside / name
    places = below.get(Path(name).name, [])
    # Of several of one name the one whose folders are named, too.
    return next((p for p in places if p.as_posix().endswith(name)), places[0] if places else None)


def _left_out(unknown: set[str]) -> tuple[str, ...]:
    return (f"Boxes of other classes are left out: {_listed(unknown)}.",) if unknown else ()


def _listed(names: set[str]) -> str:
    return joined([f"“{name}”" for name in sorted(names)]) or "not named"


def json_files(folder: Path) -> list[Path]:
    """The JSON files in a folder and in those right below it, as COCO keeps its annotations."""
    return sorted([*folder.glob("*.json"), *folder.glob("*/*.json")])
