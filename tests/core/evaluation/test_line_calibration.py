"""How sure a number is that three networks read: the regression, the threshold, the pictures."""

from __future__ import annotations

import dataclasses
import random

import numpy as np
import pytest
from numpy.typing import NDArray

from core.base.errors import DataError
from core.evaluation.calibration_pictures import Picture, _faces, grid, on_photo, worse
from core.evaluation.calibration_rows import made_rows
from core.evaluation.line_calibration import (
    Sample,
    calibrate_lines,
    describe,
    fit,
    fitted,
    thresholded,
)
from core.reading.photo_reader import PhotoReader
from core.reading.reader_settings import LineSettings
from core.reading.rows.check_digits import LENGTHS
from core.reading.rows.features import FEATURES
from core.reading.types import Box
from core.synthesis.lines.rows import Row
from tests.core.reading.test_line_candidates import FakeLine
from tests.core.reading.test_photo_reader import FakeFinder, finds

GRAY = np.random.default_rng(1).integers(0, 255, (480, 640), dtype=np.uint8)


def test_the_regression_finds_what_speaks_for_a_number() -> None:
    rng = np.random.default_rng(2)
    features = rng.normal(size=(4000, 3))
    chance = 1 / (1 + np.exp(-(2 * features[:, 0] - features[:, 1] + 0.5)))
    weights, bias = fit(features, rng.random(4000) < chance, np.ones(4000))
    assert weights == pytest.approx((2, -1, 0), abs=0.2)
    assert bias == pytest.approx(0.5, abs=0.15)


def test_what_is_a_number_of_the_picture() -> None:
    picture = Picture("k", GRAY, ("12", "7"), unknown=("3",))
    assert [picture.is_right(t, Box(0, 0, 9, 9)) for t in ("12", "7", "127", "3")] == [
        True,
        True,
        False,
        None,
    ]
    assert not picture.is_empty
    within = Picture("k", GRAY, ("12",), within=Box(100, 100, 50, 20))
    assert within.is_right("12", Box(110, 102, 30, 16)) is True
    assert within.is_right("99", Box(110, 102, 30, 16)) is False
    assert within.is_right("99", Box(300, 300, 30, 16)) is None


def reader_of(found: str) -> PhotoReader:
    return PhotoReader(FakeFinder(finds(found)), None, line=FakeLine(found))


def samples_of(reader: PhotoReader, *pictures: Picture) -> list[Sample]:
    candidates = [c for c in reader.candidates(GRAY) if c.is_line]
    return [Sample(p, candidates, [p.is_right(c.text, c.box) for c in candidates]) for p in pictures]


def test_what_is_mostly_right_is_sure_and_what_is_mostly_wrong_is_not() -> None:
    reader = reader_of("12")
    for right, wrong in ((18, 2), (2, 18)):
        pictures = [Picture("a", GRAY, ("12",))] * right + [Picture("a", GRAY, ("99",))] * wrong
        samples = samples_of(reader, *pictures)
        settings = fitted(reader, samples, LineSettings())
        confidence = settings.confidence(samples[0].candidates[0].features)
        assert confidence == pytest.approx(right / 20, abs=0.03)


def test_a_false_number_in_an_empty_picture_is_not_reported() -> None:
    reader = reader_of("12")
    samples = samples_of(reader, *[Picture("a", GRAY, ("12",))] * 15, *[Picture("b", GRAY)] * 5)
    trial = reader.with_line_settings(fitted(reader, samples, LineSettings()))
    settings = thresholded(trial, samples)
    assert settings.threshold > trial.confidence(samples[0].candidates[0])
    assert "a" in describe(trial, samples)


def test_long_numbers_have_a_threshold_of_their_own() -> None:
    reader = reader_of("1824")
    samples = samples_of(reader, *[Picture("a", GRAY, ("1824",))] * 11, *[Picture("b", GRAY)] * 9)
    trial = reader.with_line_settings(fitted(reader, samples, LineSettings()))
    settings = thresholded(trial, samples)
    assert settings.long_threshold > trial.confidence(samples[0].candidates[0])
    assert settings.threshold >= settings.long_threshold


def test_calibration_needs_numbers() -> None:
    with pytest.raises(DataError, match="In no image"):
        calibrate_lines(reader_of(""), [Picture("a", GRAY, ("12",))])


def test_a_whole_calibration() -> None:
    told: list[str] = []
    settings = calibrate_lines(reader_of("1824"), [Picture("a", GRAY, ("1824",))] * 4, told.append)
    assert len(settings.weights) == len(FEATURES)
    assert settings != LineSettings()
    assert dataclasses.replace(settings, threshold=0.5).maybe <= 0.5
    assert "all" in told[0]


def test_pictures_are_made_worse_but_stay_pictures() -> None:
    rng = random.Random(3)
    for _ in range(12):
        made = worse(rng, GRAY[:60, :200])
        assert made.dtype == np.uint8
        assert made.ndim == 2
        assert min(made.shape) >= 18


def test_a_crop_lies_whole_on_its_photo() -> None:
    crop = np.full((40, 100), 255, np.uint8)
    picture = on_photo(random.Random(4), np.zeros((300, 400), np.uint8), crop, "12")
    ys, xs = np.nonzero(picture.gray)
    assert picture.numbers == ("12",)
    assert (np.ptp(xs) + 1) / (np.ptp(ys) + 1) == pytest.approx(2.5, rel=0.1)


def test_made_rows_say_what_stands_in_them() -> None:
    def made() -> list[tuple[Row, NDArray[np.uint8]]]:
        return list(made_rows(random.Random(4), (), [GRAY], 0.1))

    first, again = made(), made()
    assert len(first) == 19, "displays and dots; print needs fonts"
    assert all(len(row.text) in LENGTHS and row.text.isdecimal() for row, _ in first[14:]), (
        "none is a wagon's"
    )
    for (row, gray), (same, as_well) in zip(first, again, strict=True):
        assert row.text == same.text
        assert np.array_equal(gray, as_well)
        assert min(gray.shape) > 8
        assert not row.text or int(np.ptp(gray)) > 30, "it can be seen"
    shares = [made_rows(random.Random(4), (), [], share) for share in (0.05, 0.1)]
    assert [len(list(rows)) for rows in shares] == [9, 19]


def test_a_grid_has_its_digits_one_by_one_inside_its_cells() -> None:
    faces = _faces()
    if not faces:
        pytest.skip("no fonts are installed")
    for seed in range(4):
        picture = grid(random.Random(seed), faces)
        assert picture.gray.shape == (480, 640)
        assert 4 <= len(picture.numbers) <= 81
        assert all(number in "123456789" and len(number) == 1 for number in picture.numbers)
        assert np.array_equal(picture.gray, grid(random.Random(seed), faces).gray)
