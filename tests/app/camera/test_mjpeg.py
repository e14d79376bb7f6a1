"""The reader of HTTP JPEG streams: cutting the stream, and every fault of a server."""

from __future__ import annotations

import threading
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import app.camera.mjpeg
from app.camera.faults import FaultKind, FeedError
from app.camera.feed import Feed
from app.camera.feeds import open_stream
from app.camera.mjpeg import MjpegFeed, MultipartJpegs, open_mjpeg
from app.camera.sources import Stream
from tests.app.mjpeg_server import BOUNDARY, MjpegServer, jpeg

PICTURES = [b"\xff\xd8" + bytes([i]) * (20 + 7 * i) + b"\xff\xd9" for i in range(1, 6)]


def part(body: bytes, length: int | None = None, newline: bytes = b"\r\n") -> bytes:
    head = newline + b"Content-Type: image/jpeg" + newline
    if length is not None:
        head += b"Content-length: %d" % length + newline
    return b"--" + BOUNDARY + head + newline + body + b"\r\n"


def cut(data: bytes, cuts: list[int]) -> list[bytes]:
    parser = MultipartJpegs(BOUNDARY)
    found, start = [], 0
    for end in [*sorted(c % (len(data) + 1) for c in cuts), len(data)]:
        found += parser.feed(data[start:end])
        start = end
    return found


@settings(max_examples=60, deadline=None)
@given(
    cuts=st.lists(st.integers(0, 2000), max_size=12),
    lengths=st.lists(st.sampled_from(["right", "none", "short", "long"]), min_size=5, max_size=5),
    junk=st.binary(max_size=60),
)
def test_pictures_come_out_whole_however_the_stream_is_cut(
    cuts: list[int], lengths: list[str], junk: bytes
) -> None:
    data = junk
    for body, kind in zip(PICTURES, lengths, strict=True):
        n = len(body)
        data += part(body, {"right": n, "none": None, "short": n - 9, "long": n + 500}[kind])
    data += b"--" + BOUNDARY
    assert cut(data, cuts) == PICTURES


