"""`gnc export`: turn trained weights into a model file, checked against torch."""

from __future__ import annotations

import argparse
import json
from pathlib import Path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "source", type=Path, metavar="RUN|best_model.pt", help="a run's folder or its best_model.pt"
    )
    parser.add_argument(
        "--out", type=Path, required=True, metavar="model.onnx", help="the model file to write"
    )
    parser.add_argument("--json", action="store_true", help="one JSON object, nothing else")


def run(args: argparse.Namespace) -> int:
    from core.train.export import export_file

    difference = export_file(args.source, args.out)
    if args.json:
        print(json.dumps({"file": str(args.out), "difference": difference}))
        return 0
    print(f"Wrote {args.out}; its answers differ from torch's by at most {difference:.1g}.")
    print(f"How to use it stands in {args.out.with_suffix('.example.py')}.")
    return 0
