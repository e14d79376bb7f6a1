"""What a recipe feeds its network, as pictures: for the eye (preview) and as a set on disk (bake)."""

from __future__ import annotations

import json
import shutil
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from core.augmentation.augment import augment
from core.base.errors import DataError, FailureError, InputError
from core.base.files import read_json, write_json, written_aside
from core.base.paths import Places
from core.networks.classifier import build_network
from core.recipes.recipe import Recipe
from core.train.samples import Samples, concatenate, photo_textures, source_named

SHARD = 10_000
"""Images a file of a baked set."""

_BATCH = 500
_MANIFEST = "bake.json"


@dataclass(frozen=True)
class PreviewBatch:
    """images: uint8 (N,size,size), what the network gets. labels: int64 (N,). sources: a name each."""

    images: np.ndarray
    labels: np.ndarray
    sources: tuple[str, ...]


class RecipePreview:
    """The images of a recipe's sources, mixed by its shares and augmented its way."""

    def __init__(self, recipe: Recipe, places: Places, *, split: str = "train") -> None:
        """Load the sources that are here.

        Raises InputError for a recipe of another network than a classifier, DataError when no source is here.
        """
        if recipe.network == "detector":
            raise InputError(f"the recipe “{recipe.name}” is fed whole scenes, not digits of these sources.")
        folder = Path(recipe.data_folder).expanduser() if recipe.data_folder else None
        self.recipe = recipe
        self.size: int = type(build_network(recipe.network, recipe.dropout)).input_size
        self.parts: dict[str, Samples] = {}
        self.missing: list[str] = []
        for name, share in recipe.sources.items():
            source = source_named(name)
            if share <= 0:
                continue
            samples = source.load(split, places, folder) if source.available(places, folder).here else None
            if samples is not None and len(samples):
                self.parts[name] = samples
            else:
                self.missing.append(name)
        if not self.parts:
            raise DataError(
                f"none of {', '.join(self.missing)} is here; “gnc data fetch mnist” downloads MNIST."
            )
        self.textures = photo_textures(places, split) if recipe.augmentation.background_photo > 0 else None

    def make(self, count: int, *, seed: int, part: int = 0) -> PreviewBatch:
        """`count` images; the same seed and part give the same ones."""
        random = torch.Generator().manual_seed(zlib.crc32(f"{seed} {part}".encode()))
        images = np.empty((count, self.size, self.size), np.uint8)
        labels = np.empty(count, np.int64)
        sources: list[str] = []
        for start in range(0, count, _BATCH):
            chosen, names = self._choose(min(_BATCH, count - start), random)
            made = augment(
                chosen.images,
                chosen.is_ink,
                self.recipe.augmentation,
                random,
                size=self.size,
                textures=self.textures,
            )
            pixels = (made[:, 0] * 255).round_().clamp_(0, 255).to(torch.uint8)
            images[start : start + len(chosen)] = pixels.numpy()
            labels[start : start + len(chosen)] = chosen.labels.numpy()
            sources += names
        return PreviewBatch(images, labels, tuple(sources))

    def _choose(self, count: int, random: torch.Generator) -> tuple[Samples, list[str]]:
        shares = torch.tensor([self.recipe.sources[name] for name in self.parts])
        which = torch.multinomial(shares, count, replacement=True, generator=random)
        picked, names = [], []
        for i, (name, samples) in enumerate(self.parts.items()):
            n = int((which == i).sum())
            picked.append(samples.select(torch.randint(len(samples), (n,), generator=random)))
            names += [name] * n
        order = torch.randperm(count, generator=random)
        return concatenate(picked, "mixture").select(order), [names[i] for i in order.tolist()]


def bake(feed: RecipePreview, count: int, out: Path, *, seed: int, progress: Callable[[int], None]) -> int:
    """Write `count` images as `shard-00000.npz` … (images uint8 (N,S,S), labels int64 (N,)), SHARD a file.

    A baking that was cut off goes on where it was: whole shards are kept. progress: told the images done.
    Returns the number of shards. Raises InputError where the folder holds something else, FailureError when
    the disk is full or can't be written.
    """
    shards = -(-count // SHARD)
    facts = {
        "recipe": feed.recipe.to_dict(), "seed": seed, "count": count, "size": feed.size,
        "sources": {name: len(samples) for name, samples in feed.parts.items()},
    }  # fmt: skip
    try:
        out.mkdir(parents=True, exist_ok=True)
        _check_folder(out, facts)
        paths = [out / f"shard-{i:05}.npz" for i in range(shards)]
        _check_space(out, sum(not p.exists() for p in paths) * min(count, SHARD) * (feed.size**2 + 8))
        for i, path in enumerate(paths):
            n = min(SHARD, count - i * SHARD)
            if not path.exists():
                fed = feed.make(n, seed=seed, part=i)
                with written_aside(path) as file:
                    np.savez(file, images=fed.images, labels=fed.labels)
            progress(i * SHARD + n)
    except OSError as error:
        raise FailureError(f"{error.filename or out}: {error.strerror or error}.") from error
    return shards


def _check_folder(out: Path, facts: Mapping[str, object]) -> None:
    manifest = out / _MANIFEST
    # Through JSON, as the file went: tuples become lists, and so on.
    wanted = json.loads(json.dumps(facts))
    if manifest.exists():
        if read_json(manifest) != wanted:
            raise InputError(f"{out} holds a set baked from other settings; choose another folder.")
        return
    if any(out.iterdir()):
        raise InputError(f"{out} is not empty; choose another folder.")
    write_json(manifest, wanted)


def _check_space(out: Path, need: int) -> None:
    free = shutil.disk_usage(out).free
    if free < need * 1.05:
        raise FailureError(
            f"{out} has {free / 1e9:.1f} GB left and needs {need / 1e9:.1f} GB; free some space."
        )
