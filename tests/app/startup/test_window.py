import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from app.devtools import startup_benchmark
from app.services.model_files import SHIPPED
from core.base.errors import FailureError

SCRIPT = """
import sys
from PySide6.QtCore import QTimer
from app.startup.window import run_window

def watch(window):
    QTimer.singleShot(0, lambda: print("ready", flush=True))

sys.exit(run_window(watch))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_closes_the_window_as_a_hand_does(number: int, home: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", SCRIPT], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    watchdog = threading.Timer(60, process.kill)
    watchdog.start()
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        process.send_signal(number)
        _, errors = process.communicate(timeout=30)
    finally:
        watchdog.cancel()
        process.kill()
    assert process.returncode == 0
    assert "Traceback" not in errors
    assert (home / "settings" / "settings.ini").is_file()


SOON_SCRIPT = """
import sys, threading
from PySide6.QtCore import QTimer
from app.startup.window import SOON, run_window

assert not set(SOON) & set(sys.modules)

def watch(window):
    assert not set(SOON) & set(sys.modules), "imported before the window was shown"

    def look():
        if set(SOON) <= set(sys.modules) and not any(t.name == "warm-up" for t in threading.enumerate()):
            timer.stop()
            window.leave()

    timer = QTimer(window, interval=50)
    timer.timeout.connect(look)
    timer.start()

sys.exit(run_window(watch))
"""


@pytest.mark.skipif(not SHIPPED.is_file(), reason="the shipped model is not there yet")
def test_the_other_pages_are_imported_once_a_digit_can_be_read() -> None:
    done = subprocess.run(
        [sys.executable, "-c", SOON_SCRIPT], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr


def test_the_window_needs_no_torch() -> None:
    """Nothing that is imported to read live, nor to show the window, brings torch along."""
    script = (
        "import sys, app.startup.window, app.window.main_window, app.draw.drawing_reader, training.window.window;"
        "sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", script], timeout=60, check=False).returncode == 0


@pytest.mark.slow
@pytest.mark.skipif(not SHIPPED.is_file(), reason="the shipped model is not there yet")
def test_starts_are_measured() -> None:
    figures = startup_benchmark.benchmark(runs=1)
    assert 0 < figures["seconds_to_window"] < figures["seconds_to_reading"]
    assert 0 < figures["longest_block_ms"] <= figures["worst_block_ms"]
    assert figures["starts"] == 1
    assert figures["platform"] == "offscreen"


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux may have no display")
def test_a_start_that_fails_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("QT_QPA_PLATFORM", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(FailureError, match="no display"):
        startup_benchmark.benchmark(runs=1)
    assert "QT_QPA_PLATFORM" not in os.environ


@pytest.mark.parametrize(
    ("code", "stderr", "said"),
    [
        (-11, "a plugin's notice\n", "signal 11; its last words: a plugin's notice"),
        (3, "", "exit code 3"),
        (1, "gnc: There is no display.\na plugin's notice\n", "^There is no display.$"),
    ],
)
def test_a_start_that_ends_early_says_how(
    monkeypatch: pytest.MonkeyPatch, code: int, stderr: str, said: str
) -> None:
    done = subprocess.CompletedProcess([], code, "", stderr)
    monkeypatch.setattr(subprocess, "run", lambda *args, **kwargs: done)
    with pytest.raises(FailureError, match=said):
        startup_benchmark.benchmark(runs=1)
