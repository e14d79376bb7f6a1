"""`gnc read`: whole numbers in photos. A file that can't be read is told, and the rest goes on."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.reading.photo_reader import PhotoReader
    from core.reading.types import Reading
from core.reading.images import picture_files
from core.reading.types import as_json


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "paths", nargs="+", type=Path, metavar="PATH", help="photos, or folders with photos in them"
    )
    parser.add_argument("--json", action="store_true", help="one JSON object a photo and line, nothing else")
    parser.add_argument(
        "--threshold", type=float, metavar="P", help="report numbers from this confidence on, 0 to 1"
    )
    parser.add_argument("--model", type=Path, metavar="FILE", help="a classifier instead of the shipped one")
    parser.add_argument("--detector", type=Path, metavar="FILE", help="a detector instead of the shipped one")


def run(args: argparse.Namespace) -> int:
    from assets import MODELS
    from core.base.errors import InputError
    from core.reading.photo_reader import PhotoReader

    if args.threshold is not None and not 0 <= args.threshold <= 1:
        raise InputError(f"--threshold {args.threshold:g}: a confidence is between 0 and 1.")
    reader = PhotoReader.load(
        args.detector or MODELS / "detector.onnx", args.model or MODELS / "classifier.onnx"
    )
    failed = 0
    for path in picture_files(args.paths):
        try:
            reading = read_file(reader, path, args.threshold)
        except InputError as error:
            print(f"gnc: {error}", file=sys.stderr)
            failed += 1
            continue
        print(json.dumps(as_json(path, reading)) if args.json else as_text(path, reading), flush=True)
    return 2 if failed else 0


def read_file(reader: PhotoReader, path: Path, threshold: float | None) -> Reading:
    """What is read in one file. Raises InputError where it is no picture."""
    from core.reading.images import load_image

    return reader.read(load_image(path), threshold=threshold)


def as_text(path: Path, reading: Reading) -> str:
    """One line for people."""
    from core.reading.types import confidence_word

    if not reading.numbers:
        return f"{path}: no number"
    found = ", ".join(
        f"{n.text} ({confidence_word(n.confidence)}, {n.confidence:.0%})" for n in reading.numbers
    )
    return f"{path}: {found}"
