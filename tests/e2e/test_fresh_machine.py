"""A fresh machine, as a newcomer meets it: an empty home, no data, no network; Train…, Start, and a model to use."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from app.startup.window import CLI
from core.base.paths import Places
from core.reading.classifier import Classifier
from tests.widgets import words_in
from training.runs.launch import Commands
from training.runs.run_action import RunAction
from training.runs.state import RunView, Status
from training.services.run_manager import Steering
from training.window.window import TrainingWindow

MINUTES = 1_800_000
"""Half an hour, in milliseconds: for machines that are busy with other work."""


@pytest.fixture
def window(qtbot: QtBot, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> TrainingWindow:
    """The training window of somebody who has just installed the program. No address can be reached."""
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert "GNC_DATA" not in os.environ
    window = TrainingWindow(
        Places.find(home=home), commands=Commands(cli=CLI), steering=Steering(gentle=False),
        present_model=home / "no model.onnx",
    )  # fmt: skip
    qtbot.addWidget(window, before_close_func=lambda w: w.shutdown())
    window.show()
    return window


def set_number(qtbot: QtBot, window: TrainingWindow, name: str, text: str) -> None:
    """Type a value into a field of the Learning page."""
    window.new_run.tabs.setCurrentIndex(2)
    line = window.new_run.learning.row(name).editor.findChild(QLineEdit)
    assert line is not None
    line.selectAll()
    qtbot.keyClicks(line, text)


@pytest.mark.slow
@pytest.mark.timeout(2400)
def test_a_newcomer_starts_and_gets_a_model_with_figures(
    qtbot: QtBot, window: TrainingWindow, home: Path
) -> None:
    assert window.new_run.draft.base.name == "quick"
    assert not window.new_run.draft.changes
    set_number(qtbot, window, "epochs", "2")  # for time: the defaults are the same but for these
    set_number(qtbot, window, "images_per_epoch", "256")
    assert window.new_run.start.isEnabled()
    qtbot.mouseClick(window.new_run.start, Qt.MouseButton.LeftButton)
    page = window.run_page

    def wait_for(check: Callable[[RunView], bool]) -> RunView:
        qtbot.waitUntil(lambda: page.view is not None and check(page.view), timeout=MINUTES)
        assert page.view is not None
        return page.view

    view = wait_for(lambda view: not view.status.is_active)
    assert view.status is Status.FINISHED, view.outcome
    page.tabs.setCurrentWidget(page.test)
    rows = {page.test.table.item(y, 0).text() for y in range(page.test.table.rowCount())}  # type: ignore[union-attr]
    assert any("MNIST" in row for row in rows), rows
    assert any("ont" in row for row in rows), rows
    assert "Not measured" in words_in(page.test), "UNIPEN and SVHN are not here"
    assert page.test.shown is not None
    assert page.test.shown.found.n >= 1000
    use = page.buttons.button(RunAction.USE)
    assert use.isEnabled()
    with qtbot.waitSignal(window.model_chosen) as chosen:
        qtbot.mouseClick(use, Qt.MouseButton.LeftButton)
    info = Classifier.load(chosen.args[0]).info
    assert info.recipe == "quick"
