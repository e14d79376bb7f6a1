"""What stands at the place that the mouse points to: a line across the plot, and the curves' values in a tip."""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence

import pyqtgraph as pg
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QLabel

from training.curves.curves import Curve
from training.ui.theme import Colors, pen


class HoverTip:
    """Over a plot, out of the way of the mouse."""

    def __init__(self, plot: pg.PlotWidget) -> None:
        self._plot = plot
        self._cursor = pg.InfiniteLine(angle=90, movable=False)
        self._cursor.setZValue(15)
        self._cursor.hide()
        plot.addItem(self._cursor, ignoreBounds=True)
        self._tip = QLabel(plot)
        self._tip.setTextFormat(Qt.TextFormat.RichText)
        self._tip.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._tip.setAutoFillBackground(True)
        self._tip.setMargin(6)
        self._tip.hide()

    def hide(self) -> None:
        self._tip.hide()
        self._cursor.hide()

    def show(self, at: QPointF, place: float, text: str) -> None:
        """at: where the mouse is, in the widget. place: of the values, on the axis."""
        self._cursor.setPos(place)
        self._cursor.show()
        self._tip.setText(text)
        self._tip.adjustSize()
        x = int(at.x()) + 16
        if x + self._tip.width() > self._plot.width() - 4:
            x = int(at.x()) - 16 - self._tip.width()
        y = min(int(at.y()) + 12, self._plot.height() - self._tip.height() - 4)
        self._tip.move(max(0, x), max(0, y))
        self._tip.show()

    def apply_theme(self, theme: Colors) -> None:
        self._cursor.setPen(pen(theme.muted, width=1, dashes=(3, 3)))
        tip, of_plot = self._tip.palette(), self._plot.palette()
        tip.setColor(QPalette.ColorRole.Window, of_plot.color(QPalette.ColorRole.ToolTipBase))
        tip.setColor(QPalette.ColorRole.WindowText, of_plot.color(QPalette.ColorRole.ToolTipText))
        self._tip.setPalette(tip)


def tip_text(
    place: float, values: Sequence[tuple[Curve, float]], form: Callable[[float], str], theme: Colors
) -> str:
    """The epoch and a row for each curve, as rich text. form: how a value is written."""
    title = f"epoch {place:.0f}" if abs(place - round(place)) < 1e-6 else f"epoch {place:.2f}"
    rows = "".join(
        f"<tr><td style='color:{theme.line(curve.colour).name()}'>■&nbsp;</td>"
        f"<td>{html.escape(curve.label)}&nbsp;&nbsp;</td><td align='right'><b>{form(value)}</b></td></tr>"
        for curve, value in values
    )
    return f"<b>{title}</b><table cellspacing='0'>{rows}</table>"
