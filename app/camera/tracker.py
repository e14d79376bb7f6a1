"""Readings over frames become steady numbers: a misread frame doesn't flicker. It has no clock of its own.

Each number seen is followed by where it is. For what it says, the readings of the last moments are averaged
(a linear opinion pool: the mean of the probability that each gives to a text, recent ones counting more);
digits of readings that agree on how many there are, are also averaged place by place, so that two half-right
readings can make one right one. A number is steady once it was seen long and often enough and one text leads
clearly; from then on another text must lead by as much to take its place.
"""

from __future__ import annotations

import itertools
import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace

from core.reading.types import Box, Digit, Number, Reading

_CERTAIN_ENOUGH = 1e-6


@dataclass(frozen=True)
class TrackerSettings:
    """Times in seconds, for sources read at least four times a second; for slower ones they are stretched.

    half_life: age at which a reading counts half.
    memory: older readings are forgotten.
    steady_after: least time from the first sight.
    steady_frames: least number of frames with it.
    presence: least share of the frames since.
    lead: what the best text must have before the next best.
    least: least mean probability of a steady text.
    maybe_after, maybe_frames, maybe_share: a number that most readings hold for no more than possible is steady
    when it was seen so long, in so many frames, and this share of them says the same.
    forget_after: without being seen so long, a number is gone.
    repeat_after: a number that was gone so long is news again.
    """

    half_life: float = 0.4
    memory: float = 2.0
    steady_after: float = 0.3
    steady_frames: int = 3
    presence: float = 0.5
    lead: float = 0.2
    least: float = 0.4
    maybe_after: float = 1.0
    maybe_frames: int = 6
    maybe_share: float = 0.8
    forget_after: float = 0.8
    repeat_after: float = 4.0

    def stretched(self, interval: float) -> TrackerSettings:
        """For a source that is read every `interval` seconds."""
        factor = interval / 0.25
        if factor <= 1:
            return self
        return replace(
            self,
            half_life=self.half_life * factor,
            memory=self.memory * factor,
            forget_after=self.forget_after * factor,
            repeat_after=self.repeat_after * factor,
        )


@dataclass(frozen=True)
class Tracked:
    """A number that is being followed.

    number: as it is best known now; its box is where it was last seen. steady: whether it may be shown as
    read. seen: in the latest frame. seconds_to_steady: from the first sight of its text until it was steady.
    """

    id: int
    number: Number
    steady: bool
    seen: bool
    seconds_to_steady: float | None = None


@dataclass(frozen=True)
class Sighting:
    """A number that has just become steady and was not so a moment ago: news for the history."""

    tracked: Tracked
    seconds: float


@dataclass(frozen=True)
class _Observation:
    at: float
    number: Number
    is_maybe: bool = False


def text_probability(number: Number, text: str) -> float:
    """How likely a reading finds another text of the same length; 0 for other lengths.

    The reading's own text has the reading's confidence; a text that differs in some digits has that times the
    ratios of the probabilities of those digits.
    """
    if number.text == text:
        return number.confidence
    if len(text) != len(number.digits):
        return 0.0
    share = number.confidence
    for digit, character in zip(number.digits, text, strict=True):
        wanted = int(character)
        if wanted == digit.digit:
            continue
        if len(digit.probabilities) != 10:
            return 0.0
        share *= digit.probabilities[wanted] / max(digit.probabilities[digit.digit], _CERTAIN_ENOUGH)
    # Ratios above 1 can't be: the reading's text is its most likely one.
    return min(share, number.confidence)


