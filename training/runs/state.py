"""What the window knows of one run: its events reduced to a frozen `RunView`."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path

from core.recipes.recipe import Recipe
from core.runs import events
from training.runs.outcome import Ending, ExitContext, Outcome, StopStage, explain
from training.runs.run_names import run_title
from training.runs.series import RunSeries


class Status(StrEnum):
    """Where a run stands."""

    WAITING = "waiting"
    STARTING = "starting"
    RUNNING = "running"
    PAUSED = "paused"
    STOPPING = "stopping"
    STOPPED = "stopped"
    FINISHED = "finished"
    FAILED = "failed"
    INTERRUPTED = "interrupted"
    NEW = "new"

    @property
    def is_active(self) -> bool:
        """The run has a process, or waits for its turn."""
        return self in _ACTIVE


_ACTIVE = (Status.WAITING, Status.STARTING, Status.RUNNING, Status.PAUSED, Status.STOPPING)


class RunPhase(StrEnum):
    """What a run with a process is busy with."""

    NONE = ""
    LOADING = "loading"
    TRAINING = "training"
    TESTING = "testing"


@dataclass(frozen=True)
class RunSnapshot:
    """What else is known of a run, at one moment: its processes and files.

    launched: when its process was started last, 0: not from a window. launching: a process is being started.
    alive: one of its processes runs. queued: it waits for its turn. paused: a pause is asked for. has_weights,
    has_model, name: see `RunView`.
    end: what is known of the end of its process; `epoch` and `began` are filled in by the builder.
    """

    now: float
    recipe: Recipe | None = None
    launched: float = 0.0
    launching: bool = False
    queued: bool = False
    alive: bool = False
    paused: bool = False
    has_weights: bool = False
    has_model: bool = False
    name: str = ""
    pids: tuple[int, ...] = ()
    end: ExitContext = field(default_factory=ExitContext)


@dataclass(frozen=True)
class RunView:
    """All that is shown of one run, at one moment.

    path: the run folder; its name is the run's id. epoch: epochs done; step: optimiser steps done, of
    `steps`. progress: 0..1, the test phase not counted. images_per_second, elapsed and remaining (seconds),
    memory_mib, best_dev_cost: NaN where unknown. quiet: seconds since its last sign of life.
    series: the curves; a snapshot that later events don't change. best_epoch: 0 before the first.
    test: the test phase, source by source. outcome: how it ended; None while it goes on.
    can_resume: it did not finish, and no process is at it. has_checkpoint: `model.pt` is there, so that it
    goes on where it was, or for more epochs. has_weights: `best_model.pt` is there; has_model: `best_model.onnx`
    is there, and made from it. name: one of its own that a person gave it.
    device, precision, processes and why: from the `Started` event. launched: when its process was started last, 0:
    not from a window; started, ended: of its training, the first time and the last. Seconds since the epoch.
    """

    path: Path
    status: Status
    phase: RunPhase
    recipe: Recipe | None
    epoch: int
    epochs: int
    step: int
    steps: int
    progress: float
    images_per_second: float
    elapsed: float
    remaining: float
    quiet: float
    memory_mib: float
    device: str
    precision: str
    why: str
    processes: int
    parameters: int
    sources: dict[str, int]
    series: RunSeries
    best_epoch: int
    best_dev_cost: float
    test: tuple[events.Evaluated, ...]
    launched: float
    started: float
    ended: float
    outcome: Outcome | None
    can_resume: bool
    has_checkpoint: bool
    has_weights: bool
    has_model: bool
    name: str = ""
    damaged_lines: int = 0
    pids: tuple[int, ...] = ()

    @property
    def title(self) -> str:
        """Its distinguishing title: its own name, or its recipe and what differs from that."""
        return run_title(self.path, self.recipe, self.name)

    @property
    def is_untested(self) -> bool:
        """It has a model that was not measured."""
        return (self.has_weights or self.has_model) and not self.test

    @property
    def test_n(self) -> int:
        """Images of the test phase, all sources together."""
        return sum(source.n for source in self.test)

    @property
    def test_accuracy(self) -> float:
        """Share right over all images of the test phase; NaN where there was none."""
        n = self.test_n
        return sum(source.n * source.accuracy for source in self.test) / n if n else math.nan


class RunStateBuilder:
    """Folds one run's events, in the order of the file; a resumed run's follow those of its first life."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.series = RunSeries(path.name)
        self.damaged = 0
        self.started: events.Started | None = None
        self.last_event: events.Event | None = None
        """Finished, Stopped or Failed of the latest life; None before."""
        self.ranks: dict[int, tuple[int, float]] = {}
        """Of each rank the pid, and the moment when it was noted."""
        self.last_time = 0.0
        self.best_saved = 0.0
        """When the best weights were written last, seconds since the epoch."""
        self._first_time = 0.0
        self._life_began = 0.0
        self._earlier_lives = 0.0
        self._epoch = 0
        self._step = 0
        self._speeds: deque[float] = deque(maxlen=5)
        self._epoch_seconds: deque[float] = deque(maxlen=3)
        self._memory = math.nan
        self._test: dict[str, events.Evaluated] = {}
        self._fresh_step = False

    def add(self, event: events.Event) -> None:
        """Fold one event."""
        self.series.add(event)
        match event:
            case events.Started():
                self._on_started(event)
            case events.Step():
                self._step = event.step
                self._memory = event.memory_mib
                self._fresh_step = True
                if math.isfinite(event.images_per_second) and event.images_per_second > 0:
                    self._speeds.append(event.images_per_second)
            case events.Epoch():
                self._epoch, self._step = event.epoch, event.step
                self._epoch_seconds.append(event.seconds)
                if event.best:
                    self.best_saved = event.time
            case events.Evaluated():
                self._test[event.source] = event
            case events.Finished() | events.Stopped() | events.Failed():
                self.last_event = event
        self._first_time = self._first_time or event.time
        self.last_time = max(self.last_time, event.time)

    def _on_started(self, event: events.Started) -> None:
        self.last_event = None
        self.ranks = {rank: seen for rank, seen in self.ranks.items() if rank < event.processes}
        self.ranks[event.rank] = (event.pid, event.time)
        if event.rank != 0:
            return
        if self.started is not None:
            self._earlier_lives += max(0.0, self.last_time - self._life_began)
        self.started = event
        self._life_began = event.time
        self._epoch = event.epoch
        self._step = max(event.epoch * event.steps_per_epoch, 0)
        self._fresh_step = False
        self._speeds.clear()
        self._epoch_seconds.clear()
        self._test.clear()

    def view(self, facts: RunSnapshot) -> RunView:
        """The run as it is at the moment of `facts`, or at its last event where the clock was set back."""
        facts = replace(facts, now=max(facts.now, self.last_time, facts.launched))
        last_event = None if facts.launched > self.last_time else self.last_event
        status = self._status(last_event, facts)
        recipe, started = facts.recipe, self.started
        epochs = started.epochs if started else (recipe.epochs if recipe else 0)
        per_epoch = started.steps_per_epoch if started else 0
        steps = epochs * per_epoch
        step = max(self._step, self._epoch * per_epoch)
        phase = self._phase(status, epochs)
        best = self.series.best
        active = status.is_active
        outcome = None
        if not active and status is not Status.NEW:
            began = self.started is not None and self.last_time >= facts.launched
            outcome = explain(last_event, replace(facts.end, epoch=self._epoch, began=began))
            status = _SETTLED.get(outcome.ending, Status.FAILED)
        counting = status in (Status.RUNNING, Status.STOPPING)
        speed = sum(self._speeds) / len(self._speeds) if self._speeds else math.nan
        return RunView(
            path=self.path,
            status=status,
            phase=phase,
            recipe=recipe,
            epoch=self._epoch,
            epochs=epochs,
            step=step,
            steps=steps,
            progress=1.0 if status is Status.FINISHED else min(1.0, step / steps) if steps else 0.0,
            images_per_second=speed,
            elapsed=self._elapsed(last_event, facts.now if counting else self.last_time),
            remaining=self._remaining(status, facts.now, step, steps, speed),
            quiet=max(0.0, facts.now - max(self.last_time, facts.launched)) if counting else math.nan,
            memory_mib=self._memory,
            device=started.device if started else "",
            precision=started.precision if started else "",
            why=started.why if started else "",
            processes=started.processes if started else 1,
            parameters=started.parameters if started else 0,
            sources=dict(started.sources) if started else {},
            series=self.series.snapshot(),
            best_epoch=best.epoch if best else 0,
            best_dev_cost=best.cost if best else math.nan,
            test=tuple(self._test.values()),
            launched=facts.launched,
            started=self._first_time or facts.launched,
            ended=math.nan if active else self.last_time,
            outcome=outcome,
            can_resume=not active and status is not Status.FINISHED and not facts.alive,
            has_checkpoint=facts.end.saved,
            has_weights=facts.has_weights,
            has_model=facts.has_model,
            name=facts.name,
            damaged_lines=self.damaged,
            pids=facts.pids,
        )

    def _status(self, last_event: events.Event | None, facts: RunSnapshot) -> Status:
        if facts.queued:
            return Status.WAITING
        if last_event is not None:
            # The last event counts, though its process may need another moment to be gone. Which end it was is
            # for `explain` to say.
            return Status.FINISHED
        if facts.launching or facts.alive:
            if facts.end.stop is not StopStage.NONE:
                return Status.STOPPING
            if facts.paused:
                return Status.PAUSED
            # The time of Started is the child's; the clocks are the same, their last digits may not be.
            begun = self.started is not None and self.last_time >= facts.launched
            return Status.RUNNING if begun else Status.STARTING
        if not facts.launched and self.started is None:
            return Status.NEW
        return Status.INTERRUPTED

    def _phase(self, status: Status, epochs: int) -> RunPhase:
        if not status.is_active or status is Status.WAITING:
            return RunPhase.NONE
        if status is Status.STARTING:
            return RunPhase.LOADING
        if epochs and self._epoch >= epochs:
            return RunPhase.TESTING
        return RunPhase.TRAINING if self._fresh_step else RunPhase.LOADING

    def _elapsed(self, last_event: events.Event | None, until: float) -> float:
        if (
            isinstance(last_event, events.Finished)
            and math.isfinite(last_event.seconds)
            and last_event.seconds > 0
        ):
            return last_event.seconds
        if self.started is None:
            return math.nan
        return self._earlier_lives + max(0.0, until - self._life_began)

    def _remaining(self, status: Status, now: float, step: int, steps: int, speed: float) -> float:
        """By the last epochs' seconds, as they include measuring the dev cost; in the first, by the speed."""
        started = self.started
        if started is None or not steps or status not in (Status.RUNNING, Status.PAUSED):
            return math.nan
        if self._epoch_seconds:
            per_step = sum(self._epoch_seconds) / len(self._epoch_seconds) / started.steps_per_epoch
        elif speed > 0:
            per_step = started.images_per_step / speed
        else:
            return math.nan
        left = max(0, steps - step) * per_step
        since = now - self.last_time if status is Status.RUNNING else 0.0
        return max(0.0, left - max(0.0, since))


_SETTLED = {
    Ending.FINISHED: Status.FINISHED,
    Ending.STOPPED: Status.STOPPED,
    Ending.STOPPED_AT_ONCE: Status.STOPPED,
    Ending.STOP_IGNORED: Status.STOPPED,
    Ending.VANISHED: Status.INTERRUPTED,
    Ending.REBOOTED: Status.INTERRUPTED,
    Ending.KILLED: Status.INTERRUPTED,
}
