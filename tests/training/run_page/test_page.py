"""The page of a run: state in words, steps allowed, outcome, recipe, log; and comparing several."""

from __future__ import annotations

import dataclasses
import math

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel, QLineEdit, QProgressBar, QPushButton
from pytestqt.qtbot import QtBot

from core.recipes.recipe import recipe_named
from core.runs import events
from tests.training.conftest import FAILED, FINISHED, MakeRun, MakeView, history, write_report
from tests.widgets import button, named, texts_in, words_in
from training.run_page.log_page import LogPage
from training.run_page.page import RunPage
from training.run_page.recipe_page import RecipePage, all_names, changed_values
from training.run_page.state_text import machine_text, model_text, phase_text, progress_text, warning_text
from training.run_table.compare_page import ComparePage, comparison_rows, run_names
from training.runs.availability import availability
from training.runs.device_load import Load
from training.runs.outcome import ExitContext, StopStage
from training.runs.run_action import RunAction
from training.runs.state import RunPhase, Status
from training.ui.notice_bar import NoticeBar

STOPPED = events.Stopped(epoch=2, why="Stopped on request.", time=1050.0)
LOAD = Load(0.97, 2048.0, 8192.0, "A card", 0.5, 1024.0, 4096.0)


@pytest.fixture
def page(qtbot: QtBot) -> RunPage:
    made = RunPage()
    qtbot.addWidget(made)
    made.resize(780, 620)
    made.show()
    return made


STEPS = (
    RunAction.PAUSE, RunAction.GO_ON, RunAction.START_NOW, RunAction.STOP, RunAction.STOP_NOW, RunAction.RESUME,
)  # fmt: skip


def visible_steps(page: RunPage) -> list[str]:
    return [action.text for action in STEPS if not page.buttons.button(action).isHidden()]


def test_a_running_run(page: RunPage, make_view: MakeView) -> None:
    view = make_view(launched=999.0, alive=True)
    page.show_view(view)
    page.set_load(LOAD)
    assert view.status is Status.RUNNING
    assert any(text.startswith("quick · ") for text in texts_in(page))
    assert "● running, epoch 3 of 4" in texts_in(page)
    assert "1\u202f000 images/s" in words_in(page)
    assert any(text.endswith("left") for text in texts_in(page))
    assert named(page, QProgressBar, "Progress of the run").value() == 500
    assert "cpu (a processor), float32" in words_in(page)
    assert "processor 97%" in words_in(page)
    assert "this run 100 MiB" in words_in(page)
    machine = next(label for label in page.findChildren(QLabel) if "processor 97%" in label.text())
    assert machine.toolTip() == "There is no other."
    assert visible_steps(page) == ["Pause", "Stop", "Stop now"]
    assert page.outcome.isHidden()
    assert not page.buttons.button(RunAction.USE).isEnabled()


@pytest.mark.parametrize(
    ("facts", "steps", "state"),
    [
        ({"queued": True}, ["Start now", "Stop"], "◷ waits for its turn"),
        ({"launched": 1e9, "launching": True}, ["Pause", "Stop", "Stop now"], "◌ starting"),
        ({"launched": 999.0, "alive": True, "paused": True}, ["Resume", "Stop", "Stop now"],
         "❚❚ paused in epoch 3 of 4"),
    ],
)  # fmt: skip
def test_steps_of_each_state(
    page: RunPage, make_view: MakeView, facts: dict[str, object], steps: list[str], state: str
) -> None:
    page.show_view(make_view(**facts))
    assert visible_steps(page) == steps
    assert state in texts_in(page)


def test_no_button_slides_under_the_mouse_while_a_run_begins_or_stops(
    qtbot: QtBot, page: RunPage, make_view: MakeView
) -> None:
    """Whoever clicks “Stop” twice must not hit “Stop now”."""
    page.activateWindow()
    stop = page.buttons.button(RunAction.STOP)
    page.show_view(make_view(launched=1e9, launching=True))
    assert not page.buttons.button(RunAction.PAUSE).isEnabled()
    assert page.buttons.button(RunAction.PAUSE).toolTip() == "Training has not begun yet."
    page.show_view(make_view(launched=999.0, alive=True))
    assert page.buttons.button(RunAction.PAUSE).isEnabled()
    stop.setFocus()
    place = stop.pos()
    page.show_view(make_view(launched=999.0, alive=True, end=ExitContext(stop=StopStage.REQUESTED)))
    assert page.view is not None
    assert page.view.status is Status.STOPPING
    assert (stop.isVisible(), stop.isEnabled(), stop.pos()) == (True, False, place)
    assert page.buttons.button(RunAction.STOP_NOW).isEnabled()
    assert not page.buttons.button(RunAction.STOP_NOW).hasFocus()


