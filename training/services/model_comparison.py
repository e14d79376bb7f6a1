"""Whether a trained model should take the place of the present one: both are measured on the same data."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from training.runs.launch import Commands
from training.services.child_process import ChildQuery
from training.ui import wording

_SECONDS = 900.0

_NAMES = {"mine": "your own digits", "mnist": "MNIST", "svhn": "SVHN", "svhn-numbers": "house numbers"}


class Verdict(StrEnum):
    """How the candidate compares. ABOUT_THE_SAME: the differences may well be chance."""

    BETTER = "better"
    WORSE = "worse"
    MIXED = "mixed"
    ABOUT_THE_SAME = "about the same"


@dataclass(frozen=True)
class MeasuredModel:
    """One model on one data set, as `gnc evaluate --json` prints it. accuracy: a fraction of the n."""

    data: str
    n: int
    accuracy: float
    interval95: tuple[float, float]


@dataclass(frozen=True)
class Pair:
    """Both models on the same data."""

    present: MeasuredModel
    candidate: MeasuredModel

    @property
    def name(self) -> str:
        """The data as a person calls it."""
        data = self.present.data
        return _NAMES.get(data, Path(data).name or data)

    @property
    def change(self) -> str:
        """“99.61% → 99.58%”."""
        return f"{wording.accuracy(self.present.accuracy)} → {wording.accuracy(self.candidate.accuracy)}"

    @property
    def interval95(self) -> tuple[float, float]:
        """Of the candidate's accuracy less the present one's.

        Newcombe's hybrid score interval (1998, Statistics in Medicine 17, method 10). It takes the two
        measurements for independent; on the same images it is rather too wide than too narrow.
        """
        old, new = self.present, self.candidate
        difference = new.accuracy - old.accuracy
        down = math.hypot(new.accuracy - new.interval95[0], old.interval95[1] - old.accuracy)
        up = math.hypot(new.interval95[1] - new.accuracy, old.accuracy - old.interval95[0])
        return difference - down, difference + up

    @property
    def verdict(self) -> Verdict:
        low, high = self.interval95
        if low > 0:
            return Verdict.BETTER
        return Verdict.WORSE if high < 0 else Verdict.ABOUT_THE_SAME


@dataclass(frozen=True)
class Comparison:
    """The decision. sentence: one a person can act on. lines: one a data set, with what could not be measured."""

    verdict: Verdict
    sentence: str
    lines: tuple[str, ...]
    pairs: tuple[Pair, ...]


def compare(pairs: Sequence[Pair], notes: Sequence[str] = ()) -> Comparison:
    """Better, worse, mixed or about the same. notes: sentences about data that could not be measured.

    Raises ValueError for no pairs.
    """
    if not pairs:
        raise ValueError("nothing was measured")
    better = [pair for pair in pairs if pair.verdict is Verdict.BETTER]
    worse = [pair for pair in pairs if pair.verdict is Verdict.WORSE]
    if better and worse:
        verdict = Verdict.MIXED
        sentence = f"Better on {_listed(better)}, but worse on {_listed(worse)}."
    elif better:
        verdict, sentence = Verdict.BETTER, f"Better than the present model on {_listed(better)}."
    elif worse:
        verdict, sentence = Verdict.WORSE, f"Worse than the present model on {_listed(worse)}."
    else:
        verdict = Verdict.ABOUT_THE_SAME
        sentence = f"About as good as the present model; the differences may be chance: {_listed(pairs)}."
    lines = [f"{pair.name} ({wording.counted(pair.present.n, 'image')}): {pair.change}" for pair in pairs]
    return Comparison(verdict, sentence, (*lines, *notes), tuple(pairs))


def _listed(pairs: Sequence[Pair]) -> str:
    return ", ".join(f"{pair.name} ({pair.change})" for pair in pairs)


def parse_measured(answer: Any, data: str) -> MeasuredModel:
    """The answer of `gnc evaluate --json` about `data`. Raises ValueError where it is none."""
    try:
        low, high = answer["interval95"]
        return MeasuredModel(data, int(answer["n"]), float(answer["accuracy"]), (float(low), float(high)))
    except (TypeError, KeyError, ValueError):
        raise ValueError("the measurement was not understood") from None


class ModelComparison(QObject):
    """Measures both models, one after the other, in child processes. `ask` cancels what was asked before."""

    progress = Signal(int, int)
    """Measurements done, and how many there are."""
    compared = Signal(object)
    """Comparison."""
    failed = Signal(str)
    """One sentence: nothing could be measured."""

    def __init__(self, *, commands: Commands | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._commands = commands or Commands()
        self._models: tuple[Path, Path] = (Path(), Path())
        self._data: tuple[str, ...] = ()
        self._data_dir: Path | None = None
        self._detector = False
        self._measured: list[MeasuredModel] = []
        self._pairs: list[Pair] = []
        self._notes: list[str] = []
        self._query: ChildQuery | None = None
        self._is_running = False

    def ask(
        self,
        candidate: Path,
        present: Path,
        data: Sequence[str],
        data_dir: Path | None = None,
        *,
        detector: bool = False,
    ) -> None:
        """Compare two model files: classifiers, or detectors on photos of whole numbers.

        data: sources such as `mnist`, `mine`, `svhn-numbers`, folders or .npz files.
        """
        self.cancel()
        self._models, self._data, self._data_dir = (present, candidate), tuple(data), data_dir
        self._detector = detector
        self._measured, self._pairs, self._notes = [], [], []
        self._is_running = True
        QTimer.singleShot(0, self, self._next)

    def cancel(self) -> None:
        """No signal follows."""
        self._is_running = False
        if self._query is not None:
            self._query.cancel()
            self._query = None

    def close(self) -> None:
        """Cancel, and wait for the child to be gone: before the program ends."""
        query, self._query, self._is_running = self._query, None, False
        if query is not None:
            query.close()

    def _next(self) -> None:
        """The next measurement: of the data sets in order the present model, then the candidate."""
        if not self._is_running or self._query is not None:
            return
        done = 2 * (len(self._pairs) + len(self._notes)) + len(self._measured)
        self.progress.emit(done, 2 * len(self._data))
        at = len(self._pairs) + len(self._notes)
        if at == len(self._data):
            self._finish()
            return
        model = self._models[len(self._measured)]
        command = self._commands.evaluate(model, self._data[at], self._data_dir, detector=self._detector)
        query = ChildQuery(command, seconds=_SECONDS, what="The accuracy", parent=self)
        query.answered.connect(self._on_answered)
        query.failed.connect(self._on_failed)
        self._query = query
        query.start()

    def _on_answered(self, answer: object) -> None:
        self._query = None
        try:
            self._measured.append(parse_measured(answer, self._data[len(self._pairs) + len(self._notes)]))
        except ValueError as error:
            self._on_failed(f"The accuracy could not be found out: {error}.")
            return
        if len(self._measured) == 2:
            self._pairs.append(Pair(*self._measured))
            self._measured = []
        self._next()

    def _on_failed(self, sentence: str) -> None:
        """One data set that can't be measured leaves the others."""
        self._query = None
        data = self._data[len(self._pairs) + len(self._notes)]
        self._notes.append(f"{_NAMES.get(data, data)}: {sentence}")
        self._measured = []
        self._next()

    def _finish(self) -> None:
        self._is_running = False
        if self._pairs:
            self.compared.emit(compare(self._pairs, self._notes))
        else:
            self.failed.emit(self._notes[0] if self._notes else "There is no data to compare the models on.")
