"""One writer's digits: how many of the others are read wrong before and after some were learned.

Writers of UNIPEN and CROHME that no training sees. The first digits of a writer, each of 0 to 9 in turn, go into a
folder of corrections as strokes, the way the program keeps what is drawn; a part of them is held back, as ever. What is
measured are all the others.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assets import MODELS
from core.base.errors import DataError
from core.base.paths import Places
from core.benchmarks.loop.kept_results import KeptResults, facts_of
from core.benchmarks.loop.training import learn, recipe_to_measure
from core.evaluation.all_sets import DIGIT_SETS
from core.evaluation.digit_sets import PEN, LabelledCrops, labelled_crops
from core.loaders import pen_strokes
from core.loaders.folders import data_folder
from core.loaders.formats import read_npz
from core.loaders.user_digits import UserDigitStore
from core.reading.classifier import Classifier
from core.reading.images import INK_SHARE
from core.reading.strokes import Stroke, rasterise_paths

FILES = {"unipen": ("unipen_strokes", pen_strokes.UNIPEN), "crohme": ("crohme_strokes", pen_strokes.CROHME)}
LEAST = 30
"""Digits that a writer must have beside those that are learned."""
_CANVAS = (1000, 1000)
_WIDTH = PEN / INK_SHARE * 1000
"""Of the pen: as wide as the crops that are measured have it, on digits that are 1000 units tall."""


@dataclass(frozen=True)
class Writer:
    """labels: (N,). strokes: of each digit. crops: (N, S, S) uint8, as `gnc evaluate` draws them."""

    name: str
    labels: NDArray[np.int64]
    strokes: Sequence[Sequence[NDArray[np.float32]]]
    crops: NDArray[np.uint8]

    def picked(self, count: int) -> NDArray[np.int64]:
        """The first digits that are labelled: a 0, a 1, … a 9, and again, as far as there are such."""
        turns = [int(np.sum(self.labels[:i] == label)) for i, label in enumerate(self.labels)]
        return np.sort(np.argsort(turns, kind="stable")[:count])

    def others(self, count: int) -> NDArray[np.int64]:
        """All but the first `count` digits."""
        return np.setdiff1d(np.arange(len(self.labels)), self.picked(count))


@dataclass(frozen=True)
class WriterResult:
    """digits: those that are measured. before, after: how many of them are read wrong. forgotten: by set, points of
    accuracy that were lost (negative: won)."""

    writer: str
    corrections: int
    digits: int
    before: int
    after: int
    seconds: float
    processor_seconds: float
    forgotten: Mapping[str, float]

    @property
    def ratio(self) -> float:
        return self.after / self.before


def kept_out_writers(places: Places, size: int) -> list[Writer]:
    """Raises DataError where neither set is here."""
    found: list[Writer] = []
    problems: list[DataError] = []
    for source, (folder, name) in FILES.items():
        try:
            path = data_folder(places, folder) / name
            content = pen_strokes.read_strokes(path)
        except DataError as error:
            problems.append(error)
            continue
        writers = read_npz(path, "writer")["writer"]
        pieces = np.split(content["points"].astype(np.float32), np.cumsum(content["stroke_len"])[:-1])
        ends = np.cumsum(content["n_strokes"])
        for writer in np.unique(writers[content["validation"]]):
            own = np.flatnonzero(content["validation"] & (writers == writer))
            if len(own) <= LEAST:
                continue
            strokes = [pieces[ends[i] - content["n_strokes"][i] : ends[i]] for i in own]
            crops = np.stack([rasterise_paths(digit, size, pen=PEN) for digit in strokes])
            labels = content["labels"][own].astype(np.int64)
            found.append(Writer(f"{source} {writer}", labels, strokes, crops))
    if not found and problems:
        raise problems[0]
    return found


def keep(writer: Writer, count: int, corrections: Path) -> None:
    """The writer's first digits as corrections."""
    store = UserDigitStore(corrections)
    for i in writer.picked(count):
        strokes = [Stroke(tuple(map(tuple, path.tolist())), _WIDTH) for path in writer.strokes[i]]
        store.add(strokes, writer.crops[i], int(writer.labels[i]), size=_CANVAS)


def is_wrong(
    classifier: Classifier, crops: NDArray[np.uint8], labels: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """(N,) what is read wrong; “no digit” is wrong."""
    return np.asarray(classifier.probabilities(crops).argmax(1) != labels, np.bool_)


def measure_writers(
    places: Places,
    folder: Path,
    *,
    corrections: Sequence[int],
    most: int | None,
    limit: int | None,
    tell: Callable[[str], None],
) -> Iterator[WriterResult]:
    """Each learning as soon as it is measured: per count the writers of whom most is read wrong, at most so many.

    folder: for runs and corrections. limit: pictures of each set on which it is measured what was forgotten.
    """
    present = Classifier.load(MODELS / "classifier.onnx", threads=1)
    size = present.info.input_size
    writers = kept_out_writers(places, size)
    recipe, kept = recipe_to_measure("finetune"), KeptResults.within(places)
    sets = functools.cache(lambda: dict(_sets(places, size, limit, tell)))
    known = functools.cache(lambda: {name: _accuracy(present, crops) for name, crops in sets().items()})

    def measure(writer: Writer, count: int) -> dict[str, Any]:
        home = folder / f"{writer.name.replace(' ', '-')}-{count}"
        keep(writer, count, home / "mine")
        learned = learn(recipe, home / "mine", home / "run", places)
        after = Classifier.load(learned.model, threads=1)
        rest = writer.others(count)
        before, now = (
            int(is_wrong(model, writer.crops[rest], writer.labels[rest]).sum()) for model in (present, after)
        )
        return asdict(
            WriterResult(
                writer.name, count, len(rest), before, now, learned.seconds, learned.processor_seconds,
                {name: 100 * (known()[name] - _accuracy(after, crops)) for name, crops in sets().items()},
            )
        )  # fmt: skip

    wrong = [is_wrong(present, writer.crops, writer.labels) for writer in writers]
    for count in corrections:
        errors = {
            at: int(wrong[at][writer.others(count)].sum())
            for at, writer in enumerate(writers)
            if len(writer.labels) >= count + LEAST
        }
        worst = sorted((at for at, n in errors.items() if n), key=lambda at: (-errors[at], at))[:most]
        tell(
            f"{count} corrections: {len(worst)} of {len(errors)} writers with enough digits, by their errors"
        )
        for at in worst:
            facts = facts_of(recipe, MODELS / "classifier.onnx")
            facts |= {"writer": writers[at].name, "count": count, "limit": limit}
            yield WriterResult(**kept.result(facts, functools.partial(measure, writers[at], count)))


def _sets(
    places: Places, size: int, limit: int | None, tell: Callable[[str], None]
) -> Iterator[tuple[str, LabelledCrops]]:
    for name in DIGIT_SETS:
        try:
            yield name, labelled_crops(name, size=size, places=places).limited(limit)
        except DataError as error:
            tell(str(error))


def _accuracy(classifier: Classifier, data: LabelledCrops) -> float:
    return 1 - float(is_wrong(classifier, data.crops, data.labels).mean())
