"""Average a run's weights with those it started from: often better on both old and new data than either.

Weights of one origin often lie in one basin, so that their mean is a good network too (Wortsman et al., "Robust
fine-tuning of zero-shot models", 2022).

    python -m core.tools.average_weights RUN --older best_model.pt --share 0.7 --out RUN2
"""

from __future__ import annotations

import argparse
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor

from core.base.errors import FailureError, InputError
from core.base.paths import Places
from core.networks.classifier import GeneralNetwork, build_network
from core.recipes.recipe import parse_recipe
from core.runs.folder import RunFolder
from core.train import checkpoint
from core.train.about import About
from core.train.classifier.task import ClassifierTask


def averaged(older: dict[str, Tensor], newer: GeneralNetwork, share: float) -> dict[str, Tensor]:
    """`share` of the newer weights and 1 - share of the older, batch norm's statistics too.

    Raises KeyError for another network's, RuntimeError for another width.
    """
    return {
        name: torch.lerp(older[name], value, share) if value.is_floating_point() else value
        for name, value in newer.state_dict().items()
    }


def average_run(run: RunFolder, older: Path, share: float, out: RunFolder, places: Places) -> None:
    """A run folder `out` like the finished classifier run `run`, but for the weights: calibrated, tested, exported.

    Raises InputError where a file is missing, damaged or of another network, or `out` is there already.
    """
    if not 0 <= share <= 1:
        raise InputError(f"--share {share:g}: give a number from 0 to 1.")
    if not (run.recipe.is_file() and run.events.is_file()):
        raise InputError(f"{run.path} is no run: give a folder that training wrote.")
    if out.path.exists():
        raise InputError(f"{out.path} is there already; give another --out.")
    content = checkpoint.load(run.best, ("weights", "network", "recipe", "temperature"))
    before = checkpoint.load(older, ("weights", "network"))
    if not content["network"] == before["network"] == "general":
        raise InputError(f"{run.best} and {older} must both hold the network “general”.")
    network = build_network("general", 0.0, content["weights"])
    assert isinstance(network, GeneralNetwork)
    checkpoint.restore(network, content, run.best)
    try:
        weights = averaged(before["weights"], network, share)
    except (KeyError, RuntimeError) as error:
        raise InputError(
            f"{older} holds weights of another version of this network; take another one."
        ) from error
    network.load_state_dict(weights)
    recipe = parse_recipe(run.recipe.read_text(encoding="utf-8"))
    task = ClassifierTask(recipe, places, torch.device("cpu"), lambda: None)
    out.path.mkdir(parents=True)
    shutil.copy(run.recipe, out.recipe)
    shutil.copy(run.events, out.events)
    for found in task.finish(network.eval(), out, About.from_dict(content, run.best)):
        print(f"{found.source}: {found.accuracy:.2%} of {found.n:,}")


def main(argv: Sequence[str] | None = None) -> int:
    """The command of this module."""
    parser = argparse.ArgumentParser(
        prog="core.tools.average_weights", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument("run", type=Path, metavar="RUN", help="a finished run of the network “general”")
    parser.add_argument(
        "--older", type=Path, required=True, help="the weights that it started from, a best_model.pt"
    )
    parser.add_argument("--share", type=float, default=0.5, help="how much of the run's own weights, 0 to 1")
    parser.add_argument("--out", type=Path, required=True, help="the folder that gets the averaged run")
    parser.add_argument("--data-dir", type=Path, help="where the data is")
    args = parser.parse_args(argv)
    places = Places.find(data_dir=args.data_dir)
    try:
        average_run(RunFolder(args.run), args.older, args.share, RunFolder(args.out), places)
    except InputError as error:
        print(f"core.tools.average_weights: {error}", file=sys.stderr)
        return 2
    except (FailureError, OSError) as error:
        print(f"core.tools.average_weights: {args.out} is not complete, delete it: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
