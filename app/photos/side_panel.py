"""Beside a photo: the numbers in it, and the place to correct one of them."""

from __future__ import annotations

from PySide6.QtCore import QRegularExpression, QSize, Qt, Signal
from PySide6.QtGui import QRegularExpressionValidator
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.photos.results import PhotoResult, Row, rows_of
from app.ui.labels import QuietLabel
from app.ui.reading_text import read_as

MOST_DIGITS = 20


class PhotoSide(QWidget):
    """Lists the numbers of one photo; one is selected."""

    number_selected = Signal(int)
    """The place of a number in the reading."""
    number_corrected = Signal(int, str)
    """A number is really this: its place, digits."""

    def __init__(self) -> None:
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
        self._wrong = QLabel("Wrong? The number is")
        self._edit = QLineEdit()
        self._edit.setMaxLength(MOST_DIGITS)
        self._edit.setValidator(QRegularExpressionValidator(QRegularExpression("[0-9]+"), self))
        self._edit.setAccessibleName("What the number really is")
        self._edit.textChanged.connect(self._on_text)
        self._edit.returnPressed.connect(self._on_correct)
        self._correct = QPushButton("Correct")
        self._correct.setToolTip("Keep the digits of this number to learn from")
        self._correct.clicked.connect(self._on_correct)
        row = QHBoxLayout()
        row.addWidget(self._wrong)
        row.addWidget(self._edit, 1)
        row.addWidget(self._correct)
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
    def edit(self) -> QLineEdit:
        return self._edit

    @property
    def button(self) -> QPushButton:
        return self._correct

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
            note = ", ".join(filter(None, (row.detail, read_as(row.number) if row.number else "")))
            item = QListWidgetItem(f"{row.text}   {note}")
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
        self._fill()

    def select(self, place: int) -> None:
        """Select a number, without a word."""
        if 0 <= place < len(self._rows) and place != self._list.currentRow():
            self._list.blockSignals(True)
            self._list.setCurrentRow(place)
            self._list.blockSignals(False)
            self._fill()

    def minimumSizeHint(self) -> QSize:
        em = self.fontMetrics().height()
        return QSize(12 * em, 5 * em)

    def sizeHint(self) -> QSize:
        em = self.fontMetrics().height()
        return QSize(20 * em, 10 * em)

    def _fill(self) -> None:
        place = self._list.currentRow()
        some = 0 <= place < len(self._rows)
        self._edit.setText(self._digits(place))
        self._edit.setEnabled(some)
        self._on_text()

    def _digits(self, place: int) -> str:
        """The digits of a number, as it was corrected."""
        number = self._rows[place].number if 0 <= place < len(self._rows) else None
        return number.text if number is not None else ""

    def _on_row(self, place: int) -> None:
        self._fill()
        if place >= 0:
            self.number_selected.emit(place)

    def _on_text(self) -> None:
        place = self._list.currentRow()
        some = 0 <= place < len(self._rows)
        number = self._rows[place].number if some else None
        changed = self._edit.text() != self._digits(place) or (number is not None and number.is_unsure)
        self._correct.setEnabled(some and self._edit.hasAcceptableInput() and changed)

    def _on_correct(self) -> None:
        if self._correct.isEnabled():
            self.number_corrected.emit(self._list.currentRow(), self._edit.text())
