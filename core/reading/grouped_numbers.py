"""Numbers from the detector's finds and the classifier alone: geometry groups them, no row is read.

So columns of digits are read, and everything where there is no line reader.
"""

from __future__ import annotations

import itertools
import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from core.reading.detector_decoding import Detections
from core.reading.number_grouping import CharacterBox, NumberGroup, group
from core.reading.reader_settings import ReaderSettings
from core.reading.rows.check_digits import passes
from core.reading.rows.judged_crops import JudgedCrops
from core.reading.rows.separators import is_parted, is_parted_below
from core.reading.types import Box, Digit

NON_DIGIT_WEIGHT = 0.5
"""How much the classifier's “no digit” counts against the detector's score; both as logarithms of the odds."""

WEAK_SCORE = 0.25
"""Score from which a find beside a digit, on its line and as tall, is looked at: thin ones at the edge of a plaque
seldom have more."""
SURE, SURE_NOT_NONE = 0.95, 0.02
"""It is a digit where both networks together are so sure which one, and the classifier that it is not none."""

RING_REACH, SAME_SIZE = 1.7, 1.4
"""A digit as tall as those of a column, at most so many times more or less, that stands aside of it and so many heights
from its end at most, is the next numeral of a dial: columns are straight."""

BOX_MARGIN = 1.2
"""How many times as tall as its digit a reported box is: the networks work with tight ones, but people who draw boxes
leave some room above and below, those of SVHN as much."""


@dataclass(frozen=True)
class Candidate:
    """A number that may be reported: its digits, and what speaks for it in the order of FEATURES, or of those of
    `core.reading.rows.candidates` where the line reader read it (`is_line`). is_certain: its row says nothing else."""

    digits: tuple[Digit, ...]
    box: Box
    features: tuple[float, ...]
    written: str = ""
    is_line: bool = False
    is_certain: bool = False

    @property
    def text(self) -> str:
        return "".join(str(d.digit) for d in self.digits)

    @cached_property
    def is_checked(self) -> bool:
        """Whether its last digit is a right check digit."""
        return passes([d.digit for d in self.digits])


