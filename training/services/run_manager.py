"""Starts, watches, steers and finds again training runs; the Qt face of `training.runs.watcher`.

All files and processes are handled in a thread of its own; every method returns at once and news come as
signals in the GUI thread, within 0.3 s of the event.
"""

from __future__ import annotations

import queue
import sys
import threading
import time
from collections.abc import Callable, Collection, Mapping
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal

from core.base.paths import Places
from core.recipes.recipe import Recipe
from core.runs.folder import RunFolder
from training.runs.device_load import Load, LoadMeter
from training.runs.estimates import DeviceOffer, Estimate
from training.runs.launch import Commands, Launch, LaunchOptions
from training.runs.live_run import Steering
from training.runs.run_list import RunSummary
from training.runs.state import RunView
from training.runs.watcher import Report, RunWatch
from training.services.machine_queries import MachineQueries

__all__ = ["Commands", "DeviceOffer", "Estimate", "LaunchOptions", "Load", "RunManager", "Steering"]

_POLL_SECONDS = 0.1
_BUSY_SECONDS = 0.01
_LOAD_SECONDS = 2.0
# After a fault: not a report ten times a second.
_FAULT_SECONDS = 10.0
_CLOSE_SECONDS = 10.0


def _carefully(request: Callable[[RunWatch], None], watch: RunWatch) -> bool:
    """Carry out a request. A fault of ours goes to the report that can be copied; False then."""
    try:
        request(watch)
    except Exception:  # noqa: BLE001  (one odd run must not end the watch over all the others)
        threading.excepthook(threading.ExceptHookArgs((*sys.exc_info(), threading.current_thread())))
        return False
    return True


