"""What the line reader says of a row, weighed with what detector and classifier say of its digits → candidates.

A candidate is a number that may be reported: its digits with their boxes, how it is written, and what speaks for and
against it (`core/reading/rows/features.py`). How sure it is, `core/reading/reader_settings.py` says.
"""

from __future__ import annotations

import itertools
import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from core.reading.ctc import Place, greedy_places
from core.reading.detector_decoding import Detections
from core.reading.line_format import BLANK, CHARACTERS, DIGITS, encode
from core.reading.line_reader import LineReading
from core.reading.rows.proposals import Proposal
from core.reading.rows.separators import is_parted
from core.reading.rows.strips import Row, offset_of_step
from core.reading.rows.written import WrittenNumber, numbers_in
from core.reading.types import Box

_DIGIT_CLASSES = slice(1 + CHARACTERS.index("0"), 1 + CHARACTERS.index("9") + 1)
_TALL_SHARE = 0.77
"""Of a strip's height that its characters take."""
EXPLAINED = 0.35
"""Weight of the detector's finds where several texts of a row are likely."""
ALTERNATIVES = 4
HOPELESS = 5.0
"""By how much smaller the logarithm of a text's probability may be than that of the likeliest one."""
SECOND_MOST = 8.0
"""Largest difference to the second text that counts."""
CLEAR_PEAK, SURE_PEAK = math.log(0.6), math.log(0.9)
LEGIBLE_PEAK = math.log(0.3)
JOINED = 1.0
"""Digits with a gap that may be a word's are one number where that text is hardly less likely than with a space: by
this difference of logarithms at most."""
LARGER = 1.5
"""A number in whose box another stands is the better one where its digits are so many times as tall."""
WIDE_GAP, VERY_WIDE_GAP = 1.3, 2.2
"""Gaps, in heights, that part two numbers without a sign: where others are much smaller, and always."""
STRONG = 0.4
"""Score from which a find that no character of the text explains counts against it."""


@dataclass(frozen=True)
class FoundCharacters:
    """The detector's finds in one picture. boxes: inside the picture."""

    detections: Detections
    boxes: Sequence[Box]
    middles: npt.NDArray[np.float64]
    sizes: npt.NDArray[np.float64]

    @classmethod
    def of(cls, detections: Detections, boxes: Sequence[Box]) -> FoundCharacters:
        return cls(
            detections,
            boxes,
            np.array([b.center for b in boxes], np.float64).reshape(-1, 2),
            np.array([(b.w, b.h) for b in boxes], np.float64).reshape(-1, 2),
        )


@dataclass
class DraftDigit:
    """One digit of a draft. said: logarithms of the ten digits' probabilities by the line reader; peak: of the one
    it says, among all characters; rival: of the likeliest other character there. find: its place among the
    detections, -1 where the detector did not find it."""

    digit: int
    box: Box
    said: npt.NDArray[np.float64]
    peak: float
    rival: float
    find: int
    place: Place


@dataclass
class Draft:
    """A number in a row before the classifier was asked. text, span: of the row, and where in it the number is."""

    proposal: Proposal
    digits: list[DraftDigit]
    text: str
    number: WrittenNumber
    row_letters: int
    second_text: float
    extra: int
    neighbour: int
    steps: int
    strip: int = 0
    features: tuple[float, ...] = ()
    agree: int = 0
    disagree: int = 0
    is_within: bool = False
    is_part: bool = False
    parts: int = 0
    row_weakest: float = 0.0
    box: Box = field(init=False)

    def __post_init__(self) -> None:
        self.box = Box.around([d.box for d in self.digits])

    @property
    def said(self) -> str:
        """Its digits, as the line reader says."""
        return "".join(str(d.digit) for d in self.digits)

    @property
    def tall(self) -> float:
        """Height of its digits, pixels."""
        return statistics.median(d.box.h for d in self.digits)

    def continues(self, part: Draft) -> bool:
        """Whether its digits beyond those of a part of it are beyond doubt: the detector has found them too, or the
        line reader is sure of them."""
        more = [d for d in self.digits if not part.box.contains(*d.box.center)]
        return all(d.peak > (CLEAR_PEAK if d.find >= 0 else SURE_PEAK) for d in more)

    def written(self, digits: Sequence[int]) -> str:
        """The number as it is written, with these digits in place of those that the line reader said."""
        wanted = "".join(map(str, digits))
        if self.said == wanted:
            return self.number.written
        own = self.text[self.number.start : self.number.end]
        following = iter(wanted)
        changed = "".join(next(following) if c in DIGITS else c for c in own)
        return self.number.written.replace(own, changed, 1)


