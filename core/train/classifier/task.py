"""What training a classifier means: its data, its cost, its measurements, its end."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from assets import MODELS
from core.augmentation.augment import augment, plain_view
from core.base.errors import NAME_DATA, DataError, ModelError
from core.base.paths import Places
from core.datasets.catalog import NON_DIGITS
from core.evaluation.photo_sets import spread_indices
from core.loaders.own.digits import copies, warnings_of
from core.networks.classifier import Answer, GeneralNetwork, build_network
from core.reading.types import NOT_A_DIGIT
from core.recipes.recipe import SHIPPED, Recipe, RecipeError
from core.runs.events import Evaluated
from core.runs.folder import RunFolder
from core.train import checkpoint
from core.train.about import About
from core.train.mixture import Mixture, load_sources
from core.train.samples import SOURCES, Samples, hold_back, photo_textures
from core.train.start import check_sources
from core.train.task import Measurement, StepCost, batch_seed, generator

MEASURED_IMAGES = 2_000
"""Of each source, at most, in the dev cost; fewer where the epochs are short, so that measuring stays a part."""
MEASURE_BATCH = 500


class Batch(NamedTuple):
    """x_B1HW: float32, 0–1. labels: (B,) int64."""

    x_B1HW: Tensor
    labels: Tensor


class ClassifierTask:
    """Trains a network of `core/networks/classifier.py` on single digits; see `core.train.task.Task`."""

    def __init__(
        self, recipe: Recipe, places: Places, device: torch.device, check_stop: Callable[[], object]
    ) -> None:
        """Load the data of the recipe onto the device. Raises DataError where no source is here."""
        self.recipe, self.places, self.device = recipe, places, device
        self.network_class = type(build_network(recipe.network, recipe.dropout))
        self.size = self.network_class.input_size
        if self.network_class.classes <= NOT_A_DIGIT and recipe.sources.get(NON_DIGITS, 0) > 0:
            raise RecipeError(
                f"sources.{NON_DIGITS}", "this network knows digits only; give it a share of 0."
            )
        check_sources(recipe)
        self.folder = Path(recipe.data_folder).expanduser() if recipe.data_folder else None
        train, self.notes = self._load("train", check_stop)
        if not train:
            raise DataError(
                " ".join(self.notes)
                if self.folder is not None
                else f"None of the recipe's data is here. Fetch some (gnc data fetch mnist), or {NAME_DATA}."
            )
        self.not_measured: dict[str, str] = {}
        self.held_out: dict[str, Samples] = {}
        """For the test phase, of sources that have nothing else for it."""
        if recipe.random_splits:
            train, dev, self.held_out = _split_at_random(train, recipe.seed)
        else:
            dev, _ = self._load("dev", check_stop)
            train, dev, without = hold_back(train, dev)
            self.held_out = {name: dev[name] for name in without}
            self.notes += [
                f"The source “{name}” keeps no digits for measuring: {len(dev[name]):,} of its images are held back."
                for name in without
            ]
        self.notes += self._notes_on_own(train, dev)
        counts = {name: len(samples) for name, samples in train.items() if len(samples)}
        train = {name: _at_most(train[name], self._drawn(name, counts), recipe.seed) for name in counts}
        self.train = Mixture.holding(train, recipe.sources, device)
        self.images_per_epoch = recipe.images_per_epoch or sum(counts.values())
        measured = min(MEASURED_IMAGES, max(self.images_per_epoch // (2 * max(len(dev), 1)), 100))
        self.dev = {name: _at_most(samples, measured, recipe.seed) for name, samples in dev.items()}
        self.dev = {name: samples for name, samples in self.dev.items() if len(samples.labels)}
        if not self.dev:
            raise DataError(
                "None of the recipe's sources has images to measure the dev cost on; add another source."
            )
        self.sources = counts
        uses_photos = recipe.augmentation.background_photo > 0
        textures = photo_textures(places, "train") if uses_photos else None
        self.textures = None if textures is None else textures.to(device)
        self.teacher = None
        if recipe.teacher:
            self.teacher = self._stored(recipe.teacher).to(device).eval().requires_grad_(False)
        self._order_epoch, self._order = -1, torch.empty(0, dtype=torch.int64)
        self._train_part = self.train.sample(measured * 2, recipe.seed)

    def _drawn(self, name: str, counts: Mapping[str, int]) -> int:
        """How many images of a source the whole run draws at most: a short run need not hold all there are."""
        recipe = self.recipe
        share = recipe.sources[name] / sum(recipe.sources[other] for other in counts)
        whole = recipe.images_per_epoch * recipe.epochs
        return math.ceil(whole * share) + recipe.epochs if whole else counts[name]

    def _notes_on_own(self, train: Mapping[str, Samples], dev: Mapping[str, Samples]) -> list[str]:
        """What is to be known of people's own digits before the first epoch."""
        if "folder" not in train:
            return []
        notes = []
        own, test = train["folder"], SOURCES["folder"].load("test", self.places, self.folder)
        parts = [own, *(part for part in (dev.get("folder"), test) if part is not None)]
        left_out = list(dict.fromkeys(sentence for part in parts for sentence in part.left_out))
        if left_out:
            files = (
                "1 file of your folder is"
                if len(left_out) == 1
                else f"{len(left_out):,} files of your folder are"
            )
            notes.append(f"{files} left out: {' '.join(left_out[:20])}{' …' if len(left_out) > 20 else ''}")
        notes += [f"Your folder: {sentence}" for sentence in warnings_of(own.labels.tolist())]
        for name, part in (("dev", dev.get("folder")), ("test", test)):
            if part is None or not (same := copies(own.images.numpy(), part.images.numpy())):
                continue
            notes.append(
                f"Your folder: {same:,} of its {len(part):,} {name} images are also among those for training, so "
                f"its {name} figures look better than they are."
            )
        return notes

    def _load(self, split: str, check_stop: Callable[[], object]) -> tuple[dict[str, Samples], list[str]]:
        def available(name: str) -> tuple[bool, str]:
            found = SOURCES[name].available(self.places, self.folder)
            return found.here, found.note

        return load_sources(
            self.recipe.sources,
            lambda name: self._known(SOURCES[name].load(split, self.places, self.folder)),
            available,
            check_stop,
        )

    def _known(self, samples: Samples) -> Samples:
        """Those that the network has a class for: the seed's knows digits only, and people label what is none, too."""
        known = samples.labels < self.network_class.classes
        return samples if bool(known.all()) else samples.select(known)

    def build(self) -> nn.Module:
        """The network, with the weights of `start_from` where the recipe names some."""
        start = self.recipe.start_from
        network = self._stored(start) if start else build_network(self.recipe.network, self.recipe.dropout)
        if isinstance(network, GeneralNetwork):
            network.freeze(self.recipe.frozen_stages)
        return network

    def _stored(self, where: str) -> nn.Module:
        """A network of the recipe's kind with the weights of a file, or the shipped ones. Raises ModelError."""
        path = (
            MODELS / f"classifier{checkpoint.SHIPPED_SUFFIX}"
            if where == SHIPPED
            else Path(where).expanduser()
        )
        content = checkpoint.load(path, ("weights", "network"))
        if content["network"] != self.recipe.network:
            raise ModelError(f"{path} holds the network “{content['network']}”, not “{self.recipe.network}”.")
        network = build_network(self.recipe.network, self.recipe.dropout, content["weights"])
        checkpoint.restore(network, content, path)
        return network

    def batch(self, *, epoch: int, step: int, rank: int, processes: int) -> Batch:
        """This rank's share of a batch: picked, augmented, on the device."""
        if epoch != self._order_epoch:
            order = self.train.order(self.images_per_epoch, self.recipe.seed, epoch)
            self._order_epoch, self._order = epoch, order.to(self.device)
        size = self.recipe.batch_size // processes
        first = (step * processes + rank) * size
        # The last batch of an epoch borrows from its beginning where the images do not divide evenly.
        places = torch.arange(first, first + size, device=self.device) % len(self._order)
        picked = self._order[places]
        made = generator(batch_seed(self.recipe.seed, 1, epoch, step, rank), self.device)
        x_B1HW = augment(
            self.train.images.index_select(0, picked),
            self.train.is_ink.index_select(0, picked),
            self.recipe.augmentation_at(epoch),
            made,
            size=self.size,
            textures=self.textures,
        )
        return Batch(x_B1HW, self.train.labels.index_select(0, picked))

    def cost(self, network: nn.Module, batch: Batch) -> StepCost:
        """Cross-entropy of the combined answer, a share of each stage's own, and the distance to the teacher's."""
        answer: Answer = network(batch.x_B1HW)
        combined, votes = answer.combined.float(), answer.votes.float()
        smoothing = self.recipe.label_smoothing
        loss = F.cross_entropy(combined, batch.labels, label_smoothing=smoothing)
        if self.recipe.vote_cost:
            stages = votes.shape[0]
            each = F.cross_entropy(
                votes.flatten(0, 1), batch.labels.repeat(stages), label_smoothing=smoothing
            )
            loss = loss + self.recipe.vote_cost * each
        if self.teacher is not None:
            with torch.no_grad():
                taught = self.teacher(batch.x_B1HW).combined.float()
            loss = torch.lerp(loss, _distance(combined, taught), self.recipe.teacher_weight)
        with torch.no_grad():
            reported = F.cross_entropy(combined, batch.labels) if smoothing or self.recipe.vote_cost else loss
            accuracy = (combined.argmax(1) == batch.labels).float().mean()
        return StepCost(loss, reported, accuracy)

    def measure(self, network: nn.Module, split: str, check_stop: Callable[[], object]) -> Measurement:
        """Mean cost and accuracy; each source counts by its share of the mixture, so that splits compare."""
        if split == "train":
            part = self._train_part.to(self.device)
            cost, accuracy, _ = self._measure_samples(
                network, self.train.images[part], self.train.is_ink[part], self.train.labels[part], check_stop
            )
            return Measurement(cost, accuracy, {})
        by_source, total_cost, total_accuracy, total_share = {}, 0.0, 0.0, 0.0
        for name, samples in self.dev.items():
            cost, accuracy, _ = self._measure_samples(
                network, samples.images, samples.is_ink, samples.labels, check_stop
            )
            by_source[name] = accuracy
            share = self.recipe.sources[name]
            total_cost, total_accuracy = total_cost + share * cost, total_accuracy + share * accuracy
            total_share += share
        return Measurement(total_cost / total_share, total_accuracy / total_share, by_source)

    def _measure_samples(
        self,
        network: nn.Module,
        images: Tensor,
        is_ink: Tensor,
        labels: Tensor,
        check_stop: Callable[[], object],
    ) -> tuple[float, float, Tensor]:
        logits = self.logits(network, images, is_ink, check_stop)
        labels = labels.to(logits.device)
        cost = F.cross_entropy(logits, labels).item()
        return cost, (logits.argmax(1) == labels).float().mean().item(), logits

    @torch.no_grad()
    def logits(
        self, network: nn.Module, images: Tensor, is_ink: Tensor, check_stop: Callable[[], object]
    ) -> Tensor:
        """The combined answer to un-augmented images (N, 64, 64), float32 (N, K) on the device."""
        was_training = network.training
        network.eval()
        try:
            found = []
            for start in range(0, len(images), MEASURE_BATCH):
                check_stop()
                part = slice(start, start + MEASURE_BATCH)
                x_B1HW = plain_view(images[part].to(self.device), is_ink[part].to(self.device), self.size)
                found.append(network(x_B1HW).combined.float())
            return torch.cat(found)
        finally:
            network.train(was_training)

    def finish(self, network: nn.Module, run: RunFolder, about: About) -> list[Evaluated]:
        """Calibrate on dev, measure every source's test split, write `test.json`, export."""
        from core.train.classifier.report import run_test_phase
        from core.train.export import export_classifier

        temperature = self._temperature(network)
        parts = {name: self._tested(name) for name in self.train.names if name != NON_DIGITS}
        self.not_measured = self._not_measured(parts)
        evaluated, figures = run_test_phase(
            {name: samples for name, samples in parts.items() if len(samples.labels)},
            lambda s: (self.logits(network, s.images, s.is_ink, lambda: None) / temperature).softmax(1).cpu(),
            run,
            not_measured=self.not_measured,
        )
        about = replace(about, temperature=temperature, figures=figures)
        checkpoint.save(run.best, about.to_dict() | {"weights": network.state_dict()})
        export_classifier(network.cpu(), about, run.best_onnx)
        return evaluated

    def _test_samples(self, name: str) -> Samples:
        """The test split of a source; the dev split where it has none, or none is here; else what was held back."""
        if name in self.held_out:
            return self.held_out[name]
        test = SOURCES[name].load("test", self.places, self.folder)
        return test if len(test) else SOURCES[name].load("dev", self.places, self.folder)

    def _tested(self, name: str) -> Samples:
        """Those that the test phase reads."""
        samples = self._test_samples(name)
        kept = spread_indices(len(samples), self.recipe.test_images or None)
        return samples if len(kept) == len(samples) else samples.select(torch.tensor(kept))

    def _not_measured(self, parts: Mapping[str, Samples]) -> dict[str, str]:
        """By source of the recipe a sentence that says why there is no figure of it."""
        wanted = [name for name, share in self.recipe.sources.items() if share > 0 and name != NON_DIGITS]
        said = {
            name: "it was not here, so nothing was learned from it." for name in wanted if name not in parts
        }
        return said | {
            name: "none of its digits are kept out of training."
            for name, samples in parts.items()
            if not len(samples.labels)
        }

    def _temperature(self, network: nn.Module) -> float:
        """What to divide logits by so that confidences are honest on dev (Guo et al., 2017)."""
        logits = torch.cat(
            [self.logits(network, s.images, s.is_ink, lambda: None) for s in self.dev.values()]
        )
        labels = torch.cat([s.labels for s in self.dev.values()]).to(logits.device)
        candidates = [math.exp(t / 20) for t in range(-30, 31)]
        costs = [F.cross_entropy(logits / t, labels).item() for t in candidates]
        return candidates[costs.index(min(costs))]


