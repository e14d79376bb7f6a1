"""What the window remembers and teaches, its themes, and that the keyboard reaches all of it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication, QDialog, QLabel, QToolButton
from pytestqt.qtbot import QtBot

from app.draw.canvas import Canvas
from app.services.settings import Settings, Theme
from app.ui.theme import fusion_palette
from tests.e2e.window_bench import Bench


def test_what_was_chosen_is_there_at_the_next_start(bench: Bench) -> None:
    bench.key(Qt.Key.Key_BracketRight)
    assert bench.canvas.pen_width == 18
    bench.window.resize(790, 590)
    bench.window.close()
    bench.settings = Settings(bench.places.settings)
    bench.make(size=None)
    assert bench.canvas.pen_width == 18
    assert bench.window.size() == QSize(790, 590)
    assert "pen" in bench.settings.hints_done


def test_the_theme_is_applied_and_kept(qtbot: QtBot, tmp_path: Path) -> None:
    applied: list[Theme] = []
    bench = Bench(qtbot, tmp_path, apply_theme=applied.append)
    dark = next(a for a in bench.window.findChildren(QAction) if a.text() == "Dark")
    dark.trigger()
    assert applied == [Theme.DARK]
    assert bench.settings.theme is Theme.DARK
    bench.window.close()


def _paper(canvas: Canvas) -> int:
    image = canvas.grab().toImage()
    return image.pixelColor(image.width() - 20, image.height() - 20).lightness()


def test_the_theme_changes_while_the_window_is_open(bench: Bench, qapp: QApplication) -> None:
    before = qapp.palette()
    try:
        bench.draw()
        bench.read("1")
        qapp.setPalette(fusion_palette(dark=True))
        bench.qtbot.waitUntil(lambda: _paper(bench.canvas) < 60)
    finally:
        qapp.setPalette(before)


def test_hints_teach_one_thing_at_a_time_and_can_be_turned_off(bench: Bench) -> None:
    hints = bench.page.hints
    assert hints.text.startswith("Draw a digit")
    bench.draw()
    assert hints.text.startswith("Draw several")
    off = next(b for b in hints.findChildren(QToolButton) if "No more" in b.accessibleName())
    bench.qtbot.mouseClick(off, Qt.MouseButton.LeftButton)
    assert hints.text == ""
    assert not bench.settings.hints


def test_help_lists_every_key(bench: Bench) -> None:
    bench.key(Qt.Key.Key_F1)
    dialog = bench.window.findChildren(QDialog)[0]
    shown = {label.text() for label in dialog.findChildren(QLabel)}
    for words in (
        "Undo",
        "Eraser",
        "Clear",
        "Thinner pen",
        "Say which digit it really is",
        "Draw",
        "Shortcuts",
    ):
        assert words in shown
    assert "C, Del" in shown
    dialog.close()


def test_every_control_has_a_name_and_the_keyboard_reaches_it(bench: Bench) -> None:
    for button in bench.window.findChildren(QToolButton):
        if button.isVisible() and button.objectName() != "qt_toolbar_ext_button":
            assert button.accessibleName() or button.text(), button
    seen = set()
    bench.canvas.setFocus()
    for _ in range(60):
        bench.key(Qt.Key.Key_Tab)
        seen.add(QApplication.focusWidget())
    assert bench.canvas in seen
    assert len(seen) >= 4
