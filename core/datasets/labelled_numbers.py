"""The numbers that people labelled, each at its place in its picture: rows for the line reader, boxes for the detector,
photos to measure on.

Where a person gave no box, the shipped models look for the row whose reading comes nearest to what it is said to be.
Digits have no boxes of their own: where the shipped detector finds as many in the row as it is said to have, it tells
where each stands; else the line reader does, told what the row says.
"""

from __future__ import annotations

import contextlib
import functools
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assets import MODELS
from core.base.errors import DataError
from core.base.paths import Places
from core.collection.numbers import LabelledNumber, NumberStore
from core.collection.split import held_in
from core.loaders.background_photos import read_gray
from core.loaders.cache import cached, content_key
from core.loaders.number_photos import NumberPhoto, digits_in
from core.reading.detector import Detector
from core.reading.line_format import DIGITS, cut_strip, spelled, strip_box
from core.reading.line_reader import LineReader
from core.reading.photo_reader import PhotoReader
from core.reading.types import Box
from core.recipes.source_names import LABELLED_NUMBERS

VERSION = 1

NEAREST = 0.5
"""A row whose reading differs in more of its digits from what a photo is said to show is another number."""
_FALSE_ROWS = 6
"""Of a photo without a number, at most so many rows that were taken for one."""
_WIDEST, _NARROWEST = 0.85, 0.2
"""Of a digit's box, in heights of its row."""

_FOUND = 0.3
"""Score from which a find of the detector is taken for one of the row's digits."""

Gray = NDArray[np.uint8]


@dataclass(frozen=True)
class PlacedNumber:
    """A labelled number at its place. picture: grey. written: spelled for the line reader, "" where there is no number.
    row: the box of its characters, pixels of the picture."""

    entry: LabelledNumber
    picture: Gray
    written: str
    row: Box


def labelled(places: Places, split: str) -> list[LabelledNumber]:
    """What was labelled and can be read, oldest first. split: train, or dev for what is held back."""
    held = held_in(places.corrections)
    entries, _ = NumberStore.within(places.corrections).entries()
    return [entry for entry in entries if (entry.group in held) != (split == "train")]


def as_spelled(written: str) -> str:
    """What a person typed in the line reader's characters: digits of all scripts as 0 to 9; of “m³” the small 3 is no
    digit of the number."""
    plain = (
        str(unicodedata.decimal(c)) if c.isdecimal() else c
        for c in written
        if c.isdecimal() or not c.isdigit()
    )
    return spelled("".join(plain))


def placed(places: Places, entries: Sequence[LabelledNumber]) -> Iterator[PlacedNumber]:
    """Each labelled number at its place. A photo without a number gives the rows that are taken for one there; a number
    that can't be found gives nothing, and so does a picture that is damaged: one must not stop learning from the rest.
    """
    for entry, picture in readable(entries):
        written = as_spelled(entry.written)
        for row in [entry.box] if entry.box is not None else _rows_of(places, entry, picture):
            yield PlacedNumber(entry, picture, written, row)


def readable(entries: Sequence[LabelledNumber]) -> Iterator[tuple[LabelledNumber, Gray]]:
    """The entries with their pictures, grey, but for those whose picture is damaged."""
    for entry in entries:
        with contextlib.suppress(DataError):
            yield entry, read_gray(entry.picture)


def _rows_of(places: Places, entry: LabelledNumber, picture: Gray) -> list[Box]:
    """Where the number of an entry without a box stands, or what is taken for one."""
    if not entry.whole:
        return [Box(0, 0, *map(float, entry.size))]
    models = [MODELS / f"{kind}.onnx" for kind in ("detector", "classifier", "line")]
    key = content_key([p for p in models if p.exists()], "row of a number", VERSION, entry.id, entry.written)

    def build() -> dict[str, NDArray[np.float64]]:
        found = find_rows(_reader(), picture, digits_in(as_spelled(entry.written)))
        return {"rows": np.array([box.as_list() for box in found], np.float64).reshape(-1, 4)}

    return [Box(*row) for row in cached(places.cache, "labelled-number", key, build)["rows"].tolist()]


