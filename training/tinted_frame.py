"""A frame with a tinted ground and a stripe of colour at one side.

Painted, not styled: a style sheet changes the palette of what it is set on, which then wants a new style sheet.
"""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QWidget

from training.style import Theme, mixed


class TintedFrame(QFrame):
    """tint: the name of a colour of the theme, such as `good`, `bad`, `accent`."""

    def __init__(self, parent: QWidget | None = None, *, tint: str = "accent") -> None:
        super().__init__(parent)
        self._tint = tint

    def set_tint(self, tint: str) -> None:
        self._tint = tint
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = Theme.of(self.palette())
        colour = getattr(theme, self._tint)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(mixed(theme.ground, colour, 0.12))
        painter.drawRoundedRect(QRectF(self.rect()), 4, 4)
        painter.setBrush(colour)
        painter.drawRoundedRect(QRectF(0, 0, 4, self.height()), 2, 2)
        painter.end()
