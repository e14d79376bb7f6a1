import ctypes
import os
import subprocess
import sys

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
def test_what_qt_can_open_passes(environment):
    display.check_display(environment, "linux")


@pytest.mark.parametrize("system", ["win32", "darwin"])
def test_other_systems_always_have_a_display(system):
    display.check_display({}, system)


@pytest.mark.parametrize(
    "environment", [{}, {"DISPLAY": ""}, {"QT_QPA_PLATFORM": "xcb", "WAYLAND_DISPLAY": "w"}]
)
def test_no_display_is_one_sentence(environment):
    with pytest.raises(FailureError, match="no display"):
        display.check_display(environment, "linux")


@LINUX
def test_a_display_that_does_not_answer_is_named():
    with pytest.raises(FailureError, match=r":4711 does not answer"):
        display.check_display({"DISPLAY": ":4711"}, "linux")


@pytest.mark.parametrize(
    ("message", "words"),
    [
        ("libxcb-cursor.so.0: cannot open shared object file: No such file or directory", "libxcb-cursor0"),
        ("libEGL.so.1: cannot open shared object file: No such file", "libegl1"),
        ("libodd.so.7: cannot open shared object file: No such file", "install the package"),
        ("undefined symbol: odd", "undefined symbol"),
    ],
)
def test_a_missing_library_names_its_package(monkeypatch, message, words):
    def broken(name):
        raise OSError(message)

    monkeypatch.setattr(display, "_x_server_answers", lambda name: True)
    monkeypatch.setattr(ctypes, "CDLL", broken)
    monkeypatch.setattr(display.Path, "is_file", lambda self: True)
    with pytest.raises(FailureError, match=words):
        display.check_display({"DISPLAY": ":0"}, "linux")


@LINUX
def test_the_command_says_so_in_one_sentence_and_fails():
    display_names = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    environment = {k: v for k, v in os.environ.items() if k not in display_names}
    command = [sys.executable, "-m", "app.cli"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith("gnc: There is no display")
    assert done.stderr.count("\n") == 1
