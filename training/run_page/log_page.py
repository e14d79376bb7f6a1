"""The log of a run: what its process wrote, as it grows."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontDatabase, QGuiApplication, QTextCursor
from PySide6.QtWidgets import (
    QCheckBox,
    QHBoxLayout,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from training.ui.focus_ring import FocusRing

_LINES = 20_000


class LogPage(QWidget):
    """Follows the end unless one scrolls up; find goes to the next place."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.text = QPlainTextEdit(self)
        self.text.setReadOnly(True)
        FocusRing(self.text)
        self.text.setMaximumBlockCount(_LINES)
        self.text.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.text.setAccessibleName("Log")
        self.text.setPlaceholderText("Nothing was written yet.")
        self.text.setTabChangesFocus(True)
        self._find = QLineEdit(self)
        self._find.setPlaceholderText("Find")
        self._find.setAccessibleName("Find in the log")
        self._find.setClearButtonEnabled(True)
        self._find.returnPressed.connect(self._on_find)
        self._wrap = QCheckBox("Wrap l&ines", self)
        self._wrap.toggled.connect(self._on_wrap)
        copy = QPushButton("Cop&y all", self)
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self.text.toPlainText()))
        row = QHBoxLayout()
        row.addWidget(self._find, 1)
        row.addWidget(self._wrap)
        row.addWidget(copy)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 8)
        layout.addWidget(self.text, 1)
        layout.addLayout(row)

    def clear(self) -> None:
        self.text.clear()

    def add(self, text: str, *, fresh: bool) -> None:
        """More of the log; fresh: its beginning, which replaces what is shown."""
        if fresh:
            self.text.clear()
        bar = self.text.verticalScrollBar()
        at_end = bar.value() >= bar.maximum() - 2
        cursor = QTextCursor(self.text.document())
        cursor.movePosition(QTextCursor.MoveOperation.End)
        cursor.insertText(text)
        if at_end:
            bar.setValue(bar.maximum())

    def _on_find(self) -> None:
        if self._find.text() and not self.text.find(self._find.text()):
            self.text.moveCursor(QTextCursor.MoveOperation.Start)
            self.text.find(self._find.text())

    def _on_wrap(self, on: bool) -> None:
        mode = QPlainTextEdit.LineWrapMode
        self.text.setLineWrapMode(mode.WidgetWidth if on else mode.NoWrap)
        self.text.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
