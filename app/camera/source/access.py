"""macOS asks people whether a program may use the camera; the other systems decide when it is opened."""

from __future__ import annotations

import importlib
import sys
import threading
from typing import Any

_NOT_DETERMINED, _AUTHORIZED = 0, 3


def camera_access_granted(
    *, system: str = sys.platform, framework: Any = None, patience: float = 60.0
) -> bool:
    """Whether the system lets this program use cameras; asks the person where that was never asked.

    Waits for the answer (at most `patience` seconds), so it is for a thread of its own. framework: Apple's
    AVFoundation, as pyobjc gives it (cv2-enumerate-cameras needs it, so it is there on macOS).
    """
    if system != "darwin":
        return True
    av = framework if framework is not None else importlib.import_module("AVFoundation")
    status = av.AVCaptureDevice.authorizationStatusForMediaType_(av.AVMediaTypeVideo)
    if status != _NOT_DETERMINED:
        return bool(status == _AUTHORIZED)
    answered = threading.Event()
    answer = [False]

    def on_answer(granted: bool) -> None:
        answer[0] = bool(granted)
        answered.set()

    av.AVCaptureDevice.requestAccessForMediaType_completionHandler_(av.AVMediaTypeVideo, on_answer)
    answered.wait(patience)
    return answer[0]
