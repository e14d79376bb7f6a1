"""Tables whose rows are one thing each."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QAbstractItemView, QMenu, QTableView


def show_rows(table: QTableView, name: str) -> None:
    """Whole rows are selected, none is edited, and Tab leaves the table. name: for screen readers."""
    table.setAccessibleName(name)
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setShowGrid(False)
    table.setWordWrap(False)
    table.setTabKeyNavigation(False)
    table.verticalHeader().hide()


def menu_on(table: QTableView, actions: Sequence[QAction]) -> None:
    """Give a table a context menu."""
    menu = QMenu(table)
    menu.addActions(list(actions))
    table.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
    table.customContextMenuRequested.connect(lambda at: menu.popup(table.viewport().mapToGlobal(at)))
