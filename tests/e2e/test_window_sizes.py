"""Every page fits into a small window, with nothing cut off or scrolled, and opens without a halt."""

from __future__ import annotations

import importlib
import re
import time
from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication, QDialog, QMenu, QToolButton
from pytestqt.qtbot import QtBot

from app.services.models import ModelService
from app.services.settings import Settings
from app.startup.window import SOON, page_factories
from app.ui.actions import ActionButton
from app.ui.errors import ReportDialog
from app.window.dialogs import AboutDialog
from app.window.main_window import MainWindow, WindowParts
from core.base.paths import Places
from tests.app.fake_reader import FakeLoader, digit_of, shown
from tests.looks import cut_words, focus_unseen, mnemonics_of_two


@pytest.fixture
def window(qtbot: QtBot) -> Iterator[MainWindow]:
    places = Places.find()
    settings = Settings(places.settings)
    parts = WindowParts(
        places=places,
        settings=settings,
        models=ModelService(settings, loader=FakeLoader()),
        pages=page_factories(),
    )
    made = MainWindow(parts)
    qtbot.addWidget(made, before_close_func=lambda window: window.close())
    made.show()
    qtbot.waitExposed(made)
    yield made
    made.close()


@pytest.mark.parametrize("page", ["draw", "camera", "photos"])
@pytest.mark.parametrize("size", [(1024, 640), (1280, 720)])
def test_the_panel_is_seen_whole(window: MainWindow, qtbot: QtBot, page: str, size: tuple[int, int]) -> None:
    window.show_page(page)
    window.resize(*size)
    panel = window.panel
    panel.set_reading(shown(*(digit_of(d) for d in (1, 8, 2, 4))))
    panel.set_notice("Saved in /home/somebody/Pictures/gnc: gnc-20261122-115104-1824.png")
    last = next(b for b in panel.findChildren(QToolButton) if b.text() == "9")

    def seen() -> bool:
        place = QRect(last.mapTo(panel.viewport(), QPoint()), last.size())
        return last.width() > 0 and panel.viewport().rect().contains(place)

    qtbot.waitUntil(seen)
    assert (window.width(), window.height()) == size
    assert not panel.verticalScrollBar().isVisible()
    side = window.page.side_widget()
    if side is not None:
        whole = QRect(side.mapTo(window, QPoint()), side.size())
        assert window.rect().contains(whole)
        assert side.height() >= side.minimumSizeHint().height()


def wait_for_whole_words(qtbot: QtBot, window: MainWindow, page: str) -> None:
    """Words that wrap take a layout or two more until they have their height."""

    def whole() -> None:
        assert not cut_words(window), page

    qtbot.waitUntil(whole, timeout=2000)


@pytest.mark.parametrize(("points", "size"), [(0, (960, 510)), (16, (1280, 720)), (20, (1366, 740))])
def test_no_word_is_cut_and_no_letter_stands_for_two(
    letters: Callable[[float], None], request: pytest.FixtureRequest, qtbot: QtBot, points: float,
    size: tuple[int, int],
) -> None:  # fmt: skip
    if points:
        letters(points)
    window: MainWindow = request.getfixturevalue("window")
    qtbot.wait(20)  # once shown, it fits itself to the screen, which is small here
    window.resize(*size)
    for page in ("draw", "camera", "photos"):
        window.show_page(page)
        qtbot.wait(20)
        assert window.width() == size[0], page
        assert window.height() <= window.screen().availableGeometry().height(), page
        wait_for_whole_words(qtbot, window, page)
        assert not mnemonics_of_two(window), page
        # Offers on an empty page keep their words: icons alone would tell a newcomer nothing.
        for button in window.page.findChildren(ActionButton):
            if button.isVisible() and not button.autoRaise():
                assert button.width() >= button.sizeHint().width(), (page, button.text())
    for menu in window.menuBar().findChildren(QMenu, options=Qt.FindChildOption.FindDirectChildrenOnly):
        texts = [action.text() for action in menu.actions() if action.isVisible()]
        found = [letter[1].lower() for text in texts if (letter := re.search(r"&(\w)", text))]
        assert len(found) == len(set(found)), menu.title()


@pytest.mark.parametrize("page", ["draw", "camera", "photos"])
def test_all_that_the_keyboard_reaches_shows_it(window: MainWindow, qtbot: QtBot, page: str) -> None:
    qtbot.wait(20)
    window.resize(1280, 900)
    window.show_page(page)
    window.activateWindow()
    for reading in (None, shown(*(digit_of(d) for d in (1, 8, 2, 4)))):
        window.panel.set_reading(reading)
        qtbot.wait(20)
        assert not focus_unseen(window)


@pytest.mark.parametrize("points", [0, 22])
def test_dialogs_fit_the_screen(
    letters: Callable[[float], None], request: pytest.FixtureRequest, qtbot: QtBot, points: float
) -> None:
    if points:
        letters(points)
    window: MainWindow = request.getfixturevalue("window")
    free = window.screen().availableGeometry()
    window.show_page("photos")
    shortcuts = next(a for a in window.findChildren(QAction) if a.text() == "Shortcuts")
    shortcuts.trigger()
    (keys,) = (dialog for dialog in window.findChildren(QDialog) if dialog.isVisible())
    about = AboutDialog(window)
    report = ReportDialog("Something went wrong.", "line\n" * 300, window)
    for dialog in (keys, about, report):
        dialog.show()
        qtbot.waitUntil(lambda dialog=dialog: free.contains(dialog.frameGeometry()))  # type: ignore[misc]
        assert not cut_words(dialog)
        with qtbot.waitActive(dialog):
            dialog.activateWindow()
        assert not focus_unseen(dialog)
        dialog.close()


@pytest.mark.parametrize("page", ["camera", "photos"])
def test_a_page_opens_without_a_halt_the_first_time(window: MainWindow, page: str) -> None:
    """In 50 ms, as processor time: the machine is shared. What it imports has been imported in a thread."""
    for name in SOON:
        importlib.import_module(name)
    began = time.thread_time()
    window.show_page(page)
    QApplication.processEvents()
    assert time.thread_time() - began < 0.05
