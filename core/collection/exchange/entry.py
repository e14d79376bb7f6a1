"""One labelled digit or number on its way out or in, and the file beside an export that holds what a format can't.

entries.jsonl   first line {"v": 1, "format": "folder" | "csv" | "yolo" | "coco"}, then one line an entry:
                {"id", "what": "digit" | "number", "text", "box": [x, y, w, h] or null, "file": its picture, and
                all that the store knows of it: kind, size, whole, was_read, model, time, source_file, group,
                number, strokes}
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from core.base.errors import DataError, InputError
from core.base.files import written_aside
from core.collection.numbers import LabelledNumber, NumberStore
from core.loaders.user_digits import UserDigit, UserDigitStore, folder_of, strokes_json
from core.reading.types import Box

What = Literal["digit", "number"]
Format = Literal["folder", "csv", "yolo", "coco"]
FORMATS: tuple[Format, ...] = get_args(Format)
SIDECAR = "entries.jsonl"
VERSION = 1
NOTHING = "none"
"""What the formats call a digit's picture without a digit, and a number's without a number."""

Progress = Callable[[int, int], None]
"""Called with how many are done and how many there are."""


@dataclass(frozen=True)
class SharedEntry:
    """One digit or number outside the stores.

    id: in the store that it comes from; "" where it comes from elsewhere. text: “7”, “12B”, "" for none. box: in pixels
    of the picture. file: the picture. facts: what else the store knows, as JSON has it.
    """

    id: str
    what: What
    text: str
    box: Box | None
    file: Path
    facts: Mapping[str, Any]

    @property
    def label_name(self) -> str:
        """The text as folders and tables have it."""
        return self.text or NOTHING


@dataclass(frozen=True)
class Collected:
    """All that is in the stores. damaged: a sentence an entry that can't be read."""

    entries: tuple[SharedEntry, ...]
    damaged: tuple[str, ...]


def collected(corrections: Path) -> Collected:
    """The digits and numbers of a folder of corrections (`Places.corrections`), oldest first."""
    digits, bad = UserDigitStore(corrections).entries_and_damaged()
    store = NumberStore.within(corrections)
    numbers, sentences = store.entries()
    found, damaged = list[SharedEntry](), [*bad.values(), *sentences]
    for digit in digits:
        try:
            found.append(of_digit(digit))
        except DataError as error:
            damaged.append(str(error))
    for number in numbers:
        try:
            found.append(of_number(number, store))
        except DataError as error:
            damaged.append(str(error))
    return Collected(tuple(found), tuple(damaged))


def of_digit(digit: UserDigit) -> SharedEntry:
    """Raises DataError where the entry is damaged."""
    name = folder_of(digit.label)
    facts = {
        "kind": digit.kind, "size": list(digit.size), "time": digit.created, **dataclasses.asdict(digit.origin),
        "strokes": strokes_json(digit),
    }  # fmt: skip
    return SharedEntry(
        digit.id, "digit", "" if name == NOTHING else name, None, _existing(digit.png_path), facts
    )


def of_number(number: LabelledNumber, store: NumberStore) -> SharedEntry:
    """Raises DataError where the entry is damaged."""
    facts = {
        "kind": number.kind, "size": list(number.size), "whole": number.whole, "was_read": number.was_read,
        "model": number.model, "time": number.time, "source_file": number.source_file, "group": number.group,
        "strokes": store.strokes_json(number),
    }  # fmt: skip
    return SharedEntry(number.id, "number", number.written, number.box, _existing(number.picture), facts)


def _existing(path: Path) -> Path:
    if not path.is_file():
        raise DataError(f"{path} is not there.")
    return path


def write_sidecar(folder: Path, form: Format, entries: list[tuple[SharedEntry, str]]) -> None:
    """entries: each with its picture's path in the folder, with slashes."""
    with written_aside(folder / SIDECAR) as file:
        file.write(_line({"v": VERSION, "format": form}))
        for entry, name in entries:
            box = None if entry.box is None else entry.box.as_list()
            head = {"id": entry.id, "what": entry.what, "text": entry.text, "box": box, "file": name}
            file.write(_line(head | dict(entry.facts)))


def read_sidecar(folder: Path) -> tuple[Format | None, list[SharedEntry], list[str]]:
    """The format of an export and its entries, and a sentence each of those that are damaged; None: it has none.

    Raises InputError where it was made by a later version.
    """
    path = folder / SIDECAR
    if not path.is_file():
        return None, [], []
    lines = path.read_text("utf-8", errors="replace").removesuffix("\n").split("\n")
    head = _parsed(lines[0] if lines else "")
    if head.get("v") != VERSION or head.get("format") not in FORMATS:
        raise InputError(f"{path} is not a list that this program wrote, or a later version did.")
    found, bad = list[SharedEntry](), list[str]()
    for place, line in enumerate(lines[1:], start=2):
        body = _parsed(line)
        try:
            found.append(_entry(folder, body))
        except (KeyError, TypeError, ValueError):
            bad.append(f"{path} is damaged: line {place} is not an entry.")
    return head["format"], found, bad


def _entry(folder: Path, body: dict[str, Any]) -> SharedEntry:
    box = body.pop("box")
    names = [body.pop(name) for name in ("id", "what", "text", "file")]
    if not all(isinstance(name, str) for name in names) or names[1] not in get_args(What):
        raise ValueError
    identity, what, text, name = names
    if box is not None:
        box = Box(*(float(v) for v in box))
        if not all(map(math.isfinite, box.as_list())):
            raise ValueError
    # A list from elsewhere must not reach files outside its own folder.
    if Path(name).is_absolute() or ".." in Path(name).parts or identity != Path(identity).name:
        raise ValueError
    return SharedEntry(identity, what, text, box, folder / name, body)


def _line(value: Mapping[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _parsed(line: str) -> dict[str, Any]:
    try:
        body = json.loads(line)
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def content_of(data: bytes) -> str:
    """Tells pictures apart by their files' content."""
    return hashlib.sha256(data).hexdigest()
