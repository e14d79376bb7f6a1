"""Which of the detector's finds are the characters of a row's text, and how well the text explains them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from core.reading.ctc import Place
from core.reading.detector_decoding import Detections
from core.reading.line_format import DIGITS
from core.reading.rows.proposals import Proposal
from core.reading.rows.separators import is_parted
from core.reading.rows.strips import offset_of_step
from core.reading.types import Box

LOWEST, LOWEST_IN_WHOLE, LOWEST_IN_STACKED = 0.4, 0.25, 0.55
"""Share of a strip's height that its characters have at least; in one that is all of the picture; and in one of two
rows, in which halves of characters are no characters."""
STRONG = 0.4
"""Score from which a find that no character of the text explains counts against it."""


@dataclass(frozen=True)
class FoundCharacters:
    """The detector's finds in one picture. boxes: inside the picture. parted: of pairs of boxes that were asked for,
    whether a line parts them; the texts of a row ask for the same ones."""

    detections: Detections
    boxes: Sequence[Box]
    middles: npt.NDArray[np.float64]
    sizes: npt.NDArray[np.float64]
    parted: dict[tuple[Box, Box], bool] = field(default_factory=dict)

    @classmethod
    def of(cls, detections: Detections, boxes: Sequence[Box]) -> FoundCharacters:
        return cls(
            detections,
            boxes,
            np.array([b.center for b in boxes], np.float64).reshape(-1, 2),
            np.array([(b.w, b.h) for b in boxes], np.float64).reshape(-1, 2),
        )

    def is_parted(self, gray: npt.NDArray[np.uint8], one: Box, other: Box) -> bool:
        """Whether a line stands between two neighbours of a row. gray: the picture."""
        pair = one, other
        if pair not in self.parted:
            self.parted[pair] = is_parted(gray, one, other)
        return self.parted[pair]


@dataclass(frozen=True)
class FindsInRow:
    """The finds in a strip: their places, and offsets from the row's middle."""

    places: npt.NDArray[np.intp]
    u: npt.NDArray[np.float64]
    half: npt.NDArray[np.float64]


def finds_in(proposal: Proposal, found: FoundCharacters) -> FindsInRow:
    """The finds that may be characters of the row: in its strip, neither much lower nor higher than it."""
    row = proposal.row
    if not len(found.middles):
        nothing = np.zeros(0)
        return FindsInRow(np.zeros(0, np.intp), nothing, nothing)
    (ax, ay), (bx, by) = row.along, row.across
    dx, dy = (found.middles - (row.x, row.y)).T
    size = ax * by - ay * bx
    u, v = (dx * by - dy * bx) / size, (ax * dy - ay * dx) / size
    tall = found.sizes[:, 1]
    least = LOWEST_IN_WHOLE if proposal.is_whole else LOWEST_IN_STACKED if proposal.is_stacked else LOWEST
    fine = (
        (np.abs(v) < 0.3 * row.h) & (np.abs(u) < row.w / 2) & (tall > least * row.h) & (tall < 1.15 * row.h)
    )
    places = np.flatnonzero(fine)
    order = np.argsort(u[places])
    places = places[order]
    return FindsInRow(places, u[places], found.sizes[places, 0] / 2)


def matched(
    proposal: Proposal, places: Sequence[Place], near: FindsInRow, found: FoundCharacters, steps: int
) -> list[int]:
    """Of each character the find at its place, by its position among `near`; -1 without one. Each find once."""
    scores = found.detections.scores
    taken: set[int] = set()
    matches = []
    for place in places:
        left = offset_of_step(proposal.row, place.left, steps)
        right = offset_of_step(proposal.row, place.right, steps)
        middle = offset_of_step(proposal.row, (place.start + place.end) / 2, steps)
        fits = [
            k
            for k in np.flatnonzero((near.u > left) & (near.u < right)).tolist()
            if k not in taken and abs(near.u[k] - middle) < 0.8 * near.half[k] + 0.1 * (right - left)
        ]
        best = max(fits, key=lambda k: float(scores[near.places[k]]), default=-1)
        if best >= 0:
            taken.add(best)
        matches.append(best)
    return matches


def explained(
    places: Sequence[Place], matches: Sequence[int], near: FindsInRow, found: FoundCharacters
) -> float:
    """How well a text explains the finds in its strip: the sum of logarithms of probabilities. matches: as `matched`
    gives them."""
    detections = found.detections
    total = 0.0
    for place, match in zip(places, matches, strict=True):
        if match < 0:
            total += math.log(0.15) if place.character != " " else 0.0
            continue
        i = int(near.places[match])
        score = float(detections.scores[i])
        is_digit = 0.1 * (1 - score) if detections.letters[i] else score
        if place.character in DIGITS:
            said = float(np.exp(detections.log_probs[i, int(place.character)]))
            total += math.log(max(is_digit * said, 0.02))
        else:
            total += math.log(max(1 - is_digit, 0.02))
    for k in set(range(len(near.places))) - set(matches):
        i = int(near.places[k])
        if not detections.letters[i]:
            total += math.log(max(1 - float(detections.scores[i]), 0.05))
    return total


def unmatched(near: FindsInRow, found: FoundCharacters, matches: Sequence[int]) -> list[int]:
    """Strong digits among the finds that are no character of the text, nor lie over one that is."""
    detections = found.detections
    matched = [int(near.places[k]) for k in matches if k >= 0]
    return [
        k
        for k in range(len(near.places))
        if k not in matches
        and not detections.letters[near.places[k]]
        and detections.scores[near.places[k]] >= STRONG
        and not any(
            found.boxes[near.places[k]].shared(found.boxes[i]) > 0.4 * found.boxes[near.places[k]].area
            for i in matched
        )
    ]
