"""What is previewed is what training draws: the same images, strengths, scenes and rows."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from core.augmentation.augment import augment
from core.base.errors import DataError
from core.base.paths import Places
from core.datasets import line_rows
from core.datasets.number_entries import MADE_ROWS
from core.recipes.recipe import Recipe, recipe_named
from core.train.classifier.task import ClassifierTask
from core.train.detector.task import DetectorTask
from core.train.line.task import LineTask
from core.train.preview_feeds import PreviewFeeds, draw_digits
from core.train.samples import SOURCES
from core.train.task import batch_seed, generator
from tests.core.digit_folder import make_counters

CPU = torch.device("cpu")


@pytest.fixture
def places(home: Path) -> Places:
    make_counters(home / "data")
    return Places.find(home=home)


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """Thirty pictures of threes."""
    rng = np.random.default_rng(0)
    for i in range(30):
        path = tmp_path / "own" / "3" / f"{i}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(rng.integers(0, 255, (30, 30)).astype(np.uint8)).save(path)
    return tmp_path / "own"


def quiet(_: str) -> None:
    pass


def digits(own: Path) -> Recipe:
    changes = {"images_per_epoch": 40, "epochs": 10, "calm_end": 0.5, "batch_size": 40, "seed": 7}
    recipe = dataclasses.replace(
        recipe_named("quick"), sources={"meter": 1.0, "folder": 3.0}, data_folder=str(own)
    )
    return recipe.with_values(changes | {"augmentation.background_photo": 0})


@pytest.mark.parametrize("epoch", [0, 9])
def test_digits_are_those_of_an_epoch(places: Places, own: Path, epoch: int) -> None:
    recipe = digits(own)
    task = ClassifierTask(recipe, places, CPU, lambda: None)
    order = task.train.order(40, recipe.seed, epoch)
    parts = {name: SOURCES[name].load("train", places, own) for name in recipe.sources}
    drawn = draw_digits(recipe, parts, None, 40, seed=recipe.seed, part=epoch, epoch=epoch)
    assert drawn.labels.tolist() == task.train.labels[order].tolist()
    strengths = recipe.augmentation.calmer(0.6) if epoch == 9 else recipe.augmentation
    made = generator(batch_seed(recipe.seed, 1, epoch, epoch))
    wanted = augment(
        task.train.images[order], task.train.is_ink[order], strengths, made, size=task.size, textures=None
    )
    assert np.abs(drawn.images / 255 - wanted[:, 0].numpy()).max() < 0.51 / 255
    assert drawn.sources.count("folder") == 30
    assert {drawn.texts[i] for i, name in enumerate(drawn.sources) if name == "folder"} == {"3"}


def test_sources_that_are_not_here_are_told(places: Places, own: Path) -> None:
    heard: list[str] = []
    feeds = PreviewFeeds(places)
    recipe = dataclasses.replace(digits(own), sources={"meter": 1.0, "svhn": 1.0})
    assert feeds.make(recipe, 6, seed=1, on_loading=heard.append).missing == ("svhn",)
    assert heard == ["meter", "svhn"]
    with pytest.raises(DataError, match="None of svhn is here"):
        feeds.make(dataclasses.replace(recipe, sources={"svhn": 1.0}), 6, seed=1, on_loading=quiet)


def test_scenes_are_those_of_the_run(places: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.train.detector.task.worker_count", lambda device: 0)
    recipe = recipe_named("detector").with_values({"scenes.size": 64, "batch_size": 4, "seed": 5})
    recipe = dataclasses.replace(recipe, sources={"meter": 1.0, "cheques": 1.0})
    task = DetectorTask(recipe, places, CPU, lambda: None)
    batch = task.batch(epoch=0, step=0, rank=0, processes=1)
    feeds = PreviewFeeds(places)
    drawn = feeds.make(recipe, 4, seed=5, on_loading=quiet)
    assert (drawn.images == (batch.x_B1HW[:, 0] * 255).round().byte().numpy()).all()
    assert drawn.sources == ("meter",) * 4
    assert drawn.missing == ("cheques",)
    tilted = feeds.make(recipe.with_values({"scenes.faults": 0}), 4, seed=5, on_loading=quiet)
    assert (tilted.images != drawn.images).any()


def test_rows_are_those_of_the_run(places: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(line_rows, "MADE_ROWS", dict.fromkeys(MADE_ROWS, 30))
    monkeypatch.setattr(line_rows, "DEV_ROWS", 6)
    recipe = dataclasses.replace(
        recipe_named("line"),
        sources={"line-painted": 1.0, "line-segments": 0.5, "cheques": 1.0},
        batch_size=8,
        seed=3,
    )
    task = LineTask(recipe, places, CPU, lambda: None)
    batch = task.batch(epoch=0, step=0, rank=0, processes=1)
    feeds = PreviewFeeds(places)
    drawn = feeds.make(recipe, 8, seed=3, on_loading=quiet)
    assert (drawn.images == (batch.x_B1HW[:, 0] * 255).round().byte().numpy()).all()
    assert [len(text) for text in drawn.texts] == batch.lengths.tolist()
    assert set(drawn.sources) <= {"line-painted", "line-segments"}
    assert drawn.missing == ("cheques",)
    only = dataclasses.replace(recipe, sources={"line-segments": 1.0})
    assert set(feeds.make(only, 8, seed=3, on_loading=quiet).sources) == {"line-segments"}


def test_the_first_rows_of_a_source(places: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(line_rows, "MADE_ROWS", dict.fromkeys(MADE_ROWS, 9))
    rows = line_rows.load_rows(places, "line-painted", "train")
    few = rows.first(4)
    assert len(few) == 4
    assert len(few.columns) == rows.starts[4]
    assert len(few.classes) == rows.ends[3]
    assert rows.first(100) is rows
