"""`gnc read`: whole numbers in photos. A file that can't be read is told, and the rest goes on."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from core.photo_reader import Reader
    from core.reading import Reading

PICTURES = (
    ".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".bmp", ".dib", ".gif", ".tif", ".tiff", ".webp", ".ppm", ".pgm",
    ".pbm", ".pnm", ".jp2", ".avif", ".mpo", ".ico", ".tga", ".pcx", ".sgi", ".qoi",
)  # fmt: skip
"""Names of files in a folder that are taken for pictures; a file named by itself is read whatever its name."""


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
    from core.errors import InputError
    from core.photo_reader import Reader

    if args.threshold is not None and not 0 <= args.threshold <= 1:
        raise InputError(f"--threshold {args.threshold:g}: a confidence is between 0 and 1.")
    reader = Reader.load(args.detector or MODELS / "detector.onnx", args.model or MODELS / "classifier.onnx")
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


def picture_files(paths: Sequence[Path]) -> Iterator[Path]:
    """Files as they are named; of folders the pictures in them and below, by name.

    Raises InputError for a folder without pictures.
    """
    from core.errors import InputError

    for path in paths:
        if not path.is_dir():
            yield path
            continue
        count = 0
        for folder, below, names in os.walk(path):
            below[:] = sorted(name for name in below if not name.startswith("."))
            for name in sorted(names):
                if not name.startswith(".") and os.path.splitext(name)[1].lower() in PICTURES:
                    count += 1
                    yield Path(folder) / name
        if count == 0:
            raise InputError(f"{path}: there are no pictures in this folder.")


def read_file(reader: Reader, path: Path, threshold: float | None) -> Reading:
    """What is read in one file. Raises InputError where it is no picture."""
    from core.preprocess import load_image

    return reader.read(load_image(path), threshold=threshold)


def as_json(path: Path, reading: Reading) -> dict[str, Any]:
    """The object of the command line's contract. Boxes: x, y, width, height in pixels of the upright picture."""
    return {
        "file": str(path),
        "numbers": [
            {
                "text": number.text,
                "confidence": round(number.confidence, 4),
                "box": number.box.as_list(),
                "digits": [
                    {"digit": d.digit, "confidence": round(d.confidence, 4), "box": d.box.as_list()}
                    for d in number.digits
                ],
            }
            for number in reading.numbers
        ],
        "ms": round(reading.milliseconds, 2),
    }


def as_text(path: Path, reading: Reading) -> str:
    """One line for people."""
    from core.reading import confidence_word

    if not reading.numbers:
        return f"{path}: no number"
    found = ", ".join(
        f"{n.text} ({confidence_word(n.confidence)}, {n.confidence:.0%})" for n in reading.numbers
    )
    return f"{path}: {found}"
