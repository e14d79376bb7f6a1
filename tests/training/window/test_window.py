"""The whole window with real child processes: making, watching, steering, comparing, deleting, using, closing."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import send2trash
from PySide6.QtCore import QTimer, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QApplication, QFileDialog, QInputDialog, QMessageBox, QSplitter, QWidget
from pytestqt.qtbot import QtBot

from core.base.paths import Places
from core.loaders.user_digits import UserDigitStore
from core.reading.strokes import Stroke
from core.recipes.recipe import recipe_named
from tests.training.conftest import FAKE_CLI, FAKE_TRAINER, MakeRun, MakeWindow
from tests.widgets import button, child, texts_in, words_in
from training.runs import pending_model_offers
from training.runs.launch import Commands
from training.runs.run_action import RunAction
from training.runs.state import RunView, Status
from training.window.model_switch import SwitchDialog
from training.window.window import TrainingWindow

LONG = 40_000


def start(window: TrainingWindow, **changes: object) -> None:
    """Choose `quick`, change it, and press Start."""
    window.new_run.cards.choose("quick")
    for name, value in ({"epochs": 3} | changes).items():
        window.new_run.data.edited.emit(name, value)
    window.new_run.start.click()


def shown_in(window: TrainingWindow) -> QWidget | None:
    return window.shown_page


def wait_for(qtbot: QtBot, window: TrainingWindow, check: Callable[[RunView], bool]) -> RunView:
    """Until the page shows a run as wanted."""

    def seen() -> bool:
        view = window.run_page.view
        return shown_in(window) is window.run_page and view is not None and check(view)

    qtbot.waitUntil(seen, timeout=LONG)
    view = window.run_page.view
    assert view is not None
    return view


def slow(places: Places) -> Commands:
    """Trainings of which there is something to see."""
    return Commands(trainer=(str(FAKE_TRAINER), "--behave", "slow"), cli=(str(FAKE_CLI),))


def press(window: TrainingWindow, text: str) -> None:
    """Answer the question that is open with the button of this text."""
    box = QApplication.activeModalWidget() or window.findChild(QMessageBox)
    assert isinstance(box, QMessageBox)
    next(button for button in box.buttons() if button.text().replace("&", "") == text).click()


def test_a_run_from_start_to_finish(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window()
    start(window)
    view = wait_for(qtbot, window, lambda view: view.status is Status.FINISHED)
    assert window.runs.selected() == (view.path,)
    assert len(view.series.epoch_x) == 3
    assert "✓ finished, 3 of 3 epochs done" in texts_in(window.run_page)
    assert window.run_page.buttons.button(RunAction.USE).isEnabled()
    window.run_page.curves.plot.redraw()
    assert window.run_page.curves.plot.best_point() is not None


def test_pause_kill_resume(qtbot: QtBot, make_window: MakeWindow, places: Places) -> None:
    window = make_window(commands=slow(places))
    start(window, epochs=30)
    wait_for(qtbot, window, lambda view: view.epoch >= 1)
    window.run_page.buttons.button(RunAction.PAUSE).click()
    view = wait_for(qtbot, window, lambda view: view.status is Status.PAUSED)
    assert not window.run_page.buttons.button(RunAction.GO_ON).isHidden()
    window.run_page.buttons.button(RunAction.GO_ON).click()
    wait_for(qtbot, window, lambda view: view.status is Status.RUNNING)
    os.kill(view.pids[0], signal.SIGKILL)
    wait_for(qtbot, window, lambda view: view.status is Status.INTERRUPTED)
    assert "killed" in words_in(window.run_page.outcome).lower()
    window.run_page.outcome.buttons()[0].click()
    view = wait_for(qtbot, window, lambda view: view.status is Status.FINISHED)
    assert list(view.series.epoch_x.values) == list(range(1, 31)), "the curve goes on where it ended"


def test_stop_resume_and_more_epochs(
    qtbot: QtBot, make_window: MakeWindow, places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = make_window(commands=slow(places))
    start(window, epochs=20)
    wait_for(qtbot, window, lambda view: view.epoch >= 1)
    window.run_page.buttons.button(RunAction.STOP).click()
    wait_for(qtbot, window, lambda view: view.status is Status.STOPPED and view.can_resume)
    window.run_page.buttons.button(RunAction.RESUME).click()
    wait_for(qtbot, window, lambda view: view.status is Status.FINISHED)
    monkeypatch.setattr(QInputDialog, "getInt", lambda *_: (2, True))
    window.run_page.buttons.line(RunAction.KEEP_TRAINING).trigger()
    wait_for(qtbot, window, lambda view: view.status is Status.FINISHED and view.epoch == 22)
    window.run_page.buttons.line(RunAction.REPEAT).trigger()
    view = wait_for(qtbot, window, lambda view: view.status is Status.RUNNING)
    assert view.recipe is not None
    assert view.recipe.seed == recipe_named("quick").seed + 1
    window.run_page.buttons.button(RunAction.STOP_NOW).click()
    wait_for(qtbot, window, lambda view: view.status is Status.STOPPED)


def test_a_run_out_of_memory_is_repeated_with_half_the_batch(qtbot: QtBot, make_window: MakeWindow) -> None:
    failing = Commands(trainer=(str(FAKE_TRAINER), "--behave", "out_of_memory"), cli=(str(FAKE_CLI),))
    window = make_window(commands=failing)
    start(window)
    view = wait_for(qtbot, window, lambda view: view.status is Status.FAILED)
    first = window.run_page.outcome.buttons()[0]
    assert first.text() == "Repeat with half the batch"
    first.click()
    again = wait_for(qtbot, window, lambda other: other.path != view.path and other.status is Status.FAILED)
    assert view.recipe is not None
    assert again.recipe is not None
    assert again.recipe.batch_size == view.recipe.batch_size // 2


def test_runs_are_found_again_and_compared(qtbot: QtBot, make_window: MakeWindow, make_run: MakeRun) -> None:
    other = recipe_named("quick").with_values({"learning_rate": 1e-4})
    runs = [make_run("quick-20260101-100000-aaaa"), make_run("quick-20260102-100000-bbbb", recipe=other)]
    window = make_window()
    qtbot.waitUntil(lambda: len(window.model.runs) == 2, timeout=LONG)
    window.show_run(runs[0].name)
    view = wait_for(qtbot, window, lambda view: view.path == runs[0])
    assert view.status is Status.FINISHED
    window.runs.view.selectAll()
    qtbot.waitUntil(lambda: window.compare.table.columnCount() == 3, timeout=LONG)
    assert shown_in(window) is window.compare
    labels = [window.compare.table.item(row, 0).text() for row in range(window.compare.table.rowCount())]  # type: ignore[union-attr]
    assert "Learning rate" in labels
    button(window.runs, "Table of all runs").click()
    assert shown_in(window) is window.table
    window.table.view.activated.emit(window.order.index(0, 0))
    wait_for(qtbot, window, lambda view: view.path in runs)
    window.runs.new.click()
    assert shown_in(window) is window.new_run
    assert window.runs.selected() == ()


def test_deleting_can_be_undone(
    qtbot: QtBot, make_window: MakeWindow, make_run: MakeRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone: list[str] = []
    monkeypatch.setattr(send2trash, "send2trash", lambda path: gone.append(Path(path).name))
    run = make_run()
    window = make_window()
    qtbot.waitUntil(lambda: len(window.model.runs) == 1, timeout=LONG)
    window.show_run(run.name)
    wait_for(qtbot, window, lambda view: view.path == run)
    window.run_page.buttons.line(RunAction.DELETE).trigger()
    assert window.order.rowCount() == 0
    assert window.notices.text == "Deleted 1 run."
    assert gone == []
    window.notices.button.click()
    assert window.order.rowCount() == 1
    window.commands.delete([run])
    window.notices.dismiss()
    qtbot.waitUntil(lambda: gone == [run.name], timeout=LONG)


def test_using_a_model_and_switching_back(
    qtbot: QtBot, make_window: MakeWindow, make_run: MakeRun, home: Path
) -> None:
    run = make_run()
    present = home / "present.onnx"
    present.write_bytes(b"a model")
    present.with_suffix(".accuracy").write_text(json.dumps({"mnist": 0.98}))
    (run / "best_model.accuracy").write_text(json.dumps({"mnist": 0.99}))
    window = make_window(present_model=present)
    qtbot.waitUntil(lambda: len(window.model.runs) == 1, timeout=LONG)
    window.show_run(run.name)
    wait_for(qtbot, window, lambda view: view.has_model)
    with qtbot.waitSignal(window.model_chosen, timeout=LONG) as chosen:
        window.run_page.buttons.button(RunAction.USE).click()
    assert chosen.args == [run / "best_model.onnx"]
    back = window.run_page.buttons.button(RunAction.SWITCH_BACK)
    assert back.isVisible()
    assert "In use now. Better" in window.notices.text
    with qtbot.waitSignal(window.model_chosen) as chosen:
        back.click()
    assert chosen.args == [present]
    assert window.run_page.buttons.button(RunAction.USE).isVisible()
    window.set_present_model(run / "best_model.onnx")
    assert back.isVisible(), "the live program may switch by itself"


def test_learning_from_corrections_offers_the_switch(
    qtbot: QtBot, make_window: MakeWindow, places: Places, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    present = home / "present.onnx"
    home.mkdir(parents=True, exist_ok=True)
    present.write_bytes(b"a model")
    present.with_suffix(".accuracy").write_text(json.dumps({"mnist": 0.99, "corrections": 0.5}))
    window = make_window(present_model=present)
    window.start_finetune()
    assert "nothing to learn yet" in window.notices.text
    stroke = Stroke(((10.0, 10.0), (10.0, 90.0)), 8.0)

    UserDigitStore(places.corrections).add([stroke], np.zeros((32, 32), np.uint8), 1)
    monkeypatch.setattr(
        "training.runs.learning.recipe_named", lambda name: recipe_named(name).with_values({"epochs": 1})
    )
    window.start_finetune()
    view = wait_for(
        qtbot, window, lambda view: view.status in (Status.STARTING, Status.RUNNING, Status.FINISHED)
    )
    assert view.recipe is not None
    assert view.recipe.name == "finetune"
    (view.path / "best_model.accuracy").write_text(json.dumps({"mnist": 0.99, "corrections": 0.9}))
    qtbot.waitUntil(lambda: window.switch.dialog is not None, timeout=LONG)
    dialog = window.switch.dialog
    assert dialog is not None
    qtbot.waitUntil(lambda: "Better" in words_in(dialog), timeout=LONG)
    assert "50.0% → 90.0%" in words_in(dialog)
    assert pending_model_offers.is_promised(view.path)
    with qtbot.waitSignal(window.model_chosen):
        dialog.use.click()
    assert not pending_model_offers.is_promised(view.path)


def test_an_offer_waits_for_its_answer_over_a_restart(
    qtbot: QtBot, make_window: MakeWindow, make_run: MakeRun, home: Path
) -> None:
    present = home / "present.onnx"
    home.mkdir(parents=True, exist_ok=True)
    present.write_bytes(b"a model")
    present.with_suffix(".accuracy").write_text(json.dumps({"mnist": 0.99, "corrections": 0.9}))
    old, run, other = (make_run(f"finetune-2026010{day}-100000-aaaa") for day in (1, 2, 3))
    for asked in (old, run):
        pending_model_offers.promise(asked)
        (asked / "best_model.accuracy").write_text(json.dumps({"mnist": 0.8}))

    def offered() -> SwitchDialog:
        window = make_window(present_model=present)
        qtbot.waitUntil(lambda: window.switch.dialog is not None, timeout=LONG)
        assert window.run_page.run == run
        dialog = window.switch.dialog
        assert dialog is not None
        qtbot.waitUntil(lambda: "Worse" in words_in(dialog), timeout=LONG)
        return dialog

    dialog = offered()
    assert pending_model_offers.is_promised(run)
    window = dialog.parent()
    assert isinstance(window, TrainingWindow)
    window.shutdown()
    window.close()
    assert pending_model_offers.is_promised(run), "nobody answered"
    offered().keep.click()
    assert not any(pending_model_offers.is_promised(each) for each in (old, run, other))
    again = make_window(present_model=present)
    qtbot.waitUntil(lambda: len(again.model.runs) == 3, timeout=LONG)
    assert again.switch.dialog is None


@pytest.mark.parametrize("answer", ["Cancel", "Keep training", "Stop it"])
def test_closing_asks_what_becomes_of_runs(
    qtbot: QtBot, make_window: MakeWindow, places: Places, answer: str
) -> None:
    window = make_window(commands=slow(places))
    start(window, epochs=200)
    view = wait_for(qtbot, window, lambda view: view.status is Status.RUNNING)
    QTimer.singleShot(0, window, lambda: press(window, answer))
    closed = window.close()
    assert closed is (answer != "Cancel")
    if answer == "Keep training":
        window.shutdown()
        again = make_window(commands=slow(places))
        qtbot.waitUntil(lambda: len(again.manager.active()) == 1, timeout=LONG)
        # Nobody chose it: a window that is opened again shows the run that runs.
        found = wait_for(qtbot, again, lambda view: view.status is Status.RUNNING)
        assert found.pids == view.pids
        again.run_page.buttons.button(RunAction.STOP_NOW).click()
        wait_for(qtbot, again, lambda view: view.status is Status.STOPPED)
    elif answer == "Stop it":
        qtbot.waitUntil(lambda: not window.manager.active(), timeout=LONG)
        assert window.close()
    else:
        window.manager.stop_now(view.path)
        qtbot.waitUntil(lambda: not window.manager.active(), timeout=LONG)


def test_what_happens_elsewhere_is_told(
    qtbot: QtBot, make_window: MakeWindow, places: Places, make_run: MakeRun
) -> None:
    window = make_window(commands=slow(places))
    start(window, epochs=5)
    view = wait_for(qtbot, window, lambda view: view.status is Status.RUNNING)
    window.runs.new.click()
    qtbot.waitUntil(lambda: "quick, epochs 5: Finished after 5 epochs" in window.notices.text, timeout=LONG)
    window.notices.button.click()
    wait_for(qtbot, window, lambda shown: shown.path == view.path)


def test_new_runs_from_old_ones(qtbot: QtBot, make_window: MakeWindow, make_run: MakeRun) -> None:
    recipe = recipe_named("quick").with_values({"epochs": 5})
    run = make_run(recipe=recipe)
    window = make_window()
    qtbot.waitUntil(lambda: len(window.model.runs) == 1, timeout=LONG)
    window.show_run(run.name)
    wait_for(qtbot, window, lambda view: view.path == run)
    window.run_page.buttons.line(RunAction.FROM_WEIGHTS).trigger()
    assert shown_in(window) is window.new_run
    changes = window.new_run.draft.changes
    assert changes == {"epochs": 5, "start_from": str(run / "best_model.pt")}
    window.show_run(run.name)
    window.run_page.buttons.line(RunAction.CHANGE).trigger()
    assert window.new_run.draft.changes == {"epochs": 5}
    window.run_page.action_requested.emit(RunAction.SHOW_DATA, (run,))
    assert window.new_run.tabs.currentWidget() is window.new_run.data


def test_files_of_a_run(
    qtbot: QtBot, make_window: MakeWindow, make_run: MakeRun, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    run = make_run()
    window = make_window()
    qtbot.waitUntil(lambda: len(window.model.runs) == 1, timeout=LONG)
    window.show_run(run.name)
    wait_for(qtbot, window, lambda view: view.path == run)
    opened: list[str] = []

    def open_url(url: QUrl) -> bool:
        opened.append(url.toLocalFile())
        return False

    monkeypatch.setattr(QDesktopServices, "openUrl", open_url)
    window.run_page.action_requested.emit(RunAction.SHOW_FOLDER, (run,))
    assert opened == [str(run)]
    assert "No program opens folders" in window.notices.text
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "mine"), ""))
    window.run_page.buttons.line(RunAction.EXPORT).trigger()
    qtbot.waitUntil((tmp_path / "mine.onnx").exists, timeout=LONG)
    monkeypatch.setattr(QInputDialog, "getMultiLineText", lambda *_: ("a good one", True))
    window.run_page.action_requested.emit(RunAction.NOTES, (run,))
    assert "✎ a good one" in texts_in(window.run_page)
    qtbot.waitUntil(lambda: window.model.runs[0].notes == "a good one", timeout=LONG)


def stopped_early(qtbot: QtBot, window: TrainingWindow) -> RunView:
    """A run that was stopped after its first epoch: it has weights, and neither a model file nor a test."""
    start(window, epochs=200)
    wait_for(qtbot, window, lambda view: view.epoch >= 1)
    window.run_page.buttons.button(RunAction.STOP).click()
    return wait_for(qtbot, window, lambda view: view.status is Status.STOPPED)


def test_the_best_model_of_a_stopped_run_can_be_used(
    qtbot: QtBot, make_window: MakeWindow, places: Places, home: Path
) -> None:
    present = home / "present.onnx"
    home.mkdir(parents=True, exist_ok=True)
    present.write_bytes(b"a model")
    present.with_suffix(".accuracy").write_text(json.dumps({"mnist": 0.98}))
    window = make_window(commands=slow(places), present_model=present)
    view = stopped_early(qtbot, window)
    assert not view.has_model
    assert "not tested" in window.run_page.buttons.words
    (view.path / "best_model.accuracy").write_text(json.dumps({"mnist": 0.99}))
    use = window.run_page.buttons.button(RunAction.USE)
    assert use.isEnabled()
    with qtbot.waitSignal(window.model_chosen, timeout=LONG) as chosen:
        use.click()
    assert chosen.args == [view.path / "best_model.onnx"]
    assert (view.path / "best_model.onnx").exists()


def test_the_best_model_of_a_killed_run_can_be_tested_and_exported(
    qtbot: QtBot, make_window: MakeWindow, places: Places, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = make_window(commands=slow(places))
    start(window, epochs=200)
    view = wait_for(qtbot, window, lambda view: view.epoch >= 1)
    os.kill(view.pids[0], signal.SIGKILL)
    wait_for(qtbot, window, lambda view: view.status is Status.INTERRUPTED)
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "early"), ""))
    window.run_page.buttons.line(RunAction.EXPORT).trigger()
    qtbot.waitUntil((tmp_path / "early.onnx").exists, timeout=LONG)
    qtbot.waitUntil(lambda: "it is not tested" in window.notices.text, timeout=LONG)
    window.run_page.buttons.line(RunAction.TEST).trigger()
    assert window.run_page.buttons.words == "Testing its best model…"
    assert not window.run_page.buttons.button(RunAction.USE).isEnabled()
    tested = wait_for(qtbot, window, lambda view: bool(view.test))
    assert tested.status is Status.INTERRUPTED, "a test does not make it finished"
    qtbot.waitUntil(lambda: window.run_page.test.table.rowCount() == 2, timeout=LONG)
    qtbot.waitUntil(lambda: window.run_page.buttons.words == "", timeout=LONG)
    assert window.run_page.buttons.button(RunAction.USE).isEnabled()


def test_what_can_not_be_done_says_why(qtbot: QtBot, make_window: MakeWindow, places: Places) -> None:
    window = make_window(commands=slow(places))
    start(window, epochs=200)
    wait_for(qtbot, window, lambda view: view.status is Status.RUNNING)
    use, page = window.run_page.buttons.button(RunAction.USE), window.run_page
    if page.view is not None and not page.view.has_weights:
        assert not use.isEnabled()
        assert "the first epoch is not done" in use.toolTip()
        assert "the first epoch is not done" in page.buttons.words
    for line in (RunAction.DELETE, RunAction.TEST, RunAction.KEEP_TRAINING, RunAction.HALF_BATCH):
        action = page.buttons.line(line)
        assert not action.isEnabled()
        assert action.toolTip() in ("It is going on; stop it first.", "It is tested when it ends.")
    page.buttons.button(RunAction.STOP_NOW).click()
    wait_for(qtbot, window, lambda view: not view.status.is_active)


def test_a_run_gets_a_name_of_its_own(
    qtbot: QtBot, make_window: MakeWindow, make_run: MakeRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = make_run(recipe=recipe_named("quick").with_values({"dropout": 0.5}))
    recipe = (run / "recipe.json").read_bytes()
    window = make_window()
    qtbot.waitUntil(lambda: len(window.model.runs) == 1, timeout=LONG)
    assert window.model.runs[0].title == "quick, dropout 0.5"
    window.show_run(run.name)
    wait_for(qtbot, window, lambda view: view.path == run)
    assert window.windowTitle() == "quick, dropout 0.5 – Training"
    monkeypatch.setattr(QInputDialog, "getText", lambda *_: ("  wild   guess ", True))
    window.run_page.buttons.line(RunAction.RENAME).trigger()
    wait_for(qtbot, window, lambda view: view.title == "wild guess")
    qtbot.waitUntil(lambda: window.model.runs[0].title == "wild guess", timeout=LONG)
    assert window.windowTitle() == "wild guess – Training"
    assert (run / "recipe.json").read_bytes() == recipe
    monkeypatch.setattr(QInputDialog, "getText", lambda *_: ("", True))
    window.run_page.buttons.line(RunAction.RENAME).trigger()
    wait_for(qtbot, window, lambda view: view.title == "quick, dropout 0.5")


def test_a_wrong_start_is_said(qtbot: QtBot, make_window: MakeWindow, places: Places) -> None:
    window = make_window()
    places.runs.parent.mkdir(parents=True, exist_ok=True)
    places.runs.write_text("a file where the folder of runs should be")
    start(window)
    qtbot.waitUntil(lambda: window.notices.text.startswith("⚠"), timeout=LONG)


def test_the_window_comes_back_as_it_was(qtbot: QtBot, make_window: MakeWindow, places: Places) -> None:
    window = make_window()
    window.resize(790, 560)  # no larger than the tests' screen allows
    child(window, QSplitter).setSizes([300, 520])
    size, sizes = window.size(), child(window, QSplitter).sizes()
    assert window.close()
    again = make_window()
    assert again.size() == size
    assert child(again, QSplitter).sizes() == sizes
    again.close()
    (places.settings / "training-window.json").write_text('{"window": 3}')
    make_window()
