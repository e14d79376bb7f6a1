import ctypes
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from app.startup import display
from core.base.errors import FailureError

LINUX = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="X11 and Wayland are Linux's")


@pytest.mark.parametrize(
    "environment",
    [
        {"QT_QPA_PLATFORM": "offscreen"},
        {"QT_QPA_PLATFORM": "wayland;xcb"},
        {"WAYLAND_DISPLAY": "wayland-0"},
        {"WAYLAND_DISPLAY": "wayland-0", "DISPLAY": ":0"},
        {"QT_QPA_PLATFORM": "vnc:size=800x600"},
    ],
)
def test_what_qt_can_open_passes(environment: dict[str, str]) -> None:
    display.check_display(environment, "linux")


@pytest.mark.parametrize("system", ["win32", "darwin"])
def test_other_systems_always_have_a_display(system: str) -> None:
    display.check_display({}, system)


@pytest.mark.parametrize(
    "environment", [{}, {"DISPLAY": ""}, {"QT_QPA_PLATFORM": "xcb", "WAYLAND_DISPLAY": "w"}]
)
def test_no_display_is_one_sentence(environment: dict[str, str]) -> None:
    with pytest.raises(FailureError, match="no display"):
        display.check_display(environment, "linux")


@LINUX
def test_a_display_that_does_not_answer_is_named() -> None:
    with pytest.raises(FailureError, match=r":4711 does not answer"):
        display.check_display({"DISPLAY": ":4711"}, "linux")


@pytest.mark.parametrize(
    ("message", "words"),
    [
        ("libxcb-cursor.so.0: cannot open shared object file: No such file or directory", "libxcb-cursor0"),
        ("libEGL.so.1: cannot open shared object file: No such file", "libegl1"),
        ("libodd.so.7: cannot open shared object file: No such file", "install what has libodd.so.7"),
        ("undefined symbol: odd", "undefined symbol"),
    ],
)
def test_a_missing_library_names_its_package(
    monkeypatch: pytest.MonkeyPatch, message: str, words: str
) -> None:
    def broken(name: str) -> None:
        raise OSError(message)

    monkeypatch.setattr(display, "_x_server_answers", lambda name: True)
    monkeypatch.setattr(display, "missing_libraries", lambda: ())
    monkeypatch.setattr(ctypes, "CDLL", broken)
    monkeypatch.setattr(Path, "is_file", lambda self: True)
    with pytest.raises(FailureError, match=words):
        display.check_display({"DISPLAY": ":0"}, "linux")


@LINUX
def test_the_command_says_so_in_one_sentence_and_fails() -> None:
    display_names = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    environment = {k: v for k, v in os.environ.items() if k not in display_names}
    command = [sys.executable, "-m", "app.cli"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith("gnc: There is no display")
    assert done.stderr.count("\n") == 1


@LINUX
@pytest.mark.skipif(shutil.which("ldd") is None, reason="needs ldd")
def test_all_missing_libraries_are_named_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plugin = display.qt_folder() / "Qt" / "plugins" / "platforms" / "libqxcb.so"
    if not plugin.is_file():
        pytest.skip("Qt is the distribution's own")
    # Two names of libraries that it asks for become names of libraries that nobody has.
    changed = plugin.read_bytes()
    for name in (b"libxcb-shm.so.0", b"libX11-xcb.so.1"):
        assert name in changed
        changed = changed.replace(name, name.replace(b"lib", b"odd"))
    copy = tmp_path / "libqxcb.so"
    copy.write_bytes(changed)
    missing = display.missing_libraries([copy])
    assert {"oddxcb-shm.so.0", "oddX11-xcb.so.1"} <= set(missing)
    assert len(missing) == len(set(missing))


def test_the_sentence_names_all_and_how_to_get_them(monkeypatch: pytest.MonkeyPatch) -> None:
    error = OSError("libxcb-icccm.so.4: cannot open shared object file: No such file")
    monkeypatch.setattr(display, "missing_libraries", lambda: ("libxcb-icccm.so.4", "libxcb-keysyms.so.1"))
    assert display.cannot_load(error) == (
        "The window can't be opened because libxcb-icccm.so.4 and libxcb-keysyms.so.1 are missing; "
        "on Debian and Ubuntu: sudo apt install libxcb-icccm4 libxcb-keysyms1."
    )
