"""Photo → reading: the detector finds characters, the line reader reads their rows, the classifier looks at each digit,
and what they say together makes numbers with a confidence.

Without a line reader, grouping makes numbers of what the other two say. Columns of digits are always read that way.
"""

from __future__ import annotations

import dataclasses
import math
import statistics
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from core.base.errors import ModelError
from core.reading.classifier import Classifier
from core.reading.detector import Detector
from core.reading.detector_decoding import Detections
from core.reading.grouped_numbers import (
    Candidate,
    GroupedNumbers,
    inside_picture,
    logit,
    with_room,
)
from core.reading.images import to_gray
from core.reading.line_reader import LineReader, LineReading
from core.reading.reader_settings import FEATURES, LineSettings, ReaderSettings, Settings
from core.reading.rows.candidates import Draft, compare, drafts_of
from core.reading.rows.check_digits import mended
from core.reading.rows.features import features_of
from core.reading.rows.judged_crops import DigitClassifier, JudgedCrops, Look
from core.reading.rows.matching import FoundCharacters
from core.reading.rows.proposals import MEMBER_SCORE, Proposal, lengthened, propose
from core.reading.rows.strips import cut
from core.reading.rows.texts import GroupedNumber
from core.reading.turning import (
    BEYOND_DOUBT,
    as_unsure,
    is_clearly_better,
    is_doubtful,
    shrunk,
    strength,
    turn,
    turned_back,
)
from core.reading.types import Box, Digit, Number, Reading

__all__ = [
    "FEATURES",
    "Candidate",
    "DigitClassifier",
    "DigitDetector",
    "PhotoReader",
    "ReaderSettings",
    "RowReader",
]

WHOLE_SHARE, CERTAIN_SHARE = 0.7, 0.25
"""A number that is a part of a longer one is left out where that one is so many times as sure, at least, and where the
line reader is certain of the longer one, or its check digit is right. A piece that the detector saw clearly is not
the number."""
STRETCH = 1.25
"""A row that is in doubt is looked at once more, its characters made so many times as wide: narrow ones, two ones
side by side above all, are told apart more easily."""
SAME_PLACE = 0.35
"""Numbers that share more of the smaller one's box are readings of the same thing; the surest is kept."""


class DigitDetector(Protocol):
    """What finds characters; `Detector` is the real one. reader: settings of its file. path: of its file."""

    @property
    def reader(self) -> dict[str, Any]: ...
    @property
    def path(self) -> Path | None: ...
    def find(self, gray: npt.NDArray[np.uint8]) -> Detections: ...


class RowReader(Protocol):
    """What reads strips; `LineReader` is the real one. settings: of its file."""

    @property
    def settings(self) -> dict[str, Any]: ...
    @property
    def path(self) -> Path | None: ...
    def read(self, strips: Sequence[npt.NDArray[np.uint8]]) -> list[LineReading]: ...


