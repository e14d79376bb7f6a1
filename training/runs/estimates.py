"""What a child process says about this machine: its devices, and how long a recipe takes."""

from __future__ import annotations

import json
import math
import os
import platform
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.base.files import write_json
from core.recipes.recipe import Recipe
from training.runs.state import RunView, Status

# Measured times are worth so many seconds: drivers, libraries and what else runs here change.
_WORTH_SECONDS = 14 * 86400.0
_MOST_KEPT = 200
# Loading and testing take at most so long, seconds, or something else went on.
_MOST_BESIDES = 900.0
# What does not change how long a step takes.
_TIMELESS = (
    "name",
    "summary",
    "epochs",
    "learning_rate",
    "schedule",
    "warmup",
    "l2",
    "label_smoothing",
    "seed",
    "start_from",
)


@dataclass(frozen=True)
class DeviceOffer:
    """Something to train on. id: what `--device` takes. default: `auto` takes this one; why: the reason."""

    id: str
    name: str
    default: bool
    why: str


@dataclass(frozen=True)
class Estimate:
    """How long a recipe takes here, by a few warm-up steps. total_seconds: with the test phase."""

    images_per_second: float
    seconds_per_epoch: float
    total_seconds: float

    @classmethod
    def of_run(cls, view: RunView) -> Estimate | None:
        """What a run that came to its end really took, its loading and its test phase too; None for any other.

        The time in which it was stopped, before it was resumed, is left out.
        """
        if view.status is not Status.FINISHED or not view.epoch or not view.elapsed > 0:
            return None
        training = view.elapsed
        whole = view.ended - max(view.launched, 0.0) if view.launched else training
        # Of a run of several lives only the training is known.
        total = whole if training <= whole < 2 * training + _MOST_BESIDES else training
        recipe = view.recipe
        images = recipe.images_per_epoch if recipe is not None and recipe.images_per_epoch else 0
        speed = (
            view.images_per_second
            if math.isfinite(view.images_per_second)
            else images * view.epoch / training
        )
        return cls(speed, training / view.epoch, total) if speed > 0 else None

    def for_epochs(self, measured: int, wanted: int) -> Estimate:
        """The same for another number of epochs."""
        total = self.total_seconds + (wanted - measured) * self.seconds_per_epoch
        return Estimate(self.images_per_second, self.seconds_per_epoch, max(0.0, total))


def parse_devices(answer: Any) -> tuple[DeviceOffer, ...]:
    """The answer of `core.train --devices`. Raises ValueError where it is none."""
    if not isinstance(answer, list) or not answer:
        raise ValueError("no device was named")
    try:
        return tuple(
            DeviceOffer(str(d["id"]), str(d["name"]), bool(d.get("default")), str(d.get("why", "")))
            for d in answer
        )
    except (TypeError, KeyError, AttributeError):
        raise ValueError("the devices were not understood") from None


def parse_estimate(answer: Any) -> Estimate:
    """The answer of `core.train --probe`. Raises ValueError where it is none."""
    names = ("images_per_second", "seconds_per_epoch", "total_seconds")
    try:
        values = [float(answer[name]) for name in names]
    except (TypeError, KeyError, ValueError):
        raise ValueError("the measured times were not understood") from None
    if not all(math.isfinite(value) and value > 0 for value in values):
        raise ValueError("the measured times make no sense")
    return Estimate(*values)


class EstimateCache:
    """Measured times, kept in a file across windows, by what they depend on."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._kept: dict[str, dict[str, float]] = {}
        try:
            kept = json.loads(path.read_text(encoding="utf-8"))
            if isinstance(kept, dict):
                self._kept = {k: v for k, v in kept.items() if isinstance(v, dict)}
        except (OSError, ValueError):
            # Not there, or damaged: it is only a cache.
            return

    def get(self, recipe: Recipe, device: str) -> Estimate | None:
        """None where nothing is known, or it is too old."""
        kept = self._kept.get(_key(recipe, device), {})
        try:
            if not 0 <= time.time() - kept["time"] < _WORTH_SECONDS:
                return None
            estimate = parse_estimate(kept)
            return estimate.for_epochs(int(kept["epochs"]), recipe.epochs)
        except (KeyError, TypeError, ValueError):
            return None

    def put(self, recipe: Recipe, device: str, estimate: Estimate) -> None:
        """Keep it; a disk that is full is no reason to complain."""
        self._kept.pop(_key(recipe, device), None)
        self._kept[_key(recipe, device)] = {
            "time": time.time(),
            "epochs": float(recipe.epochs),
            "images_per_second": estimate.images_per_second,
            "seconds_per_epoch": estimate.seconds_per_epoch,
            "total_seconds": estimate.total_seconds,
        }
        while len(self._kept) > _MOST_KEPT:
            del self._kept[next(iter(self._kept))]
        try:
            write_json(self._path, self._kept)
        except OSError:
            return


def _key(recipe: Recipe, device: str) -> str:
    # Through from_dict, so that 12 and 12.0 are one value.
    plain = Recipe.from_dict(recipe.to_dict()).to_dict()
    values = {k: v for k, v in plain.items() if k not in _TIMELESS}
    machine = [platform.node(), os.cpu_count() or 1, device]
    return json.dumps([machine, values], sort_keys=True)
