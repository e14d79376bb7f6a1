"""The end of a detector's run: every photo kept out of training is read, and what was read wrong is kept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from PIL import Image

from assets import MODELS
from core.base.errors import DataError, ModelError
from core.base.files import write_json, written_aside
from core.base.opencv import cv2
from core.base.paths import Places
from core.evaluation.numbers import NUMBER_SOURCES, NumberEvaluation, evaluate_numbers
from core.evaluation.test_file import (
    DETECTOR,
    MISTAKES_SHEET,
    Mistake,
    NumbersFound,
    SourceResult,
    TestReport,
    text_mistake,
)
from core.loaders.number_photos import NumberPhoto, number_photos
from core.reading.classifier import Classifier
from core.reading.detector import Detector
from core.reading.images import load_image, to_gray
from core.reading.photo_reader import PhotoReader
from core.runs.events import Evaluated
from core.runs.folder import RunFolder

TILE = 96
COLUMNS = 10
MOST = 200


def run_detector_test_phase(run: RunFolder, places: Places) -> tuple[list[Evaluated], dict[str, Any]]:
    """Measure `best_model.onnx` with the shipped classifier (alone where none is shipped) on all photos that
    are here; write `test.json` and a sheet of the photos read wrong.

    Returns the events and, by source, the figures a model file carries. Whole numbers have no cross-entropy:
    the cost of the events is nan.
    """
    reader = PhotoReader(Detector.load(run.best_onnx), shipped_classifier())
    evaluated: list[Evaluated] = []
    figures: dict[str, Any] = {}
    results: list[SourceResult] = []
    mistakes: list[Mistake] = []
    wrong: list[NumberPhoto] = []
    for name in NUMBER_SOURCES:
        try:
            photos = number_photos(places, name, "validation")
        except DataError:
            continue
        found = evaluate_numbers(reader, photos, data=name)
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
        missed = {file for file, *_ in found.mistakes}
        wrong += [p for p in photos if p.file.name in missed]
    _write_sheet(wrong[:MOST], run)
    report = TestReport(
        DETECTOR, None, tuple(results), tuple(mistakes), MISTAKES_SHEET, TILE, COLUMNS,
        read_with=reader.classifier.info.run_id if reader.classifier else None,
    )  # fmt: skip
    write_json(run.test, report.to_json())
    return evaluated, figures


def shipped_classifier() -> Classifier | None:
    """The classifier that ships with the program, None where there is none yet."""
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


def _write_sheet(photos: Sequence[NumberPhoto], run: RunFolder) -> None:
    """The photos in tiles, rows of COLUMNS; one empty row where there are none."""
    rows = max(1, -(-len(photos) // COLUMNS))
    sheet = np.zeros((rows * TILE, COLUMNS * TILE), np.uint8)
    for index, photo in enumerate(photos):
        gray = to_gray(load_image(photo.file))
        scale = TILE / max(gray.shape)
        size = (max(1, round(gray.shape[1] * scale)), max(1, round(gray.shape[0] * scale)))
        tile = cv2.resize(gray, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
        y, x = divmod(index, COLUMNS)
        sheet[y * TILE : y * TILE + size[1], x * TILE : x * TILE + size[0]] = tile
    with written_aside(run.path / MISTAKES_SHEET) as file:
        Image.fromarray(sheet).save(file, format="PNG")
