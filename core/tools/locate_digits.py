"""Finds where the digits of SVHN-extra's photos are: whole numbers without boxes → boxes.

    python -m core.tools.locate_digits --detector best_model.onnx --classifier classifier.onnx --out boxes.csv

Of the digits that a trained detector sees in a photo, those are chosen that best spell the photo's number, in
order. A photo is kept where nothing else that looks like a digit is left over (or the number was read by eye,
which saw no other) and at most one digit is read otherwise than the number says: such a digit teaches most. Train
again with the kept ones, and repeat. The table goes to `core/data/svhn_extra_boxes.csv`, from where detector and
classifier train on it.

    python -m core.tools.locate_digits --unlabelled

looks instead for what the boxes of SVHN's own photos leave out: of a wall with 44 and 44, or of 3-5, one number
alone has boxes. What both networks take for a digit there goes to `core/data/svhn_unlabelled.csv`: the detector
is not taught that it is none.
"""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from assets import MODELS
from core.base.errors import InputError
from core.base.files import csv_text, write_text
from core.base.paths import Places
from core.loaders import svhn
from core.loaders.background_photos import read_gray
from core.loaders.folders import data_folder
from core.loaders.svhn_extra import BOXES, load_numbers, read_checked
from core.reading.photo_reader import PhotoReader
from core.reading.types import Box, Digit

LOWEST = 0.15
"""Chance from which a digit that the detector sees may belong to the number."""
LEFT_OVER = 0.45
"""A digit of this probability that the number does not use counts against the number."""
WRONG = 0.2
"""A digit is read otherwise where the one it should be has a smaller probability."""


SURE = 0.5
"""Chance, by the detector, from which what has no box may be a digit all the same."""
NONE = 0.1
"""Chance of no digit at all, by both networks together, up to which."""


@dataclass(frozen=True)
class Seen:
    """A digit that the detector sees: chance that there is one, and of 0–9 each one's probability."""

    box: Box
    chance: float
    probabilities: tuple[float, ...]

    @classmethod
    def of(cls, digit: Digit, chance: float) -> Seen:
        return cls(digit.box, chance, digit.probabilities)


