from PySide6.QtCore import Qt
from PySide6.QtWidgets import QToolButton
from pytestqt.qtbot import QtBot

from app.draw.hints import HINTS, HintLine, next_hint, spelled


def test_hints_come_one_at_a_time() -> None:
    assert next_hint(()) == HINTS[0]
    assert next_hint({"draw"}) == HINTS[1]
    assert [hint.name for hint in HINTS[:2]] == ["draw", "several"]
    assert next_hint({h.name for h in HINTS}) is None


def test_shortcuts_are_spelled_out() -> None:
    assert spelled("no keys") == "no keys"
    assert "Z" in spelled("{Ctrl+Z} takes back")
    for hint in HINTS:
        assert "{" not in spelled(hint.text)


def test_the_line_moves_on_when_something_was_done(qtbot: QtBot) -> None:
    line = HintLine(())
    qtbot.addWidget(line)
    assert line.text.startswith("Draw a digit")
    with qtbot.waitSignal(line.done_changed) as blocker:
        line.mark_done("draw")
    assert blocker.args == [frozenset({"draw"})]
    assert line.text.startswith("Draw several")
    line.mark_done("draw")
    assert line.text.startswith("Draw several")


def test_next_and_off(qtbot: QtBot) -> None:
    line = HintLine({h.name for h in HINTS[:-1]})
    qtbot.addWidget(line)
    skip, off = line.findChildren(QToolButton)
    with qtbot.waitSignal(line.turned_off):
        qtbot.mouseClick(off, Qt.MouseButton.LeftButton)
    qtbot.mouseClick(skip, Qt.MouseButton.LeftButton)
    assert line.text == ""


def test_turned_on_again_they_start_anew(qtbot: QtBot) -> None:
    line = HintLine({h.name for h in HINTS})
    qtbot.addWidget(line)
    line.set_on(True)
    assert line.text == ""
    line.set_on(False)
    assert line.text == ""
    line.set_on(True)
    assert line.text.startswith("Draw a digit")
