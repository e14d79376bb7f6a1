"""The metadata of a file of weights survives writing and reading."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from core.base.errors import ModelError
from core.recipes.recipe import recipe_named
from core.train.about import About

PATH = Path("best_model.pt")


def test_there_and_back() -> None:
    recipe = recipe_named("line")
    about = About(
        network="line", recipe="line", epoch=3, seed=5, settings=json.dumps(recipe.to_dict()), sources={"cheques": 9},
        temperature=1.2, dev_cost=0.5, figures={"cheques": {"n": 4}},
    )  # fmt: skip
    assert About.from_dict(about.to_dict() | {"weights": {}, "format": 1}, PATH) == about
    assert about.recipe_used() == recipe


@pytest.mark.parametrize(
    "wrong", [{"epoch": "three"}, {"sources": [1]}, {"network": 3}, {"temperature": "hot"}]
)
def test_wrong_types_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ModelError, match=f"best_model.pt is damaged: .* its {next(iter(wrong))} "):
        About.from_dict({"network": "line"} | wrong, PATH)


def test_what_is_missing() -> None:
    with pytest.raises(ModelError, match="lacks network"):
        About.from_dict({"recipe": "line"}, PATH)
    with pytest.raises(ModelError, match="can't be read"):
        About(network="line", settings="{").recipe_used()
