"""Pages that are made when they are first wanted, and steps in turns of the event loop."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from tests.training.conftest import MakeWindow
from tests.widgets import button
from training.new_run.augmentation_page import AugmentationPage
from training.run_page.page import RunPage
from training.run_table.compare_page import ComparePage
from training.runs.run_action import RunAction
from training.ui.lazy_page import IdleQueue, LazyPage


def test_a_page_is_made_when_it_is_shown_or_asked_for(qtbot: QtBot) -> None:
    made: list[QLabel] = []
    place: LazyPage[QLabel] = LazyPage(QLabel, made.append)
    qtbot.addWidget(place)
    assert (place.page, made) == (None, [])
    place.show()
    assert place.get().isVisible()
    assert made == [place.get()] == [place.page]


def test_steps_are_taken_one_a_turn_until_it_is_stopped(qtbot: QtBot) -> None:
    taken: list[int] = []
    turns = IdleQueue([lambda at=at: taken.append(at) for at in range(100)])  # type: ignore[misc]
    turns.start()
    qtbot.waitUntil(lambda: len(taken) > 2)
    turns.stop()
    assert taken == list(range(len(taken)))
    assert len(taken) < 100


def test_a_step_is_asked_for_when_the_one_before_was_taken_and_the_end_is_told(qtbot: QtBot) -> None:
    taken: list[int] = []

    def steps() -> Iterator[Callable[[], None]]:
        for at in range(3):
            assert taken == list(range(at))
            yield partial(taken.append, at)

    turns = IdleQueue(steps())
    with qtbot.waitSignal(turns.finished):
        turns.start()
    assert taken == [0, 1, 2]


def focus_chain(window: QWidget) -> list[QWidget]:
    chain: list[QWidget] = []
    following = window.nextInFocusChain()
    while following is not None and following is not window:
        chain.append(following)
        following = following.nextInFocusChain()
    return chain


def test_the_window_makes_its_pages_while_nothing_else_is_done(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window()
    assert not [*window.findChildren(RunPage), *window.findChildren(AugmentationPage)]
    qtbot.waitUntil(lambda: bool(window.findChildren(ComparePage)), timeout=20_000)
    page = window.new_run
    learning, augmentation = page.learning, page.augmentation
    chain = focus_chain(window)
    start = chain.index(page.start)
    for form in (learning, augmentation.digits, augmentation.scenes):
        for name in form.names():
            editor = form.row(name).editor.focusProxy()
            assert editor is not None
            assert chain.index(editor) < start, "the keyboard reaches it before Start"
    rotate = augmentation.digits.row("augmentation.rotate").editor.focusProxy()
    assert rotate is not None
    assert chain.index(rotate) < chain.index(button(augmentation, "Other images"))
    assert chain.index(window.run_page.test.table) < chain.index(
        window.run_page.buttons.button(RunAction.PAUSE)
    )
