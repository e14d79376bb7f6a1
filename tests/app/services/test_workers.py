import threading

from app.services.workers import Background


def test_work_is_done_elsewhere_and_told_here(qtbot):
    background = Background()
    here = threading.current_thread()
    told = []

    def hear(thread):
        told.append((thread, threading.current_thread()))

    background.run(threading.current_thread, hear, told.append)
    assert told == []
    qtbot.waitUntil(lambda: bool(told))
    worked, heard = told[0]
    assert worked is not here
    assert heard is here
    background.shut_down()


def test_errors_come_back_as_values(qtbot):
    background = Background()
    failed = []
    background.run(lambda: 1 / 0, lambda _: failed.append("done"), failed.append)
    qtbot.waitUntil(lambda: bool(failed))
    assert isinstance(failed[0], ZeroDivisionError)
    background.shut_down()


def test_what_waits_at_the_end_is_forgotten(qtbot):
    background = Background()
    gate, started, done = threading.Event(), threading.Event(), []

    def first():
        started.set()
        assert gate.wait(10)

    background.run(first, lambda _: None, done.append)
    background.run(lambda: done.append("second"), lambda _: None, done.append)
    assert started.wait(10)
    threading.Timer(0.05, gate.set).start()
    background.shut_down()
    assert done == []
