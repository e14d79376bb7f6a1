"""MNIST's IDX files, whole and broken."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from core.base.errors import DataError
from core.loaders import mnist
from core.loaders.formats import read_idx

Write = Callable[..., None]


def test_frames_the_picture_in_the_middle(tmp_path: Path, write_mnist: Write) -> None:
    write_mnist(tmp_path)
    arrays = mnist.build(tmp_path, "test")
    images = arrays["images"]
    assert images.shape == (12, 64, 64)
    assert images.dtype == np.uint8
    assert arrays["labels"].tolist() == [*range(10), 0, 1]
    rows, columns = np.nonzero(images.max(axis=0) > 64)
    # 20 of 28 pixels become 28.6 of the middle 40.
    assert 28 <= rows.max() - rows.min() + 1 <= 30
    assert abs((rows.max() + rows.min()) / 2 - 31.5) <= 1
    assert abs((columns.max() + columns.min()) / 2 - 31.5) <= 1


def test_the_end_of_the_training_file_is_dev(
    tmp_path: Path, write_mnist: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mnist, "TRAIN", 9)
    write_mnist(tmp_path)
    assert mnist.build(tmp_path, "train")["labels"].tolist() == list(range(9))
    assert mnist.build(tmp_path, "dev")["labels"].tolist() == [9, 0, 1]


def test_reads_unzipped_files(tmp_path: Path, write_mnist: Write) -> None:
    write_mnist(tmp_path)
    zipped = mnist.build(tmp_path, "train")
    for path in list(tmp_path.glob("*.gz")):
        path.with_suffix("").write_bytes(gzip.decompress(path.read_bytes()))
        path.unlink()
    assert np.array_equal(mnist.build(tmp_path, "train")["images"], zipped["images"])


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (lambda data: data[: len(data) // 2], "damaged or cut short"),
        (lambda data: gzip.compress(b"\1\2\3\4" * 10), "does not start with the format's mark"),
        (lambda data: gzip.compress(bytes([0, 0, 8, 1]) + b"\0\0\0\2ab"), "1 dimensions, not 3"),
        (lambda data: gzip.compress(bytes([0, 0, 13, 3]) + b"\0" * 20), "other values"),
        (lambda data: gzip.compress(bytes([0, 0, 8, 3]) + b"\0\0\0"), "header is not complete"),
        (lambda data: gzip.compress(gzip.decompress(data)[:-5]), "announces"),
        (lambda data: gzip.compress(gzip.decompress(data) + b"more"), "announces"),
        (lambda data: b"", "does not start"),
        (lambda data: data[:40] + bytes(b ^ 255 for b in data[40:60]) + data[60:], "damaged"),
    ],
)
def test_names_a_damaged_file(
    tmp_path: Path, write_mnist: Write, damage: Callable[[bytes], bytes], says: str
) -> None:
    write_mnist(tmp_path)
    path = tmp_path / "train-images-idx3-ubyte.gz"
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(DataError, match=says) as caught:
        mnist.build(tmp_path, "train")
    assert str(path) in str(caught.value)


def test_names_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="there is no such file") as caught:
        read_idx(tmp_path / "nothing.gz", dimensions=1)
    assert "nothing.gz" in str(caught.value)


def test_refuses_labels_that_do_not_fit(tmp_path: Path, write_mnist: Write) -> None:
    write_mnist(tmp_path)
    labels = tmp_path / "train-labels-idx1-ubyte.gz"
    labels.write_bytes(gzip.compress(bytes([0, 0, 8, 1, 0, 0, 0, 2, 1, 2])))
    with pytest.raises(DataError, match="2 labels for the 12 images"):
        mnist.build(tmp_path, "train")
    labels.write_bytes(gzip.compress(bytes([0, 0, 8, 1, 0, 0, 0, 12, *[77] * 12])))
    with pytest.raises(DataError, match="label 77"):
        mnist.build(tmp_path, "train")


def test_refuses_other_picture_sizes(tmp_path: Path, write_mnist: Write) -> None:
    write_mnist(tmp_path)
    data = bytes([0, 0, 8, 3, 0, 0, 0, 12, 0, 0, 0, 2, 0, 0, 0, 2]) + bytes(48)
    (tmp_path / "train-images-idx3-ubyte.gz").write_bytes(gzip.compress(data))
    with pytest.raises(DataError, match="2x2, not 28x28"):
        mnist.build(tmp_path, "train")
