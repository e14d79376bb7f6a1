"""`gnc evaluate`: how good a model is on labelled digits, or, with a detector, on whole numbers in photos."""

from __future__ import annotations

import argparse
import json
import math
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from core.base.paths import Places
    from core.evaluation.metrics import Evaluation, GroupAccuracy

_WORST = 8  # confusions and groups that people are shown


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--data", required=True, metavar="FOLDER|FILE.npz|SOURCE",
        help="a folder with a sub-folder a digit (or a labels.csv), an .npz file, or a source: mnist, strokes, "
        "fonts, svhn, meter, chars74k, hwd1000, seed_test, nothing, mine; whole numbers in photos: svhn-numbers, "
        "svhn-photos, signs, backgrounds",
    )  # fmt: skip
    parser.add_argument("--model", type=Path, metavar="FILE", help="a classifier instead of the shipped one")
    parser.add_argument("--detector", type=Path, metavar="FILE", help="a detector instead of the shipped one")
    parser.add_argument(
        "--split", choices=("train", "dev", "validation", "test"),
        help="of a source, or of an .npz file that marks one (what is kept for measuring)",
    )  # fmt: skip
    parser.add_argument("--data-dir", type=Path, metavar="DIR", help="where the data sets are")
    parser.add_argument("--json", action="store_true", help="one JSON object, nothing else")


def run(args: argparse.Namespace) -> int:
    from assets import MODELS
    from core.base.paths import Places

    places = Places.find(data_dir=args.data_dir)
    model = args.model or MODELS / "classifier.onnx"
    photos = {
        "svhn-numbers": "svhn-numbers",
        "svhn-photos": "svhn",
        "signs": "signs",
        "backgrounds": "backgrounds",
    }
    if args.data in photos:
        return _evaluate_numbers(photos[args.data], args, places, model)
    return _evaluate_digits(args, places, model)


def _evaluate_digits(args: argparse.Namespace, places: Places, model: Path) -> int:
    from core.evaluation.digit_sets import labelled_crops
    from core.evaluation.metrics import accuracy_by_group, evaluate_predictions
    from core.reading.classifier import Classifier

    start = time.perf_counter()
    classifier = Classifier.load(model)
    data = labelled_crops(args.data, size=classifier.info.input_size, places=places, split=args.split)
    for sentence in data.skipped:
        print(f"gnc: {sentence}", file=sys.stderr)
    probabilities = classifier.probabilities(data.crops)
    found = evaluate_predictions(probabilities, data.labels)
    groups = accuracy_by_group(probabilities, data.labels, data.groups)
    seconds = time.perf_counter() - start
    if args.json:
        body: dict[str, Any] = {"data": data.name, **found.to_dict(), "model": str(model)}
        if groups:
            body["groups"] = {g.group: {"n": g.n, "accuracy": round(g.accuracy, 6)} for g in groups}
        body |= {"skipped": len(data.skipped), "seconds": round(seconds, 2)}
        print(json.dumps(body))
    else:
        print(as_text(data.name, found, groups))
        print(f"{seconds:.1f} s, model {model.name}")
    return 2 if data.skipped else 0


def _evaluate_numbers(name: str, args: argparse.Namespace, places: Places, model: Path) -> int:
    from assets import MODELS
    from core.base.errors import InputError
    from core.evaluation.numbers import describe, evaluate_numbers, number_photos
    from core.reading.photo_reader import PhotoReader

    if args.split not in (None, "dev", "validation"):
        raise InputError(f"{args.data} is measured on what is kept out of training: leave --split away.")
    reader = PhotoReader.load(args.detector or MODELS / "detector.onnx", model)
    found = evaluate_numbers(reader, number_photos(places, name), data=args.data)
    print(json.dumps(found.to_dict()) if args.json else describe(found))
    return 0


def as_text(name: str, found: Evaluation, groups: tuple[GroupAccuracy, ...]) -> str:
    """Some lines for people."""
    low, high = found.interval95
    lines = [
        f"{name}: {found.accuracy:.2%} of {found.n:,} right (95%: {low:.2%} to {high:.2%})",
        f"cost {found.cost:.4f}, calibration error {found.ece:.2%}",
    ]
    if found.n > found.n_nothing:
        lines += ["", "digit      n    right   most often taken for"]
        lines += [_class_line(found, digit) for digit in range(10) if found.per_class[digit].n]
        lines += ["", "if only answers this sure count:   kept    wrong"]
        lines += [f"{r.threshold:>30.1%} {_share(r.kept):>8} {_share(r.error):>8}" for r in found.rejection]
    if found.n_nothing:
        lines += [
            "",
            f"{found.n_nothing:,} show no digit; {_share(found.false_digits)} of them are called one",
        ]
    if len(groups) > 1:
        worst = sorted(groups, key=lambda g: (g.accuracy, -g.n))[:_WORST]
        lines += ["", f"{len(groups):,} groups, the worst:"]
        lines += [f"{g.accuracy:>8.1%} of {g.n:>5,}  {g.group}" for g in worst]
    return "\n".join(lines)


def _class_line(found: Evaluation, digit: int) -> str:
    of = found.per_class[digit]
    wrong = sorted(
        ((count, answer) for answer, count in enumerate(found.confusion[digit]) if count and answer != digit),
        reverse=True,
    )
    taken = ", ".join(f"{'none' if answer == 10 else answer} ({count})" for count, answer in wrong[:3])
    return f"{digit:>5} {of.n:>6,} {of.accuracy:>8.2%}   {taken}".rstrip()


def _share(value: float) -> str:
    return "–" if math.isnan(value) else f"{value:.2%}"
