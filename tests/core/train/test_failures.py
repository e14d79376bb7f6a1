"""How a run fails: one sentence, and what was there is kept."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from core.base import files
from core.base.errors import FailureError, InputError
from core.recipes.recipe import Recipe
from core.runs import events
from core.runs.folder import RunFolder
from core.train.classifier.task import ClassifierTask
from core.train.command import run_command
from tests.core.base.test_causes import FullDisk
from tests.core.train.small_runs import arguments, start, weights

pytestmark = pytest.mark.usefixtures("no_export")


def test_bad_input_is_told_in_the_folder_of_its_run(recipe: Recipe, tmp_path: Path) -> None:
    run = RunFolder(tmp_path / "run")
    run.path.mkdir()
    files.write_json(run.recipe, recipe.to_dict())
    with pytest.raises(InputError):
        run_command(arguments("--resume", str(run.path), "--set", "epochs=0"), print)
    told = run.read_events()[-1]
    assert isinstance(told, events.Failed)
    assert told.kind == "data"
    assert told.message.startswith("epochs: 0 is less than")


def test_no_number_for_a_cost_ends_with_a_sentence(
    recipe: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = ClassifierTask.cost

    def broken(self: ClassifierTask, network: torch.nn.Module, batch: Any) -> Any:
        return before(self, network, batch._replace(x_B1HW=batch.x_B1HW * torch.nan))

    monkeypatch.setattr(ClassifierTask, "cost", broken)
    with pytest.raises(FailureError, match="learning rate"):
        start(recipe, tmp_path / "run")
    failed = RunFolder(tmp_path / "run").read_events()[-1]
    assert isinstance(failed, events.Failed)
    assert failed.kind == "nan"


@pytest.mark.slow
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="limits memory in Linux's way")
def test_a_batch_too_large_for_the_memory_ends_with_a_sentence(recipe: Recipe, tmp_path: Path) -> None:
    file = tmp_path / "recipe.json"
    files.write_json(file, replace(recipe, batch_size=60_000, images_per_epoch=60_000).to_dict())
    run = RunFolder(tmp_path / "run")
    limited = (
        "import psutil, resource, sys; from core.train.command import main; "
        "limit = psutil.Process().memory_info().vms + (1 << 30); "
        "resource.setrlimit(resource.RLIMIT_AS, (limit, limit)); sys.exit(main(sys.argv[1:]))"
    )
    arguments = ["--recipe-file", str(file), "--run-folder", str(run.path), "--device", "cpu"]
    done = subprocess.run(
        [sys.executable, "-c", limited, *arguments], capture_output=True, text=True, timeout=150, check=False
    )
    assert done.returncode == 1, done.stderr
    failed = run.read_events()[-1]
    assert isinstance(failed, events.Failed)
    assert failed.kind == "out_of_memory"
    assert "30000" in failed.message


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A real file system with room for half a checkpoint of `recipe`, where this process may mount one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)]
    if sys.platform != "linux" or subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("needs the right to mount a file system")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def assert_is_full_disk(run: RunFolder, error: str) -> None:
    failed = run.read_events()[-1]
    assert isinstance(failed, events.Failed)
    assert failed.kind == "disk_full"
    assert "Traceback" in failed.details
    assert "Traceback" not in error


def test_a_full_disk_ends_with_a_sentence_and_keeps_what_was_there(
    recipe: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    real = torch.save
    written = 0

    def save(content: object, file: Path) -> None:
        nonlocal written
        written += 1
        real(content, file if written < 4 else FullDisk(10_000))

    monkeypatch.setattr(torch, "save", save)
    with pytest.raises(FailureError, match="disk is full; free some space and resume"):
        start(recipe, tmp_path / "run")
    run = RunFolder(tmp_path / "run")
    assert_is_full_disk(run, capsys.readouterr().err)
    assert weights(run)
    assert not list(run.path.glob(".*.part"))


def test_a_file_system_that_is_full(
    recipe: Recipe, small_disk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(FailureError, match="disk is full; free some space and resume"):
        start(recipe, small_disk / "run")
    run = RunFolder(small_disk / "run")
    assert_is_full_disk(run, capsys.readouterr().err)
    told = run.read_events()[-1]
    assert isinstance(told, events.Failed)
    assert ("The last whole epoch is kept." in told.message) == run.last.exists()


def test_no_data_ends_with_what_to_do(recipe: Recipe, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="gnc data fetch"):
        start(replace(recipe, sources={"svhn": 1.0}, data_folder=""), tmp_path / "run")
    assert isinstance(RunFolder(tmp_path / "run").read_events()[-1], events.Failed)
