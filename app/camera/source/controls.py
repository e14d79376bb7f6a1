"""Exposure and torch of a camera, where its driver offers them."""

from __future__ import annotations

import os
import struct
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

# linux/videodev2.h and linux/v4l2-controls.h
_VIDIOC_QUERYCTRL = 0xC0445624
_VIDIOC_S_CTRL = 0xC008561C
_FLASH_LED_MODE = 0x009C0901
_FLASH_OFF, _FLASH_TORCH = 0, 2
_DISABLED = 0x0001
_V4L2_MANUAL, _V4L2_APERTURE_PRIORITY = 1, 3


@dataclass(frozen=True)
class Offered:
    """What the driver of the camera offers."""

    exposure: bool = False
    torch: bool = False

    def __bool__(self) -> bool:
        return self.exposure or self.torch


NOTHING_OFFERED = Offered()


class V4l2Torch:
    """The flash LED of a Linux camera, as a lamp. ioctl: for tests."""

    def __init__(self, path: str, ioctl: Callable[[int, int, bytes], bytes] | None = None) -> None:
        self._path = path
        if ioctl is None:
            import fcntl

            ioctl = fcntl.ioctl
        self._ioctl = ioctl

    def _call(self, request: int, argument: bytes) -> bytes | None:
        try:
            fd = os.open(self._path, os.O_RDWR | os.O_NONBLOCK)
        except OSError:
            return None
        try:
            return self._ioctl(fd, request, argument)
        except OSError:  # the driver has no such control
            return None
        finally:
            os.close(fd)

    def offered(self) -> bool:
        query = struct.pack("II32siiiiI8s", _FLASH_LED_MODE, 0, b"", 0, 0, 0, 0, 0, b"")
        answer = self._call(_VIDIOC_QUERYCTRL, query)
        if answer is None:
            return False
        _, _, _, _, highest, _, _, flags, _ = struct.unpack("II32siiiiI8s", answer)
        return highest >= _FLASH_TORCH and not flags & _DISABLED

    def switch(self, on: bool) -> bool:
        value = _FLASH_TORCH if on else _FLASH_OFF
        return self._call(_VIDIOC_S_CTRL, struct.pack("Ii", _FLASH_LED_MODE, value)) is not None


class CameraControls:
    """Settings of an open camera. Only for the thread that reads from it: drivers don't expect two.

    capture: a cv2.VideoCapture. path: the device file on Linux.
    """

    def __init__(
        self, capture: Any, path: str | None, *, system: str = sys.platform, torch: V4l2Torch | None = None
    ) -> None:
        from core.base.opencv import cv2

        self._capture = capture
        self._exposure, self._auto = cv2.CAP_PROP_EXPOSURE, cv2.CAP_PROP_AUTO_EXPOSURE
        self._linux = system.startswith("linux")
        if torch is None and self._linux and path:
            torch = V4l2Torch(path)
        self._torch = torch
        value = capture.get(self._exposure)
        # -1 is OpenCV's “not offered” on Linux; elsewhere exposures are logarithms and -1 is half a second.
        has_exposure = value > 0 if self._linux else value != 0 and bool(capture.set(self._auto, 1))
        self.offered = Offered(exposure=has_exposure, torch=torch is not None and torch.offered())

    def step_exposure(self, steps: int) -> bool:
        """Longer (steps > 0) or shorter by factors of 2, by hand from now on. False: the driver refuses."""
        value = self._capture.get(self._exposure)
        if self._linux:  # units of 100 µs
            self._capture.set(self._auto, _V4L2_MANUAL)
            return bool(self._capture.set(self._exposure, max(1.0, round(value * 2.0**steps))))
        return bool(self._capture.set(self._exposure, value + steps))  # log2 of seconds

    def automatic_exposure(self) -> bool:
        return bool(self._capture.set(self._auto, _V4L2_APERTURE_PRIORITY if self._linux else 1))

    def switch_torch(self, on: bool) -> bool:
        return self._torch is not None and self._torch.switch(on)
