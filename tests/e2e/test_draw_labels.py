"""Saying what a drawing is: digit keys go on, whole numbers are typed, and nothing is learned under a wrong label."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.ui.shown_reading import DigitRef
from core.collection.numbers import LabelledNumber, NumberStore, read_picture
from core.loaders.user_digits import UserDigit, UserDigitStore, read_strokes
from core.reading.types import NOT_A_DIGIT
from tests.e2e.window_bench import CTRL, Bench


def digits(bench: Bench) -> list[UserDigit]:
    return UserDigitStore(bench.places.corrections).entries()


def numbers(bench: Bench) -> list[LabelledNumber]:
    return NumberStore.within(bench.places.corrections).entries()[0]


def type_number(bench: Bench, text: str) -> None:
    edit = bench.window.panel.field.edit
    QTest.mouseDClick(edit, Qt.MouseButton.LeftButton)
    edit.selectAll()
    QTest.keyClicks(edit, text)
    QTest.keyClick(edit, Qt.Key.Key_Return)


def two(bench: Bench) -> None:
    """Two digits are drawn, which the fake reader reads as 1 and 2."""
    bench.draw(100)
    bench.draw(200)
    bench.read("12")


def test_digit_keys_go_on_to_the_next_digit(bench: Bench) -> None:
    two(bench)
    bench.key(Qt.Key.Key_4)
    assert bench.window.panel.selected == DigitRef(0, 1)
    bench.key(Qt.Key.Key_7)
    bench.count(2)
    left, right = sorted(digits(bench), key=lambda d: read_strokes(d)[0].points[0][0])
    assert (left.label, right.label) == (4, 7), "each with its own strokes"
    assert [d.origin.was_read for d in sorted(digits(bench), key=lambda d: d.label)] == ["1", "2"]
    assert len({d.origin.group for d in digits(bench)}) == 1, "one hand"
    assert bench.text() == "47"
    assert bench.window.panel.notice == "4 ✓ 7 ✓"
    assert bench.canvas.marks.words == ("4 ✓", "7 ✓")
    assert not bench.canvas.grab().isNull()
    bench.key(Qt.Key.Key_Z, CTRL)
    bench.count(1)
    assert bench.canvas.marks.words == ("4 ✓", "")
    bench.key(Qt.Key.Key_8)
    bench.count(2)
    assert sorted(d.label for d in digits(bench)) == [4, 8], "the key after a slip says the same digit anew"


def test_more_keys_than_digits_are_the_whole_number(bench: Bench) -> None:
    """A drawn 47 that is read as one digit: the 4 must not be kept for both."""
    bench.draw()
    bench.read("1")
    bench.key(Qt.Key.Key_4)
    bench.count(1)
    bench.key(Qt.Key.Key_7)
    bench.count(0)
    field = bench.window.panel.field
    assert field.edit.text() == "47"
    assert "More digits" in bench.window.panel.notice
    QTest.keyClick(field.edit, Qt.Key.Key_Return)
    bench.qtbot.waitUntil(lambda: [n.written for n in numbers(bench)] == ["47"])
    assert digits(bench) == []
    assert bench.text() == "47"
    assert bench.window.focusWidget() is bench.canvas


def test_no_digit_by_key(bench: Bench) -> None:
    two(bench)
    bench.key(Qt.Key.Key_Minus)
    bench.key(Qt.Key.Key_2)
    bench.count(2)
    assert sorted(d.label for d in digits(bench)) == [2, NOT_A_DIGIT]
    assert bench.text() == "2"
    assert bench.canvas.marks.words == ("– ✓", "2 ✓")
    bench.key(Qt.Key.Key_Left)
    bench.key(Qt.Key.Key_N)
    bench.count(2)
    assert bench.window.panel.notice == "– ✓ 2 ✓"


def test_a_whole_number_is_typed(bench: Bench) -> None:
    two(bench)
    bench.key(Qt.Key.Key_F2)
    edit = bench.window.panel.field.edit
    assert edit.hasFocus()
    assert edit.selectedText() == "12"
    QTest.keyClicks(edit, "47")
    bench.window.panel.set_reading(bench.page.shown)  # a reading that comes while one types
    assert edit.text() == "47"
    QTest.keyClick(edit, Qt.Key.Key_Return)
    bench.count(3)
    (number,) = numbers(bench)
    assert (number.written, number.was_read, number.kind, number.whole) == ("47", "12", "drawing", True)
    assert number.model
    picture = read_picture(number)
    assert number.box is not None
    inside = picture[int(number.box.y) : int(number.box.y + number.box.h), int(number.box.x) :]
    assert inside.min() < 100 < picture[:10].min(), "dark ink in the box, none at the edge"
    assert {d.origin.number for d in digits(bench)} == {number.id}
    assert [(d.label, len(read_strokes(d))) for d in digits(bench)] in ([(4, 1), (7, 1)], [(7, 1), (4, 1)])
    assert bench.text() == "47"
    assert bench.canvas.marks.words == ("4 ✓", "7 ✓")
    assert bench.window.panel.notice == "Kept as 47, with its 2 digits."
    bench.key(Qt.Key.Key_Z, CTRL)
    bench.count(0)
    assert bench.text() == "12"
    assert bench.canvas.marks.words == ("", "")
    assert numbers(bench) == []


def test_lengths_that_differ_keep_the_number_and_no_digit(bench: Bench) -> None:
    two(bench)
    type_number(bench, "1824")
    bench.count(1)
    assert [n.written for n in numbers(bench)] == ["1824"]
    assert bench.window.panel.notice == "Kept as 1824, as a whole."
    assert bench.text() == "1824"


def test_a_number_takes_the_place_of_its_digits_and_keys_change_it_as_a_whole(bench: Bench) -> None:
    two(bench)
    bench.key(Qt.Key.Key_4)
    bench.count(1)
    type_number(bench, "47")
    bench.count(3)
    assert sorted(d.label for d in digits(bench)) == [4, 7]
    bench.key(Qt.Key.Key_Left)
    bench.key(Qt.Key.Key_3)
    bench.qtbot.waitUntil(lambda: [n.written for n in numbers(bench)] == ["37"])
    bench.count(3)
    assert sorted(d.label for d in digits(bench)) == [3, 7]
    for _ in range(3):
        bench.key(Qt.Key.Key_Z, CTRL)
    bench.count(0)
    assert bench.text() == "12"


def test_what_is_typed_can_be_given_up(bench: Bench) -> None:
    two(bench)
    bench.key(Qt.Key.Key_W)
    edit = bench.window.panel.field.edit
    QTest.keyClicks(edit, "99")
    QTest.keyClick(edit, Qt.Key.Key_Escape)
    assert edit.text() == "12"
    assert bench.canvas.hasFocus()
    type_number(bench, "no digit in it")
    assert edit.text() == "no digit in it", "nothing is kept of it"
    assert numbers(bench) == []


def test_no_number_here(bench: Bench) -> None:
    two(bench)
    QTest.mouseClick(bench.window.panel.field.none_button, Qt.MouseButton.LeftButton)
    bench.count(1)
    assert [n.written for n in numbers(bench)] == [""]
    assert bench.window.panel.view.detail == "no number here"
    bench.key(Qt.Key.Key_Z, CTRL)
    bench.count(0)
    assert bench.text() == "12"
