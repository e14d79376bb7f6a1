"""Which runs a press of “Learn from my corrections” starts."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from core.base.files import write_json
from core.collection.numbers import NumberStore
from core.loaders.user_digits import UserDigitStore
from core.recipes.recipe import SHIPPED, recipe_named
from training.runs.learning import Collected, collected_in, recipe_to_learn, recipes_to_learn
from training.runs.model_kinds import KINDS, Kind

PRESENT = {kind: facts.shipped for kind, facts in KINDS.items()}


@pytest.mark.parametrize(
    ("found", "wanted"),
    [
        (Collected(), []),
        (Collected(digits=3), ["finetune"]),
        (Collected(numbers=1), ["finetune-line", "finetune-detector"]),
        (Collected(digits=3, numbers=1), ["finetune", "finetune-line", "finetune-detector"]),
    ],
)
def test_each_kind_learns_from_what_it_can(found: Collected, wanted: list[str]) -> None:
    recipes = recipes_to_learn(found, PRESENT)
    assert [recipe.name for recipe in recipes.values()] == wanted
    assert all(recipe.start_from == SHIPPED for recipe in recipes.values())


def test_what_is_held_back_is_not_learned(tmp_path: Path) -> None:
    assert collected_in(tmp_path) == Collected()
    for i in range(20):
        UserDigitStore(tmp_path).add([], np.full((20, 20), 90, np.uint8), i % 10)
        NumberStore.within(tmp_path).add(np.full((20, 40), i, np.uint8), f"{i}")
    found = collected_in(tmp_path)
    assert found.digits + found.numbers + found.held == 40
    assert min(found.digits, found.numbers, found.held) > 0


def test_it_goes_on_with_the_model_that_reads(tmp_path: Path) -> None:
    run = tmp_path / "finetune-line-1"
    model = run / "best_model.onnx"
    write_json(run / "recipe.json", recipe_named("line").to_dict())
    assert recipe_to_learn(Kind.LINE, model).start_from == SHIPPED, "its weights are gone"
    (run / "best_model.pt").touch()
    assert recipe_to_learn(Kind.LINE, model).start_from == str(run / "best_model.pt")
    assert recipe_to_learn(Kind.CLASSIFIER, model).start_from == SHIPPED, "another network"
    assert recipe_to_learn(Kind.LINE, run / "copy.onnx").start_from == SHIPPED
