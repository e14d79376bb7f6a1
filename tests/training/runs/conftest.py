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
from training.runs.launch import Commands
from training.runs.state import RunView, Status
from training.services.run_manager import RunManager, Steering

FAKE = Path(__file__).with_name("fake_trainer.py")
QUICK = Steering(grace=0.4, last_grace=0.4, at_once=0.3, max_running=2, gentle=False)


@pytest.fixture
def recipe() -> Recipe:
    """A recipe of three epochs."""
    return dataclasses.replace(recipe_named("quick"), epochs=3)


class WatchedManager(RunManager):
    """A run manager that can be waited for."""

    def __init__(self, qtbot: QtBot, places: Places, commands: Commands, steering: Steering) -> None:
        super().__init__(places, commands=commands, steering=steering)
        self._qtbot = qtbot

    def wait_for(self, run: Path, check: Callable[[RunView], bool]) -> RunView:
        """Until the run's view is as wanted."""

        def seen() -> bool:
            view = self.view(run)
            return view is not None and check(view)

        self._qtbot.waitUntil(seen, timeout=60_000)
        view = self.view(run)
        assert view is not None
        return view

    def wait_for_status(self, run: Path, status: Status) -> RunView:
        return self.wait_for(run, lambda view: view.status is status)

    def wait_for_end(self, run: Path) -> RunView:
        """Until the end of the run is news."""
        with self._qtbot.waitSignal(
            self.run_ended, timeout=150_000, check_params_cb=lambda view: view.path == run
        ) as heard:
            pass
        ended: RunView = heard.args[0]
        return ended


MakeManager = Callable[..., WatchedManager]


@pytest.fixture
def make_manager(qtbot: QtBot, home: Path) -> Iterator[MakeManager]:
    """Makes managers of the same home; at the end all are closed, and no process of theirs is left."""
    made: list[WatchedManager] = []

    def make(
        behave: str = "finish", *, steering: Steering = QUICK, python: str = sys.executable
    ) -> WatchedManager:
        commands = Commands(python=python, trainer=(str(FAKE), "--behave", behave), cli=())
        manager = WatchedManager(qtbot, Places.find(home=home), commands, steering)
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
