"""`gnc evaluate`: how good a model is on labelled digits, on whole numbers in photos, or on every set at once."""

from __future__ import annotations

import argparse
import json
import math
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.base.figures import accuracy, interval

if TYPE_CHECKING:
    from core.base.paths import Places
    from core.evaluation.metrics import Evaluation, GroupAccuracy
    from core.evaluation.photo_sets import PhotoSet

_WORST = 8  # confusions and groups that people are shown


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--data", required=True, metavar="FOLDER|FILE|SOURCE|all",
        help="labelled digits of your own (a folder with one subfolder per digit, a labels.csv, YOLO or COCO boxes; an "
        ".npz file or a table of pixels), or a source: mnist, strokes, crohme, "
        "cvl, dida, fonts, svhn, meter, meter-tenths, chars74k, hwd1000, seed_test, non-digits, corrections; numbers "
        "in photos: wagon-numbers, cheques, iiit5k-numbers, icdar2015-numbers, speed-limit-signs, jersey-numbers, "
        "lcd-meters, svhn-numbers, svhn-photos, signs, made-numbers, corrections-numbers; images without any: "
        "iiit5k-words, icdar2015-scenes, backgrounds, backgrounds-more; single-digits on photos; drawings: numbers "
        "drawn with a pen; all: every set that is here, in one table",
    )  # fmt: skip
    parser.add_argument("--model", type=Path, metavar="FILE", help="a classifier instead of the shipped one")
    parser.add_argument("--detector", type=Path, metavar="FILE", help="a detector instead of the shipped one")
    parser.add_argument("--line", type=Path, metavar="FILE", help="a line reader instead of the shipped one")
    parser.add_argument(
        "--split", choices=("train", "dev", "validation", "test"),
        help="of a source, or of an .npz file that marks one (what is kept for measuring)",
    )  # fmt: skip
    parser.add_argument(
        "--limit", type=int, metavar="N", help="only so many images of a set, for a quick look"
    )
    parser.add_argument("--data-dir", type=Path, metavar="DIR", help="where the data sets are")
    parser.add_argument("--json", action="store_true", help="one JSON object a set and line, nothing else")


def run(args: argparse.Namespace) -> int:
    from assets import MODELS
    from core.base.errors import InputError
    from core.base.paths import Places
    from core.evaluation.photo_sets import NAMED_SETS

    if args.limit is not None and args.limit < 1:
        raise InputError(f"--limit {args.limit}: at least one image is needed.")
    places = Places.find(data_dir=args.data_dir)
    model = args.model or MODELS / "classifier.onnx"
    if args.data == "all":
        return _evaluate_all(args, places, model)
    photos = {one.name: one for one in NAMED_SETS}
    if args.data in photos:
        return _evaluate_numbers(photos[args.data], args, places, model)
    if args.data == "drawings":
        return _evaluate_drawings(args, places, model)
    return _evaluate_digits(args, places, model)


def _evaluate_all(args: argparse.Namespace, places: Places, model: Path) -> int:
    from core.base.errors import NAME_DATA, DataError, InputError
    from core.evaluation.all_sets import all_numbers, evaluate_all
    from core.evaluation.summary import HEADS, print_all, row
    from core.reading.api import shipped_reader
    from core.reading.classifier import Classifier

    if args.split is not None:
        raise InputError("--data all measures what is kept out of training: leave --split away.")
    start = time.perf_counter()
    reader = shipped_reader(args.detector, model, args.line)
    results = []

    def left_out(sentence: str) -> None:
        print(f"gnc: left out: {sentence}", file=sys.stderr)

    kind = ""
    for result in evaluate_all(reader, Classifier.load(model), places, limit=args.limit, on_absent=left_out):
        results.append(result)
        if args.json:
            print(json.dumps(result.to_dict()), flush=True)
            continue
        if result.kind != kind:
            print(("\n" if kind else "") + HEADS[result.kind])
            kind = result.kind
        print("\n".join(row(result)), flush=True)
    if not results:
        raise DataError(f"None of the sets is here; {NAME_DATA}.")
    if args.json:
        print(json.dumps(all_numbers(results)))
    else:
        print_all(results, print)
        print(f"\n{time.perf_counter() - start:.0f} s, models {model.name} and {reader_file(args)}")
    return 0


def reader_file(args: argparse.Namespace) -> str:
    """The name of the detector's file."""
    return args.detector.name if args.detector else "detector.onnx"


def _evaluate_digits(args: argparse.Namespace, places: Places, model: Path) -> int:
    from core.evaluation.digit_sets import labelled_crops
    from core.evaluation.metrics import accuracy_by_group, evaluate_predictions
    from core.reading.classifier import Classifier

    start = time.perf_counter()
    classifier = Classifier.load(model)
    data = labelled_crops(args.data, size=classifier.info.input_size, places=places, split=args.split)
    data = data.limited(args.limit)
    for sentence in data.skipped:
        print(f"gnc: {sentence}", file=sys.stderr)
    probabilities = data.probabilities(classifier)
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


def _evaluate_numbers(photos: PhotoSet, args: argparse.Namespace, places: Places, model: Path) -> int:
    from core.base.errors import InputError
    from core.evaluation.all_sets import SetResult
    from core.evaluation.numbers import describe
    from core.evaluation.summary import HEADS, print_all, row
    from core.reading.api import shipped_reader

    if args.split not in (None, "dev", "validation"):
        raise InputError(f"{args.data} is measured on what is kept out of training: leave --split away.")
    reader = shipped_reader(args.detector, model, args.line)
    found = photos.evaluate(reader, places, limit=args.limit)
    result = SetResult(photos.name, photos.title, photos.kind, found)
    if args.json:
        print(json.dumps(result.to_dict()))
        return 0
    print("\n".join([HEADS[photos.kind], *row(result)]))
    print_all([result], print)
    print("\n" + describe(found))
    return 0


def _evaluate_drawings(args: argparse.Namespace, places: Places, model: Path) -> int:
    from core.base.errors import InputError
    from core.evaluation.all_sets import evaluate_pens
    from core.evaluation.summary import HEADS, row
    from core.reading.classifier import Classifier

    if args.split not in (None, "dev", "validation"):
        raise InputError("drawings are measured on what is kept out of training: leave --split away.")
    result = evaluate_pens(Classifier.load(model), places, limit=args.limit)
    print(json.dumps(result.to_dict()) if args.json else "\n".join([HEADS[result.kind], *row(result)]))
    return 0


def as_text(name: str, found: Evaluation, groups: tuple[GroupAccuracy, ...]) -> str:
    """Some lines for people."""
    low, high = found.interval95
    lines = [
        f"{name}: {accuracy(found.accuracy)} of {found.n:,} right (95%: {interval(low, high)})",
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
        lines += [f"{accuracy(g.accuracy):>8} of {g.n:>5,}  {g.group}" for g in worst]
    return "\n".join(lines)


def _class_line(found: Evaluation, digit: int) -> str:
    of = found.per_class[digit]
    wrong = sorted(
        ((count, answer) for answer, count in enumerate(found.confusion[digit]) if count and answer != digit),
        reverse=True,
    )
    taken = ", ".join(f"{'none' if answer == 10 else answer} ({count})" for count, answer in wrong[:3])
    return f"{digit:>5} {of.n:>6,} {accuracy(of.accuracy):>8}   {taken}".rstrip()


def _share(value: float) -> str:
    return "–" if math.isnan(value) else f"{value:.2%}"
