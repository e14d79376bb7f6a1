"""HTTP streams of JPEG pictures (multipart/x-mixed-replace), as phones and network cameras send them. No Qt.

FFmpeg can read them too, but gives up at the first damaged part and can't be interrupted while it waits. This
reader skips what is damaged, decodes the newest whole picture, and ends at once when it is interrupted.
"""

from __future__ import annotations

import base64
import contextlib
import http.client
import re
import socket
import ssl
import time
from email.message import Message
from urllib.parse import urljoin, urlsplit

import numpy as np

from app.camera.faults import Fault, FaultKind, FeedError, not_video, stalled, stream_ended, unreachable
from app.camera.feed import STREAM_PATIENCE, to_rgb
from app.camera.sources import Stream

_MAX_PART = 32 * 2**20
_MAX_HEAD = 4096
_MAX_REDIRECTS = 5
_SOI, _EOI = b"\xff\xd8", b"\xff\xd9"
_LENGTH = re.compile(rb"^content-length:\s*(\d{1,9})\s*$", re.IGNORECASE | re.MULTILINE)


class MultipartJpegs:
    """Cuts a multipart stream, fed in any pieces, into JPEG pictures; what is damaged is left out.

    A length given in a part's header lets its picture out before the next part begins, but is not trusted:
    where the boundary does not follow, the part is cut at the boundary instead.
    """

    def __init__(self, boundary: bytes) -> None:
        # RFC 2046 puts two dashes before the boundary; some cameras name them in the header as well.
        self._boundary = b"--" + boundary.removeprefix(b"--")
        self._buffer = bytearray()
        self._searched = 0

    def feed(self, data: bytes) -> list[bytes]:
        """The whole pictures that `data` completes, oldest first."""
        self._buffer += data
        pictures = []
        while (part := self._next_part()) is not None:
            picture = self._picture(part)
            if picture is not None:
                pictures.append(picture)
        if len(self._buffer) > _MAX_PART:
            self._drop(len(self._buffer) - len(self._boundary))
        return pictures

    def _drop(self, n: int) -> None:
        del self._buffer[:n]
        self._searched = 0

    def _next_part(self) -> bytes | None:
        """The next part without its boundaries; None where it is not complete."""
        begin = self._buffer.find(self._boundary)
        if begin < 0:
            # All but what may be the beginning of a boundary is of no use.
            self._drop(max(0, len(self._buffer) - len(self._boundary) + 1))
            return None
        if begin:
            self._drop(begin)
        start = len(self._boundary)
        head_end = self._buffer.find(b"\r\n\r\n", start, start + _MAX_HEAD)
        length = None
        if head_end >= 0:
            length = _LENGTH.search(self._buffer[start:head_end].replace(b"\r\n", b"\n"))
        if length is not None:
            body = head_end + 4
            stop = body + int(length[1])
            after = bytes(self._buffer[stop : stop + 2 + len(self._boundary)])
            followed = (b"\r\n" + self._boundary).startswith(after) or after.startswith(self._boundary)
            if followed and self._buffer[stop - 2 : stop] == _EOI:
                part = bytes(self._buffer[body:stop])
                self._drop(stop)
                return part
        end = self._buffer.find(self._boundary, max(start, self._searched))
        if end < 0:
            self._searched = max(start, len(self._buffer) - len(self._boundary) + 1)
            return None
        part = bytes(self._buffer[start:end])
        self._drop(end)
        return part

    @staticmethod
    def _picture(part: bytes) -> bytes | None:
        begin, end = part.find(_SOI), part.rfind(_EOI)
        # Without its end marker a picture was cut off: decoding would give one half grey.
        return part[begin : end + 2] if 0 <= begin < end else None


