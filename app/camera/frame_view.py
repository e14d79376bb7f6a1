"""The live picture of the camera page: frames, boxes and numbers over them, the guide frame."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QMouseEvent, QPainter, QPainterPath, QPen

from app.camera.region import Grip, ReadingRegion
from app.image_view.marked_view import MarkedView
from app.image_view.overlay import OverlayMark, paint_marks
from app.ui.images import to_qimage
from app.ui.theme import scaled_font
from core.reading.types import Box

_REACH = 8.0
_SHADE = QColor(0, 0, 0, 110)
_LINE = QColor(255, 255, 255, 230)
_CURSORS = {
    Grip(0, 0): Qt.CursorShape.SizeAllCursor,
    Grip(-1, 0): Qt.CursorShape.SizeHorCursor,
    Grip(1, 0): Qt.CursorShape.SizeHorCursor,
    Grip(0, -1): Qt.CursorShape.SizeVerCursor,
    Grip(0, 1): Qt.CursorShape.SizeVerCursor,
    Grip(-1, -1): Qt.CursorShape.SizeFDiagCursor,
    Grip(1, 1): Qt.CursorShape.SizeFDiagCursor,
    Grip(1, -1): Qt.CursorShape.SizeBDiagCursor,
    Grip(-1, 1): Qt.CursorShape.SizeBDiagCursor,
}


class FrameView(MarkedView):
    """Shows frames as they come. Mirroring changes only what is seen; marks stay readable."""

    guide_changed = Signal(object)
    """The guide was moved with the mouse: the new `ReadingRegion`."""

    def __init__(self) -> None:
        super().__init__()
        self._guide: ReadingRegion | None = None
        self._grip: tuple[Grip, QPointF, ReadingRegion] | None = None
        self._badge = ""
        self.setAccessibleName("Camera image")

    def set_frame(self, image: NDArray[np.uint8] | None) -> None:
        """Show a frame, (H, W, 3) uint8 RGB; zoom and place stay."""
        self.set_levels(() if image is None else (image,), keep_view=True)

    def set_guide(self, guide: ReadingRegion | None) -> None:
        """Show the guide frame, or none."""
        self._guide = guide
        self.update()

    def set_badge(self, words: str) -> None:
        """A few words in the corner ("frozen"); "" clears them."""
        if words != self._badge:
            self._badge = words
            self.update()

    def paint_over(self, painter: QPainter) -> None:
        if not self.has_picture:
            return
        if self._guide is not None:
            self._paint_guide(painter, self._guide)
        super().paint_over(painter)
        if self._badge:
            self._paint_badge(painter)

    def _guide_rect(self, guide: ReadingRegion) -> QRectF:
        w, h = self.viewport.image
        box = self.viewport.box_to_widget(Box(guide.x * w, guide.y * h, guide.w * w, guide.h * h))
        return QRectF(box.x, box.y, box.w, box.h)

    def _paint_guide(self, painter: QPainter, guide: ReadingRegion) -> None:
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect = self._guide_rect(guide)
        w, h = self.viewport.image
        whole = self.viewport.box_to_widget(Box(0, 0, w, h))
        shade = QPainterPath()
        shade.addRect(QRectF(whole.x, whole.y, whole.w, whole.h))
        hole = QPainterPath()
        hole.addRoundedRect(rect, 6, 6)
        painter.fillPath(shade - hole, _SHADE)
        painter.setPen(QPen(QColor(255, 255, 255, 90), 1))
        painter.drawRoundedRect(rect, 6, 6)
        arm = min(26.0, rect.width() / 3, rect.height() / 3)
        painter.setPen(QPen(_LINE, 3, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        for corner, sx, sy in (
            (rect.topLeft(), 1, 1),
            (rect.topRight(), -1, 1),
            (rect.bottomLeft(), 1, -1),
            (rect.bottomRight(), -1, -1),
        ):
            painter.drawLine(corner, corner + QPointF(sx * arm, 0))
            painter.drawLine(corner, corner + QPointF(0, sy * arm))
        painter.restore()

    def _paint_badge(self, painter: QPainter) -> None:
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        metrics = QFontMetricsF(self.font())
        pad = metrics.height() * 0.5
        width = metrics.horizontalAdvance(self._badge) + 2 * pad
        chip = QRectF(self.width() - width - pad, pad, width, metrics.height() + pad)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(12, 14, 17, 215))
        painter.drawRoundedRect(chip, 5, 5)
        painter.setPen(QColor("white"))
        painter.drawText(chip, Qt.AlignmentFlag.AlignCenter, self._badge)
        painter.restore()

    # --- the guide in the hand ---------------------------------------------------------------------------

    def _grip_at(self, at: QPointF) -> Grip | None:
        if self._guide is None or not self.has_picture:
            return None
        x, y = self._share(at)
        w, h = self.viewport.image
        reach = _REACH / self.viewport.scale
        return self._guide.grip_at(x, y, reach / w, reach / h)

    def _share(self, at: QPointF) -> tuple[float, float]:
        x, y = self.viewport.to_image(at.x(), at.y())
        return x / self.viewport.image[0], y / self.viewport.image[1]

    def mousePressEvent(self, event: QMouseEvent) -> None:
        grip = self._grip_at(event.position())
        on_mark = self.digit_at(event.position()) is not None
        is_left = event.button() == Qt.MouseButton.LeftButton
        if grip is not None and is_left and not on_mark and not self.starts_box(event):
            assert self._guide is not None
            self._grip = (grip, event.position(), self._guide)
            event.accept()
        else:
            super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._grip is not None:
            grip, start, guide = self._grip
            (x1, y1), (x2, y2) = self._share(start), self._share(event.position())
            self.set_guide(guide.dragged(grip, x2 - x1, y2 - y1))
            self.guide_changed.emit(self._guide)
            return
        super().mouseMoveEvent(event)
        if not event.buttons() and self.digit_at(event.position()) is None:
            hovered = self._grip_at(event.position())
            if hovered is not None:
                seen = Grip(-hovered.dx, hovered.dy) if self.viewport.mirrored else hovered
                self.setCursor(_CURSORS[seen])

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._grip = None
        super().mouseReleaseEvent(event)

    def minimumSizeHint(self) -> QSize:
        em = self.fontMetrics().height()
        return QSize(16 * em, 12 * em)


def frame_with_marks(image: NDArray[np.uint8], marks: tuple[OverlayMark, ...], font: QFont) -> QImage:
    """A frame with its marks painted in, at the frame's own resolution."""
    picture = to_qimage(image)
    painter = QPainter(picture)
    # Words as large as on a screen on which the picture is about 700 pixels high.
    scaled = scaled_font(font, max(0.6, picture.height() / 700))
    paint_marks(painter, marks, lambda box: box, font=scaled, area=QRectF(picture.rect()))
    painter.end()
    return picture
