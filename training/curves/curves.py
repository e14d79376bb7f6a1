"""Which curves there are to draw, of one run or of several, and what each is called."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum

from training.runs.series import Floats, RunSeries

_DASHES = 8  # so many ways of dashing there are in `style`


class Quantity(Enum):
    """What a plot shows upwards."""

    COST = "Cost"
    ACCURACY = "Accuracy"
    RATE = "Learning rate"


@dataclass(frozen=True)
class Curve:
    """One curve: its label and its style. points: gives x and y, both of one length.

    colour, dashes: indices into the theme. smooth: the per-step cost, which is drawn twice, raw and smoothed.
    """

    key: str
    label: str
    series: RunSeries
    points: Callable[[], tuple[Floats, Floats]]
    colour: int
    dashes: int
    symbol: str | None = None
    width: float = 2.0
    smooth: bool = False


def curves_of_run(run: RunSeries, quantity: Quantity) -> list[Curve]:
    """The curves of a single run. Which colour means what is the same in every plot."""

    def epochs(values: str) -> Callable[[], tuple[Floats, Floats]]:
        return lambda: (run.epoch_x.values, getattr(run, values).values)

    if quantity is Quantity.COST:
        return [
            Curve(
                "steps",
                "train, each step",
                run,
                lambda: (run.step_x.values, run.step_cost.values),
                1,
                0,
                width=1.3,
                smooth=True,
            ),
            Curve("train", "train (as trained)", run, epochs("train_cost"), 1, 1, "t"),
            Curve("measured", "train (measured)", run, epochs("train_measured"), 2, 3, "s"),
            Curve("dev", "dev", run, epochs("dev_cost"), 0, 0, "o", width=2.4),
        ]
    if quantity is Quantity.ACCURACY:
        return [
            Curve("train", "train (as trained)", run, epochs("train_accuracy"), 1, 1, "t"),
            Curve("measured", "train (measured)", run, epochs("train_accuracy_measured"), 2, 3, "s"),
            Curve("dev", "dev", run, epochs("dev_accuracy"), 0, 0, "o", width=2.4),
        ]
    return [Curve("rate", "learning rate", run, lambda: (run.step_x.values, run.step_rate.values), 3, 0)]


def curves_of_runs(runs: Sequence[RunSeries], quantity: Quantity, names: Sequence[str]) -> list[Curve]:
    """The same curve of several runs, for a comparison: dev cost, dev accuracy or learning rate."""
    symbols = ("o", "s", "t", "d", "+", "x", "p", "h")

    def points(run: RunSeries) -> Callable[[], tuple[Floats, Floats]]:
        if quantity is Quantity.COST:
            return lambda: (run.epoch_x.values, run.dev_cost.values)
        if quantity is Quantity.ACCURACY:
            return lambda: (run.epoch_x.values, run.dev_accuracy.values)
        return lambda: (run.step_x.values, run.step_rate.values)

    return [
        Curve(
            run.name,
            name,
            run,
            points(run),
            i,
            i % _DASHES,
            None if quantity is Quantity.RATE else symbols[i % len(symbols)],
        )
        for i, (run, name) in enumerate(zip(runs, names, strict=True))
    ]
