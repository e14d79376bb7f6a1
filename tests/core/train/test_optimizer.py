"""Muon: what its steps are, that it learns, and that its state travels whole."""

from __future__ import annotations

import copy
import math

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from core.recipes.recipe import recipe_named
from core.train.optimizer import Muon, build_optimiser


def small_network() -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.Conv2d(4, 6, 3), nn.Flatten(), nn.Linear(96, 3)
    )


def muon(network: nn.Module) -> Muon:
    made = build_optimiser(network, recipe_named("general"))
    assert isinstance(made, Muon)
    return made


def step(network: nn.Module, optimiser: torch.optim.Optimizer, seed: int) -> float:
    x = torch.randn(8, 1, 8, 8, generator=torch.Generator().manual_seed(seed))
    cost = F.cross_entropy(network(x), (x.mean((1, 2, 3)) > 0).long())
    optimiser.zero_grad()
    cost.backward()
    optimiser.step()
    return cost.item()


def test_a_kernels_step_is_nearly_orthogonal_and_as_large_as_adams() -> None:
    kernel = nn.Parameter(torch.randn(6, 4, 3, 3, generator=torch.Generator().manual_seed(1)))
    before = kernel.detach().clone()
    kernel.grad = torch.randn(6, 4, 3, 3, generator=torch.Generator().manual_seed(2))
    Muon([kernel], [], [], lr=0.1, weight_decay=0.0).step()

    moved = ((kernel.detach() - before) / -0.1).flatten(1)
    stretch = torch.linalg.svdvals(moved) / (0.2 * 6.0)  # scaled by 0.2 √36
    assert stretch.min() > 0.6
    assert stretch.max() < 1.3
    assert moved.square().mean().sqrt().item() == pytest.approx(0.2, rel=0.25)  # Adam's, too, is about that
    assert (moved * kernel.grad.flatten(1)).sum() > 0  # downhill


def test_weights_shrink_by_the_decay_alone_where_there_is_no_slope() -> None:
    kernel = nn.Parameter(torch.ones(2, 2, 3, 3))
    kernel.grad = torch.zeros_like(kernel)
    Muon([kernel], [], [], lr=0.1, weight_decay=0.5).step()
    torch.testing.assert_close(kernel.detach(), torch.full((2, 2, 3, 3), 0.95))


def test_every_parameter_is_stepped_once_and_learns() -> None:
    network = small_network()
    optimiser = muon(network)
    counted = [id(p) for group in optimiser.param_groups for p in group["params"]]
    assert sorted(counted) == sorted(id(p) for p in network.parameters())
    # The first layer's kernel has one channel in: it is no matrix of an inner layer.
    assert [tuple(p.shape) for p in optimiser.param_groups[0]["params"]] == [(6, 4, 3, 3)]

    costs = [step(network, optimiser, seed % 4) for seed in range(40)]
    assert sum(costs[-4:]) < 0.5 * sum(costs[:4])
    assert all(math.isfinite(c) for c in costs)


def test_the_learning_rate_reaches_all_groups() -> None:
    network = small_network()
    optimiser = muon(network)
    for group in optimiser.param_groups:
        group["lr"] = 0.0
    before = copy.deepcopy([p.detach() for p in network.parameters()])
    step(network, optimiser, 1)
    for p, old in zip(network.parameters(), before, strict=True):
        assert torch.equal(p.detach(), old)


def test_going_on_from_a_saved_state_gives_the_same_weights() -> None:
    one, other = small_network(), small_network()
    first, second = muon(one), muon(other)
    for seed in range(3):
        step(one, first, seed)
    other.load_state_dict(one.state_dict())
    second.load_state_dict(copy.deepcopy(first.state_dict()))
    for seed in range(3, 6):
        step(one, first, seed)
        step(other, second, seed)
    for a, b in zip(one.parameters(), other.parameters(), strict=True):
        assert torch.equal(a, b)
