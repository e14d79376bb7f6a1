"""Cuts a stream of bytes into the JPEG pictures in it, by the structure of JPEG itself.

What stands between the pictures does not matter: multipart headers with or without a boundary, a boundary that is
not the one announced, nothing at all. A picture is complete with its last byte, not when the next one begins.
"""

from __future__ import annotations

import re

MAX_PICTURE = 32 * 2**20
"""Bytes; what grows larger is no picture."""

_START = b"\xff\xd8\xff"
_END = 0xD9
_SCAN = 0xDA
_ALONE = frozenset((0x01, *range(0xD0, 0xD8)))
"""Markers without a length (ITU-T T.81, table B.1): TEM and RST0 to RST7."""
_AFTER_SCAN = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
"""In compressed data 0xFF is followed by 0 or by a restart marker; anything else ends it."""


class JpegStream:
    """Fed in any pieces. A picture that is cut off or damaged is left out."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._at = 0  # where the next marker is expected; 0: no picture has begun
        self._segment = 0  # the marker before that
        self._in_scan = False

    def feed(self, data: bytes) -> list[bytes]:
        """The whole pictures that `data` completes, oldest first."""
        self._buffer += data
        pictures = []
        while (picture := self._next()) is not None:
            pictures.append(picture)
        if len(self._buffer) > MAX_PICTURE:
            self._restart(len(self._buffer) - len(_START) + 1)
        return pictures

    def _restart(self, at: int) -> None:
        """Look for a picture from `at` on; what is before it is of no use."""
        del self._buffer[:at]
        self._at = self._segment = 0
        self._in_scan = False

    def _next(self) -> bytes | None:
        while True:
            if self._at == 0:
                begin = self._buffer.find(_START)
                if begin < 0:
                    self._restart(max(0, len(self._buffer) - len(_START) + 1))
                    return None
                self._restart(begin)
                self._at = 2
            if self._in_scan:
                found = _AFTER_SCAN.search(self._buffer, self._at)
                if found is None:
                    self._at = max(self._at, len(self._buffer) - 1)
                    return None
                self._at, self._in_scan = found.start(), False
            if len(self._buffer) < self._at + 2:
                return None
            marker = self._buffer[self._at + 1]
            if self._buffer[self._at] != 0xFF or marker == 0:
                # Astray: the length of the segment before was wrong, or the picture was cut off within it.
                self._restart(self._segment + 2)
            elif marker == 0xFF:  # fill bytes
                self._at += 1
            elif marker == _END:
                picture = bytes(self._buffer[: self._at + 2])
                self._restart(self._at + 2)
                return picture
            elif marker == 0xD8:  # the next picture: this one was cut off
                self._restart(self._at)
            elif marker in _ALONE:
                self._at += 2
            elif len(self._buffer) < self._at + 4:
                return None
            else:
                length = int.from_bytes(self._buffer[self._at + 2 : self._at + 4], "big")
                self._segment = self._at
                self._at += 2 + length if length >= 2 else 2
                self._in_scan = marker == _SCAN