SOFTENED = 2.0
"""Temperature at which a teacher's answer is compared: what it nearly said shows too (Hinton et al., 2015)."""


def _distance(logits: Tensor, taught: Tensor) -> Tensor:
    """Mean divergence (Kullback–Leibler) of answers (B, K) from a teacher's, softened; as steep as at temperature 1."""
    log_probs, wanted = (logits / SOFTENED).log_softmax(1), (taught / SOFTENED).log_softmax(1)
    return F.kl_div(log_probs, wanted, reduction="batchmean", log_target=True) * SOFTENED**2


def _at_most(samples: Samples, count: int, seed: int) -> Samples:
    """At most `count` of the samples, chosen by the seed."""
    if len(samples.labels) <= count:
        return samples
    return samples.select(torch.randperm(len(samples.labels), generator=generator(seed))[:count])


def _split_at_random(
    train: dict[str, Samples], seed: int
) -> tuple[dict[str, Samples], dict[str, Samples], dict[str, Samples]]:
    """The seed's splits of every source's training images: 20% test; of the rest 20% dev. Train, dev, test.

    What the sources themselves keep out of training stays out, so that all models can be measured on it.
    """
    parts: tuple[dict[str, Samples], ...] = ({}, {}, {})
    for index, (name, samples) in enumerate(train.items()):
        shuffled = torch.randperm(len(samples), generator=generator(batch_seed(seed, 3, index)))
        n_test = round(0.2 * len(shuffled))
        n_dev = round(0.2 * (len(shuffled) - n_test))
        cuts = (shuffled[n_test + n_dev :], shuffled[n_test : n_test + n_dev], shuffled[:n_test])
        for part, cut in zip(parts, cuts, strict=True):
            part[name] = samples.select(cut)
    return parts[0], parts[1], parts[2]
