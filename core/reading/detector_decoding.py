"""The detector's maps → digits and letters with boxes, over all levels of the pyramid. numpy only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.reading.detector_format import (
    BOX,
    CHANNELS,
    CLASSES,
    DIGIT,
    LARGEST,
    LETTER_CHANNEL,
    PATCH,
    SMALLEST,
    STRIDE,
    UNIT,
)

Floats = npt.NDArray[np.float32]

FLOOR = 0.12
"""Cells with a smaller chance are not looked at."""
USUAL = 400
"""Cells that are looked at, the likeliest first: some 80 digits, each seen by several cells and levels."""
CROWDED = 0.3
"""Score of further ones that are looked at all the same, so that no digit of a full page is left out."""
SAME = 0.45
"""Boxes that overlap by more (intersection over union) are the same character."""
INSIDE = 0.75
"""A box that lies inside another by more than this share of itself is a part of that one."""
SURE_LOW, SURE_HIGH = 13.0, 48.0
"""Between these heights, in pixels of a level, a digit has to be seen at that level."""


@dataclass(frozen=True)
class Detections:
    """N characters. boxes: (N,4) left, top, right, bottom, pixels of the picture. scores: (N,) that it is what
    it is said to be. letters: (N,) bool, True for letters. log_probs: (N,10), logarithms of the digits' probabilities.
    """

    boxes: Floats
    scores: Floats
    letters: npt.NDArray[np.bool_]
    log_probs: Floats

    def __len__(self) -> int:
        return len(self.boxes)

    def where(self, chosen: npt.NDArray[np.bool_] | npt.NDArray[np.intp]) -> Detections:
        """Those of a mask or of indices."""
        return Detections(
            self.boxes[chosen], self.scores[chosen], self.letters[chosen], self.log_probs[chosen]
        )


@dataclass(frozen=True)
class Level:
    """One level of the pyramid. maps: scores and logits in patches, (CHANNELS * PATCH**2,h,w), as a model file
    gives them. scale_x, scale_y: pixels of the level per pixel of the picture; left, top: pixels that were added before
    the picture."""

    maps: Floats
    scale_x: float
    scale_y: float
    left: int = 0
    top: int = 0


def decode(levels: Sequence[Level], *, floor: float = FLOOR) -> Detections:
    """All characters of a picture, each once, likeliest first."""
    parts = [_cells(level, floor) for level in levels]
    cells = Detections(
        *(np.concatenate([getattr(p, name) for p in parts]) for name in Detections.__dataclass_fields__)
    )
    level_of = np.repeat(np.arange(len(levels)), [len(p) for p in parts])
    scales = np.array([level.scale_y for level in levels], np.float32)
    fit = _fit((cells.boxes[:, 3] - cells.boxes[:, 1]) * scales[level_of])
    worth = cells.scores * fit
    order = np.argsort(-worth)
    order = order[: max(USUAL, int((worth > CROWDED).sum()))]
    # What hardly fits its level is seen better at another one.
    order = order[worth[order] > floor]
    return _merged(cells.where(order), level_of[order], worth[order], scales)


def _cells(level: Level, floor: float) -> Detections:
    """Every cell of a level that may be the middle of a character."""
    maps = _parted(level.maps)
    chance = np.maximum(maps[DIGIT], maps[LETTER_CHANNEL])
    places = np.nonzero(chance > floor)
    row, below, column, beside = places
    said = maps[:, row, below, column, beside].T
    rows, columns = PATCH * row + below, PATCH * column + beside
    offset_x, offset_y, log_w, log_h = said[:, BOX].T
    x = (columns + 0.5 + offset_x) * STRIDE
    y = (rows + 0.5 + offset_y) * STRIDE
    w, h = UNIT * np.exp(np.clip(log_w, -3, 3)), UNIT * np.exp(np.clip(log_h, -3, 3))
    edges = np.stack([x - w / 2, y - h / 2, x + w / 2, y + h / 2], 1)
    edges -= (level.left, level.top, level.left, level.top)
    edges /= (level.scale_x, level.scale_y, level.scale_x, level.scale_y)
    classes = said[:, CLASSES]
    classes = classes - classes.max(1, keepdims=True, initial=-np.inf)
    log_probs = classes - np.log(np.exp(classes).sum(1, keepdims=True))
    letters = said[:, LETTER_CHANNEL] > said[:, DIGIT]
    return Detections(edges.astype(np.float32), chance[places], letters, log_probs.astype(np.float32))


def _parted(maps: Floats) -> Floats:
    """A view (CHANNELS,h,PATCH,w,PATCH) of maps in patches."""
    h, w = maps.shape[1:]
    return maps.reshape(CHANNELS, PATCH, PATCH, h, w).transpose(0, 3, 1, 4, 2)


def _fit(heights: Floats) -> Floats:
    """How well a height, in pixels of its level, suits what the network was taught: 0–1."""
    low = np.clip((heights - 0.6 * SMALLEST) / (0.5 * SMALLEST), 0.05, 1)
    high = np.clip((1.4 * LARGEST - heights) / (0.5 * LARGEST), 0.05, 1)
    return np.asarray(low * high, np.float32)


def _merged(cells: Detections, level_of: npt.NDArray[np.intp], worth: Floats, scales: Floats) -> Detections:
    """Cells of the same character joined: boxes and classes as their weighted mean.

    A character counts only as far as the levels that should see it do: its chance is the mean, over those
    levels, of the best that each says.
    """
    same, apart = _overlapping(cells.boxes)
    of_its_kind = same & (cells.letters == cells.letters[:, None])
    free = np.ones(len(cells), bool)
    # For every character the place of its best cell, and of each cell the character it is of, if any.
    best: list[int] = []
    owner = np.full(len(cells), -1)
    for i in range(len(cells)):
        if free[i]:
            owner[free & of_its_kind[i]] = len(best)
            free &= apart[i]
            best.append(i)
    if not best:
        return cells.where(np.zeros(0, np.intp))
    members = (owner[None] == np.arange(len(best))[:, None]) * (cells.scores * worth)
    mean = members @ np.concatenate([cells.boxes, cells.log_probs], 1) / members.sum(1, keepdims=True)
    log_probs = mean[:, 4:] - np.log(np.exp(mean[:, 4:]).sum(1, keepdims=True))
    said = np.zeros((len(best), len(scales)), np.float32)
    owned = owner >= 0
    np.maximum.at(said, (owner[owned], level_of[owned]), cells.scores[owned])
    heights = (mean[:, 3] - mean[:, 1])[:, None] * scales
    asked = (heights >= SURE_LOW) & (heights <= SURE_HIGH)
    asked[np.arange(len(best)), level_of[best]] = True
    scores = (said * asked).sum(1) / asked.sum(1)
    order = np.argsort(-scores)
    found = Detections(mean[:, :4], scores.astype(np.float32), cells.letters[best], log_probs)
    return found.where(order)


def _overlapping(boxes: Floats) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """(N,N) each: whether two boxes are of the same character; whether they are not and none lies inside the other."""
    left, top, right, bottom = np.ascontiguousarray(boxes.T)
    areas = np.maximum((right - left) * (bottom - top), 1e-6)
    both = _shared(left, right) * _shared(top, bottom)
    same = both > SAME / (1 + SAME) * (areas + areas[:, None])  # of the union: IoU > SAME
    return same, ~same & (both <= INSIDE * np.minimum(areas, areas[:, None]))


def _shared(low: Floats, high: Floats) -> Floats:
    """(N,N): the length that each two of N intervals have in common."""
    length = np.minimum(high, high[:, None])
    length -= np.maximum(low, low[:, None])
    return np.maximum(length, 0, out=length)
