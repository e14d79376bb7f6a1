"""New recipes from old ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.recipes.recipe import recipe_named
from training.window.run_commands import from_weights, with_another_seed, with_half_batch, with_lower_rate

QUICK = recipe_named("quick")


def test_another_seed() -> None:
    assert with_another_seed(QUICK).seed == QUICK.seed + 1
    assert with_another_seed(QUICK, seed=77).seed == 77
    assert with_another_seed(QUICK.with_values({"seed": 2**31 - 1})).seed == 0


def test_weights_of_a_run() -> None:
    assert from_weights(QUICK, Path("/runs/a/best_model.pt")).start_from == str(Path("/runs/a/best_model.pt"))


def test_half_the_batch_with_half_the_rate() -> None:
    half = with_half_batch(QUICK)
    assert half.batch_size == QUICK.batch_size // 2
    assert half.learning_rate == pytest.approx(QUICK.learning_rate / 2)
    assert with_half_batch(QUICK.with_values({"batch_size": 2})).batch_size == 2
    assert with_half_batch(QUICK.with_values({"batch_size": 3})).batch_size == 2


def test_lower_rate_stays_in_its_range() -> None:
    assert with_lower_rate(QUICK.with_values({"learning_rate": 3e-3})).learning_rate == 0.001
    assert with_lower_rate(QUICK.with_values({"learning_rate": 1e-7})).learning_rate == 1e-7
