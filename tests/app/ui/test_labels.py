"""What has a colour of its own follows the theme."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QRect
from PySide6.QtGui import QAction, QPalette
from PySide6.QtWidgets import QApplication, QMenu, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from app.services.settings import Theme
from app.ui.actions import MenuButton, tool_button
from app.ui.icons import icon
from app.ui.labels import ElidedLabel, QuietLabel, QuietLine
from app.ui.theme import apply_theme, contrast


@pytest.fixture
def palettes(qapp: QApplication) -> Iterator[QApplication]:
    before = qapp.palette()
    yield qapp
    qapp.setPalette(before)


def test_words_and_menu_buttons_follow_the_theme(palettes: QApplication, qtbot: QtBot) -> None:
    apply_theme(palettes, Theme.LIGHT)
    window = QWidget()
    qtbot.addWidget(window)
    label, line, button = QuietLabel("quiet words"), QuietLine("quiet words"), MenuButton(QMenu(window))
    button.set_words("model: shipped")
    column = QVBoxLayout(window)
    for widget in (label, line, button):
        column.addWidget(widget)
    window.show()

    def is_dark() -> bool:
        return window.grab().toImage().pixelColor(1, 1).lightness() < 90

    for dark in (True, False, True):
        apply_theme(palettes, Theme.DARK if dark else Theme.LIGHT)
        qtbot.waitUntil(is_dark if dark else lambda: not is_dark())
        ground = window.palette().color(QPalette.ColorRole.Window)
        for widget in (label, line, button):
            picture = widget.grab().toImage()
            seen = max(
                contrast(picture.pixelColor(x, y), ground)
                for x in range(picture.width()) for y in range(picture.height())
            )  # fmt: skip
            assert seen > 3, (widget, dark)
        for words in (label, line):
            # The other theme's grey has 3.1.
            assert contrast(words.palette().windowText().color(), ground) > 4


def test_a_menu_button_says_its_words_with_one_arrow(qtbot: QtBot) -> None:
    button = MenuButton(QMenu())
    qtbot.addWidget(button)
    button.set_words("14 mine")
    assert button.words == "14 mine"
    assert button.text() == "14 mine ▾"


def test_words_that_do_not_fit_have_an_ellipsis_and_a_tip(qtbot: QtBot) -> None:
    label = ElidedLabel("how likely each digit is")
    qtbot.addWidget(label)
    label.resize(label.sizeHint())
    label.show()
    assert label.text() == label.words == "how likely each digit is"
    assert label.toolTip() == ""
    label.setToolTip("more")
    label.resize(60, 20)
    assert label.text().endswith("…")
    assert label.toolTip() == "how likely each digit is\nmore"
    assert label.minimumSizeHint().width() == 0


def test_a_button_drops_its_words_before_the_window_grows(qtbot: QtBot) -> None:
    action = QAction(icon("open"), "Open folder")
    button = tool_button(action)
    qtbot.addWidget(button)
    assert button.minimumSizeHint().width() < button.sizeHint().width() / 2
    wide, high = button.sizeHint().width(), button.sizeHint().height()
    button.resize(wide, high)
    button.show()
    whole = button.grab(QRect(0, 0, 30, high)).toImage()
    button.resize(30, high)
    assert button.grab(QRect(0, 0, 30, high)).toImage() != whole, "the icon alone, in the middle"
    assert button.sizeHint().width() == wide, "it has its words back where there is room"
