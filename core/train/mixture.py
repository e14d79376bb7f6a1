"""Training images of several sources as tensors on the device, drawn from in given shares."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import accumulate

import torch
from torch import Tensor

from core.train.samples import SOURCE_SIZE, Samples
from core.train.task import batch_seed, generator


@dataclass(frozen=True)
class Shares:
    """Which images of several sources are drawn, counted through all of them one behind the other.

    names: of the sources, in order; starts: where each begins, and N at the end. shares: of each in what is drawn,
    summing to 1.
    """

    names: tuple[str, ...]
    starts: tuple[int, ...]
    shares: tuple[float, ...]

    @classmethod
    def of(cls, counts: Mapping[str, int], shares: Mapping[str, float]) -> Shares:
        """counts: images of each source. Sources without images are left out."""
        full = {name: count for name, count in counts.items() if count}
        assert full, "a mixture of nothing"
        total = sum(shares[name] for name in full)
        starts = tuple(accumulate(full.values(), initial=0))
        return cls(tuple(full), starts, tuple(shares[name] / total for name in full))

    def __len__(self) -> int:
        return self.starts[-1]

    @property
    def counts(self) -> dict[str, int]:
        return {n: b - a for n, a, b in zip(self.names, self.starts, self.starts[1:], strict=False)}

    def order(self, count: int, seed: int, epoch: int) -> Tensor:
        """Which `count` images an epoch uses, in which order: (count,) int64 on the CPU.

        Every source gives its share. It is gone through from a new shuffling each time it is used up, and
        the next epoch takes up where this one ended: no image is seen twice before all were seen once.
        """
        picked = []
        wanted = _whole_shares(self.shares, count)
        for index, (start, stop) in enumerate(zip(self.starts, self.starts[1:], strict=False)):
            size, need = stop - start, wanted[index]
            first = epoch * need
            for lap in range(first // size, (first + need - 1) // size + 1 if need else 0):
                shuffled = torch.randperm(size, generator=generator(batch_seed(seed, index, lap)))
                low = max(first - lap * size, 0)
                high = min(first + need - lap * size, size)
                picked.append(shuffled[low:high] + start)
        together = torch.cat(picked)
        return together[torch.randperm(len(together), generator=generator(batch_seed(seed, epoch)))]

    def sample(self, count: int, seed: int) -> Tensor:
        """A fixed part of at most `count` images in the same shares: indices (≤ count,) on the CPU."""
        return self.order(min(count, len(self)), batch_seed(seed, 7), 0)

    def of_source(self, picked: Tensor) -> list[tuple[str, Tensor, Tensor]]:
        """For each source: its name, the places in `picked` (n,) that are its own, and its images there by number."""
        found = []
        for name, start, stop in zip(self.names, self.starts, self.starts[1:], strict=False):
            places = ((picked >= start) & (picked < stop)).nonzero()[:, 0]
            found.append((name, places, picked[places] - start))
        return found


@dataclass(frozen=True)
class Mixture(Shares):
    """Images of all sources on the device, in the order of `Shares`.

    images: (N, 64, 64) uint8. labels: (N,) int64. is_ink: (N,) bool.
    """

    images: Tensor
    labels: Tensor
    is_ink: Tensor

    @classmethod
    def holding(
        cls, parts: Mapping[str, Samples], shares: Mapping[str, float], device: torch.device
    ) -> Mixture:
        """Put the samples of all sources on `device`. Sources without images are left out."""
        drawn = Shares.of({name: len(samples) for name, samples in parts.items()}, shares)
        # One tensor, filled part by part: cat would hold everything twice.
        images = torch.empty((len(drawn), SOURCE_SIZE, SOURCE_SIZE), dtype=torch.uint8, device=device)
        for name, start, stop in zip(drawn.names, drawn.starts, drawn.starts[1:], strict=False):
            images[start:stop] = parts[name].images
        return cls(
            drawn.names,
            drawn.starts,
            drawn.shares,
            images,
            torch.cat([parts[name].labels for name in drawn.names]).to(device),
            torch.cat([parts[name].is_ink for name in drawn.names]).to(device),
        )


def _whole_shares(shares: tuple[float, ...], count: int) -> list[int]:
    """`count` divided in `shares` into whole numbers that sum to it (largest remainders)."""
    exact = [share * count for share in shares]
    whole = [int(e) for e in exact]
    by_rest = sorted(range(len(exact)), key=lambda i: whole[i] - exact[i])
    for index in by_rest[: count - sum(whole)]:
        whole[index] += 1
    return whole


def load_sources(
    names: Mapping[str, float],
    load: Callable[[str], Samples],
    available: Callable[[str], tuple[bool, str]],
    check_stop: Callable[[], object],
) -> tuple[dict[str, Samples], list[str]]:
    """Samples of every source of `names` that is here, and a sentence for every one that is not."""
    parts, notes = {}, []
    for name, share in names.items():
        if share == 0:
            continue
        here, note = available(name)
        if not here:
            notes.append(f"The source “{name}” is left out: {note}")
            continue
        parts[name] = load(name)
        check_stop()
    return parts, notes
