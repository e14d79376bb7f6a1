"""The measuring itself, on a small scale."""

from __future__ import annotations

import time

import pytest
from PySide6.QtCore import QTimer
from pytestqt.qtbot import QtBot

from core.base.errors import FailureError
from training.runs.launch import Commands
from training.window import benchmark as bench


def test_drawing_a_history(qtbot: QtBot) -> None:
    figures = bench.drawing(history=2000, redraws=5)
    assert figures["history_steps"] == 2000
    assert 0 < figures["share_of_a_core_at_10_hz"] == pytest.approx(figures["redraw_ms"] / 100)


def test_an_event_comes_to_the_screen(qtbot: QtBot, home: object, commands: Commands) -> None:
    figures = bench.news(commands, count=3)
    assert 0 < figures["event_to_screen_s"] <= figures["event_to_screen_worst_s"]


def test_a_gap_is_noticed(qtbot: QtBot) -> None:
    QTimer.singleShot(20, lambda: time.sleep(0.08))
    assert 0.08 <= bench.largest_gap(0.3) < 2


def test_what_never_comes_is_said(qtbot: QtBot) -> None:
    with pytest.raises(FailureError, match="nothing came"):
        bench.wait_until(lambda: False, seconds=0.05)

    def fail() -> bool:
        raise FailureError("It broke.")

    with pytest.raises(FailureError, match="It broke"):
        bench.wait_until(fail, seconds=5)
