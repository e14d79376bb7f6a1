"""Runs in processes of their own: killed, resumed, several at once."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.base import files
from core.base.errors import InputError
from core.recipes.recipe import Augmentation, Recipe
from core.runs import events
from core.runs.folder import RunFolder
from core.train import checkpoint
from core.train.command import prepare_run
from core.train.distributed import Ranks, StopSignal
from tests.core.train.small_runs import assert_same_weights, curve, start

pytestmark = pytest.mark.usefixtures("no_export")


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
