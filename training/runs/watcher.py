"""All runs of one runs folder: starts, queues, watches and steers them; `run_manager` ticks it."""

from __future__ import annotations

import dataclasses
import logging
import math
import os
import shutil
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from core.base.errors import FailureError
from core.base.files import write_json, written_aside
from core.recipes.recipe import Recipe
from core.runs.folder import RunFolder
from core.runs.model_example import write_example
from core.runs.process_tree import identify, is_alive
from training.runs.device_load import Load
from training.runs.launch import Commands, Launch, LaunchOptions, QueuedStart
from training.runs.live_run import LiveRun, Steering
from training.runs.log_tail import LogNews, LogTail
from training.runs.model_cards import kind_of_run
from training.runs.run_list import RunScanner, RunSummary, summarise, to_trash, write_notes
from training.runs.run_names import write_name
from training.runs.state import RunView

_log = logging.getLogger(__name__)

# The list of runs is read again this often; rows of active runs change at most as often as ROW_SECONDS.
_SCAN_SECONDS = 3.0
_ROW_SECONDS = 0.5
# One poll reads long histories for at most as long as this, so that the next news are not late.
_READ_SECONDS = 0.05


@dataclass
class Report:
    """What one poll found. summaries: None where the list has not changed. busy: there is more to read."""

    views: dict[Path, RunView] = field(default_factory=dict)
    ended: list[RunView] = field(default_factory=list)
    summaries: tuple[RunSummary, ...] | None = None
    logs: list[LogNews] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    not_started: list[tuple[Path, str]] = field(default_factory=list)
    load: Load | None = None
    busy: bool = False

    def __bool__(self) -> bool:
        found = (self.views, self.ended, self.logs, self.problems, self.not_started, self.load)
        return any(found) or self.summaries is not None

    def merge(self, later: Report) -> None:
        """Take in what a later poll found."""
        self.views |= later.views
        self.ended += later.ended
        self.logs += later.logs
        self.problems += later.problems
        self.not_started += later.not_started
        self.summaries = self.summaries if later.summaries is None else later.summaries
        self.load = later.load or self.load
        self.busy = later.busy


