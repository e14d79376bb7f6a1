"""What tests of training share: a recipe that trains within a second."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from core.recipes.recipe import Augmentation, Recipe
from core.train import export
from tests.core.digit_folder import make_digit_folder


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture
def no_export(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exporting takes seconds and has tests of its own; only runs marked `slow` go all the way."""
    if not request.node.get_closest_marker("slow"):
        monkeypatch.setattr(export, "export_classifier", lambda network, about, path: 0.0)


@pytest.fixture
def recipe(tmp_path: Path) -> Recipe:
    """Three epochs of eight steps with everything that carries state: dropout, average, noise, a schedule."""
    return Recipe(
        name="tiny",
        summary="for tests",
        sources={"folder": 1.0},
        augmentation=Augmentation(rotate=10, noise=0.1, move=0.05),
        epochs=3,
        images_per_epoch=64,
        batch_size=8,
        learning_rate=1e-3,
        dropout=0.2,
        vote_cost=0.2,
        ema=0.9,
        precision="float32",
        data_folder=str(make_digit_folder(tmp_path / "digits")),
    )
