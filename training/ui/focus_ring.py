"""A line around a widget that has the keyboard and would not show it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from training.ui.theme import Colors, pen


class FocusRing(QWidget):
    """Lies over `widget`, and is there while that has the keyboard: plots, and texts that can't be written in."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        widget.installEventFilter(self)
        self.setVisible(widget.hasFocus())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        widget = self.parentWidget()
        if watched is widget and widget is not None:
            match event.type():
                case QEvent.Type.FocusIn | QEvent.Type.Resize:
                    self.setGeometry(widget.rect())
                    self.setVisible(widget.hasFocus())
                    self.raise_()
                case QEvent.Type.FocusOut:
                    self.hide()
        return False

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(pen(Colors.of(self.palette()).accent, width=1))
        painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.end()
