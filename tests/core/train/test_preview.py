"""What a recipe feeds its network, as pictures and as a set on disk."""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from core.base.errors import DataError, FailureError, InputError
from core.base.paths import Places
from core.loaders.contact_sheet import caption, contact_sheet, save_sheet
from core.recipes.recipe import Recipe, recipe_named
from core.train import preview as feed_module
from core.train.preview import RecipePreview, bake

Write = Callable[..., None]


@pytest.fixture
def seed_recipe() -> Recipe:
    return dataclasses.replace(recipe_named("seed"), sources={"mnist": 1.0, "meter": 0.5})


@pytest.fixture
def fed_places(places: Places, write_mnist: Write) -> Places:
    write_mnist(places.data / "mnist", 40)
    return places


def test_makes_what_the_network_gets(fed_places: Places, seed_recipe: Recipe) -> None:
    feed = RecipePreview(seed_recipe, fed_places)
    assert feed.missing == ["meter"]
    fed = feed.make(700, seed=3)
    assert fed.images.shape == (700, 28, 28)
    assert fed.images.dtype == np.uint8
    assert fed.labels.shape == (700,)
    assert set(fed.labels.tolist()) == set(range(10))
    assert set(fed.sources) == {"mnist"}
    again = feed.make(700, seed=3)
    assert np.array_equal(again.images, fed.images)
    assert not np.array_equal(feed.make(700, seed=3, part=1).images, fed.images)


def test_shares_are_followed(fed_places: Places, tmp_path: Path, seed_recipe: Recipe) -> None:
    own = tmp_path / "own"
    for i in range(20):
        path = own / "3" / f"{i}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.full((30, 30), 100, np.uint8)).save(path)
    recipe = dataclasses.replace(seed_recipe, sources={"mnist": 1.0, "folder": 3.0}, data_folder=str(own))
    fed = RecipePreview(recipe, fed_places).make(1000, seed=1)
    assert 0.68 < fed.sources.count("folder") / 1000 < 0.82
    of_folder = np.array(fed.sources) == "folder"
    assert set(fed.labels[of_folder].tolist()) == {3}


def test_says_when_there_is_nothing_to_feed(places: Places, seed_recipe: Recipe) -> None:
    absent = dataclasses.replace(seed_recipe, sources={"svhn": 1.0, "meter": 0.5})
    with pytest.raises(DataError, match="none of svhn, meter is here"):
        RecipePreview(absent, places)
    detector = dataclasses.replace(seed_recipe, network="detector")
    with pytest.raises(InputError, match="fed whole scenes"):
        RecipePreview(detector, places)
    with pytest.raises(InputError, match="fed whole rows"):
        RecipePreview(recipe_named("line"), places)


@pytest.fixture
def small_shards(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed_module, "SHARD", 30)


@pytest.mark.usefixtures("small_shards")
def test_bakes_shards_and_goes_on_where_it_was(
    fed_places: Places, seed_recipe: Recipe, tmp_path: Path
) -> None:
    feed, out = RecipePreview(seed_recipe, fed_places), tmp_path / "baked"

    def stop(done: int) -> None:
        if done >= 60:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        bake(feed, 70, out, seed=5, progress=stop)
    assert sorted(p.name for p in out.iterdir()) == ["bake.json", "shard-00000.npz", "shard-00001.npz"]
    first = (out / "shard-00000.npz").read_bytes()
    told: list[int] = []
    assert bake(feed, 70, out, seed=5, progress=told.append) == 3
    assert told == [30, 60, 70]
    assert (out / "shard-00000.npz").read_bytes() == first
    sizes = []
    for path in sorted(out.glob("*.npz")):
        with np.load(path) as shard:
            assert shard["images"].shape[1:] == (28, 28)
            assert shard["images"].dtype == np.uint8
            assert shard["labels"].shape == (len(shard["images"]),)
            sizes.append(len(shard["labels"]))
    assert sizes == [30, 30, 10]
    with pytest.raises(InputError, match="baked from other settings"):
        bake(feed, 70, out, seed=6, progress=told.append)


def test_bakes_only_into_a_folder_of_its_own(fed_places: Places, seed_recipe: Recipe, tmp_path: Path) -> None:
    feed = RecipePreview(seed_recipe, fed_places)
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "letter.txt").write_text("dear")
    with pytest.raises(InputError, match="is not empty"):
        bake(feed, 10, tmp_path / "out", seed=1, progress=lambda _: None)
    (tmp_path / "file").write_text("x")
    with pytest.raises(FailureError, match="file"):
        bake(feed, 10, tmp_path / "file", seed=1, progress=lambda _: None)


def test_bakes_not_more_than_fits(
    fed_places: Places, seed_recipe: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=10_000))
    feed, out = RecipePreview(seed_recipe, fed_places), tmp_path / "out"
    with pytest.raises(FailureError, match="free some space"):
        bake(feed, 20, out, seed=1, progress=lambda _: None)
    assert bake(feed, 10, tmp_path / "fewer", seed=1, progress=lambda _: None) == 1


def test_a_sheet_has_a_cell_an_image(tmp_path: Path) -> None:
    images = np.full((20, 28, 28), 200, np.uint8)
    captions = [caption(d % 11) for d in range(19)] + ["9 a very long name of a source"]
    sheet = contact_sheet(images, captions, columns=8)
    assert sheet.size == (8 * 68 + 4, 3 * 84 + 4)
    assert sheet.getpixel((30, 30)) == 200
    # Nothing of a long caption reaches the next cell.
    assert sheet.crop((4 + 4 * 68, 4 + 2 * 84, 8 * 68, 3 * 84)).getextrema() == (40, 40)
    assert caption(10) == "none"
    for name in ("sheet.png", "sheet.jpg"):
        save_sheet(sheet, tmp_path / "new" / name)
        with Image.open(tmp_path / "new" / name) as written:
            assert written.size == sheet.size
    for name in ("sheet.xyz", "sheet"):
        with pytest.raises(InputError, match=r"use \.png"):
            save_sheet(sheet, tmp_path / name)
    (tmp_path / "file").write_text("x")
    with pytest.raises(FailureError, match="can't be written"):
        save_sheet(sheet, tmp_path / "file" / "sheet.png")
