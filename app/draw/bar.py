"""The drawing page's part of the bottom bar: the pen's width and the page's actions."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QSlider, QWidget

from app.services.settings import PEN_WIDTHS
from app.ui.actions import tool_button
from app.ui.icons import icon_pixmap
from training.ui.theme import Colors


class DrawBar(QWidget):
    """A slider for the pen's width, then a button an action."""

    pen_width_changed = Signal(int)

    def __init__(self, actions: Sequence[QAction], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pen = QLabel()
        self._slider = QSlider(Qt.Orientation.Horizontal)
        self._slider.setRange(*PEN_WIDTHS)
        self._slider.setPageStep(6)
        self._slider.setAccessibleName("Pen width")
        self._slider.setToolTip("Pen width, [ and ] (Ctrl+wheel over the canvas)")
        self._slider.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        self._slider.setFixedWidth(self.fontMetrics().height() * 8)
        self._slider.valueChanged.connect(self.pen_width_changed)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(self._pen)
        row.addWidget(self._slider)
        row.addSpacing(6)
        for action in actions:
            row.addWidget(tool_button(action))
        row.addStretch(1)
        self._draw_icon()

    def set_pen_width(self, width: int) -> None:
        """Show this width."""
        self._slider.setValue(width)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange:
            self._draw_icon()
        super().changeEvent(event)

    def _draw_icon(self) -> None:
        side = round(self.fontMetrics().height() * 1.2)
        colour = Colors.of(self.palette()).text
        self._pen.setPixmap(icon_pixmap("draw", side, self.devicePixelRatioF(), colour))
