"""What the window knows of one run: a pure fold of its events into a frozen `RunView`. No Qt."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from core.events import Evaluated
from core.recipes import Recipe
from training.outcomes import Outcome
from training.series import RunSeries


class Status(StrEnum):
    """Where a run stands. The first six are of a run that is not over."""

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
        return self in (Status.WAITING, Status.STARTING, Status.RUNNING, Status.PAUSED, Status.STOPPING)


class Phase(StrEnum):
    """What a run with a process is busy with."""

    NONE = ""
    LOADING = "loading"
    TRAINING = "training"
    TESTING = "testing"


@dataclass(frozen=True)
class RunView:
    """All that is shown of one run, at one moment.

    path: the run folder; its name is the run's id. epoch: epochs done; step: optimiser steps done.
    progress: 0..1. images_per_second, elapsed, remaining (seconds), memory_mib: NaN where unknown.
    series: the curves; a snapshot that later events don't change. best_epoch: 0 for none.
    test: the test phase, source by source. outcome: how it ended; None while it goes on.
    can_resume: `model.pt` is there and no process is. has_model: `best_model.onnx` is there.
    processes, device, why: from the `Started` event, with the reason for the choice of device.
    """

    path: Path
    status: Status
    phase: Phase
    recipe: Recipe | None
    epoch: int
    epochs: int
    step: int
    steps: int
    progress: float
    images_per_second: float
    elapsed: float
    remaining: float
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
    test: tuple[Evaluated, ...]
    started: float
    ended: float
    outcome: Outcome | None
    can_resume: bool
    has_model: bool
    damaged_lines: int = 0
    pids: tuple[int, ...] = field(default=())
