"""The same, with the training program itself: started, paused, killed, resumed, finished."""

from __future__ import annotations

import dataclasses
import os
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from core.base.paths import Places
from core.recipes.recipe import Recipe, recipe_named
from tests.core.digit_folder import make_digit_folder
from training.runs.outcome import Ending
from training.runs.run_action import RunAction
from training.runs.state import RunView, Status
from training.services.run_manager import Commands, LaunchOptions, RunManager, Steering

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(1500),
    pytest.mark.skipif(sys.platform == "win32", reason="signals"),
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make_digit_folder(tmp_path / "digits", 20)


@pytest.fixture
def recipe(folder: Path) -> Recipe:
    return dataclasses.replace(
        recipe_named("quick"), sources={"folder": 1.0}, data_folder=str(folder), epochs=3, images_per_epoch=1024,
        batch_size=64,
    )  # fmt: skip


@pytest.fixture
def manager(qtbot: QtBot, home: Path) -> Iterator[RunManager]:
    made = RunManager(Places.find(home=home), commands=Commands(cli=()), steering=Steering(gentle=False))
    made.begin()
    yield made
    made.close(stop_runs=True)


def wait_for(qtbot: QtBot, manager: RunManager, run: Path, check: Callable[[RunView], bool]) -> RunView:
    def seen() -> bool:
        view = manager.view(run)
        return view is not None and check(view)

    qtbot.waitUntil(seen, timeout=400_000)
    view = manager.view(run)
    assert view is not None
    return view


def wait_for_end(qtbot: QtBot, manager: RunManager, run: Path) -> RunView:
    return wait_for(qtbot, manager, run, lambda view: not view.status.is_active and view.outcome is not None
                    and (view.can_resume or view.status is Status.FINISHED))  # fmt: skip


def test_pause_kill_resume_finish(qtbot: QtBot, manager: RunManager, recipe: Recipe) -> None:
    run = manager.start_run(recipe, LaunchOptions(device="cpu"))
    wait_for(qtbot, manager, run, lambda view: view.status is Status.RUNNING and view.step > 3)
    manager.pause(run)
    held = wait_for(qtbot, manager, run, lambda view: view.status is Status.PAUSED)
    manager.go_on(run)
    view = wait_for(qtbot, manager, run, lambda view: view.epoch >= 1 and view.step > held.step)
    os.kill(view.pids[0], signal.SIGKILL)
    killed = wait_for_end(qtbot, manager, run)
    assert killed.outcome is not None
    assert killed.outcome.ending is Ending.KILLED
    assert RunAction.RESUME in killed.outcome.actions

    manager.resume(run)
    wait_for(qtbot, manager, run, lambda view: view.status is Status.RUNNING and view.epoch >= 1)
    manager.stop(run)
    stopped = wait_for_end(qtbot, manager, run)
    if stopped.status is Status.STOPPED:
        assert stopped.outcome is not None
        assert stopped.outcome.ending is Ending.STOPPED
        manager.resume(run)
        wait_for(qtbot, manager, run, lambda view: view.status.is_active)
    finished = wait_for_end(qtbot, manager, run)
    assert finished.status is Status.FINISHED
    assert list(finished.series.epoch_x.values) == [1, 2, 3]
    steps = finished.series.step_number.values
    assert (np.diff(steps) > 0).all()
    assert finished.has_model
    assert finished.test_n > 0


def test_data_that_is_not_there_is_said(
    qtbot: QtBot, manager: RunManager, recipe: Recipe, tmp_path: Path
) -> None:
    gone = dataclasses.replace(recipe, data_folder=str(tmp_path / "gone"))
    view = wait_for_end(qtbot, manager, manager.start_run(gone, LaunchOptions(device="cpu")))
    assert view.outcome is not None
    assert view.outcome.ending is Ending.DATA
    assert view.outcome.actions[0] is RunAction.SHOW_DATA


def test_devices_and_times(qtbot: QtBot, manager: RunManager, recipe: Recipe) -> None:
    with qtbot.waitSignal(manager.devices_listed, timeout=400_000) as heard:
        manager.list_devices()
    devices: Any = heard.args[0]
    assert "cpu" in [device.id for device in devices]
    assert [device.default for device in devices].count(True) == 1
    with qtbot.waitSignal(manager.estimated, timeout=400_000) as heard:
        manager.estimate(recipe, LaunchOptions(device="cpu"))
    assert heard.args[1].total_seconds > 0
