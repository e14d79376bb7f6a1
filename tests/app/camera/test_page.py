"""The camera page: what it shows, says, saves and frees; its keys and its history."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QToolButton
from pytestqt.qtbot import QtBot

from app.camera.actions import EXPOSURE, CameraAction
from app.camera.bar import CameraBar
from app.camera.notice import notice_of
from app.camera.page import CameraPage
from app.camera.playback_bar import clock_text
from app.camera.region import ReadingRegion
from app.camera.source.capture import CapturePhase, State
from app.camera.source.controls import Offered
from app.camera.source.faults import Fault, FaultKind, FeedError, in_use, refused, unplugged
from app.camera.source.sources import CameraDevice, Source, Stream, VideoFile
from app.pages.page import PageContext
from app.ui.shown_reading import DigitRef, ShownReading
from tests.app.mjpeg_server import MjpegServer
from tests.app.picture_fakes import FakeReader, as_shown, context_in, number_of, write_video

C920 = CameraDevice("C920", 0, 0)
OTHER = CameraDevice("Other", 2, 0)


class FakeFeed:
    """A camera at 60 pictures a second."""

    def __init__(self, size: tuple[int, int]) -> None:
        self.size = size
        self.fault: Fault | None = None
        self.closed = threading.Event()
        self._stop = threading.Event()

    def read(self) -> NDArray[np.uint8]:
        self._stop.wait(1 / 60)
        if self.fault is not None:
            raise FeedError(self.fault)
        return np.full((self.size[1], self.size[0], 3), 90, np.uint8)

    def interrupt(self) -> None:
        self._stop.set()

    def close(self) -> None:
        self.closed.set()


class Rig:
    """A page with fakes around it. plugged: the cameras there are; refusal: why they don't open."""

    def __init__(
        self, context: PageContext, folder: Path, reader: FakeReader, *, plugged: list[CameraDevice]
    ) -> None:
        self.context, self.reader, self.plugged = context, reader, plugged
        self.refusal: Fault | None = None
        self.feeds: list[FakeFeed] = []
        self.readings: list[ShownReading | None] = []
        self.status: list[str] = []
        self.notices: list[str] = []
        self.selected: list[DigitRef | None] = []
        self.pictures = folder / "pictures"
        self.page = CameraPage(
            context,
            opener=self._open,
            list_devices=lambda: list(self.plugged),
            samples=folder / "samples",
            pictures=lambda: self.pictures,
        )
        page = self.page
        page.reading_changed.connect(self.readings.append)
        page.status_changed.connect(self.status.append)
        page.notice_changed.connect(lambda text, undo: self.notices.append(text))
        page.digit_selected.connect(self.selected.append)

    @property
    def bar(self) -> CameraBar:
        bar = self.page.bottom_bar()
        assert isinstance(bar, CameraBar)
        return bar

    @property
    def position(self) -> float:
        frame = self.page.session.newest()
        return (frame.position if frame is not None else None) or 0.0

    def _open(self, source: Source, resolution: tuple[int, int] | None) -> Any:
        if not isinstance(source, CameraDevice):
            from app.camera.source.feeds import open_feed

            return open_feed(source)
        if self.refusal is not None:
            raise FeedError(self.refusal)
        self.feeds.append(FakeFeed(resolution or (320, 240)))
        return self.feeds[-1]

    @property
    def numbers(self) -> list[str]:
        """What is read now."""
        reading = self.readings[-1] if self.readings else None
        return [n.written for n in reading.numbers] if reading is not None else []

    @property
    def notice_title(self) -> str:
        view = self.page.notice.view
        return view.title if view is not None else ""


@pytest.fixture
def make(tmp_path: Path, qtbot: QtBot) -> Iterator[Callable[..., Rig]]:
    """Makes shown, active rigs; afterwards everything must be free within a second."""
    made: list[Rig] = []
    contexts = []

    def build(*plugged: CameraDevice, sample: bool = False) -> Rig:
        if sample:
            (tmp_path / "samples").mkdir()
            write_video(tmp_path / "samples" / "numbers.avi", frames=40)
        reader = FakeReader(number_of("1824"))
        manager = context_in(tmp_path / "home", reader)
        context = manager.__enter__()
        contexts.append(manager)
        rig = Rig(context, tmp_path, reader, plugged=list(plugged))
        qtbot.addWidget(rig.page)
        made.append(rig)
        as_shown(rig.page)
        rig.page.activate()
        return rig

    yield build
    for rig in made:
        rig.reader.gate.set()
        rig.page.deactivate()
        assert all(feed.closed.wait(1) for feed in rig.feeds)
        rig.page.shut_down()
    for manager in contexts:
        manager.__exit__(None, None, None)


def wait(qtbot: QtBot, condition: Callable[[], Any]) -> None:
    qtbot.waitUntil(lambda: bool(condition()), timeout=10_000)


