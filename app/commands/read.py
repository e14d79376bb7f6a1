"""`gnc read`: whole numbers in photos. A file that can't be read is reported, and the next one follows."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING

from app.commands.pictures import Problems, pictures

if TYPE_CHECKING:
    from core.reading.types import Reading


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "paths",
        nargs="+",
        type=Path,
        metavar="PATH",
        help="photos, folders of photos, or names with wildcards",
    )
    parser.add_argument("--json", action="store_true", help="one JSON object a photo and line, nothing else")
    parser.add_argument(
        "--threshold", type=float, metavar="P", help="report numbers from this confidence on, 0 to 1"
    )
    parser.add_argument("--model", type=Path, metavar="FILE", help="a classifier instead of the shipped one")
    parser.add_argument("--detector", type=Path, metavar="FILE", help="a detector instead of the shipped one")
    parser.add_argument("--line", type=Path, metavar="FILE", help="a line reader instead of the shipped one")


def run(args: argparse.Namespace) -> int:
    from core.base.errors import InputError
    from core.reading.api import shipped_reader
    from core.reading.images import load_image
    from core.reading.types import as_json

    if args.threshold is not None and not 0 <= args.threshold <= 1:
        raise InputError(f"--threshold {args.threshold:g}: a confidence is between 0 and 1.")
    reader = shipped_reader(args.detector, args.model, args.line)
    problems = Problems()
    for picture in pictures(args.paths, problems):
        try:
            image = load_image(picture.path, picture.index)
            reading = reader.read(image, threshold=args.threshold, any_direction=True)
        except InputError as error:
            problems.add(error)
            continue
        where = (picture.path, reading, picture.page)
        print(json.dumps(as_json(*where)) if args.json else as_text(*where), flush=True)
    return problems.exit_code


def as_text(path: Path, reading: Reading, page: int | None = None) -> str:
    """One line for people."""
    from core.reading.types import confidence_word

    name = str(path) if page is None else f"{path}, page {page}"
    sure = [f"{n.written} ({confidence_word(n.confidence)}, {n.confidence:.0%})" for n in reading.numbers]
    unsure = [f"maybe {n.written} ({n.confidence:.0%})" for n in reading.maybe]
    return f"{name}: {', '.join(sure + unsure) or 'no number'}"
