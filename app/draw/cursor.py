"""The canvas's cursor: a ring as wide as the pen, so that one sees what the next stroke will be."""

from __future__ import annotations

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QCursor, QPainter, QPen, QPixmap

_SMALLEST = 5.0
"""Diameter in pixels below which a ring could not be seen."""


def pen_cursor(diameter: float, ratio: float, *, eraser: bool = False) -> QCursor:
    """A ring of this diameter in logical pixels; dashed for the eraser.

    It is drawn dark on light, so that it is seen on any paper, ink or photo. ratio: device pixels a
    logical one.
    """
    diameter = max(diameter, _SMALLEST)
    side = int(diameter) + 7
    pixmap = QPixmap(round(side * ratio), round(side * ratio))
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    centre = QPointF(side / 2, side / 2)
    for colour, width in ((QColor(255, 255, 255, 220), 2.6), (QColor(20, 20, 20, 230), 1.2)):
        pen = QPen(colour, width)
        if eraser and width < 2:
            pen.setDashPattern([3.0, 2.5])
        painter.setPen(pen)
        painter.drawEllipse(centre, diameter / 2, diameter / 2)
    painter.end()
    return QCursor(pixmap, side // 2, side // 2)
