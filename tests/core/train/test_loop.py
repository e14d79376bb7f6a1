"""Whole runs of the training loop on a tiny data set: endings, files, and that resuming changes nothing."""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from core.base.errors import InputError, ModelError
from core.base.paths import Places
from core.evaluation.test_file import TestReport
from core.reading.classifier import Classifier
from core.recipes.recipe import Recipe, parse_recipe
from core.runs import events
from core.runs.folder import RunFolder
from core.train import checkpoint
from core.train.classifier.task import ClassifierTask
from core.train.command import prepare_run, run_command
from core.train.loop import run_training
from core.train.samples import SOURCES
from tests.core.train.small_runs import arguments, assert_same_weights, curve, start

pytestmark = pytest.mark.usefixtures("no_export")


@pytest.mark.slow
def test_a_run_writes_all_it_promises(recipe: Recipe, tmp_path: Path) -> None:
    run = start(recipe, tmp_path / "run")

    told = run.read_events()
    kinds = [e.type for e in told]
    assert kinds[0] == "started"
    assert kinds[-1] == "finished"
    assert kinds.count("epoch") == 3
    assert "step" in kinds
    assert "evaluated" in kinds
    assert parse_recipe(run.recipe.read_text()) == recipe
    costs = [e.dev_cost for e in told if isinstance(e, events.Epoch)]
    finished = told[-1]
    assert isinstance(finished, events.Finished)
    assert finished.best_dev_cost == min(costs)
    test = json.loads(run.test.read_text())
    assert test["sources"]["folder"]["n"] == test["all"]["n"] > 0
    assert (run.path / test["mistakes_sheet"]).is_file()
    assert not list(run.path.glob(".*"))

    classifier = Classifier.load(run.best_onnx)
    assert classifier.info.recipe == "tiny"
    assert classifier.info.run_id == run.name
    crops = np.zeros((2, 32, 32), np.uint8)
    assert classifier.probabilities(crops).shape == (2, 11)


