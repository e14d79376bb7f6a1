"""`gnc bench window`: does the training window stay quick while a run goes on and its history grows?

Bars: the largest gap between two heartbeats of the window ≤ 50 ms (median of rounds); 100,000 steps of history
drawn ten times a second with under 10% of one core; an event on the screen within 0.3 s.
"""

from __future__ import annotations

import contextlib
import dataclasses
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from PySide6.QtCore import QElapsedTimer, QEventLoop, QTimer
from PySide6.QtWidgets import QApplication

from core.base.errors import FailureError
from core.base.files import write_json
from core.base.paths import Places
from core.recipes.recipe import recipe_named
from core.runs import events
from core.runs.folder import EventLog, RunFolder
from training.curves.page import REDRAW_MS, CurvesPage
from training.runs.launch import Commands
from training.runs.series import RunSeries
from training.runs.state import RunPhase, RunView, Status
from training.window.window import TrainingWindow

HISTORY = 100_000
ROUNDS, ROUND_SECONDS = 3, 6.0
_BEAT_MS = 5
_START_SECONDS = 300.0
_REDRAWS = 100
_EVENTS = 20


def benchmark(commands: Commands) -> dict[str, Any]:
    """All figures; takes about a minute. Raises FailureError where no training can be started."""
    if not any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")):
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    _ = QApplication.instance() or QApplication([])
    return {"platform": QApplication.platformName(), **drawing(), **news(commands), **heartbeats(commands)}


