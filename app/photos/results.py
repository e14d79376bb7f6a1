"""What was read in photos: results, their rows in a table, CSV and JSON, corrections. No Qt."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from app.ui.reading_text import percent
from core.base.files import written_aside
from core.reading.types import Number, Reading, as_json


@dataclass(frozen=True)
class Page:
    """One of several pages of a file. index: for `load_image`. number: for people, from 1 on."""

    index: int
    number: int


@dataclass(frozen=True)
class PhotoResult:
    """One photo.

    key: counts up. title: for people, the file's name or "pasted picture". reading: without what was rejected;
    None where it could not be read, then `error` is a sentence. size: (width, height). corrected: what people
    said of numbers, by their place in the reading. page: which of the file's, where it has several.
    remark: a sentence where a part of the file was not read, or "".
    """

    key: int
    title: str
    path: Path | None = None
    reading: Reading | None = None
    size: tuple[int, int] | None = None
    error: str = ""
    corrected: Mapping[int, str] = field(default_factory=dict)
    page: Page | None = None
    remark: str = ""

    def shown_reading(self) -> Reading | None:
        """The reading with corrections worked in where as many digits were said as were read."""
        if self.reading is None or not self.corrected:
            return self.reading
        numbers = tuple(
            said(number, self.corrected[i]) if i in self.corrected else number
            for i, number in enumerate(self.reading.numbers)
        )
        return replace(self.reading, numbers=numbers)

    def with_correction(self, place: int, text: str | None) -> PhotoResult:
        """The number at `place` is really `text`; None takes that back."""
        corrected = {k: v for k, v in self.corrected.items() if k != place}
        if text is not None:
            corrected[place] = text
        return replace(self, corrected=corrected)


@dataclass(frozen=True)
class Row:
    """A row of the table: a number of a photo, or a photo without any (place -1)."""

    result: PhotoResult
    place: int = -1

    @property
    def number(self) -> Number | None:
        reading = self.result.reading
        return reading.numbers[self.place] if reading is not None and self.place >= 0 else None

    @property
    def is_corrected(self) -> bool:
        return self.place in self.result.corrected

    @property
    def text(self) -> str:
        """The number, as it was corrected; "" for none."""
        if self.is_corrected:
            return self.result.corrected[self.place]
        return self.number.text if self.number is not None else ""

    @property
    def confidence(self) -> float:
        """1 for a corrected number, 0 for none."""
        if self.is_corrected:
            return 1.0
        return self.number.confidence if self.number is not None else 0.0

    @property
    def note(self) -> str:
        path = self.result.path
        sentence = self.result.error or self.result.remark
        sentence = sentence.replace(str(path), path.name) if path else sentence
        if self.result.error:
            return sentence
        if self.number is None:
            return f"no number. {sentence}" if sentence else "no number"
        return f"read as {self.number.text}" if self.is_corrected else sentence


def rows_of(result: PhotoResult) -> list[Row]:
    """A row a number, the surest first; one row for a photo without any."""
    count = len(result.reading.numbers) if result.reading is not None else 0
    return [Row(result, place) for place in range(count)] or [Row(result)]


def without_rejected(reading: Reading) -> Reading:
    """What is no digit does not interest in a photo: there is too much of it."""
    return replace(reading, rejected=())


def said(number: Number, text: str) -> Number:
    """The number as a person said it is, certain; as it was read where that has another count of digits."""
    if len(text) != len(number.digits):
        return number
    digits = tuple(
        d if d.digit == int(c) else replace(d, digit=int(c), confidence=1.0)
        for d, c in zip(number.digits, text, strict=True)
    )
    return number.with_digits(digits, 1.0)


def match_digits(read: str, wanted: str) -> list[tuple[int, int]]:
    """Which read digit is which wanted one: (place in `read`, what it really is), in order.

    The alignment with the fewest changes (Wagner and Fischer, 1974); digits that were read but are not there,
    or are there but were not read, have no partner.
    """
    rows, columns = len(read) + 1, len(wanted) + 1
    cost = [[i + j if i == 0 or j == 0 else 0 for j in range(columns)] for i in range(rows)]
    for i in range(1, rows):
        for j in range(1, columns):
            change = cost[i - 1][j - 1] + (read[i - 1] != wanted[j - 1])
            cost[i][j] = min(change, cost[i - 1][j] + 1, cost[i][j - 1] + 1)
    pairs = []
    i, j = len(read), len(wanted)
    while i and j:
        if cost[i][j] == cost[i - 1][j - 1] + (read[i - 1] != wanted[j - 1]):
            pairs.append((i - 1, int(wanted[j - 1])))
            i, j = i - 1, j - 1
        elif cost[i][j] == cost[i - 1][j] + 1:
            i -= 1
        else:
            j -= 1
    return pairs[::-1]


def as_text(rows: Sequence[Row]) -> str:
    """A line a row, for the clipboard: photo, number and confidence between tabs."""
    lines = []
    for row in rows:
        sure = percent(row.confidence) if row.number is not None and not row.is_corrected else ""
        lines.append("\t".join((row.result.title, row.text, sure or row.note)))
    return "\n".join(lines)


def as_csv(rows: Iterable[Row]) -> str:
    """Comma-separated values with a header; boxes in pixels of the upright photo."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    header = [
        "file",
        "number",
        "confidence",
        "x",
        "y",
        "width",
        "height",
        "corrected",
        "read_as",
        "ms",
        "problem",
        "page",
    ]
    writer.writerow(header)
    for row in rows:
        result, number = row.result, row.number
        box = number.box.as_list() if number is not None else [""] * 4
        read_as = number.text if number is not None else ""
        sure = f"{number.confidence:.4f}" if number is not None else ""
        ms = f"{result.reading.milliseconds:.2f}" if result.reading is not None else ""
        corrected = "yes" if row.is_corrected else ""
        name, page = result.path or result.title, result.page.number if result.page else ""
        writer.writerow([name, row.text, sure, *box, corrected, read_as, ms, result.error, page])
    return text.getvalue()


