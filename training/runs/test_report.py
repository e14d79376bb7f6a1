"""A run's `test.json` as the window shows it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.base.errors import DataError
from core.base.files import read_json
from core.evaluation.metrics import Evaluation
from core.evaluation.test_file import (
    CLASSIFIER,
    DETECTOR,
    Found,
    Mistake,
    NumbersFound,
    RowsFound,
    SourceResult,
    TestReport,
    digit_name,
)
from core.reading.types import NOT_A_DIGIT
from core.runs import events
from core.runs.file_names import TEST

__all__ = [
    "Mistake", "NumbersFound", "RowsFound", "SourceResult", "TestReport", "confusion_matrix", "digit_name",
    "read_report", "report_of_events",
]  # fmt: skip


def confusion_matrix(found: Evaluation) -> NDArray[np.int64] | None:
    """int (10 or 11, 11): true digits down, answers across, “no digit” last; None where it was not measured."""
    rows = [*found.confusion, *([found.nothing] if found.n_nothing else [])]
    if not rows:
        return None
    matrix = np.zeros((len(rows), NOT_A_DIGIT + 1), np.int64)
    for i, row in enumerate(rows):
        matrix[i, : len(row)] = row
    return matrix


def read_report(run: Path) -> TestReport:
    """The report of a run's folder. Raises DataError, which names the file, if it is missing or damaged."""
    path = run / TEST
    body = read_json(path)
    try:
        return TestReport.from_json(body)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise DataError(f"{path} is damaged: it is not what the test phase writes.") from error


def report_of_events(found: tuple[events.Evaluated, ...], *, kind: str) -> TestReport:
    """What is known of a run of this kind while `test.json` is not written."""
    return TestReport(kind, None, tuple(SourceResult(e.source, _found(e, kind)) for e in found))


def _found(event: events.Evaluated, kind: str) -> Found:
    if kind == DETECTOR:
        return NumbersFound(event.n, event.accuracy, event.interval95)
    plain = {"n": event.n, "accuracy": event.accuracy, "interval95": event.interval95, "cost": event.cost}
    return Evaluation.from_dict(plain) if kind == CLASSIFIER else RowsFound.from_json(plain)
