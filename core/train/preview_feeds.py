"""What a recipe feeds its network, drawn and augmented by the code that trains: for the eye, and as a set on disk."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from core.augmentation.augment import augment
from core.base.errors import DataError
from core.base.paths import Places
from core.datasets.catalog import CORRECTIONS
from core.datasets.detector_scenes import SceneData, load_scene_data
from core.datasets.line_rows import LineRows, background_strips, load_rows
from core.networks.classifier import build_network
from core.reading.line_format import decode
from core.reading.types import NOT_A_DIGIT
from core.recipes.recipe import Recipe
from core.train.line.task import RowSampler, rows_on_device
from core.train.mixture import Shares
from core.train.samples import SOURCES, Samples, concatenate, photo_textures
from core.train.task import batch_seed, generator

FEW_FONTS = 100
"""Fonts of made photos: drawing all that a recipe wants takes a minute the first time, and shows nothing more."""
FEW_ROWS = 2_000
"""Rows of each source, so that all fit into a window's memory."""
_BATCH = 500

OnLoading = Callable[[str], None]
"""Told which source is being loaded, or nothing between two pictures; may raise, to end what is going on."""


@dataclass(frozen=True)
class Preview:
    """images: uint8 (N,H,W), what the network gets. labels: int64 (N,), -1 where there is no single digit. texts: what
    each shows: “7”, “–” for no digit, “12B”; empty for a scene. sources: of each. missing: those that are not here."""

    images: NDArray[np.uint8]
    labels: NDArray[np.int64]
    texts: tuple[str, ...]
    sources: tuple[str, ...]
    missing: tuple[str, ...] = ()


@functools.cache
def input_size_of(network: str) -> int:
    """Side of the pictures that a classifier's network gets, pixels."""
    return type(build_network(network, 0.0)).input_size


def draw_digits(
    recipe: Recipe, parts: Mapping[str, Samples], textures: torch.Tensor | None, count: int, *, seed: int,
    part: int = 0, epoch: int = 0,
) -> Preview:  # fmt: skip
    """`count` digits, drawn and augmented as an epoch of training does; the same seed and part give the same ones.

    parts: of every source that is here. textures: pieces of photos, for backgrounds. part: goes on where the part
    before it ended. epoch: how strongly they are augmented is that of this epoch (from 0).
    """
    size = input_size_of(recipe.network)
    drawn = Shares.of({name: len(samples) for name, samples in parts.items()}, recipe.sources)
    order = drawn.order(count, seed, part)
    images = np.empty((count, size, size), np.uint8)
    labels = np.empty(count, np.int64)
    sources = np.empty(count, object)
    made = generator(batch_seed(seed, 1, epoch, part))
    for start in range(0, count, _BATCH):
        found = drawn.of_source(order[start : start + _BATCH])
        places = torch.cat([where for _, where, _ in found])
        chosen = concatenate([parts[name].select(which) for name, _, which in found], "").select(
            places.argsort()
        )
        strengths = recipe.augmentation_at(epoch)
        x_B1HW = augment(chosen.images, chosen.is_ink, strengths, made, size=size, textures=textures)
        end = start + len(chosen)
        images[start:end] = _as_bytes(x_B1HW)
        labels[start:end] = chosen.labels.numpy()
        for name, where, _ in found:
            sources[start + where.numpy()] = name
    texts = tuple("–" if label == NOT_A_DIGIT else str(label) for label in labels.tolist())
    return Preview(images, labels, texts, tuple(sources.tolist()))


def uses_textures(recipe: Recipe) -> bool:
    """Whether its augmentation puts pieces of photos behind digits."""
    return recipe.augmentation.background_photo > 0


def _as_bytes(x_B1HW: torch.Tensor) -> NDArray[np.uint8]:
    return (x_B1HW[:, 0] * 255).round().clamp(0, 255).to(torch.uint8).numpy()


