"""The sources as tensors: what training and evaluation load."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from core.base.errors import DataError
from core.base.paths import Places
from core.datasets.catalog import CATALOGUE, entry_named, texture_arrays
from core.datasets.entry import Availability, CatalogEntry
from core.loaders.digit_frame import NOMINAL, SOURCE_SIZE
from core.reading.types import NOT_A_DIGIT


@dataclass(frozen=True)
class Source:
    """One source of labelled digits. Its facts are the catalogue's."""

    entry: CatalogEntry

    @property
    def name(self) -> str:
        """As recipes and the command line call it."""
        return self.entry.name

    @property
    def splits(self) -> tuple[str, ...]:
        """Those of train, dev and test that it has."""
        return self.entry.splits

    def available(self, places: Places, folder: Path | None = None) -> Availability:
        """Whether it is here; folder: of the source “folder”."""
        return self.entry.available(places, folder)

    def load(self, split: str, places: Places, folder: Path | None = None) -> Samples:
        """The samples of a split, empty where the source has none. The images are mapped from the cache.

        Raises DataError when the source is not here or a file of it is damaged.
        """
        arrays = self.entry.load_arrays(split, places, folder)
        images, labels, is_ink = (torch.from_numpy(arrays[k]) for k in ("images", "labels", "is_ink"))
        left_out = tuple(map(str, arrays.get("left_out", ())))
        return Samples(images, labels, is_ink, self.name, left_out)


SOURCES: Mapping[str, Source] = {name: Source(entry) for name, entry in CATALOGUE.items() if entry.has_digits}


def source_named(name: str) -> Source:
    """Raises DataError, naming those there are, where there is no such source."""
    entry = entry_named(name)
    if not entry.has_digits:
        raise DataError(
            f"“{name}” has whole rows or scenes, not single digits; {', '.join(SOURCES)} have those."
        )
    return SOURCES[entry.name]


def photo_textures(places: Places, split: str) -> torch.Tensor:
    """uint8 (K,64,64): grey pieces of photos without writing; for train of all but the last 74, else of those."""
    return torch.from_numpy(texture_arrays(places, split)["images"])


__all__ = ["NOMINAL", "NOT_A_DIGIT", "SOURCE_SIZE", "Samples", "concatenate"]


@dataclass(frozen=True)
class Samples:
    """Labelled digits.

    images: uint8 (N,64,64); the middle NOMINAL x NOMINAL pixels are what the network sees un-augmented.
    labels: int64 (N,), 0..9 or NOT_A_DIGIT. is_ink: bool (N,); True: ink coverage, 255 ink on 0, to be laid on
    a background; False: a photo as it is. source: where they are from. left_out: a sentence a file of the source that
    can't be read.
    """

    images: torch.Tensor
    labels: torch.Tensor
    is_ink: torch.Tensor
    source: str
    left_out: tuple[str, ...] = ()

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


HELD_BACK = 10
"""Of so many samples of a source without any kept out of training one is held back."""


def hold_back(
    train: Mapping[str, Samples], dev: Mapping[str, Samples]
) -> tuple[dict[str, Samples], dict[str, Samples], list[str]]:
    """Train and dev in which every source that teaches digits has some for measuring, and which had none.

    A fixed tenth of the digits is taken from training, the same in every run, so that the dev cost is never that of
    pictures without a digit alone.
    """
    kept, measured, without = dict(train), dict(dev), []
    for name, samples in train.items():
        digits = torch.nonzero(samples.labels != NOT_A_DIGIT).flatten()
        known = dev.get(name)
        if len(digits) < 2 or (known is not None and bool((known.labels != NOT_A_DIGIT).any())):
            continue
        mixed = torch.from_numpy(np.random.default_rng(len(digits)).permutation(len(digits)))
        held = torch.zeros(len(samples), dtype=torch.bool)
        held[digits[mixed[: max(1, len(digits) // HELD_BACK)]]] = True
        kept[name] = samples.select(~held)
        parts = [samples.select(held)] if known is None or not len(known) else [known, samples.select(held)]
        measured[name] = concatenate(parts, name)
        without.append(name)
    return kept, measured, without


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
