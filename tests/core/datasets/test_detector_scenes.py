"""What the detector trains on: found or left out with a note, the same from every worker; workers that die."""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import psutil
import pytest
from PIL import Image

from core.base.errors import DataError, FailureError
from core.base.paths import Places
from core.datasets.detector_scenes import SceneArrays, load_scene_data
from core.loaders.svhn_extra import is_held
from core.recipes.scenes import Scenes
from core.train.scene_workers import SceneFeed
from tests.core.digit_folder import make_counters

CONFIG = Scenes(size=64)
SHARES = {"meter": 1.0}


@pytest.fixture
def places(home: Path) -> Places:
    """A data folder with counters' digits and one background, and nothing else."""
    data = home / "data"
    make_counters(data)
    rng = np.random.default_rng(1)
    (data / "backgrounds").mkdir()
    for i in range(76):
        picture = rng.integers(0, 255, (90, 120), dtype=np.uint8)
        Image.fromarray(picture).save(data / "backgrounds" / f"photo_{i:03}.png")
    return Places.find(home=home)


def same(one: SceneArrays, other: SceneArrays) -> bool:
    return all(np.array_equal(getattr(one, field), getattr(other, field)) for field in SceneArrays._fields)


def test_what_is_here_is_used_and_the_rest_told(places: Places) -> None:
    data = load_scene_data(SHARES | {"svhn": 1.0, "svhn-numbers": 0.0}, CONFIG, places, "train")
    assert dict(data.shares) == SHARES
    assert len(data.notes) == 1
    assert "svhn" in data.notes[0]
    assert len(data.assets.backgrounds) == 2 - sum(is_held(f"photo_{i:03}.png") for i in range(2))


def test_nothing_here_and_unknown_names_are_errors(places: Places, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="None of the detector's data"):
        load_scene_data({"svhn": 1.0}, CONFIG, places, "train")
    with pytest.raises(DataError, match="mnist"):
        load_scene_data({"mnist": 1.0}, CONFIG, places, "train")


def test_a_batch_holds_its_scenes_boxes(places: Places) -> None:
    data = load_scene_data(SHARES, CONFIG, places, "train")
    batch = data.batch(1, 10, 4)
    assert batch.images.shape == (4, 64, 64)
    assert len(batch.owner) == len(batch.labels) == len(batch.boxes)
    assert batch.owner.max() <= 3
    assert not batch.letters_known.any()
    assert same(batch, data.batch(1, 10, 4))
    assert not same(batch, data.batch(2, 10, 4))


def test_workers_make_the_same_scenes_in_any_number(places: Places) -> None:
    data = load_scene_data(SHARES, CONFIG, places, "train")
    feed = SceneFeed(data, workers=2, shares=SHARES, places=places)
    try:
        for step in range(4):
            assert same(feed.batch(5, step * 3, 3, then=3), data.batch(5, step * 3, 3))
        assert same(feed.batch(5, 300, 3), data.batch(5, 300, 3))  # a run that is resumed elsewhere
    finally:
        feed.close()


def test_no_workers_need_no_processes(places: Places) -> None:
    data = load_scene_data(SHARES, CONFIG, places, "train")
    feed = SceneFeed(data, workers=0, shares=SHARES, places=places)
    assert same(feed.batch(5, 0, 2, then=2), data.batch(5, 0, 2))
    feed.close()


def test_a_worker_that_dies_is_told(places: Places) -> None:
    data = load_scene_data(SHARES, CONFIG, places, "train")
    feed = SceneFeed(data, workers=1, shares=SHARES, places=places)
    feed.batch(1, 0, 2)
    for worker in multiprocessing.active_children():
        worker.kill()
        worker.join()
    with pytest.raises(FailureError, match="ended by itself"):
        feed.batch(1, 2, 2)
    feed.close()


ORPHANED = """
import sys, time
from pathlib import Path
from core.base.paths import Places
from core.datasets.detector_scenes import load_scene_data
from core.train.scene_workers import SceneFeed
from tests.core.datasets.test_detector_scenes import CONFIG, SHARES

places = Places.find(home=Path(sys.argv[1]))
feed = SceneFeed(load_scene_data(SHARES, CONFIG, places, "train"), workers=1, shares=SHARES, places=places)
feed.batch(1, 0, 2, then=2)
print("ready", flush=True)
time.sleep(100)
"""


@pytest.mark.slow
def test_a_training_that_is_killed_takes_its_workers_along(places: Places) -> None:
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[3])}
    home = str(places.cache.parent)
    training = subprocess.Popen(
        [sys.executable, "-c", ORPHANED, home], stdout=subprocess.PIPE, text=True, env=environment
    )
    assert training.stdout is not None
    assert training.stdout.readline() == "ready\n"
    workers = psutil.Process(training.pid).children(recursive=True)
    assert workers
    training.kill()
    training.communicate()
    _, alive = psutil.wait_procs(workers, timeout=60)
    assert not alive
