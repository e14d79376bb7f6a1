"""Beside a photo: the numbers in it, and what else can be said of it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QFrame,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app.photos.results import PhotoResult, Row, rows_of
from app.ui.actions import tool_button
from app.ui.labels import QuietLabel
from training.ui.flow_layout import FlowLayout


class PhotoSide(QWidget):
    """Lists the numbers of one photo; one is selected."""

    number_selected = Signal(int)
    """The place of a number in the reading."""

    def __init__(self, ways: Sequence[QAction] = ()) -> None:
        """ways: what can be said of the photo, as buttons."""
        super().__init__()
        self._rows: list[Row] = []
        self._title = QLabel("Numbers in this photo")
        self._list = QListWidget()
        self._list.setFrameShape(QFrame.Shape.NoFrame)
        self._list.setAccessibleName("Numbers in this photo")
        self._list.currentRowChanged.connect(self._on_row)
        self._hint = QuietLabel()
        self._hint.setWordWrap(True)
        self._hint.setAlignment(Qt.AlignmentFlag.AlignTop)
        row = FlowLayout(spacing=2)  # in a narrow panel they take two rows and keep their words
        for action in ways:
            row.addWidget(tool_button(action))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self._title)
        column.addWidget(self._hint, 1)
        column.addWidget(self._list, 1)
        column.addLayout(row)
        self.set_result(None)

    @property
    def list(self) -> QListWidget:
        return self._list

    @property
    def hint(self) -> str:
        return self._hint.text() if not self._hint.isHidden() else ""

    def set_result(self, result: PhotoResult | None, *, reading: bool = False) -> None:
        """List the numbers of a photo. reading: it is still being read."""
        selected = self._list.currentRow()
        self._rows = [row for row in rows_of(result) if row.number is not None] if result is not None else []
        self._list.blockSignals(True)
        self._list.clear()
        for row in self._rows:
            note = ", ".join(
                dict.fromkeys(filter(None, (row.detail, row.note if row.number is not None else "")))
            )
            item = QListWidgetItem(f"{row.text or '–'}   {note}")
            item.setToolTip(note)
            if row.number is not None and row.number.is_unsure:
                item.setForeground(self.palette().placeholderText())
            self._list.addItem(item)
        if self._rows:
            self._list.setCurrentRow(min(max(selected, 0), len(self._rows) - 1))
        self._list.blockSignals(False)
        self._list.setVisible(bool(self._rows))
        words = ""
        if reading:
            words = "Reading …"
        elif result is None:
            words = "They are listed here once a photo is open."
        elif not self._rows:
            words = result.error or "No number was found in this photo."
        self._hint.setText(words)
        self._hint.setVisible(bool(words))

    def select(self, place: int) -> None:
        """Select a number, without a word."""
        if 0 <= place < len(self._rows) and place != self._list.currentRow():
            self._list.blockSignals(True)
            self._list.setCurrentRow(place)
            self._list.blockSignals(False)

    def minimumSizeHint(self) -> QSize:
        em = self.fontMetrics().height()
        return QSize(12 * em, 5 * em)

    def sizeHint(self) -> QSize:
        em = self.fontMetrics().height()
        return QSize(20 * em, 10 * em)

    def _on_row(self, place: int) -> None:
        if place >= 0:
            self.number_selected.emit(place)
