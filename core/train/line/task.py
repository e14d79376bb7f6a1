"""What training a line reader means: its rows, its cost, its measurements, its end. See `core.train.task.Task`.

    gnc train --recipe line --out RUNS

Batches hold rows of about one length, so that short ones are cheap; which length, and which rows, follows from the
seed and the step. The cost of the curves is CTC's, a character; accuracy is the share of rows whose digits are right.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from assets import MODELS
from core.augmentation.lines.augment import augmented_strips, plain_strips
from core.augmentation.lines.strips import RowTensors, plain_view, strip_width_of
from core.base.errors import NAME_DATA, DataError, ModelError
from core.base.paths import Places
from core.datasets.line_rows import LineRows, background_strips, load_rows
from core.networks.line_reader import LineNetwork, steps_of
from core.reading.line_format import DIGITS, STRIDE
from core.recipes.recipe import SHIPPED, Recipe
from core.runs.events import Evaluated
from core.runs.folder import RunFolder
from core.train import checkpoint
from core.train.about import About
from core.train.start import check_sources, settings_at_start
from core.train.task import Measurement, StepCost, batch_seed, generator

WIDTHS = (64, 112, 176, 272, 416, 640)
"""Widths of batches, pixels. A row goes where it fits with ordinary margins."""
WIDER = 0.35
"""Share of the batches that get the next width, so that rows are stretched as well as squeezed."""
MEASURED_ROWS = 400
"""Of each source, at most, in the dev cost; fewer where the epochs are short, so that measuring stays a part."""
MEASURE_BATCH = 64


class LineBatch(NamedTuple):
    """x_B1HW: strips. classes: all texts one after another; lengths: (B,) of the texts."""

    x_B1HW: Tensor
    classes: Tensor
    lengths: Tensor


class Rows(NamedTuple):
    """Rows of several sources on the device. texts: (N, L) classes, 0 behind each end; lengths: (N,)."""

    pictures: RowTensors
    texts: Tensor
    lengths: Tensor
    weights: Tensor
    parts: dict[str, tuple[int, int]]


class RowSampler:
    """Draws the rows of a batch by the shares of their sources, and augments them."""

    def __init__(self, rows: Rows, backgrounds: Tensor) -> None:
        """backgrounds: (C, H) columns of strips of photos, to stand behind made rows."""
        self.rows, self._backgrounds, self._groups = rows, backgrounds, _groups(rows)

    def batch(
        self, seed: int, size: int, *, epoch: int, step: int, rank: int, strength: float = 1.0
    ) -> tuple[LineBatch, Tensor]:
        """`size` rows of one length group, cut and augmented; and which rows those are: (size,).

        strength: of the augmentation, 0 to 1.
        """
        device = self.rows.lengths.device
        made = generator(batch_seed(seed, 1, epoch, step, rank), device)
        # All processes take rows of one length: those with short ones would wait for the others.
        chosen = torch.rand(2, generator=generator(batch_seed(seed, 2, epoch, step))).tolist()
        edges = np.cumsum([share for share, _, _, _ in self._groups])
        at = min(int(np.searchsorted(edges, chosen[0] * edges[-1])), len(self._groups) - 1)
        _, width, members, cumulated = self._groups[at]
        if chosen[1] < WIDER:
            width = WIDTHS[min(WIDTHS.index(width) + 1, len(WIDTHS) - 1)]
        drawn = torch.rand(size, generator=made, device=device, dtype=torch.float64) * cumulated[-1]
        picked = members[torch.searchsorted(cumulated, drawn).clamp_max(len(members) - 1)]
        x = augmented_strips(self.rows.pictures, picked, width, self._backgrounds, made, strength)
        return _labelled(self.rows, picked, x), picked


class LineTask:
    """Trains the network of `core/networks/line_reader.py` on real and made rows."""

    def __init__(
        self, recipe: Recipe, places: Places, device: torch.device, check_stop: Callable[[], object]
    ) -> None:
        """Load the rows of the recipe. Raises DataError where no source is here, RecipeError for unknown ones."""
        check_sources(recipe)
        self.recipe, self.places, self.device = recipe, places, device
        self.notes: list[str] = []
        self.not_measured: dict[str, str] = {}
        train = self._load("train", check_stop)
        if not train:
            raise DataError(f"None of the recipe's data is here; {NAME_DATA}.")
        dev = self._load("dev", check_stop)
        if not dev:
            raise DataError("None of the recipe's sources has rows to measure the dev cost on; add another.")
        self.sources = {name: len(rows) for name, rows in train.items()}
        self.train = rows_on_device(train, recipe.sources, device)
        self.dev = rows_on_device(dev, recipe.sources, device)
        self.images_per_epoch = recipe.images_per_epoch or len(self.train.lengths)
        self._measured = min(MEASURED_ROWS, max(self.images_per_epoch // 50, 25))
        backgrounds = torch.from_numpy(background_strips(places, "train")).to(device)
        self._sampler = RowSampler(self.train, backgrounds)

    def _load(self, split: str, check_stop: Callable[[], object]) -> dict[str, LineRows]:
        found = {}
        for name, share in self.recipe.sources.items():
            if share <= 0:
                continue
            check_stop()
            try:
                rows = load_rows(
                    self.places, name, split, most=self._rows_drawn(share) if split == "train" else None
                )
            except DataError as error:
                if split == "train":
                    self.notes.append(f"Without {name}: {error}")
                continue
            if len(rows):
                found[name] = rows
        return found

    def _rows_drawn(self, share: float) -> int | None:
        """How many rows of a source the whole run draws; None where it goes through all of them."""
        recipe = self.recipe
        if not recipe.images_per_epoch:
            return None
        total = sum(recipe.sources.values())
        return math.ceil(recipe.images_per_epoch * recipe.epochs * share / total)

    def build(self) -> nn.Module:
        """The network, with the weights of `start_from` where the recipe names some."""
        network = LineNetwork()
        start = self.recipe.start_from
        if start:
            path = (
                MODELS / f"line{checkpoint.SHIPPED_SUFFIX}" if start == SHIPPED else Path(start).expanduser()
            )
            content = checkpoint.load(path, ("weights", "network"))
            if content["network"] != self.recipe.network:
                raise ModelError(f"{path} holds the network “{content['network']}”, not “line”.")
            checkpoint.restore(network, content, path)
        return network

    def batch(self, *, epoch: int, step: int, rank: int, processes: int) -> LineBatch:
        """This rank's share of a batch: rows of one length group, cut and augmented."""
        size = self.recipe.batch_size // processes
        return self._sampler.batch(
            self.recipe.seed, size, epoch=epoch, step=step, rank=rank, strength=self.recipe.strength_at(epoch)
        )[0]

    def cost(self, network: nn.Module, batch: LineBatch) -> StepCost:
        """Forward pass and cost of one batch. Each row counts by the root of its length: long rows hold more to be
        learned, yet shall not drown the short."""
        logits: Tensor = network(batch.x_B1HW)
        losses = _ctc(logits, batch)
        lengths = batch.lengths.clamp_min(1).float()
        right = digits_right(logits.detach(), batch).float()
        return StepCost((losses / lengths.sqrt()).mean(), losses.detach().sum() / lengths.sum(), right.mean())

    @torch.no_grad()
    def measure(self, network: nn.Module, split: str, check_stop: Callable[[], object]) -> Measurement:
        """Mean cost a character and share of rows whose digits are right; every source counts by its share."""
        was_training = network.training
        network.eval()
        rows, most = (self.dev, self._measured) if split == "dev" else (self.train, self._measured // 4)
        by_source, cost, accuracy, total = {}, 0.0, 0.0, 0.0
        try:
            for name, (first, end) in rows.parts.items():
                losses, characters, right, count = 0.0, 0, 0, 0
                for batch in self.plain_batches(rows, first, min(end, first + most)):
                    check_stop()
                    logits = network(batch.x_B1HW)
                    losses += float(_ctc(logits, batch).sum())
                    characters += int(batch.lengths.clamp_min(1).sum())
                    right += int(digits_right(logits, batch).sum())
                    count += len(batch.lengths)
                share = self.recipe.sources[name]
                by_source[name] = right / count
                cost += share * losses / characters
                accuracy, total = accuracy + share * right / count, total + share
        finally:
            network.train(was_training)
        return Measurement(cost / total, accuracy / total, by_source if split == "dev" else {})

    def plain_batches(self, rows: Rows, first: int, end: int) -> Iterator[LineBatch]:
        """Rows as live strips show them, those of about one width together."""
        wanted = strip_width_of(rows.pictures.widths[first:end], plain_view(end - first, self.device))
        order = wanted.argsort()
        for places in order.split(MEASURE_BATCH):
            picked = places + first
            widest = int(wanted[places].max())
            least = STRIDE * int(_steps_needed(rows.texts[picked], rows.lengths[picked]).max())
            width = min(max(-(-widest // 8) * 8, -(-least // 8) * 8, 32), WIDTHS[-1])
            yield _labelled(rows, picked, plain_strips(rows.pictures, picked, width))

    def finish(self, network: nn.Module, run: RunFolder, about: About) -> list[Evaluated]:
        """Calibrate on the validation rows, export `best_model.onnx`, measure it, write `test.json`."""
        from core.train.line.report import finish_line_run

        if self.recipe.keep_settings:
            about = replace(about, reader=settings_at_start(self.recipe.start_from, "line"))

        batches = [
            batch for first, end in self.dev.parts.values()
            for batch in self.plain_batches(self.dev, first, min(end, first + self._measured))
        ]  # fmt: skip
        evaluated, self.not_measured = finish_line_run(
            network, batches, run, about, self.places, limit=self.recipe.test_images or None
        )
        return evaluated


def rows_on_device(sources: dict[str, LineRows], shares: Any, device: torch.device) -> Rows:
    """All sources' rows in one: pictures that stay mapped from the cache where the device is the CPU."""
    columns = [torch.from_numpy(np.asarray(rows.columns)) for rows in sources.values()]
    offsets = np.cumsum([0, *(len(c) for c in columns)])
    starts = np.concatenate([r.starts + o for r, o in zip(sources.values(), offsets[:-1], strict=True)])
    widths = np.concatenate([r.widths for r in sources.values()])
    texts, lengths = [], []
    for rows in sources.values():
        begins = np.r_[0, rows.ends[:-1]]
        texts += [rows.classes[b:e] for b, e in zip(begins, rows.ends, strict=True)]
        lengths.append(rows.ends - begins)
    length = np.concatenate(lengths)
    padded = np.zeros((len(texts), max(1, int(length.max()))), np.int64)
    for i, text in enumerate(texts):
        padded[i, : len(text)] = text
    parts, weights, first = {}, [], 0
    for name, rows in sources.items():
        parts[name] = (first, first + len(rows))
        weights.append(np.full(len(rows), shares[name] / len(rows)))
        first += len(rows)
    is_ink = np.concatenate([r.is_ink for r in sources.values()])
    pictures = RowTensors(
        torch.cat(columns).to(device), torch.from_numpy(starts).to(device),
        torch.from_numpy(widths).to(device), torch.from_numpy(is_ink).to(device),
    )  # fmt: skip
    return Rows(
        pictures, torch.from_numpy(padded).to(device), torch.from_numpy(length.astype(np.int64)).to(device),
        torch.from_numpy(np.concatenate(weights)).to(device), parts,
    )  # fmt: skip


def _steps_needed(texts: Tensor, lengths: Tensor) -> Tensor:
    """Steps that a text takes at least: one a character, one more between two of a kind; and one at each end."""
    twice = ((texts[:, 1:] == texts[:, :-1]) & (texts[:, 1:] > 0)).sum(1)
    return lengths + twice + 2


def _groups(rows: Rows) -> list[tuple[float, int, Tensor, Tensor]]:
    """Rows by width: (share of the mixture, width, members, their weights cumulated)."""
    view = plain_view(len(rows.lengths), rows.lengths.device)
    wanted = torch.maximum(
        strip_width_of(rows.pictures.widths, view), STRIDE * _steps_needed(rows.texts, rows.lengths).float()
    )
    edges = torch.tensor(WIDTHS[:-1], device=wanted.device, dtype=wanted.dtype)
    group = torch.bucketize(wanted, edges)
    made = []
    for i, width in enumerate(WIDTHS):
        members = (group == i).nonzero()[:, 0]
        if len(members):
            weights = rows.weights[members]
            made.append((float(weights.sum()), width, members, weights.cumsum(0)))
    return made


def _labelled(rows: Rows, picked: Tensor, x: Tensor) -> LineBatch:
    texts = rows.texts.index_select(0, picked)
    return LineBatch(x, texts[texts > 0], rows.lengths.index_select(0, picked))


def _ctc(logits: Tensor, batch: LineBatch) -> Tensor:
    """(B,) losses, natural logarithms."""
    log_probs = logits.float().log_softmax(-1).transpose(0, 1)
    steps = torch.full_like(batch.lengths, steps_of(batch.x_B1HW.shape[3]))
    return F.ctc_loss(log_probs, batch.classes, steps, batch.lengths, reduction="none", zero_infinity=True)


def digits_right(logits: Tensor, batch: LineBatch) -> Tensor:
    """(B,) bool: whether the digits, read the likeliest way, are those of the text; other characters don't count."""
    best = logits.argmax(-1)
    new = torch.ones_like(best, dtype=torch.bool)
    new[:, 1:] = best[:, 1:] != best[:, :-1]
    read = torch.where(new & (best > 0) & (best <= len(DIGITS)), best, 0)
    owner = torch.arange(len(batch.lengths), device=best.device).repeat_interleave(batch.lengths)
    is_digit = batch.classes <= len(DIGITS)
    return _sums(read, len(best)) == _sums_of(batch.classes[is_digit], owner[is_digit], len(best))


_BASE = 1_000_003
_MODULUS = 2_305_843_009_213


def _sums(sequences: Tensor, count: int) -> Tensor:
    """A number for each row's sequence of classes over 0, as good as never the same for two."""
    owner, place = (sequences > 0).nonzero(as_tuple=True)
    return _sums_of(sequences[owner, place], owner, count)


def _sums_of(values: Tensor, owner: Tensor, count: int) -> Tensor:
    lengths = torch.bincount(owner, minlength=count)
    begins = lengths.cumsum(0) - lengths
    place = torch.arange(len(owner), device=owner.device) - begins[owner]
    # One position's weight differs from every other's; 64-bit integers hold the sums exactly.
    weights = (place + 1) * _BASE % 999_983 + 7 * (place + 1) ** 3
    terms = (values + 13) ** 3 * weights % _MODULUS
    return torch.zeros(count, dtype=torch.int64, device=owner.device).index_add_(0, owner, terms)
