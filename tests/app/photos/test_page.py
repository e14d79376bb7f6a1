"""The photos page: opening, dropping, pasting; boxes and corrections."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QToolButton
from pytestqt.qtbot import QtBot

from app.photos.actions import PhotosAction
from app.photos.bar import progress_text
from app.photos.files import sample_photos
from app.photos.folder_job import FolderProgress
from app.ui.actions import DigitAction
from app.ui.shown_reading import DigitRef
from core.base.errors import DataError, ModelError
from core.loaders.user_digits import UserDigitStore, read_image
from tests.app.photos.page_rig import Rig, opened, wait
from tests.app.picture_fakes import number_of, plain


def test_a_photo_is_shown_at_once_and_then_read(rig: Rig, qtbot: QtBot) -> None:
    rig.reader.gate.clear()
    rig.page.open_paths([rig.picture("house.png")])
    wait(qtbot, lambda: rig.page.view.has_picture)
    assert not rig.read
    assert rig.page.side.hint == "Reading …"
    assert not rig.page.view.offers
    rig.reader.gate.set()
    wait(qtbot, lambda: rig.read)
    assert [m.shown.text for m in rig.page.view.marks] == ["1824", "56"]
    assert rig.page.view.marks[0].is_selected
    assert [rig.page.side.list.item(i).text() for i in range(2)] == [
        "1824   sure (95%)",
        "56   fairly sure (70%)",
    ]
    assert rig.page.table.isHidden()
    assert rig.page.bar.zoom_text == f"{rig.page.view.viewport.scale:.0%}"
    assert not rig.page.grab().isNull()


@pytest.mark.parametrize("content", [b"", b"no photo"])
def test_a_broken_photo_is_reported_and_another_can_follow(rig: Rig, qtbot: QtBot, content: bytes) -> None:
    broken = rig.folder / "broken.jpg"
    broken.write_bytes(content)
    rig.page.open_paths([broken])
    wait(qtbot, lambda: "broken.jpg" in rig.page.message.text)
    assert rig.page.view.offers
    opened(rig, qtbot)
    assert rig.page.message.text == ""


def test_a_photo_without_numbers_says_so(rig: Rig, qtbot: QtBot) -> None:
    rig.reader.numbers = ()
    opened(rig, qtbot)
    assert rig.page.side.hint == "No number was found in this photo."


def test_a_model_that_is_missing_is_said(rig: Rig, qtbot: QtBot) -> None:
    rig.reader.error = ModelError("detector.onnx is missing.")
    rig.page.open_paths([rig.picture("house.png")])
    wait(qtbot, lambda: rig.page.message.text == "detector.onnx is missing.")


def test_dropping_files_pictures_and_nonsense(rig: Rig, qtbot: QtBot) -> None:
    def drop(mime: QMimeData) -> None:
        at, action = QPoint(100, 100), Qt.DropAction.CopyAction
        buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
        QApplication.sendEvent(rig.page.view, QDragEnterEvent(at, action, mime, buttons, keys))
        QApplication.sendEvent(rig.page.view, QDropEvent(QPointF(at), action, mime, buttons, keys))

    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(rig.picture("house.png")))])
    drop(mime)
    wait(qtbot, lambda: rig.read)
    mime = QMimeData()
    image = QImage(50, 40, QImage.Format.Format_ARGB32)
    image.fill(Qt.GlobalColor.red)
    mime.setImageData(image)
    drop(mime)
    wait(qtbot, lambda: rig.page.view.viewport.image == (50, 40) and rig.read)
    mime = QMimeData()
    mime.setUrls([QUrl("https://example.org/photo.jpg")])
    drop(mime)
    assert "no photo in it" in rig.page.message.text


def test_pasting(rig: Rig, qtbot: QtBot) -> None:
    image = QImage(60, 30, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.gray)
    QGuiApplication.clipboard().setImage(image)
    rig.page.actions_of_page[PhotosAction.PASTE].trigger()
    wait(qtbot, lambda: rig.read)
    assert rig.reader.seen[-1][:2] == (30, 60)
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(rig.picture("house.png")))])
    QGuiApplication.clipboard().setMimeData(mime)
    rig.page.actions_of_page[PhotosAction.PASTE].trigger()
    wait(qtbot, lambda: rig.page.view.viewport.image == (160, 120))
    QGuiApplication.clipboard().setText("words")
    rig.page.actions_of_page[PhotosAction.PASTE].trigger()
    assert "no photo in it" in rig.page.message.text


def test_the_newest_photo_wins(rig: Rig, qtbot: QtBot) -> None:
    rig.reader.gate.clear()
    rig.page.open_paths([rig.picture("a.png", plain(10, 10))])
    wait(qtbot, lambda: rig.reader.seen)
    rig.page.open_paths([rig.picture("b.png", plain(20, 20))])
    rig.page.open_paths([rig.picture("c.png", plain(30, 30))])
    rig.reader.gate.set()
    wait(qtbot, lambda: rig.read)
    assert rig.page.view.viewport.image == (30, 30)
    assert {row.result.title for row in rig.page.model.rows} == {"c.png"}


def test_a_click_on_a_box_selects_its_digit(rig: Rig, qtbot: QtBot) -> None:
    opened(rig, qtbot)
    x, y = rig.page.view.viewport.to_widget(115, 70)
    QTest.mouseClick(rig.page.view, Qt.MouseButton.LeftButton, pos=QPoint(round(x), round(y)))
    assert rig.selected == [DigitRef(1, 1)]
    assert rig.page.view.marks[1].is_selected
    assert rig.page.view.marks[1].digit == 1
    assert rig.page.side.list.currentRow() == 1
    rig.page.side.list.setCurrentRow(0)
    assert rig.selected[-1] == DigitRef(0, 0)
    rig.page.actions_of_page[DigitAction.NEXT].trigger()
    assert rig.selected[-1] == DigitRef(0, 1)
    rig.page.actions_of_page[DigitAction.PREVIOUS].trigger()
    assert rig.selected[-1] == DigitRef(0, 0)


def test_keys_zoom(rig: Rig, qtbot: QtBot) -> None:
    opened(rig, qtbot)
    a = rig.page.actions_of_page
    a[PhotosAction.ZOOM_IN].trigger()
    assert rig.page.view.viewport.zoom > 1
    for action in (PhotosAction.ZOOM_OUT, PhotosAction.ACTUAL, PhotosAction.FIT):
        a[action].trigger()
    assert rig.page.view.viewport.zoom == 1
    QTest.keyClick(rig.page.view, Qt.Key.Key_Plus)
    assert rig.page.view.viewport.zoom > 1


def test_the_numbers_are_copied(rig: Rig, qtbot: QtBot) -> None:
    opened(rig, qtbot)
    QTest.keyClick(rig.page.view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == "1824 56"


def test_closing_empties_the_page(rig: Rig, qtbot: QtBot) -> None:
    opened(rig, qtbot)
    rig.page.actions_of_page[PhotosAction.CLEAR].trigger()
    assert rig.page.view.offers
    assert rig.readings[-1] is None
    assert rig.page.model.rows == []


def test_another_model_reads_the_photo_again(rig: Rig, qtbot: QtBot) -> None:
    opened(rig, qtbot)
    rig.reader.numbers = (number_of("99"),)
    (rig.folder / "other.onnx").write_bytes(b"x")
    rig.context.models.use(rig.folder / "other.onnx")
    wait(qtbot, lambda: rig.texts == ["99"])


def mine(rig: Rig) -> list[tuple[int, int]]:
    """(label, grey of the crop) of everything kept; the fake crops' grey is 20 times what was read."""
    found = []
    for entry in UserDigitStore(rig.context.places.corrections).entries():
        with contextlib.suppress(DataError):  # taken back since it was listed
            found.append((entry.label, int(read_image(entry).mean()) // 20))
    return sorted(found)


def test_a_corrected_number_gives_its_crops_and_is_shown(rig: Rig, qtbot: QtBot) -> None:
    opened(rig, qtbot)
    side = rig.page.side
    rig.page.correct_number(0, "1829")
    wait(qtbot, lambda: len(mine(rig)) == 4)
    assert mine(rig) == [(1, 1), (2, 2), (8, 8), (9, 4)]
    assert rig.notices[-1] == ("Kept as 1829, with its 4 digits.", True)
    assert rig.texts == ["1829", "56"]
    assert rig.readings[-1] is not None
    assert rig.readings[-1].numbers[0].text == "1829"
    assert rig.page.view.marks[0].shown.is_corrected
    assert "read as 1824" in side.list.item(0).text()
    rig.page.undo_correction()
    wait(qtbot, lambda: mine(rig) == [])
    assert rig.texts == ["1824", "56"]
    assert rig.notices[-1] == ("Taken back.", False)
    rig.page.actions_of_page[PhotosAction.REDO].trigger()
    wait(qtbot, lambda: len(mine(rig)) == 4)
    assert rig.texts == ["1829", "56"]


def test_digits_that_cannot_be_told_apart_are_not_kept(rig: Rig, qtbot: QtBot) -> None:
    opened(rig, qtbot)
    rig.page.correct_number(1, "567")
    wait(qtbot, lambda: mine(rig) == [(5, 5)])
    assert rig.notices[-1] == ("Kept as 567, with 1 digit: the rest can't be told apart.", True)
    assert rig.texts == ["1824", "567"]
    assert rig.page.view.marks[1].shown.written == "567"
    rig.page.correct_digit(DigitRef(1, 0), 9)
    assert "change it there" in rig.notices[-1][0]


def test_a_second_correction_takes_the_place_of_the_first(rig: Rig, qtbot: QtBot) -> None:
    opened(rig, qtbot)
    rig.page.correct_number(0, "1829")
    wait(qtbot, lambda: len(mine(rig)) == 4)
    rig.page.correct_number(0, "1828")
    wait(qtbot, lambda: mine(rig) == [(1, 1), (2, 2), (8, 4), (8, 8)])
    rig.page.correct_digit(DigitRef(0, 0), 7)
    wait(qtbot, lambda: mine(rig) == [(2, 2), (7, 1), (8, 4), (8, 8)])
    rig.page.undo_correction()
    rig.page.undo_correction()
    wait(qtbot, lambda: mine(rig) == [(1, 1), (2, 2), (8, 8), (9, 4)])
    assert rig.texts[0] == "1829"
    rig.page.undo_correction()
    wait(qtbot, lambda: mine(rig) == [])
    assert rig.texts[0] == "1824"


def test_one_digit_is_corrected_from_the_panel(rig: Rig, qtbot: QtBot) -> None:
    opened(rig, qtbot)
    rig.page.select_digit(DigitRef(0, 3))
    rig.page.actions_of_page[DigitAction.IS_7].trigger()
    wait(qtbot, lambda: mine(rig) == [(7, 4)])
    assert rig.texts == ["1827", "56"]
    rig.page.correct_digit(DigitRef(0, 3), 7)
    rig.page.correct_digit(DigitRef(None, 17), 7)
    assert len(mine(rig)) == 1
    rig.page.correct_digit(DigitRef(0, 0), 4)
    wait(qtbot, lambda: len(mine(rig)) == 2)
    assert rig.texts == ["4827", "56"]
    rig.page.undo_correction()
    assert rig.texts == ["1827", "56"]


def test_dialogs_open_photos_and_folders(rig: Rig, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    paths = [str(rig.picture("a.png")), str(rig.picture("b.png"))]
    monkeypatch.setattr(QFileDialog, "getOpenFileNames", lambda *_: (paths, ""))
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(rig.folder / "photos"))
    for action in (
        rig.page.actions_of_page[PhotosAction.OPEN],
        rig.page.actions_of_page[PhotosAction.OPEN_FOLDER],
    ):
        action.trigger()
        wait(qtbot, lambda: not rig.page.queue.is_running and len(rig.texts) == 4)
        rig.page.actions_of_page[PhotosAction.CLEAR].trigger()


def test_the_samples_are_offered_where_they_are(rig: Rig, qtbot: QtBot, tmp_path: Path) -> None:
    names = [b.text() for b in rig.page.view.findChildren(QToolButton) if b.isVisible()]
    assert "Try the samples" in names
    rig.page.actions_of_page[PhotosAction.SAMPLE].trigger()
    wait(qtbot, lambda: not rig.page.queue.is_running and len(rig.texts) == 4)
    assert sample_photos(tmp_path / "none") == []


def test_progress_in_words() -> None:
    assert progress_text(FolderProgress()) == "looking for photos …"
    assert progress_text(FolderProgress(312, 1000, 2)) == "312 of 1\u202f000, 2 could not be read"


def test_a_photo_is_turned_read_anew_and_turned_back(rig: Rig, qtbot: QtBot) -> None:
    rig.page.open_paths([rig.picture("side.png", plain(100, 60))])
    wait(qtbot, lambda: rig.read)
    rig.page.correct_number(0, "1829")
    rig.reader.numbers = (number_of("9491"),)
    rig.page.actions_of_page[PhotosAction.TURN_RIGHT].trigger()
    wait(qtbot, lambda: rig.texts == ["9491"])
    assert rig.page.view.viewport.image == (60, 100)
    assert rig.reader.seen[-1][:2] == (100, 60)
    rig.page.actions_of_page[PhotosAction.TURN_LEFT].trigger()
    wait(qtbot, lambda: rig.page.view.viewport.image == (100, 60))
    for _ in range(2):
        rig.page.actions_of_page[PhotosAction.UNDO].trigger()
    wait(qtbot, lambda: rig.texts == ["1829", "56"])
    assert rig.page.view.viewport.image == (100, 60)
    rig.page.actions_of_page[PhotosAction.UNDO].trigger()
    assert rig.texts == ["1824", "56"], "the correction that was made before the photo was turned"


def test_numbers_are_shown_in_reading_order_and_maybes_as_questions(rig: Rig, qtbot: QtBot) -> None:
    rig.reader.numbers = (number_of("581", 10, 80), number_of("2024", 10, 10, confidence=0.7))
    rig.reader.maybe = (number_of("9", 100, 40, confidence=0.41),)
    rig.page.open_paths([rig.picture("house.png")])
    wait(qtbot, lambda: rig.read)
    assert rig.texts == ["2024", "581", "9?"]
    assert rig.page.side.list.item(2).text() == "9?   maybe (41%)"
    QTest.keyClick(rig.page.view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == "2024 581"
    rig.page.select_digit(DigitRef(2, 0))
    assert [row.text for row in rig.page.table.selected()] == ["9?"], "the table follows the panel"
    rig.page.correct_digit(DigitRef(2, 0), 9)
    assert rig.texts == ["2024", "581", "9"]
    assert rig.page.shown is not None
    assert rig.page.shown.text == "2024 581 9"
    assert not rig.page.grab().isNull()
