"""Open sources, each giving its next picture: cameras, network streams through FFmpeg, video files.

A feed belongs to the thread that opened it; only `interrupt` may be called from another one. OpenCV opens
and reads with the interpreter's lock released, so the windows go on meanwhile.
"""

from __future__ import annotations

import math
import socket
import threading
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import numpy as np
from numpy.typing import NDArray

from app.camera.source.access import camera_access_granted
from app.camera.source.controls import CameraControls
from app.camera.source.faults import (
    Fault,
    FaultKind,
    FeedError,
    refused,
    stalled,
    stream_ended,
    unplugged,
    unreachable,
    why_not_opened,
)
from app.camera.source.feed import OPENING_PATIENCE, PICTURE_PATIENCE, STREAM_PATIENCE, Feed, to_rgb
from app.camera.source.sources import CameraDevice, Source, Stream, VideoFile, find_again, list_cameras

READ_SECONDS = 0.8
"""For so long a read of FFmpeg can't be interrupted; the source must be free within a second."""
CAMERA_PATIENCE = 3.0
"""Seconds without a picture after which a camera that is still plugged in is opened anew."""
_DEFAULT_PORTS = {"http": 80, "https": 443, "rtsp": 554, "rtsps": 322, "rtmp": 1935}


class DeviceFeed:
    """A camera of this machine.

    capture: a cv2.VideoCapture. still_listed: whether the camera is plugged in, asked only when it gives
    nothing.
    """

    def __init__(self, camera: CameraDevice, capture: Any, *, still_listed: Callable[[], bool]) -> None:
        self._camera, self._capture = camera, capture
        self._still_listed = still_listed
        self._interrupted = threading.Event()
        self.controls = CameraControls(capture, camera.path)

    def read(self) -> NDArray[np.uint8]:
        from core.base.opencv import cv2

        began = time.monotonic()
        while not self._interrupted.is_set():
            try:
                got, picture = self._capture.read()
            except cv2.error:  # a damaged MJPEG picture of a bad cable
                got, picture = False, None
            rgb = to_rgb(picture) if got else None
            if rgb is not None:
                return rgb
            if not self._still_listed():
                raise FeedError(unplugged(self._camera.name))
            if time.monotonic() - began > CAMERA_PATIENCE:
                break
            self._interrupted.wait(0.02)
        raise FeedError(stalled(self._camera.name))

    def interrupt(self) -> None:
        self._interrupted.set()

    def close(self) -> None:
        self._capture.release()


def open_camera(
    camera: CameraDevice,
    resolution: tuple[int, int] | None = None,
    *,
    listed: Callable[[], list[CameraDevice]] = list_cameras,
    capture: Callable[[int, int], Any] | None = None,
    granted: Callable[[], bool] = camera_access_granted,
) -> DeviceFeed:
    """Open a camera, also after it was plugged in again elsewhere. Raises FeedError with the reason.

    resolution: (width, height) to ask for; the camera answers with the nearest that it has.
    capture: what opens (index, backend) as cv2.VideoCapture does.
    """
    from core.base.opencv import cv2

    if not granted():
        raise FeedError(refused(camera.name))
    now = find_again(camera, listed())
    if now is None:
        raise FeedError(unplugged(camera.name))
    opened = (capture or cv2.VideoCapture)(now.index, now.backend)

    def still_listed() -> bool:
        return find_again(now, listed()) is not None

    if not opened.isOpened():
        opened.release()
        raise FeedError(why_not_opened(camera.name, now.path, still_there=still_listed()))
    if resolution is not None:
        # Uncompressed, many cameras manage 5 pictures a second at 1280x720; as MJPEG, 30.
        opened.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG"))
        opened.set(cv2.CAP_PROP_FRAME_WIDTH, resolution[0])
        opened.set(cv2.CAP_PROP_FRAME_HEIGHT, resolution[1])
    opened.set(cv2.CAP_PROP_BUFFERSIZE, 1)
    return DeviceFeed(now, opened, still_listed=still_listed)


class StreamFeed:
    """A network stream read by FFmpeg: RTSP, RTMP, HLS, a video served over HTTP."""

    def __init__(self, stream: Stream, capture: Any) -> None:
        self._stream, self._capture = stream, capture
        self._interrupted = False

    def read(self) -> NDArray[np.uint8]:
        from core.base.opencv import cv2

        began = time.monotonic()
        while not self._interrupted:
            asked = time.monotonic()
            try:
                got, picture = self._capture.read()
            except cv2.error:
                got, picture = False, None
            rgb = to_rgb(picture) if got else None
            if rgb is not None:
                return rgb
            now = time.monotonic()
            if now - began > PICTURE_PATIENCE:
                raise FeedError(stalled(self._stream.name))
            if not got and now - asked < READ_SECONDS / 2:  # no timeout: FFmpeg knows that it is over
                break
        raise FeedError(stream_ended(self._stream))

    def interrupt(self) -> None:
        self._interrupted = True

    def close(self) -> None:
        self._capture.release()


