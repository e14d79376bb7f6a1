"""HTTP streams of JPEG pictures (multipart/x-mixed-replace or one after another), as phones and cameras send them.

FFmpeg can read them too, but gives up at the first damaged part and can't be interrupted while it waits. This
reader skips what is damaged, decodes the newest whole picture, and ends at once when it is interrupted.
"""

from __future__ import annotations

import contextlib
import http.client
import socket
import ssl
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urljoin, urlsplit

import numpy as np
import requests
import urllib3
from numpy.typing import NDArray
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase, HTTPBasicAuth, HTTPDigestAuth

from app.camera.source.faults import (
    Fault,
    FaultKind,
    FeedError,
    not_video,
    stalled,
    stream_ended,
    unreachable,
)
from app.camera.source.feed import PICTURE_PATIENCE, STREAM_PATIENCE, to_rgb
from app.camera.source.jpeg_stream import JpegStream
from app.camera.source.sources import Stream

_MAX_REDIRECTS = 5
_REDIRECTS = (301, 302, 303, 307, 308)
_MAYBE_PICTURES = ("", "application/octet-stream", "text/plain")
"""Kinds that say nothing: what is sent is looked at."""
_LOOKED_AT = 4096


def _keep_alive() -> list[tuple[int, int, int]]:
    """A camera without power or network is noticed within ten seconds, however seldom it sends."""
    options = [(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)]
    # The seconds of silence before the first question have another name on macOS.
    for name, value in (("TCP_KEEPIDLE", 4), ("TCP_KEEPALIVE", 4), ("TCP_KEEPINTVL", 2), ("TCP_KEEPCNT", 3)):
        number = getattr(socket, name, None)
        if number is not None:
            options.append((socket.IPPROTO_TCP, number, value))
    return options


class _Adapter(HTTPAdapter):
    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        super().init_poolmanager(*args, socket_options=_keep_alive(), **options)


class MjpegFeed:
    """An open stream of JPEG pictures. single: perhaps it is one picture and not a stream."""

    def __init__(
        self, stream: Stream, response: requests.Response, *, begin: bytes = b"", single: bool = False
    ) -> None:
        self._stream, self._response = stream, response
        self._pictures = JpegStream()
        self._begin = begin
        self._single = single
        self._count = 0
        self._interrupted = False

    def read(self) -> NDArray[np.uint8]:
        deadline = time.monotonic() + PICTURE_PATIENCE
        while time.monotonic() < deadline:
            data = self._data()
            for jpeg in reversed(self._pictures.feed(data)):
                rgb = _decoded(jpeg)
                if rgb is not None:
                    self._count += 1
                    return rgb
        raise FeedError(
            Fault(
                FaultKind.GARBAGE,
                f"{self._stream.name} sends something, but no image that can be read.",
                "A bad connection does that; so does an address that is not of a video.",
            )
        )

    def _data(self) -> bytes:
        """What was sent next. Raises FeedError where nothing more will be."""
        data, self._begin = self._begin, b""
        if data:
            return data
        try:
            data = self._response.raw.read1(65536)
        except urllib3.exceptions.ReadTimeoutError:
            raise FeedError(stalled(self._stream.name)) from None
        except (urllib3.exceptions.HTTPError, OSError, http.client.HTTPException, ValueError):
            # ValueError: the response was closed by `interrupt` between two reads.
            raise FeedError(stream_ended(self._stream)) from None
        if self._interrupted:
            raise FeedError(stream_ended(self._stream))
        if not data:
            one = self._single and self._count <= 1
            raise FeedError(not_video(self._stream, "a single image") if one else stream_ended(self._stream))
        return bytes(data)

    def interrupt(self) -> None:
        self._interrupted = True
        # A socket that another thread reads from must not be closed, but it can be shut down.
        with contextlib.suppress(OSError, ValueError, RuntimeError):
            self._response.raw.shutdown()

    def close(self) -> None:
        self.interrupt()
        self._response.close()


def _decoded(jpeg: bytes) -> NDArray[np.uint8] | None:
    from core.base.opencv import cv2

    try:
        return to_rgb(cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR))
    except cv2.error:
        return None


