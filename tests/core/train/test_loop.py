"""Whole runs of the training loop on a tiny data set: endings, files, and that resuming changes nothing."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from core.base import files
from core.base.errors import FailureError, InputError, ModelError
from core.base.paths import Places
from core.evaluation.test_file import TestReport
from core.reading.classifier import Classifier
from core.recipes.recipe import Augmentation, Recipe, parse_recipe
from core.runs import events
from core.runs.folder import RunFolder
from core.train import checkpoint, export
from core.train.arguments import add_arguments
from core.train.classifier_task import ClassifierTask
from core.train.command import prepare_run, run_command
from core.train.distributed import Ranks, StopSignal
from core.train.loop import run_training
from core.train.samples import SOURCES
from tests.core.base.test_causes import FullDisk
from tests.core.digit_folder import make_digit_folder


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture(autouse=True)
def _no_export(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exporting takes seconds and has tests of its own; only runs marked `slow` go all the way."""
    if not request.node.get_closest_marker("slow"):
        monkeypatch.setattr(export, "export_classifier", lambda network, about, path: 0.0)


@pytest.fixture
def recipe(tmp_path: Path) -> Recipe:
    """Three epochs of eight steps with everything that carries state: dropout, average, noise, a schedule."""
    return Recipe(
        name="tiny",
        summary="for tests",
        sources={"folder": 1.0},
        augmentation=Augmentation(rotate=10, noise=0.1, move=0.05),
        epochs=3,
        images_per_epoch=64,
        batch_size=8,
        learning_rate=1e-3,
        dropout=0.2,
        vote_cost=0.2,
        ema=0.9,
        precision="float32",
        data_folder=str(make_digit_folder(tmp_path / "digits")),
    )


def start(recipe: Recipe, path: Path, *, resume: bool = False) -> RunFolder:
    run = RunFolder(path)
    if resume:
        recipe, run = prepare_run(recipe=None, resume=path, runs=path.parent, folder=None, changes={})
    else:
        recipe, run = prepare_run(recipe=recipe, resume=None, runs=path.parent, folder=path, changes={})
    run_training(recipe, run, Places.find(), device="cpu", resume=resume)
    return run


def weights(run: RunFolder) -> dict[str, torch.Tensor]:
    return checkpoint.load(run.last, ("weights",))["weights"]


def assert_same_weights(one: RunFolder, other: RunFolder) -> None:
    a, b = weights(one), weights(other)
    assert a.keys() == b.keys()
    for name, value in a.items():
        assert torch.equal(value, b[name]), name


def curve(run: RunFolder) -> list[tuple[float, ...]]:
    """The numbers of all epochs; of an epoch told twice (a run killed behind it) the later."""
    told = {e.epoch: e for e in run.read_events() if isinstance(e, events.Epoch)}
    return [(e.train_cost, e.train_cost_measured, e.train_accuracy, e.dev_cost) for e in told.values()]


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

    ClassifierTask.batch = counting  # type: ignore[method-assign, assignment]


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


def train_process(*arguments: str, processes: int = 1, **more: Any) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "core.train", *arguments]
    if processes > 1:
        launcher = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", str(processes)]
        command = [sys.executable, *launcher, "-m", "core.train", *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **more)


@pytest.mark.slow
def test_a_killed_run_goes_on_from_its_last_epoch(recipe: Recipe, tmp_path: Path) -> None:
    whole = start(recipe, tmp_path / "whole")

    run = RunFolder(tmp_path / "killed")
    file = tmp_path / "recipe.json"
    files.write_json(file, recipe.to_dict())
    child = train_process("--recipe-file", str(file), "--run-folder", str(run.path), "--device", "cpu")
    assert child.stdout is not None
    while not any(isinstance(e, events.CheckpointSaved) and e.file == "model.pt" for e in run.read_events()):
        assert child.poll() is None, child.stdout.read()
        threading.Event().wait(0.02)
    child.kill()
    child.communicate()
    checkpoint.load(run.last, ("weights", "optimiser"))
    (run.path / ".model.pt.abc.part").write_bytes(b"half")
    with run.events.open("ab") as file_of_events:
        file_of_events.write(b'{"v": 1, "type": "step", "ti')

    start(recipe, run.path, resume=True)
    assert_same_weights(whole, run)
    assert curve(whole) == curve(run)
    assert not list(run.path.glob(".*"))


