"""The fold of a run's events into what is shown of it."""

from __future__ import annotations

import dataclasses
import math
from pathlib import Path

import pytest

from core.recipes.recipe import recipe_named
from core.runs import events
from training.runs.outcome import Ending, ExitContext, StopStage
from training.runs.state import RunPhase, RunSnapshot, RunStateBuilder, RunView, Status

RECIPE = dataclasses.replace(recipe_named("quick"), epochs=4)


def started(
    time: float, *, epoch: int = 0, rank: int = 0, processes: int = 1, pid: int = 100
) -> events.Started:
    return events.Started(
        run="r", recipe="quick", pid=pid, rank=rank, processes=processes, device="cpu", precision="float32",
        why="No other.", epoch=epoch, epochs=4, steps_per_epoch=10, images_per_step=50, parameters=7,
        sources={"mnist": 5}, time=time,
    )  # fmt: skip


def step(number: int, time: float, speed: float = 100.0) -> events.Step:
    return events.Step(
        step=number, epoch=number // 10 + 1, train_cost=1.0, learning_rate=0.1, images_per_second=speed,
        memory_mib=50.0, time=time,
    )  # fmt: skip


def epoch(number: int, time: float, cost: float = 0.5) -> events.Epoch:
    return events.Epoch(
        epoch=number, step=number * 10, train_cost=cost, train_cost_measured=cost, train_accuracy=0.9,
        dev_cost=cost, dev_accuracy=0.9, dev_accuracy_by_source={}, learning_rate=0.1, seconds=20.0, best=True,
        time=time,
    )  # fmt: skip


def fold(*news: events.Event) -> RunStateBuilder:
    made = RunStateBuilder(Path("runs/quick-1"))
    for event in news:
        made.add(event)
    return made


def alive(now: float, **more: object) -> RunSnapshot:
    return RunSnapshot(now=now, recipe=RECIPE, launched=1.0, alive=True, **more)  # type: ignore[arg-type]


def test_new_run_has_not_begun() -> None:
    view = fold().view(RunSnapshot(now=5.0, recipe=RECIPE))
    assert (view.status, view.outcome, view.can_resume) == (Status.NEW, None, True)
    assert (view.epochs, view.steps, view.progress) == (4, 0, 0.0)


def test_waiting_and_starting() -> None:
    assert fold().view(RunSnapshot(now=5.0, recipe=RECIPE, queued=True)).status is Status.WAITING
    starting = fold().view(RunSnapshot(now=5.0, recipe=RECIPE, launched=4.0, launching=True))
    assert (starting.status, starting.phase) == (Status.STARTING, RunPhase.LOADING)


def test_running_epoch() -> None:
    view = fold(started(10), step(5, 20)).view(alive(22.0))
    assert (view.status, view.phase) == (Status.RUNNING, RunPhase.TRAINING)
    assert (view.epoch, view.step, view.steps, view.progress) == (0, 5, 40, 0.125)
    assert view.images_per_second == 100.0
    assert view.elapsed == pytest.approx(12)
    # 35 steps of 50 images at 100 a second, two seconds of which are over.
    assert view.remaining == pytest.approx(35 * 0.5 - 2)
    assert view.quiet == pytest.approx(2)
    assert view.parameters == 7


def test_remaining_time_by_whole_epochs_once_there_are_some() -> None:
    view = fold(started(10), step(5, 20), epoch(1, 30)).view(alive(30.0))
    assert view.remaining == pytest.approx(30 * 2.0)
    assert (view.best_epoch, view.best_dev_cost) == (1, 0.5)


def test_testing_phase() -> None:
    news = [started(10), *(epoch(n, 10 + n) for n in range(1, 5))]
    view = fold(*news).view(alive(16.0))
    assert (view.phase, view.progress, view.remaining) == (RunPhase.TESTING, 1.0, 0.0)


def test_paused_clock_stands_still() -> None:
    view = fold(started(10), step(5, 20)).view(alive(500.0, paused=True))
    assert view.status is Status.PAUSED
    assert view.elapsed == pytest.approx(10)
    assert view.remaining == pytest.approx(35 * 0.5)
    assert math.isnan(view.quiet)


