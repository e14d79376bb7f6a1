"""Copies and exports what the table of readings shows."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication

from app.photos.results import as_text, export
from app.photos.table import ReadingsTable
from app.services.workers import Background
from app.ui.errors import sentence_of
from app.ui.saving import CSV, JSON, ask_where


class ReadingsOut(QObject):
    """The way of readings out of the program."""

    exported = Signal(str)
    """The name of the file that was written."""
    failed = Signal(str)
    """A sentence: it could not be."""

    def __init__(self, table: ReadingsTable, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._table = table
        self._background = Background(self)

    def copy(self) -> None:
        """The selected rows, or all, to the clipboard."""
        QGuiApplication.clipboard().setText(as_text(self._table.selected()))

    def ask(self) -> None:
        """Ask for a file and write what the table shows, as CSV or JSON."""
        path = ask_where(self._table, "Export the readings", "readings.csv", CSV, JSON)
        if path is None:
            return
        rows = self._table.shown()
        self._background.run(
            lambda: export(rows, path),
            lambda written: self.exported.emit(written.name),
            lambda error: self.failed.emit(f"The readings could not be exported. {sentence_of(error)}"),
        )

    def shut_down(self) -> None:
        self._background.shut_down()