class _Track:
    def __init__(self, id_: int, at: float) -> None:
        self.id = id_
        self.first_seen = self.last_seen = at
        self._observations: deque[_Observation] = deque()
        self._frames: deque[float] = deque()
        self._text = ""
        self._steady = False
        self._was_steady = False
        self._seconds_to_steady: float | None = None

    @property
    def last(self) -> Number:
        return self._observations[-1].number

    def add(self, number: Number, at: float, *, is_maybe: bool) -> None:
        self._observations.append(_Observation(at, number, is_maybe))
        self.last_seen = at

    def view(self, at: float, settings: TrackerSettings) -> Tracked:
        """A frame went by, with this number in it or not: what it says now, and whether that is steady."""
        self._frames.append(at)
        while at - self._frames[0] > settings.memory:
            self._frames.popleft()
        while len(self._observations) > 1 and at - self._observations[0].at > settings.memory:
            self._observations.popleft()
        weights = [0.5 ** ((at - o.at) / settings.half_life) for o in self._observations]
        scores = self._scores(weights)
        text = max(scores, key=lambda t: (scores[t], t == self._text))
        if self._steady and self._text in scores:
            lead = scores[text] - scores[self._text]
            if lead < settings.lead or (scores[text] < settings.least and not self._is_maybe):
                text = self._text
        if text != self._text:
            self._text, self._steady = text, False
        if not self._steady and self._may_be_steady(at, scores, settings):
            began = self.first_seen
            if self._was_steady:
                began = min((o.at for o in self._observations if o.number.text == text), default=at)
            self._steady = self._was_steady = True
            self._seconds_to_steady = at - began
        number = self._number(text, min(scores[text], 1.0), weights)
        seconds = self._seconds_to_steady if self._steady else None
        return Tracked(self.id, number, self._steady, self.last_seen == at, seconds)

    @property
    def _is_maybe(self) -> bool:
        """Whether most readings hold the number for no more than possible."""
        return 2 * sum(o.is_maybe for o in self._observations) > len(self._observations)

    def _may_be_steady(self, at: float, scores: dict[str, float], settings: TrackerSettings) -> bool:
        if self._is_maybe:
            # Each reading is unsure; that they agree for long is the evidence for it.
            same = sum(o.number.text == self._text for o in self._observations)
            return (
                at - self.first_seen >= settings.maybe_after
                and len(self._observations) >= settings.maybe_frames
                and len(self._observations) >= settings.presence * len(self._frames)
                and same >= settings.maybe_share * len(self._observations)
            )
        runner_up = max((score for text, score in scores.items() if text != self._text), default=0.0)
        return (
            at - self.first_seen >= settings.steady_after
            and len(self._observations) >= settings.steady_frames
            and len(self._observations) >= settings.presence * len(self._frames)
            and scores[self._text] >= settings.least
            and scores[self._text] - runner_up >= settings.lead
        )

    def _scores(self, weights: Sequence[float]) -> dict[str, float]:
        """The mean probability of every text that was read, and of the place-by-place averages."""
        candidates = {o.number.text for o in self._observations}
        lengths = {len(text) for text in candidates}
        candidates |= {self._blend(length, weights) for length in lengths}
        if len(self._text) in lengths:
            candidates.add(self._text)
        pairs = list(zip(weights, self._observations, strict=True))
        total = sum(weights)
        return {t: sum(w * text_probability(o.number, t) for w, o in pairs) / total for t in candidates}

    def _blend(self, length: int, weights: Sequence[float]) -> str:
        sums = [[0.0] * 10 for _ in range(length)]
        for weight, observation in zip(weights, self._observations, strict=True):
            digits = observation.number.digits
            if len(digits) != length:
                continue
            for place, digit in enumerate(digits):
                if len(digit.probabilities) == 10:
                    for value, p in enumerate(digit.probabilities):
                        sums[place][value] += weight * p
                else:
                    sums[place][digit.digit] += weight * digit.confidence
        return "".join(str(max(range(10), key=place.__getitem__)) for place in sums)

    def _number(self, text: str, confidence: float, weights: Sequence[float]) -> Number:
        """The latest reading of that length, with its digits' probabilities averaged over those that fit."""
        fitting = [
            (w, o.number)
            for w, o in zip(weights, self._observations, strict=True)
            if len(o.number.digits) == len(text)
        ]
        agreeing = [n for _, n in fitting if n.text == text]
        latest = agreeing[-1] if agreeing else fitting[-1][1]
        digits = tuple(
            _averaged(latest.digits[place], int(character), [(w, n.digits[place]) for w, n in fitting])
            for place, character in enumerate(text)
        )
        # The box is where it is now, though this frame may have been read otherwise.
        digits = _moved(digits, latest.box, self.last.box)
        seen = replace(latest.with_digits(digits, confidence), box=self.last.box)
        return replace(seen, written=_most_written(fitting, text) or seen.written)


def _most_written(weighted: Sequence[tuple[float, Number]], text: str) -> str:
    """How most of the readings that say `text` write it, so that "12B" does not flicker to "12"; "" without any."""
    counts: dict[str, float] = {}
    for weight, number in weighted:
        if number.text == text:
            counts[number.written] = counts.get(number.written, 0.0) + weight
    return max(counts, key=lambda written: counts[written], default="")


def _averaged(model: Digit, value: int, weighted: Sequence[tuple[float, Digit]]) -> Digit:
    """The digit `model`, said to be `value`, with the mean probabilities of `weighted`."""
    known = [(w, d) for w, d in weighted if len(d.probabilities) == 10]
    if not known:
        return replace(model, digit=value)
    total = sum(w for w, _ in known)
    mean = tuple(sum(w * d.probabilities[i] for w, d in known) / total for i in range(10))
    return replace(model, digit=value, probabilities=mean, confidence=mean[value])


