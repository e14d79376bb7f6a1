"""The reader of HTTP JPEG streams: cutting the stream, and every fault of a server."""

from __future__ import annotations

import contextlib
import threading
import time
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

import app.camera.source.jpeg_stream
import app.camera.source.mjpeg
from app.camera.source.faults import FaultKind, FeedError
from app.camera.source.feed import Feed
from app.camera.source.feeds import open_stream
from app.camera.source.jpeg_stream import JpegStream
from app.camera.source.mjpeg import MjpegFeed, open_mjpeg
from app.camera.source.sources import Stream
from tests.app.mjpeg_server import BOUNDARY, MjpegServer, jpeg

PICTURES = [jpeg(np.random.default_rng(i).integers(0, 256, (9 + i, 12, 3), np.uint8)) for i in range(5)]


def part(body: bytes, length: int | None = None, dashes: bytes = b"--", boundary: bytes = BOUNDARY) -> bytes:
    head = b"\r\nContent-Type: image/jpeg\r\n"
    if length is not None:
        head += b"Content-length: %d\r\n" % length
    return dashes + boundary + head + b"\r\n" + body + b"\r\n"


def cut(data: bytes, cuts: list[int]) -> list[bytes]:
    stream = JpegStream()
    found, start = [], 0
    for end in [*sorted(c % (len(data) + 1) for c in cuts), len(data)]:
        found += stream.feed(data[start:end])
        start = end
    return found


@settings(max_examples=60, deadline=None)
@given(
    cuts=st.lists(st.integers(0, 10_000), max_size=12),
    lengths=st.lists(st.sampled_from(["right", "none", "short", "long", "bare"]), min_size=5, max_size=5),
    junk=st.binary(max_size=60).filter(lambda b: b"\xff" not in b),
)
def test_pictures_come_out_whole_however_the_stream_is_cut(
    cuts: list[int], lengths: list[str], junk: bytes
) -> None:
    data = junk
    for body, kind in zip(PICTURES, lengths, strict=True):
        n = len(body)
        claimed = {"right": n, "none": None, "short": n - 9, "long": n + 500}.get(kind)
        data += body if kind == "bare" else part(body, claimed)
    assert cut(data, cuts) == PICTURES


def test_a_picture_comes_out_with_its_last_byte() -> None:
    stream = JpegStream()
    assert stream.feed(part(PICTURES[0])[:-3]) == []
    assert stream.feed(PICTURES[0][-1:]) == [PICTURES[0]]


@pytest.mark.parametrize("kept", [4, 30, 200, 400, -2])
def test_a_picture_that_is_cut_off_is_left_out(kept: int) -> None:
    data = part(b"no picture") + part(PICTURES[0][:kept]) + part(PICTURES[1])
    # What stands in place of a length may claim some thousand bytes: they are looked at again.
    assert cut(data + 20 * part(PICTURES[2]), []) == [PICTURES[1]] + 20 * [PICTURES[2]]


def test_the_small_picture_within_a_picture_is_not_taken_for_one() -> None:
    small = PICTURES[0]
    whole = PICTURES[1][:2] + b"\xff\xe1" + (len(small) + 2).to_bytes(2, "big") + small + PICTURES[1][2:]
    assert cut(part(whole) + part(PICTURES[2]), [50]) == [whole, PICTURES[2]]


@settings(max_examples=100, deadline=None)
@given(data=st.binary(max_size=3000), cuts=st.lists(st.integers(0, 3000), max_size=5))
def test_whatever_comes_a_whole_picture_after_it_is_found(data: bytes, cuts: list[int]) -> None:
    rest = (part(PICTURES[0]) + part(PICTURES[1])) * 60  # longer than any length that garbage can claim
    assert cut(b"\xff\xd8\xff" + data + rest, cuts)[-1] == PICTURES[1]


def test_endless_garbage_does_not_fill_the_memory() -> None:
    stream = JpegStream()
    for start in (b"", b"\xff\xd8\xff\xda\x00\x02"):
        stream.feed(start)
        for _ in range(40):
            assert stream.feed(b"x" * 2**20) == []
        assert len(stream._buffer) <= app.camera.source.jpeg_stream.MAX_PICTURE + 2**20


def fault_of(url: str) -> FaultKind:
    with pytest.raises(FeedError) as caught:
        open_stream(Stream(url))
    assert str(caught.value).endswith((".", "…"))
    return caught.value.fault.kind


