"""`gnc read`: whole numbers in photos. A file that can't be read is reported, and the next one follows."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from app.commands.pictures import Picture, Problems, pictures

if TYPE_CHECKING:
    from app.review.number_format import NumberFormat
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
    parser.add_argument(
        "--expect",
        metavar="FORMAT",
        help="what the numbers have in common, such as digits=5-7,range=0-99999,begins=12,check=luhn,rises: chooses "
        "between close readings, and what breaks it is said",
    )
    parser.add_argument("--model", type=Path, metavar="FILE", help="a classifier instead of the shipped one")
    parser.add_argument("--detector", type=Path, metavar="FILE", help="a detector instead of the shipped one")
    parser.add_argument("--line", type=Path, metavar="FILE", help="a line reader instead of the shipped one")


def run(args: argparse.Namespace) -> int:
    from core.base.errors import InputError
    from core.reading.api import shipped_reader
    from core.reading.images import load_image

    if args.threshold is not None and not 0 <= args.threshold <= 1:
        raise InputError(f"--threshold {args.threshold:g}: a confidence is between 0 and 1.")
    expected = _expected(args.expect)
    reader = shipped_reader(args.detector, args.model, args.line)
    problems = Problems()
    waiting: list[tuple[Picture, Reading]] = []
    for picture in pictures(args.paths, problems):
        try:
            image = load_image(picture.path, picture.index)
            reading = reader.read(image, threshold=args.threshold, any_direction=True)
        except InputError as error:
            problems.add(error)
            continue
        waiting.append((picture, reading))
        if expected is None or not expected.only_rises:  # whether numbers rise only all of them tell
            _tell(waiting, expected, as_json=args.json)
            waiting = []
    _tell(waiting, expected, as_json=args.json)
    return problems.exit_code


def _expected(text: str | None) -> NumberFormat | None:
    """Raises InputError, which names the part that can't be read."""
    if text is None:
        return None
    from app.review.number_format import NumberFormat
    from core.base.errors import InputError

    try:
        return NumberFormat.parse(text)
    except InputError as error:
        raise InputError(f"--expect {text}: {error}") from error


def _tell(found: Sequence[tuple[Picture, Reading]], expected: NumberFormat | None, *, as_json: bool) -> None:
    from app.review.fitted import fit_all
    from core.reading.types import as_json as object_of

    fitted = fit_all([reading for _, reading in found], expected) if expected is not None else []
    for place, (picture, reading) in enumerate(found):
        if expected is None:
            where = (picture.path, reading, picture.page)
            print(json.dumps(object_of(*where)) if as_json else as_text(*where), flush=True)
            continue
        one = fitted[place]
        if as_json:
            body = object_of(picture.path, one.reading, picture.page)
            for number, said in zip(body["numbers"], one.numbers, strict=True):
                number |= {"was_read": said.was_read, "problems": list(said.problems)}
            print(json.dumps(body | {"problems": list(one.problems)}), flush=True)
        else:
            notes = [said.words for said in one.numbers if said.words]
            print("; ".join((as_text(picture.path, one.reading, picture.page), *notes)), flush=True)


def as_text(path: Path, reading: Reading, page: int | None = None) -> str:
    """One line for people."""
    from core.base.figures import chance
    from core.reading.types import confidence_word

    name = str(path) if page is None else f"{path}, page {page}"
    sure = [f"{n.written} ({confidence_word(n.confidence)}, {chance(n.confidence)})" for n in reading.numbers]
    unsure = [f"maybe {n.written} ({chance(n.confidence)})" for n in reading.maybe]
    return f"{name}: {', '.join(sure + unsure) or 'no number'}"
