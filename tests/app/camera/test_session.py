"""A live source from end to end: newest frame wins, reading apart, freezing, guide, tracking, faults."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from pytestqt.qtbot import QtBot

from app.camera.region import ReadingRegion
from app.camera.session import CameraSession, LiveReading
from app.camera.source.capture import CapturePhase, Frame, State, Turn
from app.camera.source.faults import FeedError, stalled
from app.camera.source.feeds import open_feed
from app.camera.source.sources import CameraDevice, Source, VideoFile
from core.base.errors import InputError
from tests.app.picture_fakes import FakeReader, number_of, write_video

CAMERA = CameraDevice("Fake camera", 0, 0)


class FakeFeed:
    """Plain pictures, `fps` a second; the top left pixel counts up. An error in `faults` comes once."""

    def __init__(self, fps: float, size: tuple[int, int]) -> None:
        self.fps, self.size = fps, size
        self.closed = threading.Event()
        self.faults: list[Exception] = []
        self._stop = threading.Event()
        self.count = 0

    def read(self) -> NDArray[np.uint8]:
        self._stop.wait(1 / self.fps)
        if self.faults:
            raise self.faults.pop()
        self.count += 1
        image = np.full((self.size[1], self.size[0], 3), 100, np.uint8)
        image[0, 0] = self.count % 256
        return image

    def interrupt(self) -> None:
        self._stop.set()

    def close(self) -> None:
        self.closed.set()


class Rig:
    """A session with a fake camera and a fake reader, and what the session told."""

    def __init__(self, *, real_feeds: bool = False) -> None:
        self.reader = FakeReader(number_of("12"))
        self.feeds: list[FakeFeed] = []
        self.fps, self.size = 60.0, (64, 48)
        self.session = CameraSession(self.reader, opener=open_feed if real_feeds else self._open)
        self.frames: list[Frame] = []
        self.states: list[State] = []
        self.readings: list[LiveReading] = []
        self.failures: list[tuple[str, str]] = []
        self.session.frame_changed.connect(self.frames.append)
        self.session.state_changed.connect(self.states.append)
        self.session.was_read.connect(self.readings.append)
        self.session.reading_failed.connect(lambda text, details: self.failures.append((text, details)))

    def _open(self, source: Source, resolution: tuple[int, int] | None) -> FakeFeed:
        self.feeds.append(FakeFeed(self.fps, resolution or self.size))
        return self.feeds[-1]


@pytest.fixture
def rig(qtbot: QtBot) -> Iterator[Rig]:
    rig = Rig()
    yield rig
    rig.reader.gate.set()
    assert rig.session.shut_down(2)
    assert all(feed.closed.is_set() for feed in rig.feeds)


def wait(qtbot: QtBot, condition: Callable[[], Any]) -> None:
    qtbot.waitUntil(lambda: bool(condition()), timeout=10_000)


def position_of(session: CameraSession) -> float | None:
    frame = session.newest()
    return frame.position if frame is not None else None


def test_frames_come_and_become_a_steady_number(rig: Rig, qtbot: QtBot) -> None:
    rig.session.open(CAMERA)
    assert rig.states[0].phase is CapturePhase.OPENING
    wait(qtbot, lambda: any(live.news for live in rig.readings))
    news = next(live for live in rig.readings if live.news)
    assert news.news[0].tracked.number.text == "12"
    assert 0.25 < news.news[0].seconds < 2
    assert rig.session.state.phase is CapturePhase.RUNNING
    assert rig.session.frames_per_second() > 5
    assert rig.session.source == CAMERA


def test_frames_reach_the_reader_though_the_window_stands_still(rig: Rig) -> None:
    rig.session.open(CAMERA)
    deadline = time.monotonic() + 10
    while len(rig.reader.seen) < 5 and time.monotonic() < deadline:
        time.sleep(0.01)  # no event of the GUI thread is handled meanwhile
    assert len(rig.reader.seen) >= 5
    assert rig.frames == []


def test_a_frozen_frame_is_read_whatever_comes_from_the_camera(rig: Rig, qtbot: QtBot) -> None:
    rig.session.open(CAMERA)
    wait(qtbot, lambda: rig.readings)
    for _ in range(5):
        rig.session.freeze(True)
        held = rig.session.newest()
        wait(qtbot, lambda: rig.readings[-1].frozen)
        assert rig.readings[-1].frame is held
        rig.session.freeze(False)
        wait(qtbot, lambda: not rig.readings[-1].frozen)


def test_the_picture_keeps_its_rate_while_reading_hangs(rig: Rig, qtbot: QtBot) -> None:
    rig.reader.gate.clear()
    rig.session.open(CAMERA)
    wait(qtbot, lambda: len(rig.frames) >= 30)
    assert len(rig.reader.seen) == 1
    assert rig.readings == []
    rig.reader.gate.set()
    wait(qtbot, lambda: len(rig.readings) >= 2)
    # After the one that hung, the newest was read: none of those between.
    assert rig.readings[1].frame.number - rig.readings[0].frame.number >= 10


def test_a_busy_window_gets_the_newest_frame_and_no_queue(rig: Rig, qtbot: QtBot) -> None:
    rig.fps = 200
    rig.session.open(CAMERA)
    wait(qtbot, lambda: rig.frames)
    before = len(rig.frames)
    time.sleep(0.3)  # the GUI thread is busy
    wait(qtbot, lambda: len(rig.frames) > before)
    skipped = rig.frames[before].number - rig.frames[before - 1].number
    assert skipped > 10


def test_freezing_holds_and_reads_that_frame(rig: Rig, qtbot: QtBot) -> None:
    rig.session.open(CAMERA)
    wait(qtbot, lambda: len(rig.readings) > 3)
    rig.session.freeze(True)
    held = rig.session.newest()
    assert held is not None
    shown = len(rig.frames)
    wait(qtbot, lambda: rig.readings[-1].frozen)
    assert rig.readings[-1].frame is held
    assert rig.readings[-1].reading.numbers[0].text == "12"
    wait(qtbot, lambda: rig.feeds[0].count > 2 * shown + 20)
    assert len(rig.frames) == shown
    rig.session.freeze(False)
    wait(qtbot, lambda: len(rig.frames) > shown + 2)
    assert rig.frames[-1].number > held.number + 5
    assert not rig.session.frozen


def test_nothing_to_freeze_before_the_first_frame(rig: Rig) -> None:
    rig.session.freeze(True)
    assert not rig.session.frozen
    assert rig.session.newest() is None


def test_the_guide_restricts_reading(rig: Rig, qtbot: QtBot) -> None:
    rig.session.set_guide(ReadingRegion(0.25, 0.5, 0.5, 0.5))
    rig.session.open(CAMERA)
    wait(qtbot, lambda: rig.readings)
    assert rig.reader.seen[0] == (24, 32, 3)
    assert rig.readings[0].reading.numbers[0].box.x == 10 + 16
    assert rig.readings[0].reading.numbers[0].box.y == 10 + 24
    rig.session.freeze(True)
    wait(qtbot, lambda: rig.readings[-1].frozen)
    count = len(rig.readings)
    rig.session.set_guide(None)
    wait(qtbot, lambda: len(rig.readings) > count)
    assert rig.reader.seen[-1] == (48, 64, 3)


def test_turning_changes_what_is_shown_and_read(rig: Rig, qtbot: QtBot) -> None:
    rig.session.open(CAMERA)
    wait(qtbot, lambda: rig.frames)
    rig.session.set_turn(Turn(flipped=True, quarters=1))
    wait(qtbot, lambda: rig.frames[-1].image.shape == (64, 48, 3))
    wait(qtbot, lambda: (64, 48, 3) in rig.reader.seen)


def test_turns() -> None:
    image = np.arange(6, dtype=np.uint8).reshape(2, 3, 1)
    assert Turn().apply(image)[..., 0].tolist() == [[0, 1, 2], [3, 4, 5]]
    assert Turn(flipped=True).apply(image)[..., 0].tolist() == [[2, 1, 0], [5, 4, 3]]
    assert Turn(quarters=1).apply(image)[..., 0].tolist() == [[3, 0], [4, 1], [5, 2]]
    assert Turn(quarters=5).apply(image).flags.c_contiguous


def test_a_fault_is_told_and_tracking_begins_anew(rig: Rig, qtbot: QtBot) -> None:
    rig.session.open(CAMERA)
    wait(qtbot, lambda: any(t.steady for live in rig.readings for t in live.tracked))
    rig.feeds[0].faults.append(FeedError(stalled("Fake camera")))
    wait(qtbot, lambda: any(s.phase is CapturePhase.WAITING for s in rig.states))
    before = len(rig.readings)
    wait(qtbot, lambda: len(rig.feeds) == 2 and len(rig.readings) > before)
    assert not rig.readings[before].tracked[0].steady
    assert rig.feeds[0].closed.is_set()


def test_another_source_frees_the_first(rig: Rig, qtbot: QtBot) -> None:
    rig.session.open(CAMERA)
    wait(qtbot, lambda: rig.frames)
    rig.session.open(CameraDevice("Other", 1, 0), (320, 240))
    wait(qtbot, lambda: rig.frames[-1].image.shape == (240, 320, 3))
    assert rig.feeds[0].closed.is_set()
    rig.session.close()
    assert rig.states[-1].phase is CapturePhase.CLOSED
    assert rig.session.source is None
    assert rig.session.frames_per_second() == 0
    assert rig.feeds[1].closed.wait(1)


def test_reading_that_fails_is_told_once_and_goes_on(rig: Rig, qtbot: QtBot) -> None:
    rig.reader.error = InputError("There is no model.")
    rig.session.open(CAMERA)
    wait(qtbot, lambda: len(rig.reader.seen) > 5 and rig.failures)
    assert rig.failures == [("There is no model.", "")]
    rig.reader.error = ZeroDivisionError("odd")
    wait(qtbot, lambda: len(rig.failures) == 2)
    assert "ZeroDivisionError" in rig.failures[1][1]
    rig.reader.error = None
    rig.session.read_again()
    wait(qtbot, lambda: rig.readings)


def test_a_looped_file_tells_a_number_once(tmp_path: Path, qtbot: QtBot) -> None:
    rig = Rig(real_feeds=True)
    path = write_video(tmp_path / "v.avi", frames=24, fps=30)
    rig.session.open(VideoFile(path))
    wait(qtbot, lambda: rig.frames and rig.frames[-1].segment >= 4)
    assert sum(len(live.news) for live in rig.readings) == 1
    rig.session.freeze(True)
    rig.session.seek(0.5)
    wait(qtbot, lambda: position_of(rig.session) == pytest.approx(0.5, abs=0.02))
    sought = rig.session.newest()
    wait(qtbot, lambda: rig.readings[-1].frozen and rig.readings[-1].frame is sought)
    rig.session.set_loop(False)
    rig.session.freeze(False)
    wait(qtbot, lambda: rig.session.state.phase is CapturePhase.ENDED)
    assert rig.session.shut_down(2)
