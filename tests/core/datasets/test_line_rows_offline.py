"""Rows for the line reader on a machine with nothing but what ships: no fonts, no data."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest

from core.base.errors import DataError
from core.base.paths import Places
from core.datasets import line_rows
from core.datasets.number_entries import MADE_ROWS
from core.loaders import starter
from core.synthesis.lines.fonts import chosen_faces, set_row


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.loaders.font_files.font_folders", list)
    monkeypatch.setattr(line_rows, "DEV_ROWS", 6)
    monkeypatch.setattr(line_rows, "MADE_ROWS", dict.fromkeys(MADE_ROWS, 12))


@pytest.mark.usefixtures("bare")
def test_rows_are_set_in_the_shipped_fonts() -> None:
    train, dev = chosen_faces("train"), chosen_faces("dev")
    assert len(train) >= 100
    assert len(dev) >= 8
    assert not {face.family for face in train} & {face.family for face in dev}
    face = next(face for face in train if face.family == "DejaVu Serif")
    one, four = (set_row(random.Random(3), face, text) for text in ("8", "8-88"))
    assert one is not None
    assert four is not None
    assert 34 <= one.mask.shape[0] <= 42
    assert four.mask.shape[1] > 2.5 * one.mask.shape[1]
    assert set_row(random.Random(3), face, "8あ") is None


@pytest.mark.usefixtures("bare")
@pytest.mark.parametrize("name", ["line-fonts", "line-pens", "line-painted"])
def test_made_rows_need_nothing_more(places: Places, name: str) -> None:
    rows = line_rows.load_rows(places, name, "train")
    assert len(rows) >= 8
    assert np.asarray(rows.columns).max() > 128


@pytest.mark.usefixtures("bare", "no_starter")
def test_without_what_ships_the_pens_say_so(places: Places, tmp_path: Path) -> None:
    assert not starter.MNIST_PART.exists()
    with pytest.raises(DataError, match="Handwriting is not here"):
        line_rows.load_rows(places, "line-pens", "train")
