"""Marks on the canvas: where digits were read, which one is selected, and what a person said of them."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPen

from app.draw.drawing import View
from app.draw.ink_painter import rectf
from app.ui.theme import CanvasColours, round_pen, scaled_font
from core.reading.types import Box


@dataclass(frozen=True)
class Marks:
    """Where digits were read.

    boxes: in the drawing's pixels. selected: the place of one of them. words: what a person said of each.
    """

    boxes: tuple[Box, ...] = ()
    selected: int | None = None
    words: tuple[str, ...] = ()


def paint_marks(
    painter: QPainter, marks: Marks, view: View, colours: CanvasColours, font: QFont, height: int
) -> None:
    """A line under each digit, corners around the selected one; below it what a person said of it.

    height: of the canvas, pixels.
    """
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setFont(scaled_font(font, 1.2))
    for index, box in enumerate(marks.boxes):
        rect = rectf(view.to_widget(box)).adjusted(-7, -7, 7, 7)
        if index == marks.selected:
            painter.setPen(round_pen(colours.mark, 2))
            _draw_corners(painter, rect)
        else:
            painter.setPen(QPen(colours.edge, 1.5))
            painter.drawLine(rect.bottomLeft(), rect.bottomRight())
        if marks.words and marks.words[index]:
            _paint_words(painter, rect, marks.words[index], colours.ink, height)


def _paint_words(painter: QPainter, rect: QRectF, words: str, ink: QColor, height: int) -> None:
    """What a person said of a digit, below it or, where there is no room, above its lower edge."""
    size = painter.fontMetrics().boundingRect(words)
    top = min(rect.bottom() + 2, height - size.height() - 2.0)
    area = QRectF(rect.center().x() - size.width(), top, 2.0 * size.width(), size.height())
    painter.setPen(ink)
    painter.drawText(area, Qt.AlignmentFlag.AlignCenter, words)


def _draw_corners(painter: QPainter, rect: QRectF) -> None:
    arm = min(14.0, rect.width() / 3, rect.height() / 3)
    corners = rect.topLeft(), rect.topRight(), rect.bottomLeft(), rect.bottomRight()
    for corner, right, down in zip(corners, (1, -1, 1, -1), (1, 1, -1, -1), strict=True):
        painter.drawLine(corner, corner + QPointF(right * arm, 0))
        painter.drawLine(corner, corner + QPointF(0, down * arm))
