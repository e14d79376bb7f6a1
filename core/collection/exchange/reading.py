"""Brings what other people, or other programs, labelled into the stores: nothing twice, nothing lost."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.base.errors import DataError, InputError
from core.collection.exchange.entry import (
    Progress,
    SharedEntry,
    content_of,
    read_sidecar,
)
from core.collection.exchange.foreign import Given, given_in
from core.collection.exchange.matching import given_by, matched, size_of
from core.collection.numbers import (
    KINDS,
    Kind,
    LabelledNumber,
    NumberStore,
    checked_number,
    content_name,
    inside,
    picture_file,
    picture_group,
)
from core.loaders.user_digits import DigitOrigin, UserDigitStore, png_of
from core.reading.types import NOT_A_DIGIT, Box


@dataclass
class Imported:
    """What came in. there: entries that are here already. deleted: those that were deleted or relabelled here.

    left_out: a sentence each of what can't be read.
    """

    digits: int = 0
    numbers: int = 0
    there: int = 0
    deleted: int = 0
    left_out: list[str] = field(default_factory=list)


def import_collection(
    path: Path,
    corrections: Path,
    *,
    deleted_too: bool = False,
    progress: Progress = lambda done, of: None,
) -> Imported:
    """Keep the labels of a folder or file: an export of this program, or a set of another one's.

    deleted_too: also what was deleted, or relabelled, here since it was exported.

    Raises DataError where nothing with labels is found there, FailureError where the stores can't be written; what
    came in until then stays.
    """
    path = path.expanduser().resolve()
    form, known, left_out = read_sidecar(path) if path.is_dir() else (None, [], [])
    given = given_in(path) if form is None else given_by(path, form)
    left_out += given.said
    labels: list[tuple[Given, SharedEntry | None]] = [(label, None) for label in given.labels]
    if form is not None:
        labels = matched(given, known, form)
    if not labels and not left_out:
        raise DataError(f"{path} holds no labels.")
    keeper = _Keeper(corrections, deleted_too, left_out)
    for done, (label, entry) in enumerate(labels, start=1):
        try:
            keeper.keep(label, entry)
        except InputError as error:
            left_out.append(str(error))
        progress(done, len(labels))
    return keeper.result


class _Keeper:
    """Puts entries into the stores, those alone that are not there."""

    def __init__(self, corrections: Path, deleted_too: bool, left_out: list[str]) -> None:
        self._digits, self._numbers = UserDigitStore(corrections), NumberStore.within(corrections)
        self._deleted_too = deleted_too
        self.result = Imported(left_out=left_out)
        digits, numbers = self._digits.entries(), self._numbers.entries()[0]
        self._ids = {digit.id for digit in digits} | {number.id for number in numbers}
        self._trash = self._digits.deleted_ids() | self._numbers.deleted_ids()
        self._known_numbers = {_number_key(n.picture.stem, n.written, n.box) for n in numbers}
        self._known_digits = set[tuple[str, int]]()
        for digit in digits:
            try:
                self._known_digits.add((content_of(digit.png_path.read_bytes()), digit.label))
            except OSError:  # it is damaged, which the drawer reports
                continue

    def keep(self, label: Given, entry: SharedEntry | None) -> None:
        """Raises InputError where it can't be read, FailureError where the store can't be written."""
        if entry is not None and (label.what, label.text, label.box) == (entry.what, entry.text, entry.box):
            if entry.id in self._ids:
                self.result.there += 1
                return
            if entry.id in self._trash and not self._deleted_too:
                self.result.deleted += 1
                return
        if label.what == "digit":
            self._keep_digit(label, entry)
        else:
            self._keep_number(label, entry)

    def _keep_digit(self, label: Given, entry: SharedEntry | None) -> None:
        number = int(label.text) if label.text else NOT_A_DIGIT
        data, image = _picture(label.file)
        facts: Mapping[str, Any] = entry.facts if entry is not None else {}
        if entry is None or image.ndim != 2 or label.file.suffix.lower() != ".png":
            data, size, group = _framed(label, image)
        else:
            size, group = size_of(facts.get("size")), ""
        if (content_of(data), number) in self._known_digits:
            self.result.there += 1
            return
        origin = DigitOrigin(
            _text(facts, "was_read"), _text(facts, "model"), _text(facts, "number"),
            _text(facts, "source_file") or ("" if entry is not None else str(label.file)),
            _text(facts, "group") or group,
        )  # fmt: skip
        kind = _text(facts, "kind") or "photo"
        self._digits.add_file(
            data, number, _strokes(facts), kind=kind, size=size, origin=origin, created=_time(facts),
            name="" if entry is None else entry.id,
        )  # fmt: skip
        self.result.digits += 1

    def _keep_number(self, label: Given, entry: SharedEntry | None) -> None:
        if label.text is None:
            raise InputError(f"{label.file.name}: a box of a number is left out: its set doesn't say which.")
        text = checked_number(label.text)
        data, image = _picture(label.file)
        suffix = label.file.suffix.lower()
        if entry is None:
            data, suffix = picture_file(image, label.file)
        size = (image.shape[1], image.shape[0])
        box = label.box
        if box is not None and label.in_shares:
            box = Box(box.x * size[0], box.y * size[1], box.w * size[0], box.h * size[1])
        box = inside(box, size)
        if _number_key(content_name(data), text, box) in self._known_numbers:
            self.result.there += 1
            return
        facts: Mapping[str, Any] = entry.facts if entry is not None else {"whole": True}
        kind: Kind = next((k for k in KINDS if k == facts.get("kind")), "photo")
        fields = LabelledNumber(
            "" if entry is None else entry.id, text, box, Path(),
            facts.get("whole") is True, kind, _text(facts, "was_read"), _text(facts, "model"), _time(facts),
            _text(facts, "source_file") or ("" if entry is not None else str(label.file)),
            _text(facts, "group") or picture_group(image), size, round(time.time(), 3),
        )  # fmt: skip
        self._numbers.add_file(data, suffix, fields, _strokes(facts))
        self.result.numbers += 1


def _picture(path: Path) -> tuple[bytes, NDArray[np.uint8]]:
    """A picture's file and pixels. Raises InputError."""
    from core.reading.images import load_image

    image = load_image(path)
    try:
        return path.read_bytes(), image
    except OSError as error:
        raise DataError(f"{path} can't be read ({error.strerror}).") from error