class MjpegFeed:
    """An open stream of JPEG pictures. clock: for tests."""

    def __init__(
        self, stream: Stream, response: http.client.HTTPResponse, sock: socket.socket, boundary: bytes
    ) -> None:
        self._stream, self._response, self._socket = stream, response, sock
        self._parser = MultipartJpegs(boundary)
        self._interrupted = False

    def read(self) -> np.ndarray:
        from core.base.opencv import cv2

        deadline = time.monotonic() + STREAM_PATIENCE
        while time.monotonic() < deadline:
            try:
                data = self._response.read1(65536)
            except TimeoutError:
                raise FeedError(stalled(self._stream.name)) from None
            except (OSError, http.client.HTTPException, ValueError):
                # ValueError: the response was closed by `interrupt` between two reads.
                raise FeedError(stream_ended(self._stream)) from None
            if not data or self._interrupted:
                raise FeedError(stream_ended(self._stream))
            for jpeg in reversed(self._parser.feed(data)):
                try:
                    picture = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
                except cv2.error:
                    continue
                rgb = to_rgb(picture)
                if rgb is not None:
                    return rgb
        raise FeedError(
            Fault(
                FaultKind.GARBAGE,
                f"{self._stream.name} sends something, but no picture that can be read.",
                "A bad connection does that; so does an address that is not of a video.",
            )
        )

    def interrupt(self) -> None:
        self._interrupted = True
        # A socket that another thread reads from must not be closed, but it can be shut down.
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self.interrupt()
        self._response.close()
        self._socket.close()


def _connect(stream: Stream, url: str, timeout: float) -> tuple[http.client.HTTPResponse, socket.socket]:
    parts = urlsplit(url)
    assert parts.hostname is not None
    connection: http.client.HTTPConnection
    if parts.scheme == "https":
        connection = http.client.HTTPSConnection(parts.hostname, parts.port, timeout=timeout)
    else:
        connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=timeout)
    headers = {"User-Agent": "gnc", "Accept": "*/*", "Connection": "close"}
    if stream.login is not None and parts.hostname == urlsplit(stream.url).hostname:
        headers["Authorization"] = "Basic " + base64.b64encode(":".join(stream.login).encode()).decode()
    try:
        connection.connect()
        sock = connection.sock
        target = parts.path or "/"
        connection.request("GET", f"{target}?{parts.query}" if parts.query else target, headers=headers)
        return connection.getresponse(), sock
    except BaseException:
        connection.close()
        raise


def open_mjpeg(stream: Stream, *, timeout: float = STREAM_PATIENCE) -> MjpegFeed | None:
    """Connect; None where the server sends a video of another kind, which FFmpeg may read.

    Raises:
        FeedError: it can't be reached, refuses, or sends a web page.
    """
    url = stream.without_login
    for _ in range(_MAX_REDIRECTS):
        try:
            response, sock = _connect(stream, url, timeout)
        except socket.gaierror:
            raise FeedError(unreachable(stream, "no machine has that name")) from None
        except TimeoutError:
            raise FeedError(unreachable(stream, "no answer")) from None
        except ssl.SSLError as error:
            raise FeedError(unreachable(stream, f"no secure connection ({error.reason})")) from None
        except OSError as error:
            raise FeedError(unreachable(stream, (error.strerror or str(error)).lower())) from None
        except http.client.HTTPException:
            raise FeedError(not_video(stream, "something that is not HTTP")) from None
        where = response.getheader("Location")
        if response.status not in (301, 302, 303, 307, 308) or where is None:
            break
        response.close()
        sock.close()
        url = urljoin(url, where)
    feed = None
    try:
        feed = _feed_of(stream, response, sock)
    finally:
        if feed is None:
            response.close()
            sock.close()
    return feed


def _feed_of(stream: Stream, response: http.client.HTTPResponse, sock: socket.socket) -> MjpegFeed | None:
    if response.status in (401, 403):
        raise FeedError(
            Fault(
                FaultKind.REFUSED,
                f"{stream.name} wants a name and a password.",
                "Give them in the address: http://NAME:PASSWORD@…",
                retries=False,
            )
        )
    if response.status != 200:
        reason = f"{response.status} {response.reason}".strip()
        raise FeedError(unreachable(stream, f"the server says “{reason}”"))
    head = Message()
    head["Content-Type"] = response.getheader("Content-Type", "")
    kind = head.get_content_type()
    if kind == "text/html":
        raise FeedError(not_video(stream, "a web page"))
    if head.get_content_maintype() == "image":
        raise FeedError(not_video(stream, "a single picture"))
    if head.get_content_maintype() != "multipart":
        return None
    boundary = head.get_boundary() or ""
    if not boundary:
        raise FeedError(not_video(stream, "parts without a boundary"))
    return MjpegFeed(stream, response, sock, boundary.encode())
