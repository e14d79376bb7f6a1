import pytest
from PySide6.QtCore import QRect, QSize
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from training.ui.geometry import ScreenFit, placed_inside

LAPTOP = QRect(0, 27, 960, 513)
"""A 1080p screen at 200%, under a panel of 27 pixels."""


@pytest.mark.parametrize(
    ("frame", "placed"),
    [
        (QRect(100, 50, 400, 300), QRect(100, 50, 400, 300)),
        (QRect(0, 0, 1008, 680), QRect(0, 27, 960, 513)),
        (QRect(800, 400, 400, 300), QRect(560, 240, 400, 300)),
        (QRect(-50, 0, 400, 300), QRect(0, 27, 400, 300)),
    ],
)
def test_a_window_fits_the_free_part_of_its_screen(frame: QRect, placed: QRect) -> None:
    assert placed_inside(frame, LAPTOP) == placed


def test_a_window_that_is_larger_than_the_screen_is_made_smaller(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    free = window.screen().availableGeometry()
    window.resize(free.size() + QSize(300, 200))
    ScreenFit(window)
    assert window.size() == free.size()
    window.resize(free.size() + QSize(300, 200))
    window.show()
    qtbot.waitUntil(lambda: window.frameGeometry().width() <= free.width())
    assert free.contains(window.frameGeometry())
