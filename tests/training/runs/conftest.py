"""A run manager whose training processes are real ones that run `fake_trainer.py`."""

from __future__ import annotations

import contextlib
import dataclasses
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from pytestqt.qtbot import QtBot

from core.base.paths import Places
from core.recipes.recipe import Recipe, recipe_named
from core.runs.folder import RunFolder
from training.runs.launch import Commands
from training.runs.state import RunView, Status
from training.services.run_manager import RunManager, Steering

FAKE = Path(__file__).with_name("fake_trainer.py")
QUICK = Steering(grace=0.4, last_grace=0.4, at_once=0.3, max_running=2, gentle=False)

MakeManager = Callable[..., RunManager]


@pytest.fixture
def recipe() -> Recipe:
    """A recipe of three epochs."""
    return dataclasses.replace(recipe_named("quick"), epochs=3)


@pytest.fixture
def make_manager(qtbot: QtBot, home: Path) -> Iterator[MakeManager]:
    """Makes managers of the same home; at the end all are closed, and no process of theirs is left."""
    made: list[RunManager] = []

    def make(
        behave: str = "finish", *, steering: Steering = QUICK, python: str = sys.executable
    ) -> RunManager:
        commands = Commands(python=python, trainer=(str(FAKE), "--behave", behave), cli=())
        manager = RunManager(Places.find(home=home), commands=commands, steering=steering)
        made.append(manager)
        manager.begin()
        return manager

    yield make
    for manager in made:
        manager.close()
    left = [p for p in psutil.process_iter(["cmdline"]) if str(home) in " ".join(p.info["cmdline"] or ())]
    for process in left:
        with contextlib.suppress(psutil.Error):
            process.kill()


class Watcher:
    """Waits for what a manager says."""

    def __init__(self, qtbot: QtBot, manager: RunManager) -> None:
        self.qtbot, self.manager = qtbot, manager

    def wait_for(self, run: Path, check: Callable[[RunView], bool]) -> RunView:
        """Until the run's view is as wanted."""

        def seen() -> bool:
            view = self.manager.view(run)
            return view is not None and check(view)

        self.qtbot.waitUntil(seen, timeout=60_000)
        view = self.manager.view(run)
        assert view is not None
        return view

    def wait_for_status(self, run: Path, status: Status) -> RunView:
        return self.wait_for(run, lambda view: view.status is status)

    def wait_for_end(self, run: Path) -> RunView:
        """Until the end of the run is news."""
        with self.qtbot.waitSignal(
            self.manager.run_ended, timeout=150_000, check_params_cb=lambda view: view.path == run
        ) as heard:
            pass
        ended: RunView = heard.args[0]
        return ended


@pytest.fixture
def follow(qtbot: QtBot) -> Callable[[RunManager], Watcher]:
    return lambda manager: Watcher(qtbot, manager)


@pytest.fixture
def read_events() -> Callable[[Path], list[object]]:
    return lambda run: list(RunFolder(run).read_events())
