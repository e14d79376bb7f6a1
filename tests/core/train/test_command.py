"""`core.train` from its command line: what it is asked, what it writes, what it refuses."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from core.base import files
from core.base.errors import InputError
from core.recipes.recipe import Recipe
from core.train.command import run_command
from tests.core.train.small_runs import arguments

pytestmark = pytest.mark.usefixtures("no_export")


def test_devices_are_listed_with_a_reason(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(arguments("--devices"), print) == 0
    listed = json.loads(capsys.readouterr().out)
    assert [d["id"] for d in listed if d["default"]] == [listed[0]["id"]]
    assert all(d["name"] and d["why"] for d in listed)
    assert "fastest" in listed[0]["why"]


def test_a_probe_times_the_recipe(recipe: Recipe, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "recipe.json"
    files.write_json(file, recipe.to_dict())
    assert run_command(arguments("--recipe-file", str(file), "--probe", "2", "--device", "cpu"), print) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["images_per_second"] > 0
    assert told["total_seconds"] == pytest.approx(3 * told["seconds_per_epoch"])


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--recipe", "nonsense"), "there is no recipe “nonsense”"),
        (("--recipe", "quick", "--set", "epochs"), "KEY=VALUE"),
        (("--recipe", "quick", "--set", "epochs=0"), "epochs: 0 is less than"),
        (("--recipe", "quick", "--set", "wings=2"), "wings: there is no such field"),
        (("--resume", "nowhere"), "is no run"),
        (("--recipe", "quick", "--device", "abacus"), "There is no device “abacus”"),
    ],
)
def test_wrong_arguments_get_one_sentence(words: tuple[str, ...], sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        run_command(arguments(*words), lambda _: None)


@pytest.mark.parametrize(
    ("key", "value", "sentence"),
    [
        ("sources.TYPO", "1", "sources.TYPO: there is no such source; there are mnist"),
        ("sources.cheques", "1", "sources.cheques: there is no such source"),
        ("augmentation.TYPO", "1", "TYPO"),
        ("learning_rate", "-1", "learning_rate"),
        ("start_from", "gone.pt", r"There is no file .*gone\.pt"),
        ("teacher", "gone.pt", r"There is no file .*gone\.pt"),
        ("data_folder", "gone", "gone: there is no such folder"),
    ],
)
def test_a_recipe_at_fault_leaves_no_run(
    key: str, value: str, sentence: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    words = ("--recipe", "quick", "--out", "runs", "--device", "cpu", "--set", f"{key}={value}")
    with pytest.raises(InputError, match=sentence):
        run_command(arguments(*words), lambda _: None)
    assert not list(tmp_path.glob("runs/*"))


@pytest.mark.parametrize("network", ["detector", "line"])
def test_a_source_of_another_network_is_told_before_a_run_is_made(network: str, tmp_path: Path) -> None:
    words = ("--recipe", network, "--out", str(tmp_path / "runs"), "--set", "sources.mnist=1")
    with pytest.raises(InputError, match=r"sources\.mnist: there is no such source; there are "):
        run_command(arguments(*words), lambda _: None)
    assert not (tmp_path / "runs").exists()


def test_a_source_that_is_not_there_does_not_get_into_a_stored_recipe(recipe: Recipe, tmp_path: Path) -> None:
    run = tmp_path / "run"
    run.mkdir()
    files.write_json(run / "recipe.json", recipe.to_dict())
    before = (run / "recipe.json").read_bytes()
    with pytest.raises(InputError, match="TYPO"):
        run_command(arguments("--resume", str(run), "--set", "sources.TYPO=1"), lambda _: None)
    assert (run / "recipe.json").read_bytes() == before


def test_tensorboard_gets_the_curves(recipe: Recipe, tmp_path: Path) -> None:
    pytest.importorskip("tensorboard")
    file = tmp_path / "recipe.json"
    files.write_json(file, replace(recipe, epochs=1).to_dict())
    words = (
        "--recipe-file",
        str(file),
        "--run-folder",
        str(tmp_path / "run"),
        "--device",
        "cpu",
        "--tensorboard",
    )
    assert run_command(arguments(*words), lambda _: None) == 0
    written = list((tmp_path / "run" / "tensorboard").glob("events.out.*"))
    assert len(written) == 1
    assert b"dev accuracy/folder" in written[0].read_bytes()
