"""What a press of “Learn from my corrections” starts: which runs, from which models, for what was collected."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from core.base.errors import DataError, InputError
from core.base.files import read_json
from core.collection.numbers import NumberStore
from core.collection.split import held_in
from core.loaders.user_digits import UserDigitStore
from core.recipes.recipe import Recipe, recipe_named
from core.runs.file_names import BEST, BEST_ONNX
from core.runs.folder import RunFolder
from training.runs.model_kinds import Kind

RECIPES = {Kind.CLASSIFIER: "finetune", Kind.LINE: "finetune-line", Kind.DETECTOR: "finetune-detector"}


@dataclass(frozen=True)
class Collected:
    """How much there is. digits, numbers: to learn from. held: digits and numbers that are held back to measure on."""

    digits: int = 0
    numbers: int = 0
    held: int = 0

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """The kinds of models that can learn from it, in the order in which they do."""
        of_numbers = (Kind.LINE, Kind.DETECTOR) if self.numbers else ()
        return (Kind.CLASSIFIER, *of_numbers) if self.digits else of_numbers


def collected_in(corrections: Path) -> Collected:
    """What lies in a folder of corrections."""
    held = held_in(corrections)
    digits = [entry.origin.group in held for entry in UserDigitStore(corrections).entries()]
    numbers = [entry.group in held for entry in NumberStore.within(corrections).entries()[0]]
    return Collected(digits.count(False), numbers.count(False), sum(digits) + sum(numbers))


def recipe_to_learn(kind: Kind, present: Path) -> Recipe:
    """The recipe that goes on with the present model of a kind; with the shipped one where the present one's weights
    are not there, or are of another network."""
    recipe = recipe_named(RECIPES[kind])
    weights = present.parent / BEST
    if present.name != BEST_ONNX or not weights.exists():
        return recipe
    try:
        network = read_json(RunFolder(present.parent).recipe)["network"]
    except (DataError, InputError, KeyError, TypeError):
        return recipe
    return recipe.with_values({"start_from": str(weights)}) if network == recipe.network else recipe


def recipes_to_learn(found: Collected, present: Mapping[Kind, Path]) -> dict[Kind, Recipe]:
    """What is to be trained, one after another. present: the models that read now."""
    return {kind: recipe_to_learn(kind, present[kind]) for kind in found.kinds}