def drafts_of(
    gray: npt.NDArray[np.uint8], proposal: Proposal, reading: LineReading, found: FoundCharacters
) -> list[Draft]:
    """The numbers of one row, as its likeliest text has them."""
    if not reading.may_hold_digits:
        return []
    text, places = greedy_places(reading.log_probs)
    near = _finds_in(proposal.row, found)
    second = SECOND_MOST
    alternatives = reading.texts[:ALTERNATIVES]
    if len(alternatives) > 1:
        scored = []
        for alternative in alternatives:
            if alternative.log_prob < alternatives[0].log_prob - HOPELESS:
                break
            own = _places_of(alternative.text, text, places, reading)
            if len(own) == len(alternative.text):
                explained = _explained(proposal, own, near, found, len(reading.log_probs))
                scored.append((alternative.log_prob + EXPLAINED * explained, alternative.text, own))
        if scored:
            scored.sort(key=lambda item: -item[0])
            joined = "".join(scored[0][1].split())
            one = next((s for s in scored if s[1] == joined and s[0] >= scored[0][0] - JOINED), scored[0])
            best, text, places = one if joined.isdecimal() else scored[0]
            others = [w for w, t, _ in scored if _digits(t) != _digits(text)]
            second = min(max(best - others[0], -1.0), SECOND_MOST) if others else SECOND_MOST
    return _numbers(gray, proposal, reading, found, near, text, places, second)


def _places_of(text: str, greedy: str, places: list[Place], reading: LineReading) -> list[Place]:
    """Where the characters of a text stand; those of one as long as the greedy text stand where its own do."""
    if text == greedy:
        return places
    if len(text) != len(greedy):
        return reading.places(text)
    classes = encode(text)
    return [
        place
        if place.character == c
        else replace(place, character=c, log_prob=float(reading.log_probs[place.peak, k]))
        for place, c, k in zip(places, text, classes, strict=True)
    ]


def _digits(text: str) -> str:
    return "".join(c if c in DIGITS else " " for c in text).strip()


@dataclass(frozen=True)
class _Near:
    """The finds in a strip: their places, and offsets from the row's middle."""

    places: npt.NDArray[np.intp]
    u: npt.NDArray[np.float64]
    half: npt.NDArray[np.float64]


def _finds_in(row: Row, found: FoundCharacters) -> _Near:
    """The finds that may be characters of the row: in its strip, neither much lower nor higher than it."""
    if not len(found.middles):
        nothing = np.zeros(0)
        return _Near(np.zeros(0, np.intp), nothing, nothing)
    (ax, ay), (bx, by) = row.along, row.across
    dx, dy = (found.middles - (row.x, row.y)).T
    size = ax * by - ay * bx
    u, v = (dx * by - dy * bx) / size, (ax * dy - ay * dx) / size
    tall = found.sizes[:, 1]
    fine = (np.abs(v) < 0.3 * row.h) & (np.abs(u) < row.w / 2) & (tall > 0.4 * row.h) & (tall < 1.15 * row.h)
    places = np.flatnonzero(fine)
    order = np.argsort(u[places])
    places = places[order]
    return _Near(places, u[places], found.sizes[places, 0] / 2)


def _matched(
    proposal: Proposal, places: Sequence[Place], near: _Near, found: FoundCharacters, steps: int
) -> list[int]:
    """Of each character the find at its place, by its position among `near`; -1 for none. Each find once."""
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


def _explained(
    proposal: Proposal, places: Sequence[Place], near: _Near, found: FoundCharacters, steps: int
) -> float:
    """How well a text explains the finds in its strip: the sum of logarithms of probabilities."""
    detections = found.detections
    total = 0.0
    matches = _matched(proposal, places, near, found, steps)
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


def _numbers(
    gray: npt.NDArray[np.uint8],
    proposal: Proposal,
    reading: LineReading,
    found: FoundCharacters,
    near: _Near,
    text: str,
    places: Sequence[Place],
    second: float,
) -> list[Draft]:
    steps = len(reading.log_probs)
    matches = _matched(proposal, places, near, found, steps)
    letters = sum(c.isalpha() for c in text)
    top, bottom = _band(proposal, near, found, matches)
    drafts = []
    for number in numbers_in(text):
        at = [k for k in range(number.start, number.end) if text[k] in DIGITS]
        digits = [
            _draft_digit(gray, proposal, reading, found, near, places[k], matches[k], (top, bottom))
            for k in at
        ]
        if number.is_word or any(d is None for d in digits):
            continue
        whole = [d for d in digits if d is not None]
        unmatched = _unmatched(near, found, matches)
        left, right = places[at[0]].left, places[at[-1]].right
        spans = [offset_of_step(proposal.row, step, steps) for step in (left, right)]
        extra = sum(spans[0] < near.u[k] < spans[1] for k in unmatched)
        beyond = 0.7 * (bottom - top)
        neighbour = sum(
            spans[0] - beyond < near.u[k] < spans[0] or spans[1] < near.u[k] < spans[1] + beyond
            for k in unmatched
        )
        own = set(range(number.start, number.end))
        others = [p.log_prob for k, p in enumerate(places) if k not in own and p.character != " "]
        for part, piece in _parts(gray, whole, text, number, at):
            drafts.append(
                Draft(
                    proposal,
                    part,
                    text,
                    piece,
                    letters,
                    second,
                    int(extra),
                    int(neighbour),
                    steps,
                    row_weakest=max(min(others, default=0.0), -4.0),
                )
            )
    return drafts