class PhotoReader:
    """Reads whole pictures. Safe to use from several threads."""

    def __init__(
        self,
        finder: DigitDetector,
        classifier: DigitClassifier | None,
        settings: ReaderSettings | None = None,
        line: RowReader | None = None,
        line_settings: LineSettings | None = None,
    ) -> None:
        """classifier: None lets the others alone say which digits they are. line: None reads without rows.

        Raises ModelError where a file holds settings that make no sense.
        """
        self.finder, self.classifier, self.line = finder, classifier, line
        if settings is None:
            try:
                settings = ReaderSettings.from_dict(finder.reader)
            except (TypeError, ValueError) as error:
                where = finder.path or "The detector"
                raise ModelError(f"{where} is damaged: how it is to be read makes no sense.") from error
        if line_settings is None and line is not None:
            try:
                line_settings = LineSettings.from_dict(line.settings)
            except (TypeError, ValueError) as error:
                where = line.path or "The line reader"
                raise ModelError(f"{where} is damaged: how it is to be read makes no sense.") from error
        self.settings = settings
        self._grouped = GroupedNumbers(settings)
        self.line_settings = line_settings or LineSettings()

    @classmethod
    def load(
        cls,
        detector: str | Path,
        classifier: str | Path | None,
        line: str | Path | None = None,
        *,
        threads: int = 2,
    ) -> PhotoReader:
        """Open the model files. Raises ModelError, naming the file and the reason."""
        return cls(
            Detector.load(detector, threads=threads),
            Classifier.load(classifier, threads=threads) if classifier is not None else None,
            line=LineReader.load(line, threads=threads) if line is not None else None,
        )

    def with_line_settings(self, settings: LineSettings) -> PhotoReader:
        """The same networks, weighed otherwise."""
        return PhotoReader(self.finder, self.classifier, self.settings, self.line, settings)

    @property
    def _own_settings(self) -> Settings:
        return self.settings if self.line is None else self.line_settings

    def is_reported(self, candidate: Candidate, confidence: float) -> bool:
        """Whether a number of this confidence is one that `read` reports."""
        return confidence >= self._own_settings.reported_from(len(candidate.digits))

    def read(self, image: Any, *, threshold: float | None = None, any_direction: bool = False) -> Reading:
        """Read a picture: (H,W), (H,W,3) RGB or (H,W,4) RGBA.

        threshold: instead of the file's own. any_direction: look whether the picture stands on its side or head, which
        takes up to four times as long.

        Raises InputError where it is no picture.
        """
        began = time.perf_counter()
        gray = to_gray(image)
        reading = self._read(gray, threshold)
        if any_direction:
            reading = self._in_best_direction(gray, reading, threshold)
        return dataclasses.replace(reading, milliseconds=(time.perf_counter() - began) * 1000)

    def _read(self, gray: npt.NDArray[np.uint8], threshold: float | None) -> Reading:
        settings = self._own_settings
        numbers: list[Number] = []
        maybe: list[Number] = []
        rejected: list[Digit] = []
        for candidate, confidence in self.chosen(self.candidates(gray)):
            least = settings.reported_from(len(candidate.digits)) if threshold is None else threshold
            if confidence >= min(least, settings.maybe):
                number = Number(candidate.digits, confidence, candidate.box, candidate.written)
                (numbers if confidence >= least else maybe).append(number)
            else:
                rejected += [dataclasses.replace(d, is_digit=False) for d in candidate.digits]
        return Reading(
            tuple(ranked(numbers, gray.shape)), tuple(rejected), 0.0, tuple(ranked(maybe, gray.shape))
        )

    def _in_best_direction(
        self, gray: npt.NDArray[np.uint8], upright: Reading, threshold: float | None
    ) -> Reading:
        """The reading of the picture as it is, or turned where that is clearly the better one; where it is better but
        not clearly so, the numbers of the picture as it is are not sure."""
        if strength(upright) >= BEYOND_DOUBT:
            return upright
        best, quarters, is_unsure = upright, 0, False
        small = shrunk(gray)
        for turns in (2, 1, 3):
            other = self._read(turn(small, turns), threshold)
            if is_clearly_better(other, best):
                best, quarters = other, turns
            is_unsure = is_unsure or is_doubtful(upright, other)
        if quarters == 0:
            return as_unsure(upright) if is_unsure else upright
        return turned_back(self._read(turn(gray, quarters), threshold), quarters, gray.shape)

    def chosen(self, candidates: Sequence[Candidate]) -> list[tuple[Candidate, float]]:
        """The candidates with their confidence, surest first; of several at one place the surest."""
        order = sorted(((c, self.confidence(c)) for c in candidates), key=lambda item: -item[1])
        kept: list[tuple[Candidate, float]] = []
        for candidate, confidence in order:
            box = candidate.box
            if any(_is_part(candidate, o) and c >= _whole_share(o) * confidence for o, c in order):
                continue
            if all(box.shared(o.box) <= SAME_PLACE * min(box.area, o.box.area) for o, _ in kept):
                kept.append((candidate, confidence))
        return kept

    def confidence(self, candidate: Candidate) -> float:
        """The probability that the whole number is right."""
        settings = self.line_settings if candidate.is_line else self.settings
        return settings.confidence(candidate.features)

    def candidates(self, gray: npt.NDArray[np.uint8]) -> list[Candidate]:
        """Every number that the picture may hold, likely or not; with a line reader several at one place."""
        detections = self.finder.find(gray)
        crops = JudgedCrops(self.classifier, gray)
        found = self._grouped.candidates(crops, detections)
        if self.line is None:
            return found
        grouped = [GroupedNumber(c.text, c.box, self.settings.confidence(c.features)) for c in found]
        return self._in_rows(crops, detections, grouped) + self._grouped.columns(crops, detections)

    def _in_rows(
        self, crops: JudgedCrops, detections: Detections, grouped: Sequence[GroupedNumber]
    ) -> list[Candidate]:
        """The numbers of every row that the line reader reads. grouped: what detector and classifier read by
        themselves, where, and how sure they are."""
        gray = crops.gray
        detections = detections.where(detections.scores >= MEMBER_SCORE)
        boxes = [inside_picture(box, gray.shape) for box in detections.boxes.tolist()]
        found = FoundCharacters.of(detections, boxes)
        strips = self._strips(gray, propose(detections, boxes, gray.shape))
        drafts = [
            draft
            for strip, (proposal, reading) in enumerate(strips)
            for draft in drafts_of(gray, proposal, reading, found, grouped, strip)
        ]
        compare(drafts)
        drafts = [draft for draft in drafts if not draft.is_half]
        judged = crops.at([d.box for draft in drafts for d in draft.digits])
        candidates = []
        first = 0
        for draft in drafts:
            own_crops = judged[first : first + len(draft.digits)]
            first += len(draft.digits)
            candidates += self._candidates_of(draft, own_crops, detections, gray.shape, grouped)
        return candidates

    def _strips(
        self, gray: npt.NDArray[np.uint8], proposals: Sequence[Proposal]
    ) -> list[tuple[Proposal, LineReading]]:
        """What the line reader says of every row, of rows in doubt after a second look, and of the same rows with more
        at their ends."""
        assert self.line is not None
        readings = self.line.read([cut(gray, proposal.row) for proposal in proposals])
        # Only where there may be a number is it worth to look whether there is more of it.
        longer = [
            lengthened(proposal, gray.shape)
            for proposal, reading in zip(proposals, readings, strict=True)
            if not proposal.is_whole and reading.may_hold_digits
        ]
        doubtful = [i for i, reading in enumerate(readings) if reading.is_doubtful]
        again = self.line.read([cut(gray, proposals[i].row, STRETCH) for i in doubtful])
        for i, reading in zip(doubtful, again, strict=True):
            readings[i] = readings[i].with_looks([reading])
        readings += self.line.read([cut(gray, proposal.row) for proposal in longer])
        return list(zip([*proposals, *longer], readings, strict=True))

    def _candidates_of(
        self,
        draft: Draft,
        judged: Sequence[Look | None],
        detections: Detections,
        shape: tuple[int, ...],
        grouped: Sequence[GroupedNumber],
    ) -> list[Candidate]:
        """The number with the digits that its row's text has; where all three networks together say others there,
        with those; and with another digit in one place where only that makes its check digit right."""
        settings = self.line_settings
        each = np.zeros((len(draft.digits), 3, 10))
        nones: list[float] = []
        for own, look, said in zip(draft.digits, judged, each, strict=True):
            said[0] = np.maximum(own.said, -12.0)
            if own.find >= 0:
                said[1] = np.maximum(detections.log_probs[own.find], -6.0)
            none = 0.0
            if look is not None:
                table = np.array(look[0].probabilities) + 1e-3
                none = min(max(1 - float(sum(look[0].probabilities)), 0.0), 1.0)
                # The less of a digit it sees, the less it says which one.
                said[2] = (1 - none) * np.log(table / table.sum())
            nones.append(none)
        logs = np.tensordot(each, (settings.line, settings.detector, settings.classifier), axes=(1, 0))
        scores = np.exp(logs - logs.max(1, keepdims=True))
        scores /= scores.sum(1, keepdims=True)
        as_row = tuple(d.digit for d in draft.digits)
        texts = [as_row]
        if draft.row.is_first:
            texts = [tuple(scores.argmax(1).tolist()), as_row, *filter(None, [mended(scores)])]
        candidates = []
        for text in dict.fromkeys(texts):
            digits = tuple(
                Digit(
                    digit, float(table[digit]), with_room(own.box, shape), True, tuple(table.tolist()),
                    () if look is None else look[0].votes, None if look is None else look[1],
                )
                for digit, table, own, look in zip(text, scores, draft.digits, judged, strict=True)
            )  # fmt: skip
            box = Box.around([d.box for d in digits])
            changed = sum(digit != own.digit for digit, own in zip(text, draft.digits, strict=True))
            certain = draft.is_certain and not changed
            features = features_of(
                draft, text, [d.confidence for d in digits], nones, changed, each[np.arange(len(text)), :, list(text)],
                detections.scores, shape, _grouped_odds("".join(map(str, text)), box, grouped),
            )  # fmt: skip
            candidates.append(Candidate(digits, box, features, draft.written(text), True, certain))
        return candidates

    def look(self, gray: npt.NDArray[np.uint8], *, min_score: float) -> list[tuple[Digit, float]]:
        """Every single digit with a score of `min_score` or more, and that score; not grouped, its box tight."""
        detections = self.finder.find(gray)
        detections = detections.where((detections.scores >= min_score) & ~detections.letters)
        boxes = [inside_picture(box, gray.shape) for box in detections.boxes.tolist()]
        digits, _ = self._grouped.digits(
            JudgedCrops(self.classifier, gray), detections, boxes, range(len(detections))
        )
        return [(digit, float(detections.scores[i])) for i, digit in digits.items()]


