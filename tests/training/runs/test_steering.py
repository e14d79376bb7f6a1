"""Pausing, resuming, queueing, several runs, and a window that is closed and opened again."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest

from core.recipes.recipe import Recipe
from core.runs.folder import RunFolder
from tests.training.runs.conftest import MakeManager
from training.runs.outcome import Ending
from training.runs.state import Status
from training.services.run_manager import LaunchOptions, Steering
from training.window.run_commands import with_another_seed

ONE = Steering(grace=0.4, last_grace=0.4, at_once=0.3, max_running=1, gentle=False)


@pytest.fixture
def long(recipe: Recipe) -> Recipe:
    return recipe.with_values({"epochs": 200})


def test_pause_holds_and_go_on_continues(make_manager: MakeManager, long: Recipe) -> None:
    manager = make_manager("slow")
    run = manager.start_run(long)
    manager.wait_for(run, lambda view: view.step >= 3)
    manager.pause(run)
    held = manager.wait_for_status(run, Status.PAUSED)
    assert held.outcome is None
    assert psutil.pid_exists(held.pids[0])
    manager.go_on(run)
    manager.wait_for(run, lambda view: view.status is Status.RUNNING and view.step > held.step + 3)
    manager.pause(run)
    manager.wait_for_status(run, Status.PAUSED)
    manager.stop(run)
    assert manager.wait_for_end(run).status is Status.STOPPED


def test_stopped_run_goes_on_where_it_was(make_manager: MakeManager, recipe: Recipe) -> None:
    manager = make_manager("slow")
    run = manager.start_run(recipe)
    manager.wait_for(run, lambda view: view.epoch >= 1)
    manager.stop(run)
    stopped = manager.wait_for_end(run)
    manager.resume(run)
    finished = manager.wait_for_end(run)
    assert finished.status is Status.FINISHED
    assert list(finished.series.epoch_x.values) == [1, 2, 3]
    # The steps after the last checkpoint were done again; each is drawn once.
    assert list(finished.series.step_number.values) == list(range(1, 16))
    assert finished.elapsed > 0
    assert not RunFolder(run).stop_requested()
    assert stopped.step < 15


def test_finished_run_continues_for_more_epochs(make_manager: MakeManager, recipe: Recipe) -> None:
    manager = make_manager()
    run = manager.start_run(recipe)
    manager.wait_for_end(run)
    manager.resume(run, changes={"epochs": "5"})
    view = manager.wait_for_end(run)
    assert view.status is Status.FINISHED
    assert (view.epoch, view.epochs) == (5, 5)
    assert view.recipe is not None
    assert view.recipe.epochs == 5


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_killed_before_its_first_epoch_begins_again(make_manager: MakeManager, recipe: Recipe) -> None:
    before = make_manager("sigkill_early")
    run = before.start_run(recipe)
    ended = before.wait_for_end(run)
    assert ended.outcome is not None
    assert "it begins again when resumed" in ended.outcome.sentence
    assert not ended.has_checkpoint
    before.close()
    manager = make_manager()
    manager.resume(run)
    again = manager.wait_for_end(run)
    assert again.status is Status.FINISHED
    assert list(again.series.step_number.values) == list(range(1, 16))


def test_runs_wait_for_their_turn(make_manager: MakeManager, recipe: Recipe, long: Recipe) -> None:
    manager = make_manager("slow", steering=ONE)
    first = manager.start_run(long)
    second = manager.start_run(with_another_seed(recipe))
    third = manager.start_run(recipe)
    manager.wait_for(first, lambda view: view.status is Status.RUNNING)
    manager.wait_for_status(second, Status.WAITING)
    manager.wait_for_status(third, Status.WAITING)
    manager.stop(third)
    view = manager.wait_for_status(third, Status.NEW)
    assert view.outcome is None
    assert view.can_resume
    manager.stop(first)
    assert manager.wait_for_end(first).status is Status.STOPPED
    assert manager.wait_for_end(second).status is Status.FINISHED
    assert {row.path: row.status for row in manager.summaries()}[third] is Status.NEW


def test_waiting_run_can_start_beside_the_others(make_manager: MakeManager, long: Recipe) -> None:
    manager = make_manager("slow", steering=ONE)
    first, second = manager.start_run(long), manager.start_run(long)
    manager.wait_for_status(first, Status.RUNNING)
    manager.wait_for_status(second, Status.WAITING)
    manager.go_on(second)
    manager.wait_for_status(second, Status.RUNNING)
    third = manager.start_run(long, at_once=True)
    manager.wait_for_status(third, Status.RUNNING)
    for run in (first, second, third):
        manager.stop_now(run)
    for run in (first, second, third):
        manager.wait_for_status(run, Status.STOPPED)


def test_window_closed_and_opened_again(make_manager: MakeManager, long: Recipe) -> None:
    before = make_manager("slow", steering=ONE)
    run, waiting = before.start_run(long), before.start_run(long)
    view = before.wait_for(run, lambda view: view.epoch >= 1)
    before.wait_for_status(waiting, Status.WAITING)
    before.close()
    assert psutil.pid_exists(view.pids[0])

    after = make_manager("slow", steering=ONE)
    found = after.wait_for(run, lambda again: again.status is Status.RUNNING and again.step > view.step)
    assert found.pids == view.pids
    assert list(found.series.step_number.values) == list(range(1, found.step + 1))
    after.wait_for_status(waiting, Status.WAITING)
    after.stop(run)
    assert after.wait_for_end(run).status is Status.STOPPED
    after.wait_for_status(waiting, Status.RUNNING)
    after.stop_now(waiting)
    after.wait_for_end(waiting)


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_killed_while_the_window_was_closed(make_manager: MakeManager, long: Recipe) -> None:
    before = make_manager("slow")
    run = before.start_run(long)
    view = before.wait_for(run, lambda view: view.epoch >= 1)
    before.close()
    os.kill(view.pids[0], signal.SIGKILL)
    psutil.wait_procs([p for p in map(_process, view.pids) if p is not None], timeout=10)

    after = make_manager("slow")
    after.watch([run])
    found = after.wait_for_status(run, Status.INTERRUPTED)
    assert found.outcome is not None
    assert found.outcome.ending is Ending.KILLED
    assert "SIGKILL" in found.outcome.sentence


def test_close_can_stop_the_runs(make_manager: MakeManager, long: Recipe) -> None:
    before = make_manager("slow")
    run = before.start_run(long)
    view = before.wait_for(run, lambda view: view.epoch >= 1)
    before.close(stop_runs=True)
    psutil.wait_procs([p for p in map(_process, view.pids) if p is not None], timeout=10)
    after = make_manager()
    after.watch([run])
    assert after.wait_for_status(run, Status.STOPPED)


def test_run_of_a_shell_is_found_and_can_be_stopped(
    make_manager: MakeManager, long: Recipe, home: Path
) -> None:
    import subprocess

    from core.base.files import write_json
    from training.runs.launch import environment
    from training.services.run_manager import Commands

    folder = RunFolder.create(home / "runs", "quick")
    write_json(folder.recipe, long.to_dict())
    fake = str(Path(__file__).with_name("fake_trainer.py"))
    command = Commands(trainer=(fake, "--behave", "slow"), cli=()).train(folder.path, LaunchOptions(), {})
    with subprocess.Popen(command, env=environment()) as process:
        manager = make_manager()
        view = manager.wait_for(folder.path, lambda view: view.step > 3)
        assert view.pids == (process.pid,)
        assert manager.active()
        manager.stop(folder.path)
        assert manager.wait_for_end(folder.path).status is Status.STOPPED


def test_resumed_run_refuses_a_second_process(make_manager: MakeManager, long: Recipe, qtbot: Any) -> None:
    manager = make_manager("slow")
    run = manager.start_run(long)
    manager.wait_for_status(run, Status.RUNNING)
    with qtbot.waitSignal(manager.problem, timeout=30_000) as heard:
        manager.resume(run)
    assert heard.args == [f"{run.name} is still running."]
    with qtbot.waitSignal(manager.problem, timeout=30_000) as heard:
        manager.delete([run])
    assert "stop it first" in heard.args[0]
    manager.stop_now(run)
    manager.wait_for_end(run)
    with qtbot.waitSignal(manager.problem, timeout=30_000) as heard:
        manager.pause(run)
    assert heard.args == [f"{run.name} is not running, so it can't be paused."]


def test_options_of_the_first_start_are_kept(make_manager: MakeManager, recipe: Recipe) -> None:
    manager = make_manager("sigterm")
    run = manager.start_run(recipe, LaunchOptions(device="cuda:1", data_dir=Path("/data")))
    manager.wait_for_end(run)
    manager.resume(run)
    manager.wait_for_end(run)
    from training.runs.launch import Launch

    launch = Launch.read(run)
    assert launch is not None
    assert launch.options == LaunchOptions(device="cuda:1", data_dir=Path("/data"))
    assert ["--device", "cuda:1", "--data-dir", str(Path("/data"))] == list(launch.command[-4:])


def test_events_reach_the_window_soon(make_manager: MakeManager, long: Recipe, qtbot: Any) -> None:
    import time

    manager = make_manager("slow")
    run = manager.start_run(long)
    manager.wait_for_status(run, Status.RUNNING)
    delays: list[float] = []

    def note(view: Any) -> None:
        events = RunFolder(run).read_events()
        delays.append(time.time() - min(e.time for e in events if getattr(e, "step", 0) == view.step))

    manager.view_changed.connect(note)
    manager.wait_for(run, lambda view: len(delays) >= 15)
    assert np.median(delays) <= 0.3
    manager.stop_now(run)
    manager.wait_for_end(run)


def _process(pid: int) -> psutil.Process | None:
    try:
        return psutil.Process(pid)
    except psutil.NoSuchProcess:
        return None