def _parts(
    gray: npt.NDArray[np.uint8], digits: list[DraftDigit], text: str, number: WrittenNumber, at: list[int]
) -> list[tuple[list[DraftDigit], WrittenNumber]]:
    """The number, or its parts where lines of a grid stand between its digits."""
    cuts = [
        k + 1
        for k, (one, other) in enumerate(itertools.pairwise(digits))
        if is_gap(digits, k) or is_parted(gray, one.box, other.box)
    ]
    if not cuts:
        return [(digits, number)]
    parts = []
    for first, last in zip([0, *cuts], [*cuts, len(digits)], strict=True):
        start, end = at[first], at[last - 1] + 1
        parts.append((digits[first:last], WrittenNumber(start, end, text[start:end])))
    return parts


def is_gap(digits: list[DraftDigit], k: int) -> bool:
    """Whether the gap behind digit `k` is far wider than the others: columns of a table, that is."""
    if digits[k].find < 0 or digits[k + 1].find < 0:
        return False
    tall = statistics.median(d.box.h for d in digits)
    gaps = [(b.box.x - a.box.x - a.box.w) / tall for a, b in itertools.pairwise(digits)]
    usual = max(float(np.quantile(gaps, 0.25)), 0.0)
    return gaps[k] > VERY_WIDE_GAP or gaps[k] > max(WIDE_GAP, 2.5 * usual + 0.5)


def _unmatched(near: _Near, found: FoundCharacters, matches: Sequence[int]) -> list[int]:
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


def _band(
    proposal: Proposal, near: _Near, found: FoundCharacters, matches: Sequence[int]
) -> tuple[float, float]:
    """Top and bottom of the row's characters, as offsets from its middle."""
    row = proposal.row
    spans = []
    for k in matches:
        if k >= 0:
            i = int(near.places[k])
            _, v = row.offset(*found.boxes[i].center)
            spans.append((v - found.boxes[i].h / 2, v + found.boxes[i].h / 2))
    if not spans:
        return -_TALL_SHARE / 2 * row.h, _TALL_SHARE / 2 * row.h
    return statistics.median(s[0] for s in spans), statistics.median(s[1] for s in spans)


def _draft_digit(
    gray: npt.NDArray[np.uint8],
    proposal: Proposal,
    reading: LineReading,
    found: FoundCharacters,
    near: _Near,
    place: Place,
    match: int,
    band: tuple[float, float],
) -> DraftDigit | None:
    """None where it lies outside of the picture."""
    row, steps = proposal.row, len(reading.log_probs)
    find = int(near.places[match]) if match >= 0 else -1
    if find >= 0:
        box = found.boxes[find]
    else:
        left, right = (offset_of_step(row, step, steps) for step in (place.left, place.right))
        tall = band[1] - band[0]
        middle = offset_of_step(row, (place.start + place.end) / 2, steps)
        half = min((right - left) / 2, 0.4 * tall)
        clipped = inside(row.part(middle - half, middle + half, *band).box, gray.shape)
        if clipped is None:
            return None
        box = clipped
    logs = reading.log_probs[place.peak].astype(np.float64)
    said = logs[_DIGIT_CLASSES]
    digit = int(place.character)
    rivals = np.delete(logs, [BLANK, 1 + CHARACTERS.index(place.character)])
    total = float(np.logaddexp.reduce(said))
    return DraftDigit(digit, box, said - total, place.log_prob, float(rivals.max()), find, place)


def inside(box: Box, shape: tuple[int, ...]) -> Box | None:
    """The part of a box inside a picture; None where hardly any of it is."""
    h, w = shape
    left, top = max(box.x, 0.0), max(box.y, 0.0)
    right, bottom = min(box.x + box.w, float(w)), min(box.y + box.h, float(h))
    if right - left < max(0.2 * box.w, 1.0) or bottom - top < max(0.4 * box.h, 1.0):
        return None
    return Box(left, top, right - left, bottom - top)


def compare(drafts: Sequence[Draft]) -> None:
    """Tell every draft how many other strips that show its place say the same, how many do not, whether it is only a
    part of a longer number or of much larger characters, and how many drafts are parts of it."""
    strips: dict[int, list[Draft]] = {}
    for draft in drafts:
        strips.setdefault(draft.strip, []).append(draft)
    for draft in drafts:
        text = draft.said
        for strip, others in strips.items():
            if strip == draft.strip:
                continue
            over = [o for o in others if o.box.shared(draft.box) > 0.3 * min(o.box.area, draft.box.area)]
            if any(o.said == text for o in over):
                draft.agree += 1
            elif any(text in o.said for o in over):
                draft.is_part = draft.is_part or any(text in o.said and o.continues(draft) for o in over)
            elif any(o.said in text for o in over):
                draft.parts += 1
            elif over:
                draft.disagree += 1
            draft.is_within = draft.is_within or any(
                o.tall > LARGER * draft.tall
                and len(o.digits) >= len(draft.digits)
                and min(d.peak for d in o.digits) > LEGIBLE_PEAK
                and o.box.contains(*draft.box.center)
                for o in others
            )
