"""A real RTSP server on loopback: an MPEG transport stream in RTP packets over the RTSP connection itself."""

from __future__ import annotations

import contextlib
import re
import select
import socket
import struct
import threading
from pathlib import Path
from types import TracebackType

from core.base.opencv import cv2
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


class RtspServer:
    """Plays `video` once a client asks for it, again and again, in real time; `stall` holds it."""

    def __init__(self, video: bytes, *, seconds: float = 3.0) -> None:
        self._video, self._seconds = video, seconds
        self._clients: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        self._closing = threading.Event()
        self.stall = False
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._spawn(self._accept)

    def __enter__(self) -> RtspServer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.hang_up()
        for thread in self._threads:
            thread.join(5)
            assert not thread.is_alive()

    @property
    def clients(self) -> int:
        return len(self._clients)

    @property
    def url(self) -> str:
        return f"rtsp://127.0.0.1:{self.port}/live"

    def hang_up(self) -> None:
        """End all connections; new ones are taken."""
        for client in list(self._clients):
            with contextlib.suppress(OSError):
                client.shutdown(socket.SHUT_RDWR)

    def _spawn(self, work: object, *arguments: object) -> None:
        thread = threading.Thread(target=work, args=arguments, daemon=True)  # type: ignore[arg-type]
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            self._clients.add(client)
            self._spawn(self._serve, client)

    def _serve(self, client: socket.socket) -> None:
        try:
            while True:
                request = b""
                while b"\r\n\r\n" not in request:
                    data = client.recv(4096)
                    if not data:
                        return
                    request += data
                if self._answer(client, request.decode("latin-1")):
                    self._play(client)
                    return
        except OSError:
            pass
        finally:
            self._clients.discard(client)
            client.close()

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
                    readable, _, _ = select.select([client], [], [], 0)
                    if readable and not client.recv(1024):
                        return
                stamp = round(sequence * 90_000 * self._seconds / len(pieces))
                packet = struct.pack(">BBHII", 0x80, 33, sequence & 0xFFFF, stamp & 0xFFFFFFFF, 7) + piece
                client.sendall(struct.pack(">cBH", b"$", 0, len(packet)) + packet)
                sequence += 1
                if self._closing.wait(self._seconds / len(pieces)):
                    return
