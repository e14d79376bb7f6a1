"""Every set that is here, measured one after the other: whole numbers, pictures without any, digits, drawings."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.base.errors import DataError
from core.base.paths import Places
from core.evaluation.digit_sets import labelled_crops
from core.evaluation.drawings import DrawingEvaluation, evaluate_drawings, made_drawings
from core.evaluation.metrics import Evaluation, bins_to_plain, calibration, evaluate_predictions
from core.evaluation.number_scoring import NumberReader
from core.evaluation.numbers import NumberEvaluation
from core.evaluation.photo_sets import EMPTY, NUMBERS, PHOTO_SETS, SINGLE
from core.reading.classifier import Classifier
from core.reading.drawing_reader import DrawingReader

DIGITS = "digits"
"""Beside the kinds of photo sets: crops of single digits, which the classifier reads."""

DRAWINGS = "drawings"
"""Numbers drawn with a pen, made of real strokes, which the Draw page's reader reads."""
DRAWINGS_TITLE = "numbers drawn with a pen"
DRAWINGS_COUNT = 1000

KINDS = (NUMBERS, EMPTY, SINGLE, DIGITS, DRAWINGS)

DIGIT_SETS = {
    "cvl": "CVL, pen on forms",
    "dida": "DIDA, church books",
    "crohme": "CROHME, pen strokes",
    "strokes": "UNIPEN, pen strokes",
    "mnist": "MNIST, test",
    "hwd1000": "drawn by one hand",
    "seed_test": "35 images of many kinds",
    "meter": "counters at rest",
    "meter-tenths": "counters, nearly at rest",
    "chars74k": "Chars74K's fonts",
    "svhn": "digits of the SVHN photos 201 to 256",
}
"""Single digits by the names of `core.evaluation.digit_sets`, with titles for people."""


@dataclass(frozen=True)
class SetResult:
    """One set. name: as on the command line. title: for people. kind: DIGITS, DRAWINGS or one of `photo_sets`."""

    name: str
    title: str
    kind: str
    found: NumberEvaluation | Evaluation | DrawingEvaluation

    def to_dict(self) -> dict[str, Any]:
        """Plain values, as `gnc evaluate --json` prints them."""
        return {"data": self.name, "kind": self.kind, **self.found.to_dict()}


def evaluate_all(
    reader: NumberReader,
    classifier: Classifier,
    places: Places,
    *,
    kinds: Collection[str] = KINDS,
    limit: int | None = None,
    on_absent: Callable[[str], None],
) -> Iterator[SetResult]:
    """Each set of these kinds as soon as it is measured. limit: so many pictures a set.

    on_absent: called with a sentence about each set that is not here. Raises InputError for what is here and damaged.
    """
    for photos in (one for one in PHOTO_SETS if one.kind in kinds):
        try:
            found = photos.evaluate(reader, places, limit=limit)
        except DataError as error:
            on_absent(str(error))
            continue
        yield SetResult(photos.name, photos.title, photos.kind, found)
    for name, title in DIGIT_SETS.items() if DIGITS in kinds else ():
        try:
            crops = labelled_crops(name, size=classifier.info.input_size, places=places).limited(limit)
        except DataError as error:
            on_absent(str(error))
            continue
        yield SetResult(
            name, title, DIGITS, evaluate_predictions(crops.probabilities(classifier), crops.labels)
        )
    if DRAWINGS in kinds:
        try:
            yield evaluate_pens(classifier, places, limit=limit)
        except DataError as error:
            on_absent(str(error))


def evaluate_pens(classifier: Classifier, places: Places, *, limit: int | None = None) -> SetResult:
    """Drawn numbers of the writers that are kept for validation. Raises DataError where no pen strokes are here."""
    made = made_drawings(places, min(limit or DRAWINGS_COUNT, DRAWINGS_COUNT))
    found = evaluate_drawings(DrawingReader(classifier), made)
    return SetResult(DRAWINGS, DRAWINGS_TITLE, DRAWINGS, found)


def all_numbers(results: Sequence[SetResult]) -> dict[str, Any]:
    """What holds of the sets of whole numbers together, as plain values: photos, right ones, calibration."""
    found = [r.found for r in results if r.kind == NUMBERS and isinstance(r.found, NumberEvaluation)]
    judged = [pair for one in found for pair in one.judged]
    error, bins = calibration(
        np.array([c for c, _ in judged]), np.array([right for _, right in judged], bool)
    )
    n, right = sum(one.n for one in found), sum(one.right for one in found)
    return {
        "data": "all",
        "kind": NUMBERS,
        "n": n,
        "right": right,
        "accuracy": right / n if n else 0.0,
        "reported": len(judged),
        "false_numbers": sum(one.false_numbers for one in found),
        "ece": error if judged else None,
        "calibration": bins_to_plain(bins),
    }
