"""Which model files there are to read with: the shipped ones, those of training runs, those opened before."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from assets import MODELS
from core.runs.file_names import BEST_ONNX
from training.runs.model_cards import Kind, kind_of, kind_of_run

SHIPPED = MODELS / "classifier.onnx"
SHIPPED_DETECTOR = MODELS / "detector.onnx"
SHIPPED_LINE = MODELS / "line.onnx"
SHIPPED_FILES = {Kind.CLASSIFIER: SHIPPED, Kind.DETECTOR: SHIPPED_DETECTOR, Kind.LINE: SHIPPED_LINE}
_MOST_RUNS = 10
_MOST_OPENED = 5
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True)
class ModelChoice:
    """name: for people. from_run: it was trained here, by the run whose folder holds it.

    kind: a detector finds the digits in photos, a classifier says which they are, a line reader reads rows.
    """

    name: str
    path: Path
    from_run: bool = False
    kind: Kind = Kind.CLASSIFIER


def model_name(path: Path) -> str:
    """What people call a model file: "shipped", its run ("general 12 Nov 14:03") or its file name."""
    if path in SHIPPED_FILES.values():
        return "shipped"
    if path.name == BEST_ONNX:
        return _run_name(path.parent.name)
    return path.stem


def list_models(runs_folder: Path, opened: Sequence[Path] = ()) -> list[ModelChoice]:
    """Classifiers, then detectors, then line readers.

    Of each: the shipped one, then the newest runs that have one, then files opened before and still there. Where
    there is nothing but the shipped one, only that of the classifiers is listed.
    """
    try:
        found = [(p.stat().st_mtime, p) for p in runs_folder.glob(f"*/{BEST_ONNX}")]
    except OSError:
        found = []  # the folder is on a disk that is gone; what there is besides is still offered
    trained: dict[Kind, list[Path]] = {kind: [] for kind in Kind}
    for _, path in sorted(found, reverse=True):
        trained[kind_of_run(path.parent)].append(path)
    trained = {kind: paths[:_MOST_RUNS] for kind, paths in trained.items()}
    files: dict[Kind, list[Path]] = {kind: [] for kind in Kind}
    known = {*SHIPPED_FILES.values(), *(path for paths in trained.values() for path in paths)}
    for path in opened[:_MOST_OPENED]:
        if path not in known and path.is_file():
            files[kind_of(path)].append(path)
    choices = []
    for kind, shipped in SHIPPED_FILES.items():
        has_others = bool(trained[kind] or files[kind])
        if kind is Kind.CLASSIFIER or (has_others and shipped.is_file()):
            choices.append(ModelChoice(model_name(shipped), shipped, kind=kind))
        choices += [ModelChoice(model_name(p), p, True, kind) for p in trained[kind]]
        choices += [ModelChoice(model_name(p), p, False, kind) for p in files[kind]]
    return choices


def _run_name(folder: str) -> str:
    """`general-20251112-140312-ab12` → "general 12 Nov 14:03"."""
    parts = re.fullmatch(r"(.+)-\d{4}(\d\d)(\d\d)-(\d\d)(\d\d)\d\d-\w+", folder)
    if parts is None or not 1 <= int(parts[2]) <= 12:
        return folder
    return f"{parts[1]} {int(parts[3])} {_MONTHS[int(parts[2]) - 1]} {parts[4]}:{parts[5]}"
