"""Small data sets in the official formats, and a folder with one real font."""

from __future__ import annotations

import gzip
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import ImageFont

from core.base.paths import Places
from core.loaders import font_files


@pytest.fixture
def places(tmp_path: Path) -> Places:
    return Places.find(home=tmp_path / "home", data_dir=tmp_path / "data")


@pytest.fixture
def fonts_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, no_starter: None) -> Path:
    """The only place of fonts: empty at first."""
    folder = tmp_path / "fonts"
    folder.mkdir()
    monkeypatch.setattr(font_files, "font_folders", lambda: [folder])
    return folder


@pytest.fixture
def one_font(fonts_folder: Path) -> Path:
    """The font that Pillow brings along, as a file."""
    font = ImageFont.load_default(20)
    assert isinstance(font, ImageFont.FreeTypeFont)
    assert isinstance(font.path, io.BytesIO)
    path = fonts_folder / "Aileron.ttf"
    path.write_bytes(font.path.getvalue())
    return path


def idx(array: NDArray[Any]) -> bytes:
    """The bytes of an IDX file."""
    head = bytes([0, 0, 8, array.ndim]) + b"".join(n.to_bytes(4, "big") for n in array.shape)
    return head + array.astype(np.uint8).tobytes()


@pytest.fixture
def write_mnist() -> Callable[[Path, int], None]:
    def write(folder: Path, count: int = 12) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        rng = np.random.default_rng(0)
        for part in ("train", "t10k"):
            images = np.zeros((count, 28, 28), np.uint8)
            images[:, 4:24, 10:18] = rng.integers(100, 256, (count, 20, 8))
            content = idx(images), idx(np.arange(count) % 10)
            for kind, data in zip(("images-idx3", "labels-idx1"), content, strict=True):
                (folder / f"{part}-{kind}-ubyte.gz").write_bytes(gzip.compress(data))

    return write


Photo = tuple[str, list[int], list[tuple[float, float, float, float]]]


@pytest.fixture
def write_digit_struct() -> Callable[[Path, list[Photo]], None]:
    """Writes `digitStruct.mat` the way MATLAB wrote the official one: everything behind references."""

    def write(path: Path, photos: list[Photo]) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        with h5py.File(path, "w") as file:
            refs = file.create_group("#refs#")
            kind = h5py.ref_dtype
            names = np.empty((len(photos), 1), kind)
            boxes = np.empty((len(photos), 1), kind)
            for i, (name, labels, rectangles) in enumerate(photos):
                text = np.array([[ord(c)] for c in name], np.uint16)
                names[i, 0] = refs.create_dataset(f"name{i}", data=text).ref
                group = refs.create_group(f"box{i}")
                columns = {"label": labels} | {
                    key: [r[k] for r in rectangles]
                    for k, key in enumerate(("left", "top", "width", "height"))
                }
                for key, values in columns.items():
                    if len(values) == 1:
                        group.create_dataset(key, data=np.array([[float(values[0])]]))
                        continue
                    each = np.empty((len(values), 1), kind)
                    for j, value in enumerate(values):
                        data = np.array([[float(value)]])
                        each[j, 0] = refs.create_dataset(f"{key}{i}_{j}", data=data).ref
                    group.create_dataset(key, data=each, dtype=kind)
                boxes[i, 0] = group.ref
            struct = file.create_group("digitStruct")
            struct.create_dataset("name", data=names, dtype=kind)
            struct.create_dataset("bbox", data=boxes, dtype=kind)

    return write
