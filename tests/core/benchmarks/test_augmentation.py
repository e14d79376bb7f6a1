"""The benchmark of augmentation, made short."""

from __future__ import annotations

import random

import pytest
import torch

from core.augmentation.augment import plain_view
from core.benchmarks import augmentation


def test_it_measures_every_figure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(augmentation, "ROUNDS", 1)
    figures = augmentation.benchmark()
    for name in ("seed_kinds", "general", "python_loops"):
        assert figures[f"{name}_images_per_second"] > 0
    assert figures["seed_kinds_times_stated_200"] == figures["seed_kinds_images_per_second"] / 200


def test_made_up_digits_look_like_ink_of_a_digits_size() -> None:
    digits = augmentation.made_up_digits(16)
    assert digits.dtype == torch.uint8
    view = plain_view(digits, torch.ones(16, dtype=torch.bool), 28)
    assert (view.mean((1, 2, 3)) > 0.05).all()
    assert (view.mean((1, 2, 3)) < 0.4).all()
    assert (view.amax((1, 2, 3)) > 0.9).all()


def test_the_yardstick_draws_digits_too() -> None:
    digit = augmentation.made_up_digits(4)[2].tolist()
    draw = random.Random(1)
    for _ in range(8):
        rows = torch.tensor(augmentation.augment_in_loops(digit, 28, draw))
        assert rows.shape == (28, 28)
        assert rows.min() >= 0
        assert rows.max() <= 1
        assert rows.std() > 0.005
