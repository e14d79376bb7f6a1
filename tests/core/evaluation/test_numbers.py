"""Figures of whole numbers: what counts as right, false numbers, digits at their places, calibration's fit."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.base.errors import DataError
from core.base.paths import Places
from core.evaluation import reader_calibration
from core.evaluation.numbers import (
    NumberPhoto,
    PhotoScore,
    describe,
    labelled_folder,
    main,
    match_boxes,
    number_photos,
    summarise,
)
from core.evaluation.reader_calibration import Judged, fit, held_up_pictures, larger_pictures
from core.reading.photo_reader import FEATURES, ReaderSettings
from core.reading.types import Box, Digit, Number
from core.synthesis.glyphs import no_glyphs
from tests.core.scene_supplies import supplies


def number(text: str, confidence: float = 0.9, x: float = 0) -> Number:
    digits = tuple(Digit(int(c), 0.9, Box(x + 12 * i, 0, 10, 20)) for i, c in enumerate(text))
    return Number(digits, confidence, Box.around([d.box for d in digits]))


def result(wanted: str, *numbers: Number, boxed: bool = False) -> PhotoScore:
    boxes = tuple((int(c), Box(12 * i, 0, 10, 20)) for i, c in enumerate(wanted)) if boxed else ()
    return PhotoScore(NumberPhoto(Path("p.png"), wanted, boxes), numbers, 5.0)


def test_the_best_number_decides() -> None:
    found = summarise([result("12", number("12"), number("7", 0.6)), result("12", number("13"))], data="x")
    assert (found.n, found.right, found.reported, found.false_numbers) == (2, 1, 3, 2)
    assert found.mistakes == (("p.png", "12", "13", 0.9),)


def test_nothing_read_where_there_is_nothing_is_right() -> None:
    found = summarise([result(""), result("", number("1"))], data="backgrounds")
    assert (found.right, found.false_numbers) == (1, 1)


def test_digits_are_counted_at_their_places() -> None:
    doubtful = replace(result("34", boxed=True), rejected=number("3").digits)  # found, but not reported
    found = summarise([result("12", number("17"), boxed=True), doubtful], data="svhn")
    assert (found.digits, found.seen, found.said) == (4, 3, 2)
    assert (found.found, found.told, found.right_digits) == (3, 2, 1)
    plain = found.to_dict()
    assert plain["detection_f1"] == pytest.approx(2 * 3 / 7)
    assert plain["reported_f1"] == pytest.approx(2 * 2 / 6)
    assert plain["digit_f1"] == pytest.approx(2 * 1 / 6)
    assert "F1" in describe(found)


def test_no_photos_are_no_error() -> None:
    found = summarise([], data="none")
    assert found.to_dict()["accuracy"] == 0
    assert found.to_dict()["interval95"] == [0.0, 1.0]


def test_every_box_is_matched_once() -> None:
    one = Box(0, 0, 10, 20)
    assert match_boxes([one], [one, Box(1, 0, 10, 20)]) == [(0, 0)]
    assert match_boxes([one], [Box(50, 0, 10, 20)]) == []


def test_labels_of_a_folder(tmp_path: Path) -> None:
    (tmp_path / "labels.csv").write_text("file,number\na.jpg,A888\nb.jpg,12\n")
    assert [(p.path.name, p.number) for p in labelled_folder(tmp_path)] == [("a.jpg", "888"), ("b.jpg", "12")]
    (tmp_path / "labels.csv").write_text("file,other\na.jpg,1\n")
    with pytest.raises(DataError, match=r"labels\.csv"):
        labelled_folder(tmp_path)


def test_absent_and_unknown_photos_are_told(tmp_path: Path) -> None:
    places = Places.find(home=tmp_path)
    with pytest.raises(DataError, match="signs is not here"):
        number_photos(places, "signs")
    with pytest.raises(DataError, match="There are no photos"):
        number_photos(places, "cats")


def test_a_missing_model_is_told_in_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["signs", "--detector", str(tmp_path / "none.onnx"), "--no-classifier"]) == 2
    assert "none.onnx" in capsys.readouterr().err


def test_calibration_learns_how_often_numbers_are_right() -> None:
    rng = np.random.default_rng(1)
    features = np.zeros((4000, len(FEATURES)))
    features[:, 0] = -rng.exponential(1.0, 4000)
    chance = 1 / (1 + np.exp(-(2 + 1.5 * features[:, 0])))
    right = rng.random(4000) < chance
    weights, bias = fit(Judged(features, right), ReaderSettings())
    said = 1 / (1 + np.exp(-(features @ np.array(weights) + bias)))
    assert np.abs(said - chance).mean() < 0.04
    assert min(weights) >= 0


@pytest.mark.data
def test_the_photos_kept_out_of_training() -> None:
    places = Places.find()
    counts = {
        name: len(number_photos(places, name)) for name in ("svhn-numbers", "svhn", "signs", "backgrounds")
    }
    assert counts == {"svhn-numbers": 283, "svhn": 56, "signs": 30, "backgrounds": 74}


def test_calibration_looks_at_larger_pictures_too() -> None:
    photo = np.full((30, 64), 200, np.uint8)
    photo[8:22, 20:26] = 10
    made, again = (larger_pictures([(photo, "1")], supplies()) for _ in range(2))
    assert [n for _, n in made[:4]] == ["", "1", "", "1"]
    assert {p.shape for p, _ in made} == {(640, 640)}
    assert all(np.array_equal(a[0], b[0]) for a, b in zip(made, again, strict=True))


def test_calibration_looks_at_numbers_that_are_held_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader_calibration, "HELD_UP_PICTURES", 30)
    made, again = (held_up_pictures(supplies()) for _ in range(2))
    assert {len(n) for _, n in made} >= {1, 2, 3}
    assert all(n.isdigit() and min(p.shape) >= 320 for p, n in made)
    assert all(np.array_equal(a[0], b[0]) for a, b in zip(made, again, strict=True))
    assert held_up_pictures(replace(supplies(), glyphs=no_glyphs())) == []
