"""What was read in photos: results, their rows in a table, and what becomes of them outside: CSV, JSON, text."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from app.ui.reading_text import number_text, read_as
from app.ui.shown_reading import DigitRef, ShownNumber, ShownReading, in_reading_order
from core.base.files import csv_text, write_text
from core.reading.types import Box, Number, Reading, as_json

_HEADER = (
    "file", "number", "confidence", "x", "y", "width", "height", "corrected", "read_as", "ms", "problem", "page",
    "written", "maybe", "turned",
)  # fmt: skip


@dataclass(frozen=True)
class Page:
    """One of several pages of a file. index: for `load_image`. number: for people, from 1 on."""

    index: int
    number: int


@dataclass(frozen=True)
class PhotoResult:
    """One photo.

    key: counts up.
    title: for people, the file's name or "pasted photo".
    reading: in reading order, without what was rejected; None where it could not be read, then `error` is a sentence.
    size: (width, height).
    corrected: what people said of numbers, by their places in `ShownReading.numbers`; "" for no number.
    labels: what they said of single digits. added: numbers that were not read, and where they are, if that is known.
    page: which of the file's, where it has several.
    remark: a sentence where a part of the file was not read, or "".
    is_photo: False for what was named and gives none, such as an empty folder; `error` says why.
    quarters: how often the photo is turned to the right before it is shown and read, 0–3.
    """

    key: int
    title: str
    path: Path | None = None
    reading: Reading | None = None
    size: tuple[int, int] | None = None
    error: str = ""
    corrected: Mapping[int, str] = field(default_factory=dict)
    labels: Mapping[DigitRef, int] = field(default_factory=dict)
    added: tuple[tuple[str, Box | None], ...] = ()
    page: Page | None = None
    remark: str = ""
    quarters: int = 0
    is_photo: bool = True

    @cached_property
    def shown(self) -> ShownReading | None:
        """The reading as people see it, with what they corrected."""
        if self.reading is None:
            return None
        return ShownReading.of(self.reading, corrections=self.corrected, labels=self.labels, added=self.added)

    @property
    def as_read(self) -> PhotoResult:
        """Without what people said."""
        return replace(self, corrected={}, labels={}, added=())

    def turned(self, quarters: int) -> PhotoResult:
        """The photo turned to the right so many times more; it is to be read anew."""
        return replace(self.as_read, reading=None, size=None, quarters=(self.quarters + quarters) % 4)


@dataclass(frozen=True)
class Row:
    """A row of the table: a number of a photo, or a photo without any (place None)."""

    result: PhotoResult
    place: int | None = None

    @cached_property
    def number(self) -> ShownNumber | None:
        shown = self.result.shown
        return shown.numbers[self.place] if shown is not None and self.place is not None else None

    @property
    def text(self) -> str:
        """The number, as it is written and as it was corrected; "" for no number."""
        number = self.number
        return number_text(number).text if number is not None else ""

    @property
    def detail(self) -> str:
        """How sure it is, in words."""
        number = self.number
        return number_text(number).detail if number is not None else ""

    @property
    def confidence(self) -> float:
        """1 for a corrected number, 0 if there is no number."""
        number = self.number
        return number.confidence if number is not None else 0.0

    @property
    def note(self) -> str:
        path = self.result.path
        sentence = self.result.error or self.result.remark
        sentence = sentence.replace(str(path), path.name) if path else sentence
        if self.result.error:
            return sentence
        number = self.number
        if number is None:
            return f"no number. {sentence}" if sentence else "no number"
        if number.is_added:
            return "added" if number.has_place else "added, without a box"
        return read_as(number) or sentence


def rows_of(result: PhotoResult) -> list[Row]:
    """A row a number, in reading order; one row for a photo without any."""
    count = len(result.shown.numbers) if result.shown is not None else 0
    return [Row(result, place) for place in range(count)] or [Row(result)]


def photo_reading(reading: Reading) -> Reading:
    """In reading order; what is no digit does not interest in a photo: there is too much of it."""
    return replace(in_reading_order(reading), rejected=())


def as_text(rows: Sequence[Row]) -> str:
    """A line a row, for the clipboard: photo, number and confidence between tabs."""
    return "\n".join("\t".join((row.result.title, row.text, row.note or row.detail)) for row in rows)


def as_csv(rows: Iterable[Row]) -> str:
    """Comma-separated values with a header; boxes in pixels of the upright photo, as it was turned."""
    return csv_text(_HEADER, (_csv_fields(row) for row in rows))


def _csv_fields(row: Row) -> list[Any]:
    result, number = row.result, row.number
    ms = f"{result.reading.milliseconds:.2f}" if result.reading is not None else ""
    rest = [ms, result.error, result.page.number if result.page else ""]
    turned = 90 * result.quarters or ""
    name = result.path or result.title
    if number is None:
        return [name, "", "", "", "", "", "", "", "", *rest, "", "", turned]
    read = number.read
    box = read.box.as_list() if number.has_place else [""] * 4
    return [
        name, number.text, f"{read.confidence:.4f}", *box, "yes" if number.is_corrected else "",
        "" if number.is_added else read.text, *rest, number.written, "yes" if number.is_unsure else "", turned,
    ]  # fmt: skip


def as_json_text(rows: Iterable[Row]) -> str:
    """A list with an object a photo, as `gnc read --json` prints them.

    "corrected" and "error" stand where there are some, "turned" (degrees to the right) where it is not 0. Only the
    numbers among `rows` are in it.
    """
    objects: dict[int, dict[str, Any]] = {}
    for row in rows:
        result, number = row.result, row.number
        if result.key not in objects:
            objects[result.key] = _photo_object(result)
        if number is not None:
            entry = _number_object(number.read)
            if number.is_added:
                entry |= {"digits": [], "box": number.read.box.as_list() if number.has_place else None}
            if number.is_corrected:
                entry["corrected"] = number.written
            objects[result.key]["maybe" if number.is_unsure else "numbers"].append(entry)
    return json.dumps(list(objects.values()), indent=1, ensure_ascii=False) + "\n"


def _photo_object(result: PhotoResult) -> dict[str, Any]:
    name = result.path or Path(result.title)
    page = result.page.number if result.page else None
    if result.error:
        where = {"file": str(name)} if page is None else {"file": str(name), "page": page}
        return {**where, "error": result.error}
    empty = replace(result.reading or Reading(), numbers=(), maybe=())
    turned = {"turned": 90 * result.quarters} if result.quarters else {}
    return as_json(name, empty, page) | turned


def _number_object(number: Number) -> dict[str, Any]:
    entry: dict[str, Any] = as_json(Path(), Reading((number,)))["numbers"][0]
    return entry


def export(rows: Sequence[Row], path: Path) -> Path:
    """Write JSON where the name ends so, CSV otherwise; aside, then renamed. Raises OSError."""
    return write_text(path, as_json_text(rows) if path.suffix.lower() == ".json" else as_csv(rows))