def running(rig: Rig, qtbot: QtBot) -> None:
    wait(qtbot, lambda: rig.page.view.has_picture and rig.numbers)


def test_the_first_camera_is_shown_and_read(make: Callable[..., Rig], qtbot: QtBot) -> None:
    rig = make(C920, OTHER)
    running(rig, qtbot)
    reading = next(r for r in rig.readings if r is not None and r.numbers)
    assert reading.numbers[0].text == "1824"
    assert reading.milliseconds == 12.5
    assert rig.page.notice.isHidden()
    assert [m.shown.text for m in rig.page.view.marks] == ["1824"]
    assert [e.number for e in rig.page.history.entries] == ["1824"]
    assert rig.page.history.entries[0].thumbnail is not None
    wait(qtbot, lambda: rig.status and "frames/s" in rig.status[-1] and "steady after" in rig.status[-1])
    assert rig.bar.source_text == "C920"
    assert rig.bar.resolution_text == "320 × 240"
    assert not rig.page.grab().isNull()


def test_no_camera_is_said_and_other_ways_are_offered(make: Callable[..., Rig], qtbot: QtBot) -> None:
    rig = make()
    wait(qtbot, lambda: rig.notice_title == "No camera found")
    names = [b.text() for b in rig.page.notice.findChildren(QToolButton) if b.isVisible()]
    assert names == ["Stream address", "Video file", "Look for cameras again"]
    rig.plugged.append(C920)
    rig.page.actions_of_page[CameraAction.LOOK_AGAIN].trigger()
    running(rig, qtbot)


def test_the_sample_is_offered_where_it_is(make: Callable[..., Rig], qtbot: QtBot) -> None:
    rig = make(sample=True)
    wait(qtbot, lambda: rig.notice_title == "No camera found")
    sample = rig.page.actions_of_page[CameraAction.SAMPLE]
    assert sample.isVisible()
    sample.trigger()
    running(rig, qtbot)
    assert rig.page.strip.isVisible()
    assert rig.bar.source_text == "Sample video"
    wait(qtbot, lambda: rig.page.strip.time_text.endswith("/ 0:01"))
    rig.page.strip.slider.sliderMoved.emit(8)
    wait(qtbot, lambda: rig.position > 0.75)
    rig.page.choose(C920)
    assert not rig.page.strip.isVisible()


@pytest.mark.parametrize(
    "fault",
    [
        in_use("C920", "cheese"),
        refused("C920", system="linux"),
        refused("C920", system="darwin"),
        unplugged("C920"),
    ],
)
def test_a_camera_that_does_not_open_is_explained_and_comes_by_itself(
    fault: Fault, make: Callable[..., Rig], qtbot: QtBot
) -> None:
    rig = make()
    rig.refusal = fault
    rig.page.choose(C920)
    wait(qtbot, lambda: rig.notice_title == fault.sentence)
    assert rig.page.notice.view is not None
    assert rig.page.notice.view.text == fault.advice
    assert rig.page.notice.view.trying
    assert not rig.page.grab().isNull()
    rig.refusal = None
    running(rig, qtbot)
    assert rig.page.notice.isHidden()


def test_unplugged_while_running_and_back(make: Callable[..., Rig], qtbot: QtBot) -> None:
    rig = make(C920)
    running(rig, qtbot)
    rig.refusal = rig.feeds[0].fault = unplugged("C920")
    wait(qtbot, lambda: rig.notice_title == "The camera “C920” is no longer connected.")
    assert rig.readings[-1] is None
    assert rig.page.view.has_picture
    rig.refusal = None
    wait(qtbot, lambda: rig.numbers)


def test_leaving_the_page_frees_the_camera_and_coming_back_takes_it(
    make: Callable[..., Rig], qtbot: QtBot
) -> None:
    rig = make(C920)
    running(rig, qtbot)
    rig.page.deactivate()
    assert rig.feeds[0].closed.wait(1)
    assert not rig.page.view.has_picture
    assert rig.readings[-1] is None
    rig.page.activate()
    wait(qtbot, lambda: rig.numbers)
    assert len(rig.feeds) == 2


def test_space_freezes_and_goes_on(make: Callable[..., Rig], qtbot: QtBot) -> None:
    rig = make(C920)
    running(rig, qtbot)
    QTest.keyClick(rig.page.view, Qt.Key.Key_Space)
    assert rig.page.session.frozen
    assert rig.status[-1] == "frozen"
    wait(qtbot, lambda: rig.page.view.marks and not rig.page.view.marks[0].is_selected)
    rig.page.select_digit(DigitRef(0, 2))
    wait(qtbot, lambda: rig.page.view.marks[0].digit == 2)
    QTest.keyClick(rig.page.view, Qt.Key.Key_Space)
    assert not rig.page.session.frozen


