"""Command lines, notes in the run folder, and the launcher that outlives the window."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from pytestqt.qtbot import QtBot

from core.base.errors import FailureError
from core.runs.process_tree import ProcessId
from training.runs import launch as launching
from training.runs import launcher
from training.runs.launch import (
    Commands,
    Exit,
    Launch,
    LaunchOptions,
    QueuedStart,
    launch,
    read_exit,
    read_pids,
)

RUN = Path("/runs/quick-1")


def test_command_of_one_process() -> None:
    options = LaunchOptions(device="cpu", data_dir=Path("/data"))
    assert Commands(python="py", cli=("-m", "the.cli")).train(RUN, options, {"epochs": "9", "seed": "3"}) == [
        "py", "-m", "core.train", "--resume", str(RUN), "--device", "cpu", "--data-dir", str(Path("/data")),
        "--set", "epochs=9", "--set", "seed=3",
    ]  # fmt: skip


def test_command_of_several_processes() -> None:
    command = Commands(python="py", cli=("-m", "the.cli")).train(
        RUN, LaunchOptions(processes=3, tensorboard=True), {}
    )
    assert command[:7] == [
        "py", "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "3", "-m",
    ]  # fmt: skip
    assert command[-1] == "--tensorboard"


def test_other_commands() -> None:
    commands = Commands(python="py", cli=("-m", "the.cli"))
    assert commands.devices() == ["py", "-m", "core.train", "--devices"]
    probe = commands.probe(Path("r.json"), LaunchOptions(), 5)
    assert probe[3:7] == ["--recipe-file", "r.json", "--probe", "5"]
    assert commands.evaluate(Path("m.onnx"), "mnist", Path("d"))[1:5] == [
        "-m",
        "the.cli",
        "evaluate",
        "--model",
    ]
    assert commands.evaluate(Path("m.onnx"), "svhn-numbers", None, option="--detector")[4] == "--detector"


def test_notes_survive_writing_and_reading(tmp_path: Path) -> None:
    options = LaunchOptions(device="cuda:1", processes=2, data_dir=Path("/d"), tensorboard=True)
    made = Launch(options, ("py", "x"), gentle=False)
    made.write(tmp_path)
    assert Launch.read(tmp_path) == made
    queued = QueuedStart(options, {"epochs": "5"}, ProcessId(4, 5.0))
    queued.write(tmp_path)
    assert QueuedStart.read(tmp_path) == queued
    QueuedStart.withdraw(tmp_path)
    assert QueuedStart.read(tmp_path) is None


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"token": 1}', '{"token": "a", "time": "x"}', '{"time": 1, "options": 7}']
)
def test_damaged_notes_are_none(tmp_path: Path, text: str) -> None:
    (tmp_path / launcher.LAUNCH).write_text(text)
    assert Launch.read(tmp_path) is None
    (tmp_path / launching.QUEUE).write_text(text)
    assert QueuedStart.read(tmp_path) is None
    (tmp_path / launcher.PROCESS).write_text(text)
    assert read_pids(tmp_path, "t") is None
    (tmp_path / launcher.ENDING).write_text(text)
    assert read_exit(tmp_path, "t") is None


def test_notes_of_another_start_do_not_count(tmp_path: Path) -> None:
    (tmp_path / launcher.ENDING).write_text(json.dumps({"token": "a", "time": 1.0, "returncode": -9}))
    assert read_exit(tmp_path, "b") is None
    assert read_exit(tmp_path, "a") == Exit(1.0, -9)


def start(run: Path, code: str, *, gentle: bool = False) -> Launch:
    made = Launch(LaunchOptions(), (sys.executable, "-c", code), gentle)
    launch(run, made)
    return made


def test_launched_process_is_noted_and_so_is_its_end(tmp_path: Path, qtbot: QtBot) -> None:
    code = "import sys, os; print('hello'); print('alas', file=sys.stderr); os._exit(7)"
    made = start(tmp_path, code)
    qtbot.waitUntil(lambda: read_exit(tmp_path, made.token) is not None, timeout=20_000)
    ended = read_exit(tmp_path, made.token)
    assert ended is not None
    assert ended.returncode == 7
    log = (tmp_path / launcher.LOG).read_text()
    assert log.startswith("--- ")
    assert "hello\n" in log
    assert "alas\n" in log
    assert [p.name for p in tmp_path.iterdir() if p.name.endswith(".part")] == []


@pytest.mark.skipif(sys.platform == "win32", reason="sessions")
def test_launched_process_has_a_session_of_its_own_and_yields(tmp_path: Path, qtbot: QtBot) -> None:
    made = start(tmp_path, "import time; time.sleep(60)", gentle=True)
    qtbot.waitUntil(lambda: read_pids(tmp_path, made.token) is not None, timeout=20_000)
    noted = read_pids(tmp_path, made.token)
    assert noted is not None
    process = psutil.Process(noted.process)
    try:
        assert os.getsid(process.pid) != os.getsid(0)
        assert process.nice() >= min(19, psutil.Process().nice() + 10)
        attendant = process.parent()
        assert attendant is not None
        assert attendant.pid == noted.attendant
        assert attendant.ppid() != os.getpid()
        if sys.platform == "linux":
            assert Path(f"/proc/{process.pid}/oom_score_adj").read_text().strip() == "500"
    finally:
        process.kill()
    qtbot.waitUntil(lambda: read_exit(tmp_path, made.token) is not None, timeout=20_000)
    ended = read_exit(tmp_path, made.token)
    assert ended is not None
    assert ended.returncode == -9


def test_command_that_is_not_there(tmp_path: Path, qtbot: QtBot) -> None:
    made = Launch(LaunchOptions(), ("/nowhere/python",))
    launch(tmp_path, made)
    qtbot.waitUntil(lambda: read_exit(tmp_path, made.token) is not None, timeout=20_000)
    ended = read_exit(tmp_path, made.token)
    assert ended is not None
    assert (ended.returncode, ended.errno) == (None, 2)


def test_launcher_that_fails_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(launcher, "__file__", str(tmp_path / "gone.py"))
    with pytest.raises(FailureError, match="could not be started"):
        launch(tmp_path, Launch(LaunchOptions(), ("x",)))


def test_launcher_needs_only_the_standard_library() -> None:
    code = f"import runpy; runpy.run_path({str(launcher.__file__)!r})"
    done = subprocess.run([sys.executable, "-I", "-S", "-c", code], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("floor", ["core", "training"])
def test_no_lower_floor_starts_a_module_of_app(floor: str) -> None:
    root = Path(launching.__file__).parents[2]
    found = [
        f"{path.relative_to(root)}: {match[0]}"
        for path in (root / floor).rglob("*.py")
        for match in re.finditer(r"[\"']app(\.\w+)+[\"']", path.read_text(encoding="utf-8"))
    ]
    assert found == []


def test_windows_import_no_command() -> None:
    root = Path(launching.__file__).parents[2]
    rooms = [
        path
        for path in (root / "app").iterdir()
        if path.is_dir() and path.name not in ("commands", "devtools")
    ]
    texts = {path: path.read_text(encoding="utf-8") for room in rooms for path in room.rglob("*.py")}
    assert texts
    assert [
        path for path, text in texts.items() if re.search(r"(import|from) app\.(commands|cli)\b", text)
    ] == []
