"""A learning from a folder of corrections, by the recipes that the window starts, in this process."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from core.base.errors import FailureError
from core.base.files import write_json
from core.base.paths import Places
from core.recipes.recipe import Recipe, recipe_named
from core.runs.folder import RunFolder
from core.train.loop import run_training

TESTED = 100
"""Images of each set in the runs' own test phase: the bench measures by itself."""


@dataclass(frozen=True)
class Learned:
    """model: its file. seconds: on the clock; processor_seconds: of all cores together, which other work on the machine
    does not lengthen. Both from the start to the model file."""

    model: Path
    seconds: float
    processor_seconds: float


def train(recipe: Recipe, run: Path, places: Places) -> Learned:
    """Train a recipe in the folder `run`; goes on where an earlier start was ended. Raises InputError;
    FailureError, also where it was stopped."""
    folder = RunFolder(run)
    run.mkdir(parents=True, exist_ok=True)
    goes_on = folder.last.exists()
    if not goes_on:
        write_json(folder.recipe, recipe.to_dict())
    began, spent = time.perf_counter(), _processor_seconds()
    run_training(recipe, folder, places, device="cpu", resume=goes_on)
    if not folder.test.exists():
        raise FailureError(
            f"The training in {run} was stopped; the benchmark goes on with it when it is started again."
        )
    return Learned(folder.best_onnx, time.perf_counter() - began, _processor_seconds() - spent)


def recipe_to_measure(name: str, changes: Mapping[str, Any] | None = None) -> Recipe:
    """The window's recipe of this name, with `changes` made and a short test phase."""
    return recipe_named(name).with_values({"test_images": TESTED} | dict(changes or {}))


def learn(recipe: Recipe, corrections: Path, run: Path, places: Places) -> Learned:
    """Learn from a folder of corrections."""
    return train(recipe, run, replace(places, corrections=corrections))


def _processor_seconds() -> float:
    """Of this process and the children that have ended."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system
