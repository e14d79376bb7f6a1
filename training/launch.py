"""How a training process is started: its options, its command line. No Qt."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class LaunchOptions:
    """What belongs to a run but not to its recipe. device: `auto`, `cpu`, `cuda:0` … processes: ranks."""

    device: str = "auto"
    processes: int = 1
    data_dir: Path | None = None
    tensorboard: bool = False


@dataclass(frozen=True)
class Commands:
    """Builds the command lines of all child processes; tests replace `trainer`.

    trainer, cli: what follows the Python executable.
    """

    python: str = sys.executable
    trainer: tuple[str, ...] = ("-m", "core.train")
    cli: tuple[str, ...] = ("-m", "app.cli")

    def train(self, run: Path, options: LaunchOptions) -> list[str]:
        """A new run whose `recipe.json` is written already."""
        recipe = ["--recipe-file", str(run / "recipe.json")]
        return [*self._start(options), *recipe, "--out", str(run.parent), "--run", str(run), *self._options(options)]

    def resume(self, run: Path, options: LaunchOptions, changes: Mapping[str, str]) -> list[str]:
        """Go on with a run from its `model.pt`."""
        command = [*self._start(options), "--resume", str(run), *self._options(options)]
        if changes:
            command += ["--set", *(f"{name}={value}" for name, value in changes.items())]
        return command

    def probe(self, recipe_file: Path, options: LaunchOptions, steps: int) -> list[str]:
        """A few warm-up steps, and how fast they were as JSON."""
        return [
            self.python, *self.trainer, "--recipe-file", str(recipe_file), "--probe", str(steps),
            *self._options(options),
        ]

    def devices(self) -> list[str]:
        """The devices as JSON."""
        return [self.python, *self.trainer, "--devices"]

    def evaluate(self, model: Path, data: str, data_dir: Path | None) -> list[str]:
        """One model measured on one data set, as JSON."""
        command = [self.python, *self.cli, "evaluate", "--model", str(model), "--data", data, "--json"]
        return command + (["--data-dir", str(data_dir)] if data_dir else [])

    def export(self, run: Path, target: Path) -> list[str]:
        """The run's best weights as a model file."""
        return [self.python, *self.cli, "export", str(run), "--out", str(target)]

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