class RunWatch:
    """Not for several threads: whoever polls it makes the requests too."""

    def __init__(self, runs: Path, commands: Commands, steering: Steering) -> None:
        self.runs = runs
        self.commands = commands
        self.steering = steering
        self._owner = identify(os.getpid())
        self._scanner = RunScanner(runs)
        self._live: dict[Path, LiveRun] = {}
        self._active: set[Path] = set()
        """Runs that had a process at the last poll, or waited."""
        self._had_process: set[Path] = set()
        """Those of them whose end is news."""
        self._queue: list[Path] = []
        self._watched: frozenset[Path] = frozenset()
        self._log: LogTail | None = None
        self._report = Report()
        self._summaries: tuple[RunSummary, ...] | None = None
        self._scanned = self._rows_made = -math.inf

    # -- requests -------------------------------------------------------------------------------------------

    def create(self, run: Path, recipe: Recipe, options: LaunchOptions, *, at_once: bool) -> None:
        """A new run in the folder `run`: started, or queued behind others."""
        folder = RunFolder(run)
        try:
            run.mkdir(parents=True)
            write_json(folder.recipe, recipe.to_dict())
            self._start_or_enqueue(
                self._follow(run), QueuedStart(options, owner=self._owner), at_once=at_once
            )
        except OSError as error:
            reason = error.strerror or str(error)
            self._report.not_started.append((run, f"The run could not be started: {run} ({reason})."))

    def resume(self, run: Path, changes: Mapping[str, str]) -> None:
        """Go on with a run that is over; from the beginning where no epoch was done."""
        live = self._follow(run)
        live.poll()
        assert live.view is not None
        if live.view.status.is_active:
            self._report.problems.append(f"{run.name} is still running.")
            return
        options = live.launch.options if live.launch is not None else LaunchOptions()
        try:
            self._start_or_enqueue(live, QueuedStart(options, changes, self._owner))
        except OSError as error:
            reason = error.strerror or str(error)
            self._report.problems.append(f"{run.name} could not be resumed ({reason}).")

    def pause(self, run: Path) -> None:
        self._steer(run, "paused", LiveRun.pause)

    def go_on(self, run: Path) -> None:
        """A run that waits for its turn starts now, whatever else runs."""
        live = self._follow(run)
        if live.queued is not None:
            self._start(live, live.queued)
        else:
            self._steer(run, "continued", LiveRun.go_on)

    def stop(self, run: Path) -> None:
        live = self._follow(run)
        if live.queued is not None:
            self._leave_queue(live)
        else:
            self._steer(run, "stopped", LiveRun.stop)

    def stop_now(self, run: Path) -> None:
        live = self._follow(run)
        if live.queued is not None:
            self._leave_queue(live)
        else:
            self._steer(run, "stopped", LiveRun.stop_now)

    def stop_all(self) -> None:
        """Ask all runs with a process to stop, politely, and empty this window's queue."""
        for run in list(self._active):
            live = self._follow(run)
            if live.has_process or run in self._queue:
                self.stop(run)

    def watch(self, runs: Collection[Path]) -> None:
        """These runs' views are wanted; those there are reported anew."""
        self._watched = frozenset(runs)
        for run in self._watched:
            live = self._follow(run)
            if live.view is not None:
                self._report.views[run] = live.view

    def watch_log(self, run: Path | None) -> None:
        self._log = None if run is None else LogTail(run)

    def set_steering(self, steering: Steering) -> None:
        self.steering = steering
        for live in self._live.values():
            live.steering = steering

    @property
    def has_active(self) -> bool:
        """A run has a process, or waits."""
        return bool(self._active)

    def refresh(self) -> None:
        """Scan the folder at the next poll."""
        self._scanned = -math.inf

    def set_notes(self, run: Path, text: str) -> None:
        try:
            write_notes(run, text)
        except OSError as error:
            self._report.problems.append(f"The notes could not be saved ({error.strerror}).")
        self.refresh()

    def set_name(self, run: Path, name: str) -> None:
        try:
            write_name(run, name)
        except OSError as error:
            self._report.problems.append(f"The name could not be saved ({error.strerror}).")
        self.refresh()

    def delete(self, runs: Collection[Path]) -> None:
        """To the trash, but for runs that have a process or wait."""
        for run in runs:
            if run in self._active:
                self._report.problems.append(f"{run.name} is still running; stop it first.")
                continue
            self._live.pop(run, None)
            try:
                to_trash([run])
            except FailureError as error:
                self._report.problems.append(str(error))
        self.refresh()

    def export(self, run: Path, target: Path) -> None:
        """A copy of the run's best model file, and a file that shows how to use it."""
        source = RunFolder(run).best_onnx
        try:
            with source.open("rb") as model, written_aside(target) as file:
                shutil.copyfileobj(model, file)
            write_example(target, kind_of_run(run))
        except FileNotFoundError:
            self._report.problems.append(f"{run.name} has no model file.")
        except OSError as error:
            self._report.problems.append(f"{target} could not be written ({error.strerror}).")

    # -- polling --------------------------------------------------------------------------------------------

    def poll(self) -> Report:
        """Look at all that may have changed, go on with the queue. Returns what was found since the last."""
        until = time.monotonic() + _READ_SECONDS
        self._scan()
        for run in list(self._live):
            self._poll_run(run, until)
        for run, live in self._live.items():
            self._adopt(run, live)
        self._dispatch()
        self._renew_rows()
        if self._log is not None:
            self._report.logs += self._log.read()
        self._report.busy = any(live.is_reading for live in self._live.values())
        report, self._report = self._report, Report()
        return report

    def _poll_run(self, run: Path, until: float) -> None:
        live = self._live[run]
        changed = live.poll(until)
        view = live.view
        if view is None:
            return
        if view.status.is_active:
            self._active.add(run)
        if live.has_process:
            self._had_process.add(run)
        if changed and (run in self._watched or run in self._active):
            self._report.views[run] = view
        if run in self._active and not view.status.is_active and not live.has_process:
            self._active.discard(run)
            if run in self._had_process:
                self._had_process.discard(run)
                why = view.outcome.sentence if view.outcome is not None else "no reason is known."
                _log.info("Run %s ended: %s", view.path.name, why)
                self._report.ended.append(view)
            self.refresh()
        if run not in self._watched and run not in self._active:
            del self._live[run]

    def _scan(self) -> None:
        """The list of runs, and runs that were started elsewhere or by an earlier window."""
        if time.monotonic() - self._scanned < _SCAN_SECONDS:
            return
        self._scanned = time.monotonic()
        rows, awake = self._scanner.scan(self._views(), grace=self.steering.grace)
        for run in awake:
            self._follow(run)
            self._active.add(run)
        self._report_rows(rows)

    def _adopt(self, run: Path, live: LiveRun) -> None:
        """Take a waiting run into our queue if the window in whose queue it was is gone."""
        queued = live.queued
        if queued is None or run in self._queue:
            return
        if queued.owner is not None and queued.owner != self._owner and is_alive(queued.owner):
            return
        try:
            live.enqueue(dataclasses.replace(queued, owner=self._owner))
        except OSError:
            # A folder that can't be written can't be trained in either: it stays as it is.
            return
        self._queue.append(run)
        self._queue.sort(key=self._asked_at)

    def _asked_at(self, run: Path) -> float:
        queued = self._live[run].queued if run in self._live else None
        return queued.time if queued is not None else 0.0

    def _views(self) -> dict[Path, RunView]:
        return {run: live.view for run, live in self._live.items() if live.view is not None}

    def _renew_rows(self) -> None:
        """The rows of the runs that are followed, between two scans."""
        if not self._summaries or time.monotonic() - self._rows_made < _ROW_SECONDS:
            return
        views = self._views()
        self._report_rows(
            tuple(
                summarise(views[row.path], date=row.date, notes=row.notes) if row.path in views else row
                for row in self._summaries
            )
        )

    def _report_rows(self, rows: tuple[RunSummary, ...]) -> None:
        self._rows_made = time.monotonic()
        if rows != self._summaries:
            self._summaries = self._report.summaries = rows

    # -- the queue ------------------------------------------------------------------------------------------

    def _follow(self, run: Path) -> LiveRun:
        if run not in self._live:
            self._live[run] = LiveRun(RunFolder(run), self.steering)
        return self._live[run]

    def _free_places(self) -> int:
        return self.steering.max_running - sum(live.has_process for live in self._live.values())

    def _start_or_enqueue(self, live: LiveRun, queued: QueuedStart, *, at_once: bool = False) -> None:
        """Start it where it need not wait for its turn; else note that it waits. Raises OSError."""
        # A process that has written its last event may still be leaving; then the start waits for it.
        is_free = self._free_places() > 0 and not self._queue
        if (at_once or is_free) and not live.has_process:
            self._active.add(live.run.path)
            self._start(live, queued)
            self.refresh()
        else:
            self._enqueue(live, queued)

    def _enqueue(self, live: LiveRun, queued: QueuedStart) -> None:
        run = live.run.path
        live.enqueue(queued)
        self._active.add(run)
        if run not in self._queue:
            self._queue.append(run)
        self.refresh()

    def _leave_queue(self, live: LiveRun) -> None:
        run = live.run.path
        try:
            live.leave_queue()
        except OSError as error:
            self._report.problems.append(f"{run.name} could not leave the queue ({error.strerror}).")
            return
        if run in self._queue:
            self._queue.remove(run)

    def _dispatch(self) -> None:
        """Start what waits for as long as there are free places."""
        free = self._free_places()
        for run in list(self._queue):
            live = self._follow(run)
            if live.queued is None:
                # Taken out, or started, by another window.
                self._queue.remove(run)
            elif free > 0 and not live.has_process:
                self._start(live, live.queued)
                free -= 1

    def _start(self, live: LiveRun, queued: QueuedStart) -> None:
        run = live.run.path
        if run in self._queue:
            self._queue.remove(run)
        command = self.commands.train(run, queued.options, queued.changes)
        live.start(Launch(queued.options, tuple(command), self.steering.gentle))
        self._had_process.add(run)

    def _steer(self, run: Path, word: str, action: Callable[[LiveRun], None]) -> None:
        live = self._follow(run)
        if live.view is None:
            live.poll()
        if not live.has_process:
            self._report.problems.append(f"{run.name} is not running, so it can't be {word}.")
            return
        try:
            action(live)
        except OSError as error:
            self._report.problems.append(f"{run.name} could not be {word} ({error.strerror}).")
