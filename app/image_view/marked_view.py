"""A picture with numbers marked on it that can be clicked."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter

from app.image_view.image_view import ImageView
from app.image_view.overlay import OverlayMark, paint_marks
from app.ui.shown_reading import DigitRef
from core.reading.types import Box


def mark_at(marks: Sequence[OverlayMark], x: float, y: float, slack: float = 0.0) -> DigitRef | None:
    """The digit at a point of the picture: the nearest one of the smallest number there.

    slack: pixels of the picture around a number that still count as it.
    """
    hits = [mark for mark in marks if not mark.is_pending and _holds(mark.box, x, y, slack)]
    if not hits:
        return None
    best = min(hits, key=lambda mark: mark.box.area)
    digits = best.shown.read.digits
    nearest = min(range(len(digits)), key=lambda i: _distance(digits[i].box, x, y), default=0)
    return DigitRef(best.place, nearest)


def _holds(box: Box, x: float, y: float, slack: float) -> bool:
    return box.x - slack <= x <= box.x + box.w + slack and box.y - slack <= y <= box.y + box.h + slack


def _distance(box: Box, x: float, y: float) -> float:
    return (box.x + box.w / 2 - x) ** 2 + (box.y + box.h / 2 - y) ** 2


class MarkedView(ImageView):
    """Marks are `app.image_view.overlay.OverlayMark`s in pixels of the picture."""

    mark_clicked = Signal(object)
    """A number was clicked: the `DigitRef` of the nearest of its digits."""

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
        ref = self.digit_at(at)
        if ref is not None:
            self.mark_clicked.emit(ref)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        if not event.buttons():
            if self.digit_at(event.position()) is not None:
                self.setCursor(Qt.CursorShape.PointingHandCursor)
            else:
                self.unsetCursor()

    def digit_at(self, point: QPointF) -> DigitRef | None:
        """The marked digit at a point of the widget."""
        x, y = self.viewport.to_image(point.x(), point.y())
        return mark_at(self._marks, x, y, slack=4 / self.viewport.scale)
