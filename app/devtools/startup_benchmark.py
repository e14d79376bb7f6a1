"""`gnc bench startup`: how long after the command the window is there, and a digit drawn in it is read.

Each run is a process of its own, as a user's is: it imports what `gnc` imports, shows the window, and draws
a 1 with mouse events as soon as the window has painted itself. A little later it opens the other pages; the
longest that the window stands still after the reading is its longest block. The first run is not counted: it
lets Python compile its modules, which it keeps for the others, as it does for a user.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from typing import TYPE_CHECKING, Any

from core.base.errors import FailureError

if TYPE_CHECKING:
    from app.window.main_window import MainWindow
    from core.reading.types import Reading

RUNS = 5
PAGES = ("camera", "photos", "draw")
_LOOK_MS, _PAGE_MS, _BEAT_MS = 3000, 500, 2
PATIENCE = 60.0
"""Seconds after which a window that is not there has failed."""


def benchmark(runs: int = RUNS) -> dict[str, Any]:
    """Median and worst of `runs` starts, in seconds since the process was started; how long the window stood
    still, in milliseconds; memory at the first reading.

    Raises:
        FailureError: there is no display, or a start failed.
    """
    starts = [_start() for _ in range(runs + 1)][1:]
    return {
        "seconds_to_window": statistics.median(s["window"] for s in starts),
        "seconds_to_reading": statistics.median(s["reading"] for s in starts),
        "longest_block_ms": statistics.median(s["block_ms"] for s in starts),
        "worst_block_ms": max(s["block_ms"] for s in starts),
        "worst_seconds_to_window": max(s["window"] for s in starts),
        "worst_seconds_to_reading": max(s["reading"] for s in starts),
        "memory_mib": statistics.median(s["memory_mib"] for s in starts),
        "starts": runs,
        "platform": starts[0]["platform"],
    }


def _start() -> dict[str, Any]:
    """One start in a child process with a home of its own."""
    with tempfile.TemporaryDirectory() as home:
        environment = os.environ | {"GNC_HOME": home}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)  # users start the program without it
        command = [sys.executable, "-m", "app.devtools.startup_benchmark", repr(time.time())]
        try:
            done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=PATIENCE)
        except subprocess.TimeoutExpired as error:
            raise FailureError(
                f"The window was not there, or read nothing, after {PATIENCE:.0f} s."
            ) from error
    if done.returncode != 0:
        raise FailureError(_why(done.stderr, done.returncode))
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def _why(stderr: str, code: int) -> str:
    """Why a start failed: what the program itself said last; without that how it ended, and the last line of all."""
    lines = stderr.strip().splitlines()
    own = [line.removeprefix("gnc: ") for line in lines if line.startswith("gnc: ")]
    if own:
        return own[-1]
    end = f"signal {-code}" if code < 0 else f"exit code {code}"
    said = f"; its last words: {lines[-1]}" if lines else ""
    return f"The window could not be started: it ended with {end}{said}"


def child(began: float) -> int:
    """What is measured: `gnc` itself, and a hand that draws. began: when the process was started."""
    from app.cli import build_parser

    build_parser("none").parse_args([])
    from app.startup.window import run_window

    hands: list[Any] = []
    try:
        return run_window(lambda window: hands.append(_hand(window, began)))
    except FailureError as error:
        sys.stderr.write(f"gnc: {error}\n")
        return 1


def _hand(window: MainWindow, began: float) -> Any:
    from PySide6.QtCore import QEvent, QObject, QPointF, Qt, QTimer
    from PySide6.QtGui import QGuiApplication, QMouseEvent
    from PySide6.QtWidgets import QApplication

    from app.draw.page import DrawPage

    draw_page = window.page_named("draw")
    assert isinstance(draw_page, DrawPage)
    canvas = draw_page.canvas

    class Hand(QObject):
        """Waits for the first paint, draws, waits for the reading, opens the pages, prints, closes."""

        def __init__(self) -> None:
            super().__init__(window)
            self._beat: float | None = None
            self._longest = 0.0
            self._pages = list(PAGES)
            self._heart = QTimer(self, interval=_BEAT_MS, timerType=Qt.TimerType.PreciseTimer)
            self._heart.timeout.connect(self._on_beat)
            self._found: dict[str, Any] = {"platform": QGuiApplication.platformName()}
            self._canvas = canvas
            self._canvas.installEventFilter(self)
            draw_page.reading_changed.connect(self._on_reading)

        def eventFilter(self, watched: QObject, event: QEvent) -> bool:
            if event.type() == QEvent.Type.Paint and "window" not in self._found:
                self._found["window"] = 0.0
                QTimer.singleShot(0, self._on_painted)
            return False

        def _on_painted(self) -> None:
            self._found["window"] = time.time() - began
            x, height = self._canvas.width() / 2, self._canvas.height()
            points = [QPointF(x + k, height * (0.25 + 0.5 * k / 20)) for k in range(21)]
            self._send(QEvent.Type.MouseButtonPress, points[0])
            for point in points[1:]:
                self._send(QEvent.Type.MouseMove, point)
            self._send(QEvent.Type.MouseButtonRelease, points[-1])

        def _send(self, kind: QEvent.Type, at: QPointF) -> None:
            left = Qt.MouseButton.LeftButton
            held = Qt.MouseButton.NoButton if kind == QEvent.Type.MouseButtonRelease else left
            event = QMouseEvent(
                kind, at, self._canvas.mapToGlobal(at), left, held, Qt.KeyboardModifier.NoModifier
            )
            QApplication.sendEvent(self._canvas, event)

        def _on_reading(self, reading: Reading | None) -> None:
            if reading is None or "reading" in self._found:
                return
            self._found["reading"] = time.time() - began
            import psutil

            self._found["memory_mib"] = psutil.Process().memory_info().rss / 2**20
            self._heart.start()
            QTimer.singleShot(_LOOK_MS, self._next_page)

        def _on_beat(self) -> None:
            now = time.perf_counter()
            if self._beat is not None:
                self._longest = max(self._longest, now - self._beat)
            self._beat = now

        def _next_page(self) -> None:
            if self._pages:
                window.show_page(self._pages.pop(0))
                QTimer.singleShot(_PAGE_MS, self._next_page)
                return
            self._found["block_ms"] = 1e3 * self._longest
            sys.stdout.write(json.dumps(self._found) + "\n")
            sys.stdout.flush()
            window.close()

    return Hand()


if __name__ == "__main__":
    sys.exit(child(float(sys.argv[1])))
