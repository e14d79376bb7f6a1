"""The table of `gnc bench loop`: errors before and after learning, seconds, and what was forgotten."""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from core.base.paths import Places
from core.benchmarks.loop.intervals import left_interval, median_interval, shown
from core.benchmarks.loop.numbers import KINDS, NumbersResult, measure_numbers
from core.benchmarks.loop.writers import WriterResult, measure_writers

WRITERS = "writers"
CORRECTIONS, NUMBERS = (10, 30, 100), (10, 50, 200)
ROWS = 250_000


def benchmark(
    *,
    places: Places | None = None,
    parts: Sequence[str] = (WRITERS, *KINDS),
    corrections: Sequence[int] = CORRECTIONS,
    numbers: Sequence[int] = NUMBERS,
    writers: int | None = None,
    rows: int = ROWS,
    limit: int | None = None,
    on_row: Callable[[str], None] = lambda _: None,
    tell: Callable[[str], None] = lambda _: None,
) -> dict[str, Any]:
    """Learn and measure. parts: WRITERS, and kinds of numbers. writers: at most so many a count of corrections.

    on_row: called with each line of the tables, in Markdown. tell: called with what happens meanwhile.

    Raises DataError if a data set is missing.
    """
    places = places or Places.find()
    found: dict[str, Any] = {}
    with tempfile.TemporaryDirectory(prefix="gnc-loop-") as folder:
        # What was made of these corrections is of no use later.
        home = Path(folder)
        if WRITERS in parts:
            results: list[WriterResult] = []
            for one in measure_writers(
                places, home, corrections=corrections, most=writers, limit=limit, tell=tell
            ):
                results.append(one)
                tell(
                    _told(
                        one.writer, one.corrections, one.before, one.after, one.digits, one.processor_seconds
                    )
                )
            lost = {
                f"{count} digits": mean_lost([one.forgotten for one in own])
                for count, own in by_count(results).items()
            }
            for line in (*writers_table(results), "", *lost_table(lost), ""):
                on_row(line)
            found["writers"] = [asdict(one) for one in results]
            found["median_ratio"] = {
                str(count): statistics.median(one.ratio for one in own)
                for count, own in by_count(results).items()
            }
        kinds = [kind for kind in KINDS if kind in parts]
        if kinds:
            of_numbers: list[NumbersResult] = []
            for number in measure_numbers(
                places, home, kinds=kinds, corrections=numbers, rows=rows, limit=limit, tell=tell
            ):
                of_numbers.append(number)
                tell(
                    _told(
                        number.kind, number.corrections, number.before, number.after, number.rows,
                        number.processor_seconds,
                    )
                )  # fmt: skip
            lost = {f"{one.kind}, {one.corrections}": dict(one.forgotten) for one in of_numbers}
            for line in (*numbers_table(of_numbers), "", *lost_table(lost)):
                on_row(line)
            found["numbers"] = [asdict(number) for number in of_numbers]
    return found


def _told(what: str, corrections: int, before: int, after: int, n: int, seconds: float) -> str:
    return f"{what}, {corrections} corrections: {before} of {n} wrong before, {after} after; {seconds:.0f} s"


def by_count(results: Iterable[WriterResult]) -> dict[int, list[WriterResult]]:
    """The results by the count of corrections."""
    found: dict[int, list[WriterResult]] = {}
    for one in results:
        found.setdefault(one.corrections, []).append(one)
    return found


def writers_table(results: Sequence[WriterResult]) -> list[str]:
    """A line a count of corrections, in Markdown."""
    lines = [
        "| digits labelled | writers | their errors before | after | left of them, median | 95% interval | "
        "seconds, median | of the processor |",
        "|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for count, own in by_count(results).items():
        ratios = [one.ratio for one in own]
        interval = median_interval(ratios)
        lines.append(
            f"| {count} | {len(own)} | {sum(one.before for one in own)} of {sum(one.digits for one in own):,} | "
            f"{sum(one.after for one in own)} | {statistics.median(ratios):.0%} | "
            f"{shown(*interval) if interval else '–'} | {statistics.median(one.seconds for one in own):.0f} | "
            f"{statistics.median(one.processor_seconds for one in own):.0f} |"
        )
    return lines


def numbers_table(results: Sequence[NumbersResult]) -> list[str]:
    """A line a kind and count of corrections, in Markdown."""
    lines = [
        "| numbers of a kind never seen | labelled | read wrong before | after | left of the errors | 95% interval | "
        "seconds | of the processor |",
        "|---|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for one in results:
        left = f"{one.after / one.before:.0%}" if one.before else "–"
        interval = left_interval(one.mended, one.stayed, one.broken, one.right)
        lines.append(
            f"| {one.kind} | {one.corrections} | {one.before} of {one.rows} | {one.after} | {left} | "
            f"{shown(*interval) if one.before else '–'} | {one.seconds:.0f} | {one.processor_seconds:.0f} |"
        )
    return lines


def lost_table(learnings: Mapping[str, Mapping[str, float]]) -> list[str]:
    """Points of accuracy lost on every other set, a line a set and a column a learning, in Markdown.

    learnings: by name the points by set; negative: won.
    """
    sets = dict.fromkeys(name for lost in learnings.values() for name in lost)
    lines = [
        f"| points lost on | {' | '.join(learnings)} |",
        f"|---|{'---:|' * len(learnings)}",
    ]
    for name in sets:
        cells = [f"{lost[name]:+.2f}" if name in lost else "–" for lost in learnings.values()]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    means = [f"{statistics.mean(lost.values()):+.2f}" if lost else "–" for lost in learnings.values()]
    return [*lines, f"| all of them, mean | {' | '.join(means)} |"]


def mean_lost(results: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """By set the points that were lost, as the mean over learnings."""
    names = dict.fromkeys(name for one in results for name in one)
    return {name: statistics.mean(one[name] for one in results if name in one) for name in names}
