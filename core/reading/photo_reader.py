"""Photo → reading: the detector finds digits, both networks say which, grouping makes numbers of them.

ONNX Runtime; neither torch nor Qt.
"""

from __future__ import annotations

import dataclasses
import math
import statistics
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from core.base.errors import ModelError
from core.reading.classifier import Classification, Classifier
from core.reading.detector import Detector
from core.reading.detector_decoding import Detections
from core.reading.images import crop_box, to_gray
from core.reading.model_file import ModelInfo
from core.reading.number_grouping import CharacterBox, NumberGroup, group
from core.reading.types import Box, Digit, Number, Reading

MOST_CROPS = 60
"""Digits of one picture that the classifier is asked about, the likeliest first."""

NON_DIGIT_WEIGHT = 0.5
"""How much the classifier's “no digit” counts against the detector's chance; both as logarithms of the odds."""

WEAK_SCORE = 0.25
"""Chance from which a find beside a digit, on its line and as tall, is looked at: thin ones at the edge of a plaque
seldom have more."""
SURE, SURE_NOT_NONE = 0.95, 0.02
"""It is a digit where both networks together are so sure which one, and the classifier that it is not none."""

BOX_MARGIN = 1.2
"""How many times as tall as its digit a reported box is: the networks work with tight ones, but people who draw boxes
leave some room above and below, those of SVHN as much."""

FEATURES = ("digits", "chance", "none", "single", "letters", "room")


@dataclass(frozen=True)
class ReaderSettings:
    """How readings are made of what the networks say; measured by `core/evaluation/reader_calibration.py`, kept in the
    detector's file.

    lowest: chance from which a find is a digit. lowest_letter: the same of letters. detector, classifier:
    weights of the two networks' logarithms where they say which digit it is. weights, bias: logistic
    regression from FEATURES to the probability that a whole number is right. threshold: confidence from
    which a number is reported.
    """

    lowest: float = 0.4
    lowest_letter: float = 0.4
    detector: float = 0.6
    classifier: float = 0.6
    weights: tuple[float, ...] = (0.9, 1.5, 0.5, 0.2, 0.5, 0.1)
    bias: float = 3.7
    threshold: float = 0.5

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> ReaderSettings:
        """Those of a model file; what it does not say is the default. Raises ValueError for odd values."""
        known = {f.name for f in dataclasses.fields(cls)} - {"weights"}
        weights = tuple(float(v) for v in values.get("weights", cls.weights))
        if len(weights) != len(FEATURES):
            raise ValueError("weights")
        made = cls(weights=weights, **{k: float(v) for k, v in values.items() if k in known})
        if not all(math.isfinite(v) for v in (*made.weights, made.bias, made.threshold)):
            raise ValueError("weights")
        return made

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return dataclasses.asdict(self) | {"weights": list(self.weights)}


@dataclass(frozen=True)
class Candidate:
    """A number that may be reported: its digits, and what speaks for it in the order of FEATURES."""

    digits: tuple[Digit, ...]
    box: Box
    features: tuple[float, ...]

    @property
    def text(self) -> str:
        return "".join(str(d.digit) for d in self.digits)


class DigitDetector(Protocol):
    """What finds characters; `Detector` is the real one. reader: settings of its file. path: of its file."""

    @property
    def reader(self) -> dict[str, Any]: ...
    @property
    def path(self) -> Path | None: ...
    def find(self, gray: npt.NDArray[np.uint8]) -> Detections: ...


class DigitClassifier(Protocol):
    """What says which digit a crop shows; `Classifier` is the real one."""

    @property
    def info(self) -> ModelInfo: ...
    def classify(self, crops: npt.NDArray[np.uint8]) -> list[Classification]: ...


