"""A picture with numbers marked on it that can be clicked, and on which boxes can be drawn."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPen

from app.image_view.image_view import ImageView
from app.image_view.overlay import OverlayMark, paint_marks
from app.ui.shown_reading import DigitRef
from core.reading.types import Box

_SMALLEST_BOX = 6.0
"""Logical pixels of the screen; less is a slip of the hand."""
_NEW_BOX = QColor("#7cc4ff")
_HALO = QColor(0, 0, 0, 150)


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
    box_drawn = Signal(object)
    """A box was drawn: a `Box` in pixels of the picture, inside of it."""

    def __init__(self) -> None:
        super().__init__()
        self._marks: tuple[OverlayMark, ...] = ()
        self._allows_boxes = self._draws_boxes = False
        self._corner: QPointF | None = None
        self._new_box: Box | None = None

    @property
    def marks(self) -> tuple[OverlayMark, ...]:
        return self._marks

    def set_marks(self, marks: Sequence[OverlayMark]) -> None:
        """Mark these numbers and no others."""
        if self._marks != tuple(marks):
            self._marks = tuple(marks)
            self.update()

    def allow_boxes(self, on: bool) -> None:
        """Whether dragging with the Shift key held draws a box."""
        self._allows_boxes = on

    def draw_boxes(self, on: bool) -> None:
        """Whether dragging draws a box without any key."""
        self._draws_boxes = on
        if on:
            self.setCursor(Qt.CursorShape.CrossCursor)
        else:
            self.unsetCursor()

    @property
    def new_box(self) -> Box | None:
        """The box that is being drawn, or was drawn last and waits for its number."""
        return self._new_box

    def set_new_box(self, box: Box | None) -> None:
        """Show a box that waits for its number, or none."""
        self._new_box = box
        self.update()

    def paint_over(self, painter: QPainter) -> None:
        if not self.has_picture:
            return
        area = QRectF(self.rect())
        paint_marks(painter, self._marks, self.viewport.box_to_widget, font=self.font(), area=area)
        if self._new_box is not None:
            box = self.viewport.box_to_widget(self._new_box)
            rect = QRectF(box.x, box.y, box.w, box.h)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            for pen in (QPen(_HALO, 4), QPen(_NEW_BOX, 2, Qt.PenStyle.DashLine)):
                painter.setPen(pen)
                painter.drawRect(rect)

    def on_click(self, at: QPointF) -> None:
        ref = self.digit_at(at)
        if ref is not None:
            self.mark_clicked.emit(ref)

    def starts_box(self, event: QMouseEvent) -> bool:
        """Whether a box is drawn from here on."""
        with_shift = self._allows_boxes and bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        is_left = event.button() == Qt.MouseButton.LeftButton
        return self.has_picture and is_left and (self._draws_boxes or with_shift)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self.starts_box(event):
            self._corner = event.position()
            self.setFocus(Qt.FocusReason.MouseFocusReason)
            event.accept()
            return
        super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._corner is not None:
            self.set_new_box(self._box_between(self._corner, event.position()))
            return
        super().mouseMoveEvent(event)
        if not event.buttons():
            if self._draws_boxes:
                self.setCursor(Qt.CursorShape.CrossCursor)
            elif self.digit_at(event.position()) is not None:
                self.setCursor(Qt.CursorShape.PointingHandCursor)
            else:
                self.unsetCursor()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        corner, self._corner = self._corner, None
        if corner is None:
            super().mouseReleaseEvent(event)
            return
        away = event.position() - corner
        box = self._box_between(corner, event.position())
        if box is None or min(abs(away.x()), abs(away.y())) < _SMALLEST_BOX:
            self.set_new_box(None)
        else:
            self.set_new_box(box)
            self.box_drawn.emit(box)

    def digit_at(self, point: QPointF) -> DigitRef | None:
        """The marked digit at a point of the widget."""
        x, y = self.viewport.to_image(point.x(), point.y())
        return mark_at(self._marks, x, y, slack=4 / self.viewport.scale)

    def _box_between(self, one: QPointF, other: QPointF) -> Box | None:
        """The part of the picture between two points of the widget; None for nothing of it."""
        corners = [self.viewport.to_image(point.x(), point.y()) for point in (one, other)]
        width, height = self.viewport.image
        (left, right), (top, bottom) = (
            sorted(min(max(corner[axis], 0.0), float(most)) for corner in corners)
            for axis, most in ((0, width), (1, height))
        )
        return Box(left, top, right - left, bottom - top) if right > left and bottom > top else None
