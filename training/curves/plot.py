"""The plot of training curves: the kinds of cost of one run, or one kind of several runs."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QResizeEvent
from PySide6.QtWidgets import QWidget

from training.curves import export_painter
from training.curves.axis import PlotAxis, ticks
from training.curves.best_mark import BestMark
from training.curves.curves import Curve, Quantity
from training.curves.extent import furthest_extent, whole_extent
from training.curves.hover import HoverTip, tip_text
from training.runs.series import Floats, thinned, without_spikes
from training.ui import wording
from training.ui.theme import DASHES, Colors, mixed, pen

# A smooth line needs no more places to look smooth, and the time it takes to paint grows with them.
_SMOOTH_POINTS = 160
_FAR = 1e307  # no limit, as pyqtgraph has it


class CurvePlot(pg.PlotWidget):
    """Draws curves when asked to. Wheel zooms, dragging pans; Home or a double click shows everything.

    The view follows the data until it is moved by hand.
    """

    following_changed = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        axis = PlotAxis("left")
        super().__init__(parent, axisItems={"left": axis, "bottom": PlotAxis("bottom")}, enableMenu=False)
        self._share_axis = axis
        self._curves: list[Curve] = []
        self.hidden: frozenset[str] = frozenset()
        self.items: dict[str, pg.PlotDataItem] = {}
        self._raw: dict[str, pg.PlotDataItem] = {}
        self.points: dict[str, tuple[Floats, Floats]] = {}
        """x and y of each curve as they are drawn, by its key."""
        self._quantity = Quantity.COST
        self._log = True
        self._window = 30
        self._following = True
        self._placing = False
        self._drawn: tuple[object, ...] = ()
        self._limits: tuple[float, float, float, float] | None = None
        self._hover: QPointF | None = None
        self._theme = Colors.of(self.palette())
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setFrameShape(self.Shape.NoFrame)
        self.hideButtons()
        self.setMouseTracking(True)
        self.getPlotItem().showGrid(x=True, y=True, alpha=1.0)
        self._best = BestMark(self)
        self._tip = HoverTip(self)
        view = self.getPlotItem().getViewBox()
        view.sigRangeChangedManually.connect(self._on_moved_by_hand)
        view.sigResized.connect(self._forget_drawn)
        self._apply_theme()

    def set_curves(self, curves: Sequence[Curve], quantity: Quantity) -> None:
        """Show these curves from now on; draws at the next `redraw`."""
        for item in (*self.items.values(), *self._raw.values()):
            self.removeItem(item)
        self._curves, self._quantity = list(curves), quantity
        self.items, self._raw, self.points = {}, {}, {}
        for curve in self._curves:
            if curve.smooth:
                raw = pg.PlotDataItem(skipFiniteCheck=False)
                self._raw[curve.key] = raw
                self.addItem(raw, ignoreBounds=True)
            item = pg.PlotDataItem(antialias=True)
            item.scatter.setData(useCache=False)  # drawn as paths: exported pictures stay sharp
            self.items[curve.key] = item
            self.addItem(item, ignoreBounds=True)
        self._share_axis.shares = quantity is Quantity.ACCURACY
        self._forget_limits()
        self._apply_theme()
        self.follow()

    def update_curves(self, curves: Sequence[Curve]) -> None:
        """The same curves with newer data: what is hidden, and the view, stay."""
        self._curves = list(curves)

    def set_hidden(self, keys: frozenset[str]) -> None:
        self.hidden = keys
        self._forget_drawn()

    def set_logarithmic(self, on: bool) -> None:
        self._log = on
        self._forget_limits()
        self._apply_labels()
        self.follow()

    def _forget_limits(self) -> None:
        """Another axis: what was the end of the data is none of it."""
        self._limits = None
        self._placing = True
        self.getPlotItem().getViewBox().setLimits(
            xMin=-_FAR, xMax=_FAR, yMin=-_FAR, yMax=_FAR, minXRange=0.0, minYRange=0.0
        )
        self._placing = False

    def set_smoothing(self, window: int) -> None:
        """Steps' events over which the per-step cost is averaged; 1: not at all."""
        self._window = window
        self._forget_drawn()

    def follow(self) -> None:
        """Show all there is, and go on doing so."""
        if not self._following:
            self._following = True
            self.following_changed.emit(True)
        self._forget_drawn()

    @property
    def following(self) -> bool:
        return self._following

    @property
    def theme(self) -> Colors:
        return self._theme

    @property
    def curves(self) -> list[Curve]:
        return list(self._curves)

    def redraw(self) -> bool:
        """Draw what is new; cheap when nothing is. Returns whether it drew."""
        drew = not self.is_up_to_date()
        if drew:
            self._drawn = self._state()
            self._draw()
        self._place_tip()
        return drew

    def is_up_to_date(self) -> bool:
        """Whether all there is has been drawn."""
        return self._state() == self._drawn

    def _state(self) -> tuple[object, ...]:
        return (*(curve.series.changes for curve in self._curves), self.hidden, self._log, self._window)

    # drawing

    def _forget_drawn(self, *_: object) -> None:
        self._drawn = ()

    def _shown(self) -> list[Curve]:
        return [curve for curve in self._curves if curve.key not in self.hidden]

    def _values(self, y: Floats) -> Floats:
        """What the axis shows: on a logarithmic one the share that is wrong, not the share that is right."""
        if self._log:
            with np.errstate(invalid="ignore", divide="ignore"):
                wrong = 1 - y if self._quantity is Quantity.ACCURACY else y
                return np.where(wrong > 0, np.log10(np.where(wrong > 0, wrong, 1.0)), np.nan)
        return y

    def _draw(self) -> None:
        view = self.getPlotItem().getViewBox()
        buckets = max(50, int(view.width()) // 3)
        if self._following:
            ends = [x[-1] for x, _ in (curve.points() for curve in self._shown()) if len(x)]
            low, high = 0.0, max([1.0, *ends])
        else:
            low, high = view.viewRange()[0]
        bounds: list[Floats] = []
        for curve in self._curves:
            item = self.items[curve.key]
            raw = self._raw.get(curve.key)
            shown = curve.key not in self.hidden
            item.setVisible(shown)
            if raw is not None:
                raw.setVisible(shown and self._window > 1)
            if not shown:
                continue
            x, y = curve.points()
            if raw is not None and self._window > 1:
                thin_x, thin_y = thinned(x, y, low=low, high=high, buckets=buckets)
                self.points["raw " + curve.key] = thin_x, self._values(thin_y)
                raw.setData(*self.points["raw " + curve.key], connect="finite")
                bounds.append(without_spikes(self.points["raw " + curve.key][1]))
                # A short history is not flattened by a window as long as itself.
                window = min(self._window, max(1, len(x) // 8))
                x, y = curve.series.smoothed_cost(low, high, window=window, points=_SMOOTH_POINTS)
            else:
                x, y = thinned(x, y, low=low, high=high, buckets=buckets)
            values = self._values(y)
            if not np.isfinite(values).any():
                x, values = np.empty(0), np.empty(0)
            old = self.points.get(curve.key)
            if old is None or not (
                np.array_equal(old[0], x) and np.array_equal(old[1], values, equal_nan=True)
            ):
                symbol = curve.symbol if _is_marked(curve, x) else None
                item.setData(x, values, connect="finite", symbol=symbol)
            self.points[curve.key] = x, values
            bounds.append(values)
        self._limit_view()
        if self._following:
            self._show_all(high, bounds)
        self._draw_best()

    def _show_all(self, high: float, bounds: list[Floats]) -> None:
        is_from_zero = self._quantity is not Quantity.ACCURACY
        bottom, top = whole_extent(bounds, is_logarithmic=self._log, is_from_zero=is_from_zero)
        (_, right), (below, above) = self.getPlotItem().getViewBox().viewRange()
        fits = high <= right <= 1.06 * high and below <= bottom + 0.05 * (top - bottom)
        if fits and top <= above and above - below <= 1.25 * (top - bottom):
            # A view that moves with every step has its axes painted anew each time.
            return
        self._placing = True
        self.setRange(xRange=(-0.01 * high, 1.04 * high), yRange=(bottom, top), padding=0)
        self._placing = False

    def _limit_view(self) -> None:
        """Wheel and drag can't leave the data: at most a little room is seen around it."""
        ends = self._ends()
        if not len(ends):
            return
        last = max([1.0, *(float(x[-1]) for x, _ in (c.points() for c in self._shown()) if len(x))])
        limits = (-0.05 * last, 1.12 * last, *furthest_extent(ends, is_logarithmic=self._log))
        if limits == self._limits:
            return
        self._limits = limits
        left, right, lowest, highest = limits
        self._placing = True
        self.getPlotItem().getViewBox().setLimits(
            xMin=left, xMax=right, yMin=lowest, yMax=highest, minXRange=1e-3 * (right - left),
            minYRange=1e-3 * (highest - lowest),
        )  # fmt: skip
        self._placing = False

    def _ends(self) -> Floats:
        """The lowest and the highest value of each curve that is shown, also outside of what is seen."""
        ends = [np.empty(0)]
        for curve in self._shown():
            values = curve.points()[1]
            known = values[np.isfinite(values)]
            if len(known):
                found = self._values(np.array([known.min(), known.max()]))
                ends.append(found[np.isfinite(found)])
        return np.concatenate(ends)

    def _draw_best(self) -> None:
        found = self.best_point()
        if found is None:
            self._best.hide()
            return
        curves = [
            points for key, points in self.points.items() if key.removeprefix("raw ") not in self.hidden
        ]
        self._best.show(*found, curves, self._theme)

    def best_point(self) -> tuple[float, float, str] | None:
        if self._quantity is Quantity.RATE or len(self.items) == 0:
            return None
        dev = next((c for c in self._curves if c.key == "dev"), None)
        if dev is None or dev.key in self.hidden or dev.series.best is None:
            return None
        best = dev.series.best
        x, y = dev.points()
        at = int(np.searchsorted(x, best.epoch))
        value = float(self._values(y[at : at + 1])[0])
        if not math.isfinite(value):
            return None
        if self._quantity is Quantity.COST:
            return float(x[at]), value, f"best {wording.cost(best.cost)}, epoch {best.epoch}"
        # The model that is kept: the epoch with the most digits right may be another one.
        return float(x[at]), value, f"kept model: {self._share_text(float(y[at]))}, epoch {best.epoch}"

    def _share_text(self, right: float) -> str:
        """A share of digits as the axis shows it: wrong on a logarithmic one, else right."""
        return f"{wording.wrong(right)} wrong" if self._log else f"{wording.accuracy(right)} right"

    # hover

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        self._hover = event.position()

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._hover = None
        self._place_tip()

    def values_at(self, x: float) -> tuple[float, list[tuple[Curve, float]]]:
        """The nearest place of the axis that has values, and the value of each visible curve there."""
        found: list[tuple[Curve, float]] = []
        place = math.nan
        for curve in reversed(self._shown()):  # the dev curve is the last, and the one that matters
            xs, ys = curve.points()
            if len(xs) == 0:
                continue
            if curve.smooth and self._window > 1:
                xs, ys = curve.series.smoothed_cost(x, x, window=self._window, points=4)
            at = int(np.abs(xs - x).argmin())
            if math.isnan(place):
                place = float(xs[at])
            found.insert(0, (curve, float(ys[at])))
        return place, found

    def _place_tip(self) -> None:
        view = self.getPlotItem().getViewBox()
        place = math.nan
        values: list[tuple[Curve, float]] = []
        if self._hover is not None:
            point = self.mapToScene(self._hover.toPoint())
            if view.sceneBoundingRect().contains(point):
                place, values = self.values_at(view.mapSceneToView(point).x())
        if self._hover is None or math.isnan(place):
            self._tip.hide()
            return
        form = {
            Quantity.COST: wording.cost,
            Quantity.ACCURACY: self._share_text,
            Quantity.RATE: wording.rate,
        }[self._quantity]
        self._tip.show(self._hover, place, tip_text(place, values, form, self._theme))

    # moving about

    def _on_moved_by_hand(self, *_: object) -> None:
        if self._following and not self._placing:
            self._following = False
            self.following_changed.emit(False)
        self._forget_drawn()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.follow()
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        view = self.getPlotItem().getViewBox()
        moves: dict[int, Callable[[], Any]] = {
            Qt.Key.Key_Plus: lambda: view.scaleBy((0.8, 0.8)),
            Qt.Key.Key_Minus: lambda: view.scaleBy((1.25, 1.25)),
            Qt.Key.Key_Left: lambda: view.translateBy(x=-0.1 * view.viewRect().width()),
            Qt.Key.Key_Right: lambda: view.translateBy(x=0.1 * view.viewRect().width()),
            Qt.Key.Key_Up: lambda: view.translateBy(y=0.1 * view.viewRect().height()),
            Qt.Key.Key_Down: lambda: view.translateBy(y=-0.1 * view.viewRect().height()),
        }
        if key == Qt.Key.Key_Home:
            self.follow()
        elif key in moves:
            moves[key]()
            self._on_moved_by_hand()
        else:
            super().keyPressEvent(event)
            return
        event.accept()

    # looks

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange) and hasattr(self, "_tip"):
            self._theme = Colors.of(self.palette())
            self._apply_theme()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if hasattr(self, "_tip"):
            self._forget_drawn()

    def _apply_theme(self) -> None:
        theme = self._theme
        self.setBackground(theme.ground)
        for side in ("left", "bottom"):
            axis = self.getPlotItem().getAxis(side)
            axis.setZValue(-10)  # its grid lies behind the curves
            axis.setPen(pen(theme.edge, width=1))
            axis.setTextPen(theme.muted)
            axis.setTickPen(pen(mixed(theme.ground, theme.text, 0.12), width=1))
            axis.setStyle(tickFont=self.font(), tickTextOffset=6, tickAlpha=255)
        for curve in self._curves:
            colour = theme.line(curve.colour)
            item = self.items[curve.key]
            item.setPen(pen(colour, width=curve.width, dashes=DASHES[curve.dashes]))
            item.setSymbolPen(pen(theme.ground, width=1))
            item.setSymbolBrush(colour)
            item.setSymbolSize(8)
            if curve.key in self._raw:
                # Not a transparent colour, which takes six times as long to paint.
                self._raw[curve.key].setPen(pen(mixed(colour, theme.ground, 0.6), width=1))
        self._best.apply_theme(theme)
        self._tip.apply_theme(theme)
        self._apply_labels()
        self._forget_drawn()

    def _apply_labels(self) -> None:
        style = {"color": self._theme.muted.name()}
        self.setLabel("left", self._title(), **style)
        self.setLabel("bottom", "epoch", **style)
        self._share_axis.setLogMode(self._log)

    def _title(self) -> str:
        if self._quantity is Quantity.ACCURACY:
            return "share wrong" if self._log else "share right"
        title: str = self._quantity.value
        return title.lower()

    # pictures

    def paint_chart(self, painter: QPainter, area: QRectF) -> None:
        """What is seen, with a legend below, as large as `area`; for export."""
        self.redraw()
        item = self.getPlotItem()
        (x_low, x_high), (y_low, y_high) = item.getViewBox().viewRange()
        titles = {"left": self._title(), "bottom": "epoch"}
        axes = [
            export_painter.Axis(low, high, ticks(item.getAxis(side), low, high, size), titles[side])
            for side, low, high, size in (
                ("bottom", x_low, x_high, area.width()),
                ("left", y_low, y_high, area.height()),
            )
        ]
        lines = []
        for curve in self._shown():
            colour = self._theme.line(curve.colour)
            if curve.key in self._raw and self._window > 1:
                x, y = self.points["raw " + curve.key]
                pale = mixed(colour, self._theme.ground, 0.6)
                lines.append(export_painter.Line("", x, y, pale, 1, (), False))
            x, y = self.points[curve.key]
            lines.append(
                export_painter.Line(
                    curve.label, x, y, colour, curve.width, DASHES[curve.dashes], _is_marked(curve, x)
                )
            )
        export_painter.paint_chart(
            painter,
            area,
            lines,
            x_axis=axes[0],
            y_axis=axes[1],
            mark=self.best_point(),
            theme=self._theme,
            font=self.font(),
        )


def _is_marked(curve: Curve, x: Floats) -> bool:
    """Few points are marked each; of many only the line is drawn."""
    return curve.symbol is not None and len(x) <= 60
