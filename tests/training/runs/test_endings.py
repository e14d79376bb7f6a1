"""Every way in which a training process ends, with real processes, as the window hears of it."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import Any

import pytest

from core.recipes.recipe import Recipe
from tests.training.runs.conftest import MakeManager
from training.runs.outcome import Ending
from training.runs.run_action import RunAction
from training.runs.state import RunPhase, Status
from training.services.run_manager import LaunchOptions

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals")


def test_finished_run_has_curves_test_and_model(make_manager: MakeManager, recipe: Recipe) -> None:
    manager = make_manager()
    run = manager.start_run(recipe)
    view = manager.wait_for_end(run)
    assert view.status is Status.FINISHED
    assert view.outcome is not None
    assert view.outcome.good
    assert view.outcome.sentence == "Finished after 3 epochs; the best was epoch 3 with a dev cost of 0.333."
    assert view.outcome.actions[0] is RunAction.USE
    assert (view.epoch, view.step, view.progress) == (3, 15, 1.0)
    assert view.phase is RunPhase.NONE
    assert list(view.series.dev_cost.values) == pytest.approx([1, 0.5, 1 / 3])
    assert view.test_accuracy == pytest.approx(0.97)
    assert view.has_model
    assert not view.can_resume
    row = manager.summary(run)
    assert row is not None
    assert row.recipe == recipe


@pytest.mark.parametrize(
    ("behave", "ending", "status", "words", "action"),
    [
        ("raise", Ending.NO_EVENT, Status.FAILED, "RuntimeError: a wire is loose", RunAction.SHOW_LOG),
        ("nan", Ending.NAN, Status.FAILED, "It failed by nan.", RunAction.LOWER_RATE),
        ("data", Ending.DATA, Status.FAILED, "It failed by data.", RunAction.SHOW_DATA),
        ("disk_full", Ending.DISK_FULL, Status.FAILED, "It failed by disk_full.", RunAction.RESUME),
        ("lost_folder", Ending.LOST_FOLDER, Status.FAILED, "It failed by lost_folder.", RunAction.RESUME),
        ("error", Ending.ERROR, Status.FAILED, "It failed by error.", RunAction.SHOW_LOG),
        ("out_of_memory", Ending.OUT_OF_MEMORY, Status.FAILED, "by out_of_memory", RunAction.HALF_BATCH),
        ("memory_error", Ending.OUT_OF_MEMORY, Status.FAILED, "ran out of memory", RunAction.HALF_BATCH),
        (
            "sigkill",
            Ending.KILLED,
            Status.INTERRUPTED,
            "(SIGKILL), probably because memory",
            RunAction.RESUME,
        ),
        ("sigterm", Ending.KILLED, Status.INTERRUPTED, "another program (SIGTERM)", RunAction.RESUME),
        ("sigsegv", Ending.CRASHED, Status.FAILED, "crashed in native code (SIGSEGV)", RunAction.RESUME),
        ("exit", Ending.VANISHED, Status.INTERRUPTED, "without saying that it was done", RunAction.RESUME),
        ("bad_input", Ending.DATA, Status.FAILED, "sources: none of them is here.", RunAction.SHOW_DATA),
    ],
)
def test_every_other_end_is_explained(
    make_manager: MakeManager, recipe: Recipe,
    behave: str, ending: Ending, status: Status, words: str, action: RunAction,
) -> None:  # fmt: skip
    manager = make_manager(behave)
    view = manager.wait_for_end(manager.start_run(recipe))
    assert view.outcome is not None
    assert (view.outcome.ending, view.status) == (ending, status)
    assert words in view.outcome.sentence
    assert action in view.outcome.actions
    assert view.can_resume
    if behave != "bad_input":
        assert view.has_checkpoint
        assert view.epoch == 1


def test_missing_python_is_said(make_manager: MakeManager, recipe: Recipe) -> None:
    manager = make_manager(python="/nowhere/python")
    view = manager.wait_for_end(manager.start_run(recipe))
    assert view.outcome is not None
    assert view.outcome.ending is Ending.NOT_STARTED
    assert view.outcome.sentence == (
        "The training could not be started: the Python that should run it was not found."
    )


@pytest.mark.skipif(os.geteuid() == 0 if hasattr(os, "geteuid") else True, reason="root may write anywhere")
def test_runs_folder_that_cannot_be_written_is_said(
    make_manager: MakeManager, qtbot: Any, recipe: Recipe, home: Path
) -> None:
    home.mkdir()
    home.chmod(0o500)
    manager = make_manager()
    with qtbot.waitSignal(manager.start_failed, timeout=30_000) as heard:
        run = manager.start_run(recipe)
    assert heard.args[0] == run
    assert "could not be started" in heard.args[1]


def test_runs_folder_that_is_a_file_is_said(
    make_manager: MakeManager, qtbot: Any, recipe: Recipe, home: Path
) -> None:
    home.mkdir()
    (home / "runs").write_text("in the way")
    manager = make_manager()
    with qtbot.waitSignal(manager.start_failed, timeout=30_000) as heard:
        run = manager.start_run(recipe)
    assert heard.args[0] == run
    assert "could not be started" in heard.args[1]


def test_polite_stop_keeps_what_was_learned(make_manager: MakeManager, recipe: Recipe) -> None:
    manager = make_manager("slow")
    run = manager.start_run(recipe)
    manager.wait_for(run, lambda view: view.epoch >= 1)
    manager.stop(run)
    view = manager.wait_for_end(run)
    assert view.status is Status.STOPPED
    assert view.outcome is not None
    assert view.outcome.ending is Ending.STOPPED
    assert "is kept and it can be resumed" in view.outcome.sentence


def test_ignored_stop_ends_in_terminate_then_kill(make_manager: MakeManager, recipe: Recipe) -> None:
    manager = make_manager("stubborn")
    run = manager.start_run(recipe.with_values({"epochs": 100}))
    manager.wait_for(run, lambda view: view.epoch >= 1)
    manager.stop(run)
    assert manager.wait_for_status(run, Status.STOPPING)
    view = manager.wait_for_end(run)
    assert view.status is Status.STOPPED
    assert view.outcome is not None
    assert view.outcome.ending is Ending.STOP_IGNORED
    assert view.outcome.sentence.startswith("It did not stop within 0 s of being asked, so it was killed;")


def test_stop_at_once_kills_a_process_that_hangs(make_manager: MakeManager, recipe: Recipe) -> None:
    manager = make_manager("hang")
    run = manager.start_run(recipe)
    manager.wait_for(run, lambda view: view.step == 7)
    manager.stop_now(run)
    view = manager.wait_for_end(run)
    assert view.outcome is not None
    assert view.outcome.ending is Ending.STOPPED_AT_ONCE
    assert view.outcome.good


def test_stop_while_starting_ends_it_right_away(make_manager: MakeManager, recipe: Recipe) -> None:
    manager = make_manager("silent")
    run = manager.start_run(recipe)
    manager.wait_for(run, lambda view: bool(view.pids))
    manager.stop(run)
    view = manager.wait_for_end(run)
    assert view.status is Status.STOPPED


def test_kill_from_a_shell_is_noticed(make_manager: MakeManager, recipe: Recipe) -> None:
    manager = make_manager("slow")
    run = manager.start_run(recipe.with_values({"epochs": 100}))
    view = manager.wait_for(run, lambda view: view.epoch >= 1)
    os.kill(view.pids[0], signal.SIGKILL)
    ended = manager.wait_for_end(run)
    assert ended.outcome is not None
    assert ended.outcome.ending is Ending.KILLED
    assert ended.outcome.actions[:2] == (RunAction.RESUME, RunAction.HALF_BATCH)


@pytest.mark.slow
def test_two_ranks_one_killed(make_manager: MakeManager, recipe: Recipe) -> None:
    manager = make_manager("rank_killed")
    run = manager.start_run(recipe, LaunchOptions(processes=2))
    view = manager.wait_for_end(run)
    assert view.processes == 2
    assert view.outcome is not None
    assert view.outcome.ending is Ending.KILLED
    assert view.outcome.sentence.startswith("Process 2 of the training was killed by the system (SIGKILL)")


@pytest.mark.slow
def test_stop_at_once_ends_every_rank(make_manager: MakeManager, recipe: Recipe) -> None:
    import psutil

    manager = make_manager("stubborn")
    run = manager.start_run(recipe.with_values({"epochs": 500}), LaunchOptions(processes=2))
    view = manager.wait_for(run, lambda view: len(view.pids) == 3 and view.epoch >= 1)
    manager.stop_now(run)
    ended = manager.wait_for_end(run)
    assert ended.status is Status.STOPPED
    alive = [pid for pid in view.pids if psutil.pid_exists(pid)]
    assert [p for p in alive if psutil.Process(p).status() != psutil.STATUS_ZOMBIE] == []
