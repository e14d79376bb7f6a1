"""Sources of live pictures: cameras by name, network streams, video files, the sample."""

from __future__ import annotations

import ipaddress
import os
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlsplit, urlunsplit

from core.base.errors import InputError

STREAM_SCHEMES = ("http", "https", "rtsp", "rtsps", "rtmp", "rtp", "udp", "srt")
VIDEO_SUFFIXES = (
    *(".mp4", ".m4v", ".mov", ".avi", ".mkv", ".webm"),
    *(".mpg", ".mpeg", ".wmv", ".ogv", ".ts", ".mjpeg"),
)
RESOLUTIONS = ((640, 480), (800, 600), (1280, 720), (1920, 1080), (2560, 1440), (3840, 2160))
"""What is offered to a camera; it answers with the nearest that it has."""

ADDRESS_EXAMPLES = "http://192.168.1.20:8080/video or rtsp://192.168.1.30:554/stream1"


@dataclass(frozen=True)
class CameraDevice:
    """A camera that the system lists. index, backend: what OpenCV opens; path: the device file (Linux)."""

    name: str
    index: int
    backend: int
    path: str | None = None
    vendor: int | None = None
    product: int | None = None

    def is_same(self, other: CameraDevice) -> bool:
        """Whether `other` is this camera, perhaps plugged in again: it may then have another index."""
        mine = (self.name, self.vendor, self.product)
        return mine == (other.name, other.vendor, other.product)


@dataclass(frozen=True)
class Stream:
    """A network stream. url: with the password, if there is one; `name` never shows it."""

    url: str

    @property
    def name(self) -> str:
        parts = urlsplit(self.url)
        host = parts.netloc.rpartition("@")[2]
        return f"{parts.scheme}://{host}{parts.path}"

    @property
    def without_login(self) -> str:
        parts = urlsplit(self.url)
        return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))

    @property
    def login(self) -> tuple[str, str] | None:
        parts = urlsplit(self.url)
        if parts.username is None:
            return None
        return unquote(parts.username), unquote(parts.password or "")


@dataclass(frozen=True)
class VideoFile:
    """A video file, played at its own rate."""

    path: Path
    title: str = ""

    @property
    def name(self) -> str:
        return self.title or self.path.name


Source = CameraDevice | Stream | VideoFile

_BACKENDS = {"linux": "CAP_V4L2", "win32": "CAP_DSHOW", "darwin": "CAP_AVFOUNDATION"}


def list_cameras(enumerate_cameras: Callable[[int], Iterable[Any]] | None = None) -> list[CameraDevice]:
    """The cameras that the system lists, none of them opened. Empty where it can't list any.

    enumerate_cameras: as in cv2-enumerate-cameras; tests give their own.
    """
    from core.base.opencv import cv2

    backend = getattr(cv2, _BACKENDS.get(sys.platform, "CAP_ANY"))
    if enumerate_cameras is None:
        try:
            import cv2_enumerate_cameras as cameras_of
        except ImportError:  # built for systems with cameras only; elsewhere there are streams and files
            return []
        if backend not in cameras_of.supported_backends:
            return []
        enumerate_cameras = cameras_of.enumerate_cameras
    try:
        found = sorted(enumerate_cameras(backend), key=lambda info: int(info.index))
    except OSError:  # e.g. /sys of a sandbox may not be read
        return []
    return named_apart(
        CameraDevice(info.name or "Camera", info.index, backend, info.path, info.vid, info.pid)
        for info in found
    )


def named_apart(cameras: Iterable[CameraDevice]) -> list[CameraDevice]:
    """Two cameras of one make get a number behind their names."""
    cameras = list(cameras)
    totals = Counter(camera.name for camera in cameras)
    seen: Counter[str] = Counter()
    apart = []
    for camera in cameras:
        seen[camera.name] += 1
        several = totals[camera.name] > 1
        apart.append(replace(camera, name=f"{camera.name} ({seen[camera.name]})") if several else camera)
    return apart


def find_again(camera: CameraDevice, listed: Sequence[CameraDevice]) -> CameraDevice | None:
    """`camera` as it is listed now; None where it is not."""
    same = [c for c in listed if camera.is_same(c)]
    return next((c for c in same if c.path == camera.path), same[0] if same else None)


def sample_video(samples: Path | None = None) -> VideoFile | None:
    """The sample that comes with the program, if it is there."""
    folder = samples if samples is not None else Path(__file__).resolve().parents[3] / "assets" / "samples"
    found = sorted(p for p in folder.glob("*") if p.suffix.lower() in VIDEO_SUFFIXES)
    return VideoFile(found[0], "Sample video") if found else None


_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9_-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9_-]*[A-Za-z0-9])?)*\.?")


def _host_is_possible(host: str) -> bool:
    try:
        ipaddress.ip_address(host.split("%")[0])
    except ValueError:
        looks_like_ip = re.fullmatch(r"[\d.]+", host) is not None
        return not looks_like_ip and len(host) <= 253 and _HOST.fullmatch(host) is not None
    return True


def parse_address(text: str) -> Stream | VideoFile:
    """What a person typed as an address: a stream, or the path of a video file that exists.

    Raises:
        InputError: a sentence that says what is wrong with it.
    """
    text = text.strip().strip("\"'“”")
    if not text:
        raise InputError(f"Type the address of a stream, such as {ADDRESS_EXAMPLES}.")
    if re.search(r"[\x00-\x1f\x7f]", text):
        raise InputError(f"An address has no line breaks in it; it looks like {ADDRESS_EXAMPLES}.")
    if "://" not in text:
        # Not Path.expanduser, which raises where the user of “~user” is unknown.
        path = Path(os.path.expanduser(text))
        if os.path.isfile(path):
            return VideoFile(path)
        if re.match(r"[A-Za-z]:[\\/]|[\\/~.]", text):
            raise InputError(f"There is no file “{text}”.")
        text = f"http://{text}"
    if text.lower().startswith("file://"):
        raise InputError("To play a file, choose “Video file…” or type its path.")
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise InputError(
            f"“{text}” has a wrong host or port; an address looks like {ADDRESS_EXAMPLES}."
        ) from None
    if parts.scheme not in STREAM_SCHEMES:
        raise InputError(
            f"“{parts.scheme}://” is no stream that can be read; use {', '.join(STREAM_SCHEMES)}."
        )
    if not host or not _host_is_possible(host) or port == 0 or re.search(r"\s", parts.netloc):
        raise InputError(f"“{text}” has a wrong host or port; an address looks like {ADDRESS_EXAMPLES}.")
    # What people paste may hold spaces and letters that an address can't.
    safe = "%/?:@!$&'()*+,;=~-._"
    return Stream(
        urlunsplit(parts._replace(path=quote(parts.path, safe=safe), query=quote(parts.query, safe=safe)))
    )
