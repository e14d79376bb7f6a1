"""What the test phase found: a run's `test.json` and its sheet of mistakes. No Qt."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.base.errors import DataError
from core.base.files import read_json
from core.evaluation.metrics import Bin, Evaluation, bins_from
from core.reading.types import NOT_A_DIGIT
from core.runs import events
from core.runs.folder import TEST


@dataclass(frozen=True)
class NumbersFound:
    """What a detector's test phase tells of whole numbers in one set of photos.

    n: photos; accuracy: share whose best number is the one in them. reported, false_numbers: numbers it
    reported, and those of them that are in no photo; None where it was not told. Shares are 0..1, NaN where
    unknown: detection_f1 of digits found at their place, digit_f1 of those also read right, ece (calibration
    error). milliseconds: a photo.
    """

    n: int
    accuracy: float
    interval95: tuple[float, float]
    reported: int | None = None
    false_numbers: int | None = None
    detection_f1: float = math.nan
    digit_f1: float = math.nan
    ece: float = math.nan
    milliseconds: float = math.nan
    calibration: tuple[Bin, ...] = ()


@dataclass(frozen=True)
class SourceResult:
    """One source, or “all” of them together."""

    name: str
    found: Evaluation | NumbersFound


@dataclass(frozen=True)
class Mistake:
    """One wrong answer. label, answer: what is there and what was read: a digit, a number, or that there is none.

    index: its place in the sheet, which may have ended before it. file: the photo it was read in, if it was one.
    """

    source: str
    label: str
    answer: str
    confidence: float
    index: int
    file: str = ""

    @property
    def text(self) -> str:
        """“4 read as 9”."""
        return f"{self.label} read as {self.answer}"


@dataclass(frozen=True)
class TestReport:
    """All of it. whole: all sources together. mistakes: surest first. sheet: a picture of squares of `size`
    pixels, `columns` a row. of_numbers: of a detector, which reads whole numbers."""

    __test__ = False  # not a test of ours, whatever pytest thinks of the name

    whole: SourceResult | None
    sources: tuple[SourceResult, ...]
    mistakes: tuple[Mistake, ...] = ()
    sheet: Path | None = None
    size: int = 32
    columns: int = 20
    of_numbers: bool = False


def digit_name(digit: int) -> str:
    """0…9, or “none” for no digit."""
    return "none" if digit == NOT_A_DIGIT else str(digit)


def confusion_matrix(found: Evaluation) -> NDArray[np.int64] | None:
    """int (10 or 11, 11): true digits down, answers across, “no digit” last; None where it was not told."""
    rows = [*found.confusion, *([found.nothing] if found.n_nothing else [])]
    if not rows:
        return None
    matrix = np.zeros((len(rows), NOT_A_DIGIT + 1), np.int64)
    for i, row in enumerate(rows):
        matrix[i, : len(row)] = row
    return matrix


def read_report(run: Path) -> TestReport:
    """Of a run's folder. Raises DataError, naming the file, where there is none or it is damaged."""
    path = run / TEST
    body = read_json(path)
    try:
        of_numbers = body.get("kind") == "detector"
        read = _numbers if of_numbers else Evaluation.from_dict
        sources = tuple(SourceResult(str(name), read(values)) for name, values in body["sources"].items())
        whole = SourceResult("all", read(body["all"])) if body.get("all") else None
        mistakes = _numbers_misread(body["sources"]) if of_numbers else _digits_misread(body)
        sheet = run / str(body["mistakes_sheet"]) if body.get("mistakes_sheet") else None
        size, columns = int(body.get("mistake_size", 32)), int(body.get("mistakes_columns", 20))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise DataError(f"{path} is damaged: it is not what the test phase writes.") from error
    return TestReport(whole, sources, mistakes, sheet, size, columns, of_numbers)


def report_of_events(found: tuple[events.Evaluated, ...], *, of_numbers: bool) -> TestReport:
    """What is known while the test phase still goes on."""
    return TestReport(
        None, tuple(SourceResult(e.source, _told(e, of_numbers)) for e in found), of_numbers=of_numbers
    )


def _told(event: events.Evaluated, of_numbers: bool) -> Evaluation | NumbersFound:
    if of_numbers:
        return NumbersFound(event.n, event.accuracy, event.interval95)
    plain = {"n": event.n, "accuracy": event.accuracy, "interval95": event.interval95, "cost": event.cost}
    return Evaluation.from_dict(plain)


def _numbers(values: Mapping[str, Any]) -> NumbersFound:
    low, high = values.get("interval95") or (None, None)
    reported, false = values.get("reported"), values.get("false_numbers")
    return NumbersFound(
        n=int(values["n"]),
        accuracy=_number(values.get("accuracy")),
        interval95=(_number(low), _number(high)),
        reported=None if reported is None else int(reported),
        false_numbers=None if false is None else int(false),
        detection_f1=_number(values.get("detection_f1")),
        digit_f1=_number(values.get("digit_f1")),
        ece=_number(values.get("ece")),
        milliseconds=_number(values.get("milliseconds")),
        calibration=bins_from(values),
    )


def _digits_misread(body: Mapping[str, Any]) -> tuple[Mistake, ...]:
    return tuple(
        Mistake(
            str(m["source"]), digit_name(int(m["label"])), digit_name(int(m["digit"])),
            _number(m["confidence"]), int(m["index"]),
        )
        for m in body.get("mistakes", [])
    )  # fmt: skip


def _numbers_misread(sources: Mapping[str, Any]) -> tuple[Mistake, ...]:
    """Those of all sources. The sheet holds their photos in the order in which they are written."""
    found: list[Mistake] = []
    for name, values in sources.items():
        for m in values.get("mistakes", []):
            label, answer = str(m["number"]) or "nothing", str(m["read"]) or "nothing"
            found.append(
                Mistake(str(name), label, answer, _number(m["confidence"]), len(found), str(m["file"]))
            )
    return tuple(sorted(found, key=lambda mistake: -mistake.confidence))


def _number(value: Any) -> float:
    return math.nan if value is None else float(value)
