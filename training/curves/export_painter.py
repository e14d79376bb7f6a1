"""Paints a chart with lines, axes and a legend on any paint device: what export writes.

The live plot's own items can't be used for that: their pens keep their width under any zoom, which a drawing
(SVG) has no element for.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPainterPath, QPen, QPolygonF

from training.curves.label_place import label_place, leader_end
from training.runs.series import Floats
from training.ui.theme import Colors, faint, mixed, pen


@dataclass(frozen=True)
class Line:
    """One line in the chart's own units; NaNs interrupt it. label: empty where the legend leaves it out."""

    label: str
    x: Floats
    y: Floats
    colour: QColor
    width: float
    dashes: tuple[float, ...]
    marked: bool


@dataclass(frozen=True)
class Axis:
    """One axis: what is seen of it, its numbers and its name."""

    low: float
    high: float
    ticks: Sequence[tuple[float, str]]
    title: str

    def place(self, value: float) -> float:
        """0 at the low end, 1 at the high one."""
        return (value - self.low) / (self.high - self.low)


def paint_chart(
    painter: QPainter,
    area: QRectF,
    lines: Sequence[Line],
    *,
    x_axis: Axis,
    y_axis: Axis,
    mark: tuple[float, float, str] | None,
    theme: Colors,
    font: QFont,
) -> None:
    """Paint it all into `area`. mark: a point to be pointed out, with its words."""
    metrics = QFontMetricsF(font)
    line_height = metrics.height() * 1.5
    painter.setFont(font)
    painter.fillRect(area, theme.ground)
    rows = _legend_rows(metrics, [line for line in lines if line.label], area.width() - 24)
    numbers = max((metrics.horizontalAdvance(text) for _, text in y_axis.ticks), default=0.0)
    left = 16 + metrics.height() + numbers
    inner = area.adjusted(left, 14, -16, -(len(rows) + 2) * line_height - 6)

    def point(x: float, y: float) -> QPointF:
        return QPointF(
            inner.left() + x_axis.place(x) * inner.width(), inner.bottom() - y_axis.place(y) * inner.height()
        )

    _paint_axes(painter, inner, x_axis, y_axis, theme, metrics)
    painter.save()
    painter.setClipRect(inner.adjusted(-5, -5, 5, 5))
    for line in lines:
        painter.setPen(_pen(line.colour, line.width, line.dashes))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(_path(line, point))
        if line.marked:
            painter.setPen(_pen(theme.ground, 1))
            painter.setBrush(line.colour)
            for x, y in zip(line.x, line.y, strict=True):
                if math.isfinite(y):
                    painter.drawEllipse(point(float(x), float(y)), 4, 4)
    if mark is not None:
        drawn = [point_line(line, x_axis, y_axis, inner) for line in lines]
        _paint_mark(painter, inner, point(mark[0], mark[1]), mark[2], drawn, theme, metrics)
    painter.restore()
    _paint_legend(painter, QPointF(area.left() + 16, inner.bottom() + 2 * line_height), rows, theme, metrics)


def point_line(line: Line, x_axis: Axis, y_axis: Axis, inner: QRectF) -> tuple[Floats, Floats]:
    """A line in the units of the paint device."""
    x = inner.left() + (line.x - x_axis.low) / (x_axis.high - x_axis.low) * inner.width()
    y = inner.bottom() - (line.y - y_axis.low) / (y_axis.high - y_axis.low) * inner.height()
    return x, y


def _pen(colour: QColor, width: float, dashes: tuple[float, ...] = ()) -> QPen:
    """Unlike the live plot's, its width grows with the picture."""
    result = pen(colour, width=width, dashes=dashes)
    result.setCosmetic(False)
    return result


def _path(line: Line, point: Callable[[float, float], QPointF]) -> QPainterPath:
    path = QPainterPath()
    broken = True
    for x, y in zip(line.x, line.y, strict=True):
        if not math.isfinite(y):
            broken = True
        elif broken:
            path.moveTo(point(float(x), float(y)))
            broken = False
        else:
            path.lineTo(point(float(x), float(y)))
    return path