def _framed(label: Given, image: NDArray[np.uint8]) -> tuple[bytes, tuple[int, int], str]:
    """A digit as the network sees it, as PNG; the size of its picture; the picture's group. Raises InputError."""
    from core.reading.images import crop_box, frame_digit, to_gray

    gray = to_gray(image)
    height, width = gray.shape
    box = label.box
    if box is not None and label.in_shares:
        box = Box(box.x * width, box.y * height, box.w * width, box.h * height)
    framed = frame_digit(gray) if box is None else crop_box(gray, box)
    return png_of(framed), (width, height), picture_group(image)


def _number_key(picture: str, text: str, box: Box | None) -> tuple[str, str, tuple[int, ...]]:
    return picture, text, () if box is None else tuple(round(v) for v in box.as_list())


def _text(facts: Mapping[str, Any], name: str) -> str:
    value = facts.get(name)
    return value if isinstance(value, str) else ""


def _time(facts: Mapping[str, Any]) -> float:
    value = facts.get("time")
    is_time = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    return float(value) if is_time and value is not None else round(time.time(), 3)


def _strokes(facts: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The strokes, if they are some: a picture with damaged ones is still worth keeping."""
    from core.reading.strokes import strokes_from_json

    value = facts.get("strokes")
    if not isinstance(value, list):
        return []
    try:
        strokes_from_json(value)
    except DataError:
        return []
    return value
