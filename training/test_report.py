"""What the test phase found: a run's `test.json` and its sheet of mistakes. No Qt."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core import events
from core.errors import DataError
from core.runs import TEST, read_json

NONE = 10
"""The column, row or answer “no digit”."""


@dataclass(frozen=True)
class Bin:
    """Answers of about this confidence, and the share of them that is right."""

    confidence: float
    accuracy: float
    n: int


@dataclass(frozen=True)
class Measured:
    """One source. Shares are 0..1, NaN where unknown. confusion: int (10 or 11, 11), true digits down, answers
    across, “no digit” last; None where it was not told.
    """

    name: str
    n: int
    accuracy: float
    interval95: tuple[float, float]
    cost: float = math.nan
    ece: float = math.nan
    confusion: NDArray[np.int64] | None = None
    calibration: tuple[Bin, ...] = ()


@dataclass(frozen=True)
class Mistake:
    """One wrong answer. index: its place in the sheet, surest first."""

    source: str
    label: int
    digit: int
    confidence: float
    index: int

    @property
    def text(self) -> str:
        """“4 read as 9”."""
        return f"{digit_name(self.label)} read as {digit_name(self.digit)}"


@dataclass(frozen=True)
class TestReport:
    """All of it. whole: all sources together. sheet: a picture of squares of `size` pixels, `columns` a row."""

    __test__ = False  # not a test of ours, whatever pytest thinks of the name

    whole: Measured | None
    sources: tuple[Measured, ...]
    mistakes: tuple[Mistake, ...] = ()
    sheet: Path | None = None
    size: int = 32
    columns: int = 20


def digit_name(digit: int) -> str:
    """0…9, or “none” for no digit."""
    return "none" if digit == NONE else str(digit)


def read_report(run: Path) -> TestReport:
    """Of a run's folder. Raises DataError, naming the file, where there is none or it is damaged."""
    path = run / TEST
    body = read_json(path)
    try:
        sources = tuple(_measured(str(name), values) for name, values in body["sources"].items())
        whole = _measured("all", body["all"]) if body.get("all") else None
        mistakes = tuple(
            Mistake(
                str(m["source"]), int(m["label"]), int(m["digit"]), _number(m["confidence"]), int(m["index"])
            )
            for m in body.get("mistakes", [])
        )
        sheet = run / str(body["mistakes_sheet"]) if body.get("mistakes_sheet") else None
        size, columns = int(body.get("mistake_size", 32)), int(body.get("mistakes_columns", 20))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise DataError(f"{path} is damaged: it is not what the test phase writes.") from error
    return TestReport(whole, sources, mistakes, sheet, size, columns)


def report_of_events(found: tuple[events.Evaluated, ...]) -> TestReport:
    """What is known while the test phase still goes on."""
    return TestReport(
        None, tuple(Measured(e.source, e.n, e.accuracy, e.interval95, e.cost) for e in found)
    )


def _measured(name: str, values: Mapping[str, Any]) -> Measured:
    low, high = values.get("interval95") or (None, None)
    return Measured(
        name=name,
        n=int(values["n"]),
        accuracy=_number(values.get("accuracy")),
        interval95=(_number(low), _number(high)),
        cost=_number(values.get("cost")),
        ece=_number(values.get("ece")),
        confusion=_confusion(values),
        calibration=tuple(
            Bin(_number(b["confidence"]), _number(b["accuracy"]), int(b["n"]))
            for b in values.get("calibration", [])
            if b["n"]
        ),
    )


def _confusion(values: Mapping[str, Any]) -> NDArray[np.int64] | None:
    rows = [list(row) for row in values.get("confusion") or []]
    nothing = values.get("nothing") or {}
    if nothing.get("n"):
        rows.append(list(nothing["answers"]))
    if not rows:
        return None
    matrix = np.zeros((len(rows), NONE + 1), np.int64)
    for i, row in enumerate(rows):
        matrix[i, : len(row)] = row
    return matrix


def _number(value: Any) -> float:
    return math.nan if value is None else float(value)