def align(number: str, seen: Sequence[Seen], *, alone: bool = False) -> list[Box] | None:
    """The boxes that spell a number best, in its order; None where they do not agree well enough.

    alone: the photo shows no other digit, whatever was seen.
    """
    if len(seen) < len(number):
        return None
    paths = [p for order in (_along(seen), _down(seen)) if (p := _best_path(number, order)) is not None]
    if not paths:
        return None
    _, chosen = max(paths, key=lambda path: path[0])
    height = sorted(s.box.h for s in chosen)[len(chosen) // 2]
    left_over = [
        s for s in seen
        if s not in chosen and s.chance >= LEFT_OVER and 0.6 * height < s.box.h < 1.7 * height
    ]  # fmt: skip
    wrong = sum(s.probabilities[int(d)] < WRONG for s, d in zip(chosen, number, strict=True))
    if (left_over and not alone) or wrong > (1 if len(number) > 1 else 0):
        return None
    return [s.box for s in chosen]


def _along(seen: Sequence[Seen]) -> list[Seen]:
    return sorted(seen, key=lambda s: s.box.x + s.box.w / 2)


def _down(seen: Sequence[Seen]) -> list[Seen]:
    return sorted(seen, key=lambda s: s.box.y + s.box.h / 2)


def _best_path(number: str, order: Sequence[Seen]) -> tuple[float, list[Seen]] | None:
    """The best score and choice of one digit for each of the number's, in order. Dynamic programming."""
    best: list[tuple[float, list[Seen]] | None] = [(_likeness(s, number[0]), [s]) for s in order]
    for digit in number[1:]:
        then: list[tuple[float, list[Seen]] | None] = [None] * len(order)
        for j, s in enumerate(order):
            for i in range(j):
                before = best[i]
                if before is None:
                    continue
                step = _step(before[1][-1].box, s.box)
                if step is None:
                    continue
                score = before[0] + _likeness(s, digit) + step
                known = then[j]
                if known is None or score > known[0]:
                    then[j] = (score, [*before[1], s])
        best = then
    ends = [b for b in best if b is not None]
    return max(ends, key=lambda e: e[0]) if ends else None


def _likeness(seen: Seen, digit: str) -> float:
    return math.log(seen.chance) + math.log(max(seen.probabilities[int(digit)], 0.02))


def _step(one: Box, other: Box) -> float | None:
    """How well two boxes fit as neighbours, 0 at best; None where they can't be."""
    height = (one.h + other.h) / 2
    across = abs(other.x + other.w / 2 - one.x - one.w / 2) / height
    down = abs(other.y + other.h / 2 - one.y - one.h / 2) / height
    apart, aside = max(across, down), min(across, down)
    taller = max(one.h / other.h, other.h / one.h)
    if not 0.15 < apart < 2.2 or aside > 0.9 or taller > 1.9:
        return None
    return -0.5 * aside - math.log(taller) - 0.3 * max(apart - 1.0, 0.0)


def find_boxes(
    reader: PhotoReader, photos: Iterable[tuple[Path, str]]
) -> Iterable[tuple[str, str, list[Box] | None]]:
    """(file name, number, boxes or None) of every photo. Raises DataError for a damaged one."""
    checked = read_checked()
    for path, number in photos:
        seen = [Seen.of(*found) for found in reader.look(read_gray(path), min_score=LOWEST)]
        yield path.name, number, align(number, seen, alone=path.name in checked)


def find_unlabelled(reader: PhotoReader, photos: Iterable[svhn.BoxedPhoto]) -> Iterable[tuple[str, Box]]:
    """(file name, box) of every likely digit that has no box. Raises DataError for a damaged photo."""
    for photo in photos:
        for digit, _ in reader.look(read_gray(photo.path), min_score=SURE):
            none = 1 - sum(digit.probabilities)
            if none < NONE and not any(_meet(digit.box, box) for box in photo.boxes):
                yield photo.path.name, digit.box


def _meet(one: Box, other: Box) -> bool:
    """Whether the middle of one box lies in the other."""
    x, y = one.x + one.w / 2, one.y + one.h / 2
    return other.x < x < other.x + other.w and other.y < y < other.y + other.h


def _four(box: Box) -> list[str]:
    return [f"{v:.1f}" for v in (box.x, box.y, box.w, box.h)]


def unlabelled_table(found: Iterable[tuple[str, Box]]) -> str:
    """The rows of `svhn_unlabelled.csv`."""
    return csv_text(("file", "x", "y", "w", "h"), ((file, *_four(box)) for file, box in found))


def table_of(found: Iterable[tuple[str, str, list[Box] | None]]) -> str:
    """The rows of `svhn_extra_boxes.csv` for the photos that agree."""
    rows = (
        (file, index, digit, *_four(box))
        for file, number, boxes in found
        for index, (digit, box) in enumerate(zip(number, boxes or (), strict=False))
    )
    return csv_text(("file", "index", "digit", "x", "y", "w", "h"), rows)


def main(argv: Sequence[str] | None = None) -> int:
    """`python -m core.tools.locate_digits`: write the table, say how many photos agree."""
    parser = argparse.ArgumentParser(
        prog="core.tools.locate_digits", description="Find the digits of whole numbers."
    )
    parser.add_argument("--detector", type=Path, default=MODELS / "detector.onnx")
    parser.add_argument(
        "--classifier", type=Path, help="a classifier's model file; without: the detector alone"
    )
    parser.add_argument("--data-dir", type=Path)
    parser.add_argument("--unlabelled", action="store_true", help="digits of SVHN's photos that have no box")
    parser.add_argument("--out", type=Path, help="instead of the table in the program's own folder")
    args = parser.parse_args(argv)
    try:
        reader = PhotoReader.load(args.detector, args.classifier)
        places = Places.find(data_dir=args.data_dir)
        if args.unlabelled:
            others = list(find_unlabelled(reader, svhn.boxed_photos(data_folder(places, "svhn"), "train")))
            table, summary = unlabelled_table(others), f"{len(others):,} digits have no box"
            out = args.out or svhn.UNLABELLED
        else:
            found = list(find_boxes(reader, load_numbers(data_folder(places, "svhn_extra_numbers"), "train")))
            kept = sum(boxes is not None for _, _, boxes in found)
            table, summary = table_of(found), f"{kept:,} of {len(found):,} photos agree"
            out = args.out or BOXES
    except InputError as error:
        sys.stderr.write(f"core.tools.locate_digits: {error}\n")
        return 2
    write_text(out, table)
    sys.stdout.write(f"{summary}: {out}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
