"""The capture thread against a video file, a loopback stream and cameras behind a replaced opener."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import app.camera.source.capture
from app.camera.source.capture import Capture, CapturePhase, Frame, RateMeter, State, rate_text
from app.camera.source.faults import FaultKind, FeedError, stalled, unplugged
from app.camera.source.feed import to_rgb
from app.camera.source.feeds import DeviceFeed, open_camera
from app.camera.source.sources import CameraDevice, Source, Stream, VideoFile
from core.base.opencv import cv2
from tests.app.mjpeg_server import MjpegServer, numbered

CAMERA = CameraDevice("Test camera", 0, 0)


class Watcher:
    """Collects what a capture tells, and waits for it."""

    def __init__(self, source: Source, *, seconds_a_frame: float = 0.0, **options: Any) -> None:
        self._seconds_a_frame = seconds_a_frame
        self.states: queue.Queue[State] = queue.Queue()
        self.frames: queue.Queue[Frame] = queue.Queue()
        self.capture = Capture(
            source, on_frame=self._on_frame, on_state=self.states.put, retry_seconds=0.02, **options
        )
        self.capture.start()

    def _on_frame(self) -> None:
        frame = self.capture.newest()
        assert frame is not None
        self.frames.put(frame)
        if self._seconds_a_frame:
            threading.Event().wait(self._seconds_a_frame)

    def frame(self) -> Frame:
        return self.frames.get(timeout=10)

    def frame_that(self, fits: Callable[[Frame], bool]) -> Frame:
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            frame = self.frame()
            if fits(frame):
                return frame
        raise AssertionError("no such frame")

    def state(self, phase: CapturePhase) -> State:
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            state = self.states.get(timeout=10)
            if state.phase is phase:
                return state
        raise AssertionError(f"never {phase}")


@pytest.fixture
def watch() -> Iterator[Callable[..., Watcher]]:
    """Makes watchers, and sees to it that every source is free again within a second."""
    made: list[Watcher] = []

    def make(source: Source, **options: Any) -> Watcher:
        made.append(Watcher(source, **options))
        return made[-1]

    yield make
    for watcher in made:
        watcher.capture.stop()
        assert watcher.capture.wait(1.0), f"{watcher.capture.source.name} is still held after a second"


def write_video(path: Path, *, frames: int = 30, fps: float = 30, codec: str = "MJPG") -> Path:
    size = (160, 120)
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*codec), fps, size)
    assert writer.isOpened()
    for i in range(frames):
        writer.write(numbered(i, size))
    writer.release()
    return path


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_video(tmp_path_factory.mktemp("video") / "count.avi")


# --- video files -----------------------------------------------------------------------------------------


def test_a_video_plays_at_its_own_rate_and_begins_again(video: Path, watch: Callable[..., Watcher]) -> None:
    watcher = watch(VideoFile(video))
    first = watcher.frame()
    assert first.position == 0
    assert watcher.state(CapturePhase.RUNNING) == State(CapturePhase.RUNNING, size=(160, 120), duration=1.0)
    second_round = watcher.frame_that(lambda f: f.segment > first.segment)
    assert second_round.taken - first.taken == pytest.approx(1.0, abs=0.25)
    assert second_round.position == pytest.approx(0.0)
    assert 20 < watcher.capture.frames_per_second() < 40


def test_a_video_that_does_not_loop_ends_and_can_be_sought(
    video: Path, watch: Callable[..., Watcher]
) -> None:
    watcher = watch(VideoFile(video), loop=False)
    watcher.capture.seek(0.8)
    ended = watcher.state(CapturePhase.ENDED)
    assert ended.fault is not None
    assert ended.fault.kind is FaultKind.ENDED
    watcher.capture.seek(0.5)
    frame = watcher.frame_that(lambda f: f.position == pytest.approx(0.5, abs=0.01))
    assert frame.image.mean() == pytest.approx(40 + 4 * 15, abs=6)
    watcher.state(CapturePhase.ENDED)
    watcher.capture.loop(True)
    watcher.frame_that(lambda f: f.position == 0)


def test_a_paused_video_holds_and_shows_what_is_sought(video: Path, watch: Callable[..., Watcher]) -> None:
    watcher = watch(VideoFile(video))
    watcher.frame()
    watcher.capture.pause(True)
    watcher.capture.seek(0.2)
    frame = watcher.frame_that(lambda f: f.position == pytest.approx(0.2, abs=0.01))
    with pytest.raises(queue.Empty):
        watcher.frames.get(timeout=0.2)
    assert watcher.capture.newest() is frame
    watcher.capture.pause(False)
    assert (watcher.frame().position or 0) > 0.2


def test_a_video_too_fast_for_the_program_keeps_its_rate(
    tmp_path: Path, watch: Callable[..., Watcher]
) -> None:
    path = write_video(tmp_path / "fast.avi", frames=240, fps=240)
    watcher = watch(VideoFile(path), seconds_a_frame=0.02)
    first = watcher.frame()
    again = watcher.frame_that(lambda f: f.segment > first.segment)
    assert again.number - first.number < 100
    assert again.taken - first.taken < 2


@pytest.mark.parametrize("content", [b"", b"no video at all" * 50])
def test_a_file_that_is_no_video(tmp_path: Path, content: bytes, watch: Callable[..., Watcher]) -> None:
    (tmp_path / "odd.mp4").write_bytes(content)
    for name in ("odd.mp4", "missing.mp4"):
        state = watch(VideoFile(tmp_path / name)).state(CapturePhase.ENDED)
        assert state.fault is not None
        assert state.fault.kind is FaultKind.NOT_VIDEO
        assert name in state.fault.sentence


def test_a_video_cut_off_plays_what_there_is(
    video: Path, tmp_path: Path, watch: Callable[..., Watcher]
) -> None:
    data = video.read_bytes()
    (tmp_path / "cut.avi").write_bytes(data[: len(data) // 2])
    watcher = watch(VideoFile(tmp_path / "cut.avi"))
    assert watcher.frame_that(lambda f: f.segment > 1).position == 0


# --- streams ---------------------------------------------------------------------------------------------


def test_a_stream_that_drops_is_taken_up_again(watch: Callable[..., Watcher]) -> None:
    with MjpegServer() as server:
        watcher = watch(Stream(server.url))
        first = watcher.frame()
        server.drop()
        lost = watcher.state(CapturePhase.WAITING)
        assert lost.fault is not None
        assert lost.fault.kind in (FaultKind.ENDED, FaultKind.UNREACHABLE)
        server.come_back()
        back = watcher.frame_that(lambda f: f.segment > first.segment)
        assert back.number > first.number
        watcher.state(CapturePhase.RUNNING)


def test_a_silent_stream_is_named_while_it_is_silent(
    watch: Callable[..., Watcher], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app.camera.source.capture, "STALL_SECONDS", 0.2)
    with MjpegServer() as server:
        watcher = watch(Stream(server.url))
        watcher.frame()
        server.mode = "stall"
        while watcher.capture.state.phase is CapturePhase.RUNNING:
            threading.Event().wait(0.01)
        fault = watcher.capture.state.fault
        assert fault is not None
        assert fault.kind is FaultKind.STALLED
        server.mode = "send"
        while not watcher.frames.empty():
            watcher.frames.get()
        watcher.frame()
        state: State = watcher.capture.state
        assert state.phase is CapturePhase.RUNNING


def test_the_wait_for_a_first_picture_is_told(
    watch: Callable[..., Watcher], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app.camera.source.capture, "STALL_SECONDS", 0.2)
    with MjpegServer() as server:
        server.mode = "stall"
        watcher = watch(Stream(server.url))
        while watcher.capture.state.phase is CapturePhase.OPENING:
            threading.Event().wait(0.01)
        fault = watcher.capture.state.fault
        assert fault is not None
        assert fault.kind is FaultKind.STALLED
        assert fault.sentence.endswith("has not sent an image yet.")
        assert fault.advice == "Waiting for it, for 0 s now."
        server.mode = "send"
        watcher.frame()
        assert watcher.capture.state.phase is CapturePhase.RUNNING
        assert server.connections == 1


def test_a_camera_that_sends_seldom_is_not_called_silent(
    watch: Callable[..., Watcher], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app.camera.source.capture, "STALL_SECONDS", 0.05)
    with MjpegServer(fps=5) as server:  # a picture in four times what counts as silence
        watcher = watch(Stream(server.url))
        for _ in range(3):
            watcher.frame()
        phases = set()
        deadline = time.monotonic() + 0.5
        while time.monotonic() < deadline:
            phases.add(watcher.capture.state.phase)
            threading.Event().wait(0.01)
        assert phases == {CapturePhase.RUNNING}


def test_stopping_during_a_stall_takes_no_second(watch: Callable[..., Watcher]) -> None:
    with MjpegServer() as server:
        watcher = watch(Stream(server.url))
        watcher.frame()
        server.mode = "stall"
        threading.Event().wait(0.1)
        watcher.capture.stop()
        assert watcher.capture.wait(0.5)
        server.hang_up()


def test_an_ordinary_video_over_http_goes_through_ffmpeg(
    tmp_path: Path, watch: Callable[..., Watcher]
) -> None:
    data = write_video(tmp_path / "count.mp4", codec="mp4v").read_bytes()
    headers = f"Content-Length: {len(data)}\r\nAccept-Ranges: none\r\n"

    class FileServer(MjpegServer):
        def _head(self, request: bytes) -> bytes:
            return super()._head(request) + data

    with FileServer(content_type="video/mp4", headers=headers) as server:
        watcher = watch(Stream(server.url))
        assert watcher.frame().image.shape == (120, 160, 3)
        assert watcher.state(CapturePhase.WAITING).fault is not None


# --- cameras, behind an opener that is replaced ------------------------------------------------------------


class FakeCapture:
    """A cv2.VideoCapture of a camera. `script`: pictures, None for a failed read, errors; the last stays."""

    def __init__(self, script: list[Any], *, opened: bool = True, fps: float = 200) -> None:
        self.script, self.opened, self.fps = list(script), opened, fps
        self.released = threading.Event()
        self.settings: dict[int, float] = {}

    def isOpened(self) -> bool:
        return self.opened

    def get(self, what: int) -> float:
        return self.settings.get(what, -1.0)

    def set(self, what: int, value: float) -> bool:
        self.settings[what] = value
        return True

    def read(self) -> tuple[bool, Any]:
        threading.Event().wait(1 / self.fps)
        step = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        if isinstance(step, Exception):
            raise step
        return step is not None, step

    def release(self) -> None:
        self.released.set()


class Bus:
    """Which cameras are plugged in, and how they open."""

    def __init__(self, *captures: FakeCapture) -> None:
        self.captures = list(captures)
        self.plugged = [CAMERA]
        self.opened: list[tuple[int, int]] = []

    def opener(self, source: Source, resolution: tuple[int, int] | None) -> DeviceFeed:
        assert isinstance(source, CameraDevice)

        def capture(index: int, backend: int) -> FakeCapture:
            self.opened.append((index, backend))
            return self.captures.pop(0) if len(self.captures) > 1 else self.captures[0]

        return open_camera(
            source, resolution, listed=lambda: self.plugged, capture=capture, granted=lambda: True
        )


GREY = np.full((48, 64, 3), 99, np.uint8)


def test_a_camera_unplugged_and_plugged_in_elsewhere_goes_on(watch: Callable[..., Watcher]) -> None:
    first, second = FakeCapture([GREY]), FakeCapture([GREY])
    bus = Bus(first, second)
    watcher = watch(CAMERA, opener=bus.opener)
    watcher.frame()
    bus.plugged = []
    first.script = [None]
    lost = watcher.state(CapturePhase.WAITING)
    assert lost.fault == unplugged("Test camera")
    assert first.released.wait(5)
    bus.plugged = [CameraDevice("Another", 0, 0), CameraDevice("Test camera", 3, 0)]
    watcher.state(CapturePhase.RUNNING)
    assert bus.opened[-1] == (3, 0)
    assert watcher.frame_that(lambda f: f.segment == 2).image.shape == (48, 64, 3)


def test_a_few_bad_reads_are_no_fault(watch: Callable[..., Watcher]) -> None:
    bus = Bus(FakeCapture([GREY, None, cv2.error("bad jpeg"), None, np.empty((0, 0, 3), np.uint8), GREY]))
    watcher = watch(CAMERA, opener=bus.opener)
    watcher.frame()
    watcher.frame()
    assert watcher.states.qsize() == 1


def test_a_camera_that_sends_nothing_is_opened_anew(
    watch: Callable[..., Watcher], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.camera.source.feeds.CAMERA_PATIENCE", 0.1)
    silent = FakeCapture([GREY, None])
    watcher = watch(CAMERA, opener=Bus(silent, FakeCapture([GREY])).opener)
    assert watcher.state(CapturePhase.WAITING).fault == stalled("Test camera")
    watcher.state(CapturePhase.RUNNING)
    assert silent.released.is_set()


def test_a_camera_in_use_is_tried_until_it_is_free(
    watch: Callable[..., Watcher], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.platform", "aix")
    refusing = FakeCapture([None], opened=False)
    watcher = watch(CAMERA, opener=Bus(refusing, refusing, FakeCapture([GREY])).opener)
    state = watcher.state(CapturePhase.WAITING)
    assert state.fault is not None
    assert state.fault.kind is FaultKind.IN_USE
    watcher.state(CapturePhase.RUNNING)
    assert refusing.released.is_set()


def test_resolution_is_asked_for_and_odd_pictures_are_taken(watch: Callable[..., Watcher]) -> None:
    camera = FakeCapture(
        [
            np.full((11, 7), 80, np.uint8),
            np.full((11, 7, 1), 80, np.uint8),
            np.full((300, 5, 4), 80, np.uint8),
            np.full((9, 9), 80 << 8, np.uint16),
            np.full((1, 1, 3), 80, np.uint8),
            GREY,
        ]
    )
    watcher = watch(CAMERA, opener=Bus(camera).opener, resolution=(1280, 720))
    shapes = [watcher.frame().image for _ in range(6)]
    assert [s.shape for s in shapes] == [
        (11, 7, 3), (11, 7, 3), (300, 5, 3), (9, 9, 3), (1, 1, 3), (48, 64, 3),
    ]  # fmt: skip
    assert all(s.mean() == 80 for s in shapes[:5])
    assert camera.settings[cv2.CAP_PROP_FRAME_WIDTH] == 1280
    assert camera.settings[cv2.CAP_PROP_FRAME_HEIGHT] == 720


@pytest.mark.parametrize("fps", [5, 30, 120])
def test_the_rate_is_told(fps: int, watch: Callable[..., Watcher]) -> None:
    watcher = watch(CAMERA, opener=Bus(FakeCapture([GREY], fps=fps)).opener)
    frames = [watcher.frame() for _ in range(max(6, fps))]
    true = (len(frames) - 1) / (frames[-1].taken - frames[0].taken)
    assert watcher.capture.frames_per_second() == pytest.approx(true, rel=0.15)
    assert true < 1.1 * fps


def test_a_driver_that_never_answers_blocks_nobody(watch: Callable[..., Watcher]) -> None:
    let_go = threading.Event()

    class Stuck(FakeCapture):
        def read(self) -> tuple[bool, Any]:
            let_go.wait(20)
            return False, None

    stuck = Capture(CAMERA, on_frame=lambda: None, on_state=lambda s: None, opener=Bus(Stuck([None])).opener)
    stuck.start()
    began = time.monotonic()
    stuck.stop()
    assert not stuck.wait(0.05)
    assert time.monotonic() - began < 0.5
    follower = watch(CAMERA, opener=Bus(FakeCapture([GREY])).opener, after=stuck)
    assert follower.states.empty()
    let_go.set()
    follower.frame()
    assert stuck.wait(1)


def test_controls_are_called_between_pictures(watch: Callable[..., Watcher]) -> None:
    camera = FakeCapture([GREY])
    camera.settings[cv2.CAP_PROP_EXPOSURE] = 100
    watcher = watch(CAMERA, opener=Bus(camera).opener)
    assert watcher.state(CapturePhase.RUNNING).offered.exposure
    thread: queue.Queue[str] = queue.Queue()
    watcher.capture.control(lambda controls: thread.put(threading.current_thread().name))
    assert thread.get(timeout=5) == "capture Test camera"


def test_no_word_after_stop() -> None:
    words: list[object] = []
    capture = Capture(
        CAMERA,
        on_frame=lambda: words.append("frame"),
        on_state=words.append,
        opener=Bus(FakeCapture([GREY])).opener,
    )
    capture.stop()
    capture.start()
    assert capture.wait(1)
    assert words == []
    assert capture.state == State(CapturePhase.CLOSED)


def test_what_is_no_picture() -> None:
    pictures = [np.zeros(shape, np.uint8) for shape in ((4, 4, 2), (5,), (0, 4, 3))]
    for odd in (None, "x", np.zeros((4, 4, 3), np.float64), *pictures):
        assert to_rgb(odd) is None


def test_the_rate_of_nothing_is_nothing() -> None:
    meter = RateMeter()
    assert meter.rate(0) == 0
    for i in range(10):
        meter.tick(i / 10)
    assert meter.rate(1.0) == pytest.approx(10)
    assert meter.rate(5.0) == 0


def test_the_rate_of_a_camera_that_sends_seldom() -> None:
    meter = RateMeter()
    for time_of_frame in (0.0, 6.0, 12.0):
        meter.tick(time_of_frame)
    assert meter.rate(17.0) == pytest.approx(1 / 6)
    assert meter.rate(25.0) == 0
    assert [rate_text(rate) for rate in (25.2, 1 / 6, 0.9, 0.0)] == [
        "25 frames/s", "a frame in 6 s", "1 frame/s", "0 frames/s",
    ]  # fmt: skip


def test_a_fault_is_one_sentence_and_what_to_do() -> None:
    error = FeedError(unplugged("C920"))
    assert str(error).startswith("The camera “C920” is no longer connected.")
