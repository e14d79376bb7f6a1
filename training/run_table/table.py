"""The table of all runs with every column, for looking through many."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtGui import QFont, QGuiApplication, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFileDialog,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QMessageBox,
    QPushButton,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from core.base.files import write_text
from training.run_table.model import RUN_ROLE, RunColumn, RunsOrder, runs_csv
from training.runs.run_action import RunAction
from training.ui.tables import show_rows


class RunsTable(QWidget):
    """Shares its order and filter with the list at the left. Enter or a double click opens a run."""

    opened = Signal(object)
    """Path of a run."""
    compare_asked = Signal(object)
    action_requested = Signal(object, object)
    """RunAction, and tuple[Path, …]."""

    def __init__(self, order: RunsOrder, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._order = order
        title = QLabel("All runs", self)
        font = QFont(title.font())
        font.setPointSizeF(font.pointSizeF() * 1.25)
        font.setBold(True)
        title.setFont(font)
        self.view = QTableView(self)
        self.view.setModel(order)
        show_rows(self.view, "All runs")
        self.view.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.view.setSortingEnabled(True)
        self.view.sortByColumn(RunColumn.DATE, Qt.SortOrder.DescendingOrder)
        self.view.setAlternatingRowColors(True)
        self.view.activated.connect(self._on_activated)
        self.view.selectionModel().selectionChanged.connect(lambda *_: self._update_buttons())
        header = self.view.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(RunColumn.NOTES, QHeaderView.ResizeMode.Stretch)
        header.setMinimumSectionSize(60)
        self._compare = QPushButton("&Compare", self)
        self._compare.clicked.connect(lambda: self.compare_asked.emit(self.selected()))
        self._delete = QPushButton(RunAction.DELETE.label, self)
        self._delete.clicked.connect(self._ask_to_delete)
        copy = QPushButton("Cop&y", self)
        copy.setToolTip("Copy the list as CSV (Ctrl+C)")
        copy.clicked.connect(self.copy)
        export = QPushButton("E&xport…", self)
        export.setToolTip("Write the list to a CSV file")
        export.clicked.connect(self._ask_and_export)
        row = QHBoxLayout()
        row.addWidget(self._compare)
        row.addWidget(self._delete)
        row.addStretch(1)
        row.addWidget(copy)
        row.addWidget(export)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 10, 12, 10)
        layout.addWidget(title)
        layout.addWidget(self.view, 1)
        layout.addLayout(row)
        for keys, slot in (
            (QKeySequence.StandardKey.Copy, self.copy),
            (QKeySequence.StandardKey.Delete, self._ask_to_delete),
        ):
            shortcut = QShortcut(keys, self.view)
            shortcut.setContext(Qt.ShortcutContext.WidgetShortcut)
            shortcut.activated.connect(slot)
        self._update_buttons()

    def selected(self) -> tuple[Path, ...]:
        """The selected runs in the order shown."""
        rows = sorted(self.view.selectionModel().selectedRows(), key=lambda index: index.row())
        return tuple(index.data(RUN_ROLE).path for index in rows)

    def copy(self) -> None:
        """The selected runs, or all that are shown, as CSV."""
        chosen = set(self.selected())
        runs = [run for run in self._order.shown() if not chosen or run.path in chosen]
        QGuiApplication.clipboard().setText(runs_csv(runs))

    def _ask_and_export(self) -> None:
        chosen, _ = QFileDialog.getSaveFileName(self, "Export the list of runs", "runs.csv", "*.csv")
        if not chosen:
            return
        try:
            write_text(Path(chosen), runs_csv(self._order.shown()))
        except OSError as error:
            reason = error.strerror or error
            QMessageBox.warning(self, "Export the list of runs", f"{chosen} can't be written ({reason}).")

    def _ask_to_delete(self) -> None:
        self.action_requested.emit(RunAction.DELETE, self.selected())

    def _on_activated(self, index: QModelIndex) -> None:
        self.opened.emit(index.data(RUN_ROLE).path)

    def _update_buttons(self) -> None:
        n = len(self.view.selectionModel().selectedRows())
        self._compare.setEnabled(n > 1)
        self._compare.setText(f"&Compare ({n})" if n > 1 else "&Compare")
        self._compare.setToolTip("Their curves and what differs" if n > 1 else "Select two runs or more.")
        self._delete.setEnabled(n > 0)
        self._delete.setToolTip(RunAction.DELETE.tip if n else "Select a run.")
