"""What a run folder and the system's processes say about a run, besides its events."""

from __future__ import annotations

import re
import shutil
import time
from pathlib import Path

import psutil

from core.recipes.recipe import Recipe, RecipeError, parse_recipe
from core.runs.folder import RunFolder
from core.runs.process_tree import ProcessId, find, is_alive
from training.runs.launch import QUEUE, Exit, Launch, Pids, QueuedStart, read_exit, read_pids
from training.runs.launcher import LAUNCH, LOG
from training.runs.outcome import ExitContext, StopStage
from training.runs.run_names import NAME, read_name
from training.runs.state import RunSnapshot, RunStateBuilder

# A launcher of another window that noted no process for as long as this never started one.
_LAUNCHING_SECONDS = 60.0
_LOG_TAIL = 16 * 1024
# Seconds after an end in which a disk that is full now may be its reason.
_RECENT = 600.0
# A part of the command line of each process that trains, however it was started.
_MARKS = ("train",)
_ATTENDANT_MARKS = ("launcher.py",)

Stamp = tuple[int, int]


def stamp(path: Path) -> Stamp | None:
    """Changes whenever the file does; None where it is missing."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size


def read_stop_stage(run: RunFolder) -> StopStage:
    """How far a stop has gone: the presence of the `stop` file asks, its text says what was done about it."""
    try:
        text = run.stop.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return StopStage.REQUESTED if run.stop_requested() else StopStage.NONE
    try:
        return StopStage(text or StopStage.REQUESTED)
    except ValueError:
        return StopStage.REQUESTED


def write_stop_stage(run: RunFolder, stage: StopStage) -> bool:
    """Ask to stop, and note how far it has gone. False where the file can't be written."""
    try:
        run.request_stop()
        run.stop.write_text(stage, encoding="utf-8")
    except OSError:
        return False
    return True


def read_log_tail(run: Path) -> str:
    """The end of the log, of the latest start only."""
    try:
        with (run / LOG).open("rb") as file:
            size = file.seek(0, 2)
            file.seek(max(0, size - _LOG_TAIL))
            text = file.read().decode("utf-8", errors="replace")
    except OSError:
        return ""
    starts = [match.start() for match in re.finditer(r"^--- \d{4}-\d\d-\d\d .*$", text, re.MULTILINE)]
    return text[starts[-1] :] if starts else text


