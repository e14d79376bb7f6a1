"""How a training process is started: its options, its command line, its notes in the run folder."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import logging
import os
import secrets
import shlex
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.base.errors import FailureError
from core.base.files import write_json
from core.runs.folder import LAUNCHED
from core.runs.process_tree import ProcessId, identify
from training.runs import launcher
from training.runs.launcher import ENDING, LAUNCH, PROCESS

_log = logging.getLogger(__name__)

_ROOT = Path(__file__).resolve().parents[2]
_LAUNCHER_SECONDS = 30.0
QUEUE = "queue.json"


@dataclass(frozen=True)
class LaunchOptions:
    """What belongs to a run but not to its recipe. device: `auto`, `cpu`, `cuda:0` … processes: ranks."""

    device: str = "auto"
    processes: int = 1
    data_dir: Path | None = None
    tensorboard: bool = False

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        folder = None if self.data_dir is None else str(self.data_dir)
        return dataclasses.asdict(self) | {"data_dir": folder}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> LaunchOptions:
        """The options of `to_dict`; what is missing or damaged takes its default."""
        folder = values.get("data_dir")
        processes = values.get("processes")
        return cls(
            device=str(values.get("device") or "auto"),
            processes=processes if isinstance(processes, int) and processes > 0 else 1,
            data_dir=Path(folder) if isinstance(folder, str) else None,
            tensorboard=bool(values.get("tensorboard")),
        )


@dataclass(frozen=True)
class Commands:
    """Builds the command lines of all child processes; tests replace both.

    trainer: what follows the Python executable.
    cli: the same for the command line of the program that opens the windows (`gnc data`, `gnc evaluate`), which
    lies above these rooms.
    """

    python: str = sys.executable
    trainer: tuple[str, ...] = ("-m", "core.train")
    cli: tuple[str, ...] = field(kw_only=True)

    def train(self, run: Path, options: LaunchOptions, changes: Mapping[str, str]) -> list[str]:
        """Train in a run folder that has its `recipe.json`: from its `model.pt`, or from the beginning."""
        # Not `--run`: torchrun takes that for an option of its own, cut short.
        command = [*self._start(options), "--resume", str(run), *self._options(options)]
        for name, value in changes.items():
            command += ["--set", f"{name}={value}"]
        return command

    def probe(self, recipe_file: Path, options: LaunchOptions, steps: int) -> list[str]:
        """A few warm-up steps, and how fast they were as JSON."""
        what = ["--recipe-file", str(recipe_file), "--probe", str(steps)]
        return [self.python, *self.trainer, *what, *self._options(options)]

    def devices(self) -> list[str]:
        """The devices as JSON."""
        return [self.python, *self.trainer, "--devices"]

    def evaluate(
        self,
        model: Path,
        data: str,
        data_dir: Path | None,
        *,
        option: str = "--model",
        beside: Mapping[str, Path] | None = None,
    ) -> list[str]:
        """One model measured on one data set, as JSON. option: says of which kind it is (`KindFacts.option`). beside:
        by option the models of other kinds that read with it, where they are not the shipped ones."""
        command = [self.python, *self.cli, "evaluate", option, str(model), "--data", data, "--json"]
        for other, path in (beside or {}).items():
            command += [other, str(path)]
        return command + (["--data-dir", str(data_dir)] if data_dir else [])

    def test(self, run: Path, options: LaunchOptions) -> list[str]:
        """The test phase of a run that did not come to its own, and its model file; JSON when done."""
        return [self.python, *self.trainer, "--test", str(run), *self._options(options)]

    def export(self, run: Path, target: Path) -> list[str]:
        """The model file of a run's best weights, as they are; JSON when done."""
        return [self.python, *self.cli, "export", str(run), "--out", str(target), "--json"]

    def _start(self, options: LaunchOptions) -> list[str]:
        if options.processes <= 1:
            return [self.python, *self.trainer]
        ranks = ["--standalone", "--nproc-per-node", str(options.processes)]
        return [self.python, "-m", "torch.distributed.run", *ranks, *self.trainer]

    def _options(self, options: LaunchOptions) -> list[str]:
        arguments = ["--device", options.device]
        if options.data_dir is not None:
            arguments += ["--data-dir", str(options.data_dir)]
        if options.tensorboard:
            arguments.append("--tensorboard")
        return arguments


