"""`gnc classify`: what digit each image file shows. A file that can't be read is reported, and the next one follows."""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.commands.pictures import Problems, pictures

if TYPE_CHECKING:
    from core.reading.classifier import Classification, Classifier


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "paths",
        nargs="+",
        type=Path,
        metavar="PATH",
        help="image files that show one digit each, folders of them, or names with wildcards",
    )
    parser.add_argument("--json", action="store_true", help="one JSON object a file and line, nothing else")
    parser.add_argument("--model", type=Path, metavar="FILE", help="a classifier instead of the shipped one")


def run(args: argparse.Namespace) -> int:
    from assets import MODELS
    from core.base.errors import InputError
    from core.reading.classifier import Classifier

    classifier = Classifier.load(args.model or MODELS / "classifier.onnx")
    width = max(len(str(path)) for path in args.paths)
    problems = Problems()
    for picture in pictures(args.paths, problems):
        try:
            said, milliseconds = classify_file(classifier, picture.path, picture.index)
        except InputError as error:
            problems.add(error)
            continue
        if args.json:
            print(json.dumps(as_json(picture.path, said, milliseconds, picture.page)), flush=True)
        else:
            print(as_text(picture.path, said, width, picture.page), flush=True)
    return problems.exit_code


def classify_file(classifier: Classifier, path: Path, index: int = 0) -> tuple[Classification, float]:
    """What a page of a file shows, and the milliseconds from its pixels to the answer. Raises InputError."""
    from core.reading.images import load_image, to_gray

    image = load_image(path, index)
    start = time.perf_counter()
    said, _ = classifier.classify_picture(to_gray(image))
    return said, 1e3 * (time.perf_counter() - start)


def as_json(path: Path, said: Classification, milliseconds: float, page: int | None = None) -> dict[str, Any]:
    """The object of the command line's contract. A stage that sees no digit votes null."""
    from core.reading.types import NOT_A_DIGIT

    return {
        "file": str(path),
        **({} if page is None else {"page": page}),
        "digit": said.digit,
        "confidence": round(said.confidence, 6),
        "is_digit": said.is_digit,
        "probabilities": [round(p, 6) for p in said.probabilities],
        "votes": {vote.stage: None if vote.digit == NOT_A_DIGIT else vote.digit for vote in said.votes},
        "ms": round(milliseconds, 2),
    }


def as_text(path: Path, said: Classification, width: int, page: int | None = None) -> str:
    """One line for people: file, digit, how sure."""
    from core.base.figures import chance
    from core.reading.types import confidence_text

    name = str(path) if page is None else f"{path}, page {page}"
    if not said.is_digit:
        return f"{name:{width}}  –  no digit ({chance(1 - sum(said.probabilities))})"
    return f"{name:{width}}  {said.digit}  {confidence_text(said.confidence)}"
