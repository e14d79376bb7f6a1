"""What is said of a camera's picture: frozen while one types, boxes for what was missed, numbers of the history."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QTableView
from pytestqt.qtbot import QtBot

from app.camera.history import SeenNumber
from app.camera.history_panel import HistoryView
from app.camera.page import CameraPage
from app.camera.source.sources import CameraDevice, Source
from app.pages.page import PageFactory
from app.review.review import Review
from core.collection.numbers import read_picture
from tests.app.picture_fakes import FakeReader, number_of
from tests.app.window_rig import WindowRig

C920 = CameraDevice("C920", 0, 0)


class Feed:
    """A camera whose every picture is brighter than the one before."""

    size = (320, 240)

    def __init__(self) -> None:
        self._stop = threading.Event()
        self.count = 0

    def read(self) -> NDArray[np.uint8]:
        self._stop.wait(1 / 60)
        self.count += 1
        return np.full((240, 320, 3), 40 + self.count % 200, np.uint8)

    def interrupt(self) -> None:
        self._stop.set()

    def close(self) -> None:
        pass


class Rig(WindowRig):
    """The window with the camera page and a camera that shows 1824 all the time."""

    def __init__(self, folder: Path, qtbot: QtBot) -> None:
        def open_feed(source: Source, resolution: tuple[int, int] | None) -> Feed:
            return Feed()

        factory = PageFactory(
            "camera", "Camera", "camera",
            lambda context: CameraPage(context, opener=open_feed, list_devices=lambda: [C920], samples=folder),
        )  # fmt: skip
        super().__init__(folder, qtbot, FakeReader(number_of("1824", 100, 100, size=20)), factory)
        self.wait(lambda: self.page.history.entries)

    @property
    def page(self) -> CameraPage:
        page = self.window.page
        assert isinstance(page, CameraPage)
        return page

    @property
    def history_table(self) -> QTableView:
        view = self.page.side_widget()
        assert isinstance(view, HistoryView)
        return view.table

    @property
    def labels(self) -> list[int]:
        return sorted(d.label for d in self.digits)


@pytest.fixture
def rig(tmp_path: Path, qtbot: QtBot) -> Iterator[Rig]:
    made = Rig(tmp_path, qtbot)
    yield made
    made.window.close()


def test_the_picture_stands_still_while_one_types(rig: Rig) -> None:
    QTest.keyClick(rig.page.view, Qt.Key.Key_W)
    assert rig.page.session.frozen
    rig.reader.numbers = (number_of("9", 10, 10), number_of("55", 200, 200))  # what would be read anew
    QTest.qWait(100)
    rig.type("1829")
    rig.wait(lambda: len(rig.numbers) == 1 and len(rig.labels) == 4)
    (number,) = rig.numbers
    assert (number.written, number.was_read, number.kind, number.source_file) == (
        "1829",
        "1824",
        "camera",
        "C920",
    )
    assert number.group.startswith("C920 "), "all pictures of one source are learned from together"
    assert rig.labels == [1, 2, 8, 9]
    assert rig.window.panel.view.text == "1829"
    assert rig.page.session.frozen
    assert rig.page.view.hasFocus()
    QTest.keyClick(rig.page.view, Qt.Key.Key_Space)
    rig.wait(lambda: not rig.page.session.frozen)
    rig.wait(lambda: "9" in rig.window.panel.view.text)


def test_a_missed_number_of_a_frozen_picture_gets_a_box(rig: Rig) -> None:
    QTest.keyClick(rig.page.view, Qt.Key.Key_Space)
    rig.wait(lambda: rig.page.shown is not None)
    QTest.keyClick(rig.page.view, Qt.Key.Key_B)
    view = rig.page.view
    start, stop = (QPointF(*view.viewport.to_widget(*at)) for at in ((10, 10), (90, 40)))
    left = Qt.MouseButton.LeftButton
    for kind, at in (
        (QEvent.Type.MouseButtonPress, start),
        (QEvent.Type.MouseMove, stop),
        (QEvent.Type.MouseButtonRelease, stop),
    ):
        place = view.mapToGlobal(at)
        modifier = Qt.KeyboardModifier.NoModifier
        QApplication.sendEvent(view, QMouseEvent(kind, at, place, left, left, modifier))
    rig.type("77")
    rig.wait(lambda: [n.written for n in rig.numbers] == ["77"])
    box = rig.numbers[0].box
    assert box is not None
    assert box.w == pytest.approx(80, abs=2)
    assert [mark.shown.written for mark in view.marks] == ["1824", "77"]
    assert rig.labels == []


def test_a_number_of_the_history_is_looked_at_and_corrected(rig: Rig) -> None:
    entry = rig.page.history.entries[0]
    assert entry.seen is not None
    table = rig.history_table
    QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(5, 5))
    assert rig.page.session.frozen
    piece = entry.seen.image()
    assert rig.page.view.viewport.image == (piece.shape[1], piece.shape[0])
    assert len(np.unique(piece)) == 1, "cut out of one picture, without loss"
    QTest.keyClick(rig.page.view, Qt.Key.Key_W)
    rig.type("1829")
    rig.wait(lambda: len(rig.numbers) == 1)
    (number,) = rig.numbers
    assert (number.written, number.was_read) == ("1829", "1824")
    assert int(read_picture(number).mean()) == int(piece.mean()), (
        "the picture that it was seen in, not the live one"
    )
    assert rig.page.history.entries[0].written == "1829"
    assert rig.page.history.entries[0].detail == "corrected"
    QTest.keyClick(rig.page.view, Qt.Key.Key_Space)
    rig.wait(lambda: rig.page.view.viewport.image == (320, 240) and rig.page.shown is not None)
    rig.page.undo_correction()
    rig.wait(lambda: not rig.numbers)
    assert rig.page.history.entries[0].written == "1824"


def test_no_number_here(rig: Rig) -> None:
    QTest.keyClick(rig.page.view, Qt.Key.Key_Space)
    rig.wait(lambda: rig.page.selected is not None)
    QTest.keyClick(rig.page.view, Qt.Key.Key_N)
    rig.wait(lambda: [n.written for n in rig.numbers] == [""])
    assert rig.window.panel.view.detail == "no number here"


def test_a_large_piece_is_kept_too() -> None:
    picture = np.random.default_rng(1).integers(0, 255, (1500, 2000, 3), np.uint8)
    seen = SeenNumber.cut(picture, number_of("12", 300, 300, size=400))
    image = seen.image()
    assert image.shape[2] == 3
    assert seen.number.box.x <= 300
    assert seen.number.digits[1].box.x - seen.number.digits[0].box.x == 400


def test_the_history_is_reviewed(rig: Rig) -> None:
    QTest.keyClick(rig.page.view, Qt.Key.Key_R, Qt.KeyboardModifier.ControlModifier)
    review = rig.page.findChild(Review)
    assert isinstance(review, Review)
    rig.wait(lambda: review.is_ready)
    assert rig.page.session.frozen, "the live picture waits"
    assert not rig.window.panel.isVisible()
    field = review.view.field
    assert field.hasFocus()
    assert (field.text(), review.view.progress_text) == ("1824", "0 of 1 · 1 left")
    QTest.keyClicks(field, "1829")
    QTest.keyClick(field, Qt.Key.Key_Return)
    rig.wait(lambda: len(rig.numbers) == 1 and len(rig.labels) == 4)
    (number,) = rig.numbers
    assert (number.written, number.was_read, number.kind, number.source_file) == (
        "1829",
        "1824",
        "camera",
        "C920",
    )
    assert number.group.startswith("C920 ")
    assert rig.page.history.entries[0].written == "1829"
    QTest.keyClick(field, Qt.Key.Key_Escape)
    rig.wait(lambda: not rig.page.session.frozen)
    assert rig.window.panel.isVisible()
    assert rig.page.view.hasFocus()
    QTest.keyClick(rig.page.view, Qt.Key.Key_R, Qt.KeyboardModifier.ControlModifier)
    assert "nothing to review" in rig.page.message.text


def test_an_entry_that_was_reviewed_and_is_named_again_is_kept_once(rig: Rig) -> None:
    QTest.keyClick(rig.page.view, Qt.Key.Key_R, Qt.KeyboardModifier.ControlModifier)
    review = rig.page.findChild(Review)
    assert isinstance(review, Review)
    rig.wait(lambda: review.is_ready)
    QTest.keyClick(review.view.field, Qt.Key.Key_Return)
    QTest.keyClick(review.view.field, Qt.Key.Key_Escape)
    rig.wait(lambda: [n.written for n in rig.numbers] == ["1824"])
    table = rig.history_table
    QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(5, 5))
    rig.page.correct_number(0, "1829")
    rig.wait(lambda: [n.written for n in rig.numbers] == ["1829"])
    assert rig.page.history.entries[0].written == "1829"


def test_a_held_picture_is_the_one_that_was_read(rig: Rig) -> None:
    """Frames that come, or are on their way, don't take the place of the one whose boxes are shown."""
    newest = rig.page.session.newest()
    assert newest is not None
    QTest.keyClick(rig.page.view, Qt.Key.Key_W)
    before = rig.page.view.grab().toImage()
    rig.page.session.frame_changed.emit(newest)
    assert rig.page.view.grab().toImage() == before