class PhotoReader:
    """Reads whole pictures. Safe to use from several threads."""

    def __init__(
        self,
        finder: DigitDetector,
        classifier: DigitClassifier | None,
        settings: ReaderSettings | None = None,
    ) -> None:
        """classifier: None lets the detector alone say which digits they are.

        Raises ModelError where the detector's file holds settings that make no sense.
        """
        self.finder, self.classifier = finder, classifier
        if settings is None:
            try:
                settings = ReaderSettings.from_dict(finder.reader)
            except (TypeError, ValueError) as error:
                where = finder.path or "The detector"
                raise ModelError(f"{where} is damaged: how it is to be read makes no sense.") from error
        self.settings = settings

    @classmethod
    def load(cls, detector: str | Path, classifier: str | Path | None, *, threads: int = 2) -> PhotoReader:
        """Open both model files. Raises ModelError, naming the file and the reason."""
        return cls(
            Detector.load(detector, threads=threads),
            Classifier.load(classifier, threads=threads) if classifier is not None else None,
        )

    def read(self, image: Any, *, threshold: float | None = None) -> Reading:
        """Read a picture: (H,W), (H,W,3) RGB or (H,W,4) RGBA. threshold: instead of the file's own.

        Raises InputError where it is no picture.
        """
        began = time.perf_counter()
        least = self.settings.threshold if threshold is None else threshold
        numbers, rejected = [], []
        for candidate in self.candidates(to_gray(image)):
            confidence = self.confidence(candidate)
            if confidence >= least:
                numbers.append(Number(candidate.digits, confidence, candidate.box))
            else:
                rejected += [dataclasses.replace(d, is_digit=False) for d in candidate.digits]
        numbers.sort(key=lambda n: -n.confidence)
        return Reading(tuple(numbers), tuple(rejected), (time.perf_counter() - began) * 1000)

    def confidence(self, candidate: Candidate) -> float:
        """The probability that the whole number is right."""
        score = self.settings.bias + float(np.dot(self.settings.weights, candidate.features))
        return 1 / (1 + math.exp(-min(max(score, -30.0), 30.0)))

    def candidates(self, gray: npt.NDArray[np.uint8]) -> list[Candidate]:
        """Every number that the picture may hold, likely or not."""
        lowest = self.settings.lowest
        weakest = min(WEAK_SCORE, lowest) if self.classifier is not None else lowest
        detections = self.finder.find(gray)
        detections = detections.where(
            detections.scores >= np.where(detections.letters, self.settings.lowest_letter, weakest)
        )
        boxes = [_inside(box, gray.shape) for box in detections.boxes.tolist()]
        is_strong = detections.scores >= lowest
        strong = np.flatnonzero(~detections.letters & is_strong).tolist()
        beside = {
            i: [j for j in strong if _is_beside(boxes[i], boxes[j])]
            for i in np.flatnonzero(~detections.letters & ~is_strong).tolist()
            if not any(_is_over(boxes[i], boxes[j]) for j in strong)
        }
        digits, none = self._digits(
            gray, detections, boxes, strong + [i for i, others in beside.items() if others]
        )
        letters = detections.letters.copy()
        for i in strong:
            letters[i] = i in digits and _is_doubtful(float(detections.scores[i]), none[i], lowest)
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
            dataclasses.replace(g, places=tuple(kept[k] for k in g.places))
            for g in group([CharacterBox(boxes[i], bool(letters[i])) for i in kept])
        ]
        return [
            _candidate(g, detections, digits, none, gray.shape, lowest)
            for g in groups
            if all(i in digits for i in g.places)
        ]

    def look(self, gray: npt.NDArray[np.uint8], *, lowest: float) -> list[tuple[Digit, float]]:
        """Every single digit with a chance of `lowest` or more, and that chance; not grouped, its box tight."""
        detections = self.finder.find(gray)
        detections = detections.where((detections.scores >= lowest) & ~detections.letters)
        boxes = [_inside(box, gray.shape) for box in detections.boxes.tolist()]
        digits, _ = self._digits(gray, detections, boxes, range(len(detections)))
        return [(digit, float(detections.scores[i])) for i, digit in digits.items()]

    def _digits(
        self, gray: npt.NDArray[np.uint8], detections: Detections, boxes: Sequence[Box], wanted: Sequence[int]
    ) -> tuple[dict[int, Digit], dict[int, float]]:
        """By their places among the detections: what the networks say together of the wanted digits, and how
        likely the classifier alone thinks that each is none."""
        places = sorted(wanted)[:MOST_CROPS]
        if not places:
            return {}, {}
        settings = self.settings
        logs = detections.log_probs[places] * settings.detector
        none = np.zeros(len(places))
        seen: list[npt.NDArray[np.uint8] | None] = [None] * len(places)
        votes: list[tuple[Any, ...]] = [()] * len(places)
        if self.classifier is not None:
            size = self.classifier.info.input_size
            crops = np.stack([crop_box(gray, boxes[i], size) for i in places])
            said = self.classifier.classify(crops)
            table = np.array([c.probabilities for c in said])
            none = np.clip(1 - table.sum(1), 0, 1)
            # What is left of ten digits, whatever the chance that it is none.
            share = (table + 1e-4) / (table + 1e-4).sum(1, keepdims=True)
            logs = logs + settings.classifier * np.log(share)
            seen, votes = list(crops), [c.votes for c in said]
        scores = np.exp(logs - logs.max(1, keepdims=True))
        scores /= scores.sum(1, keepdims=True)
        found = {}
        for k, i in enumerate(places):
            is_none = float(none[k]) * (1 - float(detections.scores[i]))
            probabilities = scores[k] * (1 - is_none)
            best = int(probabilities.argmax())
            found[i] = Digit(
                best,
                float(probabilities[best]),
                boxes[i],
                True,
                tuple(probabilities.tolist()),
                votes[k],
                seen[k],
            )
        return found, dict(zip(places, none.tolist(), strict=True))


