"""The history of the camera page with its actions: note, copy, export, clear."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import numpy as np
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction, QGuiApplication, QUndoStack
from PySide6.QtWidgets import QFileDialog, QWidget

from app.background import Background
from app.errors import sentence_of
from app.history import ClearHistory, History, HistoryEntry, as_text, thumbnail, write_csv
from app.history_view import HistoryView
from app.page_actions import page_action
from core.reading.types import Number


class HistorySide(QObject):
    """Wires a `History` to its view. undo: the page's action, on `stack`."""

    told = Signal(str)
    """A few words: something was exported."""
    failed = Signal(str)
    """A sentence: it could not be."""

    def __init__(self, page: QWidget, stack: QUndoStack, undo: QAction) -> None:
        super().__init__(page)
        self._page, self._stack = page, stack
        self._background = Background(self)
        self.history = History(self)
        self._copy = page_action(page, "copy", "Copy history")
        self._export = page_action(page, "export", "Export history…", tip="Export as CSV")
        self._clear = page_action(page, "clear", "Clear history")
        self.view = HistoryView(
            self.history, copy=self._copy, export=self._export, clear=self._clear, undo=undo
        )
        self._copy.triggered.connect(self.copy)
        self._export.triggered.connect(self._on_export)
        self._clear.triggered.connect(lambda: stack.push(ClearHistory(self.history)))

    def actions(self) -> list[QAction | None]:
        """For the window's menu "Edit"."""
        return [self._copy, self._export, self._clear]

    def note(self, number: Number, image: np.ndarray, source: str) -> None:
        """A number has become steady. image: the frame it was seen in, (H, W, 3) uint8 RGB."""
        now = datetime.now().astimezone()
        shown = thumbnail(image, number.box)
        self.history.add(HistoryEntry(now, number.text, number.confidence, source, shown))

    def copy(self) -> None:
        """What is selected, or all, to the clipboard."""
        QGuiApplication.clipboard().setText(as_text(self.view.selected()))

    def shut_down(self) -> None:
        self._background.shut_down()

    def _on_export(self) -> None:
        stamp = datetime.now().strftime("%Y-%m-%d")
        name, _ = QFileDialog.getSaveFileName(
            self._page, "Export the history", f"numbers-{stamp}.csv", "Comma-separated values (*.csv)"
        )
        if not name:
            return
        path = Path(name) if Path(name).suffix else Path(name).with_suffix(".csv")
        entries = self.history.entries
        self._background.run(
            lambda: write_csv(entries, path),
            lambda written: self.told.emit(f"Exported as {written.name}."),
            lambda error: self.failed.emit(f"The history could not be exported. {sentence_of(error)}"),
        )
