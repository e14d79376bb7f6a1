"""The test phase: accuracy with its interval per source; of digits the confusion matrix; calibration."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QSplitter,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from core.evaluation.metrics import Evaluation
from training.run_page.calibration_plot import CalibrationView
from training.run_page.confusion_matrix import ConfusionView
from training.runs.model_cards import title_of
from training.runs.model_kinds import Kind
from training.runs.test_report import NumbersFound, RowsFound, SourceResult, TestReport, confusion_matrix
from training.ui import wording
from training.ui.labels import QuietLabel
from training.ui.tables import show_rows


@dataclass(frozen=True)
class Column:
    """One column of the table. text: what a source's row says in it. tip: what the figure means."""

    head: str
    text: Callable[[SourceResult], str]
    tip: str = ""


def _interval(tested: SourceResult) -> str:
    low, high = tested.found.interval95
    return wording.interval(low, high) if math.isfinite(low) else wording.NONE


def _of(name: str, shown: Callable[[float], str]) -> Callable[[SourceResult], str]:
    """A figure of the row by its name; “–” where rows of this kind have none."""
    return lambda tested: shown(float(getattr(tested.found, name, math.nan)))


def _false_numbers(tested: SourceResult) -> str:
    found = tested.found
    if not isinstance(found, NumbersFound) or found.false_numbers is None or found.reported is None:
        return wording.NONE
    return f"{wording.count(found.false_numbers)} of {wording.count(found.reported)}"


def _written(tested: SourceResult) -> str:
    found = tested.found
    if not isinstance(found, RowsFound) or found.written is None or not found.n:
        return wording.NONE
    return wording.accuracy(found.written / found.n)


def _first_columns(counted: str, right_tip: str) -> tuple[Column, ...]:
    """What the tables of all kinds begin with."""
    return (
        Column("Source", lambda tested: title_of(tested.name)),
        Column(counted, lambda tested: wording.count(tested.found.n)),
        Column("Right", _of("accuracy", wording.accuracy), right_tip),
        Column(
            "95% interval", _interval,
            "Measured again on as many others of this kind, the share right would lie in here 19 times of 20",
        ),
    )  # fmt: skip


_CALIBRATION = Column(
    "Calibration off by", _of("ece", wording.percent),
    "How far the confidences are from the share that is right, on average",
)  # fmt: skip
_COST_TIP = "The mean cross-entropy, as in the curves: lower is better"

COLUMNS = {
    Kind.CLASSIFIER: (
        *_first_columns("Images", "Digits read as what they are; of crops without one, those said to show none"),
        Column("Cost", _of("cost", wording.cost), _COST_TIP),
        _CALIBRATION,
    ),
    Kind.DETECTOR: (
        *_first_columns(
            "Photos",
            "Photos whose number is read whole and right; of those without one, where nothing is read",
        ),
        Column(
            "False numbers", _false_numbers,
            "Reported numbers that were not found in the photo by those who labelled it, of all that were reported",
        ),
        Column(
            "Digits found", _of("detection_f1", wording.percent),
            "F1 of digits found at their place, reported or not: how many are found, and how many of those found "
            "are there",
        ),
        Column(
            "… and read right", _of("digit_f1", wording.percent),
            "F1 of digits of reported numbers at their place and read right",
        ),
        _CALIBRATION,
        Column("Per photo", _of("milliseconds", wording.milliseconds), "How long reading one photo took"),
    ),
    Kind.LINE: (
        *_first_columns("Rows", "Rows whose digits are all read right"),
        Column("In every character", _written, "Rows that are right in every character, letters and signs too"),
        Column("Cost", _of("cost", wording.cost), "The mean cost of a character: lower is better"),
        _CALIBRATION,
    ),
}  # fmt: skip


def cells_of(tested: SourceResult, kind: Kind) -> tuple[str, ...]:
    """The cells of a source's row."""
    return tuple(column.text(tested) for column in COLUMNS[kind])


