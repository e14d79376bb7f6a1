"""What a source of digits is: whether it is here, on what terms, and its arrays through the cache."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from assets import STARTER
from core.base.errors import DataError
from core.base.paths import Places
from core.datasets.finding import Find
from core.loaders.cache import Arrays, cached, cached_facts
from core.loaders.digit_frame import SOURCE_SIZE

SPLITS = ("train", "dev", "test")


@dataclass(frozen=True)
class Availability:
    """here: whether it can be loaded now. note: where it is, or what to do to get it.

    counts: images a split, as far as known without loading; exact: whether they were counted, or are what is
    expected. partial: it is a part that ships with the program; note says how to get all of it. remarks: sentences
    about what was found there. choices: folders in it that hold digits, where it holds none itself.
    """

    here: bool
    note: str
    counts: Mapping[str, int] = field(default_factory=dict)
    exact: bool = False
    partial: bool = False
    remarks: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()

    @property
    def n(self) -> int:
        """Images of all splits together, as far as known."""
        return sum(self.counts.values())


@dataclass(frozen=True)
class Ingredients:
    """What a split of a source is made from. key: of the cache, from content. build: makes the arrays."""

    key: str
    build: Callable[[], Arrays]


@dataclass(frozen=True)
class CatalogEntry:
    """One source.

    terms: of the data's licence, in short. address: where it is from. expected: about how many images a split has.
    absent: what to do where it is not here. find(places, folder): where it is, None where it is not here; folder:
    of the source “folder”. prepare(places, where, split): what a split is made from.
    """

    name: str
    title: str
    terms: str
    address: str
    expected: Mapping[str, int]
    is_ink: bool
    absent: str
    find: Find
    prepare: Callable[[Places, Path, str], Ingredients] | None = None
    """None for a source of whole rows or scenes, which has no single digits."""
    fetchable: bool = False
    made_of: str = ""
    """For a source that is made here: of what; it stands where others name their folder."""
    part: Mapping[str, int] = field(default_factory=dict)
    """Images a split of the part of it that ships with the program, where there is one."""
    look: Callable[[Places, Path], Availability] | None = None
    """For a source whose form may not be recognised: a description of its form."""

    @property
    def has_digits(self) -> bool:
        """Whether it has single digits, which classifiers learn from; else it has whole rows or scenes."""
        return self.prepare is not None

    @property
    def splits(self) -> tuple[str, ...]:
        """Those of train, dev and test that it has."""
        return tuple(self.expected)

    def is_partial(self, where: Path) -> bool:
        """Whether what `find` found is a part that ships with the program."""
        return not self.made_of and where.is_relative_to(STARTER)

    def available(self, places: Places, folder: Path | None = None) -> Availability:
        """Whether it is here. folder: of the source “folder”. Never raises for absent or damaged data."""
        where = self.find(places, folder)
        if where is None:
            return Availability(False, self.absent, dict(self.expected))
        prepare = self.prepare
        if prepare is None:
            return Availability(True, self.made_of or str(where), dict(self.expected))
        if self.look is not None:
            return self.look(places, where)
        counts, exact = dict(self.part if self.is_partial(where) else self.expected), True
        for split in self.splits:
            try:
                key = prepare(places, where, split).key
                facts = cached_facts(places.cache, f"{self.name}-{split}", key)
            except (OSError, DataError):
                facts = None
            if facts is None:
                exact = False
            else:
                counts[split] = int(facts["arrays"]["labels"]["shape"][0])
        if self.is_partial(where):
            note = f"a part of it that comes with the program; {self.absent}"
            return Availability(True, note, counts, exact, partial=True)
        return Availability(True, self.made_of or str(where), counts, exact)

    def load_arrays(self, split: str, places: Places, folder: Path | None = None) -> Arrays:
        """images uint8 (N,64,64), labels int64 (N,), is_ink bool (N,), through the cache.

        An absent split (a source without test data) is empty.

        Raises DataError when the source is not here, or a file of it is damaged, naming that file.
        """
        if self.prepare is None:
            raise DataError(f"{self.title}: these are whole rows or scenes, not single digits.")
        if split not in SPLITS:
            raise DataError(f"“{split}” is not a split; there are train, dev and test.")
        if split not in self.splits:
            return empty_arrays()
        where = self.find(places, folder)
        if where is None:
            raise DataError(f"{self.title} is not here: {self.absent}")
        try:
            ingredients = self.prepare(places, where, split)
        except OSError as error:
            raise DataError(f"{error.filename or where}: {error.strerror or error}.") from error
        arrays = cached(places.cache, f"{self.name}-{split}", ingredients.key, ingredients.build)
        if "is_ink" not in arrays:
            arrays["is_ink"] = np.full(len(arrays["labels"]), self.is_ink)
        return arrays


def empty_arrays() -> Arrays:
    """Those of a split that a source does not have."""
    return {
        "images": np.zeros((0, SOURCE_SIZE, SOURCE_SIZE), np.uint8),
        "labels": np.zeros(0, np.int64),
        "is_ink": np.zeros(0, bool),
    }
