"""Before a training starts: whether its sources are known, and what it takes over from the model it starts from."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from assets import MODELS
from core.base.errors import ModelError
from core.datasets.feeds import sources_of
from core.loaders.own.find import existing
from core.reading.model_file import read_setting
from core.recipes.recipe import SHIPPED, Recipe, RecipeError
from core.train import checkpoint


def check_recipe(recipe: Recipe) -> None:
    """Before anything is made for a run: whether all that its recipe names is there.

    Raises RecipeError for a source that is not known, DataError for a folder and ModelError for a file of weights
    that is missing or damaged.
    """
    check_sources(recipe)
    if recipe.data_folder:
        existing(Path(recipe.data_folder))
    for weights in (recipe.start_from, recipe.teacher):
        if weights and weights != SHIPPED:
            checkpoint.load(Path(weights).expanduser(), ("weights", "network"))


def check_sources(recipe: Recipe) -> None:
    """Raises RecipeError where a source is named that there is not for the recipe's network, whatever its share."""
    known = sources_of(recipe.network)
    for name in recipe.sources:
        if name not in known:
            raise RecipeError(f"sources.{name}", f"there is no such source; there are {', '.join(known)}.")


def settings_at_start(start_from: str, kind: str) -> dict[str, Any]:
    """How readings are made with the model that a training starts from; empty where its file says nothing of it.

    start_from: SHIPPED, or a run's `best_model.pt`, beside which its model file lies. kind: detector or line.
    """
    if not start_from:
        return {}
    path = MODELS / f"{kind}.onnx" if start_from == SHIPPED else Path(start_from).with_suffix(".onnx")
    try:
        found = json.loads(read_setting(path, "reader") or "{}")
    except (ModelError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
