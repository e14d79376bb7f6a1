"""A picture that can be zoomed and moved: with the wheel, by pinching, dragging and from the keyboard."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QNativeGestureEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QGestureEvent, QPinchGesture, QSizePolicy, QWidget

from app.image_view.viewport import Viewport
from core.reading.types import Box

_STEP = 1.25
_LEVEL_SIDE = 2048
_GROUND = QColor("#101214")
_CLICK = 4.0
"""Logical pixels that a click may move."""
_ARROWS: dict[int, tuple[int, int]] = {
    Qt.Key.Key_Left: (1, 0),
    Qt.Key.Key_Right: (-1, 0),
    Qt.Key.Key_Up: (0, 1),
    Qt.Key.Key_Down: (0, -1),
}


def picture_levels(image: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], ...]:
    """The image, and halves of it down to 2,048 pixels: with them even huge images are drawn in milliseconds.

    Slow for huge images: not for the GUI thread.
    """
    from core.base.opencv import cv2

    levels = [image]
    while max(levels[-1].shape[:2]) > _LEVEL_SIDE:
        h, w = levels[-1].shape[:2]
        half = (max(w // 2, 1), max(h // 2, 1))
        levels.append(np.asarray(cv2.resize(levels[-1], half, interpolation=cv2.INTER_AREA)))
    return tuple(levels)


def turned(image: NDArray[np.uint8], quarters: int) -> NDArray[np.uint8]:
    """A picture turned to the right so many times."""
    return np.ascontiguousarray(np.rot90(image, -quarters)) if quarters % 4 else image


def render(
    levels: Sequence[NDArray[np.uint8]], viewport: Viewport, ratio: float
) -> tuple[NDArray[np.uint8], QRectF] | None:
    """What is seen of an image, at the screen's resolution, and where in the widget it goes.

    levels: as `picture_levels` makes them, uint8 (H, W) or (H, W, 3). ratio: device pixels a logical one.
    None where nothing of it is seen.
    """
    from core.base.opencv import cv2

    left, top, right, bottom = viewport.visible()
    if right <= left or bottom <= top:
        return None
    (x1, y1), (x2, y2) = viewport.to_widget(left, top), viewport.to_widget(right, bottom)
    target = QRectF(min(x1, x2), y1, abs(x2 - x1), y2 - y1)
    scale = viewport.scale * ratio
    index = 0
    while index + 1 < len(levels) and scale * 2 ** (index + 1) <= 1:
        index += 1
    level = levels[index]
    fx, fy = level.shape[1] / viewport.image[0], level.shape[0] / viewport.image[1]
    part = level[
        int(top * fy) : max(int(np.ceil(bottom * fy)), int(top * fy) + 1),
        int(left * fx) : max(int(np.ceil(right * fx)), int(left * fx) + 1),
    ]
    if viewport.mirrored:
        part = part[:, ::-1]
    size = (max(round(target.width() * ratio), 1), max(round(target.height() * ratio), 1))
    part = np.ascontiguousarray(part)
    # Averaging is quick by whole factors of 2 only; what is left to do, up to another 2, is interpolated.
    while part.shape[1] >= 2 * size[0] and part.shape[0] >= 2 * size[1]:
        half = (part.shape[1] // 2, part.shape[0] // 2)
        part = np.asarray(cv2.resize(part, half, interpolation=cv2.INTER_AREA))
    # Enlarged so far that single pixels are to be seen, they are left square.
    method = cv2.INTER_NEAREST if scale >= 4 else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(part, size, interpolation=method)), target


class ImageView(QWidget):
    """Shows a picture; what lies over it is painted by `paint_over` of a subclass, in the widget's pixels."""

    zoom_changed = Signal(float)
    """Logical pixels for a pixel of the picture."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._levels: tuple[NDArray[np.uint8], ...] = ()
        self._viewport = Viewport((1, 1), (1.0, 1.0))
        self._drag: QPointF | None = None
        self._pressed: QPointF | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setMouseTracking(True)
        self.grabGesture(Qt.GestureType.PinchGesture)

    # --- what is shown -----------------------------------------------------------------------------------

    def set_levels(self, levels: Sequence[NDArray[np.uint8]], *, keep_view: bool) -> None:
        """Show a picture with its smaller copies; none for nothing. keep_view: zoom and place stay."""
        self._levels = tuple(levels)
        size = (self._levels[0].shape[1], self._levels[0].shape[0]) if self._levels else (1, 1)
        there = self._viewport.resized(size, (self.width(), self.height()))
        self._set_viewport(there if keep_view else there.fitted())
        self.update()

    @property
    def has_picture(self) -> bool:
        return bool(self._levels)

    @property
    def viewport(self) -> Viewport:
        return self._viewport

    def set_mirrored(self, mirrored: bool) -> None:
        """Swap left and right of what is seen."""
        v = self._viewport
        self._set_viewport(Viewport(v.image, v.view, v.zoom, v.centre, mirrored))

    def zoom_by(self, factor: float) -> None:
        """About the middle."""
        self._set_viewport(self._viewport.zoomed(factor, self.width() / 2, self.height() / 2))

    def zoom_in(self) -> None:
        self.zoom_by(_STEP)

    def zoom_out(self) -> None:
        self.zoom_by(1 / _STEP)

    def fit(self) -> None:
        """All of the picture, as large as it can be."""
        self._set_viewport(self._viewport.fitted())

    def show_box(self, box: Box, share: float = 0.4) -> None:
        """Zoom to a box of the picture, so that it fills this share of the view."""
        self._set_viewport(self._viewport.around(box, share))

    def actual_size(self) -> None:
        """A pixel of the picture is a pixel of the screen."""
        self._set_viewport(self._viewport.at_scale(1 / self.devicePixelRatioF()))

    def paint_over(self, painter: QPainter) -> None:
        """Paint on top of the picture."""

    def on_click(self, at: QPointF) -> None:
        """The picture was clicked, not dragged; in the widget's pixels."""

    def _set_viewport(self, viewport: Viewport) -> None:
        if viewport != self._viewport:
            scale_changed = viewport.scale != self._viewport.scale
            self._viewport = viewport
            self.update()
            if scale_changed:
                self.zoom_changed.emit(viewport.scale)

    # --- Qt ----------------------------------------------------------------------------------------------

    def sizeHint(self) -> QSize:
        em = self.fontMetrics().height()
        return QSize(40 * em, 30 * em)

    def minimumSizeHint(self) -> QSize:
        em = self.fontMetrics().height()
        return QSize(12 * em, 9 * em)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._set_viewport(self._viewport.resized(self._viewport.image, (self.width(), self.height())))
        super().resizeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), _GROUND if self._levels else self.palette().base())
        shown = render(self._levels, self._viewport, self.devicePixelRatioF()) if self._levels else None
        if shown is not None:
            pixels, target = shown
            h, w = pixels.shape[:2]
            if pixels.ndim == 2:
                image = QImage(pixels.data, w, h, w, QImage.Format.Format_Grayscale8)
            else:
                image = QImage(pixels.data, w, h, 3 * w, QImage.Format.Format_RGB888)
            image.setDevicePixelRatio(self.devicePixelRatioF())
            # At a whole pixel and unscaled: anything else is resampled once more, and slowly.
            painter.drawImage(target.topLeft().toPoint(), image)
        self.paint_over(painter)
        if self.hasFocus():
            painter.setPen(QPen(self.palette().highlight(), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(self.rect().adjusted(1, 1, -1, -1))
        painter.end()

    def wheelEvent(self, event: QWheelEvent) -> None:
        turn = event.angleDelta().y() or event.angleDelta().x()
        if not self._levels or not turn:
            event.ignore()
            return
        at = event.position()
        self._set_viewport(self._viewport.zoomed(1.0015**turn, at.x(), at.y()))
        event.accept()

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QNativeGestureEvent):
            if event.gestureType() == Qt.NativeGestureType.ZoomNativeGesture:
                at = event.position()
                self._set_viewport(self._viewport.zoomed(1 + event.value(), at.x(), at.y()))
                return True
        elif isinstance(event, QGestureEvent):
            pinch = event.gesture(Qt.GestureType.PinchGesture)
            if isinstance(pinch, QPinchGesture):
                at = QPointF(self.mapFromGlobal(pinch.centerPoint().toPoint()))
                self._set_viewport(self._viewport.zoomed(pinch.scaleFactor(), at.x(), at.y()))
                return True
        return super().event(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self._levels and event.button() in (Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton):
            self._drag = self._pressed = event.position()
        super().mousePressEvent(event)
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._drag is not None and self._viewport.zoom > 1:
            step = event.position() - self._drag
            self._drag = event.position()
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
            self._set_viewport(self._viewport.moved(step.x(), step.y()))
        super().mouseMoveEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._drag is not None:
            self.unsetCursor()
        pressed, self._drag, self._pressed = self._pressed, None, None
        if pressed is not None and (event.position() - pressed).manhattanLength() <= _CLICK:
            self.on_click(event.position())
        super().mouseReleaseEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """From all of it to one pixel a pixel where it was clicked, and back."""
        v, at = self._viewport, event.position()
        if v.zoom > 1:
            self.fit()
        else:
            target = max(1 / self.devicePixelRatioF(), 2 * v.scale)
            self._set_viewport(v.zoomed(target / v.scale, at.x(), at.y()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        direction = _ARROWS.get(event.key())
        if direction is not None and self._viewport.zoom > 1:
            step = min(self.width(), self.height()) / 8
            self._set_viewport(self._viewport.moved(direction[0] * step, direction[1] * step))
        else:
            super().keyPressEvent(event)