def environment() -> dict[str, str]:
    """What child processes get: ours, and the place where the program's packages are."""
    paths = [str(_ROOT), *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
    return os.environ | {"PYTHONPATH": os.pathsep.join(dict.fromkeys(paths)), "PYTHONUNBUFFERED": "1"}


@dataclass(frozen=True)
class Launch:
    """A start of a run's process: `launch.json`. token: marks what belongs to this start. time: of the start.

    gentle: it yields the processor to the window.
    """

    options: LaunchOptions
    command: tuple[str, ...]
    gentle: bool = True
    token: str = field(default_factory=lambda: secrets.token_hex(8))
    time: float = field(default_factory=time.time)

    def write(self, run: Path) -> None:
        """Raises OSError where the folder can't be written."""
        values = {
            "token": self.token,
            "time": self.time,
            "command": list(self.command),
            "gentle": self.gentle,
            "options": self.options.to_dict(),
        }
        write_json(run / LAUNCH, values)

    @classmethod
    def read(cls, run: Path) -> Launch | None:
        """None where this run was not started from a window, or the file is damaged."""
        values = _read(run / LAUNCH)
        try:
            return cls(
                options=LaunchOptions.from_dict(values.get("options") or {}),
                command=tuple(map(str, values.get("command") or ())),
                gentle=bool(values.get("gentle")),
                token=str(values["token"]),
                time=float(values["time"]),
            )
        except (KeyError, TypeError, ValueError, AttributeError):
            return None


@dataclass(frozen=True)
class QueuedStart:
    """A run that waits for its turn: `queue.json`, there for as long as it waits.

    changes: of the recipe, for a run that is to go on. owner: the window in whose queue it is.
    """

    options: LaunchOptions
    changes: Mapping[str, str] = field(default_factory=dict)
    owner: ProcessId | None = None
    time: float = field(default_factory=time.time)

    def write(self, run: Path) -> None:
        """Raises OSError where the folder can't be written."""
        values = {
            "time": self.time,
            "changes": dict(self.changes),
            "options": self.options.to_dict(),
            "owner": None if self.owner is None else [self.owner.pid, self.owner.created],
        }
        write_json(run / QUEUE, values)

    @classmethod
    def read(cls, run: Path) -> QueuedStart | None:
        """None where the run does not wait, or the file is damaged."""
        values = _read(run / QUEUE)
        try:
            owner = values.get("owner")
            return cls(
                options=LaunchOptions.from_dict(values.get("options") or {}),
                changes={str(k): str(v) for k, v in (values.get("changes") or {}).items()},
                owner=ProcessId(int(owner[0]), float(owner[1])) if owner else None,
                time=float(values["time"]),
            )
        except (KeyError, TypeError, ValueError, AttributeError, IndexError):
            return None

    @staticmethod
    def withdraw(run: Path) -> None:
        (run / QUEUE).unlink(missing_ok=True)


@dataclass(frozen=True)
class Exit:
    """How a launched process ended.

    returncode: negative for a signal; None: it could not be started, for the reason in `error`.
    """

    time: float
    returncode: int | None
    error: str = ""
    errno: int = 0


def read_exit(run: Path, token: str) -> Exit | None:
    """What the launcher noted at the end of this start; None while it runs, or if the note is missing."""
    values = _read(run / ENDING)
    if values.get("token") != token:
        return None
    code, number = values.get("returncode"), values.get("errno")
    return Exit(
        time=float(values.get("time") or 0.0),
        returncode=code if isinstance(code, int) else None,
        error=str(values.get("error") or ""),
        errno=number if isinstance(number, int) else 0,
    )


@dataclass(frozen=True)
class Pids:
    """The process of a start, and the attendant that waits for it. noted: when these had these pids."""

    process: int
    attendant: int
    noted: float


def read_pids(run: Path, token: str) -> Pids | None:
    """None before this start has a process."""
    values = _read(run / PROCESS)
    if values.get("token") != token:
        return None
    try:
        return Pids(int(values["pid"]), int(values["attendant"]), float(values["time"]))
    except (KeyError, TypeError, ValueError):
        return None


def launch(run: Path, wanted: Launch) -> ProcessId | None:
    """Start `wanted.command` so that it outlives this process. Blocks for some ten milliseconds.

    Returns the process that will start it and wait for it; None where that is over already.

    Raises:
        FailureError: the launcher could not be started. What happens to the command itself is told by
            `read_pids` and `read_exit`.
        OSError: the run folder can't be written.
    """
    _log.info("Run %s launched: %s", run.name, shlex.join(wanted.command))
    for name in (PROCESS, ENDING):
        (run / name).unlink(missing_ok=True)
    wanted.write(run)
    command = [sys.executable, "-I", "-S", str(launcher.__file__), "detach", str(run)]
    try:
        done = subprocess.run(
            command,
            env=environment() | {LAUNCHED: repr(wanted.time)},
            cwd=run,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_LAUNCHER_SECONDS,
            check=False,
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise FailureError(f"The training process could not be started ({error}).") from error
    if done.returncode != 0:
        reason = (done.stderr.strip().splitlines() or ["no reason was given"])[-1]
        raise FailureError(f"The training process could not be started ({reason}).")
    return identify(int(done.stdout))


def _read(path: Path) -> dict[str, Any]:
    """A small JSON table; empty where it is missing, damaged or being replaced."""
    with contextlib.suppress(OSError, ValueError):
        values = json.loads(path.read_text(encoding="utf-8"))
        if isinstance(values, dict):
            return values
    return {}
