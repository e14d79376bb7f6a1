"""A detector's run from its first batch to its model file, on a handful of counters."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.nn.functional import pixel_unshuffle

from core.base.errors import DataError, ModelError
from core.base.paths import Places
from core.networks.detector import DetectorNetwork
from core.reading.detector import Detector
from core.reading.detector_format import CHANNELS, PATCH
from core.reading.model_file import write_metadata
from core.reading.photo_reader import PhotoReader, ReaderSettings
from core.recipes.recipe import Recipe, RecipeError, Scenes, recipe_named
from core.runs.folder import RunFolder
from core.train import checkpoint
from core.train.about import About
from core.train.detector.task import DetectorTask
from core.train.export import export_file
from core.train.task import Task
from tests.core.digit_folder import make_counters


def recipe(**changes: object) -> Recipe:
    values = {"batch_size": 4, "images_per_epoch": 8, "epochs": 2, "sources": {"meter": 1.0}}
    plain = recipe_named("detector").to_dict() | {"scenes": {"size": 64}}
    return Recipe.from_dict(plain | values | changes)


@pytest.fixture
def places(home: Path) -> Places:
    data = home / "data"
    make_counters(data)
    return Places.find(home=home)


@pytest.fixture
def task(places: Places, monkeypatch: pytest.MonkeyPatch) -> Iterator[DetectorTask]:
    monkeypatch.setattr("core.train.detector.task.worker_count", lambda device: 0)
    monkeypatch.setattr("core.train.detector.task.MEASURED_SCENES", 8)
    monkeypatch.setattr("core.train.detector.task.MEASURE_BATCH", 4)
    made = DetectorTask(recipe(), places, torch.device("cpu"), lambda: None)
    yield made
    made.feed.close()


def test_it_is_a_task(task: DetectorTask) -> None:
    as_task: Task = task
    assert as_task.images_per_epoch == 8
    assert as_task.sources["meter"] > 0


def test_batches_follow_from_their_place_in_the_run(task: DetectorTask) -> None:
    one = task.batch(epoch=1, step=0, rank=0, processes=1)
    again = task.batch(epoch=1, step=0, rank=0, processes=1)
    assert one.x_B1HW.shape == (4, 1, 64, 64)
    assert 0 <= float(one.x_B1HW.min()) <= float(one.x_B1HW.max()) <= 1
    assert torch.equal(one.x_B1HW, again.x_B1HW)
    assert torch.equal(one.boxes, again.boxes)
    first = task.batch(epoch=1, step=0, rank=0, processes=2)
    second = task.batch(epoch=1, step=0, rank=1, processes=2)
    assert torch.equal(torch.cat((first.x_B1HW, second.x_B1HW)), one.x_B1HW)


def test_a_step_and_a_measurement(task: DetectorTask) -> None:
    network = task.build()
    cost = task.cost(network, task.batch(epoch=0, step=0, rank=0, processes=1))
    cost.loss.backward()
    measured = task.measure(network, "dev", lambda: None)
    assert np.isfinite(measured.cost)
    assert set(measured.accuracy_by_source) == {"meter"}
    assert measured == task.measure(network, "dev", lambda: None)
    assert task.measure(network, "train", lambda: None).accuracy_by_source == {}
    assert network.training


def test_absent_and_unknown_sources(places: Places) -> None:
    with pytest.raises(DataError):
        DetectorTask(recipe(sources={"svhn": 1.0}), places, torch.device("cpu"), lambda: None)
    with pytest.raises(RecipeError, match="sources"):
        DetectorTask(recipe(sources={"mnist": 1.0}), places, torch.device("cpu"), lambda: None)


def test_it_starts_from_given_weights(
    places: Places, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.train.detector.task.worker_count", lambda device: 0)
    network, path = DetectorNetwork(), tmp_path / "best_model.pt"
    checkpoint.save(path, {"network": "detector", "weights": network.state_dict()})
    task = DetectorTask(recipe(start_from=str(path)), places, torch.device("cpu"), lambda: None)
    assert all(
        torch.equal(a, b) for a, b in zip(task.build().parameters(), network.parameters(), strict=True)
    )
    checkpoint.save(path, {"network": "general", "weights": {}})
    with pytest.raises(ModelError, match="general"):
        task.build()


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_end_of_a_run_is_a_model_file_that_reads(task: DetectorTask, tmp_path: Path) -> None:
    torch.manual_seed(1)
    run = RunFolder(tmp_path / "run")
    run.path.mkdir()
    network = task.build().eval()
    evaluated = task.finish(network, run, About("detector", recipe="detector"))
    assert [event.source for event in evaluated] == ["made-numbers"], "of shipped fonts; no photos are here"
    assert json.loads(run.test.read_text())["kind"] == "detector"
    finder = Detector.load(run.best_onnx)
    assert finder.info.recipe == "detector"
    assert finder.info.bytes < 2_400_000

    images = torch.rand(1, 1, 64, 112)
    with torch.no_grad():
        wanted = network(images)[0]
    maps = finder.infer(images.numpy())
    assert maps.shape == (CHANNELS * PATCH**2, 8, 14)
    assert np.abs(maps[2 * PATCH**2 :] - pixel_unshuffle(wanted, PATCH)[2 * PATCH**2 :].numpy()).max() < 1e-3

    settings = ReaderSettings(bias=1.25)
    again = tmp_path / "again.onnx"
    write_metadata(run.best_onnx, {"reader": json.dumps(settings.to_dict())}, again, kind="detector")
    reader = PhotoReader.load(again, None)
    assert reader.settings == settings
    assert reader.read(np.zeros((48, 60, 3), np.uint8)).numbers == ()


def test_a_runs_weights_can_be_exported_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Path] = []

    def export(network: DetectorNetwork, about: object, path: Path) -> float:
        asked.append(path)
        return 0.0

    monkeypatch.setattr("core.train.export.export_detector", export)
    network = DetectorNetwork()
    checkpoint.save(tmp_path / "best_model.pt", {"network": "detector", "weights": network.state_dict()})
    assert export_file(tmp_path, tmp_path / "out.onnx") == 0
    assert asked == [tmp_path / "out.onnx"]


def test_the_recipe_is_complete() -> None:
    full = recipe_named("detector")
    assert Recipe.from_dict(full.to_dict()) == full
    assert full.with_values({"scenes.tilt": "10"}).scenes == Scenes(tilt=10.0)
