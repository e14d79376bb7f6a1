"""What a training run reports: one JSON object a line in its `events.jsonl`.

The types are a closed set of frozen dataclasses. Times are seconds since the epoch; costs are mean
cross-entropy in nats; accuracies are fractions. The window reads these too.
"""

from __future__ import annotations

import dataclasses
import json
import math
import time as _time
from dataclasses import dataclass, field
from typing import Any, ClassVar

VERSION = 1


@dataclass(frozen=True)
class Event:
    """Common to all: `time`, seconds since the epoch."""

    time: float = field(default_factory=_time.time, kw_only=True)
    type: ClassVar[str] = ""


@dataclass(frozen=True)
class Started(Event):
    """A process began to train (again, where `epoch` > 0). One is written by every rank.

    device: `cpu`, `cuda:0 (NVIDIA H200)` … precision: `float32`, `bfloat16`, `float16`; why: how both were
    chosen, a sentence. epoch: epochs already done. steps_per_epoch: optimiser steps.
    """

    type: ClassVar[str] = "started"
    run: str
    recipe: str
    pid: int
    rank: int
    processes: int
    device: str
    precision: str
    why: str
    epoch: int
    epochs: int
    steps_per_epoch: int
    images_per_step: int
    parameters: int
    sources: dict[str, int]


@dataclass(frozen=True)
class Step(Event):
    """Every so many steps. step: counted over the whole run. train_cost: mean since the last such event.

    images_per_second: since the last such event. memory_mib: of the process, or of the GPU where one is used.
    """

    type: ClassVar[str] = "step"
    step: int
    epoch: int
    train_cost: float
    learning_rate: float
    images_per_second: float
    memory_mib: float


@dataclass(frozen=True)
class Epoch(Event):
    """An epoch is over. epoch: how many are done, from 1.

    train_cost, train_accuracy: as trained (with dropout and augmentation). train_cost_measured,
    train_accuracy_measured: on training images as those of dev are measured, without both, so that the two can be
    compared; the accuracy is NaN in runs of versions that did not write it. seconds: of this epoch.
    """

    type: ClassVar[str] = "epoch"
    epoch: int
    step: int
    train_cost: float
    train_cost_measured: float
    train_accuracy: float
    dev_cost: float
    dev_accuracy: float
    dev_accuracy_by_source: dict[str, float]
    learning_rate: float
    seconds: float
    best: bool
    train_accuracy_measured: float = math.nan


@dataclass(frozen=True)
class CheckpointSaved(Event):
    """A file of the run folder is complete. file: its name there."""

    type: ClassVar[str] = "checkpoint_saved"
    file: str
    epoch: int


@dataclass(frozen=True)
class Evaluated(Event):
    """The test phase measured one source. The whole of it is in `test.json`."""

    type: ClassVar[str] = "evaluated"
    source: str
    n: int
    accuracy: float
    interval95: tuple[float, float]
    cost: float


@dataclass(frozen=True)
class Stopped(Event):
    """The run was asked to stop and did; it can be resumed. why: a sentence."""

    type: ClassVar[str] = "stopped"
    epoch: int
    why: str


@dataclass(frozen=True)
class Finished(Event):
    """All epochs and the test phase are done. seconds: of training in all processes of this run's life."""

    type: ClassVar[str] = "finished"
    epoch: int
    best_epoch: int
    best_dev_cost: float
    seconds: float


@dataclass(frozen=True)
class Failed(Event):
    """The run broke off.

    kind: `out_of_memory`, `nan`, `disk_full`, `lost_folder`, `data`, `error`.
    message: one sentence that says what happened and what to try.
    details: the traceback, for the log.
    """

    type: ClassVar[str] = "failed"
    kind: str
    message: str
    details: str


EVENT_TYPES: dict[str, type[Event]] = {
    cls.type: cls for cls in (Started, Step, Epoch, CheckpointSaved, Evaluated, Stopped, Finished, Failed)
}


def _plain(value: Any) -> Any:
    """NaN and infinity are not JSON: they travel as null."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, dict):
        return {k: _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    return value


def to_line(event: Event) -> str:
    """One line of JSON, newline included."""
    body = {f.name: _plain(getattr(event, f.name)) for f in dataclasses.fields(event)}
    head = {"v": VERSION, "type": event.type, "time": body.pop("time")}
    return json.dumps(head | body, ensure_ascii=False, allow_nan=False) + "\n"


def from_line(line: str) -> Event | None:
    """The event of one line; None for a type of a later version.

    Unknown fields are ignored; fields that an earlier version did not write take their default.

    Raises:
        ValueError: the line is not an event (cut off, not JSON, fields missing).
    """
    body = json.loads(line)
    if not isinstance(body, dict) or "type" not in body:
        raise ValueError("a line of events.jsonl is not an event")
    cls = EVENT_TYPES.get(body["type"])
    if cls is None:
        return None
    known: dict[str, Any] = {}
    for f in dataclasses.fields(cls):
        if f.name not in body:
            if f.default is not dataclasses.MISSING:
                continue  # a field that came with a later version
            raise ValueError(f"the event “{cls.type}” lacks its field “{f.name}”")
        value = body[f.name]
        if value is None and f.type == "float":
            value = math.nan
        known[f.name] = tuple(value) if isinstance(value, list) else value
    return cls(**known)
