"""The field of a review: one key for each answer, until something is typed."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit

MOST_CHARACTERS = 64


class ReviewField(QLineEdit):
    """While what is read stands in it untouched, Enter confirms, Space says “no number”, ← goes back.

    Typing takes the place of all of it; →, End or a click begin to change it. Escape brings back what was read.
    """

    given = Signal(str)
    """The number as it stands in the field."""
    no_number = Signal()
    back = Signal()
    later = Signal()
    left = Signal()
    """Escape, with nothing to give up."""
    edited = Signal(str)
    """What a person typed so far."""

    def __init__(self) -> None:
        super().__init__()
        self._proposed = ""
        self.setMaxLength(MOST_CHARACTERS)
        self.setAccessibleName("The number")
        self.textEdited.connect(self.edited)

    def propose(self, written: str) -> None:
        """Show a reading, untouched."""
        self._proposed = written
        self.setText(written)
        self.selectAll()
        self.setModified(False)

    @property
    def is_untouched(self) -> bool:
        """Whether nothing was typed, nor typing begun."""
        return not self.isModified() and (self.selectedText() == self.text() or not self.text())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._on_enter()
        elif key == Qt.Key.Key_Escape:
            self._on_escape()
        elif key == Qt.Key.Key_PageDown:
            self.later.emit()
        elif key == Qt.Key.Key_PageUp or (key == Qt.Key.Key_Left and self.is_untouched):
            self.back.emit()
        elif key == Qt.Key.Key_Space and self.is_untouched:
            self.no_number.emit()
        else:
            super().keyPressEvent(event)

    def _on_enter(self) -> None:
        written = " ".join(self.text().split())
        if any(c in "0123456789" for c in written):
            self.given.emit(written)

    def _on_escape(self) -> None:
        if self.is_untouched:
            self.left.emit()
        else:
            self.propose(self._proposed)
            self.edited.emit(self._proposed)