def test_a_length_lets_a_picture_out_before_the_next_part() -> None:
    parser = MultipartJpegs(BOUNDARY)
    body = PICTURES[0]
    whole = part(body, len(body))
    assert parser.feed(whole[: -len(body) // 2]) == []
    assert parser.feed(whole[-len(body) // 2 : -2]) == [body]
    assert parser.feed(whole[-2:] + part(PICTURES[1], len(PICTURES[1]))) == [PICTURES[1]]


def test_damaged_parts_are_left_out() -> None:
    data = part(b"no picture") + part(PICTURES[0][:-2]) + part(PICTURES[1], 10**9) + part(PICTURES[2])
    assert cut(data + b"--" + BOUNDARY, []) == [PICTURES[1], PICTURES[2]]


def test_a_boundary_named_with_its_dashes() -> None:
    parser = MultipartJpegs(b"--" + BOUNDARY)
    assert parser.feed(part(PICTURES[0], len(PICTURES[0]))) == [PICTURES[0]]


def test_endless_garbage_does_not_fill_the_memory() -> None:
    parser = MultipartJpegs(BOUNDARY)
    for _ in range(40):
        assert parser.feed(b"x" * 2**20) == []
    assert len(parser._buffer) < 100
    parser.feed(b"--" + BOUNDARY)
    for _ in range(40):
        assert parser.feed(b"x" * 2**20) == []
    assert len(parser._buffer) <= app.camera.mjpeg._MAX_PART


def fault_of(url: str) -> FaultKind:
    with pytest.raises(FeedError) as caught:
        open_stream(Stream(url))
    assert str(caught.value).endswith((".", "…"))
    return caught.value.fault.kind


def read_until_fault(feed: Feed) -> FaultKind:
    while True:
        try:
            feed.read()
        except FeedError as error:
            return error.fault.kind


@pytest.mark.parametrize("lengths", [True, False])
def test_pictures_arrive_in_order_and_in_colour(lengths: bool) -> None:
    red = jpeg(np.full((60, 81, 3), (250, 10, 10), np.uint8))
    with MjpegServer(picture=lambda i: red, lengths=lengths) as server:
        feed = open_stream(Stream(server.url))
        assert isinstance(feed, MjpegFeed)
        for _ in range(3):
            picture = feed.read()
            assert picture.shape == (60, 81, 3)
            assert picture[..., 0].mean() > 240
            assert picture[..., 2].mean() < 20
        feed.close()


def test_the_newest_picture_wins() -> None:
    with MjpegServer(fps=1000) as server:
        feed = open_stream(Stream(server.url))
        first = feed.read().mean()
        server.wait_for_pictures(20)
        second = feed.read().mean()
        feed.close()
    assert abs(second - first) > 8


def test_a_login_is_sent_and_never_shown() -> None:
    with MjpegServer(login=("me", "se:cret")) as server:
        address = f"127.0.0.1:{server.port}/video"
        stream = Stream(f"http://me:se%3Acret@{address}")
        feed = open_stream(stream)
        feed.read()
        feed.close()
        assert "cret" not in stream.name
        assert fault_of(f"http://{address}") is FaultKind.REFUSED


def test_a_redirection_is_followed_and_a_circle_is_not() -> None:
    with (
        MjpegServer() as server,
        MjpegServer(
            status="302 Found", headers=f"Location: {server.url}\r\n", content_type="text/plain"
        ) as other,
    ):
        feed = open_stream(Stream(other.url))
        feed.read()
        feed.close()
    with MjpegServer(status="302 Found", headers="Location: /video\r\n", content_type="text/plain") as circle:
        assert fault_of(circle.url) is FaultKind.UNREACHABLE


@pytest.mark.parametrize(
    ("content_type", "status", "kind"),
    [
        ("text/html", "200 OK", FaultKind.NOT_VIDEO),
        ("image/jpeg", "200 OK", FaultKind.NOT_VIDEO),
        ("multipart/x-mixed-replace", "200 OK", FaultKind.NOT_VIDEO),
        ("text/html", "404 Not Found", FaultKind.UNREACHABLE),
        ("text/html", "403 Forbidden", FaultKind.REFUSED),
    ],
)
def test_what_is_no_video_is_named(content_type: str, status: str, kind: FaultKind) -> None:
    with MjpegServer(content_type=content_type, status=status) as server:
        assert fault_of(server.url) is kind


def test_nobody_there() -> None:
    with MjpegServer() as server:
        url = server.url
    assert fault_of(url) is FaultKind.UNREACHABLE
    assert fault_of(url.replace("http", "rtsp")) is FaultKind.UNREACHABLE
    assert fault_of("http://no-such-machine.invalid/video") is FaultKind.UNREACHABLE


def test_something_that_does_not_speak_http() -> None:
    with MjpegServer(status="\x00\x01", content_type="\x02") as server:
        assert fault_of(server.url) is FaultKind.NOT_VIDEO


def test_a_stream_that_stalls() -> None:
    with MjpegServer() as server:
        feed = open_mjpeg(Stream(server.url), timeout=0.2)
        assert feed is not None
        feed.read()
        server.mode = "stall"
        assert read_until_fault(feed) is FaultKind.STALLED
        feed.close()


def test_a_stream_that_sends_garbage(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app.camera.mjpeg, "STREAM_PATIENCE", 0.3)
    with MjpegServer() as server:
        feed = open_mjpeg(Stream(server.url), timeout=2)
        assert feed is not None
        feed.read()
        server.mode = "garbage"
        assert read_until_fault(feed) is FaultKind.GARBAGE
        feed.close()


def test_a_stream_that_ends() -> None:
    with MjpegServer() as server:
        feed = open_stream(Stream(server.url))
        feed.read()
        server.drop()
        assert read_until_fault(feed) is FaultKind.ENDED
        feed.close()


def test_interrupting_ends_a_waiting_read_at_once() -> None:
    with MjpegServer() as server:
        feed = open_stream(Stream(server.url))
        feed.read()
        server.mode = "stall"
        timer = threading.Timer(0.3, feed.interrupt)
        timer.start()
        began = time.monotonic()
        read_until_fault(feed)
        assert time.monotonic() - began < 1.5
        feed.close()
        timer.join()
