"""A real HTTP server of JPEG pictures on loopback that can stall, drop, come back and send garbage."""

from __future__ import annotations

import base64
import hashlib
import re
import socket
import threading
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from core.base.opencv import cv2
from tests.app.loopback_server import LoopbackServer, has_gone, request_of

BOUNDARY = b"frame-boundary"
_NONCE = "5ccc069c403ebaf9f0171e9517f40e41"


def jpeg(image: NDArray[np.uint8]) -> bytes:
    """An (H, W, 3) uint8 RGB picture as a JPEG file."""
    ok, data = cv2.imencode(".jpg", cv2.cvtColor(image, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, 90])
    assert ok
    return bytes(data.tobytes())


def numbered(i: int, size: tuple[int, int] = (160, 120)) -> NDArray[np.uint8]:
    """A plain picture, (width, height) large, whose grey counts up: 40, 44, 48 … 236, 40 …"""
    return np.full((size[1], size[0], 3), 40 + 4 * (i % 50), np.uint8)


class MjpegServer(LoopbackServer):
    """Serves multipart JPEGs to any number of clients; the switches may be set while it runs.

    picture: the JPEG to send as the i-th. mode: "send", "stall" (the connection stays open, silent),
    "garbage" (random bytes in between boundaries). lengths: whether parts say how long they are. dashes: before
    the boundary. framing: "parts", "bare" (pictures one after another) or "single" (one, then the end). digest:
    an algorithm, for a login by digest instead of a plain one.
    """

    def __init__(
        self,
        *,
        fps: float = 50,
        picture: Callable[[int], bytes] = lambda i: jpeg(numbered(i)),
        lengths: bool = True,
        login: tuple[str, str] | None = None,
        content_type: str = f"multipart/x-mixed-replace; boundary={BOUNDARY.decode()}",
        status: str = "200 OK",
        headers: str = "",
        dashes: bytes = b"--",
        framing: str = "parts",
        digest: str = "",
    ) -> None:
        super().__init__()
        self._dashes, self._framing, self._digest = dashes, framing, digest
        self.requests: list[bytes] = []
        self.mode = "send"
        self.fps, self._picture, self._lengths, self._login = fps, picture, lengths, login
        self._content_type, self._status, self._headers = content_type, status, headers
        self._sent = threading.Condition()
        self._pictures = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/video"

    def wait_for_pictures(self, n: int) -> None:
        """Until `n` more pictures were sent."""
        with self._sent:
            wanted = self._pictures + n
            assert self._sent.wait_for(lambda: self._pictures >= wanted, 10)

    def answer(self, client: socket.socket) -> None:
        request = request_of(client)
        if not request:
            return
        self.requests.append(request)
        head = self._head(request)
        client.sendall(head)
        if head.startswith(b"HTTP/1.1 200") and self._streams:
            self._stream(client)

    def _head(self, request: bytes) -> bytes:
        status, more = self._status, ""
        if self._login is not None and not self._allowed(request):
            status = "401 Unauthorized"
            challenge = 'Basic realm="camera"'
            if self._digest:
                challenge = f'Digest realm="camera", nonce="{_NONCE}", qop="auth", algorithm={self._digest}'
            more = f"WWW-Authenticate: {challenge}\r\n"
        kind = f"Content-Type: {self._content_type}\r\n" if self._content_type else ""
        return f"HTTP/1.1 {status}\r\n{kind}{self._headers}{more}\r\n".encode()

    @property
    def _streams(self) -> bool:
        return "multipart" in self._content_type or self._framing != "parts" or "octet" in self._content_type

    def _allowed(self, request: bytes) -> bool:
        assert self._login is not None
        if not self._digest:
            return b"Authorization: Basic " + base64.b64encode(":".join(self._login).encode()) in request
        line = next((x for x in request.decode().split("\r\n") if x.startswith("Authorization: Digest ")), "")
        given = dict(re.findall(r'(\w+)="?([^",]*)"?', line.partition("Digest ")[2]))
        if not given:
            return False

        def digest(text: str) -> str:
            return hashlib.new("sha256" if "SHA" in self._digest else "md5", text.encode()).hexdigest()

        secret = digest(f"{self._login[0]}:camera:{self._login[1]}")
        if self._digest.endswith("-sess"):
            secret = digest(f"{secret}:{_NONCE}:{given['cnonce']}")
        # RFC 7616, section 3.4.1
        where = digest(f"GET:{given['uri']}")
        wanted = digest(f"{secret}:{_NONCE}:{given['nc']}:{given['cnonce']}:{given['qop']}:{where}")
        return bool(given["response"] == wanted)

    def _stream(self, client: socket.socket) -> None:
        rng = np.random.default_rng(3)
        i = 0
        parts = self._framing == "parts"
        if parts:
            client.sendall(self._dashes + BOUNDARY)
        while not self._closing.wait(1 / self.fps):
            if self.mode == "stall":
                if has_gone(client):
                    return
                continue
            body = self._picture(i) if self.mode == "send" else rng.bytes(3000)
            head = b"\r\nContent-Type: image/jpeg\r\n"
            if self._lengths:
                head += b"Content-Length: %d\r\n" % len(body)
            client.sendall(head + b"\r\n" + body + b"\r\n" + self._dashes + BOUNDARY if parts else body)
            if self._framing == "single":
                return
            i += 1
            with self._sent:
                self._pictures += 1
                self._sent.notify_all()
