"""Whether a trained model should take the place of the present one: both are measured on the same data."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from core.collection.split import SHARE
from core.recipes.source_names import LABELLED_NUMBERS
from training.runs.launch import Commands
from training.runs.model_cards import title_of
from training.runs.model_kinds import KINDS, Kind
from training.services.child_process import ChildQuery
from training.ui import wording

_SECONDS = 900.0

_OWN = tuple(facts.own for facts in KINDS.values())
_PHOTOS = ("svhn-numbers", "svhn-photos", "signs", "backgrounds", "made-numbers", LABELLED_NUMBERS)
"""Data sets of whole numbers in photos; the others are of single digits."""
# Within a point two models read alike for whoever uses them; a range that is wider says nothing.
_ALIKE = 0.01


class Verdict(StrEnum):
    """How the candidate compares.

    ABOUT_THE_SAME: at most a point apart. UNCLEAR: too little was measured to tell.
    """

    BETTER = "better"
    WORSE = "worse"
    MIXED = "mixed"
    ABOUT_THE_SAME = "about the same"
    UNCLEAR = "unclear"

    @property
    def recommends(self) -> bool:
        """The candidate is what to use unless a person wants otherwise."""
        return self is Verdict.BETTER


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
        title = title_of(data)
        return title if title != data else Path(data).name or data

    @property
    def counted(self) -> str:
        """“10 000 digits”, “1 photo”."""
        return wording.counted(self.present.n, "photo" if self.present.data in _PHOTOS else "digit")

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
        if high < 0:
            return Verdict.WORSE
        return Verdict.ABOUT_THE_SAME if low > -_ALIKE and high < _ALIKE else Verdict.UNCLEAR

    @property
    def range_text(self) -> str:
        """The interval in words: “0.3 to 0.8 points worse”, “up to 0.1 points worse or 0.2 points better”."""
        low, high = self.interval95
        if low > 0:
            return f"{wording.points(low)} to {wording.points(high)} points better"
        if high < 0:
            return f"{wording.points(-high)} to {wording.points(-low)} points worse"
        return f"up to {wording.points(-low)} points worse or {wording.points(high)} points better"

    @property
    def line(self) -> str:
        """“MNIST (10 000 digits): 99.68% → 99.14%, 0.3 to 0.8 points worse”."""
        return f"{self.name} ({self.counted}): {self.change}, {self.range_text}"


@dataclass(frozen=True)
class Comparison:
    """The decision. sentence: what was found. lines: one a data set, with what could not be measured. advice: what to
    do, in a sentence or two."""

    verdict: Verdict
    sentence: str
    lines: tuple[str, ...]
    pairs: tuple[Pair, ...]
    advice: str = ""


def compare(pairs: Sequence[Pair], notes: Sequence[str] = (), *, own_missing: str = "") -> Comparison:
    """What the measurements allow to say. notes: sentences about data that could not be measured. own_missing: the
    user's own data, where it was to be measured on and could not be.

    A model is better only where something besides the user's own digits was measured: what it forgot of all
    others can't be seen by those. Raises ValueError for no pairs.
    """
    if not pairs:
        raise ValueError("nothing was measured")
    better = [pair for pair in pairs if pair.verdict is Verdict.BETTER]
    worse = [pair for pair in pairs if pair.verdict is Verdict.WORSE]
    unclear = [pair for pair in pairs if pair.verdict is Verdict.UNCLEAR]
    others = [pair for pair in pairs if pair.present.data not in _OWN]
    if own_missing and not worse:
        verdict = Verdict.UNCLEAR
        sentence = "It can't be told which model reads yours better: too little is collected to hold some of it back."
    elif better and worse:
        verdict = Verdict.MIXED
        sentence = f"Better on {_listed(better)}, but worse on {_listed(worse)}."
    elif better and not others:
        verdict = Verdict.UNCLEAR
        sentence = f"Better on {_listed(better)}; how well it reads other digits could not be measured."
    elif better:
        verdict, sentence = Verdict.BETTER, f"Better than the present model on {_listed(better)}."
    elif worse:
        verdict, sentence = Verdict.WORSE, f"Worse than the present model on {_listed(worse)}."
    elif unclear:
        verdict = Verdict.UNCLEAR
        measured = ", ".join(f"{pair.counted} of {pair.name}" for pair in unclear)
        sentence = f"It can't be told which model is better; too little was measured: {measured}."
    else:
        verdict = Verdict.ABOUT_THE_SAME
        sentence = f"About as good as the present model: {_listed(pairs)}."
    lines = [pair.line for pair in pairs]
    sure = "Each range holds with a certainty of 95%."
    return Comparison(
        verdict, sentence, (*lines, *notes, sure), tuple(pairs), _advice(verdict, pairs, own_missing)
    )


_FIRST_TO_LABEL = 40
"""Of so many corrections some eight are held back: a model that mends most of them shows."""
_MOST_TO_LABEL = 500


def _advice(verdict: Verdict, pairs: Sequence[Pair], own_missing: str) -> str:
    """What to do, in a sentence or two that a person can act on."""
    if verdict is Verdict.BETTER:
        return "Use it; you can switch back at any time."
    if verdict is Verdict.ABOUT_THE_SAME:
        return "Either will do; the present one stays unless you choose."
    if verdict is Verdict.MIXED:
        return (
            f"Use it if you read what is like {_names(pairs, Verdict.BETTER)}; else keep the present model."
        )
    if verdict is Verdict.WORSE:
        return "Keep the present model. Look through what you labelled for mistakes before you learn again."
    own = next((pair for pair in pairs if pair.present.data in _OWN), None)
    if own_missing:
        return f"Keep the present model, label about {_FIRST_TO_LABEL} and learn again."
    if own is None or own.verdict is not Verdict.UNCLEAR:
        return "Keep the present model."
    return f"Keep the present model, label about {more_to_label(own)} more and learn again."


def _names(pairs: Sequence[Pair], verdict: Verdict) -> str:
    return " and ".join(pair.name for pair in pairs if pair.verdict is verdict)


def more_to_label(own: Pair) -> int:
    """About how many corrections more would show a difference as large as the one that was seen.

    The interval narrows with the root of the count, and about SHARE of what is labelled is held back.
    """
    low, high = own.interval95
    seen = abs(own.candidate.accuracy - own.present.accuracy)
    if seen < _ALIKE:
        return 100
    needed = own.present.n * (((high - low) / 2 / seen) ** 2 - 1)
    return min(max(math.ceil(needed / SHARE / 10) * 10, 10), _MOST_TO_LABEL)


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

    def __init__(self, *, commands: Commands, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._commands = commands
        self._models: tuple[Path, Path] = (Path(), Path())
        self._data: tuple[str, ...] = ()
        self._data_dir: Path | None = None
        self._kind = Kind.CLASSIFIER
        self._beside: dict[str, Path] = {}
        self._own_missing = ""
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
        kind: Kind = Kind.CLASSIFIER,
        beside: Mapping[Kind, Path] | None = None,
    ) -> None:
        """Compare two model files of a kind. beside: the models of the other kinds that read with it.

        data: sources such as `mnist`, `corrections`, `svhn-numbers`, folders or .npz files.
        """
        self.cancel()
        self._models, self._data, self._data_dir = (present, candidate), tuple(data), data_dir
        self._kind = kind
        self._beside = {
            KINDS[other].option: path
            for other, path in (beside or {}).items()
            if other is not kind and path != KINDS[other].shipped and path.exists()
        }
        self._measured, self._pairs, self._notes, self._own_missing = [], [], [], ""
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
        command = self._commands.evaluate(
            model, self._data[at], self._data_dir, option=KINDS[self._kind].option, beside=self._beside
        )
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
        self._notes.append(f"{title_of(data)}: {sentence}")
        if data in _OWN:
            self._own_missing = data
        self._measured = []
        self._next()

    def _finish(self) -> None:
        self._is_running = False
        if self._pairs:
            self.compared.emit(compare(self._pairs, self._notes, own_missing=self._own_missing))
        else:
            self.failed.emit(self._notes[0] if self._notes else "There is no data to compare the models on.")
