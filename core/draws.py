"""Random numbers for batched augmentation, all from one generator on the device."""

from __future__ import annotations

import math

import torch
from torch import Tensor

_HOST_NUMBERS = 48


class Draws:
    """Draws of one batch. Numbers that shape the work (how many rows get a kind) come to the host in one go.

    generator: on the device of the images.
    """

    def __init__(self, generator: torch.Generator) -> None:
        self.generator = generator
        self.device = generator.device
        self._host: list[float] = []

    def fetch(self, extra: Tensor) -> list[float]:
        """Bring the host's random numbers and the values of `extra` (1-D) over: the only wait for the device."""
        numbers = torch.rand(_HOST_NUMBERS, generator=self.generator, device=self.device)
        values: list[float] = torch.cat([numbers, extra.to(numbers.dtype)]).tolist()
        self._host = values[:_HOST_NUMBERS]
        return values[_HOST_NUMBERS:]

    def host(self) -> float:
        """A number in 0..1 on the host."""
        assert self._host, "fetch() comes first, and brings enough"
        return self._host.pop()

    def count(self, share: float, n: int) -> int:
        """How many of n rows a share is: rounded up or down at random, so that it holds on average."""
        return min(n, math.floor(share * n + self.host()))

    def counts(self, weights: list[float], n: int) -> list[int]:
        """n rows divided by weights, each part right on average; the parts add up to n."""
        total = sum(weights)
        offset = self.host()
        edges, so_far = [0], 0.0
        for weight in weights[:-1]:
            so_far += weight
            edges.append(min(n, math.floor(so_far / total * n + offset)))
        edges.append(n)
        return [b - a for a, b in zip(edges, edges[1:], strict=False)]

    def uniform(self, n: int, low: float = 0.0, high: float = 1.0) -> Tensor:
        """(n,) float32 in low..high."""
        numbers = torch.rand(n, generator=self.generator, device=self.device)
        return numbers if (low, high) == (0.0, 1.0) else numbers.mul_(high - low).add_(low)

    def table(self, n: int, columns: int) -> Tensor:
        """(columns,n) float32 in 0..1: one call for many columns."""
        return torch.rand(columns, n, generator=self.generator, device=self.device)

    def either_way(self, n: int, largest: float) -> Tensor:
        """(n,) float32 in -largest..largest."""
        return self.uniform(n, -largest, largest)

    def normal(self, *shape: int) -> Tensor:
        """Standard normal float32."""
        return torch.randn(shape, generator=self.generator, device=self.device)

    def integers(self, n: int, high: int) -> Tensor:
        """(n,) int64 in 0..high-1."""
        return torch.randint(high, (n,), generator=self.generator, device=self.device)

    def permutation(self, n: int) -> Tensor:
        """(n,) int64: 0..n-1 in random order."""
        return torch.randperm(n, generator=self.generator, device=self.device)

    def some(self, share: float, first: int, end: int) -> Tensor:
        """Indices of a random share of the rows first..end-1, in random order."""
        n = self.count(share, end - first)
        return self.permutation(end - first)[:n] + first
