"""The bench of learning: who is measured, what is kept as corrections, and the tables."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.base.errors import DataError
from core.base.paths import Places
from core.benchmarks.loop import numbers, writers
from core.benchmarks.loop.bench import numbers_table, writers_table
from core.benchmarks.loop.numbers import NumbersResult, base_recipe
from core.benchmarks.loop.writers import WriterResult, kept_out_writers
from core.collection.numbers import NumberStore
from core.loaders.number_photos import NumberPhoto
from core.loaders.user_digits import UserDigitStore, read_image, read_strokes
from core.reading.crops import frame_digit
from core.reading.strokes import rasterise
from core.reading.types import Box
from tests.core.pen_digits import pen_digit

PER_WRITER = 44


@pytest.fixture
def unipen(places: Places) -> Places:
    """Two writers of 44 digits, one of them kept out, and one kept out of three digits."""
    labels = [i % 10 for i in range(PER_WRITER)] * 2 + [1, 2, 3]
    strokes = [pen_digit(label, scale=10) for label in labels]
    points = np.concatenate([s.points for digit in strokes for s in digit]).round().astype(np.int16)
    folder = places.data / "unipen_strokes"
    folder.mkdir(parents=True)
    np.savez(
        folder / "unipen_digits.npz",
        points=points,
        stroke_len=np.array([len(s.points) for digit in strokes for s in digit], np.int32),
        n_strokes=np.array([len(digit) for digit in strokes], np.int32),
        labels=np.array(labels, np.uint8),
        writer=np.array([1] * PER_WRITER + [2] * PER_WRITER + [3] * 3, np.int16),
        validation=np.array([False] * PER_WRITER + [True] * (PER_WRITER + 3)),
    )
    return places


def test_writers_that_are_kept_out_and_wrote_enough(unipen: Places) -> None:
    (writer,) = kept_out_writers(unipen, 32)
    assert writer.name == "unipen 2"
    assert writer.labels[writer.picked(10)].tolist() == list(range(10))
    assert sorted([*writer.picked(30), *writer.others(30)]) == list(range(PER_WRITER))


def test_without_either_set_it_says_so(places: Places) -> None:
    with pytest.raises(DataError, match="unipen_strokes"):
        kept_out_writers(places, 32)


def test_digits_are_kept_as_the_program_keeps_them(unipen: Places, tmp_path: Path) -> None:
    (writer,) = kept_out_writers(unipen, 32)
    writers.keep(writer, 10, tmp_path / "mine")
    entries = UserDigitStore(tmp_path / "mine").entries()
    assert sorted(entry.label for entry in entries) == list(range(10))
    for entry in entries:
        drawn = rasterise(read_strokes(entry), 32).astype(int)
        assert np.abs(drawn - read_image(entry)).mean() < 8, "the pen is that of what is measured"
        assert frame_digit(read_image(entry), 32).max() > 200


def test_photos_are_kept_with_number_and_box(tmp_path: Path) -> None:
    path = tmp_path / "1.png"
    Image.fromarray(np.arange(2000, dtype=np.uint8).reshape(40, 50)).save(path)
    numbers.keep(
        [NumberPhoto(path, "lcd-meters", "train", "123", "123", box=Box(5, 6, 20, 10))], tmp_path / "mine"
    )
    (entry,), damaged = NumberStore.within(tmp_path / "mine").entries()
    assert not damaged
    assert (entry.written, entry.box, entry.whole) == ("123", Box(5, 6, 20, 10), True)


def test_the_reader_without_kinds_learns_from_none_of_them() -> None:
    recipe = base_recipe(("lcd-meters", "cheques"), 6_000)
    assert recipe.sources["lcd-meters"] == recipe.sources["cheques"] == 0
    assert recipe.sources["jersey-numbers"] > 0
    assert recipe.epochs * recipe.images_per_epoch == 6_000
    assert recipe.start_from == ""


def test_the_tables() -> None:
    lost = [{"mnist": 0.02, "dida": 0.5}, {"mnist": 0.0, "dida": -0.1}, {"mnist": 0.04, "dida": 0.2}]
    results = [
        WriterResult(f"w{i}", 30, 100, before, after, 9.0, 12.0, lost[i])
        for i, (before, after) in enumerate([(4, 1), (2, 1), (1, 0)])
    ]
    assert writers_table(results)[2:] == ["| 30 | 3 | 7 of 300 | 2 | 25% | +0.02 | dida +0.20 | 12 |"]
    number = NumbersResult("lcd-meters", 50, 40, 20, 8, 9.0, 60.0, {"svhn-numbers": 1.0, "cheques": -0.5})
    assert numbers_table([number])[2:] == [
        "| lcd-meters | 50 | 50.0% of 40 | 20.0% | +0.2 | svhn-numbers +1.00 | 60 |"
    ]