def check_reachable(stream: Stream, timeout: float = STREAM_PATIENCE) -> None:
    """Connect once and hang up: FFmpeg only says that it failed, this says why. Raises FeedError."""
    parts = urlsplit(stream.url)
    if parts.scheme not in _DEFAULT_PORTS or parts.hostname is None:  # rtp, udp, srt: nothing to connect to
        return
    port = parts.port or _DEFAULT_PORTS[parts.scheme]
    try:
        socket.create_connection((parts.hostname, port), timeout).close()
    except socket.gaierror:
        raise FeedError(unreachable(stream, f"no machine is called “{parts.hostname}”")) from None
    except TimeoutError:
        raise FeedError(unreachable(stream, "no answer")) from None
    except OSError as error:
        raise FeedError(unreachable(stream, (error.strerror or str(error)).lower())) from None


def open_stream(stream: Stream) -> Feed:
    """Raises FeedError with the reason."""
    from app.camera.source.mjpeg import open_mjpeg
    from core.base.opencv import cv2

    if urlsplit(stream.url).scheme in ("http", "https"):
        feed = open_mjpeg(stream)
        if feed is not None:
            return feed
    check_reachable(stream)
    opening, reading = int(OPENING_PATIENCE * 1000), int(READ_SECONDS * 1000)
    timeouts = [cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, opening, cv2.CAP_PROP_READ_TIMEOUT_MSEC, reading]
    opened = cv2.VideoCapture(stream.url, cv2.CAP_FFMPEG, timeouts)
    if not opened.isOpened():
        opened.release()
        raise FeedError(
            Fault(
                FaultKind.UNREACHABLE,
                f"{stream.name} answers, but sends no video that can be read.",
                "Check the address, the name and the password.",
            )
        )
    return StreamFeed(stream, opened)


class FileFeed:
    """A video file. `position` and `duration` in seconds; duration 0 where the file does not say."""

    def __init__(self, file: VideoFile, capture: Any) -> None:
        from core.base.opencv import cv2

        self.file, self._capture, self._cv2 = file, capture, cv2
        fps = capture.get(cv2.CAP_PROP_FPS)
        self.fps = fps if math.isfinite(fps) and 0.1 <= fps <= 1000 else 25.0
        frames = capture.get(cv2.CAP_PROP_FRAME_COUNT)
        self.duration = frames / self.fps if math.isfinite(frames) and frames > 0 else 0.0
        self.position = 0.0
        self._frames_read = 0

    def read(self) -> NDArray[np.uint8]:
        while True:
            if not self.skip():
                raise FeedError(file_ended(self.file))
            try:
                got, picture = self._capture.retrieve()
            except self._cv2.error:
                got, picture = False, None
            rgb = to_rgb(picture) if got else None
            if rgb is not None:
                return rgb

    def skip(self) -> bool:
        """Go one picture on without decoding it fully; False at the end."""
        if not self._capture.grab():
            return False
        self._frames_read += 1
        stamp = self._capture.get(self._cv2.CAP_PROP_POS_MSEC) / 1000
        # Some containers have no time stamps: then the nominal rate counts.
        counted = (self._frames_read - 1) / self.fps
        self.position = stamp if stamp > 0 or self._frames_read == 1 else counted
        return True

    def seek(self, seconds: float) -> None:
        wanted = min(max(0.0, seconds), max(0.0, self.duration - 1 / self.fps))
        frame = round(wanted * self.fps)
        self._capture.set(self._cv2.CAP_PROP_POS_FRAMES, frame)
        self._frames_read, self.position = frame, wanted

    def interrupt(self) -> None:
        """Reading a file never waits."""

    def close(self) -> None:
        self._capture.release()


def file_ended(file: VideoFile) -> Fault:
    return Fault(FaultKind.ENDED, f"“{file.name}” has been played to its end.", retries=False)


def not_playable(file: VideoFile) -> Fault:
    sentence = f"“{file.path.name}” is not a video that can be played."
    return Fault(FaultKind.NOT_VIDEO, sentence, retries=False)


def open_file(file: VideoFile) -> FileFeed:
    """Raises FeedError with the reason."""
    from core.base.opencv import cv2

    if not file.path.is_file():
        raise FeedError(Fault(FaultKind.NOT_VIDEO, f"There is no file “{file.path}”.", retries=False))
    opened = cv2.VideoCapture(str(file.path), cv2.CAP_FFMPEG)
    if not opened.isOpened() or opened.get(cv2.CAP_PROP_FRAME_WIDTH) <= 0:
        opened.release()
        raise FeedError(not_playable(file))
    return FileFeed(file, opened)


def open_feed(source: Source, resolution: tuple[int, int] | None = None) -> Feed:
    """Open any source. Raises FeedError with the reason."""
    if isinstance(source, CameraDevice):
        return open_camera(source, resolution)
    return open_stream(source) if isinstance(source, Stream) else open_file(source)
