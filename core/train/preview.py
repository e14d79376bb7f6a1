"""What a recipe feeds its network, as pictures: for the eye (preview) and as a set on disk (bake)."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

from core.base.errors import DataError, FailureError, InputError
from core.base.files import read_json, write_json, written_aside
from core.base.paths import Places
from core.recipes.recipe import Recipe
from core.train.preview_feeds import Preview, draw_digits, input_size_of, uses_textures
from core.train.samples import Samples, photo_textures, source_named

SHARD = 10_000
"""Images a file of a baked set."""

_MANIFEST = "bake.json"


class RecipePreview:
    """The images of a recipe's sources, mixed by its shares and augmented its way."""

    def __init__(self, recipe: Recipe, places: Places, *, split: str = "train") -> None:
        """Load the sources that are here.

        Raises InputError for a recipe of another network than a classifier, DataError when no source is here.
        """
        if recipe.network in ("detector", "line"):
            what = {"detector": "whole scenes", "line": "whole rows"}[recipe.network]
            raise InputError(f"the recipe “{recipe.name}” is fed {what}, not digits of these sources.")
        folder = Path(recipe.data_folder).expanduser() if recipe.data_folder else None
        self.recipe = recipe
        self.size = input_size_of(recipe.network)
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
        self.textures = photo_textures(places, split) if uses_textures(recipe) else None

    def make(self, count: int, *, seed: int, part: int = 0) -> Preview:
        """`count` images as training draws them; the same seed and part give the same ones."""
        return draw_digits(self.recipe, self.parts, self.textures, count, seed=seed, part=part)


def bake(feed: RecipePreview, count: int, out: Path, *, seed: int, progress: Callable[[int], None]) -> int:
    """Write `count` images as `shard-00000.npz` … (images uint8 (N,S,S), labels int64 (N,)), SHARD a file.

    A baking that was cut off goes on where it was: whole shards are kept. progress: called with the images done.
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
