"""The arithmetic of an evaluation."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from core.base.errors import InputError
from core.evaluation.metrics import THRESHOLDS, accuracy_by_group, calibration, evaluate_predictions, wilson
from core.reading.types import NOT_A_DIGIT


def sure(answers: list[int], confidence: float = 0.9, classes: int = 11) -> NDArray[np.float64]:
    """Probabilities that say these answers with this confidence."""
    p = np.full((len(answers), classes), (1 - confidence) / (classes - 1))
    p[np.arange(len(answers)), answers] = confidence
    return p


def test_a_small_case_by_hand() -> None:
    labels = np.array([0, 0, 1, 1, 10, 10])
    found = evaluate_predictions(sure([0, 1, 1, 10, 10, 3]), labels)
    assert found.n == 6
    assert found.accuracy == pytest.approx(3 / 6)
    assert found.cost == pytest.approx(-(3 * math.log(0.9) + 3 * math.log(0.01)) / 6)
    assert [(c.n, c.accuracy) for c in found.per_class[:2]] == [(2, 0.5), (2, 0.5)]
    assert math.isnan(found.per_class[2].accuracy)
    assert found.confusion[0][:2] == (1, 1)
    assert found.confusion[1][1] == found.confusion[1][10] == 1
    assert sum(map(sum, found.confusion)) == 4
    assert found.nothing[3] == found.nothing[10] == 1
    assert found.false_digits == 0.5
    assert found.ece == pytest.approx(0.4)


def test_ten_classes_and_no_digit_by_half() -> None:
    assert evaluate_predictions(sure([4, 4], classes=10), np.array([4, 4])).accuracy == 1
    close = np.array([[0.49] + [0.001] * 9 + [0.501]])
    assert evaluate_predictions(close, np.array([0])).confusion[0][10] == 1
    close = np.array([[0.3] + [0.021] * 9 + [0.49]])
    assert evaluate_predictions(close, np.array([0])).accuracy == 1


def test_the_cost_of_rejection() -> None:
    p = np.concatenate([sure([1] * 8, 0.97), sure([2] * 2, 0.7), sure([10], 0.9)])
    found = evaluate_predictions(p, np.array([1] * 10 + [1]))
    table = {r.threshold: r for r in found.rejection}
    assert tuple(table) == THRESHOLDS
    assert table[0.0].kept == pytest.approx(10 / 11)
    assert table[0.0].error == pytest.approx(0.2)
    assert table[0.9].kept == pytest.approx(8 / 11)
    assert table[0.9].error == 0
    assert math.isnan(table[0.99].error)
    assert table[0.99].kept == 0


def test_nothing_to_measure() -> None:
    found = evaluate_predictions(np.zeros((0, 11)), np.zeros(0, int))
    assert list(found.interval95) == [0, 1]
    assert json.loads(json.dumps(found.to_dict(), allow_nan=False))["accuracy"] is None


def test_json_has_what_the_contract_names() -> None:
    plain = evaluate_predictions(sure([3]), np.array([3])).to_dict()
    assert {"n", "accuracy", "interval95", "per_class", "confusion", "ece"} <= set(plain)
    assert len(plain["per_class"]) == len(plain["confusion"]) == 10
    assert all(len(row) == 11 for row in plain["confusion"])
    json.dumps(plain, allow_nan=False)


def test_wilson_against_published_figures() -> None:
    # R. G. Newcombe (1998), table I, method 3.
    for right, n, low, high in (
        (81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0, 0.1611), (1, 29, 0.0061, 0.1718),
    ):  # fmt: skip
        assert wilson(right, n) == pytest.approx((low, high), abs=1e-4)


@settings(max_examples=100, deadline=None)
@given(st.integers(1, 100_000), st.floats(0, 1))
def test_wilson_holds_the_share(n: int, share: float) -> None:
    right = round(share * n)
    low, high = wilson(right, n)
    assert 0 <= low <= right / n <= high <= 1


def test_calibration_of_honest_and_of_boastful_answers() -> None:
    rng = np.random.default_rng(1)
    confidence = rng.uniform(0.2, 1, 50_000)
    right = rng.uniform(size=50_000) < confidence
    error, bins = calibration(confidence, right)
    assert error < 0.01
    assert sum(b.n for b in bins) == 50_000
    error, _ = calibration(np.ones(100), rng.uniform(size=100) < 0.5)
    assert error == pytest.approx(0.5, abs=0.15)


def test_groups() -> None:
    found = accuracy_by_group(sure([1, 1, 2, 2]), np.array([1, 2, 2, 2]), ["b", "b", "a", "a"])
    assert [(g.group, g.n, g.accuracy) for g in found] == [("a", 2, 1.0), ("b", 2, 0.5)]
    assert accuracy_by_group(sure([1]), np.array([1]), []) == ()
    with pytest.raises(InputError, match="groups"):
        accuracy_by_group(sure([1]), np.array([1]), ["a", "b"])


@pytest.mark.parametrize(
    ("p", "y"),
    [
        (np.zeros((2, 5)), np.zeros(2, int)), (np.zeros((2, 11)), np.zeros(3, int)),
        (np.full((1, 11), np.nan), np.zeros(1, int)), (sure([1]), np.array([11])),
        (sure([1]), np.array([-1])), (sure([1]), np.array([1.0])),
    ],
)  # fmt: skip
def test_what_can_not_be_measured_is_refused(p: NDArray[np.float64], y: NDArray[np.int64]) -> None:
    with pytest.raises(InputError):
        evaluate_predictions(p, y)


def test_the_eleventh_label_is_nothing() -> None:
    assert evaluate_predictions(sure([NOT_A_DIGIT]), np.array([NOT_A_DIGIT])).accuracy == 1
