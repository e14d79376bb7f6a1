"""New recipes from old ones: what the buttons under an ended run start. Pure, no Qt."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from core.recipes.recipe import Recipe

_LARGEST_SEED = 2**31 - 1


def with_another_seed(recipe: Recipe, *, seed: int | None = None) -> Recipe:
    """The same training from another start of the random numbers; without `seed`, the next one."""
    if seed is None:
        seed = recipe.seed + 1 if recipe.seed < _LARGEST_SEED else 0
    return dataclasses.replace(recipe, seed=seed)


def from_weights(recipe: Recipe, model: Path) -> Recipe:
    """A new training that starts from the weights of `model`, a run's `best_model.pt`."""
    return dataclasses.replace(recipe, start_from=str(model))


def with_half_batch(recipe: Recipe) -> Recipe:
    """Half the memory per step. The learning rate follows (linearly, Goyal et al. 2017, arXiv:1706.02677)."""
    batch = max(2, recipe.batch_size // 2)
    rate = recipe.learning_rate * batch / recipe.batch_size
    return dataclasses.replace(recipe, batch_size=batch, learning_rate=max(rate, 1e-7))


def with_lower_rate(recipe: Recipe) -> Recipe:
    """A third of the learning rate: what helps most often where the cost became NaN."""
    # Two digits, as a person would write it.
    return dataclasses.replace(recipe, learning_rate=max(float(f"{recipe.learning_rate / 3:.2g}"), 1e-7))
