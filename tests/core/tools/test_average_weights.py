"""Averaging a run's weights with those it started from."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from core.base.errors import InputError
from core.base.files import write_json
from core.base.paths import Places
from core.networks.classifier import GeneralNetwork
from core.recipes.recipe import Augmentation, Recipe
from core.runs.folder import RunFolder
from core.tools.average_weights import average_run, averaged, main
from core.train import checkpoint, export
from tests.core.digit_folder import make_digit_folder


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RunFolder:
    """What a finished run leaves behind, of random weights."""
    monkeypatch.setattr(export, "export_classifier", lambda network, about, path: 0.0)
    made = RunFolder(tmp_path / "run")
    made.path.mkdir()
    recipe = Recipe(
        name="tiny",
        summary="for tests",
        sources={"folder": 1.0},
        augmentation=Augmentation(),
        epochs=1,
        data_folder=str(make_digit_folder(tmp_path / "digits")),
    )
    write_json(made.recipe, recipe.to_dict())
    made.events.write_text("", encoding="utf-8")
    save(made.best)
    return made


def save(path: Path) -> None:
    about = {"network": "general", "recipe": "tiny", "temperature": 1.0, "run": "r"}
    checkpoint.save(path, about | {"weights": GeneralNetwork().state_dict()})


def test_a_share_of_each() -> None:
    older, newer = GeneralNetwork().state_dict(), GeneralNetwork()
    name = "stage2.0.weight"
    wanted = 0.75 * newer.state_dict()[name] + 0.25 * older[name]
    torch.testing.assert_close(averaged(older, newer, 0.75)[name], wanted)
    torch.testing.assert_close(averaged(older, newer, 0.0)[name], older[name])


def test_the_averaged_run_is_calibrated_tested_and_described(run: RunFolder, tmp_path: Path) -> None:
    save(tmp_path / "older.pt")
    arguments = [str(run.path), "--older", str(tmp_path / "older.pt"), "--share", "0.25"]
    assert main([*arguments, "--out", str(tmp_path / "out"), "--data-dir", str(tmp_path)]) == 0
    made = RunFolder(tmp_path / "out")
    content = checkpoint.load(made.best, ("weights", "temperature", "figures", "recipe"))
    own, older = (
        checkpoint.load(path, ("weights",))["weights"]["vote3.linear.bias"]
        for path in (run.best, tmp_path / "older.pt")
    )
    torch.testing.assert_close(content["weights"]["vote3.linear.bias"], 0.25 * own + 0.75 * older)
    assert (made.path / "test.json").is_file()
    assert made.recipe.read_bytes() == run.recipe.read_bytes()


def test_what_can_not_be_averaged_is_refused(
    run: RunFolder, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    places, older, out = Places.find(data_dir=tmp_path), tmp_path / "older.pt", RunFolder(tmp_path / "out")
    with pytest.raises(InputError, match="0 to 1"):
        average_run(run, older, 1.5, out, places)
    with pytest.raises(InputError, match="already"):
        average_run(run, run.best, 0.5, run, places)
    content = checkpoint.load(run.best, ())
    checkpoint.save(older, content | {"network": "seed"})
    with pytest.raises(InputError, match="general"):
        average_run(run, older, 0.5, out, places)
    checkpoint.save(older, content | {"weights": {"stage1.0.weight": torch.zeros(1)}})
    with pytest.raises(InputError, match="another version"):
        average_run(run, older, 0.5, out, places)
    assert not out.path.exists()
    assert main([str(run.path), "--older", str(tmp_path / "none.pt"), "--out", str(out.path)]) == 2
    assert "There is no file" in capsys.readouterr().err
    run.recipe.unlink()
    with pytest.raises(InputError, match="is no run"):
        average_run(run, run.best, 0.5, out, places)


def test_a_full_disk_is_told(
    run: RunFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(checkpoint, "save", full)
    out = tmp_path / "out"
    arguments = [str(run.path), "--older", str(run.best), "--out", str(out), "--data-dir", str(tmp_path)]
    assert main(arguments) == 1
    told = capsys.readouterr().err
    assert "No space left" in told
    assert "is not complete" in told