class PreviewFeeds:
    """Loads what recipes of any network are fed, each source once, and makes a few pictures of it as asked."""

    def __init__(self, places: Places) -> None:
        self._places = places
        self._digits: dict[tuple[str, Path | None], Samples | None] = {}
        self._textures: torch.Tensor | None = None
        self._scenes: tuple[tuple[frozenset[str], int], SceneData] | None = None
        self._rows: dict[str, LineRows | None] = {}
        self._sampler: tuple[tuple[tuple[str, float], ...], RowSampler] | None = None

    def make(
        self, recipe: Recipe, count: int, *, seed: int, epoch: int = 0, on_loading: OnLoading
    ) -> Preview:
        """`count` pictures of a recipe. Raises InputError where none of its sources is here or a file is damaged."""
        if recipe.network == "detector":
            return self._make_scenes(recipe, count, seed, on_loading)
        if recipe.network == "line":
            return self._make_rows(recipe, count, seed, epoch, on_loading)
        found = {
            name: self._samples(name, recipe, on_loading)
            for name, share in recipe.sources.items()
            if share > 0
        }
        parts = {name: samples for name, samples in found.items() if samples is not None}
        missing = tuple(name for name in found if name not in parts)
        if not parts:
            raise _nothing(missing)
        if self._textures is None and uses_textures(recipe):
            self._textures = photo_textures(self._places, "train")
        textures = self._textures if uses_textures(recipe) else None
        return replace(draw_digits(recipe, parts, textures, count, seed=seed, epoch=epoch), missing=missing)

    def _samples(self, name: str, recipe: Recipe, on_loading: OnLoading) -> Samples | None:
        """The training images of a source; None where it is not here or empty. Corrections grow: never kept."""
        folder = Path(recipe.data_folder).expanduser() if recipe.data_folder and name == "folder" else None
        if (name, folder) not in self._digits or name == CORRECTIONS:
            on_loading(name)
            source = SOURCES.get(name)
            samples = None
            if source is not None and source.entry.find(self._places, folder) is not None:
                samples = source.load("train", self._places, folder)
            self._digits[name, folder] = samples if samples is not None and len(samples) else None
        return self._digits[name, folder]

    def _make_scenes(self, recipe: Recipe, count: int, seed: int, on_loading: OnLoading) -> Preview:
        config = replace(recipe.scenes, fonts=min(recipe.scenes.fonts, FEW_FONTS))
        wanted = {name: share for name, share in recipe.sources.items() if share > 0}
        key = frozenset(wanted), config.fonts
        if self._scenes is None or self._scenes[0] != key:
            on_loading("scenes")
            self._scenes = key, load_scene_data(wanted, config, self._places, "train")
        loaded = self._scenes[1]
        data = replace(loaded, config=config, shares={name: wanted[name] for name in loaded.shares})
        drawn_by = batch_seed(seed, 1)
        images, sources = [], []
        for index in range(count):
            if index:
                on_loading("")
            images.append(data.scene(drawn_by, index).image)
            sources.append(data.source_of(drawn_by, index))
        missing = tuple(name for name in wanted if name not in data.counts)
        return Preview(np.stack(images), np.full(count, -1), ("",) * count, tuple(sources), missing)

    def _make_rows(self, recipe: Recipe, count: int, seed: int, epoch: int, on_loading: OnLoading) -> Preview:
        wanted = {name: share for name, share in recipe.sources.items() if share > 0}
        for name in wanted:
            if name not in self._rows:
                on_loading(name)
                self._rows[name] = self._load_rows(name)
        found = {name: rows for name in wanted if (rows := self._rows[name]) is not None}
        missing = tuple(name for name in wanted if name not in found)
        if not found:
            raise _nothing(missing)
        key = tuple((name, wanted[name]) for name in found)
        if self._sampler is None or self._sampler[0] != key:
            on_loading("")
            backgrounds = torch.from_numpy(background_strips(self._places, "train"))
            self._sampler = key, RowSampler(rows_on_device(found, wanted, torch.device("cpu")), backgrounds)
        sampler = self._sampler[1]
        batch, picked = sampler.batch(seed, count, epoch=epoch, step=0, rank=0)
        sources = [next(n for n, (a, b) in sampler.rows.parts.items() if a <= i < b) for i in picked.tolist()]
        texts = tuple(
            decode(text[:length])
            for text, length in zip(
                sampler.rows.texts[picked], sampler.rows.lengths[picked].tolist(), strict=True
            )
        )
        return Preview(_as_bytes(batch.x_B1HW), np.full(count, -1), texts, tuple(sources), missing)

    def _load_rows(self, name: str) -> LineRows | None:
        """The first rows of a source; None where it is not here or empty."""
        try:
            rows = load_rows(self._places, name, "train")
        except DataError:
            return None
        return rows.first(FEW_ROWS) if len(rows) else None


def _nothing(missing: tuple[str, ...]) -> DataError:
    return DataError(f"None of {', '.join(missing)} is here; fetch one on the Data page.")