def _grouped_odds(said: str, box: Box, grouped: Sequence[GroupedNumber]) -> tuple[float, float]:
    """How sure detector and classifier by themselves are of a number's digits at its place, and of others there."""
    same, other = 0.0, 0.0
    for group in grouped:
        if box.shared(group.box) > SAME_PLACE * min(box.area, group.box.area):
            confidence = group.confidence
            odds = max(math.log(max(confidence, 1e-3) / max(1 - confidence, 1e-3)), 0.0)
            same, other = (max(same, odds), other) if group.text == said else (same, max(other, odds))
    return same, other


def _is_part(one: Candidate, other: Candidate) -> bool:
    """Whether a number is only a piece of another that was read at its place, or one with a right check digit but for
    some of its digits."""
    return (
        len(one.digits) < len(other.digits)
        and (one.text in other.text or (other.is_checked and _lacks_some(one.text, other.text)))
        and one.box.shared(other.box) > 0.7 * one.box.area
    )


def _lacks_some(text: str, whole: str) -> bool:
    """Whether a text is another without some of its characters."""
    rest = iter(whole)
    return all(character in rest for character in text)


def _whole_share(whole: Candidate) -> float:
    return CERTAIN_SHARE if whole.is_certain or whole.is_checked else WHOLE_SHARE


