"""What every source gives: uint8 images with labels as tensors, all in one frame."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from core.loaders.digit_frame import NOMINAL, SOURCE_SIZE
from core.reading.types import NOT_A_DIGIT

__all__ = ["NOMINAL", "NOT_A_DIGIT", "SOURCE_SIZE", "Samples", "concatenate"]


@dataclass(frozen=True)
class Samples:
    """Labelled digits.

    images: uint8 (N,64,64); the middle NOMINAL x NOMINAL pixels are what the network sees un-augmented.
    labels: int64 (N,), 0..9 or NOT_A_DIGIT. is_ink: bool (N,); True: ink coverage, 255 ink on 0, to be laid on
    a background; False: a photo as it is. source: where they are from.
    """

    images: torch.Tensor
    labels: torch.Tensor
    is_ink: torch.Tensor
    source: str

    def __post_init__(self) -> None:
        count = len(self.images)
        assert self.images.dtype == torch.uint8
        assert self.images.shape == (count, SOURCE_SIZE, SOURCE_SIZE)
        assert self.labels.dtype == torch.int64
        assert self.labels.shape == (count,)
        assert self.is_ink.dtype == torch.bool
        assert self.is_ink.shape == (count,)

    def __len__(self) -> int:
        return len(self.images)

    def select(self, indices: torch.Tensor) -> Samples:
        """The samples at indices int64 (M,), or where a mask bool (N,) is True."""
        return Samples(self.images[indices], self.labels[indices], self.is_ink[indices], self.source)

    def to(self, device: torch.device | str) -> Samples:
        """The same on another device."""
        return Samples(self.images.to(device), self.labels.to(device), self.is_ink.to(device), self.source)


def concatenate(parts: Sequence[Samples], source: str) -> Samples:
    """One set of several; none gives an empty set."""
    if not parts:
        return Samples(
            torch.zeros((0, SOURCE_SIZE, SOURCE_SIZE), dtype=torch.uint8),
            torch.zeros(0, dtype=torch.int64),
            torch.zeros(0, dtype=torch.bool),
            source,
        )
    return Samples(
        torch.cat([p.images for p in parts]),
        torch.cat([p.labels for p in parts]),
        torch.cat([p.is_ink for p in parts]),
        source,
    )
