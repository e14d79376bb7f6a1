"""Numbers made of pen strokes: what is drawn, and how a reader is scored on it."""

from __future__ import annotations

from pathlib import Path
from unittest import mock

import numpy as np
import pytest

from core.base.errors import DataError
from core.base.paths import Places
from core.evaluation.drawings import KINDS, evaluate_drawings, made_drawings
from core.reading.drawing_reader import DrawingReader
from core.reading.types import Box, Digit, Number, Reading


@pytest.fixture
def places(tmp_path: Path) -> Places:
    """Two writers with every digit in one stroke and in two; one is kept for validation."""
    folder = tmp_path / "data" / "unipen_strokes"
    folder.mkdir(parents=True)
    rng = np.random.default_rng(0)
    count = 40
    n_strokes = np.tile([1, 2], count // 2)
    stroke_len = np.full(n_strokes.sum(), 6)
    np.savez(
        folder / "unipen_digits.npz", points=rng.integers(0, 1000, (stroke_len.sum(), 2)).astype(np.int16),
        stroke_len=stroke_len, n_strokes=n_strokes, labels=np.arange(count) // 2 % 10,
        writer=np.arange(count) // 20, validation=np.arange(count) >= 20,
    )  # fmt: skip
    return Places.find(data_dir=tmp_path / "data")


def test_every_kind_is_made_and_always_the_same(places: Places) -> None:
    drawings = made_drawings(places, 20)
    assert [d.kind for d in drawings] == list(KINDS) * 4
    assert drawings == made_drawings(places, 20)
    for d in drawings:
        assert len(d.owners) == len(d.strokes) or d.kind == "joined"
        assert len(d.strokes) == 1 or d.kind != "joined"
        if d.owners:
            assert max(d.owners) + 1 == len(d.number)
    small = [d for d in made_drawings(places, 60) if d.kind == "small"]
    heights = [np.ptp([y for s in d.strokes for _, y in s.points]) for d in small]
    assert max(heights) < 130
    assert made_drawings(places, 20, split="train") != drawings


def test_a_reader_is_scored_by_whole_numbers(places: Places) -> None:
    drawings = made_drawings(places, 10)
    box = Box(0, 0, 9, 9)
    answers = [
        Reading((Number(tuple(Digit(int(c), 0.95, box) for c in d.number), 0.95, box),), milliseconds=2.0)
        for d in drawings
    ]
    wrong = Reading((Number((Digit(0, 0.99, box), Digit(0, 0.99, box)), 0.98, box),))
    reader = mock.Mock(spec=DrawingReader)
    reader.read.side_effect = [wrong, *answers[1:-1], Reading()]
    found = evaluate_drawings(reader, drawings)
    assert (found.n, found.right) == (10, 8)
    assert found.kinds["single"].sure_wrong == 1
    assert [m[3] for m in found.mistakes] == ["single", "joined"]
    assert found.to_dict()["accuracy"] == 0.8


def test_without_strokes_it_says_so(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no pen strokes here"):
        made_drawings(Places.find(data_dir=tmp_path), 5)
