"""Words that stand back: in the muted colour of the theme, whichever theme it is at the moment."""

from __future__ import annotations

from PySide6.QtCore import QEvent
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel, QWidget

from training.ui.theme import Theme, small_text


class QuietLabel(QLabel):
    """A label of quiet words."""

    def __init__(self, text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self._style()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange:
            self._style()
        super().changeEvent(event)

    def _style(self) -> None:
        # Not from its own palette, which the style sheet has changed.
        wanted = small_text(Theme.of(QGuiApplication.palette()))
        if wanted != self.styleSheet():
            self.setStyleSheet(wanted)
