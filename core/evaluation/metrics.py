"""How good a model is: accuracy with its interval, per class, confusion, calibration, cost of rejection.

Pure arithmetic on probabilities, shared by the training loop's test phase, the training window and
`gnc evaluate`. What is measured, and where the crops come from, is in `core.evaluation.digit_sets`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.base.errors import InputError
from core.reading.types import NOT_A_DIGIT

THRESHOLDS = (0.0, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.999)
"""Confidences at which the cost of rejection is reported."""

_BINS = 15
_Z95 = 1.959963984540054
_FLOOR = 1e-7  # a probability of 0 would cost infinitely much


@dataclass(frozen=True)
class ClassAccuracy:
    """Of one digit: how many there were, and the share read right (NaN if there were none)."""

    digit: int
    n: int
    accuracy: float


@dataclass(frozen=True)
class GroupAccuracy:
    """Of one group (a counter, a writer): how many crops there were, and the share read right."""

    group: str
    n: int
    accuracy: float


@dataclass(frozen=True)
class Rejection:
    """What asking for a confidence costs. kept: share of the digits answered. error: share of those wrong."""

    threshold: float
    kept: float
    error: float


@dataclass(frozen=True)
class Bin:
    """One bar of the calibration plot: answers with about this confidence, and how many of them are right."""

    confidence: float
    accuracy: float
    n: int


@dataclass(frozen=True)
class Evaluation:
    """One model on one set of labelled crops. Shares are 0–1, nan where there is nothing to measure.

    n, accuracy, interval95: over all crops; a digit is right where it is read as itself, and a crop without a
    digit where it is said to be none. cost: mean cross-entropy, nats. per_class: ten. confusion: ten rows of
    true digits, eleven columns of answers, the last “no digit”. ece: expected calibration error (15 bins).
    nothing: how the crops without a digit were answered, eleven counts. rejection: see there.
    """

    n: int
    accuracy: float
    interval95: tuple[float, float]
    cost: float
    ece: float
    per_class: tuple[ClassAccuracy, ...]
    confusion: tuple[tuple[int, ...], ...]
    nothing: tuple[int, ...]
    rejection: tuple[Rejection, ...]
    calibration: tuple[Bin, ...]

    @property
    def n_nothing(self) -> int:
        """Crops that show no digit."""
        return sum(self.nothing)

    @property
    def false_digits(self) -> float:
        """Share of the crops without a digit that were called one; NaN if there are no such crops."""
        return sum(self.nothing[:10]) / self.n_nothing if self.n_nothing else math.nan

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON, as `gnc evaluate --json` and `test.json` show them; nan becomes null."""
        return {
            "n": self.n,
            "accuracy": _plain(self.accuracy),
            "interval95": [_plain(v) for v in self.interval95],
            "cost": _plain(self.cost),
            "ece": _plain(self.ece),
            "per_class": [
                {"digit": c.digit, "n": c.n, "accuracy": _plain(c.accuracy)} for c in self.per_class
            ],
            "confusion": [list(row) for row in self.confusion],
            "nothing": {
                "n": self.n_nothing, "false_digits": _plain(self.false_digits), "answers": list(self.nothing)
            },
            "rejection": [
                {"threshold": r.threshold, "kept": _plain(r.kept), "error": _plain(r.error)}
                for r in self.rejection
            ],
            "calibration": bins_to_plain(self.calibration),
        }  # fmt: skip

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Evaluation:
        """What `to_dict` wrote. null becomes nan; what is missing is empty.

        Raises KeyError, TypeError, ValueError or AttributeError where it is something else.
        """
        low, high = values.get("interval95") or (None, None)
        nothing = values.get("nothing") or {}
        return cls(
            n=int(values["n"]),
            accuracy=_number(values.get("accuracy")),
            interval95=(_number(low), _number(high)),
            cost=_number(values.get("cost")),
            ece=_number(values.get("ece")),
            per_class=tuple(
                ClassAccuracy(int(c["digit"]), int(c["n"]), _number(c["accuracy"]))
                for c in values.get("per_class") or ()
            ),
            confusion=tuple(tuple(map(int, row)) for row in values.get("confusion") or ()),
            nothing=tuple(map(int, nothing.get("answers") or ())),
            rejection=tuple(
                Rejection(float(r["threshold"]), _number(r["kept"]), _number(r["error"]))
                for r in values.get("rejection") or ()
            ),
            calibration=bins_from(values),
        )


def bins_from(values: Mapping[str, Any]) -> tuple[Bin, ...]:
    """The bars of a calibration plot as `to_dict` writes them, without empty ones. Raises as `from_dict` does."""
    bars = values.get("calibration") or ()
    return tuple(Bin(_number(b["confidence"]), _number(b["accuracy"]), int(b["n"])) for b in bars if b["n"])


def bins_to_plain(bins: Iterable[Bin]) -> list[dict[str, Any]]:
    """The bars of a calibration plot for JSON."""
    return [{"confidence": _plain(b.confidence), "accuracy": _plain(b.accuracy), "n": b.n} for b in bins]


def _number(value: Any) -> float:
    return math.nan if value is None else float(value)


def _plain(value: float) -> float | None:
    return round(value, 6) if math.isfinite(value) else None


