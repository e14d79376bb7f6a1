"""Which model files there are to read with: the shipped one, those of training runs, those opened before."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from assets import MODELS
from core import runs
from core.errors import DataError

SHIPPED = MODELS / "classifier.onnx"
_MOST_RUNS = 10
_MOST_OPENED = 5
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True)
class ModelChoice:
    """name: for people. from_run: it was trained here, by the run whose folder holds it."""

    name: str
    path: Path
    from_run: bool = False


def model_name(path: Path) -> str:
    """What people call a model file: "shipped", its run ("general 12 Nov 14:03") or its file name."""
    if path == SHIPPED:
        return "shipped"
    if path.name == runs.BEST_ONNX:
        return _run_name(path.parent.name)
    return path.stem


def list_models(runs_folder: Path, opened: Sequence[Path] = ()) -> list[ModelChoice]:
    """The shipped model, then the newest runs that have one, then files opened before and still there."""
    choices = [ModelChoice(model_name(SHIPPED), SHIPPED)]
    try:
        found = [
            (p.stat().st_mtime, p)
            for p in runs_folder.glob(f"*/{runs.BEST_ONNX}")
            if not _is_detector(p.parent)
        ]
    except OSError:
        found = []  # the folder is on a disk that is gone; what there is besides is still offered
    for _, path in sorted(found, reverse=True)[:_MOST_RUNS]:
        choices.append(ModelChoice(model_name(path), path, from_run=True))
    known = {choice.path for choice in choices}
    for path in opened[:_MOST_OPENED]:
        if path not in known and path.is_file():
            choices.append(ModelChoice(model_name(path), path))
    return choices


def _is_detector(run: Path) -> bool:
    """Whether a run trained a detector, which reads no single digits. A damaged recipe settles nothing."""
    try:
        recipe = runs.read_json(run / runs.RECIPE)
    except DataError:
        return False
    return isinstance(recipe, dict) and recipe.get("network") == "detector"


def _run_name(folder: str) -> str:
    """`general-20251112-140312-ab12` → "general 12 Nov 14:03"."""
    parts = re.fullmatch(r"(.+)-\d{4}(\d\d)(\d\d)-(\d\d)(\d\d)\d\d-\w+", folder)
    if parts is None or not 1 <= int(parts[2]) <= 12:
        return folder
    return f"{parts[1]} {int(parts[3])} {_MONTHS[int(parts[2]) - 1]} {parts[4]}:{parts[5]}"
