"""What training a detector means: its scenes, its cost, its measurements, its end. See `core.train.task.Task`.

The shipped detector is made in stages. SVHN-extra's photos come without boxes, and some digits of SVHN's own photos
have none; an earlier detector finds both, and they stand in `core/data/svhn_extra_boxes.csv` and `svhn_unlabelled.csv`:

    python -m core.tools.locate_digits --detector assets/models/detector.onnx --classifier assets/models/classifier.onnx
    python -m core.tools.locate_digits --unlabelled --classifier assets/models/classifier.onnx
    gnc train --recipe detector --out RUNS

A stage's `best_model.pt` becomes `assets/models/detector.pt`, from which the next one starts; the commands of those
after the first stand in the card, `assets/models/detector.md`. At last

    python -m core.evaluation.reader_calibration --detector RUNS/last/best_model.onnx --out assets/models/detector.onnx

A run calibrates itself with the shipped classifier; the last command is for another classifier.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import torch
from torch import Tensor, nn

from assets import MODELS
from core.base.errors import DataError, ModelError
from core.base.paths import Places
from core.datasets.detector_scenes import SceneArrays, load_scene_data
from core.networks.detector import DetectorNetwork
from core.reading.detector import Detector
from core.reading.model_file import write_metadata
from core.reading.photo_reader import PhotoReader, ReaderSettings
from core.recipes.recipe import SHIPPED, Recipe
from core.runs.events import Evaluated
from core.runs.folder import RunFolder
from core.train import checkpoint
from core.train.about import About
from core.train.detector.targets import SceneBatch, detector_cost, make_targets
from core.train.scene_workers import SceneFeed
from core.train.start import check_sources, settings_at_start
from core.train.task import Measurement, StepCost, batch_seed

MEASURED_SCENES = 256
"""Of each source, in the dev cost; fewer where the epochs are short, so that measuring stays a part."""
MEASURE_BATCH = 16


class DetectorTask:
    """Trains the network of `core/networks/detector.py` on made scenes and real photos."""

    def __init__(
        self, recipe: Recipe, places: Places, device: torch.device, check_stop: Callable[[], object]
    ) -> None:
        """Load what the recipe names, and start the processes that make scenes.

        Raises DataError where none of it is here, RecipeError for unknown sources.
        """
        self.recipe, self.places, self.device = recipe, places, device
        check_sources(recipe)
        self.train = load_scene_data(recipe.sources, recipe.scenes, places, "train")
        check_stop()
        self.dev = load_scene_data(recipe.sources, recipe.scenes, places, "dev")
        check_stop()
        if not self.dev.shares:
            raise DataError(
                "None of the recipe's sources has scenes to measure the dev cost on; add another."
            )
        self.notes = list(self.train.notes)
        self.not_measured: dict[str, str] = {}
        self.sources = dict(self.train.counts)
        self.images_per_epoch = recipe.images_per_epoch or 8_000
        self.feed = SceneFeed(self.train, workers=worker_count(device), shares=recipe.sources, places=places)
        self._measured: dict[str, list[SceneBatch]] = {}

    def build(self) -> nn.Module:
        """The network, with the weights of `start_from` where the recipe names some."""
        network = DetectorNetwork()
        start = self.recipe.start_from
        if start:
            path = (
                MODELS / f"detector{checkpoint.SHIPPED_SUFFIX}"
                if start == SHIPPED
                else Path(start).expanduser()
            )
            content = checkpoint.load(path, ("weights", "network"))
            if content["network"] != self.recipe.network:
                raise ModelError(f"{path} holds the network “{content['network']}”, not “detector”.")
            checkpoint.restore(network, content, path)
        return network

    def batch(self, *, epoch: int, step: int, rank: int, processes: int) -> SceneBatch:
        """This rank's share of a batch, on the device. Scenes are numbered through from the first epoch on."""
        steps_per_epoch = max(1, round(self.images_per_epoch / self.recipe.batch_size))
        size = self.recipe.batch_size // processes
        first = ((epoch * steps_per_epoch + step) * processes + rank) * size
        arrays = self.feed.batch(batch_seed(self.recipe.seed, 1), first, size, then=size * processes)
        return self._on_device(arrays)

    def _on_device(self, arrays: SceneArrays) -> SceneBatch:
        pixels = torch.from_numpy(arrays.images).to(self.device)
        owner, labels, boxes, known = (torch.from_numpy(a).to(self.device) for a in arrays[1:])
        return SceneBatch(pixels[:, None].float().div_(255), owner, labels, boxes, known)

    def cost(self, network: nn.Module, batch: SceneBatch) -> StepCost:
        """Forward pass and cost of one batch."""
        maps_BCHW: Tensor = network(batch.x_B1HW)
        return detector_cost(maps_BCHW.float(), make_targets(batch))

    @torch.no_grad()
    def measure(self, network: nn.Module, split: str, check_stop: Callable[[], object]) -> Measurement:
        """Mean cost and share of digits found and read right on fixed scenes; every source counts by its share."""
        was_training = network.training
        network.eval()
        by_source, cost, accuracy, total = {}, 0.0, 0.0, 0.0
        try:
            for name, share in self._parts(split).items():
                costs = []
                for batch in self._scenes(split, name, check_stop):
                    check_stop()
                    step = self.cost(network, batch)
                    costs.append(torch.stack((step.cross_entropy, step.accuracy)))
                mean_cost, mean_accuracy = torch.stack(costs).mean(0).tolist()
                by_source[name] = mean_accuracy
                cost, accuracy, total = (
                    cost + share * mean_cost,
                    accuracy + share * mean_accuracy,
                    total + share,
                )
        finally:
            network.train(was_training)
        return Measurement(cost / total, accuracy / total, by_source if split == "dev" else {})

    def _parts(self, split: str) -> dict[str, float]:
        return dict((self.train if split == "train" else self.dev).shares)

    def _scenes(self, split: str, source: str, check_stop: Callable[[], object]) -> list[SceneBatch]:
        """The fixed scenes of a source, made once."""
        key = f"{split}/{source}"
        if key not in self._measured:
            data = self.train if split == "train" else self.dev
            most = min(MEASURED_SCENES, max(self.images_per_epoch // 25, MEASURE_BATCH))
            count = most if split == "dev" else most // 2
            made = []
            for first in range(0, count, MEASURE_BATCH):
                check_stop()
                made.append(
                    self._on_device(data.batch(batch_seed(7, len(source)), first, MEASURE_BATCH, source))
                )
            self._measured[key] = made
        return self._measured[key]

    def finish(self, network: nn.Module, run: RunFolder, about: About) -> list[Evaluated]:
        """Export `best_model.onnx`, calibrate it, read every photo kept out of training, write `test.json`."""
        from core.evaluation.reader_calibration import calibrate, held_pictures
        from core.train.detector.report import run_detector_test_phase, shipped_classifier
        from core.train.export import export_detector

        self.feed.close()
        export_detector(network, about, run.best_onnx)
        kept = settings_at_start(self.recipe.start_from, "detector") if self.recipe.keep_settings else {}
        if kept:
            settings = ReaderSettings.from_dict(kept)
        else:
            try:
                held = held_pictures(self.places)
            except DataError:
                settings = ReaderSettings()  # nothing here to measure better ones on
            else:
                settings, _ = calibrate(PhotoReader(Detector.load(run.best_onnx), shipped_classifier()), held)
        reader = settings.to_dict()
        write_metadata(run.best_onnx, {"reader": json.dumps(reader)}, run.best_onnx, kind="detector")
        limit = self.recipe.test_images or None
        evaluated, figures, self.not_measured = run_detector_test_phase(run, self.places, limit)
        about = replace(about, reader=reader, figures=figures)
        checkpoint.save(run.best, about.to_dict() | {"weights": network.state_dict()})
        write_metadata(run.best_onnx, {"figures": json.dumps(figures)}, run.best_onnx, kind="detector")
        return evaluated


def worker_count(device: torch.device) -> int:
    """How many processes make scenes. One makes some 350 a second, a CPU core trains on some 60."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if device.type == "cpu":
        return max(1, cores // 6)
    return max(1, min(cores - 2, 14))