def test_a_warning_stands_where_the_machine_stood(page: RunPage, make_view: MakeView) -> None:
    page.show_view(make_view(launched=999.0, alive=True))
    page.set_load(LOAD)
    before = page.tabs.y()
    page.show_view(make_view(launched=999.0, alive=True, now=2000.0))
    assert "⚠ No news from it" in words_in(page)
    page.layout().activate()  # type: ignore[union-attr]
    assert page.tabs.y() == before


def test_a_stopped_run_can_go_on(qtbot: QtBot, page: RunPage, make_view: MakeView) -> None:
    view = make_view([*history(2), STOPPED], launched=999.0)
    page.show_view(view)
    assert visible_steps(page) == ["Resume"]
    assert "■ stopped, 2 of 4 epochs done" in texts_in(page)
    with qtbot.waitSignal(page.action_requested) as heard:
        page.buttons.button(RunAction.RESUME).click()
    assert heard.args == [RunAction.RESUME, (view.path,)]
    assert "“Resume” continues" in availability(view)[RunAction.KEEP_TRAINING].reason
    assert availability(view)[RunAction.DELETE].enabled


def test_a_failure_says_what_to_try_and_its_button_does_it(
    qtbot: QtBot, page: RunPage, make_view: MakeView
) -> None:
    view = make_view([*history(2), FAILED], launched=999.0)
    page.show_view(view)
    assert not page.outcome.isHidden()
    assert FAILED.message in texts_in(page.outcome)
    first = page.outcome.buttons()[0]
    assert first.text() == RunAction.HALF_BATCH.text
    with qtbot.waitSignal(page.action_requested) as heard:
        first.click()
    assert heard.args == [RunAction.HALF_BATCH, (view.path,)]
    button(page.outcome, "Details").click()
    assert "Traceback …" in texts_in(page.outcome)
    page.show_view(make_view(launched=999.0, alive=True))
    assert page.outcome.isHidden()


def test_every_action_is_asked_for_by_one_signal(qtbot: QtBot, page: RunPage, make_view: MakeView) -> None:
    page.show_view(make_view(launched=999.0))
    for action, place in page.buttons.all.items():
        place.setEnabled(True)
        with qtbot.waitSignal(page.action_requested) as heard:
            place.click() if isinstance(place, QPushButton) else place.trigger()
        assert heard.args == [action, (page.run,)]
        assert action.tip.endswith(")") == bool(action.shortcut)
    for action in (RunAction.SHOW_DATA, RunAction.SHOW_LOG):
        page.outcome.acted.emit(action)
    assert page.tabs.currentWidget() is page.log
    named = {*page.buttons.all, RunAction.SHOW_DATA, RunAction.SHOW_LOG}
    assert named == set(RunAction), "every action has its place"


def test_a_model_is_told_of_as_it_is(make_view: MakeView) -> None:
    assert "No model" in model_text(make_view([*history(0), STOPPED], launched=999.0))
    untested = make_view([*history(2), STOPPED], launched=999.0, has_weights=True)
    assert "not tested" in model_text(untested)
    allowed = availability(untested)
    assert allowed[RunAction.USE].enabled
    assert allowed[RunAction.EXPORT].enabled
    assert allowed[RunAction.TEST].enabled
    busy = availability(untested, busy=True)
    assert not busy[RunAction.USE].enabled
    assert "a moment" in busy[RunAction.TEST].reason
    running = make_view(launched=999.0, alive=True, has_weights=True)
    assert availability(running)[RunAction.USE].enabled, "the best model so far"
    assert availability(running)[RunAction.TEST].reason == "It is tested when it ends."


