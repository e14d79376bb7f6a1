"""Numbers of a kind that a line reader never saw: how many rows are read wrong before and after some were learned.

The reader is trained here, once, from random weights and without any of the three kinds, whichever are measured: on as
many rows as asked for, far fewer than the shipped one's, so it reads everything worse than that. It is kept in the
cache. Training photos of a kind go into a folder of corrections with their number and its box, as the program keeps
what is labelled; what is measured are the kind's validation photos, each row cut at its box and read by the line reader
alone.
"""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.base.errors import DataError
from core.base.paths import Places
from core.benchmarks.loop.kept_results import KeptResults, facts_of
from core.benchmarks.loop.training import TESTED, learn, recipe_to_measure, train
from core.collection.numbers import NumberStore
from core.datasets.line_rows import NAMES, inner_box
from core.evaluation.photo_sets import spread
from core.loaders.background_photos import read_gray
from core.loaders.number_photos import SOURCES, NumberPhoto, digits_in, number_photos
from core.reading.line_format import cut_strip, strip_box
from core.reading.line_reader import LineReader
from core.recipes.recipe import Recipe, recipe_named
from core.runs.folder import RunFolder

KINDS = ("wagon-numbers", "cheques", "lcd-meters")
EPOCHS = 6


@dataclass(frozen=True)
class NumbersResult:
    """mended, stayed, broken, right: how many of the rows that are measured were read wrong before and right after,
    wrong both times, right before and wrong after, right both times. forgotten: by set of the kinds that the reader was
    trained on, points of accuracy that were lost (negative: won)."""

    kind: str
    corrections: int
    mended: int
    stayed: int
    broken: int
    right: int
    seconds: float
    processor_seconds: float
    forgotten: Mapping[str, float]

    @property
    def rows(self) -> int:
        return self.mended + self.stayed + self.broken + self.right

    @property
    def before(self) -> int:
        """Rows that were read wrong before."""
        return self.mended + self.stayed

    @property
    def after(self) -> int:
        """Rows that are read wrong after."""
        return self.stayed + self.broken


def base_recipe(rows: int) -> Recipe:
    """The shipped line reader's, without the kinds and with so many rows."""
    changes = {f"sources.{kind}": 0 for kind in KINDS}
    return recipe_named("line").with_values(
        changes
        | {"epochs": EPOCHS, "images_per_epoch": max(rows // EPOCHS, 1), "ema": 0.998, "test_images": TESTED}
    )


def base_reader(rows: int, places: Places, tell: Callable[[str], None]) -> RunFolder:
    """A line reader that never saw the kinds; trained where the cache has none of this recipe, or half of one."""
    recipe = base_recipe(rows)
    key = hashlib.sha256(json.dumps(recipe.to_dict(), sort_keys=True).encode()).hexdigest()[:12]
    run = RunFolder(places.cache / "bench" / f"line-without-kinds-{key}")
    if not run.test.exists():
        tell(f"A line reader is trained on {rows:,} rows without {', '.join(KINDS)}: {run.path}")
        learned = train(recipe, run.path, places)
        tell(f"It took {learned.processor_seconds:.0f} s of processor time.")
    return run


def keep(photos: Sequence[NumberPhoto], corrections: Path) -> None:
    """Photos as labelled numbers, each with its box."""
    store = NumberStore.within(corrections)
    for photo in photos:
        store.add(
            read_gray(photo.file), photo.written, box=photo.box, whole=True, source_file=photo.file.name,
            photo=photo.file,
        )  # fmt: skip


def is_wrong(reader: LineReader, photos: Sequence[NumberPhoto]) -> NDArray[np.bool_]:
    """(N,) which rows' digits are read wrong."""
    wrong = []
    for photo in photos:
        gray = read_gray(photo.file)
        strip = cut_strip(gray, strip_box(photo.box or inner_box(photo.source, gray.shape)))
        wrong.append(digits_in(reader.read([strip])[0].text) != photo.digits)
    return np.array(wrong, bool)


def measure_numbers(
    places: Places,
    folder: Path,
    *,
    kinds: Sequence[str],
    corrections: Sequence[int],
    rows: int,
    limit: int | None,
    tell: Callable[[str], None],
) -> Iterator[NumbersResult]:
    """Each learning as soon as it is measured. rows: that the reader without the kinds is trained on. limit: pictures
    of each set. Raises DataError where a kind is not here."""
    measured = {kind: spread(number_photos(places, kind, "validation"), limit) for kind in kinds}
    run = base_reader(rows, places, tell)
    others = dict(_others(places, limit, tell))
    recipe = recipe_to_measure(
        "finetune-line", {f"sources.{kind}": 0 for kind in KINDS} | {"start_from": str(run.best)}
    )
    base = functools.cache(lambda: LineReader.load(run.best_onnx, threads=1))
    known = functools.cache(lambda name: is_wrong(base(), others.get(name) or measured[name]))

    def measure(kind: str, count: int) -> dict[str, Any]:
        photos = spread(number_photos(places, kind, "train"), count)
        home = folder / f"{kind}-{count}"
        keep(photos, home / "mine")
        learned = learn(recipe, home / "mine", home / "run", places)
        after = LineReader.load(learned.model, threads=1)
        old, new = known(kind), is_wrong(after, measured[kind])
        lost = {
            name: 100 * (is_wrong(after, own).mean() - known(name).mean()) for name, own in others.items()
        }
        return asdict(
            NumbersResult(
                kind, len(photos), int((old & ~new).sum()), int((old & new).sum()), int((~old & new).sum()),
                int((~old & ~new).sum()), learned.seconds, learned.processor_seconds, lost,
            )
        )  # fmt: skip

    kept = KeptResults.within(places)
    for kind in kinds:
        for count in corrections:
            facts = facts_of(recipe, run.best) | {"kind": kind, "count": count, "limit": limit}
            yield NumbersResult(**kept.result(facts, functools.partial(measure, kind, count)))


def _others(
    places: Places, limit: int | None, tell: Callable[[str], None]
) -> Iterator[tuple[str, list[NumberPhoto]]]:
    """The validation photos of the kinds that the reader was trained on."""
    for name in NAMES:
        if name not in SOURCES or name in KINDS:
            continue
        try:
            photos = spread(number_photos(places, name, "validation"), limit)
        except DataError as error:
            tell(str(error))
            continue
        if photos:
            yield name, photos
