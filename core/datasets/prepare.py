"""Makes what the cache lacks of several sources before anyone waits for it.

As many processes may do this at once as there are cores: each takes up what none of the others is at.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial

from core.base.errors import DataError
from core.base.paths import Places
from core.datasets import line_rows
from core.datasets.catalog import entry_named, texture_arrays
from core.loaders import fonts
from core.loaders.cache import try_lock

_DRAWN_FROM_FONTS = ("fonts", "non-digits")


def prepare(sources: Sequence[str], places: Places) -> None:
    """Make every split of these sources that is not there yet; what another process makes is waited for at last.

    Raises DataError for unknown sources; for one that is not here and for damaged files, once the others are made.
    """
    left = list(tasks_of(sources, places))
    problems: list[DataError] = []
    for wait in (False, True):
        tasks, left = left, []
        for name, make in tasks:
            with try_lock(places.cache, name) as is_ours:
                if not (is_ours or wait):
                    left.append((name, make))
                    continue
                try:
                    make()
                except DataError as error:
                    problems.append(error)
    if problems:
        raise problems[0]


def tasks_of(sources: Sequence[str], places: Places) -> Iterator[tuple[str, Callable[[], object]]]:
    """Names in the cache, and what makes each; first what others are made of."""
    entries = [entry_named(name) for name in sources]
    if any(entry.name in _DRAWN_FROM_FONTS for entry in entries):
        for part in range(fonts.PARTS):
            yield fonts.PART_NAME.format(part), partial(fonts.render_part, places.cache, part)
    for entry in entries:
        for split in entry.splits if entry.has_digits else ():
            yield f"{entry.name}-{split}", partial(entry.load_arrays, split, places)
        for split in ("train", "dev") if entry.name in line_rows.NAMES and not entry.has_digits else ():
            yield f"{entry.name}-rows-{split}", partial(line_rows.load_rows, places, entry.name, split)
    yield "textures-train", partial(texture_arrays, places, "train")