def _is_doubtful(chance: float, none: float, lowest: float) -> bool:
    """Whether a find is rather a letter or nothing, because the classifier says so. chance: by the detector.

    That the classifier takes it for a digit says little: it takes halves and pairs of digits for one, too.
    """
    against = NON_DIGIT_WEIGHT * max(_logit(none), 0.0)
    return _logit(chance) - against < _logit(lowest)


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


def _logit(p: float) -> float:
    p = min(max(p, 1e-3), 1 - 1e-3)
    return math.log(p / (1 - p))


def _candidate(
    found: NumberGroup,
    detections: Detections,
    digits: Mapping[int, Digit],
    none: Mapping[int, float],
    shape: tuple[int, ...],
    lowest: float,
) -> Candidate:
    """shape: of the picture. lowest: what a find has at least that is taken though its chance is weak."""
    own = tuple(digits[i] for i in found.places)
    tall = statistics.median(d.box.h for d in own)
    # The more places of that size a picture has, the more of them look like a number by chance, like a single
    # digit above all.
    room = math.log(max(math.prod(shape) / tall**2, 1.0))
    features = (
        sum(math.log(max(d.confidence, 1e-6)) for d in own),
        math.log(max(min(float(detections.scores[i]) for i in found.places), lowest, 1e-6)),
        -max(none[i] for i in found.places),
        -room if len(own) == 1 else 0.0,
        -float(min(found.letters, 3)),
        -room,
    )
    shown = tuple(dataclasses.replace(d, box=_with_room(d.box, shape)) for d in own)
    return Candidate(shown, Box.around([d.box for d in shown]), features)


def _with_room(box: Box, shape: tuple[int, ...]) -> Box:
    """A digit's box as it is reported."""
    more = (BOX_MARGIN - 1) / 2 * box.h
    return _inside((box.x, box.y - more, box.x + box.w, box.y + box.h + more), shape)


def _inside(edges: Sequence[float], shape: tuple[int, ...]) -> Box:
    """The part of a box inside the picture; at least a pixel of it."""
    h, w = shape
    left, top = min(max(edges[0], 0.0), w - 1.0), min(max(edges[1], 0.0), h - 1.0)
    return Box(left, top, max(min(edges[2], w) - left, 1.0), max(min(edges[3], h) - top, 1.0))
