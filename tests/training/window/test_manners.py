"""Manners of the window: mnemonics, focus, grey buttons, small screens."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QToolTip, QWidget
from pytestqt.qtbot import QtBot

from core.runs import events
from tests.looks import cut_words, focus_unseen, mnemonics, mnemonics_of_two
from tests.training.conftest import FAILED, MakeRun, MakeWindow, history
from training.runs.run_action import RunAction
from training.window.window import TrainingWindow

LONG = 40_000


def pages(window: TrainingWindow) -> Iterator[str]:
    """Show page after page, tab after tab."""
    for tabs, what in ((window.new_run.tabs, "new run"), (window.run_page.tabs, "run")):
        if what == "run":
            window.show_run(window.manager.summaries()[0].path.name)
        for at in range(tabs.count()):
            tabs.setCurrentIndex(at)
            yield f"{what}, {tabs.tabText(at)}"
    window.runs.view.selectAll()
    yield "comparison"


@pytest.fixture
def window(qtbot: QtBot, make_window: MakeWindow, make_run: MakeRun) -> TrainingWindow:
    make_run("quick-20260101-100000-aaaa", report=True)
    stopped = events.Stopped(epoch=2, why="Stopped on request.", time=1050.0)
    make_run("quick-20260102-100000-bbbb", [*history(2), stopped])
    make_run("quick-20260103-100000-cccc", [*history(2), FAILED])
    window = make_window()
    qtbot.waitUntil(lambda: len(window.manager.summaries()) == 3, timeout=LONG)
    window.show_run("quick-20260102-100000-bbbb")
    qtbot.waitUntil(lambda: window.run_page.view is not None, timeout=LONG)
    return window


def test_no_two_mnemonics_are_the_same(window: TrainingWindow) -> None:
    for page in pages(window):
        assert not mnemonics_of_two(window), page
        assert len(mnemonics(window)) > 4, page


def test_what_is_grey_says_why(window: TrainingWindow) -> None:
    buttons, grey = window.run_page.buttons, list[RunAction]()
    for action, place in buttons.all.items():
        assert place.toolTip(), action
        is_seen = not place.isHidden() if isinstance(place, QWidget) else place.isVisible()
        if is_seen and not place.isEnabled():
            grey.append(action)
            assert place.toolTip() != action.tip, action
    assert grey


def test_the_keyboard_shows_where_it_is(qtbot: QtBot, window: TrainingWindow) -> None:
    """Each kind of widget that is painted by us, or asked not to show a frame, looks another way with the focus."""
    window.activateWindow()
    window.runs.new.click()
    window.runs.new.setFocus()
    # As a Tab of the real keyboard tells Qt: from now on the focus is to be seen.
    window.setAttribute(Qt.WidgetAttribute.WA_KeyboardFocusChange)
    seen = 0
    cards = [card.button for card in window.new_run.cards.cards()]
    for widget in (*cards, window.runs.view):
        window.runs.new.setFocus(Qt.FocusReason.TabFocusReason)
        shown = (widget.parentWidget() if widget in cards else None) or widget
        without = shown.grab().toImage()
        widget.setFocus(Qt.FocusReason.TabFocusReason)
        if widget.hasFocus():
            seen += 1
            assert shown.grab().toImage() != without, widget
    assert seen == len(cards) + 1


def test_all_that_the_keyboard_reaches_shows_it(qtbot: QtBot, window: TrainingWindow) -> None:
    window.resize(1280, 900)
    window.activateWindow()
    for page in pages(window):
        qtbot.wait(50)
        assert not focus_unseen(window), page


@pytest.mark.parametrize(
    ("width", "height", "points"), [(780, 480, 0), (960, 510, 0), (1280, 720, 16), (1366, 740, 20)]
)
def test_nothing_is_cut_in_a_small_window_nor_with_large_letters(
    qtbot: QtBot, letters: Callable[[float], None], request: pytest.FixtureRequest, width: int, height: int,
    points: float,
) -> None:  # fmt: skip
    if points:
        letters(points)
    window: TrainingWindow = request.getfixturevalue("window")
    window.resize(width, height)
    assert window.width() <= width
    assert window.height() <= height
    for page in pages(window):
        qtbot.wait(20)
        assert not cut_words(window), page
        for button in window.findChildren(QAbstractButton):
            within = button.parentWidget()
            if button.isVisible() and within is not None:
                assert button.geometry().right() <= within.width(), (page, button.text())
    QToolTip.hideText()
