"""The optimiser of a recipe, its schedule, and the moving average of the weights."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Iterable
from typing import Any, overload

import torch
from torch import Tensor, nn

from core.recipes.recipe import Recipe


def build_optimiser(network: nn.Module, recipe: Recipe) -> torch.optim.Optimizer:
    """Adam with L2 added to the cost, AdamW or Muon, which decay matrices and kernels but no biases and norms."""
    if recipe.optimizer == "adam":
        return torch.optim.Adam(
            network.parameters(), lr=recipe.learning_rate, weight_decay=recipe.l2, fused=True
        )
    decayed = [p for p in network.parameters() if p.ndim > 1]
    others = [p for p in network.parameters() if p.ndim <= 1]
    if recipe.optimizer == "adamw":
        groups = [{"params": decayed, "weight_decay": recipe.l2}, {"params": others, "weight_decay": 0.0}]
        return torch.optim.AdamW(groups, lr=recipe.learning_rate, betas=(0.9, 0.99), fused=True)
    assert recipe.optimizer == "muon", recipe.optimizer
    kernels = [p for p in decayed if p.ndim == 4 and p.shape[1] > 1]
    inner = {id(p) for p in kernels}
    rest = [p for p in decayed if id(p) not in inner]
    return Muon(kernels, rest, others, lr=recipe.learning_rate, weight_decay=recipe.l2)


class Muon(torch.optim.Optimizer):
    """Kernels step along the nearest orthogonal matrix to their momentum, all else as AdamW does.

    Muon is Jordan et al., "Muon: An optimizer for hidden layers in neural networks" (2024); a kernel counts as
    one matrix of its filters, as in their airbench. Steps are scaled as in Liu et al., "Muon is Scalable for
    LLM Training" (2025), so that one learning rate and one weight decay suit kernels and the rest.
    """

    def __init__(
        self,
        kernels: Iterable[Tensor],
        decayed: Iterable[Tensor],
        others: Iterable[Tensor],
        *,
        lr: float,
        weight_decay: float,
        momentum: float = 0.95,
    ) -> None:
        """kernels: (out, in, height, width) each. decayed, others: AdamW's, with weight decay and without."""
        groups = [{"params": list(kernels), "weight_decay": weight_decay, "momentum": momentum}]
        super().__init__(groups, {"lr": lr})
        adamw = [
            {"params": list(decayed), "weight_decay": weight_decay},
            {"params": list(others), "weight_decay": 0.0},
        ]
        self._adamw = torch.optim.AdamW(adamw, lr=lr, betas=(0.9, 0.99), fused=True)
        # Its groups and its state stand beside ours, so that learning rates and checkpoints reach both.
        self.param_groups += self._adamw.param_groups
        self.state = self._adamw.state

    @overload
    def step(self, closure: None = None) -> None: ...

    @overload
    def step(self, closure: Callable[[], float]) -> float: ...

    def step(self, closure: Callable[[], float] | None = None) -> float | None:
        """Move all parameters that have a gradient."""
        cost = None if closure is None else closure()
        with torch.no_grad():
            self._step_kernels(self.param_groups[0])
        self._adamw.step()
        return cost

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        super().load_state_dict(state_dict)
        self._adamw.param_groups = self.param_groups[1:]
        self._adamw.state = self.state

    def _step_kernels(self, group: dict[str, Any]) -> None:
        for kernel in group["params"]:
            if kernel.grad is None:
                continue
            state = self.state[kernel]
            if not state:
                state["momentum"] = torch.zeros_like(kernel)
            state["momentum"].lerp_(kernel.grad, 1 - group["momentum"])
            ahead = kernel.grad.lerp(state["momentum"], group["momentum"]).flatten(1)  # Nesterov's
            step = _orthogonal(ahead) * 0.2 * max(ahead.shape) ** 0.5
            kernel.mul_(1 - group["lr"] * group["weight_decay"])
            kernel.add_(step.view_as(kernel), alpha=-group["lr"])


def _orthogonal(matrix: Tensor, steps: int = 5) -> Tensor:
    """Roughly U Vᵀ of a matrix U S Vᵀ, by Newton and Schulz's iteration with Jordan's coefficients."""
    x = matrix if matrix.shape[0] <= matrix.shape[1] else matrix.T
    x = x / (x.norm() + 1e-7)
    for _ in range(steps):
        square = x @ x.T
        x = torch.addmm(x, torch.addmm(square, square, square, beta=-4.7750, alpha=2.0315), x, beta=3.4445)
    return x if matrix.shape[0] <= matrix.shape[1] else x.T


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


class StartBlend:
    """Weights part of the way from those of the start to those that were learned: most of what is gained, and little of
    what is lost (Wortsman et al., "Robust fine-tuning of zero-shot models", 2022). With share 0 there is no copy.
    """

    def __init__(self, learned: nn.Module, share: float) -> None:
        """learned: holds the weights of the start still. share: of the start in what is measured."""
        self.share = share
        self.network = copy.deepcopy(learned).eval().requires_grad_(False) if share else learned
        self._start = [v.detach().clone() for v in _values(learned)] if share else []
        self._learned, self._ours = _values(learned), _values(self.network)

    @torch.no_grad()
    def update(self) -> None:
        """Take up what was learned since."""
        if self.share:
            torch._foreach_copy_(self._ours, self._learned)
            torch._foreach_lerp_(self._ours, self._start, self.share)


def _values(network: nn.Module) -> list[torch.Tensor]:
    return [v for v in network.state_dict().values() if v.is_floating_point()]
