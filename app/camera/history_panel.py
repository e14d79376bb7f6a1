"""The history under the panel: what was read when, with a thumbnail; copy, export, clear."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QSize, Qt, Signal
from PySide6.QtGui import QAction, QGuiApplication, QUndoStack
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from app.camera.history import (
    THUMBNAIL_HEIGHT,
    ClearHistory,
    History,
    HistoryEntry,
    SeenNumber,
    as_csv,
    as_text,
    thumbnail,
)
from app.camera.tracker import Tracked
from app.services.workers import Background
from app.ui.actions import page_action, tool_button
from app.ui.errors import sentence_of
from app.ui.labels import QuietLabel
from app.ui.saving import CSV, ask_where
from core.base.files import write_text
from training.ui.tables import menu_on, show_rows


class HistoryView(QWidget):
    """Shows a `History`. The actions are made by the page, which also has them in its menus."""

    entry_picked = Signal(object)
    """A row was clicked, or chosen with Enter: its `HistoryEntry`."""

    def __init__(
        self,
        history: History,
        *,
        review: QAction,
        copy: QAction,
        export: QAction,
        clear: QAction,
        undo: QAction,
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
        show_rows(self._table, "History of numbers")
        self._table.setFrameShape(QFrame.Shape.NoFrame)
        self._table.verticalHeader().setDefaultSectionSize(THUMBNAIL_HEIGHT // 2 + 6)
        self._table.horizontalHeader().hide()
        header = self._table.horizontalHeader()
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(2, QHeaderView.ResizeMode.ResizeToContents)
        self._table.setIconSize(QSize(2 * THUMBNAIL_HEIGHT, THUMBNAIL_HEIGHT // 2))
        menu_on(self._table, [copy, export, clear])
        for picked in (self._table.clicked, self._table.activated):
            picked.connect(lambda index: self.entry_picked.emit(history.entries[index.row()]))
        top = QHBoxLayout()
        top.setSpacing(2)
        top.addWidget(self._title)
        top.addStretch(1)
        self._undo = tool_button(undo)
        top.addWidget(self._undo)
        for action in (review, copy, export, clear):
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


class HistorySide(QObject):
    """Wires a `History` to its view. undo, review: the page's actions, undo on `stack`."""

    notified = Signal(str)
    """A few words: something was exported."""
    failed = Signal(str)
    """A sentence: it could not be."""

    def __init__(self, page: QWidget, stack: QUndoStack, undo: QAction, review: QAction) -> None:
        super().__init__(page)
        self._page, self._stack = page, stack
        self._background = Background(self)
        self.history = History(self)
        self._copy = page_action(page, "copy", "Copy history")
        self._export = page_action(page, "export", "Export history…", tip="Export as CSV")
        self._clear = page_action(page, "clear", "Clear history")
        self.view = HistoryView(
            self.history, review=review, copy=self._copy, export=self._export, clear=self._clear, undo=undo
        )
        self._copy.triggered.connect(self.copy)
        self._export.triggered.connect(self._on_export)
        self._clear.triggered.connect(lambda: stack.push(ClearHistory(self.history)))

    def actions(self) -> list[QAction | None]:
        """For the window's menu "Edit"."""
        return [self._copy, self._export, self._clear]

    def note(
        self, tracked: Tracked, image: NDArray[np.uint8], source: str, *, is_news: bool, group: str = ""
    ) -> bool:
        """A number is steady; whether it is one more in the history.

        image: the frame it was seen in, (H, W, 3) uint8 RGB. is_news: it has just become steady; any other only
        betters the entry that it has. group: of the source's pictures.
        """
        number, now = tracked.number, datetime.now().astimezone()
        entry = HistoryEntry(now, number.written, number.confidence, source, track=tracked.id)
        better = self.history.better(entry)
        if better is not entry and not (better is None and is_news):
            return False
        seen = SeenNumber.cut(image, number, group)
        return self.history.note(replace(entry, thumbnail=thumbnail(image, number.box), seen=seen))

    def copy(self) -> None:
        """What is selected, or all, to the clipboard."""
        QGuiApplication.clipboard().setText(as_text(self.view.selected()))

    def shut_down(self) -> None:
        self._background.shut_down()

    def _on_export(self) -> None:
        stamp = datetime.now().strftime("%Y-%m-%d")
        path = ask_where(self._page, "Export the history", f"numbers-{stamp}.csv", CSV)
        if path is None:
            return
        entries = self.history.entries
        self._background.run(
            lambda: write_text(path, as_csv(entries)),
            lambda written: self.notified.emit(f"Exported as {written.name}."),
            lambda error: self.failed.emit(f"The history could not be exported. {sentence_of(error)}"),
        )
