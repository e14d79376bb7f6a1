"""Writes what people labelled as an image folder, tables, YOLO or COCO.

    folder   digits/7/<id>.png, digits/none/…; numbers/12B/<id>.jpg, numbers/none/… (signs as %2E)
    csv      digits/labels.csv (entry, file, label), numbers/labels.csv (entry, file, number, x, y, w, h, …)
    yolo     images/, labels/, data.yaml: classes 0 to 9 and “number”
    coco     images/, annotations.json: the same classes; a number's text is `utf8_string`, as in COCO-Text

Beside each stands `entries.jsonl`. What YOLO and COCO can't say (a number whose place isn't known, “no number here” of
a part of a photo) stands there alone, with its picture in `others/`, where no other program takes it for an empty one.
"""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from core.base.errors import DataError, FailureError, InputError
from core.base.files import write_json, written_aside
from core.collection.exchange.entry import (
    NOTHING,
    Format,
    Progress,
    SharedEntry,
    collected,
    write_sidecar,
)
from core.reading.types import Box

OTHERS = "others"
CLASSES = (*map(str, range(10)), "number")
_ORIENTATION = 0x0112  # EXIF
_RESERVED = ("CON", "PRN", "AUX", "NUL", *(f"{n}{i}" for n in ("COM", "LPT") for i in range(1, 10)))
"""Names that Windows gives to no folder."""


@dataclass(frozen=True)
class Exported:
    """What was written. damaged: a sentence an entry that was left out."""

    digits: int
    numbers: int
    damaged: tuple[str, ...]


def export_collection(
    corrections: Path, out: Path, form: Format, *, progress: Progress = lambda done, of: None
) -> Exported:
    """Write all that is in the stores into the folder `out`, which must not be there yet, or be empty.

    Raises InputError where something is there or nothing was collected, FailureError where it can't be written;
    nothing half-written is left behind.
    """
    out = out.expanduser().resolve()
    if out.exists() and not (out.is_dir() and not any(out.iterdir())):
        raise InputError(f"{out} is there already; give another name.")
    found = collected(corrections)
    if not found.entries:
        raise InputError("Nothing was collected yet: there is nothing to export.")
    aside = out.with_name(f".{out.name}.part")
    shutil.rmtree(aside, ignore_errors=True)
    try:
        aside.mkdir(parents=True)
        writer = _Writer(aside, form, progress)
        kept, damaged = writer.write(found.entries)
        if out.exists():
            out.rmdir()
        os.replace(aside, out)
    except OSError as error:
        raise FailureError(f"{out} can't be written ({error.strerror or error}).") from error
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    digits = sum(entry.what == "digit" for entry in kept)
    return Exported(digits, len(kept) - digits, (*found.damaged, *damaged))


def folder_name(text: str) -> str:
    """A folder's name for a number, on every system: “217%2E61”, “none” for no number."""
    name = quote(text or NOTHING, safe="").replace(".", "%2E")
    return f"%{ord(name[0]):02X}{name[1:]}" if name.upper() in _RESERVED else name


def boxable(entries: Sequence[SharedEntry]) -> set[tuple[str, str]]:
    """(what, id) of what YOLO and COCO can say: digits, numbers with their place, photos with nothing in them."""
    named = {e.file for e in entries if e.what == "number" and e.text}
    found = set[tuple[str, str]]()
    for entry in entries:
        is_empty = not entry.text and entry.box is None and entry.file not in named
        if entry.what == "digit" or (entry.text and entry.box is not None) or is_empty:
            found.add((entry.what, entry.id))
    return found


