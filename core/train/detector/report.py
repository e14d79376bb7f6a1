"""The end of a detector's run: every photo kept out of training is read, and what was read wrong is kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from assets import MODELS
from core.base.errors import DataError, ModelError
from core.base.files import write_json, written_aside
from core.base.opencv import cv2
from core.base.paths import Places
from core.evaluation.made_numbers import NAME as MADE
from core.evaluation.made_numbers import made_numbers
from core.evaluation.numbers import NUMBER_SOURCES, NumberEvaluation, evaluate_numbers
from core.evaluation.photo_sets import spread
from core.evaluation.test_file import (
    DETECTOR,
    MISTAKES_SHEET,
    Mistake,
    NumbersFound,
    SourceResult,
    TestReport,
    text_mistake,
)
from core.loaders.number_photos import number_photos
from core.reading.classifier import Classifier
from core.reading.detector import Detector
from core.reading.images import load_image, to_gray
from core.reading.photo_reader import PhotoReader
from core.runs.events import Evaluated
from core.runs.folder import RunFolder

TILE = 96
COLUMNS = 10
MOST = 200
Gray = NDArray[np.uint8]


def run_detector_test_phase(
    run: RunFolder, places: Places, limit: int | None = None
) -> tuple[list[Evaluated], dict[str, Any], dict[str, str]]:
    """Measure `best_model.onnx` with the shipped classifier (alone where none is shipped) on all photos that
    are here, and on made numbers in fonts that are kept out of training; write `test.json` and a sheet of the photos
    read wrong. limit: so many pictures of a set.

    Returns the events, by source the figures a model file carries, and by source why there is no figure of it. Whole
    numbers have no cross-entropy: the cost of the events is nan.
    """
    reader = PhotoReader(Detector.load(run.best_onnx), shipped_classifier())
    evaluated: list[Evaluated] = []
    figures: dict[str, Any] = {}
    results: list[SourceResult] = []
    mistakes: list[Mistake] = []
    not_measured: dict[str, str] = {}
    wrong: list[Gray] = []
    for name, measure in _parts(places, limit).items():
        try:
            found, pictures = measure(reader)
        except DataError as error:
            not_measured[name] = str(error)
            continue
        numbers = NumbersFound.from_json(found.to_dict())
        results.append(SourceResult(name, numbers))
        figures[name] = _figures(found)
        evaluated.append(
            Evaluated(
                source=name, n=found.n, accuracy=numbers.accuracy, interval95=numbers.interval95,
                cost=float("nan"),
            )
        )  # fmt: skip
        mistakes += [
            text_mistake(name, *mistake, len(mistakes) + at) for at, mistake in enumerate(found.mistakes)
        ]
        wrong += [pictures[file]() for file, *_ in found.mistakes[: MOST - len(wrong)]]
    _write_sheet(wrong, run)
    report = TestReport(
        DETECTOR, None, tuple(results), tuple(mistakes), MISTAKES_SHEET, TILE, COLUMNS,
        read_with=reader.classifier.info.run_id if reader.classifier else None, not_measured=not_measured,
    )  # fmt: skip
    write_json(run.test, report.to_json())
    return evaluated, figures, not_measured


Pictures = Mapping[str, Callable[[], Gray]]
"""By file what opens it."""


def _parts(
    places: Places, limit: int | None
) -> dict[str, Callable[[PhotoReader], tuple[NumberEvaluation, Pictures]]]:
    """By source what measures a reader on it; it raises DataError where the photos are not here."""
    parts = {name: partial(_measure_photos, places, limit, name) for name in NUMBER_SOURCES}
    return {**parts, MADE: partial(_measure_made, places, limit)}


def _measure_photos(
    places: Places, limit: int | None, name: str, reader: PhotoReader
) -> tuple[NumberEvaluation, Pictures]:
    photos = spread(number_photos(places, name, "validation"), limit)
    return evaluate_numbers(reader, photos, data=name), {p.file.name: partial(_open, p.file) for p in photos}


def _open(path: Path) -> Gray:
    return to_gray(load_image(path))


def _measure_made(
    places: Places, limit: int | None, reader: PhotoReader
) -> tuple[NumberEvaluation, Pictures]:
    """Numbers by themselves, in fonts that no training uses."""
    made = made_numbers(places)
    photos = spread(made.photos, limit)
    found = evaluate_numbers(reader, photos, data=MADE, picture=made.picture)
    return found, {photo.file.name: partial(made.picture, photo) for photo in photos}


def shipped_classifier() -> Classifier | None:
    """The classifier that ships with the program; None if it is missing."""
    try:
        return Classifier.load(MODELS / "classifier.onnx")
    except ModelError:
        return None


def _figures(found: NumberEvaluation) -> dict[str, Any]:
    plain = found.to_dict()
    kept = {key: plain[key] for key in ("n", "right", "accuracy", "interval95", "false_numbers")}
    if "detection_f1" in plain:
        kept |= {key: plain[key] for key in ("detection_f1", "reported_f1", "digit_f1")}
    return kept


def _write_sheet(photos: Sequence[Gray], run: RunFolder) -> None:
    """The photos in tiles, rows of COLUMNS; one empty row where there are none."""
    rows = max(1, -(-len(photos) // COLUMNS))
    sheet = np.zeros((rows * TILE, COLUMNS * TILE), np.uint8)
    for index, gray in enumerate(photos):
        scale = TILE / max(gray.shape)
        size = (max(1, round(gray.shape[1] * scale)), max(1, round(gray.shape[0] * scale)))
        tile = cv2.resize(gray, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
        y, x = divmod(index, COLUMNS)
        sheet[y * TILE : y * TILE + size[1], x * TILE : x * TILE + size[0]] = tile
    with written_aside(run.path / MISTAKES_SHEET) as file:
        Image.fromarray(sheet).save(file, format="PNG")
