"""Whether a trained model should take the place of the present one: both are measured on the same data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from training.launch import Commands


class Verdict(StrEnum):
    """How the candidate compares. ABOUT_THE_SAME: the difference may well be chance."""

    BETTER = "better"
    WORSE = "worse"
    ABOUT_THE_SAME = "about the same"
    MIXED = "mixed"


@dataclass(frozen=True)
class Measured:
    """One model on one data set, as `gnc evaluate --json` prints it."""

    data: str
    n: int
    accuracy: float
    interval95: tuple[float, float]


@dataclass(frozen=True)
class Pair:
    """Both models on the same data."""

    present: Measured
    candidate: Measured


@dataclass(frozen=True)
class Comparison:
    """The decision. sentence: one a person can act on. lines: one a data set, “MNIST: 99.61% → 99.58%”."""

    verdict: Verdict
    sentence: str
    lines: tuple[str, ...]
    pairs: tuple[Pair, ...]


def compare(pairs: Sequence[Pair]) -> Comparison:
    """Better, worse, mixed or about the same. Raises ValueError for no pairs."""
    raise NotImplementedError


class Adoption(QObject):
    """Measures present and candidate one after the other in child processes. One at a time; `ask` cancels the last."""

    progress = Signal(int, int)
    """Measurements done, and how many there are."""
    compared = Signal(object)
    """Comparison."""
    failed = Signal(str)
    """One sentence."""

    def __init__(self, *, commands: Commands | None = None, parent: QObject | None = None) -> None: ...

    def ask(self, candidate: Path, present: Path, data: Sequence[str], data_dir: Path | None = None) -> None:
        """Compare two model files. data: sources such as `mnist`, `mine`, folders or .npz files."""

    def cancel(self) -> None: ...
