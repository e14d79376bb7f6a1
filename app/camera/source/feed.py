"""A source of pictures that is open, and pictures of OpenCV as RGB."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

STREAM_PATIENCE = 4.0
"""Seconds without an answer to a connection after which a stream can't be reached."""
OPENING_PATIENCE = 10.0
"""Seconds that FFmpeg may take to open a stream: it waits for the first pictures, and can't be interrupted."""
PICTURE_PATIENCE = 15.0
"""Seconds without a picture after which a stream is opened anew. Some cameras wake up for longer than ten."""


class Feed(Protocol):
    """A source that is open."""

    def read(self) -> NDArray[np.uint8]:
        """The next picture, (H, W, 3) uint8 RGB. Raises FeedError with the reason if there is none."""

    def interrupt(self) -> None:
        """Let a `read` that waits end soon, by an error. From any thread."""

    def close(self) -> None:
        """Give the camera, connection or file back. From the thread that reads."""


def to_rgb(picture: Any) -> NDArray[np.uint8] | None:
    """Any picture of OpenCV (grey, BGR or BGRA, 8 or 16 bits) as (H, W, 3) uint8 RGB. None: it is none."""
    from core.base.opencv import cv2

    if not isinstance(picture, np.ndarray) or picture.size == 0 or picture.ndim not in (2, 3):
        return None
    if picture.dtype == np.uint16:
        picture = (picture >> 8).astype(np.uint8)
    elif picture.dtype != np.uint8:
        return None
    channels = 1 if picture.ndim == 2 else picture.shape[2]
    code = {1: cv2.COLOR_GRAY2RGB, 3: cv2.COLOR_BGR2RGB, 4: cv2.COLOR_BGRA2RGB}.get(channels)
    if code is None:
        return None
    return np.asarray(cv2.cvtColor(picture, code))
