import sys
import threading
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QPlainTextEdit, QPushButton, QStackedWidget, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from app.ui.errors import UNEXPECTED, ErrorReports, MessageBar, report_of, sentence_of
from core.base.errors import FailureError, InputError


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (InputError("Wrong file."), "Wrong file."),
        (FailureError("Disk full."), "Disk full."),
        (FileNotFoundError(2, "No such file or directory", "/x"), "/x: No such file or directory."),
        (ZeroDivisionError("x"), UNEXPECTED),
    ],
)
def test_every_error_has_a_sentence(error: BaseException, sentence: str) -> None:
    assert sentence_of(error) == sentence


def test_memory_errors_say_what_to_do() -> None:
    assert "memory" in sentence_of(MemoryError())


def _raised() -> Exception:
    try:
        raise ZeroDivisionError("ours")
    except ZeroDivisionError as error:
        return error


def test_a_report_has_what_is_needed() -> None:
    text = report_of(_raised())
    for words in ("ZeroDivisionError: ours", "test_errors.py", "Python", "Qt", "gnc ", "numpy "):
        assert words in text


def test_the_message_bar_tells_acts_and_closes(qtbot: QtBot) -> None:
    over = QWidget()
    qtbot.addWidget(over)
    bar = MessageBar(over)
    assert bar.text == ""
    done = []
    bar.show_message("It went wrong.", details="all of it", action="Mend it", act=lambda: done.append(1))
    assert bar.text == "It went wrong."
    action, more = bar.findChildren(QPushButton)
    (details,) = bar.findChildren(QPlainTextEdit)
    assert action.text() == "Mend it"
    assert details.isHidden()
    qtbot.mouseClick(more, Qt.MouseButton.LeftButton)
    assert not details.isHidden()
    assert details.toPlainText() == "all of it"
    qtbot.mouseClick(action, Qt.MouseButton.LeftButton)
    assert done == [1]
    assert bar.text == ""


def test_the_message_lies_over_the_page_and_moves_nothing(qtbot: QtBot) -> None:
    page = QWidget()
    qtbot.addWidget(page)
    button, canvas = QPushButton("Below"), QWidget()
    column = QVBoxLayout(page)
    column.addWidget(canvas, 1)
    column.addWidget(button)
    bar = MessageBar(canvas)
    page.resize(500, 300)
    page.show()
    qtbot.waitExposed(page)
    before = canvas.geometry(), button.geometry()
    bar.show_message("A sentence that is long enough for more than one line of a narrow page. " * 3)
    assert (canvas.geometry(), button.geometry()) == before
    assert bar.isVisible()
    assert canvas.rect().contains(bar.geometry())
    high = bar.height()
    page.resize(900, 300)
    qtbot.waitUntil(lambda: bar.width() > 700)
    assert bar.height() < high, "fewer lines"


def test_a_message_may_lie_over_what_takes_its_children_for_pages(qtbot: QtBot) -> None:
    page = QWidget()
    qtbot.addWidget(page)
    stack = QStackedWidget()
    stack.addWidget(QWidget())
    stack.addWidget(QWidget())
    QVBoxLayout(page).addWidget(stack)
    bar = MessageBar(stack, page)
    page.resize(500, 300)
    page.show()
    qtbot.waitExposed(page)
    bar.show_message("A sentence.")
    assert stack.geometry().contains(bar.geometry())
    stack.setCurrentIndex(1)
    assert page.childAt(bar.geometry().center()) is not stack.currentWidget()


def test_without_details_and_action_there_are_no_buttons(qtbot: QtBot) -> None:
    over = QWidget()
    qtbot.addWidget(over)
    bar = MessageBar(over)
    bar.show_message("A sentence.")
    buttons = bar.findChildren(QPushButton)
    assert buttons
    assert all(button.isHidden() for button in buttons)


def test_what_nobody_caught_is_shown_once_and_can_be_copied(
    qtbot: QtBot, capsys: pytest.CaptureFixture[str]
) -> None:
    reports = ErrorReports()
    error = _raised()
    reports.take(type(error), error, error.__traceback__)
    qtbot.waitUntil(lambda: reports.dialog is not None)
    dialog = reports.dialog
    assert dialog is not None
    qtbot.addWidget(dialog)
    second = ValueError("another")
    reports.take(type(second), second, None)
    qtbot.waitUntil(lambda: "another" in dialog.report)
    assert reports.dialog is dialog
    length = len(dialog.report)
    dialog.add(report_of(second))
    assert len(dialog.report) == length
    copy = next(b for b in dialog.findChildren(QPushButton) if b.text() == "Copy report")
    qtbot.mouseClick(copy, Qt.MouseButton.LeftButton)
    assert "ZeroDivisionError: ours" in QGuiApplication.clipboard().text()
    assert "ZeroDivisionError: ours" in capsys.readouterr().err


def test_errors_of_threads_come_through_the_same_door(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    reports = ErrorReports()
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    reports.install()

    def broken() -> None:
        raise RuntimeError("in a thread")

    thread = threading.Thread(target=broken)
    thread.start()
    thread.join()
    qtbot.waitUntil(lambda: reports.dialog is not None and "in a thread" in reports.dialog.report)
    qtbot.addWidget(reports.dialog)
    reports.uninstall()
    assert sys.excepthook is sys.__excepthook__


def test_ctrl_c_is_no_error(qtbot: QtBot) -> None:
    reports = ErrorReports()
    reports.take(KeyboardInterrupt, KeyboardInterrupt(), None)
    qtbot.wait(20)
    assert reports.dialog is None


def test_a_report_carries_the_end_of_the_log(
    qtbot: QtBot, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = tmp_path / "gnc.log"
    log.write_text("".join(f"line {i}\n" for i in range(100)))
    reports = ErrorReports(log=log)
    reports.take(ValueError, ValueError("odd"), None)
    qtbot.waitUntil(lambda: reports.dialog is not None)
    assert reports.dialog is not None
    assert "line 99" in reports.dialog.report
    assert "line 50\n" not in reports.dialog.report
    reports.dialog.close()
