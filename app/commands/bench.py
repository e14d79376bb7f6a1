"""`gnc bench`: speed and memory, each figure the median of many measurements."""

from __future__ import annotations

import argparse
import importlib
import json
import sys
from pathlib import Path
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
    "peers": (
        "core.benchmarks.peers",
        "our reading of numbers beside that of other programs, where installed",
    ),
    "review": (
        "app.devtools.review_benchmark",
        "milliseconds from a key to the next photo, and labels lost or wrong, in a review of 200 photos",
    ),
    "startup": (
        "app.devtools.startup_benchmark",
        "seconds from the command to the window and to the first reading",
    ),
}

BY_NAME_ONLY = {"peers", "review"}
"""They take long, or need what is not installed with the program: run where they are asked for by name."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "what", nargs="*", metavar="WHAT", help=f"{', '.join(BENCHES)}; nothing: all but peers and review"
    )
    parser.add_argument("--limit", type=int, metavar="N", help="peers: only so many pictures of a set")
    parser.add_argument("--data-dir", type=Path, metavar="DIR", help="peers: where the data sets are")
    parser.add_argument("--json", action="store_true", help="one JSON object a line, nothing else")


def run(args: argparse.Namespace) -> int:
    from core.base.errors import InputError

    for name in args.what:
        if name not in BENCHES:
            raise InputError(f"There is no benchmark “{name}”; there are {', '.join(BENCHES)}.")
    if args.limit is not None and args.limit < 1:
        raise InputError(f"--limit {args.limit}: at least one picture is needed.")
    for name in args.what or [name for name in BENCHES if name not in BY_NAME_ONLY]:
        if name == "peers":
            _peers(args)
            continue
        module, title = BENCHES[name]
        figures = importlib.import_module(module).benchmark()
        if args.json:
            print(json.dumps({"bench": name, **figures}), flush=True)
        else:
            _show(name, title, figures)
    return 0


def _peers(args: argparse.Namespace) -> None:
    from core.base.paths import Places
    from core.benchmarks import peers

    figures = peers.benchmark(
        places=Places.find(data_dir=args.data_dir),
        limit=args.limit,
        on_row=lambda line: None if args.json else print(line, flush=True),
        on_absent=lambda sentence: print(f"gnc: {sentence}", file=sys.stderr),
    )
    if args.json:
        print(json.dumps({"bench": "peers", **figures}), flush=True)


def _show(name: str, title: str, figures: dict[str, Any]) -> None:
    print(f"{name}: {title}")
    width = max(len(key) for key in figures)
    for key, value in figures.items():
        shown = f"{value:,.4g}" if isinstance(value, float) else str(value)
        print(f"  {key.replace('_', ' '):<{width}}  {shown}")
