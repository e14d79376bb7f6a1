"""The catalogue and the sources as tensors."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from core.base.errors import DataError
from core.base.paths import Places
from core.datasets import non_digits, synthetic_digits
from core.datasets.catalog import CATALOGUE, entry_named
from core.loaders import background_photos, fonts, pen_strokes, svhn_extra
from core.loaders.user_digits import UserDigitStore
from core.reading.strokes import Stroke
from core.train.samples import (
    SOURCES,
    Samples,
    concatenate,
    photo_textures,
    source_named,
)

Write = Callable[..., None]


def test_all_sources_are_there() -> None:
    assert list(SOURCES) == [
        "mnist", "svhn", "svhn-numbers", "fonts", "strokes", "crohme", "cvl", "dida", "meter",
        "meter-tenths", "folder", "corrections", "made-photos", "non-digits",
    ]  # fmt: skip
    for source in SOURCES.values():
        assert source.entry.title
        assert source.entry.terms
        assert set(source.splits) <= {"train", "dev", "test"}


def test_listing_needs_no_torch() -> None:
    code = "import sys, core.datasets.catalog, core.loaders.download; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_loads_tensors(places: Places, write_mnist: Write) -> None:
    write_mnist(places.data / "mnist")
    samples = SOURCES["mnist"].load("test", places)
    assert len(samples) == 12
    assert samples.images.dtype == torch.uint8
    assert samples.labels.tolist() == [*range(10), 0, 1]
    assert samples.is_ink.all()
    assert samples.source == "mnist"
    again = SOURCES["mnist"].load("test", places)
    assert torch.equal(again.images, samples.images)


def test_says_what_is_here_and_counts_once_loaded(
    places: Places, write_mnist: Write, no_starter: None
) -> None:
    entry = CATALOGUE["mnist"]
    absent = entry.available(places)
    assert not absent.here
    assert "gnc data fetch mnist" in absent.note
    assert absent.n == 70_000
    write_mnist(places.data / "mnist")
    found = entry.available(places)
    assert found.here
    assert not found.exact
    assert found.note == str(places.data / "mnist")
    for split in entry.splits:
        entry.load_arrays(split, places)
    counted = entry.available(places)
    assert counted.exact
    assert counted.counts == {"train": 12, "dev": 0, "test": 12}


def test_finds_what_was_fetched(places: Places, write_mnist: Write) -> None:
    write_mnist(places.downloads / "mnist")
    assert CATALOGUE["mnist"].available(places).note == str(places.downloads / "mnist")


def test_a_changed_file_is_loaded_anew(places: Places, write_mnist: Write) -> None:
    write_mnist(places.data / "mnist", 12)
    assert len(SOURCES["mnist"].load("train", places)) == 12
    write_mnist(places.data / "mnist", 7)
    assert len(SOURCES["mnist"].load("train", places)) == 7


def test_a_split_that_a_source_lacks_is_empty(places: Places, tmp_path: Path) -> None:
    assert len(SOURCES["corrections"].load("test", places)) == 0
    with pytest.raises(DataError, match="“all” is not a split"):
        SOURCES["corrections"].load("all", places)


def test_an_absent_source_says_what_to_do(places: Places, no_starter: None) -> None:
    for name in ("mnist", "svhn", "svhn-numbers", "strokes", "meter", "folder", "corrections"):
        with pytest.raises(DataError, match=r"is not here"):
            SOURCES[name].load("train", places)
    with pytest.raises(DataError, match="no source “mnits”; there are mnist"):
        source_named("mnits")
    with pytest.raises(DataError, match="no source"):
        entry_named("")


def test_a_damaged_file_is_named_and_not_kept(places: Places, write_mnist: Write) -> None:
    folder = places.data / "mnist"
    write_mnist(folder)
    whole = (folder / "train-images-idx3-ubyte.gz").read_bytes()
    (folder / "train-images-idx3-ubyte.gz").write_bytes(whole[:50])
    with pytest.raises(DataError, match="train-images-idx3-ubyte"):
        SOURCES["mnist"].load("train", places)
    assert CATALOGUE["mnist"].available(places).here
    (folder / "train-images-idx3-ubyte.gz").write_bytes(whole)
    assert len(SOURCES["mnist"].load("train", places)) == 12


def test_svhn_without_a_test_part(places: Places, write_digit_struct: Write) -> None:
    struct = places.data / "svhn" / "train" / "digitStruct.mat"
    write_digit_struct(struct, [("1.png", [5], [(10.0, 8.0, 12.0, 24.0)])])
    Image.fromarray(np.zeros((40, 60, 3), np.uint8)).save(struct.parent / "1.png")
    assert len(SOURCES["svhn"].load("train", places)) == 1
    assert len(SOURCES["svhn"].load("dev", places)) == 0
    assert len(SOURCES["svhn"].load("test", places)) == 0
    assert not SOURCES["svhn"].load("train", places).is_ink.any()


def test_fonts_and_nothing_are_made_from_what_is_installed(
    places: Places, one_font: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        non_digits, "COUNTS", {"letters": 20, "signs": 10, "scribbles": 20, "pieces": 10, "beside": 5}
    )
    assert sum(len(SOURCES["fonts"].load(split, places)) for split in ("train", "dev")) == 20
    made = SOURCES["non-digits"].load("train", places)
    assert set(made.labels.tolist()) == {10}
    assert SOURCES["non-digits"].available(places).here
    assert "the installed and the shipped fonts" in SOURCES["fonts"].available(places).note


def test_digits_of_made_photos_are_cut_out_with_what_is_around_them(
    places: Places, one_font: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(synthetic_digits, "DIGITS", {"train": 60, "dev": 30})
    parts = [SOURCES["made-photos"].load(split, places) for split in ("train", "dev")]
    # The one font belongs to one of the two.
    assert sorted(map(len, parts)) in ([0, 30], [0, 60])
    made = max(parts, key=len)
    assert set(made.labels.tolist()) <= set(range(10))
    assert len(set(made.labels.tolist())) > 5
    assert not made.is_ink.any()
    middles = made.images[:, 16:48, 16:48].float()
    assert (middles.std((1, 2)) > 1).float().mean() > 0.9  # there is something to be seen in the middle


def test_no_fonts_at_all(places: Places, fonts_folder: Path) -> None:
    assert not SOURCES["fonts"].available(places).here
    assert not SOURCES["made-photos"].available(places).here


def test_mine_grows(places: Places) -> None:
    store = UserDigitStore(places.corrections)
    for count in (3, 6):
        while store.count() < count:
            store.add([Stroke(((1.0, 1.0), (3.0, 50.0)), 4.0)], np.zeros((32, 32), np.uint8), 1)
        train, dev = (len(SOURCES["corrections"].load(split, places)) for split in ("train", "dev"))
        assert train / 3 + dev == count


def test_folder_is_named_by_the_caller(places: Places, tmp_path: Path) -> None:
    own = tmp_path / "own"
    for i in range(5):
        path = own / "3" / f"{i}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.full((30, 30), 10 * i, np.uint8)).save(path)
    source = SOURCES["folder"]
    assert source.available(places, own).here
    assert not source.available(places).here
    assert sum(len(source.load(split, places, own)) for split in ("train", "dev")) == 5


def test_textures(places: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    assert photo_textures(places, "train").shape == (0, 64, 64)
    monkeypatch.setattr(background_photos, "KEPT_OUT", 1)
    folder = places.data / "backgrounds"
    folder.mkdir(parents=True)
    for i in range(3):
        Image.fromarray(np.full((80, 80), 50 * i, np.uint8)).save(folder / f"{i}.png")
    assert photo_textures(places, "train").unique().tolist() == [0, 50]
    assert photo_textures(places, "dev").unique().tolist() == [100]


def test_samples_check_themselves() -> None:
    empty = concatenate([], "x")
    assert len(empty) == 0
    one = Samples(torch.zeros(1, 64, 64, dtype=torch.uint8), torch.tensor([3]), torch.tensor([True]), "a")
    both = concatenate([one, replace(one, labels=torch.tensor([4]))], "b")
    assert both.labels.tolist() == [3, 4]
    assert both.select(both.labels == 4).labels.tolist() == [4]
    assert both.to("cpu").source == "b"
    with pytest.raises(AssertionError):
        Samples(torch.zeros(1, 64, 64), torch.tensor([3]), torch.tensor([True]), "a")


@pytest.mark.data
@pytest.mark.slow
def test_the_shared_data(home: Path) -> None:
    places = Places.find()
    counts = {
        name: {split: len(SOURCES[name].load(split, places)) for split in SOURCES[name].splits}
        for name in ("mnist", "svhn", "strokes", "meter", "crohme", "cvl", "dida", "meter-tenths")
    }
    assert counts["mnist"] == {"train": 55_000, "dev": 5_000, "test": 10_000}
    assert counts["svhn"]["train"] + counts["svhn"]["dev"] > 500
    assert sum(counts["meter"].values()) == 2893
    assert counts["strokes"]["train"] / pen_strokes.RENDERS + counts["strokes"]["dev"] == 14_382
    for name in ("crohme", "cvl", "dida", "meter-tenths"):
        assert counts[name] == SOURCES[name].entry.expected
    chars74k = places.data / "chars74k_fnt" / fonts.CHARS74K_FILE
    assert len(fonts.build_chars74k(chars74k, "dev")["labels"]) == 1010
    assert photo_textures(places, "dev").shape == (8 * 74, 64, 64)
    assert len(svhn_extra.load_numbers(places.data / "svhn_extra_numbers", "dev")) == 283
    assert len(svhn_extra.load_numbers(places.data / "svhn_extra_numbers", "train")) == 703 + 2509 + 364
