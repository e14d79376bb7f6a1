"""Numbers of a kind that a line reader never saw: how many rows are read wrong before and after some were learned.

The reader is trained here, once, from random weights and without the kinds that are measured: on as many rows as asked
for, far fewer than the shipped one's 1.2 million, so it reads everything worse than that. Training photos of a kind go
into a folder of corrections with their number and its box, as the program keeps what is labelled; what is measured are
the kind's validation photos, each row cut at its box and read by the line reader alone.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.base.errors import DataError
from core.base.paths import Places
from core.benchmarks.loop.training import TESTED, learn, train
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
    """rows: those that are measured. before, after: how many of them are read wrong. forgotten: by set of the kinds
    that the reader was trained on, points of accuracy that were lost (negative: won)."""

    kind: str
    corrections: int
    rows: int
    before: int
    after: int
    seconds: float
    processor_seconds: float
    forgotten: Mapping[str, float]


def base_recipe(kinds: Sequence[str], rows: int) -> Recipe:
    """The shipped line reader's, without these kinds and with so many rows."""
    changes = {f"sources.{kind}": 0 for kind in kinds}
    return recipe_named("line").with_values(
        changes
        | {"epochs": EPOCHS, "images_per_epoch": max(rows // EPOCHS, 1), "ema": 0.998, "test_images": TESTED}
    )


def base_reader(kinds: Sequence[str], rows: int, places: Places, tell: Callable[[str], None]) -> RunFolder:
    """A line reader that never saw these kinds; trained where the cache has none of this recipe."""
    recipe = base_recipe(kinds, rows)
    key = hashlib.sha256(json.dumps(recipe.to_dict(), sort_keys=True).encode()).hexdigest()[:12]
    run = RunFolder(places.cache / "bench" / f"line-without-{'-'.join(kinds)}-{key}")
    if not run.test.exists():
        tell(f"A line reader is trained on {rows:,} rows without {', '.join(kinds)}: {run.path}")
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


def rows_wrong(reader: LineReader, photos: Sequence[NumberPhoto]) -> int:
    """How many rows' digits are read wrong."""
    wrong = 0
    for photo in photos:
        gray = read_gray(photo.file)
        strip = cut_strip(gray, strip_box(photo.box or inner_box(photo.source, gray.shape)))
        wrong += digits_in(reader.read([strip])[0].text) != photo.digits
    return wrong


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
    """Each learning as soon as it is measured. rows: that the reader without these kinds is trained on. limit: pictures
    of each set. Raises DataError where a kind is not here."""
    measured = {kind: spread(number_photos(places, kind, "validation"), limit) for kind in kinds}
    run = base_reader(kinds, rows, places, tell)
    base = LineReader.load(run.best_onnx, threads=1)
    others = dict(_others(places, kinds, limit, tell))
    known = {name: rows_wrong(base, photos) for name, photos in others.items()}
    rehearsed = {f"sources.{kind}": 0 for kind in kinds} | {"start_from": str(run.best)}
    for kind in kinds:
        before = rows_wrong(base, measured[kind])
        for count in corrections:
            photos = spread(number_photos(places, kind, "train"), count)
            home = folder / f"{kind}-{count}"
            keep(photos, home / "mine")
            learned = learn("finetune-line", home / "mine", home / "run", places, rehearsed)
            after = LineReader.load(learned.model, threads=1)
            yield NumbersResult(
                kind, len(photos), len(measured[kind]), before, rows_wrong(after, measured[kind]), learned.seconds,
                learned.processor_seconds,
                {
                    name: 100 * (rows_wrong(after, photos) - known[name]) / len(photos)
                    for name, photos in others.items()
                },
            )  # fmt: skip


def _others(
    places: Places, kinds: Sequence[str], limit: int | None, tell: Callable[[str], None]
) -> Iterator[tuple[str, list[NumberPhoto]]]:
    """The validation photos of the kinds that the reader was trained on."""
    for name in NAMES:
        if name not in SOURCES or name in kinds:
            continue
        try:
            photos = spread(number_photos(places, name, "validation"), limit)
        except DataError as error:
            tell(str(error))
            continue
        if photos:
            yield name, photos
