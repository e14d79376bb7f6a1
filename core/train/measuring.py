"""Beside the loop: how fast a recipe trains here, and the test phase of a run that did not come to its own."""

from __future__ import annotations

import tempfile
import time
from dataclasses import replace
from pathlib import Path

import torch

from core.base.errors import InputError
from core.base.paths import Places
from core.recipes.recipe import Recipe, parse_recipe
from core.runs.folder import EventLog, RunFolder
from core.train.device import choose_device
from core.train.distributed import Ranks, StopSignal
from core.train.loop import Run, RunProgress, build_task, finish_task


def measure_best_model(run: RunFolder, places: Places, *, device: str = "auto") -> int:
    """The test phase of a run that did not come to its own: stopped, killed or failed after an epoch.

    Returns how many sources were measured. Raises InputError where no epoch was done, or the run's folder is none.
    """
    if not run.recipe.is_file():
        raise InputError(f"{run.path} is no run: it has no recipe.json. Give a folder that training wrote.")
    if not run.best.exists():
        raise InputError(f"{run.name} has no best model to test: no epoch is done.")
    recipe = parse_recipe(run.recipe.read_text(encoding="utf-8"))
    chosen = choose_device(device, recipe.precision)
    task = build_task(recipe, places, chosen, lambda: None)
    log = EventLog(run)
    try:
        return finish_task(task, task.build().to(chosen.torch).eval(), run, log)
    finally:
        log.close()


def probe(recipe: Recipe, places: Places, device: str, steps: int) -> dict[str, float]:
    """How fast a recipe trains here: a few real steps, timed in three rounds after two to warm up.

    The quickest round counts: what else the machine was busy with only made the others longer.

    Returns images_per_second, seconds_per_epoch (its dev measurement included) and total_seconds.
    """
    torch.set_flush_denormal(True)  # as in training
    chosen = choose_device(device, recipe.precision)
    with tempfile.TemporaryDirectory() as folder:
        run = RunFolder(Path(folder))
        task = build_task(recipe, places, chosen, lambda: None)
        watch, log = StopSignal(run, Ranks.join()), EventLog(run)
        state = Run(replace(recipe, epochs=1), task, run, chosen, watch, log)
        state.steps_per_epoch = 2
        state.train_epoch()
        state.steps_per_epoch = max(1, steps // 3)
        rounds, measurements = [], []
        for _ in range(3):
            state.progress = RunProgress()
            began = time.monotonic()
            state.train_epoch()
            rounds.append((time.monotonic() - began) / state.steps_per_epoch)
        for _ in range(2):
            began = time.monotonic()
            task.measure(state.average.network, "dev", lambda: None)
            measurements.append(time.monotonic() - began)
        per_step, measuring = min(rounds), 2 * min(measurements)
        watch.close()
        log.close()
    epoch = per_step * max(1, round(task.images_per_epoch / recipe.batch_size)) + measuring
    return {
        "images_per_second": recipe.batch_size / per_step,
        "seconds_per_epoch": epoch,
        "total_seconds": epoch * recipe.epochs,
    }
