"""The promise to offer a run's model, once it is trained, in place of the present one.

It is a file in the run's folder, there from the start of the run until a person took the model or refused it:
whatever becomes of the program meanwhile, the question is asked.
"""

from __future__ import annotations

import contextlib
from pathlib import Path

from core.runs.file_names import BEST_ONNX, TEST

OFFER = "offer"


def promise(run: Path) -> None:
    """Note that the model of this run is to be offered. The folder may not be there yet: then call it again."""
    with contextlib.suppress(OSError):
        (run / OFFER).touch()


def withdraw(run: Path) -> None:
    """It was taken or refused."""
    with contextlib.suppress(OSError):
        (run / OFFER).unlink()


def is_promised(run: Path) -> bool:
    return (run / OFFER).exists()


def any_due(runs: Path) -> bool:
    """Whether a run below `runs` is over, to its test, and its model was not offered yet."""
    with contextlib.suppress(OSError):
        promised = [path.parent for path in runs.glob(f"*/{OFFER}")]
        return any((run / TEST).exists() and (run / BEST_ONNX).exists() for run in promised)
    return False
