"""The test phase: accuracy with its interval per source; of digits the confusion matrix; calibration."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QLabel,
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
from training.runs.test_report import NumbersFound, SourceResult, TestReport, confusion_matrix
from training.ui import wording
from training.ui.theme import Colors, small_text

_DIGIT_HEADS = ("Source", "Images", "Right", "95% interval", "Cost", "Calibration off by")
_NUMBER_HEADS = (
    "Source", "Photos", "Right", "95% interval", "False numbers", "Digits found", "… and read right",
    "Calibration off by", "Per photo",
)  # fmt: skip
_NUMBER_TIPS = {
    2: "Photos whose number is read whole and right; of those without one, where nothing is read",
    4: "Reported numbers that are in no photo, of all that were reported",
    5: "F1 of digits found at their place, reported or not: how many are found, and how many of those found are there",
    6: "F1 of digits of reported numbers at their place and read right",
}


def cells_of(tested: SourceResult) -> tuple[str, ...]:
    """The cells of a source's row."""
    found = tested.found
    low, high = found.interval95
    interval = wording.interval(low, high) if math.isfinite(low) else wording.NONE
    first = (title_of(tested.name), wording.count(found.n), wording.accuracy(found.accuracy), interval)
    if isinstance(found, Evaluation):
        return (*first, wording.cost(found.cost), wording.percent(found.ece))
    return (
        *first,
        _false_numbers(found),
        wording.percent(found.detection_f1),
        wording.percent(found.digit_f1),
        wording.percent(found.ece),
        wording.milliseconds(found.milliseconds),
    )


def _false_numbers(found: NumbersFound) -> str:
    if found.false_numbers is None or found.reported is None:
        return wording.NONE
    return f"{wording.count(found.false_numbers)} of {wording.count(found.reported)}"


class TestPage(QWidget):
    """A table of sources; the row that is chosen has its matrix and calibration below."""

    __test__ = False  # not a test of ours, whatever pytest thinks of the name

    cell_chosen = Signal(str, int, int)
    """Source (empty: all together), true digit, answer."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: list[SourceResult] = []
        self._heads: tuple[str, ...] = ()
        self.table = QTableWidget(0, 0, self)
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.verticalHeader().hide()
        self.table.setShowGrid(False)
        self.table.setAccessibleName("Accuracy by source")
        self.table.setTabKeyNavigation(False)
        header = self.table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setHighlightSections(False)
        self.table.itemSelectionChanged.connect(self._on_row)
        self._words = QLabel(self)
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
        shortcut.activated.connect(self._copy)
        self.set_report(None)

    def set_report(self, report: TestReport | None, *, testing: bool = False) -> None:
        """Another run's figures; None before there are any. testing: more are to come."""
        rows = [] if report is None else [*([report.whole] if report.whole else []), *report.sources]
        chosen = self.table.currentRow()
        self._rows = rows
        self._set_heads(of_numbers=report is not None and report.of_numbers)
        self.table.setRowCount(len(rows))
        for y, tested in enumerate(rows):
            for x, text in enumerate(cells_of(tested)):
                item = QTableWidgetItem(text)
                if x:
                    item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
                self.table.setItem(y, x, item)
        self._words.setText(
            "The test phase measures the best model on images that it never trained on; it comes at the end."
            if not rows
            else "Testing: more sources follow." * testing
        )
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
        self._apply_theme()

    def _set_heads(self, *, of_numbers: bool) -> None:
        heads = _NUMBER_HEADS if of_numbers else _DIGIT_HEADS
        if heads == self._heads:
            return
        self._heads = heads
        self.table.clear()
        self.table.setColumnCount(len(heads))
        self.table.setHorizontalHeaderLabels(list(heads))
        self.table.horizontalHeader().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        for x, tip in _NUMBER_TIPS.items() if of_numbers else ():
            item = self.table.horizontalHeaderItem(x)
            if item is not None:
                item.setToolTip(tip)

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

    def _copy(self) -> None:
        rows = [self._heads, *(cells_of(tested) for tested in self._rows)]
        QGuiApplication.clipboard().setText("\n".join("\t".join(row) for row in rows) + "\n")

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "_below"):
            self._apply_theme()

    def _apply_theme(self) -> None:
        self._words.setStyleSheet(small_text(Colors.of(self.palette())))


def _matrix(tested: SourceResult) -> NDArray[np.int64] | None:
    return confusion_matrix(tested.found) if isinstance(tested.found, Evaluation) else None
