"""The history under the panel: what was read when, with a thumbnail; copy, export, clear."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QMenu,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from app.history import THUMBNAIL_HEIGHT, History, HistoryEntry
from app.page_actions import tool_button
from app.quiet_label import QuietLabel


class HistoryView(QWidget):
    """Shows a `History`. The actions are made by the page, which also has them in its menus."""

    entry_activated = Signal(object)
    """A row was double-clicked: its `HistoryEntry`."""

    def __init__(
        self, history: History, *, copy: QAction, export: QAction, clear: QAction, undo: QAction
    ) -> None:
        """copy: what is selected (all without a selection). undo: of clearing; shown while it makes sense."""
        super().__init__()
        self._history = history
        self._title = QLabel("History")
        self._hint = QuietLabel("Every number that stays steady is noted here.")
        self._hint.setWordWrap(True)
        self._hint.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self._table = QTableView()
        self._table.setModel(history)
        self._table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self._table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self._table.setShowGrid(False)
        self._table.setWordWrap(False)
        self._table.setFrameShape(QFrame.Shape.NoFrame)
        self._table.setTabKeyNavigation(False)
        self._table.setAccessibleName("History of numbers")
        self._table.verticalHeader().hide()
        self._table.verticalHeader().setDefaultSectionSize(THUMBNAIL_HEIGHT // 2 + 6)
        self._table.horizontalHeader().hide()
        header = self._table.horizontalHeader()
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(2, QHeaderView.ResizeMode.ResizeToContents)
        self._table.setIconSize(QSize(2 * THUMBNAIL_HEIGHT, THUMBNAIL_HEIGHT // 2))
        self._table.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        menu = QMenu(self)
        menu.addActions([copy, export, clear])
        self._table.customContextMenuRequested.connect(
            lambda at: menu.popup(self._table.viewport().mapToGlobal(at))
        )
        self._table.doubleClicked.connect(lambda i: self.entry_activated.emit(history.entries[i.row()]))
        top = QHBoxLayout()
        top.setSpacing(2)
        top.addWidget(self._title)
        top.addStretch(1)
        self._undo = tool_button(undo)
        top.addWidget(self._undo)
        for action in (copy, export, clear):
            top.addWidget(tool_button(action, words=False))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addLayout(top)
        column.addWidget(self._hint)
        column.addWidget(self._table, 1)
        self._copy, self._export, self._clear = copy, export, clear
        history.count_changed.connect(self._show)
        history.undo_changed.connect(self._show)
        self._show()

    @property
    def table(self) -> QTableView:
        return self._table

    def selected(self) -> list[HistoryEntry]:
        """The selected entries, newest first; all where none is."""
        rows = sorted({index.row() for index in self._table.selectionModel().selectedRows()})
        entries = self._history.entries
        return [entries[row] for row in rows] if rows else entries

    def has_keyboard(self) -> bool:
        return self._table.hasFocus()

    def minimumSizeHint(self) -> QSize:
        em = self.fontMetrics().height()
        return QSize(12 * em, 5 * em)

    def sizeHint(self) -> QSize:
        em = self.fontMetrics().height()
        return QSize(20 * em, 12 * em)

    def _show(self) -> None:
        some = bool(self._history.rowCount())
        for action in (self._copy, self._export, self._clear):
            action.setEnabled(some)
        self._hint.setVisible(not some)
        self._table.setVisible(some)
        self._undo.setVisible(self._history.can_undo)
