"""The optimiser of a recipe, its schedule, and the moving average of the weights."""

from __future__ import annotations

import copy
import math

import torch
from torch import nn

from core.recipes import Recipe


def build_optimiser(network: nn.Module, recipe: Recipe) -> torch.optim.Optimizer:
    """Adam with L2 added to the cost, or AdamW, which decays matrices and kernels but no biases and norms."""
    if recipe.optimizer == "adam":
        return torch.optim.Adam(
            network.parameters(), lr=recipe.learning_rate, weight_decay=recipe.l2, fused=True
        )
    decayed = [p for p in network.parameters() if p.ndim > 1]
    others = [p for p in network.parameters() if p.ndim <= 1]
    groups = [{"params": decayed, "weight_decay": recipe.l2}, {"params": others, "weight_decay": 0.0}]
    return torch.optim.AdamW(groups, lr=recipe.learning_rate, betas=(0.9, 0.99), fused=True)


def learning_rate_at(recipe: Recipe, step: int, steps: int) -> float:
    """The learning rate of a step (from 0) of a run of `steps`."""
    if recipe.schedule == "constant":
        return recipe.learning_rate
    warmup = max(1, round(recipe.warmup * steps))
    if step < warmup:
        return recipe.learning_rate * (step + 1) / warmup
    done = (step - warmup) / max(1, steps - warmup)
    return recipe.learning_rate * 0.5 * (1 + math.cos(math.pi * min(1.0, done)))


class MovingAverage:
    """An exponential moving average of weights and batch norm's statistics, which generalises better.

    Young averages follow faster: the decay is at most (1 + t) / (10 + t) at step t, as in TensorFlow's
    ExponentialMovingAverage. With decay 0 the network itself stands in for it.
    """

    def __init__(self, network: nn.Module, decay: float) -> None:
        self.decay = decay
        self.network = copy.deepcopy(network).eval().requires_grad_(False) if decay else network
        self._ours = _values(self.network)
        self._theirs = _values(network)

    @torch.no_grad()
    def update(self, step: int) -> None:
        """Follow the network's weights after a step (from 0)."""
        if self.decay:
            weight = 1 - min(self.decay, (1 + step) / (10 + step))
            torch._foreach_lerp_(self._ours, self._theirs, weight)


def _values(network: nn.Module) -> list[torch.Tensor]:
    return [v for v in network.state_dict().values() if v.is_floating_point()]
