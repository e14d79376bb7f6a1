"""The list of all runs: what the runs folder holds, notes, deletion to the trash. No Qt."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from core.recipes import Recipe
from training.outcomes import Outcome
from training.run_state import Status


@dataclass(frozen=True)
class RunSummary:
    """One row of the list of runs.

    best_dev_cost, test_accuracy (over all test images), duration (seconds of training): NaN where there is
    none yet. date: when it was created, seconds since the epoch. recipe: None where recipe.json is damaged.
    """

    path: Path
    recipe_name: str
    recipe: Recipe | None
    status: Status
    epoch: int
    epochs: int
    best_epoch: int
    best_dev_cost: float
    test_accuracy: float
    test_n: int
    duration: float
    date: float
    notes: str
    outcome: Outcome | None
    can_resume: bool
    has_model: bool

    @property
    def name(self) -> str:
        return self.path.name


@dataclass(frozen=True)
class Difference:
    """One row of the table that compares recipes: a dotted field name and each recipe's value as text."""

    field: str
    label: str
    values: tuple[str, ...]


def recipe_differences(recipes: list[Recipe]) -> list[Difference]:
    """The fields in which the recipes are not all alike, in the order of the form."""
    raise NotImplementedError
