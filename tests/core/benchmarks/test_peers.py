"""Other programs beside ours: their lines of text as numbers, the table, and what is missing."""

from __future__ import annotations

import importlib.util
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from app.cli import main
from core.base.errors import DataError
from core.base.paths import Places
from core.benchmarks import peers
from core.benchmarks.peers import Contender, LineReader, TextLine, benchmark, lines_of_words
from core.reading.types import Box

ROW = Box(0, 0, 20, 10)


def test_lines_with_digits_are_numbers() -> None:
    said = [TextLine("Main St", 0.99, ROW), TextLine("No. 10", 0.6, ROW), TextLine("2 178", 0.8, ROW)]
    reading = LineReader(lambda _: said).read(np.zeros((4, 4), np.uint8))
    assert [(n.text, n.written, n.confidence) for n in reading.numbers] == [
        ("2178", "2 178", 0.8), ("10", "No. 10", 0.6)
    ]  # fmt: skip


def test_words_of_a_table_are_lines() -> None:
    table: dict[str, list[Any]] = {
        "text": ["", "12", "34", "shop", " "], "conf": [-1, 90.0, 60.0, 95.0, 95],
        "block_num": [1, 1, 1, 2, 2], "par_num": [0, 1, 1, 1, 1], "line_num": [0, 1, 1, 1, 1],
        "left": [0, 5, 30, 0, 0], "top": [0, 2, 3, 40, 0], "width": [90, 20, 20, 50, 1], "height": [90, 10, 10, 12, 1],
    }  # fmt: skip
    first, second = lines_of_words(table)
    assert (first.text, first.confidence, first.box) == ("12 34", 0.6, Box(5, 2, 45, 11))
    assert second.text == "shop"


@pytest.fixture
def places(tmp_path: Path) -> Places:
    """Two house signs: 42 and 7."""
    folder = tmp_path / "signs"
    folder.mkdir()
    for i, name in enumerate("ab"):
        Image.fromarray(np.full((8, 8), 100 + i, np.uint8)).save(folder / f"{name}.png")
    (folder / "labels.csv").write_text("file,number\na.png,42\nb.png,7\n")
    return replace(Places.find(), data=tmp_path, downloads=tmp_path)


def test_a_table_of_all_readers(places: Places) -> None:
    right = LineReader(lambda gray: [TextLine("42" if gray[0, 0] == 100 else "7", 0.9, ROW)])
    wrong = LineReader(lambda gray: [TextLine("42", 0.9, ROW)])
    rows: list[str] = []
    absent: list[str] = []
    contenders = [Contender("one", 4.7, right), Contender("two", 31.75, wrong)]
    figures = benchmark(places=places, contenders=contenders, on_row=rows.append, on_absent=absent.append)
    (signs,) = figures["sets"]
    assert (signs["data"], signs["n"]) == ("signs", 2)
    assert signs["one"]["accuracy"] == 1
    assert (signs["two"]["accuracy"], signs["two"]["false_numbers"]) == (0.5, 1)
    assert figures["megabytes"] == {"one": 4.7, "two": 31.75}
    assert {line.count("|") for line in rows} == {9}
    assert rows[2].startswith("| house signs in shops | 2 | 100.0% | 0 |")
    assert len(absent) == 10
    with pytest.raises(DataError, match="None of the sets"):
        benchmark(
            places=replace(places, data=places.data / "no", downloads=places.data / "no"),
            contenders=contenders,
        )


def test_what_is_not_installed_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    monkeypatch.setattr(shutil, "which", lambda name: None)
    said: list[str] = []
    assert [c.name for c in peers.find_contenders(said.append)] == ["gnc"]
    assert ["RapidOCR" in said[0], "Tesseract" in said[1]] == [True, True]


def test_the_command_wants_at_least_one_picture(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "peers", "--limit", "0"]) == 2
    assert "at least one" in capsys.readouterr().err
