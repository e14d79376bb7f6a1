"""Can a window be opened here? Asked before Qt is, because Qt aborts the process where it can't."""

from __future__ import annotations

import ctypes
import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path

from core.base.errors import FailureError

_NO_DISPLAY = (
    "There is no display to open the window on. Start it from a desktop, or use the command line: "
    "gnc classify, gnc read, gnc train (gnc --help)."
)
_PACKAGES = {
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-xinerama.so.0": "libxcb-xinerama0",
    "libX11-xcb.so.1": "libx11-xcb1",
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libglib-2.0.so.0": "libglib2.0-0",
}
"""Debian's and Ubuntu's packages of the libraries that Qt needs and does not bring."""


def check_display(environment: Mapping[str, str] = os.environ, system: str = sys.platform) -> None:
    """Raises FailureError, one sentence that says what to do, where Qt could not open a window."""
    if not system.startswith("linux"):
        return
    chosen = environment.get("QT_QPA_PLATFORM", "").split(";")[0].split(":")[0]
    if chosen and not chosen.startswith("xcb"):
        return  # somebody knows what they want: offscreen, vnc, wayland, …
    if not environment.get("DISPLAY"):
        if environment.get("WAYLAND_DISPLAY") and not chosen:
            return
        raise FailureError(_NO_DISPLAY)
    if environment.get("WAYLAND_DISPLAY") and not chosen:
        return  # Qt tries Wayland first and falls back to X11
    if not _x_server_answers(environment["DISPLAY"]):
        raise FailureError(
            f"The display {environment['DISPLAY']} does not answer: DISPLAY names a screen that is not there, or "
            "one that may not be used."
        )
    _load_platform_plugin()


def _x_server_answers(display: str) -> bool:
    try:
        xcb = ctypes.CDLL("libxcb.so.1")
    except OSError as error:
        raise FailureError(_missing(str(error))) from error
    xcb.xcb_connect.restype = ctypes.c_void_p
    xcb.xcb_connect.argtypes = [ctypes.c_char_p, ctypes.c_void_p]
    xcb.xcb_connection_has_error.argtypes = xcb.xcb_disconnect.argtypes = [ctypes.c_void_p]
    connection = xcb.xcb_connect(display.encode(), None)
    try:
        return not xcb.xcb_connection_has_error(connection)
    finally:
        xcb.xcb_disconnect(connection)


def _load_platform_plugin() -> None:
    """Load what Qt will load anyway; what is missing, the loader names, and Qt would only abort."""
    try:
        import PySide6.QtGui
    except ImportError as error:
        raise FailureError(_missing(str(error))) from error
    package = PySide6.QtGui.__file__
    plugin = Path(package or "").parent / "Qt" / "plugins" / "platforms" / "libqxcb.so"
    if not plugin.is_file():
        return  # a distribution's own Qt, whose package manager looks after its libraries
    try:
        ctypes.CDLL(str(plugin))
    except OSError as error:
        raise FailureError(_missing(str(error))) from error


def _missing(message: str) -> str:
    """The sentence for a loader's message such as "libxcb-cursor.so.0: cannot open shared object file: …"."""
    found = re.search(r"(lib[\w.+-]+\.so[.\d]*): cannot open shared object", message)
    if found is None:
        return f"The window can't be opened: {message}."
    library = found[1]
    package = _PACKAGES.get(library)
    advice = (
        f"on Debian and Ubuntu: sudo apt install {package}" if package else "install the package that has it"
    )
    return f"The window can't be opened because {library} is missing; {advice}."
