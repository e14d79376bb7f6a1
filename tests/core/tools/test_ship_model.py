"""A run's model becomes a shipped one."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from core.base.errors import InputError, ModelError
from core.runs.folder import RunFolder
from core.tools.ship_model import ship
from core.train import checkpoint


@pytest.fixture
def run(tmp_path: Path) -> RunFolder:
    run = RunFolder(tmp_path / "run")
    run.path.mkdir()
    weights = {"a": torch.arange(6.0).reshape(2, 3).T, "n": torch.tensor(3)}
    checkpoint.save(
        run.best, {"network": "line", "weights": weights, "recipe": "line", "sources": {"svhn": 2}}
    )
    run.best_onnx.write_bytes(b"onnx")
    return run


def test_weights_and_what_they_are_come_back_the_same(run: RunFolder, tmp_path: Path) -> None:
    ship(run, "line", tmp_path)
    assert (tmp_path / "line.onnx").read_bytes() == b"onnx"
    before = checkpoint.load(run.best, ("weights",))
    after = checkpoint.load(tmp_path / "line.safetensors", ("weights", "recipe"))
    assert after["sources"] == {"svhn": 2}
    assert before.keys() == after.keys()
    for name, value in before["weights"].items():
        assert torch.equal(after["weights"][name], value)


def test_another_network_and_a_run_without_a_model_file_are_refused(run: RunFolder, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="holds the network “line”, not “general”"):
        ship(run, "classifier", tmp_path)
    run.best_onnx.unlink()
    with pytest.raises(InputError, match=r"has no best_model\.onnx"):
        ship(run, "line", tmp_path)
    assert not list(tmp_path.glob("line.*"))


@pytest.mark.parametrize("junk", [b"", b"junk" * 100, (2**40).to_bytes(8, "little") + b"{}"])
def test_junk_as_shipped_weights_is_refused_with_a_sentence(tmp_path: Path, junk: bytes) -> None:
    path = tmp_path / "x.safetensors"
    path.write_bytes(junk)
    with pytest.raises(ModelError, match="is damaged or no file of weights"):
        checkpoint.load(path, ())
