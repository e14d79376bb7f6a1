"""Paints drawings with Qt the way `core.reading.strokes.rasterise` draws them for the network."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterator, Sequence

from PySide6.QtCore import QPointF, QRect, QRectF, QSize
from PySide6.QtGui import QColor, QPainter, QPixmap, QPolygonF

from app.draw.drawing import Drawing, Picture, View, stroke_box
from app.ui.images import to_qimage
from app.ui.theme import CanvasColours, round_pen
from core.reading.strokes import Stroke, smooth_stroke
from core.reading.types import Box

_SPACING = 3.0
"""Pixels between the points of a painted curve: a tenth of a pixel off it in a turn of ten pixels."""
_LIGHTEST = 0.15
"""Share of the pen's width that the lightest touch leaves, as in `core.reading.strokes`."""


def paint_stroke(painter: QPainter, stroke: Stroke, colour: QColor) -> None:
    """Paint one stroke, smoothed and antialiased, with round ends."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for polygon, width in _stretches(stroke):
        painter.setPen(round_pen(colour, width))
        if polygon.size() == 1:
            painter.drawPoint(polygon.first())
        else:
            painter.drawPolyline(polygon)


@functools.lru_cache(maxsize=1024)
def _stretches(stroke: Stroke) -> list[tuple[QPolygonF, float]]:
    """What to paint for a stroke: lines and their widths. Kept, because undo paints whole drawings anew."""
    curve = smooth_stroke(stroke, spacing=_SPACING)
    points = [QPointF(x, y) for x, y in curve.points]
    return [(QPolygonF(points[first:stop]), width) for first, stop, width in _runs(curve)]


def _runs(curve: Stroke) -> Iterator[tuple[int, int, float]]:
    """(first, stop, width) of stretches painted with one width; neighbours share their common point.

    The width follows the pressure in steps of half a pixel.
    """
    count = len(curve.points)
    if not curve.pressures or count == 1:
        press = max(curve.pressures[0], _LIGHTEST) if curve.pressures else 1.0
        yield 0, count, curve.width * press
        return
    local = [max(round(2 * curve.width * min(max(p, _LIGHTEST), 1.0)), 1) / 2 for p in curve.pressures]
    widths = [max(a, b) for a, b in itertools.pairwise(local)]
    first = 0
    for index in range(1, count):
        if index == count - 1 or widths[index] != widths[first]:
            yield first, index + 1, widths[first]
            first = index


def rectf(box: Box) -> QRectF:
    """A box as Qt wants it."""
    return QRectF(box.x, box.y, box.w, box.h)


class InkLayer:
    """The finished part of a drawing as a pixmap: new strokes are added, the rest is not painted again."""

    def __init__(self) -> None:
        self._pixmap = QPixmap()
        self._photo = QPixmap()
        self._photo_of: Picture | None = None

    def fits(self, size: QSize, ratio: float) -> bool:
        """Whether the layer was painted for a widget of this size and number of device pixels."""
        return self._pixmap.size() == size * ratio and self._pixmap.devicePixelRatio() == ratio

    def repaint(
        self, drawing: Drawing, view: View, colours: CanvasColours, size: QSize, ratio: float, area: QRect
    ) -> None:
        """Paint the drawing anew within `area`, everywhere where the size is another."""
        if not self.fits(size, ratio):
            area = QRect(0, 0, size.width(), size.height())
            self._pixmap = QPixmap(size * ratio)
            self._pixmap.setDevicePixelRatio(ratio)
        painter = QPainter(self._pixmap)
        painter.setClipRect(area)
        self.paint_drawing(painter, drawing, view, colours, area)
        painter.end()

    def add(self, strokes: Sequence[Stroke], view: View, colours: CanvasColours) -> None:
        """Paint strokes on top."""
        painter = QPainter(self._pixmap)
        apply_view(painter, view)
        for stroke in strokes:
            paint_stroke(painter, stroke, colours.ink)
        painter.end()

    def show(self, painter: QPainter, area: QRect) -> None:
        """Copy what is painted to the widget."""
        ratio = self._pixmap.devicePixelRatio()
        source = QRectF(area.x() * ratio, area.y() * ratio, area.width() * ratio, area.height() * ratio)
        painter.drawPixmap(QRectF(area), self._pixmap, source)

    def paint_drawing(
        self, painter: QPainter, drawing: Drawing, view: View, colours: CanvasColours, area: QRect
    ) -> None:
        """Paint paper, picture and those strokes that reach into `area`."""
        painter.fillRect(area, colours.paper)
        apply_view(painter, view)
        if drawing.picture is not None:
            self._paint_picture(painter, drawing.picture)
        for stroke in drawing.strokes:
            if area.intersects(rectf(view.to_widget(stroke_box(stroke))).toAlignedRect()):
                paint_stroke(painter, stroke, colours.ink)

    def _paint_picture(self, painter: QPainter, picture: Picture) -> None:
        if self._photo_of is not picture:
            self._photo, self._photo_of = QPixmap.fromImage(to_qimage(picture.image)), picture
        # A tiny picture shows its pixels, as MNIST digits do; a photo is smoothed.
        smooth = picture.box.w < 3 * self._photo.width()
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, smooth)
        painter.drawPixmap(rectf(picture.box), self._photo, QRectF(self._photo.rect()))


def apply_view(painter: QPainter, view: View) -> None:
    """Paint in the drawing's pixels from now on."""
    painter.translate(view.dx, view.dy)
    painter.scale(view.scale, view.scale)
