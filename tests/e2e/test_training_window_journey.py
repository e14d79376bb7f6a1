"""As a new user would: a real training of a few images, from the window: watch, pause, kill, resume, use."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.startup.window import CLI
from core.base.paths import Places
from core.reading.classifier import Classifier
from training.runs.launch import Commands
from training.runs.run_action import RunAction
from training.runs.state import RunView, Status
from training.services.run_manager import Steering
from training.window.window import TrainingWindow

MINUTES = 150_000


@pytest.fixture
def digits(tmp_path: Path) -> Path:
    """Bars of different places and lengths as “digits”: easy to learn in a few steps."""
    rng = np.random.default_rng(0)
    for digit in range(10):
        folder = tmp_path / "digits" / str(digit)
        folder.mkdir(parents=True)
        for number in range(20):
            image = Image.new("L", (48, 48), 0)
            x, y = 8 + 3 * digit + int(rng.integers(0, 2)), 6 + int(rng.integers(0, 3))
            ImageDraw.Draw(image).line([(x, y), (44 - x // 2, 40)], fill=255, width=4)
            image.save(folder / f"{number}.png")
    return tmp_path / "digits"


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_train_watch_pause_kill_resume_use(qtbot: QtBot, home: Path, digits: Path) -> None:
    window = TrainingWindow(
        Places.find(home=home),
        commands=Commands(cli=CLI),
        steering=Steering(gentle=False),
        present_model=home / "no model.onnx",
    )
    qtbot.addWidget(window, before_close_func=lambda w: w.shutdown())
    window.show()
    page = window.run_page

    def wait_for(check: Callable[[RunView], bool]) -> RunView:
        qtbot.waitUntil(lambda: page.view is not None and check(page.view), timeout=MINUTES)
        assert page.view is not None
        assert page.view.status is not Status.FAILED, page.view.outcome
        return page.view

    window.new_run.cards.choose("quick")
    changes = {
        "epochs": 3, "images_per_epoch": 160, "batch_size": 16, "data_folder": str(digits), "sources.folder": 1,
        **{f"sources.{name}": 0 for name in window.new_run.draft.base.sources},
    }  # fmt: skip
    for name, value in changes.items():
        window.new_run.data.edited.emit(name, value)
    assert window.new_run.start.isEnabled()
    qtbot.mouseClick(window.new_run.start, Qt.MouseButton.LeftButton)

    view = wait_for(lambda view: view.epoch >= 1)
    page.curves.plot.redraw()
    assert page.curves.plot.best_point() is not None
    page.buttons.button(RunAction.PAUSE).click()
    view = wait_for(lambda view: view.status is Status.PAUSED or not view.status.is_active)
    assert view.status is Status.PAUSED
    os.kill(view.pids[0], signal.SIGKILL)
    wait_for(lambda view: view.status is Status.INTERRUPTED)
    page.outcome.buttons()[0].click()
    view = wait_for(lambda view: view.status is Status.FINISHED)
    assert list(view.series.epoch_x.values) == [1, 2, 3]

    assert page.test.table.rowCount() >= 1
    assert page.test.shown is not None
    assert page.test.shown.found.n > 0
    with qtbot.waitSignal(window.model_chosen) as chosen:
        page.buttons.button(RunAction.USE).click()
    info = Classifier.load(chosen.args[0]).info
    assert info.recipe == "quick"
