"""The test phase: accuracy with its interval per source, confusion matrix, calibration."""

from __future__ import annotations

import math

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

from training import wording
from training.calibration import CalibrationView
from training.confusion import ConfusionView
from training.model_cards import title_of
from training.style import Theme, small_text
from training.test_report import Measured, TestReport

_HEADS = ("Source", "Images", "Right", "95% interval", "Cost", "Calibration off by")


def measured_cells(found: Measured) -> tuple[str, ...]:
    """The cells of a source's row."""
    low, high = found.interval95
    return (
        title_of(found.name),
        wording.count(found.n),
        wording.accuracy(found.accuracy),
        wording.interval(low, high) if math.isfinite(low) else wording.NONE,
        wording.cost(found.cost),
        wording.percent(found.ece),
    )


class TestPage(QWidget):
    """A table of sources; the row that is chosen has its matrix and calibration below."""

    __test__ = False  # not a test of ours, whatever pytest thinks of the name

    cell_chosen = Signal(str, int, int)
    """Source (empty: all together), true digit, answer."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: list[Measured] = []
        self.table = QTableWidget(0, len(_HEADS), self)
        self.table.setHorizontalHeaderLabels(list(_HEADS))
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.verticalHeader().hide()
        self.table.setShowGrid(False)
        self.table.setAccessibleName("Accuracy by source")
        self.table.setTabKeyNavigation(False)
        header = self.table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
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
        self.table.setRowCount(len(rows))
        for y, found in enumerate(rows):
            for x, text in enumerate(measured_cells(found)):
                item = QTableWidgetItem(text)
                if x:
                    item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
                self.table.setItem(y, x, item)
        self._words.setText(
            "The test phase measures the best model on images that it never trained on; it comes at the end."
            if not rows
            else "Testing: more sources follow." if testing else ""
        )
        self._words.setVisible(bool(self._words.text()))
        self.table.setVisible(bool(rows))
        self._below.setVisible(any(found.confusion is not None for found in rows))
        if rows:
            # Told by hand below: the row may be the same while what it stands for is not.
            self.table.blockSignals(True)
            self.table.selectRow(chosen if 0 <= chosen < len(rows) else 0)
            self.table.blockSignals(False)
            self._on_row()
        self._apply_theme()

    @property
    def shown(self) -> Measured | None:
        """The source whose matrix is shown."""
        row = self.table.currentRow()
        return self._rows[row] if 0 <= row < len(self._rows) else None

    def _on_row(self) -> None:
        found = self.shown
        if found is not None:
            self.confusion.table.set_matrix(found.confusion)
            self.calibration.set_bins(found.calibration, found.ece)

    def _on_cell(self, label: int, digit: int) -> None:
        found = self.shown
        if found is not None:
            self.cell_chosen.emit("" if found.name == "all" else found.name, label, digit)

    def _copy(self) -> None:
        rows = [_HEADS, *(measured_cells(found) for found in self._rows)]
        QGuiApplication.clipboard().setText("\n".join("\t".join(row) for row in rows) + "\n")

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "_below"):
            self._apply_theme()

    def _apply_theme(self) -> None:
        self._words.setStyleSheet(small_text(Theme.of(self.palette())))
