"""The window of what was labelled, by keys and mouse."""

import json
from pathlib import Path

import numpy as np
from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton

from app.collection.sharing import ExportDialog
from app.ui.theme import contrast, fusion_palette
from core.collection.items import Group
from core.reading.types import Box, Digit, Number, Reading
from tests.app.collection.conftest import Rig, add_digits, glyph
from tests.core.collection.filled import fill

CTRL = Qt.KeyboardModifier.ControlModifier
MISTAKES_ROW, NUMBERS_ROW, SEVEN_ROW = 2, 15, 11


def test_a_key_relabels_and_goes_on_and_can_be_undone(rig: Rig) -> None:
    add_digits(rig, 4, 4, 9)
    rig.open(3)
    rig.click(0)
    rig.type("7")
    rig.wait(lambda: rig.labels() == ["4", "7", "9"])
    rig.wait(lambda: rig.shown == ["7", "4", "9"])  # it stays where it was
    assert [item.words for item in rig.window.grid.chosen] == ["4"]
    rig.type("-")
    rig.wait(lambda: rig.shown == ["7", "no digit", "9"])
    assert rig.labels() == ["7", "9", "no digit"]
    assert rig.window.notice.words == "Digit relabelled as no digit."
    rig.press(Qt.Key.Key_Z, CTRL)
    rig.wait(lambda: rig.shown == ["7", "4", "9"])
    rig.window.notice.linkActivated.emit("undo")
    rig.wait(lambda: rig.shown == ["4", "4", "9"])
    assert rig.labels() == ["4", "4", "9"]
    rig.window.commands.redo.trigger()
    rig.wait(lambda: rig.labels() == ["4", "7", "9"])


def test_several_are_relabelled_at_once(rig: Rig) -> None:
    add_digits(rig, 1, 2, 3, 4)
    rig.open(4)
    rig.click(0)
    rig.click(2, ctrl=True)
    rig.type("5")
    rig.wait(lambda: rig.window.notice.words == "2 images relabelled as 5.")
    assert rig.labels() == ["2", "4", "5", "5"]
    rig.window.commands.undo.trigger()
    rig.wait(lambda: rig.labels() == ["1", "2", "3", "4"])


def test_a_number_is_typed_and_its_digits_follow(rig: Rig) -> None:
    number = rig.numbers.add(np.full((20, 40), 128, np.uint8), "47", was_read="41")
    add_digits(rig, 4, 7, number=number.id)
    rig.open(3)
    rig.choose_group(NUMBERS_ROW)
    assert rig.shown == ["47"]
    rig.click(0)
    rig.type("1")  # begins the label
    field = rig.window.details.field
    rig.wait(field.hasFocus)
    QTest.keyClicks(field, "7-B")
    QTest.keyClick(field, Qt.Key.Key_Return)
    rig.wait(lambda: rig.labels() == ["1", "17-B", "7"])
    assert rig.window.grid.hasFocus()
    rig.window.commands.undo.trigger()
    rig.wait(lambda: rig.labels() == ["4", "47", "7"])


def test_what_is_no_label_is_told_and_changes_nothing(rig: Rig) -> None:
    add_digits(rig, 4)
    rig.open(1)
    rig.click(0)
    rig.press(Qt.Key.Key_Return)
    field = rig.window.details.field
    assert field.hasFocus()
    assert field.text() == field.selectedText() == "4"
    QTest.keyClicks(field, "x")
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert "no digit: give one from 0 to 9" in rig.window.message.text
    assert rig.labels() == ["4"]
    field.clear()
    QTest.keyClick(field, Qt.Key.Key_Return)
    rig.wait(lambda: rig.labels() == ["no digit"])


def test_deleted_comes_back_where_it_was(rig: Rig) -> None:
    add_digits(rig, 1, 2, 3)
    rig.open(3)
    rig.click(1)
    rig.press(Qt.Key.Key_Delete)
    rig.wait(lambda: rig.shown == ["1", "3"])
    assert rig.labels() == ["1", "3"]
    assert rig.window.notice.words == "Deleted digit 2."
    assert [item.words for item in rig.window.grid.chosen] == ["3"]
    rig.press(Qt.Key.Key_Z, CTRL)
    rig.wait(lambda: rig.shown == ["1", "2", "3"])
    assert rig.labels() == ["1", "2", "3"]


def test_keys_of_the_field_delete_text_not_pictures(rig: Rig) -> None:
    add_digits(rig, 1)
    rig.open(1)
    rig.click(0)
    rig.press(Qt.Key.Key_F2)
    field = rig.window.details.field
    for key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
        QTest.keyClick(field, key)
    assert field.text() == ""
    assert rig.labels() == ["1"]