@pytest.mark.slow
def test_two_processes_train_the_same_model_as_one(recipe: Recipe, tmp_path: Path) -> None:
    plain = replace(
        recipe, augmentation=Augmentation(), dropout=0.0, ema=0.0, batch_size=16, learning_rate=5e-4
    )
    one = start(plain, tmp_path / "one")

    file = tmp_path / "recipe.json"
    files.write_json(file, plain.to_dict())
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    child = train_process(
        "--recipe-file",
        str(file),
        "--out",
        str(tmp_path / "runs"),
        "--device",
        "cpu",
        processes=2,
        env=environment,
    )
    output, _ = child.communicate(timeout=150)
    assert child.returncode == 0, output

    (folder,) = (tmp_path / "runs").iterdir()
    two = RunFolder(folder)
    assert output.count(f"Run folder: {folder}") == 1
    ranks = {e.rank for e in two.read_events() if isinstance(e, events.Started)}
    assert ranks == {0, 1}
    # Batch norm sees half the images in each process, so the curves are close, not the same.
    np.testing.assert_allclose([c[0] for c in curve(two)], [c[0] for c in curve(one)], rtol=0.1)


def test_processes_that_cannot_find_each_other_say_so(
    recipe: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("MASTER_ADDR", "MASTER_PORT"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(InputError, match=r"2 processes can't find each other.*torchrun"):
        prepare_run(
            recipe=recipe, resume=None, runs=tmp_path / "runs", folder=None, changes={},
            processes=Ranks(rank=1, local_rank=1, count=2),
        )  # fmt: skip
    assert not (tmp_path / "runs").exists()


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="kills in POSIX's way")
def test_the_one_that_is_left_does_not_speak_for_the_one_that_was_killed(
    recipe: Recipe, tmp_path: Path
) -> None:
    file = tmp_path / "recipe.json"
    files.write_json(file, replace(recipe, batch_size=16, epochs=10_000).to_dict())
    run = RunFolder(tmp_path / "run")
    arguments = ["--recipe-file", str(file), "--run-folder", str(run.path), "--device", "cpu"]
    child = train_process(*arguments, processes=2, env=os.environ | {"OMP_NUM_THREADS": "1"})
    try:
        while not any(isinstance(e, events.Step) for e in run.read_events()):
            assert child.poll() is None, child.communicate()
            threading.Event().wait(0.05)
        (second,) = (e.pid for e in run.read_events() if isinstance(e, events.Started) and e.rank == 1)
        os.kill(second, signal.SIGKILL)
        output, _ = child.communicate(timeout=120)
    finally:
        child.kill()
    assert child.returncode == 1
    assert re.search(r"rank\s*: 1.*\n\s*exitcode\s*: -9", output)
    assert not any(isinstance(e, events.Failed) for e in run.read_events())


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


def assert_told_as_full_disk(run: RunFolder, error: str) -> None:
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

    def save(content: object, file: Any) -> None:
        nonlocal written
        written += 1
        real(content, file if written < 4 else FullDisk(10_000))

    monkeypatch.setattr(torch, "save", save)
    with pytest.raises(FailureError, match="disk is full; free some space and resume"):
        start(recipe, tmp_path / "run")
    run = RunFolder(tmp_path / "run")
    assert_told_as_full_disk(run, capsys.readouterr().err)
    assert weights(run)
    assert not list(run.path.glob(".*.part"))


def test_a_file_system_that_is_full(
    recipe: Recipe, small_disk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(FailureError, match="disk is full; free some space and resume"):
        start(recipe, small_disk / "run")
    assert_told_as_full_disk(RunFolder(small_disk / "run"), capsys.readouterr().err)


def test_no_data_ends_with_what_to_do(recipe: Recipe, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="gnc data fetch"):
        start(replace(recipe, sources={"svhn": 1.0}, data_folder=""), tmp_path / "run")
    assert isinstance(RunFolder(tmp_path / "run").read_events()[-1], events.Failed)


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


def arguments(*words: str) -> Any:
    import argparse

    parser = argparse.ArgumentParser()
    add_arguments(parser)
    return parser.parse_args(words)


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


def test_the_watch_says_how_long_it_held(tmp_path: Path) -> None:
    run = RunFolder(tmp_path)
    watch = StopSignal(run, Ranks())
    try:
        assert watch.check() == 0.0
        run.request_pause()
        timer = threading.Timer(0.4, run.withdraw_pause)
        timer.start()
        assert watch.check() >= 0.3
        timer.join()
    finally:
        watch.close()


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
