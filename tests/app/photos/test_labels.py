"""What is said of photos with the mouse and the keyboard: missed numbers, false ones, numbers without a box."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton, QToolButton
from pytestqt.qtbot import QtBot

from app.photos.actions import PhotosAction
from core.collection.numbers import read_picture
from core.reading.types import NOT_A_DIGIT, Box
from tests.app.photos.photo_rig import PhotoRig
from tests.app.picture_fakes import number_of, plain, save_picture


@pytest.fixture
def rig(tmp_path: Path, qtbot: QtBot) -> Iterator[PhotoRig]:
    made = PhotoRig(tmp_path, qtbot)
    yield made
    made.window.close()


def test_a_missed_number_gets_a_box_and_its_name(rig: PhotoRig) -> None:
    rig.key(Qt.Key.Key_B)
    rig.drag(Box(20, 70, 40, 24))
    assert not rig.page.actions_of_page[PhotosAction.BOX].isChecked()
    drawn: Box | None = rig.page.view.new_box
    assert drawn is not None
    rig.type("217.61")
    rig.kept(1)
    (number,) = rig.numbers
    assert (number.written, number.was_read, number.whole, number.kind) == ("217.61", "", False, "photo")
    assert number.source_file == str(rig.photo)
    assert number.box is not None
    assert (number.box.w, number.box.h) == pytest.approx((40, 24), abs=1)
    assert number.box.x == pytest.approx(20, abs=2), "as much room as the photo has at its left"
    assert read_picture(number).shape[1] < 160, "a crop with some room"
    assert rig.digits == [], "where its digits stand is not known"
    assert rig.texts == ["1824", "56", "217.61"]
    assert [mark.shown.written for mark in rig.page.view.marks] == ["1824", "56", "217.61"]
    assert rig.page.view.new_box is None
    assert rig.page.view.hasFocus()
    rig.key(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    rig.kept(0)
    assert rig.texts == ["1824", "56"]


def test_shift_draws_a_box_too_and_escape_gives_it_up(rig: PhotoRig) -> None:
    rig.drag(Box(20, 70, 40, 24), Qt.KeyboardModifier.ShiftModifier)
    QTest.keyClicks(rig.window.panel.field.edit, "9")
    QTest.keyClick(rig.window.panel.field.edit, Qt.Key.Key_Escape)
    assert rig.page.view.new_box is None
    rig.drag(Box(20, 70, 1, 1), Qt.KeyboardModifier.ShiftModifier)
    assert rig.page.view.new_box is None, "a slip of the hand"
    rig.drag(Box(150, 70, 400, 24), Qt.KeyboardModifier.ShiftModifier)
    rig.type("88")
    rig.kept(1)
    box = rig.page.model.shown[-1].result.added[0][1]
    assert box is not None
    assert (box.x, box.y, box.w, box.h) == pytest.approx((150, 70, 10, 24), abs=1), (
        "only what lies in the photo"
    )


def test_an_added_number_can_be_corrected(rig: PhotoRig) -> None:
    rig.drag(Box(20, 70, 40, 24), Qt.KeyboardModifier.ShiftModifier)
    rig.type("88")
    rig.kept(1)
    rig.page.correct_number(2, "89")
    rig.wait(lambda: [n.written for n in rig.numbers] == ["89"])
    assert rig.digits == []
    assert rig.texts == ["1824", "56", "89"]
    for _ in range(2):
        rig.page.undo_correction()
    rig.kept(0)
    assert rig.texts == ["1824", "56"]


def test_a_number_without_a_box_needs_the_whole_photo(rig: PhotoRig) -> None:
    rig.key(Qt.Key.Key_A)
    rig.type("777")
    assert "whole photo" in rig.page.message.text
    assert rig.texts == ["1824", "56"]
    button = next(b for b in rig.page.message.findChildren(QPushButton) if b.text() == "Keep whole photos")
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    rig.key(Qt.Key.Key_A)
    rig.type("777")
    rig.kept(1)
    (number,) = rig.numbers
    assert (number.written, number.box, number.whole) == ("777", None, True)
    assert number.picture.read_bytes() == rig.photo.read_bytes(), "the photo itself"
    assert rig.texts == ["1824", "56", "777"]
    assert rig.page.model.shown[2].note == "added, without a box"
    assert len(rig.page.view.marks) == 2


def test_no_number_here_and_none_in_the_whole_photo(rig: PhotoRig) -> None:
    rig.page.select_digit(None)
    x, y = rig.page.view.viewport.to_widget(115, 70)
    QTest.mouseClick(rig.page.view, Qt.MouseButton.LeftButton, pos=QPoint(round(x), round(y)))
    rig.key(Qt.Key.Key_N)
    rig.kept(1)
    (number,) = rig.numbers
    assert (number.written, number.was_read) == ("", "56")
    assert number.box is not None
    assert rig.page.shown is not None
    assert rig.page.shown.text == "1824", "what is none is not copied"
    assert rig.page.model.shown[1].detail == "no number here"
    rig.key(Qt.Key.Key_N, Qt.KeyboardModifier.ShiftModifier)
    rig.kept(2)
    assert rig.page.shown.text == ""
    rig.page.undo_correction()
    rig.kept(1)
    assert rig.page.shown.text == "1824"


def test_digit_keys_go_on_and_one_too_many_is_the_whole_number(rig: PhotoRig) -> None:
    x, y = rig.page.view.viewport.to_widget(105, 70)
    QTest.mouseClick(rig.page.view, Qt.MouseButton.LeftButton, pos=QPoint(round(x), round(y)))
    for key in (Qt.Key.Key_4, Qt.Key.Key_7):
        rig.key(key)
    rig.wait(lambda: len(rig.digits) == 2)
    assert rig.texts == ["1824", "47"]
    assert len({d.origin.group for d in rig.digits}) == 1, "of one photo"
    rig.key(Qt.Key.Key_9)
    assert rig.window.panel.field.edit.text() == "479"
    rig.wait(lambda: rig.digits == [])
    QTest.keyClick(rig.window.panel.field.edit, Qt.Key.Key_Return)
    rig.kept(1)
    assert rig.texts == ["1824", "479"]
    assert [d.label for d in rig.digits] == [], "4 and 7 stand in boxes of two digits that are three"


def test_a_false_digit_of_a_number(rig: PhotoRig) -> None:
    button = next(b for b in rig.window.panel.findChildren(QToolButton) if b.text() == "–")
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    rig.wait(lambda: [d.label for d in rig.digits] == [NOT_A_DIGIT])
    assert rig.texts == ["824", "56"]


def test_what_was_said_of_a_photo_stays_with_it_while_others_are_shown(rig: PhotoRig) -> None:
    rig.page.close_all()
    for name in ("a", "b"):
        save_picture(rig.folder / "photos" / f"{name}.png")
    rig.page.open_paths([rig.folder / "photos"])
    rig.wait(lambda: rig.page.model.counts[0] == 2 and not rig.page.queue.is_running)
    rig.wait(lambda: rig.page.shown is not None)
    rig.page.correct_number(0, "1829")
    rig.page.correct_digit(rig.page.shown.refs[4], 7) if rig.page.shown is not None else None
    rig.kept(1)
    rig.page.actions_of_page[PhotosAction.NEXT].trigger()
    rig.wait(lambda: rig.page.shown is not None and rig.page.shown.text == "1824 56")
    rig.page.correct_number(0, "1111")
    rig.kept(2)
    assert rig.texts == ["1829", "76", "1111", "56"]
    for _ in range(2):
        rig.page.undo_correction()
    assert rig.texts == ["1829", "56", "1824", "56"]
    rig.page.undo_correction()
    rig.kept(0)
    assert rig.texts == ["1824", "56", "1824", "56"]


def test_the_next_photo_s_number_is_corrected_where_it_stands(tmp_path: Path, qtbot: QtBot) -> None:
    """Its first digit stood where that of the photo before did: F2 began a number that was not read, without a box."""
    rig = PhotoRig(tmp_path, qtbot, opens=False)

    def shows(text: str) -> Callable[[], bool]:
        return lambda: rig.window.panel.view.text == text

    reads = {40: "57", 80: "58", 120: "59"}
    for grey in reads:
        save_picture(tmp_path / "set" / f"{grey:03}.png", plain(value=grey))
    rig.reader.numbers = lambda image: (number_of(reads[int(image[0, 0, 0])], 20, 20),)
    rig.page.open_paths([tmp_path / "set"])
    rig.wait(lambda: rig.page.model.counts[0] == 3 and not rig.page.queue.is_running)
    for place, (read, written) in enumerate(zip(reads.values(), ("51", "52", "53"), strict=True)):
        rig.wait(shows(read))
        rig.key(Qt.Key.Key_F2)
        rig.type(written)
        rig.kept(place + 1)
        rig.page.actions_of_page[PhotosAction.NEXT].trigger()
    assert [(n.written, n.was_read, n.box is None) for n in rig.numbers] == [
        ("51", "57", False), ("52", "58", False), ("53", "59", False),
    ]  # fmt: skip
    assert rig.texts == ["51", "52", "53"]
    rig.window.close()
