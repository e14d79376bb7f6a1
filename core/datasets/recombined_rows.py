"""New rows out of real ones: their digits in another order, fewer, more, or with those of another row between.

A few thousand rows are soon known by heart, number by number; the digits and the grounds between them are worth more
than that. Where each digit of a row has its box, the row is cut into digits and gaps and put together anew, in the
manner of the copy-and-paste augmentation of Ghiasi et al., "Simple Copy-Paste is a Strong Data Augmentation Method for
Instance Segmentation" (2021).
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.reading.line_format import DIGITS
from core.reading.types import Box
from core.synthesis.lines.frame import CONTENT, LONGEST, SIDE, TOP
from core.synthesis.lines.rows import Row

VARIANTS = {
    "wagon-numbers": 5, "cheques": 10, "lcd-meters": 40, "iiit5k-numbers": 15, "svhn-numbers": 3, "svhn": 15,
    "corrections-numbers": 12,
}  # fmt: skip
"""How many new rows each real one of a source gives; of the others digits' boxes are not known."""
MOST_DIGITS = 16
_SAME_COUNT, _FEWER = 0.5, 0.25
"""Shares of new rows with as many digits, and with fewer; the rest has more."""
_FOREIGN = 0.25
"""Share of the digits that come out of another row, where a row takes some at all."""
_FARTHEST = 8
"""A digit is moved up or down by no more pixels to stand where the one before it stood."""
_NEAR = 4
"""Columns between the digits of a row that had one alone."""

Gray = npt.NDArray[np.uint8]
Reals = npt.NDArray[np.float32]


@dataclass(frozen=True)
class DividedRow:
    """A row in the frame of `core.synthesis.lines.frame`, and which columns each digit fills, left to right.

    places: of each digit its place in the text. lefts, rights: (N,) columns, no two overlapping. middles: (N,) rows.
    """

    row: Row
    places: Sequence[int]
    lefts: npt.NDArray[np.int64]
    rights: npt.NDArray[np.int64]
    middles: npt.NDArray[np.int64]

    @property
    def is_bare(self) -> bool:
        """Whether the text is digits alone, so that the row may become shorter and longer."""
        return len(self.places) == len(self.row.text)

    def tile(self, digit: int) -> Gray:
        """The columns of a digit, as high as the row."""
        return self.row.picture[:, self.lefts[digit] : self.rights[digit]]

    def gap(self, behind: int) -> Gray:
        """The columns between a digit and the next one; of the last digit some of those behind it."""
        end = self.lefts[behind + 1] if behind + 1 < len(self.lefts) else self.rights[behind] + _NEAR
        return self.row.picture[:, self.rights[behind] : end]


def divided(row: Row, box: Box, digits: Sequence[tuple[int, Box]]) -> DividedRow | None:
    """A row cut at its digits; None where the boxes are not those of the text's digits, side by side.

    box: what the row's picture was framed around, pixels of the photo as the digits' boxes are.
    """
    places = [i for i, character in enumerate(row.text) if character in DIGITS]
    if not places or [row.text[i] for i in places] != [str(digit) for digit, _ in digits]:
        return None
    scale = CONTENT / max(box.h, 1.0)
    across = min(scale, LONGEST / max(box.w, 1.0))
    lefts = np.array([SIDE + (b.x - box.x) * across for _, b in digits])
    rights = np.array([SIDE + (b.x + b.w - box.x) * across for _, b in digits])
    middles = np.array([TOP + (b.center[1] - box.y) * scale for _, b in digits])
    widths = np.minimum(rights[:-1] - lefts[:-1], rights[1:] - lefts[1:])
    if (rights[:-1] - lefts[1:] > widths / 2).any():
        return None
    cuts = (rights[:-1] + lefts[1:]) / 2
    rights[:-1], lefts[1:] = np.minimum(rights[:-1], cuts), np.maximum(lefts[1:], cuts)
    left, right = np.floor(lefts).astype(np.int64), np.ceil(rights).astype(np.int64)
    left[1:] = np.maximum(left[1:], right[:-1])
    if (right - left).min() < 2 or left[0] < 0 or right[-1] > row.picture.shape[1]:
        return None
    return DividedRow(row, places, left, right, middles.round().astype(np.int64))