def as_json_text(rows: Iterable[Row]) -> str:
    """A list with an object a photo, as `gnc read --json` prints them; "corrected" and "error" where there are.

    Only the numbers among `rows` are in it.
    """
    objects: dict[int, dict[str, Any]] = {}
    for row in rows:
        result, number = row.result, row.number
        name = result.path or Path(result.title)
        page = result.page.number if result.page else None
        if result.key not in objects:
            empty = replace(result.reading, numbers=()) if result.reading is not None else Reading()
            objects[result.key] = as_json(name, empty, page)
            if result.error:
                where = {"file": str(name)} if page is None else {"file": str(name), "page": page}
                objects[result.key] = {**where, "error": result.error}
        if number is not None:
            entry = as_json(name, Reading((number,)))["numbers"][0]
            if row.is_corrected:
                entry["corrected"] = row.text
            objects[result.key]["numbers"].append(entry)
    return json.dumps(list(objects.values()), indent=1, ensure_ascii=False) + "\n"


def export(rows: Sequence[Row], path: Path) -> Path:
    """Write JSON where the name ends so, CSV otherwise; aside, then renamed. Raises OSError."""
    text = as_json_text(rows) if path.suffix.lower() == ".json" else as_csv(rows)
    with written_aside(path) as file:
        file.write(text.encode())
    return path


def number_at(reading: Reading, index: int) -> tuple[int, int]:
    """The number of digit `index`, counted as `all_digits` does, and the digit's place in it; (-1, -1): none."""
    for place, number in enumerate(reading.numbers):
        if 0 <= index < len(number.digits):
            return place, index
        index -= len(number.digits)
    return -1, -1


def first_digit(reading: Reading, place: int) -> int:
    """The index, counted as `all_digits` does, of the first digit of a number."""
    return sum(len(number.digits) for number in reading.numbers[:place])
