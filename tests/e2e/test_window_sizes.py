"""Every page fits into a small window, with nothing cut off or scrolled, and opens without a halt."""

from __future__ import annotations

import importlib
import time
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPoint, QRect
from PySide6.QtWidgets import QApplication, QToolButton
from pytestqt.qtbot import QtBot

from app.services.models import ModelService
from app.services.settings import Settings
from app.startup.window import SOON, page_factories
from app.window.main_window import MainWindow, WindowParts
from core.base.paths import Places
from tests.app.fake_reader import FakeLoader, digit_of, shown


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


@pytest.mark.parametrize("page", ["camera", "photos"])
def test_a_page_opens_without_a_halt_the_first_time(window: MainWindow, page: str) -> None:
    """In 50 ms, as processor time: the machine is shared. What it imports has been imported in a thread."""
    for name in SOON:
        importlib.import_module(name)
    began = time.thread_time()
    window.show_page(page)
    QApplication.processEvents()
    assert time.thread_time() - began < 0.05