def test_the_test_phase_is_shown_when_it_is_over(
    qtbot: QtBot, page: RunPage, make_view: MakeView, make_run: MakeRun
) -> None:
    measured = events.Evaluated(source="mnist", n=100, accuracy=0.97, interval95=(0.92, 0.99), cost=0.1)
    news = [*history(4), dataclasses.replace(measured, time=1045.0)]
    page.show_view(make_view(news, launched=999.0, alive=True))
    assert page.test.table.rowCount() == 1
    assert "Testing: more sources follow." in texts_in(page.test)
    assert not page.test.confusion.isVisibleTo(page.test)
    run = make_run("quick-1")
    write_report(run)
    view = make_view([*news, FINISHED], launched=999.0, has_model=True)
    assert view.path == run
    page.show_view(view)
    assert page.test.table.rowCount() == 3
    assert page.test.confusion.isVisibleTo(page.test)
    page.test.table.selectRow(1)
    page.test.confusion.table.cellClicked.emit(4, 9)
    assert page.tabs.currentWidget() is page.mistakes
    assert [mistake.text for mistake in page.mistakes.shown] == ["4 read as 9"]
    assert page.buttons.button(RunAction.USE).isEnabled()
    page.set_in_use(True)
    assert page.buttons.button(RunAction.USE).isHidden()
    with qtbot.waitSignal(page.action_requested) as heard:
        page.buttons.button(RunAction.SWITCH_BACK).click()
    assert heard.args == [RunAction.SWITCH_BACK, (view.path,)]


def test_the_log_is_asked_for_when_looked_at(qtbot: QtBot, page: RunPage, make_view: MakeView) -> None:
    view = make_view(launched=999.0)
    page.show_view(view)
    with qtbot.waitSignal(page.log_wanted) as heard:
        page.tabs.setCurrentWidget(page.log)
    assert heard.args == [view.path]
    other = make_view(name="quick-2", launched=999.0)
    with qtbot.waitSignal(page.log_wanted) as heard:
        page.show_view(other)
    assert heard.args == [other.path]
    with qtbot.waitSignal(page.log_wanted) as heard:
        page.tabs.setCurrentWidget(page.curves)
    assert heard.args == [None]


def test_a_run_without_a_recipe(page: RunPage, make_view: MakeView) -> None:
    view = dataclasses.replace(make_view(launched=999.0), recipe=None)
    page.show_view(view)
    assert "can't be read" in words_in(page.recipe)
    assert not availability(view)[RunAction.REPEAT].enabled


def test_notes_are_one_line(page: RunPage) -> None:
    page.set_notes("first\nsecond")
    assert "✎ first second" in texts_in(page)
    page.set_notes(" ")
    assert "✎" not in words_in(page)


def test_words_where_little_is_known(make_view: MakeView) -> None:
    view = make_view([])
    assert phase_text(view) == f"0 of {recipe_named('quick').epochs} epochs done"
    assert progress_text(view) == ""
    assert "data" in progress_text(make_view([], launched=999.0, alive=True))
    assert machine_text(view, None) == ""
    running = dataclasses.replace(make_view(launched=999.0, alive=True), device="cuda:0 (A card)")
    assert "graphics card 50% · its memory 1.0 GiB of 4.0 GiB" in machine_text(running, LOAD)
    nothing = Load(math.nan, math.nan, math.nan, "", math.nan, math.nan, math.nan)
    assert machine_text(running, nothing) == "cuda:0 (A card), float32 · this run 100 MiB"


def test_what_is_odd_is_said_in_a_sentence(page: RunPage, make_view: MakeView) -> None:
    page.show_view(make_view(launched=999.0, alive=True))
    assert "⚠" not in words_in(page)
    quiet = make_view(launched=999.0, alive=True, now=1020.0 + 300.0)
    page.show_view(quiet)
    assert "⚠ No news from it for 5 min: " in words_in(page)
    assert warning_text(dataclasses.replace(quiet, phase=RunPhase.TESTING)) == "", "testing takes its time"
    over = dataclasses.replace(make_view([*history(4), FINISHED], launched=999.0), damaged_lines=2)
    page.show_view(over)
    assert "⚠ 2 lines of its events can't be read and were left out." in texts_in(page)
    assert "1 line of its events can't be read and was" in warning_text(
        dataclasses.replace(over, damaged_lines=1)
    )


def test_the_log_follows_its_end_and_finds(qtbot: QtBot) -> None:
    log = LogPage()
    qtbot.addWidget(log)
    log.resize(300, 200)
    log.show()
    log.add("".join(f"line {n}\n" for n in range(200)), fresh=True)
    bar = log.text.verticalScrollBar()
    assert bar.value() == bar.maximum()
    log.add("more\n", fresh=False)
    assert bar.value() == bar.maximum()
    bar.setValue(0)
    log.add("and more\n", fresh=False)
    assert bar.value() == 0, "who reads is left in peace"
    for _ in range(2):
        line = named(log, QLineEdit, "Find in the log")
        line.setText("line 7")
        qtbot.keyClick(line, Qt.Key.Key_Return)
        assert log.text.textCursor().selectedText() == "line 7"
    button(log, "Wrap lines").click()
    log.add("new", fresh=True)
    assert log.text.toPlainText() == "new"
    log.clear()


