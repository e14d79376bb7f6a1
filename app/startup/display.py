"""Can a window be opened here? Asked before Qt is, because Qt aborts the process where it can't."""

from __future__ import annotations

import ctypes
import importlib.util
import os
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
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
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render.so.0": "libxcb-render0",
    "libxcb-shm.so.0": "libxcb-shm0",
    "libxcb-sync.so.1": "libxcb-sync1",
    "libxcb-util.so.1": "libxcb-util1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxcb-glx.so.0": "libxcb-glx0",
    "libxcb.so.1": "libxcb1",
    "libX11.so.6": "libx11-6",
    "libSM.so.6": "libsm6",
    "libICE.so.6": "libice6",
    "libfreetype.so.6": "libfreetype6",
    "libOpenGL.so.0": "libopengl0",
    "libGLX.so.0": "libglx0",
    "libgthread-2.0.so.0": "libglib2.0-0",
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
        raise FailureError(cannot_load(error)) from error
    xcb.xcb_connect.restype = ctypes.c_void_p
    xcb.xcb_connect.argtypes = [ctypes.c_char_p, ctypes.c_void_p]
    xcb.xcb_connection_has_error.argtypes = xcb.xcb_disconnect.argtypes = [ctypes.c_void_p]
    connection = xcb.xcb_connect(display.encode(), None)
    try:
        return not xcb.xcb_connection_has_error(connection)
    finally:
        xcb.xcb_disconnect(connection)


def _load_platform_plugin() -> None:
    """Load what Qt will load anyway: where a library is missing, Qt would only abort."""
    plugin = qt_folder() / "Qt" / "plugins" / "platforms" / "libqxcb.so"
    try:
        import PySide6.QtGui  # noqa: F401

        # A distribution's own Qt lies elsewhere; its package manager looks after its libraries.
        if plugin.is_file():
            ctypes.CDLL(str(plugin))
    except (ImportError, OSError) as error:
        raise FailureError(cannot_load(error)) from error


def qt_folder() -> Path:
    """Where PySide6 is installed; empty if it is not."""
    found = importlib.util.find_spec("PySide6")
    return Path(found.origin).parent if found is not None and found.origin else Path()


def missing_libraries(files: Sequence[Path] | None = None) -> tuple[str, ...]:
    """The system's libraries that the window needs and that are not here, all of them; only Linux is asked.

    files: whose needs are looked at, directly and through other libraries; None: Qt's for windows under X11.
    """
    if files is None:
        folder = qt_folder()
        wanted = ("QtGui.abi3.so", "QtWidgets.abi3.so", "Qt/plugins/platforms/libqxcb.so")
        files = [folder / name for name in wanted if (folder / name).is_file()]
    if not files or not sys.platform.startswith("linux"):
        return ()
    try:
        # ldd belongs to the C library that Qt's own files are built for.
        output = subprocess.run(
            ["ldd", *map(str, files)], capture_output=True, text=True, timeout=30, check=False
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return ()
    return tuple(dict.fromkeys(re.findall(r"^\s*(\S+) => not found", output, re.MULTILINE)))


def install_advice(libraries: Sequence[str]) -> str:
    """What to do about missing libraries, without a full stop."""
    packages = [_PACKAGES[library] for library in libraries if library in _PACKAGES]
    others = [library for library in libraries if library not in _PACKAGES]
    advice = []
    if packages:
        advice.append(f"on Debian and Ubuntu: sudo apt install {' '.join(packages)}")
    if others:
        advice.append(f"install what has {', '.join(others)}")
    return "; ".join(advice)


def cannot_load(error: Exception) -> str:
    """The sentence for a loader's error such as "libxcb-cursor.so.0: cannot open shared object file: …".

    The loader names the first library that it misses; the sentence names all.
    """
    found = re.search(r"(lib[\w.+-]+\.so[.\d]*): cannot open shared object", str(error))
    if found is None:
        return f"The window can't be opened: {error}."
    missing = tuple(dict.fromkeys((found[1], *missing_libraries())))
    are = f"{missing[0]} is" if len(missing) == 1 else f"{', '.join(missing[:-1])} and {missing[-1]} are"
    return f"The window can't be opened because {are} missing; {install_advice(missing)}."
