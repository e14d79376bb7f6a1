"""Files of weights: `model.pt` (all that is needed to go on) and `best_model.pt` (what is used)."""

from __future__ import annotations

import pickle
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import torch
from torch import nn

from core.base.errors import ModelError
from core.base.files import written_aside

FORMAT = 1


def revision() -> str:
    """The git revision of the code that runs, with `+` where it was changed since; empty outside git."""
    here = Path(__file__).resolve().parents[2]
    try:
        found = subprocess.run(
            ["git", "describe", "--always", "--dirty=+", "--abbrev=10"],
            cwd=here, capture_output=True, text=True, timeout=5, check=True,
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError):
        return ""
    return found.stdout.strip()


def save(path: Path, content: dict[str, Any]) -> None:
    """Write aside, then rename.

    Raises OSError where the disk is full; also RuntimeError, which torch raises while it handles the OSError.
    """
    with written_aside(path) as file:
        torch.save({"format": FORMAT, **content}, file)


def load(path: Path, needed: tuple[str, ...]) -> dict[str, Any]:
    """The content of a file of weights, on the CPU. Only tensors and plain values are read: it runs no code.

    Raises:
        ModelError: it is missing, damaged, of another format, or lacks one of `needed`.
    """
    if not path.is_file():
        raise ModelError(f"There is no file {path}; give the path of a model.pt or best_model.pt.")
    if not zipfile.is_zipfile(path):  # torch trips over junk in many ways: it takes it for its old format
        raise ModelError(f"{path} is damaged or no file of weights; take another one.")
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
    except OSError as error:
        if error.errno is None:
            raise ModelError(f"{path} is damaged or no file of weights; take another one.") from error
        raise ModelError(f"{path} can't be read ({error.strerror}).") from error
    except (RuntimeError, pickle.UnpicklingError, EOFError, ValueError, KeyError) as error:
        raise ModelError(f"{path} is damaged or no file of weights; take another one.") from error
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise ModelError(f"{path} was not written by this version of the program; take another one.")
    missing = [name for name in needed if name not in content]
    if missing:
        raise ModelError(f"{path} lacks {', '.join(missing)}; take a file written by a training run.")
    return content


def restore(network: nn.Module, content: dict[str, Any], path: Path) -> None:
    """Put the weights that `load` read from `path` into a network.

    Raises:
        ModelError: they are of another network, or of another version of this one.
    """
    try:
        network.load_state_dict(content["weights"])
    except RuntimeError as error:
        raise ModelError(f"{path} holds weights of another version of this network; train again.") from error