class RunManager(QObject):
    """One per window. `begin()` once its signals are connected; `close()` before it is destroyed."""

    summaries_changed = Signal(object)
    """tuple[RunSummary, ...], newest first: whenever a row changed (at most twice a second)."""
    view_changed = Signal(object)
    """RunView of an active or watched run: whenever something in it changed (at most 10 times a second)."""
    run_ended = Signal(object)
    """RunView of a run whose process has just come to its end; its `outcome` says how. Once per end."""
    start_failed = Signal(object, str)
    """Path and a sentence: the run folder of `start_run` could not even be made."""
    log_grew = Signal(object, str, bool)
    """Path of the run, new text of its log; True: this is the log's beginning (show it afresh)."""
    load_changed = Signal(object)
    """Load of processor and graphics card, every 2 s while a run is active."""
    devices_listed = Signal(object)
    """tuple[DeviceOffer, ...]; the default is marked and says why."""
    devices_failed = Signal(str)
    """A sentence: why there is no list of devices."""
    estimated = Signal(int, object)
    """The token of the request, and its Estimate."""
    estimate_failed = Signal(int, str)
    """The token of the request, and a sentence."""
    problem = Signal(str)
    """Something asked for could not be done: one sentence."""

    _reported = Signal(object)

    def __init__(
        self,
        places: Places,
        *,
        commands: Commands,
        steering: Steering | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._places = places
        self._watch = RunWatch(places.runs, commands, steering or Steering())
        self._requests: queue.SimpleQueue[Callable[[RunWatch], None] | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        # The thread's: what is still to be reported.
        self._pending = Report()
        self._taken = threading.Event()
        self._taken.set()
        self._summaries: tuple[RunSummary, ...] = ()
        self._views: dict[Path, RunView] = {}
        # The thread emits it; the slot runs in the GUI thread.
        self._reported.connect(self._on_report, Qt.ConnectionType.QueuedConnection)
        self._machine = MachineQueries(places, commands, parent=self)
        self._machine.devices_listed.connect(self.devices_listed)
        self._machine.devices_failed.connect(self.devices_failed)
        self._machine.estimated.connect(self.estimated)
        self._machine.estimate_failed.connect(self.estimate_failed)

    # -- life -----------------------------------------------------------------------------------------------

    def begin(self) -> None:
        """Scan the runs folder, find running runs again, go on with the queue."""
        assert self._thread is None
        self._thread = threading.Thread(target=self._work, name="run watch", daemon=True)
        self._thread.start()

    def close(self, *, stop_runs: bool = False) -> None:
        """End the thread and the child queries. Runs go on, or (`stop_runs`) are asked to stop politely.

        Those that wait are found again, and go on waiting, when the next window opens.
        """
        self._machine.close()
        if self._thread is None:
            return
        if stop_runs:
            self._requests.put(RunWatch.stop_all)
        self._requests.put(None)
        self._thread.join(_CLOSE_SECONDS)
        self._thread = None

    # -- what is there --------------------------------------------------------------------------------------

    def summaries(self) -> tuple[RunSummary, ...]:
        """The latest list, newest first."""
        return self._summaries

    def summary(self, run: Path) -> RunSummary | None:
        """The latest row of one run."""
        return next((row for row in self._summaries if row.path == run), None)

    def view(self, run: Path) -> RunView | None:
        """The latest view of an active or watched run."""
        return self._views.get(run)

    def active(self) -> tuple[RunView, ...]:
        """The runs that have a process or wait for their turn."""
        return tuple(view for view in self._views.values() if view.status.is_active)

    def watch(self, runs: Collection[Path]) -> None:
        """These runs' views (with curves) are wanted, besides the active ones'. Replaces the last call's."""
        wanted = frozenset(runs)
        self._views = {
            run: view for run, view in self._views.items() if run in wanted or view.status.is_active
        }
        self._ask(lambda watch: watch.watch(wanted))

    def watch_log(self, run: Path | None) -> None:
        """This run's log is wanted: its end first (at most 256 KiB), then what is added."""
        self._ask(lambda watch: watch.watch_log(run))

    # -- starting -------------------------------------------------------------------------------------------

    def start_run(
        self, recipe: Recipe, options: LaunchOptions | None = None, *, at_once: bool = False
    ) -> Path:
        """A new run. Returns its folder, which is made a moment later.

        It waits for its turn where as many run as may; `at_once`: it does not.
        """
        run = RunFolder.proposed(self._places.runs, recipe.name).path
        chosen = options or LaunchOptions(data_dir=self._places.data)
        self._ask(lambda watch: watch.create(run, recipe, chosen, at_once=at_once))
        return run

    def resume(self, run: Path, *, changes: Mapping[str, str] | None = None) -> None:
        """Go on with a run that ended, with the options that it had. changes: such as `{"epochs": "60"}`."""
        wanted = dict(changes or {})
        self._ask(lambda watch: watch.resume(run, wanted))

    # -- steering -------------------------------------------------------------------------------------------

    def pause(self, run: Path) -> None:
        """Hold between two steps; the process stays."""
        self._ask(lambda watch: watch.pause(run))

    def go_on(self, run: Path) -> None:
        """After a pause; a run that waits for its turn starts now."""
        self._ask(lambda watch: watch.go_on(run))

    def stop(self, run: Path) -> None:
        """Politely: the stop file; after the grace period terminate; then kill. A waiting run won't start."""
        self._ask(lambda watch: watch.stop(run))

    def stop_now(self, run: Path) -> None:
        """At once: terminate, and a second later kill. What the last epoch saved is kept."""
        self._ask(lambda watch: watch.stop_now(run))

    def set_steering(self, steering: Steering) -> None:
        """From now on: how runs are stopped and how many run at the same time."""
        self._ask(lambda watch: watch.set_steering(steering))

    # -- the list -------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Scan the runs folder again (it also happens by itself every few seconds)."""
        self._ask(RunWatch.refresh)

    def set_notes(self, run: Path, text: str) -> None:
        """Keep what the user wrote about a run, in its `notes.txt`."""
        self._ask(lambda watch: watch.set_notes(run, text))

    def set_name(self, run: Path, name: str) -> None:
        """Call it so in lists, legends and titles; empty: by its recipe again."""
        self._ask(lambda watch: watch.set_name(run, name))

    def delete(self, runs: Collection[Path]) -> None:
        """To the trash. Active runs are left alone; `problem` says so."""
        wanted = list(runs)
        self._ask(lambda watch: watch.delete(wanted))

    def export_onnx(self, run: Path, target: Path) -> None:
        """A copy of the run's best model file. `problem` says why where that can't be."""
        self._ask(lambda watch: watch.export(run, target))

    # -- asking children ------------------------------------------------------------------------------------

    def list_devices(self) -> None:
        """`devices_listed` or `devices_failed` follows; the second time at once."""
        self._machine.list_devices()

    def estimate(self, recipe: Recipe, options: LaunchOptions | None = None) -> int:
        """Measure by a few warm-up steps how long the recipe takes here. Several wait for each other.

        Returns a token; `estimated` or `estimate_failed` carries it. Kept by what the time depends on, also
        for the next window.
        """
        return self._machine.estimate(recipe, options or LaunchOptions(data_dir=self._places.data))

    def known_estimate(self, recipe: Recipe, device: str = "auto") -> Estimate | None:
        """What was measured already; None where nothing was."""
        return self._machine.known_estimate(recipe, device)

    def learn_duration(self, view: RunView) -> None:
        """Remember how long a run took that came to its end: the next one of its recipe takes as long."""
        estimate = Estimate.of_run(view)
        launch = Launch.read(view.path)
        if estimate is not None and view.recipe is not None and launch is not None:
            self._machine.learn(view.recipe, launch.options.device, estimate)

    def cancel_estimate(self, token: int | None = None) -> None:
        """This request is not wanted any more; None: none is."""
        self._machine.cancel_estimate(token)

    # -- inside ---------------------------------------------------------------------------------------------

    def _ask(self, request: Callable[[RunWatch], None]) -> None:
        self._requests.put(request)

    def _work(self) -> None:
        """The thread: requests as they come, else a poll every 100 ms."""
        meter = LoadMeter()
        measured = 0.0
        wait = 0.0
        while True:
            try:
                request = self._requests.get(timeout=wait)
            except queue.Empty:
                polled = _carefully(self._poll, self._watch)
                wait = (
                    _FAULT_SECONDS if not polled else _BUSY_SECONDS if self._pending.busy else _POLL_SECONDS
                )
            else:
                if request is None:
                    break
                _carefully(request, self._watch)
                # Whatever else was asked goes first: a burst of requests is one poll.
                wait = 0.0
                continue
            if self._watch.has_active and time.monotonic() - measured >= _LOAD_SECONDS:
                measured = time.monotonic()
                self._pending.load = meter.measure()
            # A window that is busy gets the news together, when it has time.
            if self._pending and self._taken.is_set():
                self._taken.clear()
                self._reported.emit(self._pending)
                self._pending = Report()
        meter.close()

    def _poll(self, watch: RunWatch) -> None:
        self._pending.merge(watch.poll())

    def _on_report(self, report: Report) -> None:
        self._taken.set()
        self._views |= report.views
        if report.summaries is not None:
            self._summaries = report.summaries
            there = {row.path for row in report.summaries}
            self._views = {
                run: view for run, view in self._views.items() if run in there or run in report.views
            }
            self.summaries_changed.emit(report.summaries)
        for view in report.views.values():
            self.view_changed.emit(view)
        for view in report.ended:
            self.run_ended.emit(view)
        for news in report.logs:
            self.log_grew.emit(news.run, news.text, news.fresh)
        if report.load is not None:
            self.load_changed.emit(report.load)
        for run, sentence in report.not_started:
            self.start_failed.emit(run, sentence)
        for sentence in report.problems:
            self.problem.emit(sentence)
