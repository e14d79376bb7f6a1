"""The curves of one run as growing arrays, folded from its events; and how they are thinned for the screen.

Drawing 100,000 steps ten times a second has to stay cheap, so nothing here touches every point of the
history per redraw except vectorised minima and maxima.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.base.files import csv_text
from core.runs import events

Floats = NDArray[np.float64]


class SeriesColumn:
    """A float64 array that grows at its end in constant time per value.

    Values once written are never overwritten in place, so that a snapshot may share them, also with another
    thread.
    """

    def __init__(self) -> None:
        self._data: Floats = np.empty(256)
        self._length = 0

    def append(self, value: float) -> None:
        if self._length == len(self._data):
            self._data = np.concatenate([self._data, np.empty(len(self._data))])
        self._data[self._length] = value
        self._length += 1

    def cut(self, length: int) -> None:
        """Forget all but the first `length` values."""
        if length < self._length:
            self._data = self._data.copy()
            self._length = length

    def snapshot(self) -> SeriesColumn:
        """The column as it is now, at no cost: later changes don't show in it. Not to be appended to."""
        copy = SeriesColumn.__new__(SeriesColumn)
        copy._data, copy._length = self._data, self._length
        return copy

    def __len__(self) -> int:
        return self._length

    @property
    def values(self) -> Floats:
        """A view, not a copy: valid until the next append."""
        return self._data[: self._length]


@dataclass(frozen=True)
class Best:
    """The epoch of the lowest dev cost, whose model is kept. accuracy: its share of the dev digits read right."""

    epoch: int
    cost: float
    accuracy: float = np.nan


@dataclass(frozen=True)
class MostRight:
    """The epoch in which the largest share of the dev digits was read right."""

    epoch: int
    accuracy: float


