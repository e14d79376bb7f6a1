"""The end of a line reader's run: its certainty is calibrated, its file written, and rows kept out of training are
read, those of real sets that are here and made ones, which are always here.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import onnxruntime as ort
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn

from core.base.errors import DataError
from core.base.files import write_json
from core.base.paths import Places
from core.datasets.line_rows import NAMES, inner_box, load_rows
from core.evaluation.metrics import wilson
from core.evaluation.photo_sets import spread, spread_indices
from core.loaders.background_photos import read_gray
from core.loaders.number_photos import SOURCES as REAL
from core.loaders.number_photos import number_photos
from core.reading import ctc
from core.reading.line_format import cut_strip, network_input, spelled, strip_box
from core.reading.types import Box, digits_of
from core.runs.events import Evaluated
from core.runs.folder import RunFolder
from core.synthesis.lines.frame import CONTENT, SIDE, TOP
from core.synthesis.lines.rows import KINDS
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
    evaluated, sources, figures, missing = read_validation(run, places, limit)
    about = replace(about, figures=figures)
    export_line(network, about, run.best_onnx)
    checkpoint.save(run.best, about.to_dict() | {"weights": network.state_dict()})
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


class RowToRead(NamedTuple):
    """A row to be read. strip: as the network takes it, (HEIGHT, W). written: what stands there, spelled. digits:
    those of it. is_whole: signs and letters are known too, not the digits alone."""

    name: str
    strip: NDArray[np.uint8]
    written: str
    digits: str
    is_whole: bool


def read_validation(
    run: RunFolder, places: Places, limit: int | None = None
) -> tuple[list[Evaluated], dict[str, Any], dict[str, Any], dict[str, str]]:
    """Read what is kept out of training with `best_model.onnx`, each row cut as live strips are: the validation
    images of all sets that are here, and rows made in fonts, hands and counters that no training uses.

    limit: so many rows of a set. Returns the events, what test.json holds of each set, the figures that a model file
    carries, and the reason for each set that was not measured. In test.json, `n` counts rows, `right` those whose
    digits are right, and `written` those that are right in every character, where a set has whole texts.
    """
    session = ort.InferenceSession(str(run.best_onnx), providers=["CPUExecutionProvider"])
    evaluated, sources, figures, missing = [], {}, {}, {}
    for name in NAMES:
        if name not in REAL and name not in KINDS:
            continue
        try:
            rows = list(_made_rows(places, name, limit) if name in KINDS else _real_rows(places, name, limit))
        except DataError as error:
            missing[name] = str(error)
            continue
        if not rows:
            missing[name] = "none of its rows are kept out of training."
            continue
        right, written, costs, sure, mistakes = 0, 0, [], [], []
        for row in rows:
            log_probs = session.run(["log_probs"], {"images": network_input(row.strip)})[0][0]
            best = ctc.beam(log_probs)[0]
            is_right = digits_of(best.text) == row.digits
            right += is_right
            written += best.text == row.written
            log_prob = ctc.text_log_prob(log_probs, row.written)
            if log_prob > ctc.NEVER:  # a text that doesn't fit the strip has no cost that could be averaged
                costs.append(-log_prob / max(len(row.written), 1))
            sure.append((best.probability, is_right))
            if not is_right:
                mistakes.append([row.name, row.written, best.text, round(best.probability, 3)])
        low, high = wilson(right, len(rows))
        accuracy, cost = right / len(rows), float(np.mean(costs)) if costs else float("nan")
        evaluated.append(
            Evaluated(source=name, n=len(rows), accuracy=accuracy, interval95=(low, high), cost=cost)
        )
        figures[name] = {"n": len(rows), "right": right, "accuracy": accuracy, "interval95": [low, high]}
        sources[name] = figures[name] | {
            "cost": cost, "written": written if rows[0].is_whole else None, "ece": _ece(sure),
            "mistakes": mistakes[:100],
        }  # fmt: skip
    return evaluated, sources, json.loads(json.dumps(figures)), missing


def _real_rows(places: Places, name: str, limit: int | None) -> Iterator[RowToRead]:
    for photo in spread(number_photos(places, name, "validation"), limit):
        gray = read_gray(photo.file)
        strip = cut_strip(gray, strip_box(photo.box or inner_box(name, gray.shape)))
        yield RowToRead(photo.file.name, strip, spelled(photo.written), photo.digits, photo.is_whole)


def _made_rows(places: Places, name: str, limit: int | None) -> Iterator[RowToRead]:
    """Ink as a scan shows it, dark on light; the rest as it was made."""
    rows = load_rows(places, name, "test")
    for at in spread_indices(len(rows), limit):
        row = rows.row(at)
        gray = 255 - row.picture if row.is_ink else row.picture
        box = Box(SIDE, TOP, row.picture.shape[1] - 2 * SIDE, CONTENT)
        yield RowToRead(
            f"{name}-{at:03}", cut_strip(gray, strip_box(box)), row.text, digits_of(row.text), True
        )


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
