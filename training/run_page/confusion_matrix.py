"""The confusion matrix: which digits are read as which. A click on a cell asks for the images in it."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from training.runs.test_report import digit_name
from training.ui import wording
from training.ui.labels import QuietLabel
from training.ui.theme import Colors, mixed


class ConfusionTable(QTableWidget):
    """True digits down, answers across. Enter or a click on a cell chooses it."""

    chosen = Signal(int, int)
    """True digit and answer; 10 is no digit."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._matrix: NDArray[np.int64] | None = None
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setAccessibleName("Confusion matrix")
        self.setAccessibleDescription("True digits down, answers across.")
        self.setCornerButtonEnabled(False)
        for header in (self.horizontalHeader(), self.verticalHeader()):
            header.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
            header.setMinimumSectionSize(round(1.2 * self.fontMetrics().height()))
            header.setHighlightSections(True)
        self.cellClicked.connect(self.chosen.emit)

    def set_matrix(self, matrix: NDArray[np.int64] | None) -> None:
        """int (10 or 11, 11); None for nothing to show."""
        self._matrix = matrix
        self.clear()
        rows, columns = matrix.shape if matrix is not None else (0, 0)
        self.setRowCount(rows)
        self.setColumnCount(columns)
        if matrix is None:
            return
        self.setHorizontalHeaderLabels([digit_name(d) for d in range(columns)])
        self.setVerticalHeaderLabels([digit_name(d) for d in range(rows)])
        # A word among figures: it gets the room it needs, the digits share what is left.
        self.horizontalHeader().setSectionResizeMode(columns - 1, QHeaderView.ResizeMode.ResizeToContents)
        for row in range(rows):
            for column in range(columns):
                self.setItem(row, column, self._item(row, column))
        self._paint_cells()

    def _item(self, row: int, column: int) -> QTableWidgetItem:
        assert self._matrix is not None
        n, total = int(self._matrix[row, column]), int(self._matrix[row].sum())
        item = QTableWidgetItem(wording.count(n) if n else "")
        item.setTextAlignment(Qt.AlignmentFlag.AlignCenter)
        share = f", {wording.percent(n / total)} of them" if total else ""
        how = "right" if row == column else f"read as {digit_name(column)}"
        item.setToolTip(f"{digit_name(row)} {how}: {wording.count(n)}{share}")
        item.setData(Qt.ItemDataRole.AccessibleTextRole, item.toolTip())
        return item

    def _paint_cells(self) -> None:
        if self._matrix is None:
            return
        theme = Colors.of(self.palette())
        worst = max((int(n) for (row, column), n in np.ndenumerate(self._matrix) if row != column), default=0)
        for (row, column), n in np.ndenumerate(self._matrix):
            item = self.item(row, column)
            if item is None:
                continue
            if row == column:
                item.setBackground(mixed(theme.ground, theme.line(0), 0.22 if n else 0.05))
            else:
                # The root shows the few that are confused once beside those confused a hundred times.
                strength = math.sqrt(n / worst) * 0.75 if worst else 0.0
                item.setBackground(mixed(theme.ground, theme.line(1), strength))
                item.setForeground(_readable(mixed(theme.ground, theme.line(1), strength)))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space) and self.currentItem():
            self.chosen.emit(self.currentRow(), self.currentColumn())
            return
        super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "_matrix"):
            self._paint_cells()

    def minimumSizeHint(self) -> QSize:
        return QSize(300, 240)


def _readable(ground: QColor) -> QColor:
    """Black or white, whichever stands out."""
    return QColor("black") if ground.lightnessF() > 0.5 else QColor("white")


class ConfusionView(QWidget):
    """The table with its title and what to do with it."""

    chosen = Signal(int, int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.table = ConfusionTable(self)
        self.table.chosen.connect(self.chosen.emit)
        self._title = QuietLabel(
            "Confusion: true digit down, answer across. Click a cell to see its images.", self
        )
        self._title.setWordWrap(True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._title)
        layout.addWidget(self.table, 1)
