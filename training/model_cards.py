"""How good each recipe got for us: the figures beside the shipped models. No Qt.

Beside a model lies a JSON file with at least {"recipe": NAME, "figures": {DATA: {"n", "accuracy", …}}}; the
models' own metadata hold the same. A file that can't be read shows nothing.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from training import wording

TITLES = {
    "mnist": "MNIST", "svhn": "SVHN", "svhn-numbers": "house numbers", "strokes": "pen strokes",
    "fonts": "fonts", "meter": "meters", "mine": "my own", "folder": "my folder", "nothing": "no digits",
    "hwd1000": "HwD-1000", "seed_test": "seed test", "signs": "signs", "all": "all together",
}  # fmt: skip
_ORDER = ("mnist", "hwd1000", "svhn-numbers", "signs", "svhn", "strokes", "fonts", "meter")


def title_of(data: str) -> str:
    """The name of a data set for people."""
    return TITLES.get(data, data)


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
    for path in sorted(folder.glob("*.json")):
        try:
            body = json.loads(path.read_text(encoding="utf-8"))
            figures = [_figure(data, values) for data, values in body["figures"].items()]
            recipe = str(body["recipe"])
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            continue
        figures.sort(key=lambda f: (_ORDER.index(f.data) if f.data in _ORDER else len(_ORDER), f.data))
        if figures:
            found[recipe] = tuple(figures)
    return found


def _figure(data: str, values: Any) -> Figure:
    return Figure(str(data), int(values["n"]), float(values["accuracy"]))
