"""The faults that `core.evaluation.robustness` gives digits, and its table."""

from __future__ import annotations

import gzip
import re
import struct
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from core.evaluation import robustness
from core.evaluation.robustness import FAULTS, faulty
from core.loaders import mnist
from core.reading.strokes import rasterise
from tests.core.pen_digits import pen_digit

SHIPPED = Path(__file__).parents[3] / "assets" / "models" / "classifier.onnx"
SEED = SHIPPED.with_name("seed.onnx")


def digits() -> NDArray[np.uint8]:
    """(10, 28, 28) uint8, light on black, one of each."""
    return np.stack([rasterise(pen_digit(d), 28) for d in range(10)])


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_changes_every_digit_and_is_the_same_again(name: str) -> None:
    pictures = faulty(FAULTS[name], digits())
    for picture, digit in zip(pictures, digits(), strict=True):
        assert picture.dtype == np.uint8
        assert picture.ndim == 2
        assert np.ptp(picture) > 60  # there is something to see
        assert np.array_equal(picture, digit) == (name == "as it is")
    again = faulty(FAULTS[name], digits())
    assert all(np.array_equal(one, other) for one, other in zip(pictures, again, strict=True))


@pytest.mark.parametrize("name", FAULTS)
def test_an_empty_picture_bears_every_fault(name: str) -> None:
    (picture,) = faulty(FAULTS[name], np.zeros((1, 28, 28), np.uint8))
    assert picture.dtype == np.uint8


def test_sides_are_turned_light_by_stripes_and_holes_are_empty() -> None:
    striped, holed = (faulty(FAULTS[name], digits())[8] for name in ("striped", "hole"))
    assert (striped[:, 0] == 255).all()
    assert np.array_equal(striped[:, 7:21], digits()[8][:, 7:21])
    lost = (holed == 0) & (digits()[8] > 0)
    rows, columns = np.flatnonzero(lost.any(1)), np.flatnonzero(lost.any(0))
    assert np.ptp(rows) < 5
    assert np.ptp(columns) < 5


def test_the_table_compares_models(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(mnist, "TRAIN", 0)
    folder = tmp_path / "data" / "mnist"
    folder.mkdir(parents=True)
    for name, values in (("images-idx3", digits()), ("labels-idx1", np.arange(10, dtype=np.uint8))):
        head = struct.pack(f">HBB{values.ndim}I", 0, 8, values.ndim, *values.shape)
        for part in ("train", "t10k"):
            (folder / f"{part}-{name}-ubyte.gz").write_bytes(gzip.compress(head + values.tobytes()))
    assert robustness.main([str(SHIPPED), str(SEED), "--data-dir", str(tmp_path / "data")]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(FAULTS) + 2
    assert lines[0].split()[:3] == ["as", "it", "is"]
    assert lines[0].count("100.00%") == 4  # both read all ten; the interval's upper end, too
    shares = np.array([[float(part) for part in re.findall(r" ([\d.]+)%", line)] for line in lines[:-1]])
    assert shares.shape == (len(FAULTS) + 1, 2)
    assert shares[-1] == pytest.approx(shares[:-1].mean(0), abs=0.01)


def test_no_model_is_one_sentence(home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert robustness.main([str(tmp_path / "no.onnx")]) == 2
    assert capsys.readouterr().err.startswith("core.evaluation.robustness: ")
