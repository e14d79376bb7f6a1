import threading
from typing import Any

from pytestqt.qtbot import QtBot

from app.services.workers import Background


def test_work_is_done_elsewhere_and_told_here(qtbot: QtBot) -> None:
    background = Background()
    here = threading.current_thread()
    told: list[Any] = []

    def hear(thread: threading.Thread) -> None:
        told.append((thread, threading.current_thread()))

    background.run(threading.current_thread, hear, told.append)
    assert told == []
    qtbot.waitUntil(lambda: bool(told))
    worked, heard = told[0]
    assert worked is not here
    assert heard is here
    background.shut_down()


def test_errors_come_back_as_values(qtbot: QtBot) -> None:
    background = Background()
    failed: list[object] = []
    background.run(lambda: 1 / 0, lambda _: failed.append("done"), failed.append)
    qtbot.waitUntil(lambda: bool(failed))
    assert isinstance(failed[0], ZeroDivisionError)
    background.shut_down()


def test_what_waits_at_the_end_is_forgotten(qtbot: QtBot) -> None:
    background = Background()
    gate, started = threading.Event(), threading.Event()
    done: list[object] = []

    def first() -> None:
        started.set()
        assert gate.wait(10)

    background.run(first, lambda _: None, done.append)
    background.run(lambda: done.append("second"), lambda _: None, done.append)
    assert started.wait(10)
    threading.Timer(0.05, gate.set).start()
    background.shut_down()
    assert done == []