class _Writer:
    """Copies pictures and remembers where they went."""

    def __init__(self, folder: Path, form: Format, progress: Progress) -> None:
        self._folder, self._form, self._progress = folder, form, progress
        self._boxable = set[tuple[str, str]]()
        self._sizes = dict[str, tuple[int, int]]()

    def write(self, entries: Sequence[SharedEntry]) -> tuple[list[SharedEntry], list[str]]:
        """Those that were written, and a sentence each of those whose picture can't be read."""
        placed, damaged = list[tuple[SharedEntry, str]](), list[str]()
        self._boxable = boxable(entries)
        for done, entry in enumerate(entries, start=1):
            name = self._place(entry)
            try:
                self._copy(entry.file, name)
                placed.append((entry, name))
            except DataError as error:
                damaged.append(str(error))
            self._progress(done, len(entries))
        formats = {"csv": self._tables, "yolo": self._yolo, "coco": self._coco}
        if self._form in formats:
            formats[self._form](placed)
        write_sidecar(self._folder, self._form, placed)
        return [entry for entry, _ in placed], damaged

    def _place(self, entry: SharedEntry) -> str:
        suffix = entry.file.suffix.lower()
        if self._form == "folder":
            return f"{entry.what}s/{folder_name(entry.text)}/{entry.id}{suffix}"
        if self._form == "csv":
            return f"{entry.what}s/pictures/{entry.file.name}"
        return f"{'images' if self._can_be_boxed(entry) else OTHERS}/{entry.file.name}"

    def _can_be_boxed(self, entry: SharedEntry) -> bool:
        return (entry.what, entry.id) in self._boxable

    def _copy(self, source: Path, name: str) -> None:
        if name in self._sizes:
            return
        try:
            data = source.read_bytes()
        except OSError as error:
            raise DataError(f"{source} can't be read ({error.strerror}).") from error
        size = _size_of(source, data)
        target = self._folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
        self._sizes[name] = size

    def _tables(self, placed: list[tuple[SharedEntry, str]]) -> None:
        for what, column in (("digit", "label"), ("number", "number")):
            rows = [(entry, name) for entry, name in placed if entry.what == what]
            if not rows:
                continue
            text = io.StringIO(newline="")
            writer = csv.writer(text, lineterminator="\n")
            writer.writerow(
                ["file", column, "x", "y", "w", "h", "kind", "was_read", "group", "source_file", "entry"]
            )
            for entry, name in rows:
                box = [""] * 4 if entry.box is None else [str(v) for v in entry.box.as_list()]
                facts = [str(entry.facts[key]) for key in ("kind", "was_read", "group", "source_file")]
                writer.writerow([name.split("/", 1)[1], entry.label_name, *box, *facts, entry.id])
            with written_aside(self._folder / f"{what}s" / "labels.csv") as file:
                # With the mark by which spreadsheets know UTF-8.
                file.write(text.getvalue().encode("utf-8-sig"))

    def _yolo(self, placed: list[tuple[SharedEntry, str]]) -> None:
        lines = defaultdict[str, list[str]](list)
        for entry, name in placed:
            if not self._can_be_boxed(entry):
                continue
            stem = Path(name).stem
            width, height = self._sizes[name]
            lines[stem] += []
            box = _box_of(entry, width, height)
            if box is not None:
                cx, cy = box.center
                shares = (cx / width, cy / height, box.w / width, box.h / height)
                lines[stem].append(" ".join([str(_class_of(entry)), *(f"{v:.9f}" for v in shares)]))
        (self._folder / "labels").mkdir()
        for stem, of_picture in lines.items():
            (self._folder / "labels" / f"{stem}.txt").write_text("".join(f"{line}\n" for line in of_picture))
        names = "".join(f"  {i}: {json.dumps(name)}\n" for i, name in enumerate(CLASSES))
        (self._folder / "data.yaml").write_text(f"path: .\ntrain: images\nval: images\nnames:\n{names}")

    def _coco(self, placed: list[tuple[SharedEntry, str]]) -> None:
        images, boxes = dict[str, dict[str, object]](), list[dict[str, object]]()
        for entry, name in placed:
            if not self._can_be_boxed(entry):
                continue
            width, height = self._sizes[name]
            image = {"id": len(images) + 1, "file_name": name, "width": width, "height": height}
            number = images.setdefault(name, image)["id"]
            box = _box_of(entry, width, height)
            if box is not None:
                boxes.append(
                    {
                        "id": len(boxes) + 1, "image_id": number, "category_id": _class_of(entry),
                        "bbox": box.as_list(), "area": round(box.area, 2), "iscrowd": 0,
                        "utf8_string": entry.text, "entry": entry.id,
                    }
                )  # fmt: skip
        categories = [{"id": i, "name": name} for i, name in enumerate(CLASSES)]
        body = {"images": list(images.values()), "annotations": boxes, "categories": categories}
        write_json(self._folder / "annotations.json", body)


def _size_of(path: Path, data: bytes) -> tuple[int, int]:
    """(width, height) of a picture as it is shown, upright. Raises DataError, naming the file."""
    from PIL import Image

    try:
        with Image.open(io.BytesIO(data)) as picture:
            turned = picture.getexif().get(_ORIENTATION, 1) in (5, 6, 7, 8)
            return (picture.height, picture.width) if turned else picture.size
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise DataError(f"{path} is damaged: it is not an image.") from error


def _class_of(entry: SharedEntry) -> int:
    return CLASSES.index(entry.text) if entry.what == "digit" else CLASSES.index("number")


def _box_of(entry: SharedEntry, width: int, height: int) -> Box | None:
    """The box of what is there, all of a digit's picture; None for nothing."""
    if not entry.text:
        return None
    return entry.box or Box(0, 0, width, height)
