"""What a run's test phase found, as `test.json` holds it: written by the trainer, read by the windows."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from core.evaluation.metrics import Bin, Evaluation, bins_from, bins_to_plain
from core.reading.types import NOT_A_DIGIT

CLASSIFIER, DETECTOR, LINE = "classifier", "detector", "line"
MISTAKES_SHEET = "mistakes.png"


@dataclass(frozen=True)
class NumbersFound:
    """The figures of a detector's test phase for whole numbers in one set of photos.

    n, right: photos, and those whose best number is the one in them; accuracy: the share of those. reported,
    false_numbers: numbers it reported, and those of them that are in no photo; None where it was not counted. digits:
    labelled ones, 0 where the set has no boxes. Shares are 0..1, NaN where unknown: detection_f1 of digits found at
    their place, reported_f1 of those in reported numbers, digit_f1 of those also read right, ece (calibration error).
    milliseconds: a photo.
    """

    n: int
    accuracy: float
    interval95: tuple[float, float]
    right: int | None = None
    reported: int | None = None
    false_numbers: int | None = None
    digits: int = 0
    detection_f1: float = math.nan
    reported_f1: float = math.nan
    digit_f1: float = math.nan
    ece: float = math.nan
    milliseconds: float = math.nan
    calibration: tuple[Bin, ...] = ()

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> NumbersFound:
        """One source of the file, or what `NumberEvaluation.to_dict` gives. Raises as `TestReport.from_json`."""
        return cls(
            n=int(values["n"]),
            accuracy=_number(values.get("accuracy")),
            interval95=_interval(values),
            right=_count(values.get("right")),
            reported=_count(values.get("reported")),
            false_numbers=_count(values.get("false_numbers")),
            digits=int(values.get("digits") or 0),
            detection_f1=_number(values.get("detection_f1")),
            reported_f1=_number(values.get("reported_f1")),
            digit_f1=_number(values.get("digit_f1")),
            ece=_number(values.get("ece")),
            milliseconds=_number(values.get("milliseconds")),
            calibration=bins_from(values),
        )

    def to_json(self) -> dict[str, Any]:
        """Plain values; NaN becomes null."""
        plain: dict[str, Any] = {
            "n": self.n,
            "right": self.right,
            "accuracy": _plain(self.accuracy),
            "interval95": [_plain(v) for v in self.interval95],
            "reported": self.reported,
            "false_numbers": self.false_numbers,
            "ece": _plain(self.ece),
            "calibration": bins_to_plain(self.calibration),
            "milliseconds": _plain(self.milliseconds),
        }
        if self.digits:
            plain |= {
                "digits": self.digits,
                "detection_f1": _plain(self.detection_f1),
                "reported_f1": _plain(self.reported_f1),
                "digit_f1": _plain(self.digit_f1),
            }
        return plain


@dataclass(frozen=True)
class RowsFound:
    """The figures of a line reader's test phase for the rows of one set.

    n: rows; accuracy: share whose digits are all right. written: rows that are right in every character, letters and
    signs too; None where the set does not say them. cost: a character. ece: calibration error. NaN where unknown.
    """

    n: int
    accuracy: float
    interval95: tuple[float, float]
    written: int | None = None
    cost: float = math.nan
    ece: float = math.nan
    calibration: tuple[Bin, ...] = ()

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> RowsFound:
        """One source of the file. Raises as `TestReport.from_json`."""
        return cls(
            n=int(values["n"]),
            accuracy=_number(values.get("accuracy")),
            interval95=_interval(values),
            written=_count(values.get("written")),
            cost=_number(values.get("cost")),
            ece=_number(values.get("ece")),
            calibration=bins_from(values),
        )

    def to_json(self) -> dict[str, Any]:
        """Plain values; NaN becomes null."""
        return {
            "n": self.n,
            "accuracy": _plain(self.accuracy),
            "interval95": [_plain(v) for v in self.interval95],
            "written": self.written,
            "cost": _plain(self.cost),
            "ece": _plain(self.ece),
            "calibration": bins_to_plain(self.calibration),
        }


Found = Evaluation | NumbersFound | RowsFound


@dataclass(frozen=True)
class SourceResult:
    """One source, or “all” of them together."""

    name: str
    found: Found


@dataclass(frozen=True)
class Mistake:
    """One wrong answer. label, answer: what is there and what was read: a digit, a text, or that there is none.

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


def digit_name(digit: int) -> str:
    """0…9, or “none” for no digit."""
    return "none" if digit == NOT_A_DIGIT else str(digit)


