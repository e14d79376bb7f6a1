"""The arguments of `gnc train` and of `python -m core.train`; apart, so that `--help` needs no torch."""

from __future__ import annotations

import argparse
from pathlib import Path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add them to `parser`."""
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--recipe", metavar="R", help="a recipe by name: general, quick, seed, finetune …")
    what.add_argument("--recipe-file", type=Path, metavar="FILE", help="a recipe.json")
    what.add_argument("--resume", type=Path, metavar="RUN", help="go on with a run, given by its folder")
    what.add_argument(
        "--test",
        type=Path,
        metavar="RUN",
        help="measure a run's best model and write its model file, without training",
    )
    what.add_argument("--devices", action="store_true", help="list the devices that can train, as JSON")
    parser.add_argument("--data-dir", type=Path, metavar="D", help="where the data is")
    parser.add_argument("--out", type=Path, metavar="RUNS", help="the folder that gets a folder a run")
    parser.add_argument(
        "--run-folder",  # torchrun would take “--run” for one of its own
        type=Path,
        metavar="RUN",
        help="the folder of this run, instead of a new name",
    )
    parser.add_argument("--tensorboard", action="store_true", help="also write TensorBoard's event files")
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda, cuda:N or mps")
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="change a value of the recipe; repeatable",
    )
    parser.add_argument("--probe", type=int, metavar="STEPS", help="only time a few steps, and print JSON")