def recombined(rng: random.Random, own: DividedRow, other: DividedRow | None = None) -> Row:
    """A new row on the ground of `own`. other: gives some of its digits too."""
    count = len(own.places)
    wanted = _count(rng, count) if own.is_bare else count
    if wanted < count and rng.random() < 0.5:
        first = rng.randrange(count - wanted + 1)
        chosen = [(own, first + i) for i in range(wanted)]
    else:
        order = rng.sample(range(count), count)
        order += [rng.randrange(count) for _ in range(max(wanted - count, 0))]
        chosen = [(own, i) for i in order[:wanted]]
    if other is not None:
        chosen = [
            (other, rng.randrange(len(other.places))) if rng.random() < _FOREIGN else one for one in chosen
        ]
    gaps = [i if wanted == count else rng.randrange(max(count - 1, 1)) for i in range(wanted - 1)]
    # Of a row that rises each digit stands as high as the one whose place it takes; beyond its end as the last.
    heights = [int(own.middles[min(i, count - 1)]) for i in range(wanted)]
    pieces = [own.row.picture[:, : own.lefts[0]]]
    for i, (source, digit) in enumerate(chosen):
        pieces.append(_tile(own, source, digit, heights[i]))
        if i < len(gaps):
            pieces.append(own.gap(gaps[i]))
    pieces.append(own.row.picture[:, own.rights[-1] :])
    text = list(own.row.text) if not own.is_bare else [""] * wanted
    for place, (source, digit) in zip(own.places if not own.is_bare else range(wanted), chosen, strict=True):
        text[place] = source.row.text[source.places[digit]]
    return Row(np.ascontiguousarray(np.concatenate(pieces, 1)), "".join(text), own.row.is_ink)


def recombinations(rows: Sequence[DividedRow], each: int, seed: int) -> Iterator[Row]:
    """`each` new rows of every row; half of them with digits out of another one."""
    for i, own in enumerate(rows):
        rng = random.Random(f"{seed} {i}")
        for _ in range(each):
            other = rows[rng.randrange(len(rows))] if rng.random() < 0.5 else None
            made = recombined(rng, own, other)
            if made.picture.shape[1] - 2 * SIDE <= LONGEST:
                yield made


def _count(rng: random.Random, count: int) -> int:
    kind = rng.random()
    if kind < _SAME_COUNT:
        return count
    if kind < _SAME_COUNT + _FEWER:
        return rng.randint(1, count)
    return min(count + rng.randint(1, max(count // 2, 2)), max(MOST_DIGITS, count))


def _tile(own: DividedRow, source: DividedRow, digit: int, middle: int) -> Gray:
    """A digit of `source` in the light of `own`, its middle where it is to be."""
    tile = source.tile(digit)
    move = min(max(middle - int(source.middles[digit]), -_FARTHEST), _FARTHEST)
    if move:
        rows = np.arange(len(tile)) - move
        tile = tile[rows.clip(0, len(tile) - 1)]
    if source is own:
        return tile
    ground, ink = _tones(own)
    other_ground, other_ink = _tones(source)
    factor = (ink - ground) / (other_ink - other_ground)
    factor = min(max(factor, -4.0), 4.0)
    return np.asarray(
        ((tile.astype(np.float32) - other_ground) * factor + ground).round().clip(0, 255), np.uint8
    )


def _tones(row: DividedRow) -> tuple[float, float]:
    """The grey of a row's ground and of its ink: of what lies between and around the digits, and of that part of the
    digits that is farthest from it."""
    inside = np.zeros(row.row.picture.shape[1], bool)
    for left, right in zip(row.lefts, row.rights, strict=True):
        inside[left:right] = True
    inner: Reals = row.row.picture[TOP : TOP + CONTENT].astype(np.float32)
    around = inner[:, ~inside]
    ground = float(np.median(around)) if around.size else float(np.median(inner))
    low, high = np.percentile(inner[:, inside], (8, 92))
    ink = float(low if ground - low > high - ground else high)
    if abs(ink - ground) < 12:
        ink = ground + (12 if ink >= ground else -12)
    return ground, ink
