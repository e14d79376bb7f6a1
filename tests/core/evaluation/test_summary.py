"""The tables of all measured sets: a row a set, reasons, and what confidences are worth."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from core.base.paths import Places
from core.evaluation.all_sets import DIGIT_SETS, DIGITS, DRAWINGS, SetResult, all_numbers, evaluate_all
from core.evaluation.drawings import DrawingEvaluation, KindScore
from core.evaluation.metrics import evaluate_predictions
from core.evaluation.number_scoring import PhotoScore
from core.evaluation.numbers import summarise
from core.evaluation.photo_sets import EMPTY, NUMBERS, PHOTO_SETS, SINGLE
from core.evaluation.summary import HEADS, reasons, reliability, row
from core.reading.types import Number
from tests.core.evaluation.test_numbers import number, photo


def score(wanted: str, *numbers: Number, group: str = "") -> PhotoScore:
    return PhotoScore(photo(wanted, group=group), numbers, 8.0)


def numbers_result(name: str, kind: str, *scores: PhotoScore) -> SetResult:
    return SetResult(name, name.title(), kind, summarise(scores, data=name))


@pytest.fixture
def results() -> list[SetResult]:
    wagons = numbers_result(
        "wagons",
        NUMBERS,
        score("12", number("12", 0.9)),
        score("34", number("3", 0.8)),
        score("5"),
        score("78"),
    )
    signs = numbers_result("signs", NUMBERS, score("7", number("7", 0.95), number("1", 0.9)))
    words = numbers_result("words", EMPTY, score(""), score("", number("1"), number("2")))
    single = numbers_result(
        "single", SINGLE, score("1", number("1"), group="small"), score("2", group="large")
    )
    kinds = {"single": KindScore(4, 3, 1), "joined": KindScore(6, 3, 1)}
    drawn = DrawingEvaluation(kinds, 0.125, 2.5, ())
    labels = np.array([0, 1, 2, 3])
    probabilities = np.eye(11)[[0, 1, 2, 10]]
    return [
        wagons,
        signs,
        words,
        single,
        SetResult("cvl", "CVL", DIGITS, evaluate_predictions(probabilities, labels)),
        SetResult("drawings", "Drawings", DRAWINGS, drawn),
    ]


def test_a_row_a_set(results: list[SetResult]) -> None:
    wagons, signs, words, single, cvl, drawings = (row(result) for result in results)
    assert " ".join(wagons[0].split()) == "Wagons 4 25.0% 4.6 to 69.9% 25.0% 1 50.0% 0.450 8.0"
    assert signs[0].split()[1:3] == ["1", "100.0%"]
    assert words[0].split() == ["Words", "2", "50.0%", "9.5", "to", "90.5%", "100.0", "8.0"]
    assert [line.split()[:3] for line in single] == [
        ["Single", "2", "50.0%"],
        ["large", "1", "0.0%"],
        ["small", "1", "100.0%"],
    ]
    assert cvl[0].split()[:3] == ["CVL", "4", "75.0%"]
    assert cvl[0].split()[-2:] == ["25.00%", "0.250"]
    assert " ".join(drawings[0].split()) == "Drawings 10 60.0% 31.3 to 83.2% 2 0.125 2.5"
    assert [line.split() for line in drawings[1:]] == [
        ["single", "4", "75.0%", "1"],
        ["joined", "6", "50.0%", "1"],
    ]
    for result in results:
        assert len(HEADS[result.kind]) == len(row(result)[0])


def test_reasons_are_shares_of_all_photos(results: list[SetResult]) -> None:
    head, wagons, signs, single = reasons(results)
    assert wagons.split() == ["Wagons", "25.0", "–", "–", "–", "–", "–", "50.0"]
    assert signs.split() == ["Signs"] + ["–"] * 7
    assert single.split()[-1] == "50.0"
    assert len(head) == len(wagons)
    assert reasons(results[-1:]) == []


def test_confidences_of_all_numbers_together(results: list[SetResult]) -> None:
    whole = all_numbers(results)
    assert (whole["n"], whole["right"], whole["reported"], whole["false_numbers"]) == (5, 2, 4, 2)
    # 80%: none of one; 90%: one of two (in one bin); 95%: one of one.
    assert whole["ece"] == pytest.approx((0.8 + 2 * 0.4 + 0.05) / 4)
    assert [b["n"] for b in whole["calibration"]] == [1, 2, 1]
    lines = reliability(results)
    assert "4 numbers reported" in lines[0]
    assert [line.split() for line in lines[2:]] == [
        ["80.0%", "0.0%", "1"],
        ["90.0%", "50.0%", "2"],
        ["95.0%", "100.0%", "1"],
    ]
    assert reliability(results[-1:]) == []
    assert all_numbers([])["accuracy"] == 0


def test_what_is_not_here_is_left_out_with_a_sentence(tmp_path: Path) -> None:
    class Guesser:
        class info:  # noqa: N801
            input_size = 32

        def probabilities_of_looks(
            self, crops: NDArray[np.uint8], more: NDArray[np.uint8], owners: NDArray[np.intp]
        ) -> NDArray[np.float32]:
            return np.full((len(crops), 11), 1 / 11, np.float32)

    absent: list[str] = []
    places = replace(Places.find(), data=tmp_path, downloads=tmp_path, cache=tmp_path)
    found = list(evaluate_all(None, Guesser(), places, limit=4, on_absent=absent.append))  # type: ignore[arg-type]
    assert [result.name for result in found] == ["mnist"]  # a part of it comes with the program
    assert len(absent) == len(PHOTO_SETS) + len(DIGIT_SETS) - 1 + 1  # the drawings
    assert all(sentence.endswith(".") for sentence in absent)
    absent.clear()
    found = list(
        evaluate_all(None, Guesser(), places, kinds=(EMPTY,), on_absent=absent.append)  # type: ignore[arg-type]
    )
    assert found == []
    assert len(absent) == sum(photos.kind == EMPTY for photos in PHOTO_SETS)