def test_search_and_parts(rig: Rig, tmp_path: Path) -> None:
    fill(rig.places.corrections, tmp_path / "photos")
    rig.open(13)
    assert rig.window.status.startswith("13 images")
    rig.press(Qt.Key.Key_F, CTRL)
    search = rig.window.filters.search
    rig.wait(search.hasFocus)
    QTest.keyClicks(search, "12b")
    rig.wait(lambda: rig.shown == ["12B", "12b"])
    assert rig.window.status.startswith("2 of 13 images")
    QTest.keyClick(search, Qt.Key.Key_Return)
    assert rig.window.grid.hasFocus()
    search.clear()
    rig.wait(lambda: len(rig.shown) == 13)
    rig.choose_group(SEVEN_ROW)
    assert rig.shown == ["7", "7"]
    assert rig.window.groups.item(SEVEN_ROW).text() == "    7  (2)"
    rig.window.filters.kind.setCurrentIndex(1)
    assert rig.shown == ["7"]


def test_planted_mistakes_come_first_and_what_is_right_is_not_asked_again(rig: Rig) -> None:
    ids = add_digits(rig, *range(10), *range(10))
    same = rig.digits.add((), glyph(3), 5)  # the picture of the first 3
    rig.judge.digits = {ids[14]: ("9", 0.97), ids[16]: ("", 0.95), ids[17]: ("1", 0.6)}
    rig.open(21)
    rig.wait(lambda: rig.window.browser.counts[Group.MISTAKES] == 4)
    rig.choose_group(MISTAKES_ROW)
    assert sorted(rig.shown) == ["3", "4", "5", "6"]
    assert sorted(rig.shown[:2]) == ["3", "5"]  # surest first
    assert rig.shown[2:] == ["4", "6"]
    rig.click(2)
    assert rig.window.details.doubt == "The present model is sure that this is a 9 (97%)."
    rig.type("9")
    rig.wait(lambda: rig.window.browser.counts[Group.MISTAKES] == 3)
    assert "9" in rig.shown  # in sight until another part is chosen
    rig.wait(lambda: [item.words for item in rig.window.grid.chosen] == ["6"])
    rig.press(Qt.Key.Key_Return, CTRL)
    rig.wait(lambda: rig.window.browser.counts[Group.MISTAKES] == 2)
    assert json.loads((rig.places.corrections / "confirmed.json").read_text()) == [f"digit {ids[16]}"]
    rig.click(rig.shown.index("5"))
    assert "labelled “3” elsewhere" in rig.window.details.doubt
    rig.window.commands.others.trigger()
    assert sorted(item.words for item in rig.window.grid.chosen) == ["3", "5"]
    rig.window.commands.undo.trigger()
    rig.wait(lambda: rig.window.browser.counts[Group.MISTAKES] == 3)
    rig.click(rig.shown.index("5"))
    rig.press(Qt.Key.Key_Delete)
    rig.wait(lambda: rig.window.browser.counts[Group.MISTAKES] == 1)
    assert same.id in rig.digits.deleted_ids()


def test_numbers_that_are_read_otherwise(rig: Rig) -> None:
    box = Box(5, 5, 30, 12)
    rig.numbers.add(np.full((20, 40), 128, np.uint8), "48", box=box)
    rig.judge.reading = Reading((Number((Digit(4, 0.99, box), Digit(1, 0.99, box)), 0.98, box),))
    rig.open(1)
    rig.wait(lambda: rig.window.browser.counts[Group.MISTAKES] == 1)
    rig.click(0)
    assert rig.window.details.doubt == "The present model is sure that this is a 41 (98%)."
    assert rig.judge.read_count == 1
    # What was read is remembered: the next window does not read it again.
    rig.window.hide()
    rig.wait(lambda: (rig.places.cache / "collection-checks.json").is_file())


def test_a_damaged_entry_is_told_in_a_sentence_and_the_rest_is_there(rig: Rig) -> None:
    add_digits(rig, 1, 2)
    bad = rig.digits.entries()[0]
    bad.json_path.write_text("{")
    rig.open(1)
    assert rig.shown == ["2"]
    assert rig.window.message.text == f"Left out: {bad.json_path} is damaged: it is not JSON."


def test_a_picture_that_cannot_be_opened_is_told(rig: Rig) -> None:
    add_digits(rig, 1, 2)
    bad = rig.digits.entries()[0]
    bad.png_path.write_bytes(b"no picture")
    rig.open(2)
    rig.wait(lambda: bad.png_path.name in rig.window.message.text)


def test_thousands_are_not_loaded_to_show_a_screenful(rig: Rig) -> None:
    add_digits(rig, *[i % 10 for i in range(300)])
    made: list[str] = []
    rig.window.model.thumbnails.ready.connect(made.append)
    rig.open(300)
    rig.wait(lambda: len(made) >= 8)
    QTest.qWait(300)
    assert len(made) < 150
    rig.click(0)
    rig.press(Qt.Key.Key_End)
    last = rig.window.model.items[-1].id
    rig.wait(lambda: any(last in key for key in made))


