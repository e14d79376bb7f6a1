"""The only place that imports OpenCV.

`opencv-python` for Linux bundles a Qt 5 of its own and, when imported, points Qt's environment variables at
it. Our PySide6 and our child processes must never see those, so the environment is put back at once.
Use it as `from core.opencv import cv2`.
"""

import os

_TOUCHED = ("QT_QPA_PLATFORM_PLUGIN_PATH", "QT_QPA_FONTDIR", "LD_LIBRARY_PATH")
_before = {name: os.environ.get(name) for name in _TOUCHED}

import cv2  # noqa: E402  (the environment has to be noted first)

for _name, _value in _before.items():
    if _value is None:
        os.environ.pop(_name, None)
    else:
        os.environ[_name] = _value

__all__ = ["cv2"]
