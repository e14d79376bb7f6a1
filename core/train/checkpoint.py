"""Files of weights: `model.pt` (all that is needed to go on), `best_model.pt` (what is used), shipped ones."""

from __future__ import annotations

import json
import pickle
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import safetensors.torch
import torch
from torch import nn

from core.base.errors import ModelError
from core.base.files import written_aside

FORMAT = 1
SHIPPED_SUFFIX = ".safetensors"
"""Of the weights in `assets/models`, from which training starts that goes on from a shipped model."""
_ABOUT = "gnc"


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
    if path.suffix == SHIPPED_SUFFIX:
        return _complete(path, _load_shipped(path), needed)
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
    return _complete(path, content, needed)


def _complete(path: Path, content: dict[str, Any], needed: tuple[str, ...]) -> dict[str, Any]:
    missing = [name for name in needed if name not in content]
    if missing:
        raise ModelError(f"{path} lacks {', '.join(missing)}; take a file written by a training run.")
    return content


def save_shipped(path: Path, content: dict[str, Any]) -> None:
    """The weights of a `best_model.pt` and what they are, as safetensors: tensors, and text beside them, no pickle."""
    about = {name: value for name, value in content.items() if name not in ("weights", "format")}
    weights = {name: value.contiguous() for name, value in content["weights"].items()}
    data = safetensors.torch.save(weights, {_ABOUT: json.dumps({"format": FORMAT, **about})})
    with written_aside(path) as file:
        file.write(data)


def _load_shipped(path: Path) -> dict[str, Any]:
    try:
        with safetensors.safe_open(path, "pt") as file:
            content = json.loads((file.metadata() or {}).get(_ABOUT, "null"))
            weights = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (it is no mapping)
    except (safetensors.SafetensorError, ValueError) as error:
        raise ModelError(f"{path} is damaged or no file of weights; take another one.") from error
    except OSError as error:
        raise ModelError(f"{path} can't be read ({error.strerror}).") from error
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise ModelError(f"{path} was not written by this version of the program; take another one.")
    return content | {"weights": weights}


def restore(network: nn.Module, content: dict[str, Any], path: Path) -> None:
    """Put the weights that `load` read from `path` into a network.

    Raises:
        ModelError: they are of another network, or of another version of this one.
    """
    try:
        network.load_state_dict(content["weights"])
    except RuntimeError as error:
        raise ModelError(f"{path} holds weights of another version of this network; train again.") from error