def evaluate_predictions(probabilities: NDArray[np.floating], labels: NDArray[np.integer]) -> Evaluation:
    """Measure. probabilities: (N, 10) or (N, 11), of 0…9 and “no digit”. labels: (N,), 0…9 or NOT_A_DIGIT.

    Raises:
        InputError: shapes that do not fit, labels out of range, probabilities that are none.
    """
    p, y = _checked(probabilities, labels)
    answer, confidence = answers(p)
    right = answer == y
    n = len(y)
    count = np.zeros((NOT_A_DIGIT + 1, NOT_A_DIGIT + 1), np.int64)
    np.add.at(count, (y, answer), 1)
    true_n = count.sum(axis=1)
    ece, bins = calibration(confidence, right)
    costs = -np.log(np.maximum(p[np.arange(n), y], _FLOOR))
    return Evaluation(
        n=n,
        accuracy=float(right.mean()) if n else math.nan,
        interval95=wilson(int(right.sum()), n),
        cost=float(costs.mean()) if n else math.nan,
        ece=ece,
        per_class=tuple(
            ClassAccuracy(d, int(true_n[d]), count[d, d] / true_n[d] if true_n[d] else math.nan)
            for d in range(10)
        ),
        confusion=tuple(tuple(row) for row in count[:10].tolist()),
        nothing=tuple(count[NOT_A_DIGIT].tolist()),
        rejection=_rejection(answer, confidence, y),
        calibration=bins,
    )


def accuracy_by_group(
    probabilities: NDArray[np.floating], labels: NDArray[np.integer], groups: Sequence[str]
) -> tuple[GroupAccuracy, ...]:
    """The accuracy of each group by name; groups: one a crop, or none at all."""
    if not groups:
        return ()
    p, y = _checked(probabilities, labels)
    if len(groups) != len(y):
        raise InputError(f"There are {len(groups):,} groups for {len(y):,} labels.")
    right = answers(p)[0] == y
    names, place = np.unique(np.asarray(groups), return_inverse=True)
    counts, hits = np.bincount(place), np.bincount(place, weights=right)
    return tuple(
        GroupAccuracy(str(name), int(n), float(hit / n))
        for name, n, hit in zip(names, counts, hits, strict=True)
    )


def answers(probabilities: NDArray[np.floating]) -> tuple[NDArray[np.int64], NDArray[np.floating]]:
    """(N, 11) → what the live program would say, 0…9 or NOT_A_DIGIT, and how sure it would be."""
    digit = probabilities[:, :10].argmax(axis=1)
    none = probabilities[:, NOT_A_DIGIT]
    confidence = probabilities[np.arange(len(digit)), digit]
    refused = none >= 0.5
    return np.where(refused, NOT_A_DIGIT, digit), np.where(refused, none, confidence)


def wilson(right: int, n: int) -> tuple[float, float]:
    """The 95% interval of a share (E. B. Wilson, 1927); (0, 1) for n = 0."""
    if n == 0:
        return 0.0, 1.0
    share, z2 = right / n, _Z95 * _Z95
    middle = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = _Z95 / (1 + z2 / n) * math.sqrt(share * (1 - share) / n + z2 / (4 * n * n))
    # Exact at the ends, where rounding would leave a hair.
    return middle - half if right else 0.0, middle + half if right < n else 1.0


def calibration(confidence: NDArray[np.floating], right: NDArray[np.bool_]) -> tuple[float, tuple[Bin, ...]]:
    """Expected calibration error over equal bins (Guo et al. 2017), and the bins that are not empty."""
    n = len(confidence)
    if n == 0:
        return math.nan, ()
    place = np.minimum((confidence * _BINS).astype(np.int64), _BINS - 1)
    bins, error = [], 0.0
    for k in range(_BINS):
        inside = place == k
        if not inside.any():
            continue
        sure, true = float(confidence[inside].mean()), float(right[inside].mean())
        bins.append(Bin(sure, true, int(inside.sum())))
        error += abs(sure - true) * float(inside.mean())
    return error, tuple(bins)


def _rejection(
    answer: NDArray[np.int64], confidence: NDArray[np.floating], labels: NDArray[np.int64]
) -> tuple[Rejection, ...]:
    """Over the crops that show a digit; one called “no digit” is never answered."""
    shown = labels != NOT_A_DIGIT
    answer, confidence, labels = answer[shown], confidence[shown], labels[shown]
    table = []
    for threshold in THRESHOLDS:
        kept = (answer != NOT_A_DIGIT) & (confidence >= threshold)
        share = float(kept.mean()) if len(kept) else math.nan
        error = float((answer[kept] != labels[kept]).mean()) if kept.any() else math.nan
        table.append(Rejection(threshold, share, error))
    return tuple(table)


def _checked(
    probabilities: NDArray[np.floating], labels: NDArray[np.integer]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """(N, 11) float64 and (N,) int64."""
    p, y = np.asarray(probabilities, np.float64), np.asarray(labels)
    if p.ndim != 2 or p.shape[1] not in (10, 11) or y.shape != (len(p),):
        raise InputError(f"Probabilities of shape {p.shape} do not fit labels of shape {y.shape}.")
    if not np.isfinite(p).all():
        raise InputError("The model gives probabilities that are no numbers.")
    if y.size and (y.dtype.kind not in "iu" or y.min() < 0 or y.max() > NOT_A_DIGIT):
        raise InputError("A label is something else than 0 to 9, or 10 for “no digit”.")
    if p.shape[1] == NOT_A_DIGIT:
        p = np.concatenate([p, np.zeros((len(p), 1))], axis=1)
    return p, y.astype(np.int64)
