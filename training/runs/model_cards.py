"""What model files say of themselves: their kind, and how good each recipe got for us.

A model file says in its metadata which kind it is, which recipe it is of and what its test phase measured.
Only that is read here: opening the model itself would take a second. A file that can't be read shows nothing.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.base.errors import DataError
from core.base.files import read_json
from core.reading.model_file import read_metadata
from core.recipes.source_names import source_name
from core.runs.file_names import RECIPE
from training.runs.model_kinds import Kind, kind_of_network
from training.ui import wording

__all__ = [
    "Figure", "Kind", "figures_by_recipe", "kind_of", "kind_of_run", "title_of",
]  # fmt: skip


TITLES = {
    "mnist": "MNIST", "svhn": "SVHN", "svhn-numbers": "house numbers", "strokes": "UNIPEN pen strokes",
    "crohme": "CROHME pen strokes", "cvl": "CVL", "dida": "DIDA", "meter-tenths": "meters between two digits",
    "fonts": "fonts", "meter": "meters", "corrections": "your corrections",
    "corrections-numbers": "your numbers", "corrections-empty": "your photos without a number",
    "made-numbers": "made numbers", "folder": "your own folder",
    "non-digits": "no digit", "made-photos": "made photos",
    "line-fonts": "made rows: fonts", "line-pens": "made rows: handwriting", "line-painted": "made rows: painted",
    "line-segments": "made rows: seven segments", "line-dots": "made rows: dot matrix",
    "line-counters": "made rows: rotating counters", "line-empty": "made rows without digits",
    "hwd1000": "HwD-1000", "seed_test": "seed test", "signs": "signs", "all": "all together", "scenes": "made scenes",
    "backgrounds": "photos without numbers",
}  # fmt: skip
_ORDER = ("mnist", "hwd1000", "svhn-numbers", "signs", "svhn", "strokes", "fonts", "meter")


def kind_of(model: Path) -> Kind:
    """The kind in a model file's metadata; without one, the kind its run was to train, or else a classifier.

    So a damaged detector is still refused as a detector, and never offered to read single digits.
    """
    try:
        return Kind(read_metadata(model)["kind"])
    except (ValueError, KeyError):
        return kind_of_run(model.parent)


def kind_of_run(run: Path) -> Kind:
    """What a run trains, by its recipe; a classifier if the recipe is missing or damaged."""
    try:
        recipe = read_json(run / RECIPE)
    except DataError:
        return Kind.CLASSIFIER
    network = recipe.get("network") if isinstance(recipe, dict) else None
    return kind_of_network(str(network))


def title_of(data: str) -> str:
    """The name of a data set for people."""
    return TITLES.get(source_name(data), data)


@dataclass(frozen=True)
class Figure:
    """One figure of a model: data set, how many images, share right."""

    data: str
    n: int
    accuracy: float

    @property
    def text(self) -> str:
        """“99.62% on MNIST”."""
        return f"{wording.accuracy(self.accuracy)} on {title_of(self.data)}"


def figures_by_recipe(folder: Path) -> dict[str, tuple[Figure, ...]]:
    """Each recipe's figures, the best known data sets first; of two models of a recipe, the later file's."""
    found = {}
    for path in sorted(folder.glob("*.onnx")):
        try:
            said = read_metadata(path)
            recipe, body = said["recipe"], json.loads(said["figures"])
            figures = [f for data, values in body.items() if (f := _figure(data, values)) is not None]
        except (ValueError, KeyError, AttributeError):
            continue
        figures.sort(key=lambda f: (_ORDER.index(f.data) if f.data in _ORDER else len(_ORDER), f.data))
        if figures:
            found[recipe] = tuple(figures)
    return found


def _figure(data: str, values: Any) -> Figure | None:
    """None for a figure of another kind than a share right."""
    try:
        return Figure(str(data), int(values["n"]), float(values["accuracy"]))
    except (KeyError, TypeError, ValueError):
        return None