@pytest.mark.slow
def test_the_best_model_of_a_run_that_did_not_end_is_measured_later(
    recipe: Recipe, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = start(recipe, tmp_path / "run")
    for file in (run.test, run.best_onnx):
        file.unlink()
    lines = run.events.read_text().splitlines(keepends=True)
    run.events.write_text(
        "".join(line for line in lines if '"evaluated"' not in line and '"finished"' not in line)
    )
    capsys.readouterr()
    assert run_command(arguments("--test", str(run.path), "--device", "cpu"), print) == 0
    assert json.loads(capsys.readouterr().out) == {"run": run.name, "tested": 1}
    assert [e.type for e in run.read_events()][-1] == "evaluated", "a test does not make it finished"
    assert TestReport.from_json(json.loads(run.test.read_text())).sources[0].name == "folder"
    assert Classifier.load(run.best_onnx).info.run_id == run.name
    run.best.unlink()
    with pytest.raises(InputError, match="no best model to test: no epoch is done"):
        run_command(arguments("--test", str(run.path)), print)


def test_what_is_too_small_for_a_normal_number_is_zero_while_training(recipe: Recipe, tmp_path: Path) -> None:
    if not torch.set_flush_denormal(True):
        pytest.skip("this processor can't")
    torch.set_flush_denormal(False)
    tiny = torch.full((4,), 1e-39)
    seen = []
    recipe, run = prepare_run(
        recipe=replace(recipe, epochs=1), resume=None, runs=tmp_path, folder=tmp_path / "run", changes={}
    )
    run_training(
        recipe, run, Places.find(), device="cpu", on_event=lambda _: seen.append(float((tiny * 1).sum()))
    )
    assert set(seen) == {0.0}
    assert float((tiny * 1).sum()) > 0


@pytest.mark.parametrize("optimizer", ["adamw", "muon"])
def test_stopping_in_an_epoch_and_going_on_gives_the_same_numbers(
    recipe: Recipe, optimizer: str, tmp_path: Path
) -> None:
    recipe = replace(recipe, optimizer=optimizer)
    whole = start(recipe, tmp_path / "whole")

    parts = RunFolder(tmp_path / "parts")
    rounds = 0
    resume = False
    while True:
        stop_after_some_steps(parts, 4)
        start(recipe, parts.path, resume=resume)
        resume = True
        if isinstance(parts.read_events()[-1], events.Finished):
            break
        assert isinstance(parts.read_events()[-1], events.Stopped)
        rounds += 1
    assert rounds >= 5

    assert_same_weights(whole, parts)
    assert curve(whole) == curve(parts)


def stop_after_some_steps(run: RunFolder, steps: int) -> None:
    """Ask the run to stop once it has made some more steps, as the window would: with the file."""
    before = ClassifierTask.batch
    made = 0

    def counting(self: ClassifierTask, **place: int) -> Any:
        nonlocal made
        made += 1
        if made == steps:
            run.request_stop()
            ClassifierTask.batch = before  # type: ignore[method-assign]
        return before(self, **place)

    ClassifierTask.batch = counting  # type: ignore[method-assign]


def test_a_paused_run_holds_and_a_stop_ends_the_pause(recipe: Recipe, tmp_path: Path) -> None:
    run = RunFolder(tmp_path / "run")
    run.path.mkdir()
    run.request_pause()
    timer = threading.Timer(0.5, run.request_stop)
    timer.start()
    start(recipe, run.path)
    timer.join()

    assert not [e for e in run.read_events() if isinstance(e, events.Epoch)]
    assert isinstance(run.read_events()[-1], events.Stopped)


def test_finetuning_starts_from_weights(recipe: Recipe, tmp_path: Path) -> None:
    first = start(replace(recipe, epochs=1), tmp_path / "first")
    next_recipe = replace(recipe, epochs=1, start_from=str(first.best), learning_rate=1e-7)
    second = start(next_recipe, tmp_path / "second")
    a = checkpoint.load(first.best, ("weights",))["weights"]
    b = checkpoint.load(second.best, ("weights",))["weights"]
    for name in ("stage3.0.weight", "vote3.linear.weight"):
        torch.testing.assert_close(a[name], b[name], atol=1e-4, rtol=0)


def test_weights_of_another_version_are_no_start(recipe: Recipe, tmp_path: Path) -> None:
    first = start(replace(recipe, epochs=1), tmp_path / "first")
    content = checkpoint.load(first.best, ("weights",))
    content["weights"].pop("vote3.linear.weight")
    checkpoint.save(first.best, content)
    with pytest.raises(ModelError, match=r"best_model\.pt holds weights of another version"):
        start(replace(recipe, start_from=str(first.best)), tmp_path / "second")


def test_the_seeds_network_trains_on_random_splits(recipe: Recipe, tmp_path: Path) -> None:
    run = start(
        replace(recipe, network="seed", random_splits=True, epochs=1, optimizer="adam", images_per_epoch=0),
        tmp_path / "run",
    )
    test = json.loads(run.test.read_text())
    everything = len(SOURCES["folder"].load("train", Places.find(), Path(recipe.data_folder)))
    n_test = round(0.2 * everything)
    assert test["sources"]["folder"]["n"] == n_test
    started = run.read_events()[0]
    assert isinstance(started, events.Started)
    assert started.sources == {"folder": everything - n_test - round(0.2 * (everything - n_test))}


def test_a_run_goes_on_in_the_number_format_in_which_it_began(
    recipe: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.train.device.bfloat16_gain", lambda: 0.5)
    run = start(replace(recipe, epochs=1, precision="auto"), tmp_path / "run")
    monkeypatch.setattr("core.train.device.bfloat16_gain", lambda: 2.0)
    start(recipe, run.path, resume=True)
    began, again = (e for e in run.read_events() if isinstance(e, events.Started))
    assert began.precision == again.precision == "float32"
    assert "goes on in float32" in again.why
