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
from core.datasets.detector_scenes import load_scene_assets
from core.evaluation.number_scoring import PhotoScore
from core.evaluation.numbers import NUMBER_SOURCES, NumberEvaluation, evaluate_numbers, summarise
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
from core.recipes.scenes import Scenes
from core.runs.events import Evaluated
from core.runs.folder import RunFolder
from core.synthesis.scene import make_number, scene_random

TILE = 96
COLUMNS = 10
MOST = 200
MADE = "made-numbers"
MADE_NUMBERS = 200
_MADE = Scenes(size=320, handwritten=0.5, contrast_min=0.25, ornaments=0.0, faults=0.7)
_MADE_SEED = 99

Gray = NDArray[np.uint8]


def run_detector_test_phase(
    run: RunFolder, places: Places
) -> tuple[list[Evaluated], dict[str, Any], dict[str, str]]:
    """Measure `best_model.onnx` with the shipped classifier (alone where none is shipped) on all photos that
    are here, and on made numbers in fonts that are kept out of training; write `test.json` and a sheet of the photos
    read wrong.

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
    for name, measure in _parts(places).items():
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


def _parts(places: Places) -> dict[str, Callable[[PhotoReader], tuple[NumberEvaluation, Pictures]]]:
    """By source what measures a reader on it; it raises DataError where the photos are not here."""
    parts = {name: partial(_measure_photos, places, name) for name in NUMBER_SOURCES}
    return {**parts, MADE: partial(_measure_made, places)}


def _measure_photos(places: Places, name: str, reader: PhotoReader) -> tuple[NumberEvaluation, Pictures]:
    photos = number_photos(places, name, "validation")
    return evaluate_numbers(reader, photos, data=name), {p.file.name: partial(_open, p.file) for p in photos}


def _open(path: Path) -> Gray:
    return to_gray(load_image(path))


def _measure_made(places: Places, reader: PhotoReader) -> tuple[NumberEvaluation, Pictures]:
    """Numbers by themselves, printed or written by hand, in fonts that no training uses."""
    assets = load_scene_assets(_MADE, places, "dev")
    if not len(assets.glyphs):
        raise DataError("there are no fonts to make numbers of.")
    results: list[PhotoScore] = []
    pictures: dict[str, Callable[[], Gray]] = {}
    for index in range(MADE_NUMBERS):
        image, number = make_number(scene_random(_MADE_SEED, index), _MADE, assets)
        file = Path(f"{MADE}-{index:03}")
        reading = reader.read(image)
        photo = NumberPhoto(file, MADE, "validation", number, number)
        results.append(PhotoScore(photo, reading.numbers, reading.milliseconds, reading.rejected))
        pictures[file.name] = partial(np.asarray, image)
    return summarise(results, data=MADE), pictures


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