def test_what_was_learned_from_is_not_new(rig: Rig, tmp_path: Path) -> None:
    add_digits(rig, 1, 2)
    learned = rig.digits.entries()[0].added
    from app.collection.window import CollectionWindow
    from app.services.settings import Settings

    window = CollectionWindow(
        rig.places, Settings(tmp_path / "settings"), rig.judge, learned_at=lambda: learned
    )
    rig.qtbot.addWidget(window)
    window.show()
    rig.wait(lambda: window.browser.counts[Group.ALL] == 2)
    assert window.browser.counts[Group.NEW] == 1
    window.shut_down()


def test_an_empty_window_says_what_to_do_and_an_import_by_drop_fills_it(rig: Rig, tmp_path: Path) -> None:
    from core.collection.exchange.writing import export_collection

    fill(tmp_path / "theirs", tmp_path / "photos")
    export_collection(tmp_path / "theirs", tmp_path / "export", "coco")
    rig.open(0)
    assert any(
        button.isVisible() for button in rig.window.findChildren(QPushButton) if button.text() == "Import…"
    )
    assert not rig.window.commands.export.isEnabled()
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(tmp_path / "export"))])
    at, action = QPoint(100, 100), Qt.DropAction.CopyAction
    none = Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(at, action, data, Qt.MouseButton.LeftButton, none)
    QApplication.sendEvent(rig.window, enter)
    assert enter.isAccepted()
    QApplication.sendEvent(rig.window, QDropEvent(QPointF(at), action, data, Qt.MouseButton.LeftButton, none))
    rig.wait(lambda: len(rig.shown) == 13)
    assert rig.window.message.text == "Imported 4 digits and 9 numbers."
    rig.window.take_in(tmp_path / "export")
    rig.wait(lambda: rig.window.message.text == "Nothing new: all 13 are here already.")
    assert len(rig.labels()) == 13
    rig.window.take_in(tmp_path / "nowhere")
    rig.wait(lambda: "there is no such folder" in rig.window.message.text)


def test_export_by_the_dialog(rig: Rig, tmp_path: Path) -> None:
    add_digits(rig, 1, 2)
    rig.open(2)
    rig.press(Qt.Key.Key_E, CTRL)
    (dialog,) = rig.window.findChildren(ExportDialog)
    rig.wait(dialog.isVisible)
    QTest.mouseClick(
        dialog.button("csv"), Qt.MouseButton.LeftButton, pos=QPoint(8, dialog.button("csv").height() // 2)
    )
    assert dialog.form == "csv"
    dialog.path.selectAll()
    QTest.keyClicks(dialog.path, str(tmp_path / "out"))
    QTest.mouseClick(dialog.export, Qt.MouseButton.LeftButton)
    rig.wait(lambda: rig.window.message.text == f"Exported 2 digits to {tmp_path / 'out'}.")
    assert (tmp_path / "out" / "digits" / "labels.csv").is_file()


def test_other_windows_news_is_followed(rig: Rig) -> None:
    add_digits(rig, 1)
    rig.open(1)
    add_digits(rig, 2)
    rig.window.set_count(2)
    rig.wait(lambda: rig.shown == ["1", "2"])


def test_keys_that_label_are_no_type_ahead(rig: Rig) -> None:
    """Qt's list would jump to the item whose words begin with what is typed."""
    add_digits(rig, 1, 2, 3)
    rig.open(3)
    rig.window.grid.clearSelection()
    event = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_3, Qt.KeyboardModifier.NoModifier, "3")
    QApplication.sendEvent(rig.window.grid, event)
    assert rig.window.grid.chosen == []
    assert rig.labels() == ["1", "2", "3"]


def test_every_part_can_be_read_after_a_change_of_theme(rig: Rig) -> None:
    add_digits(rig, 1, 2)
    rig.open(2)
    rig.window.setPalette(fusion_palette(dark=False))
    rig.window.setPalette(fusion_palette(dark=True))
    groups = rig.window.groups
    ground = groups.palette().base().color()
    for row in range(groups.count()):
        assert contrast(groups.item(row).foreground().color(), ground) > 3


def test_many_at_once(rig: Rig) -> None:
    add_digits(rig, *[i % 10 for i in range(70)])
    rig.open(70)
    rig.press(Qt.Key.Key_A, CTRL)
    assert len(rig.window.grid.chosen) == 70
    rig.type("5")
    rig.wait(lambda: rig.shown == ["5"] * 70)
    assert rig.window.notice.words == "63 images relabelled as 5."
    rig.press(Qt.Key.Key_A, CTRL)
    rig.press(Qt.Key.Key_Delete)
    rig.wait(lambda: rig.shown == [])
    assert rig.labels() == []
    rig.window.commands.undo.trigger()
    rig.wait(lambda: rig.shown == ["5"] * 70)
    rig.window.commands.undo.trigger()
    rig.wait(lambda: sorted(rig.shown) == sorted(str(i % 10) for i in range(70)))
