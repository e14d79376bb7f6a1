"""The only place that imports OpenCV.

`opencv-python` for Linux bundles a Qt 5 of its own and, when imported, points Qt's environment variables at
it. Our PySide6 and our child processes must never see those, so the environment is put back at once.
Use it as `from core.base.opencv import cv2`.
"""

import os

_TOUCHED = ("QT_QPA_PLATFORM_PLUGIN_PATH", "QT_QPA_FONTDIR", "LD_LIBRARY_PATH")
_before = {name: os.environ.get(name) for name in _TOUCHED}

# OpenCV's own settings can only be given before it is loaded; what the user set wins.
_SETTINGS = {
    # Seconds that a camera which sends nothing holds its reader (otherwise 10): it must be freed within one.
    "OPENCV_VIDEOIO_V4L_SELECT_TIMEOUT": "1",
    # With hardware transforms Media Foundation takes up to a minute to open a camera.
    "OPENCV_VIDEOIO_MSMF_ENABLE_HW_TRANSFORMS": "0",
    # OpenCV can ask macOS for the camera only from the main thread; app/camera/source/access.py asks instead.
    "OPENCV_AVFOUNDATION_SKIP_AUTH": "1",
    # Faults come back as return values and get a sentence of ours; else standard error is flooded.
    "OPENCV_FFMPEG_LOGLEVEL": "-8",
    "OPENCV_LOG_LEVEL": "FATAL",
}
for _name, _value in _SETTINGS.items():
    os.environ.setdefault(_name, _value)

import cv2  # noqa: E402  (the environment has to be noted first)

for _name, _old in _before.items():
    if _old is None:
        os.environ.pop(_name, None)
    else:
        os.environ[_name] = _old

__all__ = ["cv2"]