class GroupedNumbers:
    """Makes numbers of detections."""

    def __init__(self, settings: ReaderSettings) -> None:
        self.settings = settings

    def candidates(self, crops: JudgedCrops, detections: Detections) -> list[Candidate]:
        """The numbers that grouping makes of the detector's finds. crops: of the picture."""
        gray = crops.gray
        min_score = self.settings.min_score
        everything = detections
        weakest = min(WEAK_SCORE, min_score) if crops.classifier is not None else min_score
        detections = detections.where(
            detections.scores >= np.where(detections.letters, self.settings.min_letter_score, weakest)
        )
        boxes = [inside_picture(box, gray.shape) for box in detections.boxes.tolist()]
        is_strong = detections.scores >= min_score
        strong = np.flatnonzero(~detections.letters & is_strong).tolist()
        beside = {
            i: [j for j in strong if _is_beside(boxes[i], boxes[j])]
            for i in np.flatnonzero(~detections.letters & ~is_strong).tolist()
            if not any(_is_over(boxes[i], boxes[j]) for j in strong)
        }
        digits, none = self.digits(
            crops, detections, boxes, strong + [i for i, others in beside.items() if others]
        )
        letters = detections.letters.copy()
        for i in strong:
            letters[i] = i in digits and _is_doubtful(float(detections.scores[i]), none[i], min_score)
        sure = [
            i
            for i, others in beside.items()
            if not all(letters[others])
            and i in digits
            and digits[i].confidence >= SURE
            and none[i] <= SURE_NOT_NONE
        ]
        kept = sorted(np.flatnonzero(detections.letters).tolist() + strong + sure)
        groups = [
            replace(g, places=tuple(kept[k] for k in g.places))
            for g in group([CharacterBox(boxes[i], bool(letters[i])) for i in kept])
        ]
        return [
            _candidate(part, detections, digits, none, gray.shape, min_score)
            for g in groups
            for part in _parts(gray, g, boxes, everything)
        ]

    def columns(self, crops: JudgedCrops, detections: Detections) -> list[Candidate]:
        """The numbers whose digits stand one below the other."""
        gray = crops.gray
        min_score = self.settings.min_score
        everything = detections
        detections = detections.where(detections.scores >= min_score)
        boxes = [inside_picture(box, gray.shape) for box in detections.boxes.tolist()]
        if not _has_column(detections, boxes):
            return []
        marks = [
            CharacterBox(box, bool(is_letter))
            for box, is_letter in zip(boxes, detections.letters, strict=True)
        ]
        found = [part for g in group(marks) if g.is_vertical for part in _parts(gray, g, boxes, everything)]
        found = [g for g in found if len(g.places) > 1]
        digits, none = self.digits(crops, detections, boxes, [i for g in found for i in g.places])
        return [_candidate(g, detections, digits, none, gray.shape, min_score) for g in found]

    def digits(
        self, crops: JudgedCrops, detections: Detections, boxes: Sequence[Box], wanted: Sequence[int]
    ) -> tuple[dict[int, Digit], dict[int, float]]:
        """By their places among the detections: what the networks say together of the wanted digits, and how
        likely the classifier alone thinks that each is none."""
        places = sorted(wanted)
        if not places:
            return {}, {}
        settings = self.settings
        logs = detections.log_probs[places] * settings.detector
        none = np.zeros(len(places))
        looks = crops.at([boxes[i] for i in places])
        for k, look in enumerate(looks):
            if look is not None:
                table = np.array(look[0].probabilities)
                none[k] = min(max(1 - float(table.sum()), 0.0), 1.0)
                # What is left of ten digits, whatever the chance that it is none.
                share = (table + 1e-4) / (table + 1e-4).sum()
                logs[k] += settings.classifier * np.log(share)
        scores = np.exp(logs - logs.max(1, keepdims=True))
        scores /= scores.sum(1, keepdims=True)
        found = {}
        for k, i in enumerate(places):
            is_none = float(none[k]) * (1 - float(detections.scores[i]))
            probabilities = scores[k] * (1 - is_none)
            best = int(probabilities.argmax())
            look = looks[k]
            found[i] = Digit(
                best,
                float(probabilities[best]),
                boxes[i],
                True,
                tuple(probabilities.tolist()),
                () if look is None else look[0].votes,
                None if look is None else look[1],
            )
        return found, dict(zip(places, none.tolist(), strict=True))


def _parts(
    gray: npt.NDArray[np.uint8], found: NumberGroup, boxes: Sequence[Box], everything: Detections
) -> list[NumberGroup]:
    """A number, parted where a line of a grid or a form stands between its digits, and all digits by themselves where
    they are numerals of a dial. boxes: of the finds that were grouped; everything: all finds, weak ones too."""
    if found.is_vertical and _goes_on_aside(
        [boxes[i] for i in found.places], _numerals(everything, gray.shape)
    ):
        return [replace(found, places=(place,)) for place in found.places]
    stands_between = is_parted_below if found.is_vertical else is_parted
    parts: list[list[int]] = [[found.places[0]]]
    for one, other in itertools.pairwise(found.places):
        if stands_between(gray, boxes[one], boxes[other]):
            parts.append([])
        parts[-1].append(other)
    return [replace(found, places=tuple(part)) for part in parts]


def _numerals(detections: Detections, shape: tuple[int, ...]) -> list[Box]:
    """The boxes of all that may be digits."""
    likely = detections.where((detections.scores >= WEAK_SCORE) & ~detections.letters)
    return [inside_picture(box, shape) for box in likely.boxes.tolist()]


def _goes_on_aside(column: Sequence[Box], numerals: Sequence[Box]) -> bool:
    """Whether another digit of about the same size stands aside of a column, above its first digit or below its last
    one: the numerals around a dial go on like that."""
    for end, way in ((column[0], -1), (column[-1], 1)):
        for other in numerals:
            (x, y), (end_x, end_y) = other.center, end.center
            aside, on = abs(x - end_x) / end.h, way * (y - end_y) / end.h
            is_alike = 1 / SAME_SIZE < other.h / end.h < SAME_SIZE
            if is_alike and aside > 0.45 and on > 0.3 and math.hypot(aside, on) < RING_REACH:
                return True
    return False


