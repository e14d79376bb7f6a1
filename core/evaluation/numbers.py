"""How good a reader is at whole numbers in photos: accuracy with its interval, false numbers, digits found.

`python -m core.evaluation.numbers svhn-numbers svhn signs backgrounds` measures the shipped files. No torch.
"""

from __future__ import annotations

import argparse
import csv
import json
import math
import statistics
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from assets import MODELS
from core.base.errors import DataError, InputError
from core.base.paths import Places
from core.evaluation.metrics import Bin, bins_to_plain, calibration, wilson
from core.loaders import svhn, svhn_extra
from core.loaders.background_photos import background_files
from core.loaders.folders import backgrounds_folder, data_folder
from core.reading.images import load_image
from core.reading.photo_reader import PhotoReader
from core.reading.types import Box, Digit, Number

SAME_PLACE = 0.5
"""Intersection over union from which a found digit is at a labelled one's place."""


@dataclass(frozen=True)
class NumberPhoto:
    """A photo with the number in it, empty where it shows none. digits: boxes, where they are known."""

    path: Path
    number: str
    digits: tuple[tuple[int, Box], ...] = ()


@dataclass(frozen=True)
class PhotoScore:
    """What became of one photo. numbers: those reported, best first; rejected: digits of those that were not."""

    photo: NumberPhoto
    numbers: tuple[Number, ...]
    milliseconds: float
    rejected: tuple[Digit, ...] = ()

    @property
    def right(self) -> bool:
        """The best number is the one in the photo; nothing is reported where there is none."""
        best = self.numbers[0].text if self.numbers else ""
        return best == self.photo.number


@dataclass(frozen=True)
class NumberEvaluation:
    """A reader on one set of photos.

    n, right: photos, and those whose best number is right. reported: numbers at the default confidence;
    false_numbers: of those, how many are no number of their photo. Of photos whose digits have boxes: digits, seen,
    said: all labelled ones, all that were found, and all in reported numbers; found: those found at a labelled place;
    told, right_digits: those reported at a labelled place, and those also read right.
    calibration_error: expected, of the reported numbers' confidences; bins: the plot of them. mistakes: file,
    number, what was read, confidence.
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
    told: int
    right_digits: int
    calibration_error: float
    bins: tuple[Bin, ...]
    milliseconds: float
    mistakes: tuple[tuple[str, str, str, float], ...]

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
            "ece": self.calibration_error if math.isfinite(self.calibration_error) else None,
            "calibration": bins_to_plain(self.bins),
            "milliseconds": self.milliseconds,
            "mistakes": [
                {"file": file, "number": number, "read": read, "confidence": round(confidence, 4)}
                for file, number, read, confidence in self.mistakes
            ],
        }
        if self.digits:
            plain |= {
                "digits": self.digits,
                "detection_f1": _f1(self.found, self.digits, self.seen),
                "reported_f1": _f1(self.told, self.digits, self.said),
                "digit_f1": _f1(self.right_digits, self.digits, self.said),
            }
        return plain


def _f1(hits: int, wanted: int, said: int) -> float:
    return 2 * hits / (wanted + said) if wanted + said else 0.0


def evaluate_numbers(
    reader: PhotoReader,
    photos: Sequence[NumberPhoto],
    *,
    data: str,
    tell: Callable[[int], None] | None = None,
) -> NumberEvaluation:
    """Read every photo. tell: called with the count done. Raises InputError for a photo that can't be read."""
    results = []
    for count, photo in enumerate(photos):
        reading = reader.read(load_image(photo.path))
        results.append(PhotoScore(photo, reading.numbers, reading.milliseconds, reading.rejected))
        if tell is not None:
            tell(count + 1)
    return summarise(results, data=data)


def summarise(results: Sequence[PhotoScore], *, data: str) -> NumberEvaluation:
    """The figures of photos that have been read."""
    numbers = [(r, n) for r in results for n in r.numbers]
    right = np.array([n.text == r.photo.number for r, n in numbers], bool)
    error, bins = calibration(np.array([n.confidence for _, n in numbers]), right)
    digits = seen = said = found = told = right_digits = 0
    for result in (r for r in results if r.photo.digits):
        places = [b for _, b in result.photo.digits]
        own = [d for n in result.numbers for d in n.digits]
        every = [*own, *result.rejected]
        pairs = match_boxes(places, [d.box for d in own])
        digits, seen, said = digits + len(places), seen + len(every), said + len(own)
        found, told = found + len(match_boxes(places, [d.box for d in every])), told + len(pairs)
        right_digits += sum(result.photo.digits[i][0] == own[j].digit for i, j in pairs)
    mistakes = tuple(
        (
            r.photo.path.name, r.photo.number, " ".join(n.text for n in r.numbers),
            r.numbers[0].confidence if r.numbers else 0.0,
        )
        for r in results
        if not r.right
    )  # fmt: skip
    return NumberEvaluation(
        data, len(results), sum(r.right for r in results), len(numbers), int((~right).sum()), digits, seen,
        said, found, told, right_digits, error, bins,
        statistics.median([r.milliseconds for r in results] or [0.0]), mistakes,
    )  # fmt: skip