SIZE_WEIGHT, MIDDLE_WEIGHT, LENGTH_WEIGHT = 2.0, 0.5, 0.5
"""How much a number's height, place and length count beside the logarithm of its confidence's odds: so that a meter's
counter stands before the numerals of its dials, and its reading before its serial number."""
EQUALLY_SURE = 2.0
"""From this logarithm of the odds on, 88%, numbers are equals."""


def ranked(numbers: Sequence[Number], shape: tuple[int, ...]) -> list[Number]:
    """Best first: the surest; among equals the longest, the largest, and the one in the middle of the picture."""
    if len(numbers) < 2:
        return list(numbers)
    h, w = shape[:2]
    tallest = max(statistics.median(d.box.h for d in n.digits) for n in numbers)

    def rank(number: Number) -> float:
        tall = statistics.median(d.box.h for d in number.digits)
        x, y = number.box.center
        off = math.hypot(x / w - 0.5, y / h - 0.5)
        return (
            min(logit(number.confidence), EQUALLY_SURE)
            + LENGTH_WEIGHT * (min(len(number.digits), 8) - 1)
            + SIZE_WEIGHT * math.log(tall / tallest)
            - MIDDLE_WEIGHT * off
        )

    # What is written as one, 7–9, stays together and in order.
    best: dict[tuple[str, int], float] = {}
    for number in numbers:
        key = _whole(number)
        best[key] = max(best.get(key, -math.inf), rank(number))
    return sorted(numbers, key=lambda n: (-best[_whole(n)], _whole(n), n.box.x))


def _whole(number: Number) -> tuple[str, int]:
    """What a part of a range shares with its other parts: how it is written, and its line in the picture."""
    return number.written, round(number.box.center[1] / max(number.box.h, 1.0))
