"""The metadata of a file of trained weights."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.base.errors import ModelError
from core.recipes.recipe import Recipe, RecipeError


@dataclass(frozen=True)
class About:
    """What weights are, and how they came about.

    network, recipe, run: names. epoch, images: how long they were trained. revision: of the code, with `+` where it
    was changed since. date: YYYY-MM-DD. seed: of the run. settings: the whole recipe, as JSON. sources: training
    images of each. temperature: divides the logits, so that confidences are honest. dev_cost: the lowest. reader: the
    settings of a detector's reader, or a line reader's. figures: of the test phase, by data set.
    """

    network: str
    recipe: str = ""
    run: str = ""
    epoch: int = 0
    images: int = 0
    revision: str = ""
    date: str = ""
    seed: int = 0
    settings: str = ""
    sources: Mapping[str, int] = field(default_factory=dict)
    temperature: float = 1.0
    dev_cost: float | None = None
    reader: Mapping[str, Any] = field(default_factory=dict)
    figures: Mapping[str, Any] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Plain values, as a file of weights holds them beside the weights."""
        values = {f.name: getattr(self, f.name) for f in dataclasses.fields(self)}
        return values | {name: dict(values[name]) for name in ("sources", "reader", "figures")}

    @classmethod
    def from_dict(cls, content: Mapping[str, Any], path: Path) -> About:
        """The metadata in the content of a file of weights; its other entries are ignored.

        Raises ModelError, which names `path`, where a value is of another type than it should be.
        """
        known = {f.name: f for f in dataclasses.fields(cls)}
        values = {name: value for name, value in content.items() if name in known}
        for name, value in values.items():
            wanted = _TYPES[known[name].type]
            if not isinstance(value, wanted):
                raise ModelError(f"{path} is damaged: what it says of its {name} can't be understood.")
        if "network" not in values:
            raise ModelError(f"{path} lacks network; take a file written by a training run.")
        return cls(**values)

    def recipe_used(self) -> Recipe:
        """The recipe it was trained by. Raises ModelError where it is missing or no longer understood."""
        try:
            return Recipe.from_dict(json.loads(self.settings))
        except (ValueError, TypeError, RecipeError) as error:
            raise ModelError(f"The recipe of {self.run or 'this model'} can't be read: {error}") from error


_TYPES: dict[Any, Any] = {
    "str": str, "int": int, "float": (int, float), "float | None": (int, float, type(None)),
    "Mapping[str, int]": Mapping, "Mapping[str, Any]": Mapping,
}  # fmt: skip
