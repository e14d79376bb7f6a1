"""The axes of the curves' plot: few lines, readable numbers, shares as percentages."""

from __future__ import annotations

import math

import pyqtgraph as pg

from training import wording


class PlotAxis(pg.AxisItem):
    """An axis with few lines, whose numbers are percentages while `shares` is set.

    Only places that have a number get a grid line: finer lines took more time to paint than the curves.
    """

    shares = False

    def __init__(self, side: str) -> None:
        super().__init__(side)
        self.enableAutoSIPrefix(False)

    def tickValues(self, low: float, high: float, size: float) -> list[tuple[float, list[float]]]:
        levels = super().tickValues(low, high, size)
        if not self.logMode:
            return [(spacing, list(values)) for spacing, values in levels[:1]]
        numbered = []
        for spacing, values in levels:
            texts = self.tickStrings(values, 1.0, spacing)
            numbered.append((spacing, [v for v, text in zip(values, texts, strict=True) if text]))
        return numbered

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        if self.logMode or not self.shares:
            return [str(text) for text in super().tickStrings(values, scale, spacing)]
        digits = max(0, -math.floor(math.log10(spacing * 100))) if spacing > 0 else 0
        return [f"{100 * value:.{digits}f}%" for value in values]

    def logTickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        # All nine numbers of a decade would run into one another where several decades are seen.
        low, high = self.range
        kept = (1, 2, 5) if high - low > 0.7 else range(1, 10)
        texts = []
        for value in values:
            leading = round(10 ** (value - math.floor(value + 1e-9)))
            if leading not in kept:
                texts.append("")
            elif self.shares:
                texts.append(f"{100 * 10**value:.3g}%")
            else:
                texts.append(wording.rate(10**value))
        return texts


def ticks(axis: pg.AxisItem, low: float, high: float, size: float) -> list[tuple[float, str]]:
    """The numbers an axis writes, the coarse ones first."""
    found: dict[float, str] = {}
    for spacing, values in axis.tickValues(low, high, size):
        for value, text in zip(values, axis.tickStrings(values, 1.0, spacing), strict=True):
            if text:
                found.setdefault(value, text)
    return list(found.items())
