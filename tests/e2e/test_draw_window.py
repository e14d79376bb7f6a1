"""Journeys on the drawing page: draw, undo, erase, correct."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import numpy as np
from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QToolButton

from app.ui.shown_reading import DigitRef
from core.loaders.user_digits import UserDigitStore, read_strokes
from tests.app.fake_reader import FakeReader
from tests.app.pointer import drag, line, move
from tests.e2e.window_bench import CTRL, Bench


def test_a_digit_is_read_while_it_is_drawn(bench: Bench) -> None:
    drag(bench.canvas, line(100, 50, 110, 170), let_go=False)
    bench.read("1")
    QTest.mouseRelease(bench.canvas, Qt.MouseButton.LeftButton, pos=QPoint(110, 170))
    bench.draw(200)
    bench.read("12")
    bench.qtbot.waitUntil(lambda: bench.window.bottom.time_text == "read in 1.2 ms")


def test_undo_redo_clear(bench: Bench) -> None:
    bench.draw(100)
    bench.draw(200)
    bench.read("12")
    bench.key(Qt.Key.Key_Z, CTRL)
    bench.read("1")
    bench.key(Qt.Key.Key_Y, CTRL)
    bench.read("12")
    bench.key(Qt.Key.Key_C)
    bench.read("")
    assert bench.canvas.drawing.is_empty
    bench.key(Qt.Key.Key_Z, CTRL)
    bench.read("12")
    for _ in range(2):
        bench.key(Qt.Key.Key_Z, CTRL)
    bench.read("")


def test_the_eraser_by_key(bench: Bench) -> None:
    bench.draw(100)
    bench.read("1")
    bench.key(Qt.Key.Key_E)
    drag(bench.canvas, line(60, 110, 160, 110))
    bench.read("12")  # two pieces, which the fake reader counts
    bench.key(Qt.Key.Key_E)
    bench.draw(300)
    bench.read("123")


def test_a_late_reading_never_comes_back_after_clear(bench: Bench, tmp_path: Path) -> None:
    gate = threading.Event()
    slow = tmp_path / "slow.onnx"
    reader = bench.loader.readers[slow] = FakeReader(gate=gate)
    bench.models.use(slow)
    bench.qtbot.waitUntil(lambda: bench.model == slow)
    bench.draw()
    bench.qtbot.waitUntil(reader.started.is_set)
    bench.key(Qt.Key.Key_C)
    gate.set()
    reader.started.clear()
    bench.draw(300)
    bench.qtbot.waitUntil(reader.started.is_set)
    bench.read("1")


def test_wrong_tell_me_keeps_the_drawing_and_undo_takes_it_back(bench: Bench) -> None:
    bench.draw(100)
    bench.draw(200)
    bench.read("12")
    bench.key(Qt.Key.Key_Right)
    assert bench.window.panel.selected == DigitRef(0, 1)
    bench.key(Qt.Key.Key_7)
    bench.count(1)
    assert "Kept as a 7." in bench.window.panel.notice
    store = UserDigitStore(bench.places.corrections)
    (entry,) = store.entries()
    assert entry.label == 7
    (stroke,) = read_strokes(entry)
    assert len(stroke.points) == 13
    assert all(0 <= x <= entry.size[0] and 0 <= y <= entry.size[1] for x, y in stroke.points)
    # Another answer for the same digit takes the place of the first.
    bench.key(Qt.Key.Key_Left)
    bench.key(Qt.Key.Key_Right)
    bench.key(Qt.Key.Key_1)
    bench.qtbot.waitUntil(lambda: [e.label for e in store.entries()] == [1])
    bench.key(Qt.Key.Key_Z, CTRL)
    bench.qtbot.waitUntil(lambda: [e.label for e in store.entries()] == [7])
    label = next(la for la in bench.window.panel.findChildren(QLabel) if "Undo" in la.text())
    label.linkActivated.emit("undo")
    bench.count(0)
    assert bench.text() == "12"
    assert bench.window.panel.notice == "Taken back."
    bench.key(Qt.Key.Key_Y, CTRL)
    bench.count(1)
    bench.draw(300)
    bench.read("123")
    assert bench.window.panel.notice == ""


def test_a_button_of_the_panel_corrects_too(bench: Bench) -> None:
    bench.draw()
    bench.read("1")
    button = next(b for b in bench.window.panel.findChildren(QToolButton) if b.text() == "4")
    bench.qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    bench.count(1)
    assert UserDigitStore(bench.places.corrections).entries()[0].label == 4


def test_the_window_never_blocks_while_one_draws(bench: Bench) -> None:
    """Between two heartbeats of the GUI thread, 50 ms at most go by (as processor time: the machine is shared)."""
    gaps: list[float] = []
    last = time.thread_time()

    def beat() -> None:
        nonlocal last
        now = time.thread_time()
        gaps.append(now - last)
        last = now

    timer = QTimer(interval=5)
    timer.timeout.connect(beat)
    timer.start()
    turns = np.linspace(0, 14, 600)
    points = [(round(200 + 150 * np.cos(t)), round(200 + 120 * np.sin(1.7 * t))) for t in turns]
    QTest.mousePress(bench.canvas, Qt.MouseButton.LeftButton, pos=QPoint(*points[0]))
    for start in range(0, len(points), 4):
        for x, y in points[start : start + 4]:
            move(bench.canvas, x, y)
        QApplication.processEvents()
    QTest.mouseRelease(bench.canvas, Qt.MouseButton.LeftButton, pos=QPoint(*points[-1]))
    bench.read("1")
    assert max(gaps) < 0.05
