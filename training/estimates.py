"""What a child process says about this machine: its devices, and how long a recipe takes. No Qt."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Device:
    """Something to train on. id: what `--device` takes. default: this one is used for `auto`; why: the reason."""

    id: str
    name: str
    default: bool
    why: str


@dataclass(frozen=True)
class Estimate:
    """How long a recipe takes here, by a few warm-up steps. seconds_per_epoch, total_seconds: the test included."""

    images_per_second: float
    seconds_per_epoch: float
    total_seconds: float
