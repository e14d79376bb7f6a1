"""The axes of the curves' plot: few lines, readable numbers, shares as percentages."""

from __future__ import annotations

import math

import pyqtgraph as pg

from training.ui import wording

_NARROW = 0.9  # decades


class PlotAxis(pg.AxisItem):
    """An axis with few lines, whose numbers are percentages while `shares` is set.

    Only places that have a number get a grid line: finer lines took more time to paint than the curves.
    """

    shares = False

    def __init__(self, side: str) -> None:
        super().__init__(side)
        self.enableAutoSIPrefix(False)

    def tickValues(self, low: float, high: float, size: float) -> list[tuple[float, list[float]]]:
        if not self.logMode:
            levels = super().tickValues(low, high, size)
            return [(spacing, list(values)) for spacing, values in levels[:1]]
        if high - low < _NARROW:
            # Less than a decade: 1, 2 and 5 may all lie outside, so round numbers between the ends are named.
            return [(1.0, [math.log10(value) for value in round_numbers(10**low, 10**high) if value > 0])]
        numbered = []
        for spacing, values in super().tickValues(low, high, size):
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
        narrow = high - low < _NARROW
        texts = []
        for value in values:
            leading = round(10 ** (value - math.floor(value + 1e-9)))
            if not narrow and leading not in (1, 2, 5):
                texts.append("")
            elif self.shares:
                texts.append(f"{100 * 10**value:.3g}%")
            else:
                texts.append(wording.rate(10**value))
        return texts


def round_numbers(low: float, high: float, *, most: int = 6) -> list[float]:
    """At most so many round numbers between two others, evenly apart: by 1, 2 or 5 of some power of ten."""
    if not low < high:
        return []
    rough = (high - low) / most
    power = 10 ** math.floor(math.log10(rough))
    step = next(power * k for k in (1, 2, 5, 10) if power * k >= rough * (1 - 1e-9))
    first = math.ceil(low / step - 1e-9)
    return [n * step for n in range(first, math.floor(high / step + 1e-9) + 1)]


def ticks(axis: pg.AxisItem, low: float, high: float, size: float) -> list[tuple[float, str]]:
    """The numbers an axis writes, the coarse ones first."""
    found: dict[float, str] = {}
    for spacing, values in axis.tickValues(low, high, size):
        for value, text in zip(values, axis.tickStrings(values, 1.0, spacing), strict=True):
            if text:
                found.setdefault(value, text)
    return list(found.items())
