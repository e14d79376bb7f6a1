"""The end of a run: every source measured on images it never trained on, and the worst mistakes kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from core.augmentation.augment import plain_view
from core.base.files import write_json, written_aside
from core.evaluation.metrics import Evaluation, evaluate_predictions
from core.evaluation.test_file import (
    CLASSIFIER,
    MISTAKES_SHEET,
    Mistake,
    SourceResult,
    TestReport,
    digit_name,
)
from core.runs.events import Evaluated
from core.runs.folder import RunFolder
from core.train.samples import Samples

MISTAKES = 400
COLUMNS = 20
CROP = 32


def run_test_phase(
    parts: Mapping[str, Samples],
    predict: Callable[[Samples], Tensor],
    run: RunFolder,
    *,
    not_measured: Mapping[str, str] | None = None,
) -> tuple[list[Evaluated], dict[str, Any]]:
    """Measure every part and write `test.json` and the sheet of mistakes into the run's folder.

    predict: samples -> calibrated probabilities (N, K) on the CPU. not_measured: by source why there is no figure of
    it. Returns the events and, by source, the figures a model file carries (n, accuracy, interval95).
    """
    evaluated, figures, results = [], {}, []
    mistakes: list[tuple[float, str, int, int, NDArray[np.uint8]]] = []
    everything: list[tuple[NDArray[np.floating], NDArray[np.int64]]] = []
    for name, samples in parts.items():
        probabilities, labels = predict(samples).numpy(), samples.labels.numpy()
        everything.append((probabilities, labels))
        evaluation = evaluate_predictions(probabilities, labels)
        results.append(SourceResult(name, evaluation))
        figures[name] = _figures(evaluation)
        evaluated.append(
            Evaluated(
                source=name, n=evaluation.n, accuracy=evaluation.accuracy, interval95=evaluation.interval95,
                cost=evaluation.cost,
            )
        )  # fmt: skip
        mistakes += _mistakes(name, samples, probabilities, labels)
    whole = None
    if everything:
        probabilities, labels = (np.concatenate(arrays) for arrays in zip(*everything, strict=True))
        whole = SourceResult("all", evaluate_predictions(probabilities, labels))
    mistakes.sort(key=lambda mistake: -mistake[0])
    mistakes = mistakes[:MISTAKES]
    _write_sheet([crop for *_, crop in mistakes], run)
    report = TestReport(
        CLASSIFIER,
        whole,
        tuple(results),
        tuple(
            Mistake(source, digit_name(label), digit_name(digit), confidence, index)
            for index, (confidence, source, label, digit, _) in enumerate(mistakes)
        ),
        MISTAKES_SHEET,
        CROP,
        COLUMNS,
        not_measured=dict(not_measured or {}),
    )
    write_json(run.test, report.to_json())
    return evaluated, figures


def _figures(evaluation: Evaluation) -> dict[str, Any]:
    return {
        "n": evaluation.n,
        "accuracy": round(evaluation.accuracy, 5),
        "interval95": [round(v, 5) for v in evaluation.interval95],
    }


def _mistakes(
    name: str, samples: Samples, probabilities: NDArray[np.floating], labels: NDArray[np.int64]
) -> list[tuple[float, str, int, int, NDArray[np.uint8]]]:
    """(confidence of the wrong answer, source, label, answer, crop), at most MISTAKES, surest first."""
    answers = probabilities.argmax(1)
    wrong = np.flatnonzero(answers != labels)
    wrong = wrong[np.argsort(-probabilities[wrong, answers[wrong]])][:MISTAKES]
    crops = plain_view(samples.images[wrong], samples.is_ink[wrong], CROP)[:, 0]
    crops_uint8 = (crops * 255).round().byte().numpy()
    return [
        (float(probabilities[i, answers[i]]), name, int(labels[i]), int(answers[i]), crop)
        for i, crop in zip(wrong, crops_uint8, strict=True)
    ]


def _write_sheet(crops: list[NDArray[np.uint8]], run: RunFolder) -> None:
    """The crops in rows of COLUMNS, without gaps; one empty row where there are none."""
    rows = max(1, -(-len(crops) // COLUMNS))
    sheet = np.zeros((rows * CROP, COLUMNS * CROP), np.uint8)
    for index, crop in enumerate(crops):
        y, x = divmod(index, COLUMNS)
        sheet[y * CROP : (y + 1) * CROP, x * CROP : (x + 1) * CROP] = crop
    with written_aside(run.path / MISTAKES_SHEET) as file:
        Image.fromarray(sheet).save(file, format="PNG")
