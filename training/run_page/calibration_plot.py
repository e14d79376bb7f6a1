"""The calibration plot: of the answers given with 90% confidence, are 90% right?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg
from PySide6.QtWidgets import QVBoxLayout, QWidget

from core.evaluation.metrics import Bin
from training.ui import wording
from training.ui.labels import QuietLabel
from training.ui.theme import Colors, ThemeWatch, mixed, pen


class CalibrationView(QWidget):
    """Confidence across, share right up; the larger a point, the more answers. On the diagonal it is honest."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title = QuietLabel(parent=self)
        self._title.setWordWrap(True)
        self.plot = pg.PlotWidget(self, enableMenu=False)
        self.plot.setFrameShape(self.plot.Shape.NoFrame)
        self.plot.setMinimumSize(180, 160)
        self.plot.setMouseEnabled(False, False)
        self.plot.hideButtons()
        self.plot.setAccessibleName("Calibration")
        self.plot.getPlotItem().showGrid(x=True, y=True, alpha=1.0)
        for side, step in (("left", 25), ("bottom", 50)):
            self.plot.getAxis(side).setTicks([[(v / 100, f"{v}%") for v in range(0, 101, step)]])
        self.plot.setRange(xRange=(0, 1), yRange=(0, 1), padding=0.08)
        self._diagonal = self.plot.plot([0, 1], [0, 1])
        self._line = self.plot.plot([], [], antialias=True)
        self._points = pg.ScatterPlotItem(pxMode=True)
        self.plot.addItem(self._points)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._title)
        layout.addWidget(self.plot, 1)
        ThemeWatch(self, self._apply_theme)
        self.set_bins((), float("nan"))

    def set_bins(self, bins: Sequence[Bin], ece: float) -> None:
        """The bars, and the expected calibration error, a share."""
        x = np.array([b.confidence for b in bins])
        y = np.array([b.accuracy for b in bins])
        self._line.setData(x, y)
        total = sum(b.n for b in bins)
        sizes = [7 + 13 * float(np.sqrt(b.n / total)) for b in bins] if total else []
        self._points.setData(x, y, size=sizes)
        text = "Calibration: confidence across, share right up."
        if ece == ece:
            text += f" Off by {wording.percent(ece)} on average."
        self._title.setText(text)
        words = [f"{wording.chance(b.confidence)} sure: {wording.chance(b.accuracy)} right" for b in bins]
        self.plot.setAccessibleDescription("; ".join(words))

    def _apply_theme(self) -> None:
        theme = Colors.of(self.palette())
        self.plot.setBackground(theme.ground)
        for side in ("left", "bottom"):
            axis = self.plot.getAxis(side)
            axis.setPen(pen(theme.edge, width=1))
            axis.setTextPen(theme.muted)
            axis.setTickPen(pen(mixed(theme.ground, theme.text, 0.12), width=1))
            axis.setStyle(tickFont=self.font(), tickAlpha=255, hideOverlappingLabels=False)
            axis.setZValue(-10)
        self._diagonal.setPen(pen(theme.muted, width=1, dashes=(4, 3)))
        self._line.setPen(pen(theme.line(0), width=2))
        self._points.setBrush(theme.line(0))
        self._points.setPen(pen(theme.ground, width=1))