def test_space_on_a_button_presses_the_button(make: Callable[..., Rig], qtbot: QtBot) -> None:
    rig = make(C920)
    running(rig, qtbot)
    loop = rig.page.actions_of_page[CameraAction.LOOP]
    button = next(b for b in rig.page.findChildren(QToolButton) if b.defaultAction() is loop)
    rig.page.strip.show()
    rig.page.activateWindow()
    button.setFocus()
    wait(qtbot, button.hasFocus)
    looping = loop.isChecked()
    QTest.keyClick(button, Qt.Key.Key_Space)
    assert loop.isChecked() is not looping
    assert not rig.page.session.frozen


def test_the_number_is_copied(make: Callable[..., Rig], qtbot: QtBot) -> None:
    rig = make(C920)
    running(rig, qtbot)
    QTest.keyClick(rig.page.view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == "1824"
    assert rig.notices[-1] == "1824 is copied."


def test_s_saves_the_frame_with_and_without_boxes(make: Callable[..., Rig], qtbot: QtBot) -> None:
    rig = make(C920)
    running(rig, qtbot)
    QTest.keyClick(rig.page.view, Qt.Key.Key_S)
    wait(qtbot, lambda: any("Saved" in text for text in rig.notices))
    rig.page.actions_of_page[CameraAction.SAVE].trigger()
    wait(qtbot, lambda: sum("Saved" in text for text in rig.notices) == 2)
    plain = sorted(p for p in rig.pictures.iterdir() if not p.name.endswith(".boxes.png"))
    assert len(plain) == 2
    for path in plain:
        assert "1824" in path.name
        without, with_boxes = QImage(str(path)), QImage(str(path.with_suffix(".boxes.png")))
        assert (without.width(), without.height()) == (320, 240)
        assert without.pixelColor(5, 5) == with_boxes.pixelColor(300, 5)
        assert without != with_boxes


def test_saving_that_fails_is_said(make: Callable[..., Rig], qtbot: QtBot) -> None:
    rig = make(C920)
    rig.pictures = rig.context.places.settings / "file"
    rig.pictures.parent.mkdir(parents=True, exist_ok=True)
    rig.pictures.write_text("in the way")
    running(rig, qtbot)
    rig.page.actions_of_page[CameraAction.SAVE].trigger()
    wait(qtbot, lambda: "could not be saved" in rig.page.message.text)


def test_choices_are_remembered(make: Callable[..., Rig], qtbot: QtBot) -> None:
    rig = make(C920, OTHER)
    running(rig, qtbot)
    a = rig.page.actions_of_page
    rig.bar.source_chosen.emit(OTHER)
    rig.bar.resolution_chosen.emit((1280, 720))
    for action in (CameraAction.MIRROR, CameraAction.GUIDE, CameraAction.SOUND):
        a[action].trigger()
    wait(qtbot, lambda: rig.bar.resolution_text == "1280 × 720")
    assert rig.page.view.viewport.mirrored
    rig.page.view.guide_changed.emit(ReadingRegion(0.2, 0.2, 0.5, 0.5))
    rig.page.deactivate()
    again = Rig(rig.context, rig.pictures.parent, rig.reader, plugged=[C920, OTHER])
    again.page.activate()
    wait(qtbot, lambda: again.page.view.has_picture)
    assert again.page.session.source == OTHER
    assert again.feeds[0].size == (1280, 720)
    b = again.page.actions_of_page
    assert all(b[x].isChecked() for x in (CameraAction.MIRROR, CameraAction.GUIDE, CameraAction.SOUND))
    again.page.shut_down()


def test_a_stream_is_typed_shown_and_remembered_without_its_password(
    make: Callable[..., Rig], qtbot: QtBot
) -> None:
    with MjpegServer(login=("me", "secret")) as server:
        rig = make()
        rig.page.actions_of_page[CameraAction.STREAM].trigger()
        assert rig.page.notice.address.isVisible()
        rig.page.notice.address.setText("ftp://x")
        QTest.keyClick(rig.page.notice.address, Qt.Key.Key_Return)
        assert "no stream" in rig.page.notice.problem
        rig.page.notice.address.setText(f"http://me:secret@127.0.0.1:{server.port}/video")
        QTest.keyClick(rig.page.notice.address, Qt.Key.Key_Return)
        running(rig, qtbot)
        assert rig.page.notice.isHidden()
        stored = rig.context.settings.text("camera/source")
        assert stored == f"stream http://127.0.0.1:{server.port}/video"
        rig.page.deactivate()


def test_a_sound_only_where_it_is_wanted(
    make: Callable[..., Rig], qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    beeps: list[int] = []
    monkeypatch.setattr(QApplication, "beep", lambda: beeps.append(1))
    rig = make(C920)
    running(rig, qtbot)
    assert beeps == []
    rig.page.actions_of_page[CameraAction.SOUND].trigger()
    rig.reader.numbers = (number_of("77", 100, 100),)
    wait(qtbot, lambda: len(rig.page.history.entries) == 2)
    assert beeps == [1]


def test_the_history_is_copied_exported_cleared_and_brought_back(
    make: Callable[..., Rig], qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    rig = make(C920)
    running(rig, qtbot)
    edit = {a.text(): a for a in rig.page.menu_actions()["Edit"] if a is not None}
    edit["Copy history"].trigger()
    assert "1824" in QGuiApplication.clipboard().text()
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "numbers"), ""))
    edit["Export history…"].trigger()
    wait(qtbot, lambda: rig.notices[-1:] == ["Exported as numbers.csv."])
    assert "1824" in (tmp_path / "numbers.csv").read_text()
    edit["Clear history"].trigger()
    assert rig.page.history.entries == []
    edit["Undo"].trigger()
    assert rig.page.history.entries[0].number == "1824"


