"""How good a reader is at whole numbers in photos: accuracy with its interval, false numbers, why others are missed.

`python -m core.evaluation.numbers svhn-numbers svhn signs backgrounds` measures the shipped files.
"""

from __future__ import annotations

import argparse
import json
import math
import statistics
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from assets import MODELS
from core.base.errors import InputError
from core.base.figures import accuracy
from core.base.paths import Places
from core.evaluation.metrics import Bin, bins_to_plain, calibration, wilson
from core.evaluation.number_scoring import MISSES, NumberReader, PhotoScore, match_boxes, numbers_in_doubt
from core.loaders.number_photos import NumberPhoto, number_photos
from core.reading.images import load_image
from core.reading.photo_reader import PhotoReader

_MOST_GROUPS = 10
"""With more groups than this (tracks, say) the shares of each are not listed."""


@dataclass(frozen=True)
class NumberEvaluation:
    """A reader on one set of photos.

    n, right: photos, and those whose best number is right. reported: numbers at the default confidence;
    false_numbers: of those, how many are no number of their photo. Of photos whose digits have boxes: digits, seen,
    said: all labelled ones, all that were found, and all in reported numbers; found: those found at a labelled place;
    reported_digits, right_digits: those reported at a labelled place, and those also read right.
    calibration_error: expected, of the reported numbers' confidences; bins: the plot of them. mistakes: file,
    number, what was read, confidence. numbered: photos that show a number. numbers_found: photos whose number is
    among the reported ones. nothing_read: photos without any reported number. with_false: photos with a false one.
    missed: why the numbers of the others were missed, by MISSES. groups: name, photos, and right ones of each kind of
    photo, where a set has kinds. judged: confidence of each reported number, and whether it is right.
    """

    data: str
    n: int
    right: int
    reported: int
    false_numbers: int
    digits: int
    seen: int
    said: int
    found: int
    reported_digits: int
    right_digits: int
    calibration_error: float
    bins: tuple[Bin, ...]
    milliseconds: float
    mistakes: tuple[tuple[str, str, str, float], ...]
    numbered: int = 0
    numbers_found: int = 0
    nothing_read: int = 0
    with_false: int = 0
    missed: tuple[tuple[str, int], ...] = ()
    groups: tuple[tuple[str, int, int], ...] = ()
    judged: tuple[tuple[float, bool], ...] = ()

    @property
    def false_per_100(self) -> float:
        """False numbers of a hundred photos."""
        return 100 * self.false_numbers / self.n if self.n else 0.0

    def to_dict(self) -> dict[str, Any]:
        """Plain values, as `gnc evaluate --json` prints them."""
        low, high = wilson(self.right, self.n)
        plain: dict[str, Any] = {
            "data": self.data,
            "n": self.n,
            "right": self.right,
            "accuracy": self.right / self.n if self.n else 0.0,
            "interval95": [low, high],
            "reported": self.reported,
            "false_numbers": self.false_numbers,
            "false_per_100": self.false_per_100,
            "with_false": self.with_false,
            "nothing_read": self.nothing_read,
            "ece": self.calibration_error if math.isfinite(self.calibration_error) else None,
            "calibration": bins_to_plain(self.bins),
            "milliseconds": self.milliseconds,
            "mistakes": [
                {"file": file, "number": number, "read": read, "confidence": round(confidence, 4)}
                for file, number, read, confidence in self.mistakes
            ],
        }
        if self.numbered:
            plain |= {"numbers_found": self.numbers_found, "missed": dict(self.missed)}
        if self.groups:
            plain["groups"] = {name: {"n": n, "accuracy": right / n} for name, n, right in self.groups}
        if self.digits:
            plain |= {
                "digits": self.digits,
                "detection_f1": _f1(self.found, self.digits, self.seen),
                "reported_f1": _f1(self.reported_digits, self.digits, self.said),
                "digit_f1": _f1(self.right_digits, self.digits, self.said),
            }
        return plain


def _f1(hits: int, wanted: int, said: int) -> float:
    return 2 * hits / (wanted + said) if wanted + said else 0.0


def picture_of(photo: NumberPhoto) -> npt.NDArray[np.uint8]:
    """The photo's file. Raises InputError where it can't be read."""
    return load_image(photo.file)


def evaluate_numbers(
    reader: NumberReader,
    photos: Sequence[NumberPhoto],
    *,
    data: str,
    has_others: bool = False,
    picture: Callable[[NumberPhoto], npt.NDArray[np.uint8]] = picture_of,
) -> NumberEvaluation:
    """Read every photo. Raises InputError for a photo that can't be read.

    has_others: the photos may show other numbers than the labelled one. picture: the pixels of a photo.
    """
    results = []
    for photo in photos:
        image = picture(photo)
        reading = reader.read(image)
        score = PhotoScore(photo, reading.numbers, reading.milliseconds, reading.rejected, (), has_others)
        if score.missed:
            score = replace(score, maybe=numbers_in_doubt(reader, image, reading))
        results.append(score)
    return summarise(results, data=data)


