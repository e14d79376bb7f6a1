"""Random numbers for batched augmentation, all from one generator on the device."""

from __future__ import annotations

import itertools
import math
from functools import lru_cache

import torch
from torch import Tensor

_HOST_NUMBERS = 48
_NOISE_SEED = 1
_NOISE_COUNT = 1 << 22


@lru_cache(maxsize=4)
def _noise(device: torch.device) -> Tensor:
    """A long, fixed sequence of standard normal numbers, the same on every device."""
    numbers = torch.randn(_NOISE_COUNT, generator=torch.Generator().manual_seed(_NOISE_SEED))
    return numbers.to(device)


class BatchRandom:
    """The draws of one batch, from a generator on the device; nothing else is kept between batches.

    The numbers that shape the work (how many rows a kind gets) come to the host in one go, because on a GPU
    every look at a number waits for all the work before it.
    """

    def __init__(self, generator: torch.Generator, device: torch.device) -> None:
        self._generator = generator
        self.device = device
        self._host: list[float] = []

    def fetch(self, extra: Tensor) -> list[float]:
        """Bring the host's random numbers and `extra` (1-D) over: the only wait for the device."""
        numbers = self.uniform(_HOST_NUMBERS)
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
        total, offset = sum(weights), self.host()
        sums = itertools.accumulate(weights[:-1])
        edges = [0, *(min(n, math.floor(part / total * n + offset)) for part in sums), n]
        return [end - start for start, end in itertools.pairwise(edges)]

    def uniform(self, n: int, low: float = 0.0, high: float = 1.0) -> Tensor:
        """(n,) float32 in low..high."""
        numbers = torch.rand(n, generator=self._generator, device=self.device)
        return numbers if (low, high) == (0.0, 1.0) else numbers.mul_(high - low).add_(low)

    def table(self, columns: int, n: int) -> Tensor:
        """(columns,n) float32 in 0..1: one call for many columns."""
        return torch.rand(columns, n, generator=self._generator, device=self.device)

    def normal(self, *shape: int) -> Tensor:
        """Standard normal float32."""
        return torch.randn(shape, generator=self._generator, device=self.device)

    def integers(self, n: int, high: int) -> Tensor:
        """(n,) int64 in 0..high-1."""
        return torch.randint(high, (n,), generator=self._generator, device=self.device)

    def permutation(self, n: int) -> Tensor:
        """(n,) int64: 0..n-1 in random order."""
        return torch.randperm(n, generator=self._generator, device=self.device)

    def some(self, share: float, first: int, end: int) -> Tensor:
        """Indices of a random share of the rows first..end-1, in random order."""
        n = self.count(share, end - first)
        return self.permutation(end - first)[:n].add_(first)

    def pixel_noise(self, n: int, size: int) -> Tensor:
        """(n,size,size) standard normal noise for single pixels; not to be changed in place.

        A piece, at a random place, of one fixed sequence: fresh numbers for each pixel would take as long as
        all the rest of the augmentation. Too many pixels for the sequence get fresh numbers after all.
        """
        pixels = n * size * size
        if pixels > _NOISE_COUNT // 2:
            return self.normal(n, size, size)
        start = int(self.host() * (_NOISE_COUNT - pixels))
        return _noise(self.device)[start : start + pixels].view(n, size, size)
