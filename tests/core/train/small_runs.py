"""Runs that end within a second, and what is asked of them."""

from __future__ import annotations

import argparse
from pathlib import Path

import torch

from core.base.paths import Places
from core.recipes.recipe import Recipe
from core.runs import events
from core.runs.folder import RunFolder
from core.train import checkpoint
from core.train.arguments import add_arguments
from core.train.command import prepare_run
from core.train.loop import run_training


def start(recipe: Recipe, path: Path, *, resume: bool = False) -> RunFolder:
    run = RunFolder(path)
    if resume:
        recipe, run = prepare_run(recipe=None, resume=path, runs=path.parent, folder=None, changes={})
    else:
        recipe, run = prepare_run(recipe=recipe, resume=None, runs=path.parent, folder=path, changes={})
    run_training(recipe, run, Places.find(), device="cpu", resume=resume)
    return run


def weights(run: RunFolder) -> dict[str, torch.Tensor]:
    return dict(checkpoint.load(run.last, ("weights",))["weights"])


def assert_same_weights(one: RunFolder, other: RunFolder) -> None:
    a, b = weights(one), weights(other)
    assert a.keys() == b.keys()
    for name, value in a.items():
        assert torch.equal(value, b[name]), name


def curve(run: RunFolder) -> list[tuple[float, ...]]:
    """The numbers of all epochs; of an epoch told twice (a run killed behind it) the later."""
    told = {e.epoch: e for e in run.read_events() if isinstance(e, events.Epoch)}
    return [(e.train_cost, e.train_cost_measured, e.train_accuracy, e.dev_cost) for e in told.values()]


def arguments(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    return parser.parse_args(words)