@functools.cache
def _reader() -> PhotoReader:
    from core.reading.api import shipped_reader

    return shipped_reader()


def find_rows(reader: PhotoReader, gray: Gray, digits: str) -> list[Box]:
    """The row whose reading comes nearest to these digits, if any does; without digits all that is read as a number."""
    reading = reader.read(gray, threshold=None if not digits else 0.0)
    found = (*reading.numbers, *reading.maybe)
    if not digits:
        return [number.box for number in found[:_FALSE_ROWS]]
    near = sorted((_edits(number.text, digits), -number.confidence, i) for i, number in enumerate(found))
    if not near or near[0][0] > NEAREST * len(digits):
        return []
    return [found[near[0][2]].box]


def _edits(one: str, other: str) -> int:
    """How many characters must be put in, left out or changed to make one text of the other (Levenshtein)."""
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        before, row[0] = row[0], i
        for j, b in enumerate(other, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (a != b))
    return row[-1]


class DigitPlaces:
    """Tells where the digits of a row stand, by the shipped detector and line reader."""

    def __init__(self) -> None:
        """Raises ModelError where the program came without one of them."""
        self._detector = Detector.load(MODELS / "detector.onnx")
        self._line = LineReader.load(MODELS / "line.onnx")

    def boxes(self, gray: Gray, row: Box, written: str) -> tuple[tuple[int, Box], ...]:
        """The digits of a row that says `written`, each with its box, from left to right (of a column from top to
        bottom); empty where they can't be placed."""
        digits = [int(c) for c in written if c in DIGITS]
        found = self._found(gray, row)
        if len(found) == len(digits):
            return tuple(zip(digits, found, strict=True))
        if len(written) > 1 and row.h > row.w:
            return ()  # a column, which the line reader does not read
        return self._spread(gray, row, written)

    def _found(self, gray: Gray, row: Box) -> list[Box]:
        """The digits that the detector finds in the row, in order."""
        left, top = max(0, round(row.x - row.h / 2)), max(0, round(row.y - row.h / 2))
        piece = gray[top : round(row.y + 1.5 * row.h), left : round(row.x + row.w + row.h / 2)]
        detections = self._detector.find(np.ascontiguousarray(piece))
        kept = detections.where((detections.scores >= _FOUND) & ~detections.letters)
        boxes = [Box(left + x, top + y, right - x, bottom - y) for x, y, right, bottom in kept.boxes.tolist()]
        own = [box for box in boxes if row.contains(*box.center)]
        return sorted(own, key=lambda box: box.center[1 if row.h > row.w else 0])

    def _spread(self, gray: Gray, row: Box, written: str) -> tuple[tuple[int, Box], ...]:
        """As the line reader lays the characters along the row, stretched so that they fill it."""
        places = self._line.read([cut_strip(gray, strip_box(row))])[0].places(written)
        if not places:
            return ()
        first, last = places[0].left, places[-1].right
        step = row.w / max(last - first, 1e-6)
        found = []
        for place in places:
            if place.character in DIGITS:
                middle = row.x + ((place.left + place.right) / 2 - first) * step
                wide = min(max(0.9 * (place.right - place.left) * step, _NARROWEST * row.h), _WIDEST * row.h)
                found.append((int(place.character), Box(middle - wide / 2, row.y, wide, row.h)))
        return tuple(found)


def photos_to_measure(places: Places) -> list[NumberPhoto]:
    """The numbers that are held back, as photos with what a person said is written there."""
    return [
        NumberPhoto(
            file=entry.picture,
            source=LABELLED_NUMBERS,
            split="validation",
            written=entry.written,
            digits=digits_in(as_spelled(entry.written)),
            is_whole=True,
            box=entry.box,
            group=entry.group,
        )
        for entry in labelled(places, "dev")
    ]
