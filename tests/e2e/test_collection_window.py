"""From a drawn digit to the window of what was labelled, and back."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from app.collection.window import CollectionWindow
from core.loaders.user_digits import UserDigitStore
from tests.e2e.window_bench import CTRL, Bench

# Of Qt's offscreen platform.
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support", extend=True)


def collection_of(bench: Bench) -> CollectionWindow:
    window = bench.window.collection.window
    assert window is not None
    return window


def test_what_was_labelled_is_looked_through_and_put_right(bench: Bench) -> None:
    bench.draw(100)
    bench.read("1")
    bench.key(Qt.Key.Key_4)
    bench.count(1)
    bench.key(Qt.Key.Key_K, CTRL)
    window = collection_of(bench)
    bench.qtbot.waitUntil(lambda: [item.words for item in window.model.items] == ["4"])
    assert window.isVisible()
    bench.window.activateWindow()
    bench.qtbot.waitUntil(bench.window.isActiveWindow)
    bench.draw(200)
    bench.read("12")
    bench.key(Qt.Key.Key_Right)
    bench.key(Qt.Key.Key_9)
    bench.count(2)
    bench.qtbot.waitUntil(lambda: [item.words for item in window.model.items] == ["4", "9"])
    window.activateWindow()
    bench.qtbot.waitUntil(window.isActiveWindow)
    at = window.grid.visualRect(window.model.index(1)).center()
    QTest.mouseClick(window.grid.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(at))
    QTest.keyClicks(window.grid, "3")
    store = UserDigitStore(bench.places.corrections)
    bench.qtbot.waitUntil(lambda: sorted(e.label for e in store.entries()) == [3, 4])
    QTest.keyClick(window.grid, Qt.Key.Key_Delete)
    bench.count(1)
    QTest.keyClick(window.grid, Qt.Key.Key_Z, CTRL)
    bench.count(2)


def test_the_window_goes_with_the_main_window(bench: Bench) -> None:
    bench.key(Qt.Key.Key_K, CTRL)
    window = collection_of(bench)
    bench.qtbot.waitUntil(window.isVisible)
    bench.window.close()
    assert not window.isVisible()
