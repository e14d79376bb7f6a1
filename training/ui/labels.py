"""Labels of both windows."""

from __future__ import annotations

from PySide6.QtCore import QEvent
from PySide6.QtGui import QGuiApplication, QPalette
from PySide6.QtWidgets import QLabel, QWidget

from training.ui.theme import Colors


class QuietLabel(QLabel):
    """A label of quiet words."""

    def __init__(self, text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self._make_quiet()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange:
            self._make_quiet()
        super().changeEvent(event)

    def _make_quiet(self) -> None:
        # Not by a style sheet: Qt doesn't tell a label that has one of its own of the application's new palette.
        wanted = Colors.of(QGuiApplication.palette()).muted
        if self.palette().windowText().color() != wanted:
            palette = QPalette()  # sets one colour only: Qt reports changes of the others
            palette.setColor(QPalette.ColorRole.WindowText, wanted)
            self.setPalette(palette)
