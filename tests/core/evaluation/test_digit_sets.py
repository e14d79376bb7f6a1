"""What `gnc evaluate` measures on: files and folders of people, and the named sources."""

from __future__ import annotations

import csv
import gzip
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from assets import MODELS
from core.base.errors import DataError, InputError
from core.base.paths import Places
from core.evaluation.digit_sets import SOURCES, LabelledCrops, labelled_crops
from core.reading.classifier import Classifier
from core.reading.crops import frame_looks
from core.reading.images import frame_digit
from core.reading.strokes import rasterise
from tests.core.pen_digits import pen_digit


def drawn(digit: int, size: int = 28) -> NDArray[np.uint8]:
    return rasterise(pen_digit(digit), size)


def crops_of(data: Path | str, *, places: Places | None = None, split: str | None = None) -> LabelledCrops:
    return labelled_crops(str(data), size=32, places=places or Places.find(), split=split)


def save_npz(path: Path, **arrays: NDArray[Any]) -> Path:
    with path.open("wb") as file:
        np.savez(file, allow_pickle=False, **arrays)
    return path


def save_idx(path: Path, values: NDArray[Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    head = struct.pack(f">HBB{values.ndim}I", 0, 8, values.ndim, *values.shape)
    with gzip.open(path, "wb") as file:
        file.write(head + values.astype(np.uint8).tobytes())


def stroke_arrays() -> dict[str, NDArray[Any]]:
    digits = [pen_digit(d) for d in (4, 1, 7)]
    paths = [np.array(s.points) for digit in digits for s in digit]
    return {
        "points": np.rint(np.concatenate(paths) * 10).astype(np.int16),
        "stroke_len": np.array([len(p) for p in paths]),
        "n_strokes": np.array([len(d) for d in digits]),
        "labels": np.array([4, 1, 7]),
        "validation": np.array([False, True, True]),
    }


def test_npz_of_images(tmp_path: Path) -> None:
    images = np.stack([drawn(d) for d in (3, 8)])
    found = crops_of(save_npz(tmp_path / "a.npz", images=images, labels=np.array([3, 8])))
    assert found.labels.tolist() == [3, 8]
    assert np.array_equal(found.crops[1], frame_digit(images[1]))
    assert found.groups == ()


def test_whole_pictures_are_looked_at_as_the_program_does(tmp_path: Path) -> None:
    tight = drawn(7, 60)[12:48, 16:44]
    images = np.stack([np.zeros_like(tight), tight])
    found = crops_of(save_npz(tmp_path / "a.npz", images=images, labels=np.array([10, 7])))
    looks = frame_looks(tight)
    assert len(looks) > 1
    assert np.array_equal(found.more[found.owners == 1], looks[1:])
    classifier = Classifier.load(MODELS / "classifier.onnx")
    said, _ = classifier.classify_picture(tight)
    believed = found.probabilities(classifier)
    assert believed.shape == (2, 11)
    assert believed[1, :10] == pytest.approx(said.probabilities, abs=1e-5)
    last = found.limited(1)
    assert (len(last.crops), last.owners.max(initial=0)) == (1, 0)


def test_npz_in_colour_with_groups_and_nothing(tmp_path: Path) -> None:
    images = np.repeat(np.stack([drawn(d, 40) for d in (3, 8)])[..., None], 3, axis=3)
    path = save_npz(tmp_path / "a.npz", images=images, labels=np.array([3, 10]), group=np.array(["x", "y"]))
    found = crops_of(path)
    assert found.labels.tolist() == [3, 10]
    assert found.groups == ("x", "y")


def test_npz_of_strokes_and_its_split(tmp_path: Path) -> None:
    path = save_npz(tmp_path / "s.npz", **stroke_arrays())
    assert crops_of(path).labels.tolist() == [4, 1, 7]
    found = crops_of(path, split="validation")
    assert found.labels.tolist() == [1, 7]
    assert np.abs(found.crops[1].astype(int) - drawn(7, 32)).mean() < 25
    assert crops_of(path, split="train").labels.tolist() == [4]
    with pytest.raises(InputError, match="no split “test”"):
        crops_of(path, split="test")


def test_npz_that_is_none(tmp_path: Path) -> None:
    images, labels = np.zeros((2, 28, 28), np.uint8), np.array([1, 2])
    cases = {
        "no labels": {"images": images},
        "count": {"images": images, "labels": np.array([1])},
        "range": {"images": images, "labels": np.array([1, 77])},
        "kind": {"images": images, "labels": np.array(["a", "b"])},
        "flat": {"images": images[0], "labels": labels},
        "other": {"pictures": images, "labels": labels},
        "lengths": {**stroke_arrays(), "stroke_len": np.array([1, 2, 3])},
        "strokes": {**stroke_arrays(), "n_strokes": np.array([9, 9, 9])},
    }
    for arrays in cases.values():
        path = save_npz(tmp_path / "x.npz", **arrays)
        with pytest.raises(DataError, match=r"x\.npz"):
            crops_of(path)
    (tmp_path / "x.npz").write_bytes(b"PK\x03\x04 not quite")
    with pytest.raises(DataError, match="damaged"):
        crops_of(tmp_path / "x.npz")


def test_a_folder_with_a_broken_picture(tmp_path: Path) -> None:
    for label, digit in (("5", 5), ("9", 9), ("none", 0)):
        (tmp_path / label).mkdir()
        Image.fromarray(255 - drawn(digit, 60)).save(tmp_path / label / "a.png")
    (tmp_path / "5" / "b.png").write_bytes(b"broken")
    found = crops_of(tmp_path)
    assert sorted(found.labels.tolist()) == [5, 9, 10]
    assert len(found.skipped) == 1
    assert "b.png" in found.skipped[0]
    with pytest.raises(InputError, match="no splits"):
        crops_of(tmp_path, split="dev")


def test_a_folder_with_a_table(tmp_path: Path) -> None:
    Image.fromarray(drawn(2)).save(tmp_path / "x.png")
    table = tmp_path / "labels.csv"
    with table.open("w", newline="") as file:
        csv.writer(file).writerows(
            [["file", "label", "more"], ["x.png", "2", "?"], ["missing.png", "none", ""]]
        )
    found = crops_of(tmp_path)
    assert found.labels.tolist() == [2]
    assert "missing.png" in found.skipped[0]
    table.write_text("file,label\nx.png,twelve\n")
    with pytest.raises(DataError, match="“twelve”"):
        crops_of(tmp_path)
    table.write_text("file,number\nx.png,2\n")
    with pytest.raises(DataError, match="lacks the column “label”"):
        crops_of(tmp_path)
    table.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(DataError, match="not a table"):
        crops_of(tmp_path)


def test_folders_and_names_that_hold_nothing(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="is empty"):
        crops_of(tmp_path)
    (tmp_path / "1").mkdir()
    (tmp_path / "1" / "x.png").write_bytes(b"broken")
    with pytest.raises(InputError, match=r"can be read \(1 tried\)"):
        crops_of(tmp_path)
    with pytest.raises(InputError, match="the sources are mnist"):
        crops_of("minst")
    (tmp_path / "x.txt").write_text("x")
    with pytest.raises(InputError, match="neither a folder nor"):
        crops_of(tmp_path / "x.txt")


def test_sources_that_are_not_here_say_so(home: Path, no_starter: None) -> None:
    for name in SOURCES:
        if name in ("fonts", "non-digits"):
            continue  # these need nothing but what is installed
        with pytest.raises(InputError) as caught:
            crops_of(name)
        assert str(caught.value).endswith("."), name


def test_mnist_in_its_official_format(home: Path) -> None:
    places = Places.find()
    images = np.stack([drawn(d) for d in range(10)])
    folder = places.data / "mnist"
    for part in ("train", "t10k"):
        save_idx(folder / f"{part}-images-idx3-ubyte.gz", images)
        save_idx(folder / f"{part}-labels-idx1-ubyte.gz", np.arange(10))
    found = crops_of("mnist", places=places)
    assert found.name == "mnist (test)"
    assert found.labels.tolist() == list(range(10))
    assert np.array_equal(found.crops[4], frame_digit(images[4]))


@pytest.mark.data
@pytest.mark.parametrize(
    ("name", "n"), [("hwd1000", 1000), ("seed_test", 35), ("chars74k", 1010), ("svhn", 122), ("meter", 400)]
)
def test_the_shared_sources(name: str, n: int) -> None:
    found = crops_of(name)
    assert found.crops.shape == (len(found.labels), 32, 32)
    assert len(found.labels) == pytest.approx(n, rel=0.35 if name == "meter" else 0)
    assert set(np.unique(found.labels)) <= set(range(11))
    assert bool(found.groups) == (name == "meter")
