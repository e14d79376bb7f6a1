"""Puts a finished run's model among the shipped ones: the model file, and the weights for training that goes on.

python -m core.tools.ship_model RUN --as classifier
"""

from __future__ import annotations

import argparse
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from assets import MODELS
from core.base.errors import FailureError, InputError
from core.base.files import written_aside
from core.runs.folder import RunFolder
from core.train import checkpoint

NETWORKS = {"classifier": "general", "detector": "detector", "line": "line"}
"""The shipped models, and which network each is."""


def ship(run: RunFolder, name: str, models: Path) -> None:
    """Copy a run's `best_model.onnx` and its weights to `models`. Raises InputError where the run is another's."""
    content = checkpoint.load(run.best, ("weights", "network"))
    if content["network"] != NETWORKS[name]:
        raise InputError(f"{run.best} holds the network “{content['network']}”, not “{NETWORKS[name]}”.")
    if not run.best_onnx.is_file():
        raise InputError(f"{run.path} has no {run.best_onnx.name}: let its run finish, or export it.")
    checkpoint.save_shipped(models / f"{name}{checkpoint.SHIPPED_SUFFIX}", content)
    with run.best_onnx.open("rb") as source, written_aside(models / f"{name}.onnx") as file:
        shutil.copyfileobj(source, file)


def main(argv: Sequence[str] | None = None) -> int:
    """The command of this module."""
    parser = argparse.ArgumentParser(
        prog="core.tools.ship_model", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument("run", type=Path, metavar="RUN", help="a finished run's folder")
    parser.add_argument(
        "--as", dest="name", choices=tuple(NETWORKS), required=True, help="which model it is to be"
    )
    args = parser.parse_args(argv)
    try:
        ship(RunFolder(args.run), args.name, MODELS)
    except (InputError, FailureError, OSError) as error:
        print(f"core.tools.ship_model: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