def _moved(digits: tuple[Digit, ...], old: Box, new: Box) -> tuple[Digit, ...]:
    if old == new or old.w <= 0 or old.h <= 0:
        return digits
    sx, sy = new.w / old.w, new.h / old.h

    def moved(box: Box) -> Box:
        return Box(new.x + (box.x - old.x) * sx, new.y + (box.y - old.y) * sy, box.w * sx, box.h * sy)

    return tuple(replace(d, box=moved(d.box)) for d in digits)


def _affinity(track: Number, number: Number) -> float:
    """How well a number of this frame goes on a track; 0 for not at all.

    A camera that is moved shifts everything by more than a number's size within a frame: then the same text
    nearby goes on.
    """
    shared = track.box.iou(number.box)
    if shared >= 0.1:
        return 1 + shared
    dx = track.box.x + track.box.w / 2 - number.box.x - number.box.w / 2
    dy = track.box.y + track.box.h / 2 - number.box.y - number.box.h / 2
    reach = 3 * max(track.box.h, number.box.h, track.box.w, number.box.w)
    distance = math.hypot(dx, dy)
    return 1 - distance / reach if track.text == number.text and distance < reach else 0.0


class Tracker:
    """Follows the numbers of a live source. Times are seconds of any clock that goes forward."""

    def __init__(self, settings: TrackerSettings | None = None) -> None:
        self._settings = settings or TrackerSettings()
        self._ids = itertools.count(1)
        self._tracks: list[_Track] = []
        self._last_steady: dict[str, float] = {}
        self._interval = 0.0
        self._latest: float | None = None

    def restart(self) -> None:
        """Time breaks (a place in a file was sought): nothing is followed any more, but old news stays old."""
        self._tracks, self._latest = [], None

    def reset(self) -> None:
        """Another source: nothing holds any more."""
        self.restart()
        self._last_steady, self._interval = {}, 0.0

    def update(self, reading: Reading, at: float) -> tuple[tuple[Tracked, ...], tuple[Sighting, ...]]:
        """Take in the reading of the frame taken `at`.

        Returns what is followed now, and which numbers have just become steady. Followed numbers come
        best first: steady before others, then the larger and the surer.
        """
        settings = self._at_this_pace(at)
        self._tracks = [t for t in self._tracks if at - t.last_seen <= settings.forget_after]
        self._assign(reading, at)
        tracked = [track.view(at, settings) for track in self._tracks]
        news = tuple(s for t in tracked if t.steady and (s := self._news(t, at, settings)) is not None)
        tracked.sort(key=lambda t: (not t.steady, -t.number.box.h * t.number.confidence, t.id))
        return tuple(tracked), news

    def _at_this_pace(self, at: float) -> TrackerSettings:
        if self._latest is not None:
            gap = at - self._latest
            # One long gap is a hiccup; a pace is what goes on.
            self._interval = 0.7 * self._interval + 0.3 * gap if self._interval else gap
        self._latest = at
        return self._settings.stretched(self._interval)

    def _assign(self, reading: Reading, at: float) -> None:
        numbers = (*reading.numbers, *reading.maybe)
        pairs = sorted(
            (
                (affinity, ti, ni)
                for ti, track in enumerate(self._tracks)
                for ni, number in enumerate(numbers)
                if (affinity := _affinity(track.last, number)) > 0
            ),
            key=lambda p: (-p[0], p[1], p[2]),
        )
        tracks_taken: set[int] = set()
        numbers_taken: set[int] = set()
        for _, ti, ni in pairs:
            if ti not in tracks_taken and ni not in numbers_taken:
                tracks_taken.add(ti)
                numbers_taken.add(ni)
                self._tracks[ti].add(numbers[ni], at, is_maybe=ni >= len(reading.numbers))
        for ni, number in enumerate(numbers):
            if ni not in numbers_taken and number.digits:
                track = _Track(next(self._ids), at)
                track.add(number, at, is_maybe=ni >= len(reading.numbers))
                self._tracks.append(track)

    def _news(self, tracked: Tracked, at: float, settings: TrackerSettings) -> Sighting | None:
        self._last_steady = {t: w for t, w in self._last_steady.items() if at - w <= settings.repeat_after}
        text = tracked.number.text
        known = text in self._last_steady
        if tracked.seen or not known:
            self._last_steady[text] = at
        if known:
            return None
        return Sighting(tracked, tracked.seconds_to_steady or 0.0)
