"""The star on the best epoch, and its words where they cover no curve."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, QSizeF
from PySide6.QtGui import QFontMetricsF

from training.curves.label_place import label_place, leader_end
from training.runs.series import Floats
from training.ui.theme import Colors, faint, pen


class BestMark:
    """A star, a line from it to its words, and the words; all in one view."""

    def __init__(self, plot: pg.PlotWidget) -> None:
        self._view = plot.getPlotItem().getViewBox()
        self._star = pg.ScatterPlotItem(symbol="star", size=16, pxMode=True)
        self._words = pg.TextItem(anchor=(0.5, 0.5))
        self._line = pg.PlotCurveItem()
        for item, height in ((self._line, 19), (self._star, 20), (self._words, 21)):
            item.setZValue(height)
            plot.addItem(item, ignoreBounds=True)

    def hide(self) -> None:
        for item in (self._star, self._words, self._line):
            item.setVisible(False)

    def show(
        self, x: float, y: float, text: str, curves: Sequence[tuple[Floats, Floats]], theme: Colors
    ) -> None:
        """Mark a point of the view. curves: what the words must not cover, in the view's own units."""
        for item in (self._star, self._words, self._line):
            item.setVisible(True)
        self._star.setData([x], [y])
        self._words.setText(text, color=theme.text)
        (left, right), (bottom, top) = self._view.viewRange()
        wide, high = max(self._view.width(), 1.0), max(self._view.height(), 1.0)

        def pixels(xs: Floats, ys: Floats) -> tuple[Floats, Floats]:
            return (xs - left) / (right - left) * wide, (top - ys) / (top - bottom) * high

        def place_of(point: QPointF) -> tuple[float, float]:
            return left + point.x() / wide * (right - left), top - point.y() / high * (top - bottom)

        metrics = QFontMetricsF(self._words.textItem.font())
        size = QSizeF(metrics.horizontalAdvance(text) + 10, metrics.height() + 8)
        px, py = pixels(np.array([x]), np.array([y]))
        at = QPointF(float(px[0]), float(py[0]))
        place = label_place(at, size, QRectF(0, 0, wide, high), [pixels(*curve) for curve in curves])
        self._words.setPos(*place_of(place.center()))
        end_x, end_y = place_of(leader_end(at, place))
        self._line.setData([x, end_x], [y, end_y])

    def apply_theme(self, theme: Colors) -> None:
        self._star.setBrush(theme.line(0))
        self._star.setPen(pen(theme.ground, width=1))
        self._line.setPen(pen(theme.muted, width=1))
        self._words.fill = pg.mkBrush(faint(theme.ground, 0.8))
