"""What the training loop asks of whatever it trains: a classifier or a detector."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

import torch
from torch import Tensor, nn

from core.runs.events import Evaluated
from core.runs.folder import RunFolder
from core.train.about import About


class StepCost(NamedTuple):
    """What one batch cost. Scalars on the device.

    loss: what the optimiser sees. cross_entropy: the mean cross-entropy that the curves show, without
    smoothing and side costs. accuracy: the share that was right.
    """

    loss: Tensor
    cross_entropy: Tensor
    accuracy: Tensor


@dataclass(frozen=True)
class Measurement:
    """Cost and accuracy over a fixed set of images, without dropout and augmentation."""

    cost: float
    accuracy: float
    accuracy_by_source: dict[str, float]


class StopRequested(Exception):  # noqa: N818 (a request, not an error)
    """The run was asked to stop while something longer than a step was going on."""


class Task(Protocol):
    """One kind of training.

    Everything random in it follows from the recipe's seed, the epoch and the step, never from what was
    drawn before: so a resumed run needs no stored random state.
    """

    sources: dict[str, int]
    """How many training images each source gives."""
    notes: list[str]
    """Sentences about what is left out, such as a source that is not here."""
    not_measured: dict[str, str]
    """By source why the test phase gave no figure of it; known once it is over."""
    images_per_epoch: int

    def build(self) -> nn.Module:
        """The network with its first weights, on the CPU."""

    def batch(self, *, epoch: int, step: int, rank: int, processes: int) -> Any:
        """This rank's share of the batch of a step of an epoch, augmented, on the device."""

    def cost(self, network: nn.Module, batch: Any) -> StepCost:
        """Forward pass and cost of one batch."""

    def measure(self, network: nn.Module, split: str, check_stop: Callable[[], object]) -> Measurement:
        """On `dev`, or on a fixed part of `train`. Calls `check_stop` often; it may raise StopRequested."""

    def finish(self, network: nn.Module, run: RunFolder, about: About) -> list[Evaluated]:
        """The test phase: writes `test.json`, exports `best_model.onnx`."""


def batch_seed(seed: int, *parts: int) -> int:
    """A seed that follows from a recipe's seed and a place in its run (splitmix64 over the parts).

    Source: Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014.
    """
    mask = (1 << 64) - 1
    state = 0
    for part in (seed, *parts):
        state = (state + 0x9E3779B97F4A7C15 + part) & mask
        state = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & mask
        state = ((state ^ (state >> 27)) * 0x94D049BB133111EB) & mask
        state ^= state >> 31
    return state & ((1 << 63) - 1)


def generator(seed: int, device: torch.device | str = "cpu") -> torch.Generator:
    """A generator on the device, started from `seed`."""
    made = torch.Generator(device)
    made.manual_seed(seed)
    return made