class RunSeries:
    """Curves of one run. Steps are placed on the axis of epochs, so that both kinds share one.

    A run that was killed and resumed repeats the steps after its last checkpoint; they take the place of the
    ones that were lost.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.steps_per_epoch = 0
        self.step_x, self.step_cost, self.step_rate = SeriesColumn(), SeriesColumn(), SeriesColumn()
        self.step_number, self.step_speed = SeriesColumn(), SeriesColumn()
        self._sum, self._known = SeriesColumn(), SeriesColumn()
        self.epoch_x = SeriesColumn()
        self.train_cost, self.train_measured, self.dev_cost = SeriesColumn(), SeriesColumn(), SeriesColumn()
        self.train_accuracy, self.train_accuracy_measured = SeriesColumn(), SeriesColumn()
        self.dev_accuracy, self.epoch_rate = SeriesColumn(), SeriesColumn()
        self.best: Best | None = None
        self.changes = 0
        """Grows with every change, so that a plot knows whether it has to draw again."""

    def snapshot(self) -> RunSeries:
        """The curves as they are now, untouched by later events; made in microseconds, to be read only."""
        copy = RunSeries.__new__(RunSeries)
        for name, value in vars(self).items():
            setattr(copy, name, value.snapshot() if isinstance(value, SeriesColumn) else value)
        return copy

    def extend(self, news: Iterable[events.Event]) -> None:
        for event in news:
            self.add(event)

    def add(self, event: events.Event) -> None:
        """Fold one event; types that are no part of a curve are ignored."""
        if isinstance(event, events.Started) and event.rank == 0:
            self.steps_per_epoch = max(1, event.steps_per_epoch)
        elif isinstance(event, events.Step):
            self._add_step(event)
        elif isinstance(event, events.Epoch):
            self._add_epoch(event)
        else:
            return
        self.changes += 1

    def _add_step(self, event: events.Step) -> None:
        # Without a Started event (a damaged file) steps are counted from the epoch they say they are in.
        x = event.step / self.steps_per_epoch if self.steps_per_epoch else float(event.epoch)
        known = np.isfinite(event.train_cost)
        self._cut(self._step_columns(), before=event.step, by=self.step_number)
        self.step_x.append(x)
        self.step_number.append(event.step)
        self.step_cost.append(event.train_cost)
        self.step_rate.append(event.learning_rate)
        self.step_speed.append(event.images_per_second)
        first = len(self._sum) == 0
        self._sum.append((0.0 if first else self._sum.values[-1]) + (event.train_cost if known else 0.0))
        self._known.append((0.0 if first else self._known.values[-1]) + bool(known))

    def _add_epoch(self, event: events.Epoch) -> None:
        self._cut(self._epoch_columns(), before=event.epoch, by=self.epoch_x)
        self.epoch_x.append(event.epoch)
        self.train_cost.append(event.train_cost)
        self.train_measured.append(event.train_cost_measured)
        self.dev_cost.append(event.dev_cost)
        self.train_accuracy.append(event.train_accuracy)
        self.train_accuracy_measured.append(event.train_accuracy_measured)
        self.dev_accuracy.append(event.dev_accuracy)
        self.epoch_rate.append(event.learning_rate)
        self._find_best()

    def _find_best(self) -> None:
        costs = self.dev_cost.values
        if len(costs) == 0 or not np.isfinite(costs).any():
            self.best = None
            return
        at = int(np.nanargmin(costs))
        accuracy = float(self.dev_accuracy.values[at])
        self.best = Best(epoch=int(self.epoch_x.values[at]), cost=float(costs[at]), accuracy=accuracy)

    @property
    def most_right(self) -> MostRight | None:
        """The best epoch by its dev accuracy, which need not be the one whose model is kept. None before any."""
        shares = self.dev_accuracy.values
        if len(shares) == 0 or not np.isfinite(shares).any():
            return None
        at = int(np.nanargmax(shares))
        return MostRight(epoch=int(self.epoch_x.values[at]), accuracy=float(shares[at]))

    @staticmethod
    def _cut(columns: tuple[SeriesColumn, ...], *, before: float, by: SeriesColumn) -> None:
        """Forget what a resumed run does again: all rows whose `by` is not below `before`."""
        if len(by) and by.values[-1] >= before:
            kept = int(np.searchsorted(by.values, before, side="left"))
            for column in columns:
                column.cut(kept)

    def _epoch_columns(self) -> tuple[SeriesColumn, ...]:
        return (
            self.epoch_x,
            self.train_cost,
            self.train_measured,
            self.dev_cost,
            self.train_accuracy,
            self.train_accuracy_measured,
            self.dev_accuracy,
            self.epoch_rate,
        )

    def _step_columns(self) -> tuple[SeriesColumn, ...]:
        return (
            self.step_x,
            self.step_number,
            self.step_cost,
            self.step_rate,
            self.step_speed,
            self._sum,
            self._known,
        )

    def smoothed_cost(self, low: float, high: float, *, window: int, points: int) -> tuple[Floats, Floats]:
        """The mean train cost of `window` steps' events around a place, at no more than `points` places.

        low, high: the part of the axis that is seen. Only the places drawn are computed. Towards the ends the
        window shrinks. NaNs are left out of the mean.
        """
        x = self.step_x.values
        first, last = visible_range(x, low, high)
        if last <= first:
            return np.empty(0), np.empty(0)
        at = np.unique(np.linspace(first, last - 1, num=min(points, last - first)).astype(np.int64))
        before = at - (window + 1) // 2
        start = np.maximum(before, 0)
        after = np.minimum(at + window // 2, len(x) - 1)
        sums, known = self._sum.values, self._known.values
        total = sums[after] - np.where(before >= 0, sums[start], 0.0)
        n = known[after] - np.where(before >= 0, known[start], 0.0)
        with np.errstate(invalid="ignore", divide="ignore"):
            return x[at], total / n

    def to_csv(self) -> str:
        """Every value of every curve, one row a step event or epoch, in the order of the axis."""
        rows: list[list[object]] = []
        for i, x in enumerate(self.step_x.values):
            rows.append(
                [
                    self.name,
                    "step",
                    int(self.step_number.values[i]),
                    f"{x:.6g}",
                    _cell(self.step_cost, i),
                    "",
                    "",
                    "",
                    "",
                    "",
                    _cell(self.step_rate, i),
                ]
            )
        for i, x in enumerate(self.epoch_x.values):
            rows.append(
                [
                    self.name,
                    "epoch",
                    int(x) * self.steps_per_epoch,
                    f"{x:.6g}",
                    _cell(self.train_cost, i),
                    _cell(self.train_measured, i),
                    _cell(self.dev_cost, i),
                    _cell(self.train_accuracy, i),
                    _cell(self.train_accuracy_measured, i),
                    _cell(self.dev_accuracy, i),
                    _cell(self.epoch_rate, i),
                ]
            )
        rows.sort(key=lambda row: float(str(row[3])))
        return csv_text(CSV_HEAD, rows)


CSV_HEAD = (
    "run",
    "kind",
    "step",
    "epoch",
    "train_cost",
    "train_cost_measured",
    "dev_cost",
    "train_accuracy",
    "train_accuracy_measured",
    "dev_accuracy",
    "learning_rate",
)


def _cell(column: SeriesColumn, index: int) -> str:
    value = column.values[index]
    return f"{value:.8g}" if np.isfinite(value) else ""


def visible_range(x: Floats, low: float, high: float) -> tuple[int, int]:
    """The half-open range of the rising `x` that a view of low…high needs: one point more at either side."""
    first = int(np.searchsorted(x, low, side="left"))
    last = int(np.searchsorted(x, high, side="right"))
    return max(0, first - 1), min(len(x), last + 1)


def thinned(x: Floats, y: Floats, *, low: float, high: float, buckets: int) -> tuple[Floats, Floats]:
    """The curve between low and high as its lowest and highest point per bucket, in the order of x.

    At most 2 x `buckets` points (plus the ragged end); a curve of fewer is returned as it is. Spikes survive,
    which an average or every n-th point would lose. x must rise.
    """
    first, last = visible_range(x, low, high)
    x, y = x[first:last], y[first:last]
    n = len(x)
    if n <= 2 * buckets or buckets < 1:
        return x, y
    per = n // buckets
    whole = per * buckets
    x_BP, y_BP = x[:whole].reshape(buckets, per), y[:whole].reshape(buckets, per)
    rows = np.arange(buckets)
    # A bucket with a NaN somewhere must not vanish: NaNs lose both contests.
    lowest = np.where(np.isnan(y_BP), np.inf, y_BP).argmin(axis=1)
    highest = np.where(np.isnan(y_BP), -np.inf, y_BP).argmax(axis=1)
    early, late = np.minimum(lowest, highest), np.maximum(lowest, highest)
    thin_x = np.empty(2 * buckets)
    thin_y = np.empty(2 * buckets)
    thin_x[0::2], thin_x[1::2] = x_BP[rows, early], x_BP[rows, late]
    thin_y[0::2], thin_y[1::2] = y_BP[rows, early], y_BP[rows, late]
    if whole < n:
        return np.concatenate([thin_x, x[whole:]]), np.concatenate([thin_y, y[whole:]])
    return thin_x, thin_y


def without_spikes(values: Floats) -> Floats:
    """All but the outermost hundredth at either end: what the view has to make room for."""
    known = values[np.isfinite(values)]
    return np.percentile(known, [1, 99]) if len(known) else known