def _paint_axes(
    painter: QPainter, inner: QRectF, x_axis: Axis, y_axis: Axis, theme: Colors, metrics: QFontMetricsF
) -> None:
    grid, edge = _pen(mixed(theme.ground, theme.text, 0.1), 1), _pen(theme.edge, 1)
    for value, text in y_axis.ticks:
        y = inner.bottom() - y_axis.place(value) * inner.height()
        painter.setPen(grid)
        painter.drawLine(QPointF(inner.left(), y), QPointF(inner.right(), y))
        painter.setPen(theme.muted)
        painter.drawText(
            QPointF(inner.left() - 6 - metrics.horizontalAdvance(text), y + metrics.ascent() / 2 - 1), text
        )
    for value, text in x_axis.ticks:
        x = inner.left() + x_axis.place(value) * inner.width()
        painter.setPen(grid)
        painter.drawLine(QPointF(x, inner.top()), QPointF(x, inner.bottom()))
        painter.setPen(theme.muted)
        painter.drawText(
            QPointF(x - metrics.horizontalAdvance(text) / 2, inner.bottom() + metrics.height()), text
        )
    painter.setPen(edge)
    painter.drawLine(inner.bottomLeft(), inner.topLeft())
    painter.drawLine(inner.bottomLeft(), inner.bottomRight())
    painter.setPen(theme.muted)
    wide = metrics.horizontalAdvance(x_axis.title)
    below = inner.bottom() + 2.1 * metrics.height()
    painter.drawText(QPointF(inner.center().x() - wide / 2, below), x_axis.title)
    painter.save()
    painter.translate(inner.left(), inner.center().y())
    painter.rotate(-90)
    numbers = max((metrics.horizontalAdvance(text) for _, text in y_axis.ticks), default=0.0)
    painter.drawText(QPointF(-metrics.horizontalAdvance(y_axis.title) / 2, -numbers - 12), y_axis.title)
    painter.restore()


def _paint_mark(
    painter: QPainter,
    inner: QRectF,
    at: QPointF,
    text: str,
    lines: Sequence[tuple[Floats, Floats]],
    theme: Colors,
    metrics: QFontMetricsF,
) -> None:
    size = QSizeF(metrics.horizontalAdvance(text) + 6, metrics.height())
    words = label_place(at, size, inner, lines)
    painter.setPen(_pen(theme.muted, 1))
    painter.drawLine(at, leader_end(at, words))
    painter.setPen(_pen(theme.ground, 1))
    painter.setBrush(theme.line(0))
    star = QPolygonF()
    for corner in range(10):
        angle, radius = math.pi * corner / 5 - math.pi / 2, 9 if corner % 2 == 0 else 4
        star.append(at + QPointF(radius * math.cos(angle), radius * math.sin(angle)))
    painter.drawPolygon(star)
    painter.fillRect(words, faint(theme.ground, 0.8))
    painter.setPen(theme.text)
    painter.drawText(QPointF(words.left() + 3, words.top() + metrics.ascent()), text)


def _legend_rows(metrics: QFontMetricsF, lines: Sequence[Line], width: float) -> list[list[Line]]:
    rows: list[list[Line]] = [[]]
    used = 0.0
    for line in lines:
        wide = 62 + metrics.horizontalAdvance(line.label)
        if used + wide > width and rows[-1]:
            rows.append([])
            used = 0.0
        rows[-1].append(line)
        used += wide
    return rows


def _paint_legend(
    painter: QPainter, start: QPointF, rows: list[list[Line]], theme: Colors, metrics: QFontMetricsF
) -> None:
    for n, row in enumerate(rows):
        x, y = start.x(), start.y() + (n + 0.6) * metrics.height() * 1.5
        for line in row:
            painter.setPen(_pen(line.colour, line.width, line.dashes))
            painter.drawLine(QPointF(x, y), QPointF(x + 30, y))
            painter.setPen(theme.text)
            painter.drawText(QPointF(x + 38, y + metrics.ascent() / 2 - 1), line.label)
            x += 62 + metrics.horizontalAdvance(line.label)
