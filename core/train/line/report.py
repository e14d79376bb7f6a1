"""The end of a line reader's run: its certainty is calibrated, its file written, and every validation row is read."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import onnxruntime as ort
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from core.base.errors import DataError
from core.base.files import write_json
from core.base.paths import Places
from core.datasets.line_rows import NAMES, inner_box
from core.evaluation.metrics import wilson
from core.evaluation.photo_sets import spread
from core.loaders.background_photos import read_gray
from core.loaders.number_photos import SOURCES as REAL
from core.loaders.number_photos import number_photos
from core.reading import ctc
from core.reading.line_format import cut_strip, network_input, spelled, strip_box
from core.reading.types import digits_of
from core.runs.events import Evaluated
from core.runs.folder import RunFolder
from core.train import checkpoint
from core.train.about import About
from core.train.export import export_line

TEMPERATURES = np.exp(np.linspace(np.log(0.6), np.log(3.0), 33))


def finish_line_run(
    network: nn.Module,
    batches: Sequence[Any],
    run: RunFolder,
    about: About,
    places: Places,
    *,
    limit: int | None = None,
) -> tuple[list[Evaluated], dict[str, str]]:
    """Write the model file and `test.json`. batches: validation rows, `line_task.LineBatch` each.

    limit: so many pictures of a set are read. Returns the events, and by set why there is no figure of it.
    """
    about = replace(about, temperature=fit_temperature(network, batches))
    export_line(network, about, run.best_onnx)
    evaluated, sources, figures = read_validation(run, places, limit)
    about = replace(about, figures=figures)
    export_line(network, about, run.best_onnx)
    checkpoint.save(run.best, about.to_dict() | {"weights": network.state_dict()})
    missing = {name: "it is not here." for name in NAMES if name in REAL and name not in sources}
    found = {"kind": "line", "temperature": about.temperature, "sources": sources, "not_measured": missing}
    write_json(run.test, found)
    return evaluated, missing


@torch.no_grad()
def fit_temperature(network: nn.Module, batches: Sequence[Any]) -> float:
    """What divides the logits so that whole texts are as likely as they say, by their cost on validation rows.

    Guo et al., "On Calibration of Modern Neural Networks" (2017), with the cost of a text in place of a class's.
    """
    logits = [network(batch.x_B1HW).float() for batch in batches]
    costs = [
        sum(
            float(_costs(out / temperature, batch).clamp_max(30).sum())
            for out, batch in zip(logits, batches, strict=True)
        )
        for temperature in TEMPERATURES
    ]
    return round(float(TEMPERATURES[int(np.argmin(costs))]), 3)


def _costs(logits: Tensor, batch: Any) -> Tensor:
    steps = torch.full_like(batch.lengths, logits.shape[1])
    log_probs = logits.log_softmax(-1).transpose(0, 1)
    return F.ctc_loss(log_probs, batch.classes, steps, batch.lengths, reduction="none", zero_infinity=True)


def read_validation(
    run: RunFolder, places: Places, limit: int | None = None
) -> tuple[list[Evaluated], dict[str, Any], dict[str, Any]]:
    """Read the validation pictures of all sets that are here with `best_model.onnx`, each cut as live strips are.

    Returns events, what test.json holds of each set, and the figures a model file carries. n, right: rows whose
    digits are right; written: rows of sets with whole texts that are right in every character.
    """
    session = ort.InferenceSession(str(run.best_onnx), providers=["CPUExecutionProvider"])
    evaluated, sources, figures = [], {}, {}
    for name in NAMES:
        if name not in REAL:
            continue
        try:
            photos = spread(number_photos(places, name, "validation"), limit)
        except DataError:
            continue
        right, written, costs, sure, mistakes = 0, 0, [], [], []
        for photo in photos:
            gray = read_gray(photo.file)
            strip = cut_strip(gray, strip_box(photo.box or inner_box(name, gray.shape)))
            log_probs = session.run(["log_probs"], {"images": network_input(strip)})[0][0]
            best = ctc.beam(log_probs)[0]
            is_right = digits_of(best.text) == photo.digits
            right += is_right
            written += best.text == spelled(photo.written)
            costs.append(-ctc.text_log_prob(log_probs, spelled(photo.written)) / max(len(photo.written), 1))
            sure.append((best.probability, is_right))
            if not is_right:
                mistakes.append([photo.file.name, photo.written, best.text, round(best.probability, 3)])
        low, high = wilson(right, len(photos))
        accuracy, cost = right / max(len(photos), 1), float(np.mean(costs)) if costs else float("nan")
        evaluated.append(
            Evaluated(source=name, n=len(photos), accuracy=accuracy, interval95=(low, high), cost=cost)
        )
        figures[name] = {"n": len(photos), "right": right, "accuracy": accuracy, "interval95": [low, high]}
        whole = bool(photos) and photos[0].is_whole
        sources[name] = figures[name] | {
            "cost": cost, "written": written if whole else None, "ece": _ece(sure), "mistakes": mistakes[:100],
        }  # fmt: skip
    return evaluated, sources, json.loads(json.dumps(figures))


def _ece(sure: Sequence[tuple[float, bool]], bins: int = 10) -> float:
    """Mean distance between how sure readings are and how many of those are right, over bins of sureness."""
    if not sure:
        return 0.0
    confidence, right = (np.array(part, float) for part in zip(*sure, strict=True))
    place = np.minimum((confidence * bins).astype(int), bins - 1)
    total = 0.0
    for b in range(bins):
        own = place == b
        if own.any():
            total += own.mean() * abs(confidence[own].mean() - right[own].mean())
    return float(total)