def summarise(results: Sequence[PhotoScore], *, data: str) -> NumberEvaluation:
    """The figures of photos that have been read."""
    judged = tuple((n.confidence, r.is_true(n)) for r in results for n in r.judged)
    right = np.array([is_right for _, is_right in judged], bool)
    error, bins = calibration(np.array([confidence for confidence, _ in judged]), right)
    digits = seen = said = found = reported_digits = right_digits = 0
    for result in (r for r in results if r.photo.digit_boxes and not r.has_others):
        places = [b for _, b in result.photo.digit_boxes]
        own = [d for n in result.numbers for d in n.digits]
        every = [*own, *result.rejected]
        pairs = match_boxes(places, [d.box for d in own])
        digits, seen, said = digits + len(places), seen + len(every), said + len(own)
        found, reported_digits = (
            found + len(match_boxes(places, [d.box for d in every])),
            reported_digits + len(pairs),
        )
        right_digits += sum(result.photo.digit_boxes[i][0] == own[j].digit for i, j in pairs)
    mistakes = tuple(
        (
            r.photo.file.name, r.photo.digits, " ".join(n.text for n in r.judged),
            r.judged[0].confidence if r.judged else 0.0,
        )
        for r in results
        if not r.right
    )  # fmt: skip
    reasons = Counter(r.missed for r in results)
    return NumberEvaluation(
        data, len(results), sum(r.right for r in results), len(judged), int((~right).sum()), digits, seen,
        said, found, reported_digits, right_digits, error, bins,
        statistics.median([r.milliseconds for r in results] or [0.0]), mistakes,
        numbered=sum(bool(r.photo.digits) for r in results),
        numbers_found=sum(r.found for r in results),
        nothing_read=sum(not r.judged for r in results),
        with_false=sum(bool(r.false_numbers) for r in results),
        missed=tuple((name, reasons[name]) for name in MISSES if reasons[name]),
        groups=_by_group(results),
        judged=judged,
    )  # fmt: skip


def _by_group(results: Sequence[PhotoScore]) -> tuple[tuple[str, int, int], ...]:
    names = list(dict.fromkeys(r.photo.group for r in results if r.photo.group))
    if not 0 < len(names) <= _MOST_GROUPS:
        return ()
    kinds = [(name, [r.right for r in results if r.photo.group == name]) for name in sorted(names)]
    return tuple((name, len(right), sum(right)) for name, right in kinds)


NUMBER_SOURCES = ("svhn-numbers", "svhn", "signs", "backgrounds")
"""Photos kept out of training by which detectors are compared, in their runs and their cards."""


def describe(found: NumberEvaluation) -> str:
    """One paragraph for people."""
    plain = found.to_dict()
    low, high = plain["interval95"]
    text = (
        f"{found.data}: {found.right} of {found.n} photos right, {accuracy(found.right / max(found.n, 1))} "
        f"({low:.1%} to {high:.1%}); {found.false_numbers} of {found.reported} reported numbers are wrong; "
        f"{found.milliseconds:.1f} ms a photo"
    )
    if found.digits:
        text += (
            f"; digits found F1 {plain['detection_f1']:.3f}, in reported numbers {plain['reported_f1']:.3f}, and read "
            f"right {plain['digit_f1']:.3f}"
        )
    if found.missed:
        text += "; missed: " + ", ".join(f"{MISSES[name]} {count}" for name, count in found.missed)
    return text + "."


def main(argv: Iterable[str] | None = None) -> int:
    """`python -m core.evaluation.numbers`: figures of a pair of model files; a JSON object a line with --json."""
    parser = argparse.ArgumentParser(prog="core.evaluation.numbers", description=__doc__.splitlines()[0])
    parser.add_argument("data", nargs="*", default=list(NUMBER_SOURCES), help=", ".join(NUMBER_SOURCES))
    parser.add_argument("--detector", type=Path, default=MODELS / "detector.onnx")
    parser.add_argument("--classifier", type=Path, default=MODELS / "classifier.onnx")
    parser.add_argument(
        "--no-classifier", action="store_true", help="let the detector alone say which digits"
    )
    parser.add_argument("--data-dir", type=Path)
    parser.add_argument("--mistakes", action="store_true", help="list the photos that were read wrong")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args(None if argv is None else list(argv))
    try:
        reader = PhotoReader.load(args.detector, None if args.no_classifier else args.classifier)
        places = Places.find(data_dir=args.data_dir)
        for name in args.data:
            found = evaluate_numbers(reader, number_photos(places, name, "validation"), data=name)
            out = json.dumps(found.to_dict()) if args.json else describe(found)
            sys.stdout.write(out + "\n")
            if args.mistakes and not args.json:
                for file, number, read, confidence in found.mistakes:
                    sys.stdout.write(
                        f"  {file}: {number or 'nothing'} read as {read or 'nothing'} ({confidence:.0%})\n"
                    )
            sys.stdout.flush()
    except InputError as error:
        sys.stderr.write(f"core.evaluation.numbers: {error}\n")
        return 2
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
