"""Results of photos: rows, corrections, CSV, JSON, text."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from pathlib import Path

from app.photos.results import (
    PhotoResult,
    as_csv,
    as_json_text,
    as_text,
    export,
    photo_reading,
    rows_of,
)
from core.reading.types import Box, Number, Reading
from tests.app.picture_fakes import digit_of, number_of


def said_of(read: PhotoResult, place: int, text: str) -> PhotoResult:
    return replace(read, corrected={place: text})


def result(*texts: str, key: int = 1, error: str = "", path: str | None = "a/b.jpg") -> PhotoResult:
    reading = (
        None if error else Reading(tuple(number_of(t, 10, 40 * i) for i, t in enumerate(texts)), (), 7.5)
    )
    title = Path(path).name if path else "pasted photo"
    return PhotoResult(key, title, Path(path) if path else None, reading, (640, 480), error)


def told() -> PhotoResult:
    """ "12B", and a 9 that is only maybe, of a photo that was turned."""
    read = number_of("12")
    reading = Reading(
        (Number(read.digits, 0.95, read.box, "12B"),), maybe=(number_of("9", 10, 80, confidence=0.41),)
    )
    return PhotoResult(5, "e.jpg", Path("e.jpg"), reading, (640, 480), quarters=1)


def test_rows_of_photos() -> None:
    assert [(r.text, r.confidence, r.note) for r in rows_of(result("12", "345"))] == [
        ("12", 0.95, ""),
        ("345", 0.95, ""),
    ]
    (none,) = rows_of(result())
    assert (none.text, none.confidence, none.note, none.number) == ("", 0.0, "no number", None)
    (broken,) = rows_of(result(error="a/b.jpg is damaged."))
    assert broken.note == "b.jpg is damaged."
    corrected = rows_of(said_of(result("12", "345"), 1, "346"))[1]
    assert (corrected.text, corrected.confidence, corrected.note) == ("346", 1.0, "read as 345")


def test_what_is_written_and_what_is_maybe_stand_in_the_rows() -> None:
    first = told()
    assert [(r.text, r.detail) for r in rows_of(first)] == [("12B", "sure (95%)"), ("9?", "maybe (41%)")]
    said = rows_of(said_of(first, 1, "9"))[1]
    assert (said.text, said.detail, said.note) == ("9", "confirmed", "")


def test_a_correction_is_worked_into_the_reading_and_taken_back() -> None:
    first = result("12", "345")
    same_length = said_of(first, 1, "346").shown
    assert same_length is not None
    assert [n.text for n in same_length.numbers] == ["12", "346"]
    assert same_length.numbers[1].confidence == 1
    assert same_length.numbers[1].number.digits[2].confidence == 1
    longer = said_of(first, 1, "3456").shown
    assert longer is not None
    assert longer.numbers[1].written == "3456"
    assert longer.numbers[1].number.text == "345"
    assert said_of(first, 1, "346").as_read == first


def test_a_turned_photo_is_to_be_read_anew() -> None:
    turned = said_of(result("12"), 0, "13").turned(1)
    assert (turned.quarters, turned.reading, turned.corrected) == (1, None, {})
    assert [turned.turned(-q).quarters for q in (1, 2, 3, 4)] == [0, 3, 2, 1]


def test_photos_are_read_from_top_to_bottom_and_marks_are_left_out() -> None:
    reading = Reading((number_of("581", 10, 100), number_of("2024", 10, 10)), (digit_of(1, Box(0, 0, 1, 1)),))
    ordered = photo_reading(reading)
    assert [n.text for n in ordered.numbers] == ["2024", "581"]
    assert ordered.rejected == ()


RESULTS = [
    said_of(result("12", "345"), 1, "346"),
    result(key=2, path="c.jpg"),
    result(key=3, path="d.jpg", error="d.jpg is empty."),
    result("7", key=4, path=None),
]
ROWS = [row for r in RESULTS for row in rows_of(r)]


def test_csv() -> None:
    rows = list(csv.DictReader(io.StringIO(as_csv(ROWS))))
    assert [(r["file"], r["number"]) for r in rows] == [
        (str(Path("a/b.jpg")), "12"),
        (str(Path("a/b.jpg")), "346"),
        ("c.jpg", ""),
        ("d.jpg", ""),
        ("pasted photo", "7"),
    ]
    assert rows[0]["confidence"] == "0.9500"
    assert (rows[0]["x"], rows[0]["width"]) == ("10", "20")
    assert (rows[1]["corrected"], rows[1]["read_as"]) == ("yes", "345")
    assert rows[3]["problem"] == "d.jpg is empty."
    assert rows[2]["ms"] == "7.50"
    sure, maybe = csv.DictReader(io.StringIO(as_csv(rows_of(told()))))
    assert (sure["number"], sure["written"], sure["maybe"], sure["turned"]) == ("12", "12B", "", "90")
    assert (maybe["number"], maybe["maybe"], maybe["confidence"]) == ("9", "yes", "0.4100")


def test_json_is_that_of_the_command_line() -> None:
    photos = json.loads(as_json_text(ROWS))
    fields = {"file", "numbers", "maybe", "ms"}
    assert [set(p) for p in photos] == [
        fields, fields, {"file", "error"}, fields,
    ]  # fmt: skip
    assert [n["text"] for n in photos[0]["numbers"]] == ["12", "345"]
    assert photos[0]["numbers"][1]["corrected"] == "346"
    assert photos[0]["numbers"][0]["digits"][0]["digit"] == 1
    only = json.loads(as_json_text(ROWS[1:2]))
    assert [n["text"] for n in only[0]["numbers"]] == ["345"]
    (photo,) = json.loads(as_json_text(rows_of(told())))
    assert [n["written"] for n in photo["numbers"]] == ["12B"]
    assert [n["text"] for n in photo["maybe"]] == ["9"]
    assert photo["turned"] == 90


def test_text_for_the_clipboard() -> None:
    assert as_text(ROWS).splitlines() == [
        "b.jpg\t12\tsure (95%)", "b.jpg\t346\tread as 345", "c.jpg\t\tno number", "d.jpg\t\td.jpg is empty.",
        "pasted photo\t7\tsure (95%)",
    ]  # fmt: skip


def test_the_name_decides_on_the_kind_of_file(tmp_path: Path) -> None:
    assert json.loads(export(ROWS, tmp_path / "new" / "out.JSON").read_text())
    assert export(ROWS, tmp_path / "out.csv").read_text().startswith("file,number,")
