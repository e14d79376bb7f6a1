"""Boxes, and numbers as they are written."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from core.reading.types import Box, Digit, Number, Reading, as_json


def number(text: str, written: str = "") -> Number:
    digits = tuple(Digit(int(c), 0.9, Box(10 * i, 0, 8, 16)) for i, c in enumerate(text))
    return Number(digits, 0.8, Box.around([d.box for d in digits]), written)


def test_what_two_boxes_share() -> None:
    one = Box(0, 0, 10, 20)
    assert one.iou(Box(0, 0, 10, 10)) == 0.5
    assert one.iou(one) == 1
    assert one.iou(Box(10, 0, 5, 5)) == 0
    assert one.shared(Box(5, 10, 20, 20)) == 50
    assert one.area == 200


def test_a_box_holds_its_points() -> None:
    box = Box(2, 3, 4, 6)
    assert list(box.center) == [4, 6]
    assert box.contains(2, 3)
    assert box.contains(*box.center)
    assert not box.contains(1.9, 5)
    assert box.union(Box(0, 0, 1, 1)) == Box(0, 0, 6, 9)


def test_written_is_the_digits_where_nothing_else_was_given() -> None:
    assert number("12").written == "12"
    assert number("12", "12B").written == "12B"
    assert number("12", "12B").text == "12"


@pytest.mark.parametrize(
    ("text", "written", "corrected", "wanted"),
    [("21761", "217.61", "21781", "217.81"), ("12", "12B", "13", "13B"), ("12", "12B", "1", "1"),
     ("7", "7–9", "8", "8"), ("7", "", "8", "8")],
)  # fmt: skip
def test_what_else_is_written_stays_when_a_digit_is_corrected(
    text: str, written: str, corrected: str, wanted: str
) -> None:
    changed = number(text, written).with_digits(number(corrected).digits, 1.0)
    assert changed.text == corrected
    assert changed.written == wanted
    assert changed.confidence == 1.0


def test_json_has_both_tiers() -> None:
    sure, unsure = number("12", "12B"), replace(number("9"), confidence=0.41)
    said = as_json(Path("a.png"), Reading((sure,), maybe=(unsure,)))
    assert [(n["text"], n["written"]) for n in said["numbers"]] == [("12", "12B")]
    assert [(n["text"], n["written"], n["confidence"]) for n in said["maybe"]] == [("9", "9", 0.41)]
