"""Figures of whole numbers: what counts as right, false numbers, digits at their places, calibration's fit."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.base.errors import DataError
from core.base.paths import Places
from core.evaluation import reader_calibration
from core.evaluation.number_scoring import (
    MISSES,
    PhotoScore,
    in_reading_order,
    is_same_place,
    match_boxes,
    numbers_in_doubt,
    parts_of,
)
from core.evaluation.numbers import describe, evaluate_numbers, main, summarise
from core.evaluation.reader_calibration import Judged, fit, held_up_pictures, larger_pictures
from core.loaders.number_photos import NumberPhoto, number_photos
from core.reading.photo_reader import FEATURES, ReaderSettings
from core.reading.types import Box, Digit, Number, Reading
from core.synthesis.glyphs import no_glyphs
from tests.core.scene_assets import assets


def number(text: str, confidence: float = 0.9, x: float = 0) -> Number:
    digits = tuple(Digit(int(c), 0.9, Box(x + 12 * i, 0, 10, 20)) for i, c in enumerate(text))
    return Number(digits, confidence, Box.around([d.box for d in digits]))


def photo(wanted: str, written: str = "", **facts: Any) -> NumberPhoto:
    return NumberPhoto(Path("p.png"), "test", "validation", written or wanted, wanted, **facts)


def result(wanted: str, *numbers: Number, boxed: bool = False, **facts: Any) -> PhotoScore:
    boxes = tuple((int(c), Box(12 * i, 0, 10, 20)) for i, c in enumerate(wanted)) if boxed else ()
    return PhotoScore(photo(wanted, digit_boxes=boxes), numbers, 5.0, **facts)


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
    assert (found.found, found.reported_digits, found.right_digits) == (3, 2, 1)
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


@pytest.mark.parametrize(
    ("reported", "doubtful", "why"),
    [
        (["12345"], [], None),
        ([], [], "nothing"),
        ([], ["12345"], "not sure"),
        (["9"], ["12345"], "not sure"),
        (["9", "12345"], [], "another"),
        (["1234"], [], "too few"),
        ([], ["1234"], "too few"),
        (["812345"], [], "too many"),
        (["12845"], [], "wrong digit"),
        (["123", "45"], [], "split"),
        (["123"], ["45"], "too few"),
        ([], ["123", "45"], "split"),
    ],
)
def test_why_a_number_was_missed(reported: list[str], doubtful: list[str], why: str | None) -> None:
    maybe = tuple(number(text, 0.3) for text in doubtful)
    score = result("12345", *(number(text) for text in reported), maybe=maybe)
    assert score.missed == why
    found = summarise([score], data="x")
    assert found.missed == (((why, 1),) if why else ())
    assert (found.numbered, found.nothing_read, found.right) == (1, not reported, why is None)
    if why:
        assert MISSES[why] in describe(found)
        assert found.to_dict()["missed"] == {why: 1}


def test_a_photo_without_a_number_misses_none() -> None:
    assert result("", number("7")).missed is None
    found = summarise([result("", number("7"), number("8")), result("")], data="words")
    assert (found.false_numbers, found.with_false, found.false_per_100, found.missed) == (2, 1, 100, ())


def test_what_is_written_falls_into_numbers() -> None:
    assert parts_of("7–9") == parts_of("7 / 9") == ("7", "9")
    assert parts_of("No. 10-b") == ("10",)
    assert parts_of("$4.00") == ("400",)
    assert parts_of("Friday") == ()
    parted = PhotoScore(photo("6203", "62-03"), (number("03", 0.95, x=60), number("62", 0.9)), 5.0)
    assert parted.right
    assert parted.found
    assert parted.false_numbers == ()
    assert PhotoScore(photo("6203", "62-03"), (number("6203"),), 5.0).right
    assert not PhotoScore(photo("6203", "62-03"), (number("62"),), 5.0).right
    assert PhotoScore(photo("6203", "62-03"), (number("62"),), 5.0).false_numbers == ()
    # The same two as parts of one number are wrong.
    split = PhotoScore(photo("6203"), (number("03", 0.95, x=60), number("62", 0.9)), 5.0)
    assert (split.missed, len(split.false_numbers)) == ("split", 2)


def test_numbers_beside_the_labelled_one_say_nothing() -> None:
    row = Box(100, 0, 34, 20)
    serial, reading = number("777"), number("456", 0.7, x=100)
    score = PhotoScore(photo("456", box=row), (serial, reading), 5.0, has_others=True)
    assert score.right
    assert score.judged == (reading,)
    assert score.false_numbers == ()
    # Anywhere else it is not the labelled one.
    away = PhotoScore(photo("456", box=row), (number("456"),), 5.0, has_others=True)
    assert (away.right, away.missed) == (False, "nothing")
    assert is_same_place(row, Box(90, -5, 60, 30))
    assert not is_same_place(row, Box(134, 0, 20, 20))


def test_lines_are_read_one_after_the_other() -> None:
    def at(text: str, x: float, y: float) -> Number:
        return Number((), 0.9, Box(x, y, 30, 20), text)

    rows = [at("d", 60, 33), at("b", 60, 4), at("a", 0, 0), at("c", 0, 30)]
    assert [n.written for n in in_reading_order(rows)] == ["a", "b", "c", "d"]
    assert in_reading_order([]) == []


class FakeReader:
    """Reports from 0.5 on; with `tells` it says what it dropped."""

    def __init__(self, numbers: list[Number], tells: bool = False) -> None:
        self.numbers, self.tells, self.asked = numbers, tells, 0

    def read(self, image: Any, *, threshold: float | None = None) -> Reading:
        self.asked += 1
        least = 0.5 if threshold is None else threshold
        sure = tuple(n for n in self.numbers if n.confidence >= least)
        others = tuple(n for n in self.numbers if n.confidence < least)
        return Reading(sure, milliseconds=4.0, maybe=others if self.tells else ())


@pytest.mark.parametrize("tells", [True, False])
def test_what_a_reader_is_not_sure_of(tells: bool) -> None:
    reader = FakeReader([number("9"), number("12", 0.4)], tells)
    doubts = numbers_in_doubt(reader, None, reader.read(None))
    assert [n.text for n in doubts] == ["12"]
    reader.asked = 0
    found = evaluate_numbers(
        reader, [photo("12"), photo("9")], data="x", picture=lambda _: np.zeros(1, np.uint8)
    )
    assert (found.right, found.missed, found.milliseconds) == (1, (("not sure", 1),), 4.0)
    # Only what was missed is looked at once more, and only where the reader does not tell.
    assert reader.asked == (2 if tells else 3)


def test_kinds_of_photos_are_told_apart() -> None:
    scores = [
        PhotoScore(photo("1", group=group), (number("1"),) if right else (), 1.0)
        for group, right in (("small", False), ("large", True), ("small", True))
    ]
    found = summarise(scores, data="x")
    assert found.groups == (("large", 1, 1), ("small", 2, 1))
    assert found.to_dict()["groups"]["small"] == {"n": 2, "accuracy": 0.5}


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


def test_calibration_looks_at_larger_pictures_too() -> None:
    photo = np.full((30, 64), 200, np.uint8)
    photo[8:22, 20:26] = 10
    made, again = (larger_pictures([(photo, "1")], assets()) for _ in range(2))
    assert [n for _, n in made[:4]] == ["", "1", "", "1"]
    assert {p.shape for p, _ in made} == {(640, 640)}
    assert all(np.array_equal(a[0], b[0]) for a, b in zip(made, again, strict=True))


def test_calibration_looks_at_numbers_that_are_held_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader_calibration, "HELD_UP_PICTURES", 30)
    made, again = (held_up_pictures(assets()) for _ in range(2))
    assert {len(n) for _, n in made} >= {1, 2, 3}
    assert all(n.isdigit() and min(p.shape) >= 320 for p, n in made)
    assert all(np.array_equal(a[0], b[0]) for a, b in zip(made, again, strict=True))
    assert held_up_pictures(replace(assets(), glyphs=no_glyphs())) == []
