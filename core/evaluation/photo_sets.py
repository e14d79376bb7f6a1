"""The sets of photos that a reader is measured on, by the names that `gnc evaluate --data` knows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.base.errors import DataError
from core.base.paths import Places
from core.datasets import labelled_numbers
from core.evaluation import made_numbers, single_digits
from core.evaluation.number_scoring import NumberReader
from core.evaluation.numbers import NumberEvaluation, evaluate_numbers, picture_of
from core.loaders.number_photos import NumberPhoto, number_photos
from core.recipes.source_names import LABELLED_NUMBERS

NUMBERS, EMPTY, SINGLE = "numbers", "empty", "single"
"""What a set is of: whole numbers; pictures without any; one digit on a whole picture."""


@dataclass(frozen=True)
class PhotoSet:
    """name: on the command line. title: for people. kind: see above. source: its name in `core.loaders.number_photos`,
    where it differs. has_others: its photos may show other numbers than the labelled one."""

    name: str
    title: str
    kind: str = NUMBERS
    source: str = ""
    has_others: bool = False

    def evaluate(self, reader: NumberReader, places: Places, *, limit: int | None = None) -> NumberEvaluation:
        """Read what is kept out of training. limit: so many pictures, from all of the set.

        Raises DataError where the set is not here or damaged.
        """
        picture = picture_of
        if self.name == single_digits.NAME:
            printed = single_digits.single_digits(places)
            photos, picture = printed.photos, printed.picture
        elif self.name == made_numbers.NAME:
            made = made_numbers.made_numbers(places)
            photos, picture = made.photos, made.picture
        elif self.name == LABELLED_NUMBERS:
            photos = labelled_numbers.photos_to_measure(places)
        else:
            photos = number_photos(places, self.source or self.name, "validation")
        if not photos:
            raise DataError(f"{self.title}: every image is used in training; there is none to measure on.")
        kept = spread(photos, limit)
        return evaluate_numbers(reader, kept, data=self.name, has_others=self.has_others, picture=picture)


def spread(photos: Sequence[NumberPhoto], limit: int | None) -> list[NumberPhoto]:
    """At most so many of the photos, evenly from first to last."""
    return [photos[i] for i in spread_indices(len(photos), limit)]


def spread_indices(count: int, limit: int | None) -> list[int]:
    """At most `limit` of the places 0 … count - 1, evenly."""
    if limit is None or limit >= count:
        return list(range(count))
    return [int(i) for i in np.linspace(0, count - 1, limit).round()]


PHOTO_SETS = (
    PhotoSet("wagon-numbers", "wagons"),
    PhotoSet("cheques", "cheques"),
    PhotoSet("iiit5k-numbers", "numbers out of photos (iiit5k)"),
    PhotoSet("icdar2015-numbers", "street and mall (icdar2015)"),
    PhotoSet("speed-limit-signs", "speed limits"),
    PhotoSet("jersey-numbers", "shirts"),
    PhotoSet("lcd-meters", "LCD meters, the boxed reading", has_others=True),
    PhotoSet("svhn-numbers", "283 checked SVHN-extra photos"),
    PhotoSet("signs", "house signs in shops"),
    PhotoSet("svhn-photos", "SVHN photos 201 to 256", source="svhn"),
    PhotoSet("iiit5k-words", "words without digits (iiit5k)", EMPTY),
    PhotoSet("icdar2015-scenes", "scenes without digits (icdar2015)", EMPTY),
    PhotoSet("backgrounds", "nature, towns, roads", EMPTY),
    PhotoSet("backgrounds-more", "rooms", EMPTY),
    PhotoSet(single_digits.NAME, "one digit on a busy photo", SINGLE),
)
"""Those that count where all sets are measured: they are the same on every machine that has them."""

NAMED_SETS = (
    *PHOTO_SETS,
    PhotoSet(made_numbers.NAME, "made numbers, fonts kept out of training"),
    PhotoSet(LABELLED_NUMBERS, "your own numbers, held back", has_others=True),
)
"""Those that can be asked for by their name."""