def read_on(feed: Feed) -> None:
    with contextlib.closing(feed):
        while True:
            feed.read()


def read_until_fault(feed: Feed) -> FaultKind:
    with pytest.raises(FeedError) as caught:
        read_on(feed)
    return caught.value.fault.kind


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


@pytest.mark.parametrize(
    ("mode", "timeout", "kind"),
    [
        ("stall", 0.2, FaultKind.STALLED),
        ("garbage", 2, FaultKind.GARBAGE),
        ("gone", 2, FaultKind.ENDED),
    ],
)
def test_a_stream_that_breaks_off(
    monkeypatch: pytest.MonkeyPatch, mode: str, timeout: float, kind: FaultKind
) -> None:
    monkeypatch.setattr(app.camera.source.mjpeg, "PICTURE_PATIENCE", 0.3)
    with MjpegServer() as server:
        feed = open_mjpeg(Stream(server.url), timeout=timeout)
        assert feed is not None
        feed.read()
        if mode == "gone":
            server.drop()
        else:
            server.mode = mode
        assert read_until_fault(feed) is kind


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
        timer.join()


def first_picture(server: MjpegServer, *, login: str = "") -> NDArray[np.uint8]:
    feed = open_stream(Stream(server.url.replace("//", f"//{login}")))
    assert isinstance(feed, MjpegFeed)
    picture = feed.read()
    feed.read()
    feed.close()
    return picture


@pytest.mark.parametrize(
    "options",
    [
        {"content_type": "multipart/x-mixed-replace"},
        {"content_type": "multipart/x-mixed-replace; boundary=another"},
        {"content_type": "multipart/x-mixed-replace; boundary=--" + BOUNDARY.decode()},
        {"content_type": "multipart/x-mixed-replace; boundary=" + BOUNDARY.decode(), "dashes": b""},
        {"content_type": "image/jpeg", "framing": "bare"},
        {"content_type": "application/octet-stream", "framing": "bare"},
        {"content_type": "", "framing": "bare"},
        {"content_type": "application/octet-stream"},
    ],
    ids=lambda options: "-".join(str(v) for v in options.values()),
)
def test_pictures_come_however_they_are_parted(options: dict[str, Any]) -> None:
    with MjpegServer(**options) as server:
        assert first_picture(server).shape == (120, 160, 3)


@pytest.mark.parametrize("length", [True, False])
def test_a_single_picture_is_called_so(length: bool) -> None:
    body = jpeg(np.full((60, 80, 3), 99, np.uint8))
    headers = f"Content-Length: {len(body)}\r\n" if length else ""
    with MjpegServer(
        content_type="image/jpeg", framing="single", picture=lambda _: body, headers=headers
    ) as server:
        with pytest.raises(FeedError, match="a single image") as caught:
            read_on(open_stream(Stream(server.url)))
        assert not caught.value.fault.retries


@pytest.mark.parametrize("algorithm", ["MD5", "SHA-256", "MD5-sess"])
def test_a_digest_login(algorithm: str) -> None:
    with MjpegServer(login=("me", "se:cret"), digest=algorithm) as server:
        assert first_picture(server, login="me:se%3Acret@").shape == (120, 160, 3)
        assert not any(b"Basic" in request for request in server.requests)
        assert fault_of(server.url.replace("//", "//me:wrong@")) is FaultKind.REFUSED
        assert fault_of(server.url) is FaultKind.REFUSED


def test_no_password_goes_where_a_redirection_leads() -> None:
    with MjpegServer() as target:
        elsewhere = target.url.replace("127.0.0.1", "localhost")
        headers = f"Location: {elsewhere}\r\n"
        with MjpegServer(status="302 Found", headers=headers, content_type="text/plain") as server:
            first_picture(server, login="me:secret@")
        assert target.requests
        assert not any(b"Authorization" in request for request in target.requests)


def test_a_camera_that_wakes_up_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app.camera.source.mjpeg, "STREAM_PATIENCE", 0.1)
    with MjpegServer(fps=1 / 0.6) as server:  # silent for six times as long as a connection may take
        feed = open_mjpeg(Stream(server.url))
        assert feed is not None
        assert feed.read().shape == (120, 160, 3)
        assert feed.read().shape == (120, 160, 3)
        feed.close()
        assert server.connections == 1