class TestPage(QWidget):
    """A table of sources; the row that is chosen has its matrix and calibration below."""

    __test__ = False  # not a test of ours, whatever pytest thinks of the name

    cell_chosen = Signal(str, int, int)
    """Source (empty: all together), true digit, answer."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: list[SourceResult] = []
        self._kind: Kind | None = None
        self.table = QTableWidget(0, 0, self)
        show_rows(self.table, "Accuracy by source")
        self.table.setWordWrap(True)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        header = self.table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setHighlightSections(False)
        self.table.itemSelectionChanged.connect(self._on_row)
        self._words = QuietLabel(parent=self)
        self._words.setWordWrap(True)
        self.confusion = ConfusionView(self)
        self.confusion.chosen.connect(self._on_cell)
        self.calibration = CalibrationView(self)
        below = QSplitter(Qt.Orientation.Horizontal, self)
        below.setChildrenCollapsible(False)
        below.addWidget(self.confusion)
        below.addWidget(self.calibration)
        below.setStretchFactor(0, 3)
        below.setStretchFactor(1, 2)
        self._below = below
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 8)
        layout.addWidget(self._words)
        layout.addWidget(self.table, 2)
        layout.addWidget(below, 3)
        shortcut = QShortcut(QKeySequence.StandardKey.Copy, self.table)
        shortcut.setContext(Qt.ShortcutContext.WidgetShortcut)
        shortcut.activated.connect(self.copy)
        self.set_report(None)

    def set_report(self, report: TestReport | None, *, testing: bool = False) -> None:
        """Another run's figures; None before there are any. testing: more are to come."""
        rows = [] if report is None else [*([report.whole] if report.whole else []), *report.sources]
        chosen = self.table.currentRow()
        self._rows = rows
        kind = Kind(report.kind) if report is not None else Kind.CLASSIFIER
        self._set_kind(kind)
        self.table.setRowCount(len(rows))
        for y, tested in enumerate(rows):
            for x, text in enumerate(cells_of(tested, kind)):
                item = QTableWidgetItem(text)
                if x:
                    item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
                self.table.setItem(y, x, item)
        self._words.setText(_words(report, testing=testing))
        self._words.setVisible(bool(self._words.text()))
        self.table.setVisible(bool(rows))
        self.confusion.setVisible(any(_matrix(tested) is not None for tested in rows))
        self._below.setVisible(
            any(_matrix(tested) is not None or tested.found.calibration for tested in rows)
        )
        if rows:
            # Told by hand below: the row may be the same while what it stands for is not.
            self.table.blockSignals(True)
            self.table.selectRow(chosen if 0 <= chosen < len(rows) else 0)
            self.table.blockSignals(False)
            self._on_row()

    def _set_kind(self, kind: Kind) -> None:
        if kind is self._kind:
            return
        self._kind = kind
        columns = COLUMNS[kind]
        self.table.clear()
        self.table.setColumnCount(len(columns))
        self.table.setHorizontalHeaderLabels([column.head for column in columns])
        self.table.horizontalHeader().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        for x, column in enumerate(columns):
            item = self.table.horizontalHeaderItem(x)
            if item is not None and column.tip:
                item.setToolTip(column.tip)

    @property
    def shown(self) -> SourceResult | None:
        """The source whose details are shown."""
        row = self.table.currentRow()
        return self._rows[row] if 0 <= row < len(self._rows) else None

    def _on_row(self) -> None:
        tested = self.shown
        if tested is not None:
            self.confusion.table.set_matrix(_matrix(tested))
            self.calibration.set_bins(tested.found.calibration, tested.found.ece)

    def _on_cell(self, label: int, digit: int) -> None:
        tested = self.shown
        if tested is not None:
            self.cell_chosen.emit("" if tested.name == "all" else tested.name, label, digit)

    def copy(self) -> None:
        """Put the table into the clipboard, a line a row."""
        kind = self._kind or Kind.CLASSIFIER
        heads = tuple(column.head for column in COLUMNS[kind])
        rows = [heads, *(cells_of(tested, kind) for tested in self._rows)]
        QGuiApplication.clipboard().setText("\n".join("\t".join(row) for row in rows) + "\n")


def _words(report: TestReport | None, *, testing: bool) -> str:
    """What stands above the table: what is still to come, or what could not be measured and why."""
    if testing:
        return "Testing: more sources follow."
    missing = report.not_measured if report is not None else {}
    if missing:
        return "\n".join(
            f"Not measured: {title_of(name)}: {wording.in_window(why)}" for name, why in missing.items()
        )
    if report is None or not report.sources:
        return (
            "The test phase measures the best model on images that it never trained on; it comes at the end. Of a run "
            "that was stopped before, “Test the best model” does it (More)."
        )
    return ""


def _matrix(tested: SourceResult) -> NDArray[np.int64] | None:
    return confusion_matrix(tested.found) if isinstance(tested.found, Evaluation) else None