def drawing(history: int = HISTORY, redraws: int = _REDRAWS) -> dict[str, float]:
    """What the curves cost as they grow: processor time of a redraw, and of ten a second as a share of a core."""
    series = RunSeries("run")
    series.add(_started(epochs=100, steps_per_epoch=max(1, history // 100)))
    for number in range(1, history + 1):
        series.add(_step(number))
    page = CurvesPage()
    page.resize(1000, 640)
    page.show()
    page.show_run(series.snapshot())
    QApplication.processEvents()
    costs = []
    for number in range(history + 1, history + redraws + 1):
        series.add(_step(number))
        began = time.process_time()
        page.show_run(series.snapshot())
        page.plot.redraw()
        QApplication.processEvents()
        costs.append(time.process_time() - began)
    page.close()
    page.deleteLater()
    redraw = statistics.median(costs)
    return {
        "history_steps": float(history),
        "redraw_ms": 1000 * redraw,
        "share_of_a_core_at_10_hz": redraw * 1000 / REDRAW_MS,
    }


def news(commands: Commands, count: int = _EVENTS) -> dict[str, float]:
    """Seconds from the moment an event is written to the moment its point is drawn."""
    with _window(commands) as window:
        run = RunFolder.create(window.places.runs, "quick")
        write_json(run.recipe, recipe_named("quick").to_dict())
        log = EventLog(run)
        log.write(dataclasses.replace(_started(epochs=100, steps_per_epoch=10), pid=os.getpid()))
        window.show_run(run.name)
        wait_until(lambda: window.run_page.view is not None, seconds=10)
        delays = []
        for number in range(1, count + 1):
            began = time.perf_counter()
            log.write(_step(number))
            wait_until(lambda number=number: _drawn(window) >= number, seconds=5)  # type: ignore[misc]
            delays.append(time.perf_counter() - began)
        log.close()
    return {"event_to_screen_s": statistics.median(delays), "event_to_screen_worst_s": max(delays)}


def heartbeats(commands: Commands) -> dict[str, Any]:
    """The largest gaps between the window's heartbeats while a real training of `quick` goes on."""
    with _window(commands) as window:
        recipe = dataclasses.replace(recipe_named("quick"), epochs=10_000)
        run = window.manager.start_run(recipe)
        window.show_run(run.name)

        def trains() -> bool:
            view = window.manager.view(run)
            if view is not None and not view.status.is_active and view.outcome is not None:
                raise FailureError(f"The window can't be measured: {view.outcome.sentence}")
            return view is not None and view.phase is RunPhase.TRAINING and view.step > 0

        wait_until(trains, seconds=_START_SECONDS)
        gaps = [largest_gap(ROUND_SECONDS) for _ in range(ROUNDS)]
        window.manager.stop_now(run)
        wait_until(lambda: _is_over(window.manager.view(run)), seconds=20)
    return {"largest_gap_ms": 1000 * statistics.median(gaps), "largest_gap_of_all_ms": 1000 * max(gaps)}


def largest_gap(seconds: float) -> float:
    """The longest time, in seconds, in which the event loop did not come round, within so many seconds.

    A heartbeat every 5 ms; what a gap is longer than that is what the window kept it waiting.
    """
    loop, clock = QEventLoop(), QElapsedTimer()
    gaps: list[int] = []
    clock.start()
    beat = QTimer()
    beat.setInterval(_BEAT_MS)
    beat.timeout.connect(lambda: gaps.append(clock.nsecsElapsed()))
    beat.timeout.connect(clock.restart)
    QTimer.singleShot(round(1000 * seconds), loop.quit)
    beat.start()
    loop.exec()
    beat.stop()
    return max(gaps) / 1e9


class _Window(TrainingWindow):
    """Knows the places that it was made for."""

    def __init__(self, places: Places, commands: Commands) -> None:
        super().__init__(places, commands=commands)
        self.places = places


@contextlib.contextmanager
def _window(commands: Commands) -> Iterator[_Window]:
    """A training window on a home of its own, with the user's data."""
    usual = Places.find()
    with tempfile.TemporaryDirectory(prefix="gnc-bench-") as folder:
        home = Path(folder)
        places = dataclasses.replace(
            usual, runs=home / "runs", corrections=home / "mine", settings=home / "settings"
        )
        window = _Window(places, commands)
        window.resize(1180, 760)
        window.show()
        try:
            yield window
        finally:
            window.shutdown()
            window.close()
            window.deleteLater()
            QApplication.processEvents()


def wait_until(check: Callable[[], bool], *, seconds: float) -> None:
    """Run the event loop until it is so. Raises FailureError when it takes too long."""
    loop = QEventLoop()
    clock = QTimer()
    clock.setInterval(2)
    found: list[BaseException | None] = []

    def look() -> None:
        try:
            if check():
                loop.quit()
        except FailureError as error:
            # An exception in a slot would be printed and lost.
            found.append(error)
            loop.quit()

    def give_up() -> None:
        found.append(FailureError(f"The window can't be measured: nothing came within {seconds:.0f} s."))
        loop.quit()

    clock.timeout.connect(look)
    limit = QTimer()
    limit.setSingleShot(True)
    limit.timeout.connect(give_up)
    clock.start()
    limit.start(round(1000 * seconds))
    loop.exec()
    clock.stop()
    limit.stop()
    if found and found[0] is not None:
        raise found[0]


def _drawn(window: TrainingWindow) -> int:
    """How many steps the plot has drawn."""
    plot = window.run_page.curves.plot
    return len(plot.curves[0].series.step_x) if plot.curves and plot.is_up_to_date() else 0


def _is_over(view: RunView | None) -> bool:
    return view is not None and view.status in (Status.STOPPED, Status.INTERRUPTED, Status.FAILED)


def _started(*, epochs: int, steps_per_epoch: int) -> events.Started:
    return events.Started(
        run="run", recipe="quick", pid=0, rank=0, processes=1, device="cpu", precision="float32", why="",
        epoch=0, epochs=epochs, steps_per_epoch=steps_per_epoch, images_per_step=128, parameters=0, sources={},
    )  # fmt: skip


def _step(number: int) -> events.Step:
    """A cost that falls and jitters, as costs do; the jitter is the number's own."""
    jitter = (number * 2_654_435_761 % 1000) / 10_000
    return events.Step(
        step=number, epoch=0, train_cost=2.3 / (1 + number / 500) + jitter, learning_rate=1e-3,
        images_per_second=1000.0, memory_mib=500.0,
    )  # fmt: skip
