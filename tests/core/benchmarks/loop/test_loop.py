"""The bench of learning: who is measured, what is kept as corrections, and the tables."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.base.errors import DataError
from core.base.paths import Places
from core.benchmarks.loop import numbers, writers
from core.benchmarks.loop.bench import lost_table, mean_lost, numbers_table, writers_table
from core.benchmarks.loop.intervals import left_interval, median_interval
from core.benchmarks.loop.kept_results import KeptResults, facts_of
from core.benchmarks.loop.numbers import KINDS, NumbersResult, base_recipe
from core.benchmarks.loop.writers import WriterResult, kept_out_writers
from core.collection.numbers import NumberStore
from core.loaders.number_photos import NumberPhoto
from core.loaders.user_digits import UserDigitStore, read_image, read_strokes
from core.reading.crops import frame_digit
from core.reading.strokes import rasterise
from core.reading.types import Box
from core.recipes.recipe import recipe_named
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
    recipe = base_recipe(6_000)
    assert all(recipe.sources[kind] == 0 for kind in KINDS)
    assert recipe.sources["jersey-numbers"] > 0
    assert recipe.epochs * recipe.images_per_epoch == 6_000
    assert recipe.start_from == ""


def test_the_table_of_writers() -> None:
    results = [
        WriterResult(f"w{i}", 30, 100, before, after, 9.0, 12.0, {})
        for i, (before, after) in enumerate([(4, 1), (2, 1), (1, 0)])
    ]
    assert writers_table(results)[2:] == ["| 30 | 3 | 7 of 300 | 2 | 25% | – | 9 | 12 |"]
    assert writers_table(results * 2)[2:] == ["| 30 | 6 | 14 of 600 | 4 | 25% | 0 to 50% | 9 | 12 |"]


def test_the_table_of_kinds() -> None:
    (line,) = numbers_table([NumbersResult("lcd-meters", 50, 14, 6, 2, 18, 9.0, 60.0, {})])[2:]
    name, count, before, after, left, interval, *seconds = (
        cell.strip() for cell in line.strip("|").split("|")
    )
    assert (name, count, before, after, left, seconds) == (
        "lcd-meters",
        "50",
        "20 of 40",
        "8",
        "40%",
        ["9", "60"],
    )
    low, high = (int(part) for part in interval.rstrip("%").split(" to "))
    assert 10 < low < 30 < 50 < high < 80


def test_what_was_forgotten_is_told_of_every_set() -> None:
    lost = mean_lost([{"mnist": 0.02, "dida": 0.5}, {"mnist": 0.0, "dida": -0.1}, {"mnist": 0.04}])
    assert lost_table({"30 digits": lost, "none": {}})[2:] == [
        "| mnist | +0.02 | – |", "| dida | +0.20 | – |", "| all of them, mean | +0.11 | – |",
    ]  # fmt: skip


def test_intervals_cover_what_is_so_as_often_as_they_say() -> None:
    rng = np.random.default_rng(1)
    hits = 0
    for _ in range(300):
        interval = median_interval(rng.exponential(size=18).tolist())
        assert interval is not None
        hits += interval[0] <= np.log(2) <= interval[1]
    assert 0.93 < hits / 300 <= 1
    assert median_interval([1.0] * 5) is None
    hits = 0
    for _ in range(100):
        mended, stayed, broken, right = rng.multinomial(300, [0.3, 0.15, 0.05, 0.5]).tolist()
        low, high = left_interval(mended, stayed, broken, right)
        hits += low <= 0.2 / 0.45 <= high
    assert hits >= 88
    assert left_interval(0, 0, 1, 9) == (0.0, math.inf)


def test_what_was_measured_is_kept_and_not_measured_again(tmp_path: Path) -> None:
    kept = KeptResults(tmp_path / "loop")
    facts = (
        facts_of(recipe_named("finetune"), tmp_path / "model")
        if (tmp_path / "model").write_bytes(b"1")
        else {}
    )
    assert kept.result(facts, lambda: {"after": 3}) == {"after": 3}
    assert kept.result(facts, lambda: pytest.fail("measured again")) == {"after": 3}
    assert kept.result(facts | {"count": 30}, lambda: {"after": 4}) == {"after": 4}
    (tmp_path / "model").write_bytes(b"2")
    other = facts_of(recipe_named("finetune"), tmp_path / "model")
    assert kept.result(other, lambda: {"after": 5}) == {"after": 5}
    for path in (tmp_path / "loop").iterdir():
        path.write_text("cut off")
    assert kept.result(facts, lambda: {"after": 6}) == {"after": 6}