def match_boxes(wanted: Sequence[Box], found: Sequence[Box]) -> list[tuple[int, int]]:
    """Pairs of places whose boxes overlap by SAME_PLACE or more, the best first, each box once."""
    overlaps = sorted(
        ((a.iou(b), i, j) for i, a in enumerate(wanted) for j, b in enumerate(found)), reverse=True
    )
    pairs: list[tuple[int, int]] = []
    for share, i, j in overlaps:
        if share >= SAME_PLACE and all(i != a and j != b for a, b in pairs):
            pairs.append((i, j))
    return pairs


def number_photos(places: Places, name: str) -> list[NumberPhoto]:
    """The photos kept out of training: svhn-numbers, svhn, signs or backgrounds.

    Raises DataError where they are not here or damaged, and for other names.
    """
    if name not in NUMBER_SOURCES:
        raise DataError(f"There are no photos “{name}”; there are {', '.join(NUMBER_SOURCES)}.")
    return NUMBER_SOURCES[name](places)


def _svhn_numbers(places: Places) -> list[NumberPhoto]:
    found = svhn_extra.load_numbers(data_folder(places, "svhn_extra_numbers"), "dev")
    return [NumberPhoto(path, number) for path, number in found]


def _svhn(places: Places) -> list[NumberPhoto]:
    return [
        NumberPhoto(p.path, "".join(map(str, p.digits)), tuple(zip(p.digits, p.boxes, strict=True)))
        for p in svhn.boxed_photos(data_folder(places, "svhn"), "dev")
    ]


def _signs(places: Places) -> list[NumberPhoto]:
    return labelled_folder(data_folder(places, "signs"))


def labelled_folder(folder: Path) -> list[NumberPhoto]:
    """Photos of a folder with a `labels.csv` (file, number); of A888 the digits count.

    Raises DataError where there is no such table, or it is damaged.
    """
    table = folder / "labels.csv"
    try:
        with table.open(newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
    except OSError as error:
        raise DataError(f"{table} can't be read ({error.strerror}).") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"{table} is damaged: it is not a table of text.") from error
    photos = []
    for row in rows:
        if not row.get("file") or row.get("number") is None:
            raise DataError(f"{table} has a line without a file or a number.")
        digits = "".join(c for c in row["number"] if c.isascii() and c.isdigit())
        photos.append(NumberPhoto(folder / row["file"], digits))
    return photos


def _backgrounds(places: Places) -> list[NumberPhoto]:
    folder = backgrounds_folder(places)
    if folder is None:
        raise DataError(
            "The folder backgrounds is not here; say where the data is with --data-dir or GNC_DATA."
        )
    return [NumberPhoto(path, "") for path in background_files(folder, "dev")]


NUMBER_SOURCES: dict[str, Callable[[Places], list[NumberPhoto]]] = {
    "svhn-numbers": _svhn_numbers,
    "svhn": _svhn,
    "signs": _signs,
    "backgrounds": _backgrounds,
}
"""Photos kept out of training, by the names that `gnc evaluate --data` knows."""


def describe(found: NumberEvaluation) -> str:
    """One paragraph for people."""
    plain = found.to_dict()
    low, high = plain["interval95"]
    text = (
        f"{found.data}: {found.right} of {found.n} photos right, {found.right / max(found.n, 1):.1%} "
        f"({low:.1%} to {high:.1%}); {found.false_numbers} of {found.reported} reported numbers are wrong; "
        f"{found.milliseconds:.1f} ms a photo"
    )
    if found.digits:
        text += (
            f"; digits found F1 {plain['detection_f1']:.3f}, in reported numbers {plain['reported_f1']:.3f}, and read "
            f"right {plain['digit_f1']:.3f}"
        )
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
            found = evaluate_numbers(reader, number_photos(places, name), data=name)
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