def _is_doubtful(chance: float, none: float, min_score: float) -> bool:
    """Whether a find is rather a letter or nothing, because the classifier says so. chance: by the detector.

    That the classifier takes it for a digit says little: it takes halves and pairs of digits for one, too.
    """
    against = NON_DIGIT_WEIGHT * max(logit(none), 0.0)
    return logit(chance) - against < logit(min_score)


def _is_beside(one: Box, other: Box) -> bool:
    """Whether two boxes may be neighbours in a number: on one line, as tall, and hardly more than half as far apart."""
    height = (one.h + other.h) / 2
    apart = max(one.x, other.x) - min(one.x + one.w, other.x + other.w)
    return (
        max(one.h, other.h) < 1.2 * min(one.h, other.h)
        and abs(one.y + one.h / 2 - other.y - other.h / 2) < 0.15 * height
        and -0.25 * height < apart < 0.6 * height
    )


def _is_over(one: Box, other: Box) -> bool:
    """Whether two boxes share more than two thirds of the smaller one."""
    wide = min(one.x + one.w, other.x + other.w) - max(one.x, other.x)
    tall = min(one.y + one.h, other.y + other.h) - max(one.y, other.y)
    return max(wide, 0.0) * max(tall, 0.0) > min(one.w * one.h, other.w * other.h) * 2 / 3


def logit(p: float) -> float:
    p = min(max(p, 1e-3), 1 - 1e-3)
    return math.log(p / (1 - p))


def _candidate(
    found: NumberGroup,
    detections: Detections,
    digits: Mapping[int, Digit],
    none: Mapping[int, float],
    shape: tuple[int, ...],
    min_score: float,
) -> Candidate:
    """shape: of the picture. min_score: what a find has at least that is taken though its chance is weak."""
    own = tuple(digits[i] for i in found.places)
    tall = statistics.median(d.box.h for d in own)
    # The more places of that size a picture has, the more of them look like a number by chance, like a single
    # digit above all.
    room = math.log(max(math.prod(shape) / tall**2, 1.0))
    features = (
        sum(math.log(max(d.confidence, 1e-6)) for d in own),
        math.log(max(min(float(detections.scores[i]) for i in found.places), min_score, 1e-6)),
        -max(none[i] for i in found.places),
        -room if len(own) == 1 else 0.0,
        -float(min(found.letters, 3)),
        -room,
    )
    shown = tuple(replace(d, box=with_room(d.box, shape)) for d in own)
    return Candidate(shown, Box.around([d.box for d in shown]), features)


def with_room(box: Box, shape: tuple[int, ...]) -> Box:
    """A digit's box as it is reported."""
    more = (BOX_MARGIN - 1) / 2 * box.h
    return inside_picture((box.x, box.y - more, box.x + box.w, box.y + box.h + more), shape)


def inside_picture(edges: Sequence[float], shape: tuple[int, ...]) -> Box:
    """The part of a box inside the picture; at least a pixel of it."""
    h, w = shape
    left, top = min(max(edges[0], 0.0), w - 1.0), min(max(edges[1], 0.0), h - 1.0)
    return Box(left, top, max(min(edges[2], w) - left, 1.0), max(min(edges[3], h) - top, 1.0))


def _has_column(detections: Detections, boxes: Sequence[Box]) -> bool:
    """Whether one strong digit stands below another, so that grouping may find a column."""
    strong = [
        box
        for box, score, is_letter in zip(boxes, detections.scores, detections.letters, strict=True)
        if score >= WEAK_SCORE and not is_letter
    ]
    if len(strong) < 2:
        return False
    x, y, h = np.array([(*b.center, b.h) for b in strong]).T
    aside, below = np.abs(x[:, None] - x[None]), y[None] - y[:, None]
    return bool(((aside < 0.45 * h) & (below > 0.5 * h) & (below < 2 * h)).any())
