"""RTSP, by FFmpeg, against a real server on loopback."""

from __future__ import annotations

import queue
import threading
import time

import pytest

from app.camera.source.capture import Capture, CapturePhase, Frame, State
from app.camera.source.faults import FaultKind, FeedError
from app.camera.source.feed import STREAM_PATIENCE
from app.camera.source.feeds import StreamFeed, check_reachable, open_stream
from app.camera.source.sources import Stream
from tests.app.rtsp_server import RtspServer, transport_stream


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return transport_stream(tmp_path_factory.mktemp("rtsp") / "count.ts")


def test_a_stream_is_read(video: bytes) -> None:
    with RtspServer(video) as server:
        feed = open_stream(Stream(server.url))
        assert isinstance(feed, StreamFeed)
        assert feed.read().shape == (120, 160, 3)
        feed.interrupt()
        with pytest.raises(FeedError):
            feed.read()
        feed.close()


def test_a_stream_that_is_cut_is_taken_up_again(video: bytes) -> None:
    states: queue.Queue[State] = queue.Queue()
    frames: queue.Queue[Frame] = queue.Queue()
    with RtspServer(video) as server:
        capture = Capture(
            Stream(server.url),
            on_frame=lambda: frames.put(capture.newest()),  # type: ignore[arg-type]
            on_state=states.put,
            retry_seconds=0.05,
        )
        capture.start()
        first = frames.get(timeout=20)
        assert states.get(timeout=20).phase is CapturePhase.RUNNING
        server.hang_up()
        lost = states.get(timeout=20)
        assert lost.phase is CapturePhase.WAITING
        assert lost.fault is not None
        assert lost.fault.retries
        while frames.get(timeout=20).segment == first.segment:
            pass
        capture.stop()
        assert capture.wait(2)


def test_a_stall_is_lived_through_and_can_be_left_at_once(video: bytes) -> None:
    frames: queue.Queue[Frame] = queue.Queue()
    with RtspServer(video) as server:
        capture = Capture(
            Stream(server.url),
            on_frame=lambda: frames.put(capture.newest()),  # type: ignore[arg-type]
            on_state=lambda state: None,
        )
        capture.start()
        first = frames.get(timeout=20)
        server.stall = True
        while capture.state.phase is CapturePhase.RUNNING:
            threading.Event().wait(0.02)
        server.stall = False
        last = first
        while last.number < first.number + 40:
            last = frames.get(timeout=20)
        server.stall = True
        threading.Event().wait(0.3)
        began = time.monotonic()
        capture.stop()
        assert capture.wait(1.0)
        while server.clients:
            threading.Event().wait(0.01)
        assert time.monotonic() - began < 1.2


def test_a_camera_that_wakes_up_is_waited_for(video: bytes) -> None:
    with RtspServer(video) as server:
        server.stall = True
        wake = threading.Timer(STREAM_PATIENCE + 1, lambda: setattr(server, "stall", False))
        wake.start()
        feed = open_stream(Stream(server.url))
        assert feed.read().shape == (120, 160, 3)
        feed.close()
        wake.join()


def test_nobody_there_and_nothing_to_connect_to(video: bytes) -> None:
    with RtspServer(video) as server:
        url = server.url
        check_reachable(Stream(url))
    with pytest.raises(FeedError) as caught:
        open_stream(Stream(url))
    assert caught.value.fault.kind is FaultKind.UNREACHABLE
    check_reachable(Stream("udp://239.0.0.1:1234"))