class RunFacts:
    """Looks at one run's files, and reads only those that changed since the last look."""

    def __init__(self, run: RunFolder) -> None:
        self.run = run
        self.launch: Launch | None = None
        self.queued: QueuedStart | None = None
        """There while the run waits for its turn."""
        self.exit: Exit | None = None
        """The end of the latest start; set from outside where the start itself failed."""
        self.recipe: Recipe | None = None
        self.processes: tuple[ProcessId, ...] = ()
        """The processes found alive: the started one first, then the ranks."""
        self.attendant: ProcessId | None = None
        """Who starts the process, waits for it and notes how it ended."""
        self.is_launching = False
        """A process was asked for, and nothing is known of it yet."""
        self.is_alive = False
        """A process of it runs; or it has just ended, and how is about to be noted."""
        self.name = ""
        """One of its own that a person gave it."""
        self._name_stamp: Stamp | None = None
        self._launch_stamp: Stamp | None = None
        self._queued_stamp: Stamp | None = None
        self._recipe_stamp: Stamp | None = None
        self._pids: Pids | None = None
        self._end: ExitContext | None = None

    def look(self, builder: RunStateBuilder) -> None:
        """Read what changed, and look which processes are alive."""
        self._look_at_files()
        self.processes = self._alive(builder)
        attended = self.attendant is not None and is_alive(self.attendant)
        if not attended:
            # Its last deed is to note the end: after it is gone, what is not noted never will be.
            self.look_for_exit()
        waits = self.launch is not None and self.exit is None
        self.is_alive = bool(self.processes) or (waits and attended and self._pids is not None)
        self.is_launching = waits and self._pids is None and self._is_launching(builder, attended)
        self._end = None

    def look_for_exit(self) -> bool:
        """The cheap half of a look: whether the end of the process has just been noted."""
        if self.launch is None or self.exit is not None:
            return False
        self.exit = read_exit(self.run.path, self.launch.token)
        return self.exit is not None

    def forget_end(self) -> None:
        """The context of the end has to be read anew."""
        self._end = None

    def snapshot(
        self, builder: RunStateBuilder, *, now: float, stage: StopStage, grace: float
    ) -> RunSnapshot:
        """Everything at the moment `now`, for the view."""
        launched = self.launch.time if self.launch is not None else 0.0
        return RunSnapshot(
            now=now,
            recipe=self.recipe,
            launched=launched,
            launching=self.is_launching,
            queued=self.queued is not None,
            alive=self.is_alive,
            paused=self.run.pause_requested(),
            has_weights=self.run.best.exists(),
            has_model=self._has_model(builder),
            name=self.name,
            pids=tuple(process.pid for process in self.processes),
            end=self._exit_context(builder, now=now, launched=launched, stage=stage, grace=grace),
        )

    def _has_model(self, builder: RunStateBuilder) -> bool:
        """A run that was finished and went on has better weights by and by, and still the model file of before."""
        try:
            written = self.run.best_onnx.stat().st_mtime
        except OSError:
            return False
        return written >= builder.best_saved

    def _is_launching(self, builder: RunStateBuilder, attended: bool) -> bool:
        launched = self.launch.time if self.launch is not None else 0.0
        if builder.last_time >= launched:
            return False
        return attended if self.attendant is not None else time.time() - launched < _LAUNCHING_SECONDS

    def _look_at_files(self) -> None:
        path = self.run.path
        launch_stamp = stamp(path / LAUNCH)
        if launch_stamp != self._launch_stamp:
            self._launch_stamp = launch_stamp
            launch = Launch.read(path)
            if launch is None or self.launch is None or launch.token != self.launch.token:
                self.exit, self._pids, self.attendant = None, None, None
            self.launch = launch
        queued_stamp = stamp(path / QUEUE)
        if queued_stamp != self._queued_stamp:
            self._queued_stamp = queued_stamp
            self.queued = QueuedStart.read(path)
        recipe_stamp = stamp(self.run.recipe)
        if recipe_stamp != self._recipe_stamp:
            self._recipe_stamp = recipe_stamp
            self.recipe = _read_recipe(self.run)
        name_stamp = stamp(path / NAME)
        if name_stamp != self._name_stamp:
            self._name_stamp = name_stamp
            self.name = read_name(path)
        if self.launch is not None:
            self._pids = self._pids or read_pids(path, self.launch.token)
            self.exit = self.exit or read_exit(path, self.launch.token)
        if self.attendant is None and self._pids is not None and self.exit is None:
            self.attendant = find(self._pids.attendant, seen_at=self._pids.noted, marks=_ATTENDANT_MARKS)

    def _alive(self, builder: RunStateBuilder) -> tuple[ProcessId, ...]:
        """What runs of the latest start; of its ranks those that were noted since."""
        seen = list(builder.ranks.values())
        if self._pids is not None and self.exit is None:
            seen.insert(0, (self._pids.process, self._pids.noted))
        found = {}
        for pid, noted in seen:
            process = find(pid, seen_at=noted, marks=_MARKS)
            if process is not None:
                found[pid] = process
        return tuple(found.values())

    def _exit_context(
        self, builder: RunStateBuilder, *, now: float, launched: float, stage: StopStage, grace: float
    ) -> ExitContext:
        saved = self.run.last.exists()
        if self.is_alive or self.is_launching:
            return ExitContext(stop=stage, grace=grace, saved=saved)
        if self._end is None:
            # Only a run without a last event needs the rest to be explained.
            unexplained = builder.last_event is None or (self.exit is not None and self.exit.returncode != 0)
            ended = self.exit
            last_sign = max(builder.last_time, launched, ended.time if ended else 0.0)
            self._end = ExitContext(
                saved=saved,
                returncode=ended.returncode if ended else None,
                error=ended.error if ended else "",
                errno=ended.errno if ended else 0,
                stop=stage,
                grace=grace,
                log=read_log_tail(self.run.path) if unexplained else "",
                disk_free=_disk_free(self.run.path) if unexplained and now - last_sign < _RECENT else None,
                rebooted=psutil.boot_time() > last_sign,
            )
        return self._end


def _read_recipe(run: RunFolder) -> Recipe | None:
    try:
        return parse_recipe(run.recipe.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, RecipeError):
        return None


def _disk_free(path: Path) -> int | None:
    try:
        return shutil.disk_usage(path).free
    except OSError:
        return None
