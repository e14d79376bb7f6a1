"""`gnc bench`: speed and memory, each figure the median of many measurements."""

from __future__ import annotations

import argparse
import importlib
import json
from typing import Any

BENCHES = {
    "classifier": ("core.benchmarks.classifier", "milliseconds a digit and digits a second, of a model file"),
    "reader": ("core.benchmarks.reader", "milliseconds from a camera's frame to the numbers in it"),
    "augment": ("core.benchmarks.augmentation", "augmented images a second, against the seed's way"),
    "train": ("core.benchmarks.training", "trained images a second, against the seed's way"),
    "window": (
        "app.devtools.training_window_benchmark",
        "how quick the training window stays while a run goes on",
    ),
    "startup": (
        "app.devtools.startup_benchmark",
        "seconds from the command to the window and to the first reading",
    ),
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("what", nargs="*", metavar="WHAT", help=f"{', '.join(BENCHES)}; nothing: all of them")
    parser.add_argument("--json", action="store_true", help="one JSON object a line, nothing else")


def run(args: argparse.Namespace) -> int:
    from core.base.errors import InputError

    for name in args.what:
        if name not in BENCHES:
            raise InputError(f"There is no benchmark “{name}”; there are {', '.join(BENCHES)}.")
    for name in args.what or BENCHES:
        module, title = BENCHES[name]
        figures = importlib.import_module(module).benchmark()
        if args.json:
            print(json.dumps({"bench": name, **figures}), flush=True)
        else:
            _show(name, title, figures)
    return 0


def _show(name: str, title: str, figures: dict[str, Any]) -> None:
    print(f"{name}: {title}")
    width = max(len(key) for key in figures)
    for key, value in figures.items():
        shown = f"{value:,.4g}" if isinstance(value, float) else str(value)
        print(f"  {key.replace('_', ' '):<{width}}  {shown}")
