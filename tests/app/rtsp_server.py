"""A real RTSP server on loopback: an MPEG transport stream in RTP packets over the RTSP connection itself."""

from __future__ import annotations

import re
import socket
import struct
from pathlib import Path

from core.base.opencv import cv2
from tests.app.loopback_server import LoopbackServer, has_gone, request_of
from tests.app.mjpeg_server import numbered

_PACKETS = 7  # transport stream packets of 188 bytes in an RTP packet (RFC 2250)


def transport_stream(path: Path, *, frames: int = 75, fps: float = 25) -> bytes:
    """An MPEG-2 video whose grey counts up."""
    writer = cv2.VideoWriter(str(path), cv2.CAP_FFMPEG, cv2.VideoWriter.fourcc(*"MPG2"), fps, (160, 120))
    assert writer.isOpened()
    for i in range(frames):
        writer.write(numbered(i))
    writer.release()
    return path.read_bytes()


class RtspServer(LoopbackServer):
    """Plays `video` once a client asks for it, again and again, in real time; `stall` holds it."""

    def __init__(self, video: bytes, *, seconds: float = 3.0) -> None:
        super().__init__()
        self._video, self._seconds = video, seconds
        self.stall = False

    @property
    def url(self) -> str:
        return f"rtsp://127.0.0.1:{self.port}/live"

    def answer(self, client: socket.socket) -> None:
        while request := request_of(client):
            if self._answer(client, request.decode("latin-1")):
                self._play(client)
                return

    def _answer(self, client: socket.socket, request: str) -> bool:
        """Answer a request; whether the video is to be played now."""
        method = request.split(" ", 1)[0]
        number = re.search(r"CSeq: *(\d+)", request, re.IGNORECASE)
        head = f"RTSP/1.0 200 OK\r\nCSeq: {number[1] if number else 0}\r\nSession: 1234\r\n"
        body = ""
        if method == "OPTIONS":
            head += "Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN\r\n"
        elif method == "DESCRIBE":
            body = (
                "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=test\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
                f"m=video 0 RTP/AVP 33\r\na=control:{self.url}/track\r\n"
            )
            head += f"Content-Type: application/sdp\r\nContent-Length: {len(body)}\r\n"
        elif method == "SETUP":
            head += "Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n"
        client.sendall(f"{head}\r\n{body}".encode())
        return method == "PLAY"

    def _play(self, client: socket.socket) -> None:
        size = 188 * _PACKETS
        pieces = [self._video[i : i + size] for i in range(0, len(self._video), size)]
        sequence = 0
        while not self._closing.is_set():
            for piece in pieces:
                while self.stall and not self._closing.wait(0.02):
                    if has_gone(client):
                        return
                stamp = round(sequence * 90_000 * self._seconds / len(pieces))
                packet = struct.pack(">BBHII", 0x80, 33, sequence & 0xFFFF, stamp & 0xFFFFFFFF, 7) + piece
                client.sendall(struct.pack(">cBH", b"$", 0, len(packet)) + packet)
                sequence += 1
                if self._closing.wait(self._seconds / len(pieces)):
                    return
