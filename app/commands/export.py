"""`gnc export`: turn trained weights into a model file, checked against torch."""

from __future__ import annotations

import argparse
from pathlib import Path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "source", type=Path, metavar="RUN|best_model.pt", help="a run's folder or its best_model.pt"
    )
    parser.add_argument(
        "--out", type=Path, required=True, metavar="model.onnx", help="the model file to write"
    )


def run(args: argparse.Namespace) -> int:
    from core.train.export import export_file

    difference = export_file(args.source, args.out)
    print(f"Wrote {args.out}; its answers differ from torch's by at most {difference:.1g}.")
    return 0