def open_mjpeg(stream: Stream, *, timeout: float = PICTURE_PATIENCE) -> MjpegFeed | None:
    """Connect; None where the server sends a video of another kind, which FFmpeg may read.

    timeout: seconds of silence, also before the first answer, after which the stream has stalled.

    Raises:
        FeedError: it can't be reached, refuses, or sends a web page.
    """
    response = _answer(stream, timeout)
    feed = None
    try:
        feed = _feed_of(stream, response)
    finally:
        if feed is None:
            response.close()
    return feed


def _answer(stream: Stream, timeout: float) -> requests.Response:
    """The answer to a request, after redirections, with the login where it is asked for."""
    url = stream.without_login
    auth: AuthBase | None = None
    with _telling_why(stream), requests.Session() as session:
        session.trust_env = False  # a camera is nearby: not behind a proxy
        for scheme in ("http://", "https://"):
            session.mount(scheme, _Adapter())
        session.headers.update({"User-Agent": "gnc", "Accept": "*/*", "Connection": "close"})
        for _ in range(_MAX_REDIRECTS):
            same_host = urlsplit(url).hostname == urlsplit(stream.url).hostname
            response = session.get(
                url,
                stream=True,
                timeout=(STREAM_PATIENCE, timeout),
                allow_redirects=False,
                auth=auth if same_host else None,
            )
            where = response.headers.get("Location")
            if response.status_code in _REDIRECTS and where is not None:
                url = urljoin(url, where)
            elif response.status_code == 401 and auth is None and same_host and stream.login is not None:
                auth = _login(stream.login, response.headers.get("WWW-Authenticate", ""))
            else:
                return response
            response.close()
    return response


def _login(login: tuple[str, str], challenge: str) -> AuthBase:
    """Digest where the server offers it: with Basic the password could be read on the way."""
    if "digest" in challenge.lower():
        return HTTPDigestAuth(*login)
    name, password = login
    return HTTPBasicAuth(name.encode(), password.encode())


@contextlib.contextmanager
def _telling_why(stream: Stream) -> Iterator[None]:
    """Errors of requests as a FeedError that says why."""
    try:
        yield
    except requests.Timeout:
        raise FeedError(unreachable(stream, "no answer")) from None
    except requests.exceptions.SSLError as error:
        cause = next((e for e in _chain(error) if isinstance(e, ssl.SSLError)), None)
        reason = getattr(cause, "verify_message", None) or getattr(cause, "reason", None) or "unknown"
        raise FeedError(unreachable(stream, f"no secure connection ({reason})")) from None
    except requests.RequestException as error:
        chain = list(_chain(error))
        if any(isinstance(e, socket.gaierror) for e in chain):
            raise FeedError(unreachable(stream, "no machine has that name")) from None
        system = next((e for e in chain if isinstance(e, OSError) and e.errno and e.strerror), None)
        if system is not None:
            raise FeedError(unreachable(stream, str(system.strerror).lower())) from None
        raise FeedError(not_video(stream, "something that is not HTTP")) from None


def _chain(error: BaseException | None) -> Iterator[Any]:
    """An error and what caused it, the first cause last."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _feed_of(stream: Stream, response: requests.Response) -> MjpegFeed | None:
    if response.status_code in (401, 403):
        raise FeedError(
            Fault(
                FaultKind.REFUSED,
                f"{stream.name} refuses the name or the password."
                if stream.login is not None
                else f"{stream.name} wants a name and a password.",
                "Give them in the address: http://NAME:PASSWORD@…",
                retries=False,
            )
        )
    if response.status_code != 200:
        reason = f"{response.status_code} {response.reason}".strip()
        raise FeedError(unreachable(stream, f"the server says “{reason}”"))
    kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if kind == "text/html":
        raise FeedError(not_video(stream, "a web page"))
    if kind.startswith("image/"):
        if response.headers.get("Content-Length"):
            raise FeedError(not_video(stream, "a single image"))
        return MjpegFeed(stream, response, single=True)
    if kind.startswith("multipart/"):
        return MjpegFeed(stream, response)
    if kind in _MAYBE_PICTURES:
        with contextlib.suppress(urllib3.exceptions.HTTPError, OSError, http.client.HTTPException):
            begin = response.raw.read1(_LOOKED_AT)
            if b"\xff\xd8\xff" in begin or begin.lstrip().startswith(b"--"):
                return MjpegFeed(stream, response, begin=begin, single=True)
    return None
