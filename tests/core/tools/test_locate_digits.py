"""Whole numbers without boxes → boxes: agreement, disagreement, leftovers, layouts."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from core.loaders.svhn_extra import read_boxes
from core.reading.types import Box
from core.tools.locate_digits import Seen, align, main, table_of


def seen(
    digit: int, x: float, y: float = 10, *, chance: float = 0.9, sure: float = 0.95, h: float = 30
) -> Seen:
    rest = (1 - sure) / 9
    return Seen(Box(x, y, 16, h), chance, tuple(sure if d == digit else rest for d in range(10)))


def test_digits_in_any_order_spell_the_number() -> None:
    boxes = align("482", [seen(2, 60), seen(4, 10), seen(8, 35)])
    assert boxes is not None
    assert [b.x for b in boxes] == [10, 35, 60]


def test_a_column_is_spelled_downwards() -> None:
    boxes = align("96", [seen(6, 10, 60), seen(9, 11, 20)])
    assert boxes is not None
    assert [b.y for b in boxes] == [20, 60]


def test_one_digit_read_otherwise_is_kept_because_it_teaches() -> None:
    assert align("482", [seen(4, 10), seen(3, 35), seen(2, 60)]) is not None


def test_two_digits_read_otherwise_are_not_trusted() -> None:
    assert align("482", [seen(4, 10), seen(3, 35), seen(7, 60)]) is None
    assert align("4", [seen(7, 10)]) is None


def test_too_few_digits() -> None:
    assert align("482", [seen(4, 10), seen(2, 60)]) is None
    assert align("1", []) is None


def test_a_sure_digit_left_over_speaks_against() -> None:
    assert align("48", [seen(4, 10), seen(8, 35), seen(1, 60)]) is None


def test_unsure_and_tiny_ones_left_over_do_not() -> None:
    extra = [seen(1, 60, chance=0.2), seen(0, 80, chance=0.9, h=9)]
    boxes = align("48", [seen(4, 10), seen(8, 35), *extra])
    assert boxes is not None
    assert [b.x for b in boxes] == [10, 35]


def test_digits_far_apart_are_no_number() -> None:
    assert align("48", [seen(4, 10), seen(8, 300)]) is None


def test_the_table_is_what_the_loaders_read(tmp_path: Path) -> None:
    path = tmp_path / "boxes.csv"
    path.write_text(table_of([("a.png", "40", [Box(1, 2, 3, 4), Box(5, 2, 3, 4.25)]), ("b.png", "7", None)]))
    with path.open() as file:
        assert [row["digit"] for row in csv.DictReader(file)] == ["4", "0"]
    assert read_boxes(path) == {"a.png": [(4, Box(1, 2, 3, 4)), (0, Box(5, 2, 3, 4.2))]}


def test_a_missing_model_is_told_in_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--detector", str(tmp_path / "none.onnx"), "--out", str(tmp_path / "x.csv")]) == 2
    assert "none.onnx" in capsys.readouterr().err
    assert not (tmp_path / "x.csv").exists()