@dataclass(frozen=True)
class TestReport:
    """All of a `test.json`.

    kind: `classifier`, `detector` or `line`. whole: all sources together, where they can be added up. mistakes:
    surest first. sheet: the name of a picture of squares of `size` pixels, `columns` a row; "" if there is no picture.
    read_with: the classifier that read a detector's digits, by its run id. not_measured: by source why there is no
    figure of it.
    """

    __test__: ClassVar[bool] = False  # not a test of ours, whatever pytest thinks of the name

    kind: str
    whole: SourceResult | None
    sources: tuple[SourceResult, ...]
    mistakes: tuple[Mistake, ...] = ()
    sheet: str = ""
    size: int = 32
    columns: int = 20
    read_with: str | None = None
    not_measured: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> TestReport:
        """What `to_json` gave. Raises KeyError, TypeError, ValueError or AttributeError where it is something else."""
        kind = str(values.get("kind") or CLASSIFIER)
        read = _READERS[kind]
        sources = values["sources"]
        misread = _digits_misread(values) if kind == CLASSIFIER else _texts_misread(sources)
        return cls(
            kind=kind,
            whole=SourceResult("all", read(values["all"])) if values.get("all") else None,
            sources=tuple(SourceResult(str(name), read(found)) for name, found in sources.items()),
            mistakes=misread,
            sheet=str(values.get("mistakes_sheet") or ""),
            size=int(values.get("mistake_size", 32)),
            columns=int(values.get("mistakes_columns", 20)),
            read_with=values.get("classifier"),
            not_measured={str(name): str(why) for name, why in (values.get("not_measured") or {}).items()},
        )

    def to_json(self) -> dict[str, Any]:
        """Plain values for JSON."""
        sources = {result.name: _found_to_json(result.found) for result in self.sources}
        values: dict[str, Any] = {"kind": self.kind, "sources": sources}
        if self.whole is not None:
            values["all"] = _found_to_json(self.whole.found)
        if self.kind == CLASSIFIER:
            values["mistakes"] = [_digit_mistake(mistake) for mistake in self.mistakes]
        else:
            # The sheet holds the pictures of all sources in the order in which they are written.
            for mistake in sorted(self.mistakes, key=lambda mistake: mistake.index):
                sources[mistake.source].setdefault("mistakes", []).append(_text_mistake(mistake))
        if self.kind == DETECTOR:
            values["classifier"] = self.read_with
        if self.not_measured:
            values["not_measured"] = dict(self.not_measured)
        if self.sheet:
            values |= {
                "mistakes_sheet": self.sheet,
                "mistake_size": self.size,
                "mistakes_columns": self.columns,
            }
        return values


_READERS: Mapping[str, Any] = {
    CLASSIFIER: Evaluation.from_dict,
    DETECTOR: NumbersFound.from_json,
    LINE: RowsFound.from_json,
}


def _found_to_json(found: Found) -> dict[str, Any]:
    return found.to_dict() if isinstance(found, Evaluation) else found.to_json()


def _digit_mistake(mistake: Mistake) -> dict[str, Any]:
    def number(name: str) -> int:
        return NOT_A_DIGIT if name == digit_name(NOT_A_DIGIT) else int(name)

    return {
        "source": mistake.source, "label": number(mistake.label), "digit": number(mistake.answer),
        "confidence": mistake.confidence, "index": mistake.index,
    }  # fmt: skip


def _text_mistake(mistake: Mistake) -> dict[str, Any]:
    return {
        "file": mistake.file, "number": "" if mistake.label == _NO_TEXT else mistake.label,
        "read": "" if mistake.answer == _NO_TEXT else mistake.answer,
        "confidence": round(mistake.confidence, 4),
    }  # fmt: skip


_NO_TEXT = "nothing"


def text_mistake(source: str, file: str, wanted: str, read: str, confidence: float, index: int) -> Mistake:
    """One photo or row whose text was read wrong; an empty text means that nothing is there, or nothing was read."""
    return Mistake(source, wanted or _NO_TEXT, read or _NO_TEXT, confidence, index, file)


def _digits_misread(values: Mapping[str, Any]) -> tuple[Mistake, ...]:
    return tuple(
        Mistake(
            str(m["source"]), digit_name(int(m["label"])), digit_name(int(m["digit"])),
            _number(m["confidence"]), int(m["index"]),
        )
        for m in values.get("mistakes", [])
    )  # fmt: skip


def _texts_misread(sources: Mapping[str, Any]) -> tuple[Mistake, ...]:
    """Those of all sources, each a table, or a list of file, text, what was read, confidence."""
    found: list[Mistake] = []
    for name, values in sources.items():
        for m in values.get("mistakes", []):
            if isinstance(m, Mapping):
                file, wanted, read, confidence = m["file"], m["number"], m["read"], m["confidence"]
            else:
                file, wanted, read, confidence = m
            found.append(
                text_mistake(str(name), str(file), str(wanted), str(read), _number(confidence), len(found))
            )
    return tuple(sorted(found, key=lambda mistake: -mistake.confidence))


def _interval(values: Mapping[str, Any]) -> tuple[float, float]:
    low, high = values.get("interval95") or (None, None)
    return _number(low), _number(high)


def _number(value: Any) -> float:
    return math.nan if value is None else float(value)


def _count(value: Any) -> int | None:
    return None if value is None else int(value)


def _plain(value: float) -> float | None:
    return round(value, 6) if math.isfinite(value) else None