def test_a_live_digit_is_corrected_and_taken_back(make: Callable[..., Rig], qtbot: QtBot) -> None:
    rig = make(C920)
    running(rig, qtbot)
    counts: list[int] = []
    rig.context.corrections.count_changed.connect(counts.append)
    rig.page.correct_digit(DigitRef(0, 1), 3)
    wait(qtbot, lambda: counts == [1])
    assert rig.numbers == ["1324"], "a correction shows in the headline"
    assert rig.notices[-1] == "Kept as a 3."
    rig.page.correct_digit(DigitRef(0, 1), 3)
    rig.page.correct_digit(DigitRef(0, 1), 5)
    wait(qtbot, lambda: counts[-1] == 1 and rig.notices[-1] == "Kept as a 5.")
    rig.page.undo_correction()
    rig.page.undo_correction()
    wait(qtbot, lambda: counts[-1] == 0)
    rig.page.correct_digit(DigitRef(9, 9), 3)
    assert rig.notices[-1] == "Taken back."


def test_a_click_on_a_number_selects_its_digit(make: Callable[..., Rig], qtbot: QtBot) -> None:
    rig = make(C920)
    rig.reader.numbers = (number_of("12", 10, 10, size=30), number_of("345", 10, 150))
    wait(qtbot, lambda: rig.numbers == ["12", "345"])
    rig.page.view.mark_clicked.emit(DigitRef(1, 1))
    assert rig.selected == [DigitRef(1, 1)]


def test_what_the_driver_offers_is_shown(make: Callable[..., Rig], qtbot: QtBot) -> None:
    rig = make(C920)
    running(rig, qtbot)
    a = rig.page.actions_of_page
    assert not a[CameraAction.DARKER].isVisible()
    rig.page.session.state_changed.emit(
        State(CapturePhase.RUNNING, size=(1, 1), offered=Offered(exposure=True, torch=True))
    )
    assert a[CameraAction.DARKER].isVisible()
    assert a[CameraAction.TORCH].isVisible()
    for action in (
        *EXPOSURE, CameraAction.TORCH, CameraAction.TURN, CameraAction.FLIP, CameraAction.ZOOM_IN,
        CameraAction.ZOOM_OUT, CameraAction.FIT,
    ):  # fmt: skip
        a[action].trigger()


def test_a_reader_that_fails_is_said(make: Callable[..., Rig], qtbot: QtBot) -> None:
    rig = make()
    rig.reader.error = ZeroDivisionError("odd")
    rig.page.choose(C920)
    wait(qtbot, lambda: rig.page.message.text == "The image could not be read.")


def test_notices() -> None:
    opening, closed = State(CapturePhase.OPENING), State(CapturePhase.CLOSED)

    def title(state: State, source: Source | None, *, looking: bool, any_camera: bool) -> str:
        view = notice_of(state, source, looking=looking, any_camera=any_camera)
        return view.title if view is not None else ""

    assert title(closed, None, looking=True, any_camera=False) == "Looking for cameras…"
    assert title(closed, None, looking=False, any_camera=True) == "The camera is off"
    assert title(opening, C920, looking=False, any_camera=True) == "Opening C920…"
    over = State(CapturePhase.ENDED, Fault(FaultKind.ENDED, "Played.", retries=False))
    assert notice_of(over, VideoFile(Path("v.mp4")), looking=False, any_camera=False) is None
    lost = State(CapturePhase.WAITING, Fault(FaultKind.ENDED, "Ended.", "Wait."))
    view = notice_of(lost, Stream("http://x/"), looking=False, any_camera=False)
    assert view is not None
    assert view.trying


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0:00"), (7.9, "0:07"), (750, "12:30"), (3750, "1:02:30"), (-1, "0:00")]
)
def test_clock(seconds: float, text: str) -> None:
    assert clock_text(seconds) == text