def test_what_was_changed_comes_first(qtbot: QtBot) -> None:
    page = RecipePage()
    qtbot.addWidget(page)
    recipe = recipe_named("quick").with_values({"epochs": 3, "augmentation.rotate": 40, "sources.meter": 0.5})
    assert changed_values(recipe).keys() == {"epochs", "augmentation.rotate", "sources.meter"}
    page.set_recipe(recipe)
    first = page.tree.topLevelItem(0)
    assert first is not None
    assert first.text(0) == "Share of meters •"
    assert page.tree.topLevelItemCount() == len(all_names(recipe, None))
    assert "Changed: 3 values." in words_in(page)
    button(page, "Only what was changed").click()
    assert page.tree.topLevelItemCount() == 3
    page.copy()
    assert QGuiApplication.clipboard().text().count("\n") == 3
    own = dataclasses.replace(recipe, name="my own")
    page.set_recipe(own)
    assert page.tree.topLevelItemCount() == len(changed_values(own))


def test_comparing(qtbot: QtBot, make_view: MakeView) -> None:
    one = make_view([*history(4), FINISHED], launched=999.0)
    slow = recipe_named("quick").with_values({"learning_rate": 1e-4})
    other = make_view(name="quick-2", recipe=slow, launched=999.0)
    names = run_names([one, other])
    assert names == ["quick", "quick, learning rate 0.0001"], "what differs tells them apart"
    alike = run_names([one, make_view([*history(4), FINISHED], name="quick-3", launched=999.0)])
    assert [name[-4:] for name in alike] == [" (1)", " (2)"], "same recipe, same minute"
    called = dataclasses.replace(other, name="the slow one")
    assert run_names([one, called]) == ["quick", "the slow one"]
    rows = {row[0]: row[1:] for row in comparison_rows([one, other])}
    assert rows["Best dev cost"] == ("0.250 (epoch 4)", "0.500 (epoch 2)")
    assert rows["Learning rate"] == (f"{recipe_named('quick').learning_rate:g}", "0.0001")
    assert "Batch size" not in rows
    page = ComparePage()
    qtbot.addWidget(page)
    page.show()
    page.show_views([one, other], 2)
    page.curves.plot.redraw()
    assert page.table.columnCount() == 3
    page.copy()
    assert QGuiApplication.clipboard().text().splitlines()[0] == "\t".join(("", *names))
    page.show_views([one] * 9, 9)
    assert "(the first 8 of 9)" in words_in(page)


def test_notices_stay_until_they_are_closed_or_superseded(qtbot: QtBot) -> None:
    bar = NoticeBar()
    qtbot.addWidget(bar)
    bar.resize(400, bar.height())
    bar.show()
    high = bar.height()
    done: list[str] = []
    bar.show_notice("one", button="Undo", act=lambda: done.append("act"), gone=lambda: done.append("gone"))
    place = bar.close_button.geometry()
    qtbot.mouseClick(bar.button, Qt.MouseButton.LeftButton)
    assert done == ["act"]
    assert bar.text == ""
    assert bar.height() == high, "nothing around it moves"
    bar.show_notice("two", gone=lambda: done.append("gone two"))
    bar.show_notice("three", bad=True)
    assert done == ["act", "gone two"]
    assert bar.text == "⚠ three"
    assert bar.height() == high
    assert bar.close_button.geometry() == place
    qtbot.mouseClick(bar.close_button, Qt.MouseButton.LeftButton)
    assert bar.text == ""


def test_a_long_notice_is_shortened_and_told_whole_by_its_tooltip(qtbot: QtBot) -> None:
    bar = NoticeBar()
    qtbot.addWidget(bar)
    bar.resize(300, bar.height())
    bar.show()
    long = "The training could not be started as there is a file where its folder should be. " * 4
    bar.show_notice(long)
    label = next(label for label in bar.findChildren(QLabel) if label.text())
    assert label.text().endswith(" …")
    assert label.toolTip() == long
    assert label.heightForWidth(label.width()) <= label.height()
