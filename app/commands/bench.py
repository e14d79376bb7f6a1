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
    "loop": (
        "core.benchmarks.loop.bench",
        "what learning from corrections brings: errors before and after, seconds, what was forgotten",
    ),
    "startup": (
        "app.devtools.startup_benchmark",
        "seconds from the command to the window and to the first reading",
    ),
}

BY_NAME_ONLY = {"peers", "review", "loop"}
"""They take long, or need what is not installed with the program: run where they are asked for by name."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "what",
        nargs="*",
        metavar="WHAT",
        help=f"{', '.join(BENCHES)}; nothing: all but peers, review and loop",
    )
    parser.add_argument("--limit", type=int, metavar="N", help="peers, loop: only so many images of a set")
    parser.add_argument("--data-dir", type=Path, metavar="DIR", help="peers, loop: where the data sets are")
    parser.add_argument(
        "--kinds", metavar="A,B", help="loop: writers, wagon-numbers, cheques, lcd-meters (all of them)"
    )
    parser.add_argument("--corrections", metavar="N,N", help="loop: digits labelled of a writer (10,30,100)")
    parser.add_argument("--numbers", metavar="N,N", help="loop: numbers labelled of a kind (10,50,200)")
    parser.add_argument(
        "--writers", type=int, metavar="N", help="loop: so many writers a count, the worst read"
    )
    parser.add_argument(
        "--rows",
        type=int,
        metavar="N",
        help="loop: that a line reader without the kinds is trained on (250000)",
    )
    parser.add_argument("--json", action="store_true", help="one JSON object a line, nothing else")


def run(args: argparse.Namespace) -> int:
    from core.base.errors import InputError

    for name in args.what:
        if name not in BENCHES:
            raise InputError(f"There is no benchmark “{name}”; there are {', '.join(BENCHES)}.")
    for option in ("limit", "writers", "rows"):
        value = getattr(args, option)
        if value is not None and value < 1:
            raise InputError(f"--{option} {value}: at least one is needed.")
    with_options = {"peers": _peers, "loop": _loop}
    for name in args.what or [name for name in BENCHES if name not in BY_NAME_ONLY]:
        if name in with_options:
            with_options[name](args)
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


def _loop(args: argparse.Namespace) -> None:
    from core.base.errors import InputError
    from core.base.paths import Places
    from core.benchmarks.loop import bench
    from core.benchmarks.loop.numbers import KINDS

    parts = (bench.WRITERS, *KINDS)
    chosen = args.kinds.split(",") if args.kinds else list(parts)
    for part in chosen:
        if part not in parts:
            raise InputError(f"--kinds {part}: there are {', '.join(parts)}.")
    figures = bench.benchmark(
        places=Places.find(data_dir=args.data_dir),
        parts=chosen,
        corrections=_counts("--corrections", args.corrections) or bench.CORRECTIONS,
        numbers=_counts("--numbers", args.numbers) or bench.NUMBERS,
        writers=args.writers,
        rows=args.rows or bench.ROWS,
        limit=args.limit,
        on_row=lambda line: None if args.json else print(line, flush=True),
        tell=lambda sentence: print(f"gnc: {sentence}", file=sys.stderr, flush=True),
    )
    if args.json:
        print(json.dumps({"bench": "loop", **figures}), flush=True)


def _counts(option: str, text: str | None) -> list[int]:
    """Whole numbers above 0 between commas; none where the option is not given."""
    from core.base.errors import InputError

    counts = [int(part) if part.strip().isdecimal() else 0 for part in (text or "").split(",") if part]
    if text is not None and (not counts or min(counts) < 1):
        raise InputError(f"{option} {text}: give whole numbers above 0 with commas between, such as 10,30.")
    return counts


def _show(name: str, title: str, figures: dict[str, Any]) -> None:
    print(f"{name}: {title}")
    width = max(len(key) for key in figures)
    for key, value in figures.items():
        shown = f"{value:,.4g}" if isinstance(value, float) else str(value)
        print(f"  {key.replace('_', ' '):<{width}}  {shown}")
