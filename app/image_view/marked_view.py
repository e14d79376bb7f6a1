"""A picture with numbers marked on it that can be clicked."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter

from app.image_view.image_view import ImageView
from app.image_view.overlay import OverlayMark, paint_marks
from core.reading.types import Box


def mark_at(marks: Sequence[OverlayMark], x: float, y: float, slack: float = 0.0) -> tuple[int, int]:
    """The mark and its digit at a point of the picture: the smallest one there; (-1, -1) for none.

    slack: pixels of the picture around a number that still count as it. The digit is the nearest one.
    """
    hits = [i for i, m in enumerate(marks) if not m.pending and _holds(m.number.box, x, y, slack)]
    if not hits:
        return -1, -1
    best = min(hits, key=lambda i: marks[i].number.box.w * marks[i].number.box.h)
    digits = marks[best].number.digits
    nearest = min(range(len(digits)), key=lambda i: _distance(digits[i].box, x, y), default=-1)
    return best, nearest


def _holds(box: Box, x: float, y: float, slack: float) -> bool:
    return box.x - slack <= x <= box.x + box.w + slack and box.y - slack <= y <= box.y + box.h + slack


def _distance(box: Box, x: float, y: float) -> float:
    return (box.x + box.w / 2 - x) ** 2 + (box.y + box.h / 2 - y) ** 2


class MarkedView(ImageView):
    """Marks are `app.image_view.overlay.OverlayMark`s in pixels of the picture."""

    mark_clicked = Signal(int, int)
    """A number was clicked: the mark's index, its digit's."""

    def __init__(self) -> None:
        super().__init__()
        self._marks: tuple[OverlayMark, ...] = ()

    @property
    def marks(self) -> tuple[OverlayMark, ...]:
        return self._marks

    def set_marks(self, marks: Sequence[OverlayMark]) -> None:
        """Mark these numbers and no others."""
        if self._marks != tuple(marks):
            self._marks = tuple(marks)
            self.update()

    def paint_over(self, painter: QPainter) -> None:
        if self.has_picture:
            area = QRectF(self.rect())
            paint_marks(painter, self._marks, self.viewport.box_to_widget, font=self.font(), area=area)

    def on_click(self, at: QPointF) -> None:
        mark, digit = self._at(at)
        if mark >= 0:
            self.mark_clicked.emit(mark, digit)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        if not event.buttons():
            if self._at(event.position())[0] >= 0:
                self.setCursor(Qt.CursorShape.PointingHandCursor)
            else:
                self.unsetCursor()

    def _at(self, point: QPointF) -> tuple[int, int]:
        x, y = self.viewport.to_image(point.x(), point.y())
        return mark_at(self._marks, x, y, slack=4 / self.viewport.scale)