def test_stopping() -> None:
    facts = alive(21.0, end=ExitContext(stop=StopStage.REQUESTED))
    assert fold(started(10), step(5, 20)).view(facts).status is Status.STOPPING


def test_last_word_counts_before_the_process_is_gone() -> None:
    made = fold(started(10), epoch(1, 20), events.Stopped(epoch=1, why="", time=21.0))
    view = made.view(alive(22.0, end=ExitContext(saved=True)))
    assert (view.status, view.can_resume) == (Status.STOPPED, False)
    gone = made.view(RunSnapshot(now=30.0, recipe=RECIPE, launched=1.0, end=ExitContext(saved=True)))
    assert (gone.status, gone.can_resume, gone.has_checkpoint) == (Status.STOPPED, True, True)
    assert gone.ended == 21.0


def test_last_word_of_an_earlier_life_is_out_of_date() -> None:
    made = fold(started(10), epoch(1, 20), events.Stopped(epoch=1, why="", time=21.0))
    facts = RunSnapshot(now=41.0, recipe=RECIPE, launched=40.0, alive=True)
    assert made.view(facts).status is Status.STARTING
    died = made.view(RunSnapshot(now=60.0, recipe=RECIPE, launched=40.0, end=ExitContext(returncode=-9)))
    assert died.outcome is not None
    assert died.outcome.ending is Ending.KILLED


def test_elapsed_time_adds_up_over_lives() -> None:
    made = fold(started(10), epoch(1, 30), step(15, 35), started(100, epoch=1), step(12, 110))
    view = made.view(RunSnapshot(now=112.0, recipe=RECIPE, launched=99.0, alive=True))
    assert view.elapsed == pytest.approx(25 + 12)
    assert view.step == 12
    assert view.started == 10


def test_a_clock_that_was_set_back_makes_no_time_negative() -> None:
    made = fold(started(1000), step(5, 1030), epoch(1, 1060))
    view = made.view(RunSnapshot(now=300.0, recipe=RECIPE, launched=999.0, alive=True))
    assert view.status is Status.RUNNING
    assert view.elapsed == 60
    assert view.quiet == 0
    assert view.remaining == pytest.approx(60)


def test_finished_run_knows_its_own_time() -> None:
    word = events.Finished(epoch=4, best_epoch=2, best_dev_cost=0.1, seconds=77.0, time=50.0)
    tested = events.Evaluated(source="a", n=100, accuracy=0.9, interval95=(0.8, 1.0), cost=0.1, time=49.0)
    other = dataclasses.replace(tested, source="b", n=300, accuracy=1.0)
    view = fold(started(10), epoch(4, 40), tested, other, word).view(RunSnapshot(now=99.0, launched=1.0))
    assert (view.status, view.elapsed, view.progress, view.can_resume) == (Status.FINISHED, 77.0, 1.0, False)
    assert view.test_n == 400
    assert view.test_accuracy == pytest.approx(0.975)


def test_vanished_process_can_be_resumed() -> None:
    view = fold(started(10), epoch(1, 20)).view(
        RunSnapshot(now=99.0, launched=1.0, end=ExitContext(saved=True))
    )
    assert (view.status, view.can_resume) == (Status.INTERRUPTED, True)
    assert view.outcome is not None
    assert view.outcome.ending is Ending.VANISHED


def test_ranks_are_known_by_pid() -> None:
    made = fold(started(10, rank=1, processes=2, pid=8), started(11, processes=2, pid=7))
    assert made.ranks == {1: (8, 10), 0: (7, 11)}
    made.add(started(50, pid=9))
    assert made.ranks == {0: (9, 50)}


def test_view_is_not_changed_by_later_events() -> None:
    made = fold(started(10), step(1, 11), step(2, 12))
    view: RunView = made.view(alive(12.0))
    made.add(step(1, 13))
    assert list(view.series.step_number.values) == [1, 2]


def test_cost_that_is_no_number_leaves_the_speed_alone() -> None:
    view = fold(started(10), step(1, 11, speed=math.nan), epoch(1, 12, math.nan)).view(alive(12.0))
    assert math.isnan(view.images_per_second)
    assert (view.best_epoch, math.isnan(view.best_dev_cost)) == (0, True)
