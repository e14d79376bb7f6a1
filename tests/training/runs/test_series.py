"""Curves of a run: folding events, going back after a resume, thinning for the screen, CSV."""

from __future__ import annotations

import csv
import io
import math

import numpy as np
import pytest

from core.runs import events
from training.runs.series import RunSeries, thinned, visible_range


def started(epoch: int = 0, *, rank: int = 0, steps: int = 10) -> events.Started:
    return events.Started(
        run="r",
        recipe="quick",
        pid=1,
        rank=rank,
        processes=1,
        device="cpu",
        precision="float32",
        why="",
        epoch=epoch,
        epochs=5,
        steps_per_epoch=steps,
        images_per_step=8,
        parameters=1,
        sources={},
    )


def step(number: int, cost: float = 1.0) -> events.Step:
    return events.Step(
        step=number, epoch=0, train_cost=cost, learning_rate=0.1, images_per_second=5.0, memory_mib=1.0
    )


def epoch(number: int, dev: float = 0.5) -> events.Epoch:
    return events.Epoch(
        epoch=number,
        step=number * 10,
        train_cost=0.7,
        train_cost_measured=0.4,
        train_accuracy=0.9,
        dev_cost=dev,
        dev_accuracy=0.95,
        dev_accuracy_by_source={},
        learning_rate=0.1,
        seconds=2.0,
        best=False,
    )


def test_steps_and_epochs_share_one_axis() -> None:
    series = RunSeries("r")
    series.extend([started(), step(5), step(10), epoch(1, 0.6), step(15), epoch(2, 0.4)])
    assert list(series.step_x.values) == [0.5, 1.0, 1.5]
    assert list(series.epoch_x.values) == [1, 2]
    assert series.best is not None
    assert (series.best.epoch, series.best.cost) == (2, 0.4)


def test_a_resumed_run_replaces_what_was_lost() -> None:
    series = RunSeries("r")
    series.extend([started(), step(5), step(10), epoch(1), step(15, 9.0), step(20, 9.0), epoch(2, 0.1)])
    before = series.snapshot()
    series.extend([started(1), step(15, 2.0)])
    assert list(series.step_cost.values) == [1.0, 1.0, 2.0]
    series.add(epoch(2, 0.3))
    assert list(series.dev_cost.values) == [0.5, 0.3]
    assert series.best is not None
    assert series.best.cost == 0.3
    # what was drawn before is not changed under the drawer
    assert list(before.step_cost.values) == [1.0, 1.0, 9.0, 9.0]
    assert list(before.dev_cost.values) == [0.5, 0.1]


def test_other_ranks_do_not_disturb() -> None:
    series = RunSeries("r")
    series.extend([started(), started(rank=1, steps=999), step(10)])
    assert list(series.step_x.values) == [1.0]


def test_smoothing_is_the_mean_of_a_window_and_skips_nan() -> None:
    series = RunSeries("r")
    series.add(started(steps=4))
    for number, cost in enumerate([4.0, 2.0, math.nan, 6.0], start=1):
        series.add(step(number, cost))
    x, y = series.smoothed_cost(0, 1, window=3, points=10)
    assert list(x) == [0.25, 0.5, 0.75, 1.0]
    assert list(y) == [3.0, 3.0, 4.0, 6.0]
    _, y = series.smoothed_cost(0, 1, window=100, points=10)
    assert list(y) == [4.0] * 4, "a window wider than all there is"


def test_an_empty_series_has_nothing_to_draw() -> None:
    series = RunSeries("r")
    x, y = series.smoothed_cost(0, 1, window=5, points=10)
    assert len(x) == len(y) == 0
    assert series.best is None
    series.add(epoch(1, math.nan))
    assert series.best is None


def test_thinning_keeps_spikes_and_order() -> None:
    x = np.arange(100_003, dtype=float)
    y = np.sin(x / 5000)
    y[54_321] = 9.0
    y[10] = math.nan
    thin_x, thin_y = thinned(x, y, low=0, high=1e9, buckets=300)
    assert len(thin_x) <= 2 * 300 + 300
    assert np.nanmax(thin_y) == 9.0
    assert np.nanmin(thin_y) == pytest.approx(-1, abs=1e-6)
    assert (np.diff(thin_x) >= 0).all()


def test_thinning_keeps_what_is_seen_and_a_point_beside_it() -> None:
    x = np.arange(100, dtype=float)
    thin_x, _ = thinned(x, x, low=10.5, high=12.5, buckets=300)
    assert list(thin_x) == [10, 11, 12, 13]
    assert visible_range(x, 200, 300) == (99, 100)


def test_csv_has_every_value() -> None:
    series = RunSeries("run, one")
    series.extend([started(), step(5, math.nan), step(10, 0.25), epoch(1, 0.5)])
    rows = list(csv.DictReader(io.StringIO(series.to_csv())))
    assert [row["kind"] for row in rows] == ["step", "step", "epoch"]
    assert rows[0]["train_cost"] == ""
    assert rows[1]["train_cost"] == "0.25"
    assert rows[2]["dev_cost"] == "0.5"
    assert rows[2]["run"] == "run, one"
