"""A review on disk: what is reviewed, and every answer as soon as it is given, so that closing loses nothing.

reviews/<id>/review.json     {"v": 1, "title": …, "kind": "photo" | "camera", "created": …, "format": {…},
                              "items": [{…}, …]}
reviews/<id>/answers.jsonl   a line an answer; the last one of an item holds
reviews/<id>/pictures/       pictures that have no file of their own
"""

from __future__ import annotations

import json
import os
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from app.review.items import ReviewItem, item_as_dict, item_from_dict
from app.review.number_format import NumberFormat
from app.review.session import Answer
from core.base.errors import DataError, FailureError, InputError
from core.base.files import read_json, write_json
from core.collection.numbers import Kind
from core.reading.types import Box

FOLDER = "reviews"
"""Of the reviews, in the folder of the corrections."""
VERSION = 1
PICTURES = "pictures"
_FILE, _ANSWERS = "review.json", "answers.jsonl"


@dataclass(frozen=True)
class KeptReview:
    """One review. title: for people, the folder's name. kind: where its pictures come from."""

    folder: Path
    title: str
    items: tuple[ReviewItem, ...]
    expected: NumberFormat
    answers: tuple[Answer, ...]
    kind: Kind = "photo"

    @property
    def left(self) -> int:
        """How many items are not answered."""
        return len(self.items) - len({answer.item for answer in self.answers})

    @classmethod
    def open(cls, folder: Path) -> KeptReview:
        """Raises DataError, naming the file, where it is missing or damaged. Lines that were cut off are left out."""
        path = folder / _FILE
        body = read_json(path)
        if not isinstance(body, dict) or body.get("v") != VERSION or not isinstance(body.get("items"), list):
            raise DataError(f"{path} is damaged: it is not a review kept by this program.")
        try:
            items = tuple(item_from_dict(place, kept) for place, kept in enumerate(body["items"]))
            expected = NumberFormat.from_dict(body["format"])
        except (DataError, InputError, KeyError, TypeError) as error:
            raise DataError(f"{path} is damaged: {error}") from error
        kind: Kind = "camera" if body.get("kind") == "camera" else "photo"
        return cls(folder, str(body.get("title", "")), items, expected, _answers(folder / _ANSWERS), kind)


def begin_review(corrections: Path, title: str, items: Sequence[ReviewItem]) -> Path:
    """Put a new review of photos on disk; its folder. Raises FailureError where it can't be written."""
    folder = _new_folder(corrections)
    write_review(folder, title, items, NumberFormat())
    return folder


def begin_picture_review(
    corrections: Path, title: str, pictures: Sequence[tuple[ReviewItem, bytes, str]], kind: Kind
) -> Path:
    """Put a review of pictures without files on disk; its folder. Raises FailureError.

    pictures: of each item the bytes of its picture and their suffix; the item's own `file` is not looked at.
    """
    folder = _new_folder(corrections)
    items = []
    try:
        (folder / PICTURES).mkdir(parents=True, exist_ok=True)
        for item, data, suffix in pictures:
            path = folder / PICTURES / f"{item.id:04}{suffix}"
            path.write_bytes(data)
            items.append(replace(item, file=str(path)))
    except OSError as error:
        raise FailureError(
            f"The review could not be kept: {folder} can't be written ({error.strerror})."
        ) from error
    write_review(folder, title, items, NumberFormat(), kind)
    return folder


def _new_folder(corrections: Path) -> Path:
    return corrections / FOLDER / f"{time.strftime('%Y%m%d-%H%M%S')}-{secrets.token_hex(3)}"


def write_review(
    folder: Path, title: str, items: Sequence[ReviewItem], expected: NumberFormat, kind: Kind = "photo"
) -> None:
    """Write what is reviewed. Raises FailureError."""
    body = {
        "v": VERSION,
        "title": title,
        "kind": kind,
        "created": round(time.time(), 3),
        "format": expected.as_dict(),
        "items": [item_as_dict(item) for item in items],
    }
    try:
        write_json(folder / _FILE, body)
    except OSError as error:
        raise FailureError(
            f"The review could not be kept: {folder} can't be written ({error.strerror})."
        ) from error


def append_answer(folder: Path, answer: Answer) -> None:
    """Put an answer on disk. Raises FailureError."""
    body = {
        "item": answer.item,
        "written": answer.written,
        "time": round(answer.time, 3),
        "box": None if answer.box is None else answer.box.as_list(),
        "number": answer.number_id,
    }
    _append(folder / _ANSWERS, body)


def append_taken_back(folder: Path, item: int) -> None:
    """Put on disk that an item is to be asked again. Raises FailureError."""
    _append(folder / _ANSWERS, {"item": item, "taken_back": True})


def _append(path: Path, body: dict[str, Any]) -> None:
    line = json.dumps(body, ensure_ascii=False).encode() + b"\n"
    try:
        with path.open("ab") as file:
            if file.tell() and not _ends_with_newline(path):
                file.write(b"\n")  # what was cut off before stays a line of its own
            file.write(line)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise FailureError(
            f"The answer could not be kept: {path} can't be written ({error.strerror})."
        ) from error


def latest_open(corrections: Path, kind: Kind = "photo") -> KeptReview | None:
    """The newest review of this kind with something left to answer."""
    try:
        folders = sorted((corrections / FOLDER).iterdir(), reverse=True)
    except OSError:
        return None
    for folder in folders[:_LOOKED_AT]:
        try:
            kept = KeptReview.open(folder)
        except DataError:
            continue
        if kept.left and kept.kind == kind:
            return kept
    return None


_LOOKED_AT = 10
"""The newest reviews, among which one that is not finished is looked for."""


def _ends_with_newline(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read(1) == b"\n"


def _answers(path: Path) -> tuple[Answer, ...]:
    try:
        lines = path.read_bytes().splitlines()
    except OSError:
        return ()
    found: dict[int, Answer] = {}
    for line in lines:
        answer = _answer(line)
        if isinstance(answer, Answer):
            found.pop(answer.item, None)
            found[answer.item] = answer
        elif answer is not None:
            found.pop(answer, None)
    return tuple(found.values())


def _answer(line: bytes) -> Answer | int | None:
    """None for a line that was cut off, an item's id for one that is to be asked again."""
    try:
        body: dict[str, Any] = json.loads(line)
        if body.get("taken_back") is True:
            return int(body["item"])
        box = body["box"]
        return Answer(
            int(body["item"]), str(body["written"]), float(body["time"]), None if box is None else Box(*box),
            str(body["number"]),
        )  # fmt: skip
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
