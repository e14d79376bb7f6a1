"""What the line reader says of a row, weighed with what detector and classifier say of its digits → candidates.

A candidate is a number that may be reported: its digits with their boxes, how it is written, and what speaks for and
against it (`core/reading/rows/features.py`). How sure it is, `core/reading/reader_settings.py` says.
"""

from __future__ import annotations

import itertools
import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from core.reading.ctc import Place
from core.reading.line_format import BLANK, CHARACTERS, DIGITS, SPACE
from core.reading.line_reader import LineReading
from core.reading.rows.matching import FindsInRow, FoundCharacters, finds_in, unmatched
from core.reading.rows.proposals import Proposal
from core.reading.rows.strips import offset_of_step
from core.reading.rows.texts import GroupedNumber, RowText, texts_of
from core.reading.rows.written import WrittenNumber, numbers_in
from core.reading.types import Box

_DIGIT_CLASSES = slice(1 + CHARACTERS.index("0"), 1 + CHARACTERS.index("9") + 1)
_TALL_SHARE = 0.77
"""Of a strip's height that its characters take."""
CLEAR_PEAK, SURE_PEAK = math.log(0.6), math.log(0.9)
LEGIBLE_PEAK = math.log(0.3)
CERTAIN = math.log(0.82)
LARGER = 1.5
"""A number in whose box another stands is the better one where its digits are so many times as tall."""
WIDE_GAP, VERY_WIDE_GAP = 1.3, 2.2
"""Gaps, in heights, that part two numbers without a sign: where others are much smaller, and always."""
WORD_GAP = 0.38
"""Gaps, in heights, that part two numbers where the others are less than half as wide, and the line reader does not
rule a space out."""
LONG = 7
"""Numbers of so many digits are written in groups."""
PERHAPS_SPACE = math.log(0.02)
_SPACE = 1 + CHARACTERS.index(SPACE)
SAME_BOX = 0.7
"""Intersection over union from which numbers of the same digits are one."""
NOT_SAID = -8.0
"""What counts as the logarithm of the probability that a strip says a number, relative to what it says, where that is
none of its texts."""
ALIKE = 1.25
"""Numbers of a picture are of one kind where the digits of one are no more times as tall as those of the other."""
IN_ROW = 0.5
"""Share of a number's box that lies in a strip, for it to be looked at there."""


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
    """A number in a row before the classifier was asked. row, number: the row's text, and where in it the number is."""

    proposal: Proposal
    digits: list[DraftDigit]
    row: RowText
    number: WrittenNumber
    row_letters: int
    extra: int
    neighbour: int
    steps: int
    strip: int = 0
    support: float = 0.0
    agree: int = 0
    disagree: int = 0
    is_within: bool = False
    is_half: bool = False
    is_part: bool = False
    parts: int = 0
    row_weakest: float = 0.0
    company: int = 0
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

    @property
    def is_certain(self) -> bool:
        """Whether the line reader holds anything else in the row for unlikely."""
        return self.row.is_first and sum(d.peak for d in self.digits) > CERTAIN

    def written(self, digits: Sequence[int]) -> str:
        """The number as it is written, with these digits in place of those that the line reader said."""
        wanted = "".join(map(str, digits))
        if self.said == wanted:
            return self.number.written
        own = self.row.text[self.number.start : self.number.end]
        following = iter(wanted)
        changed = "".join(next(following) if c in DIGITS else c for c in own)
        return self.number.written.replace(own, changed, 1)


def drafts_of(
    gray: npt.NDArray[np.uint8],
    proposal: Proposal,
    reading: LineReading,
    found: FoundCharacters,
    grouped: Sequence[GroupedNumber] = (),
    strip: int = 0,
) -> list[Draft]:
    """The numbers of one row, in every text that it may hold. grouped: what detector and classifier read by
    themselves in the picture. strip: which one it is of the picture's."""
    near = finds_in(proposal, found)
    box = proposal.row.box
    # What was read in one of two rows is no rival of what both are together.
    rivals = () if proposal.is_stacked else grouped
    own = [g for g in rivals if g.box.shared(box) > IN_ROW * g.box.area]
    drafts: list[Draft] = []
    for text in texts_of(proposal, reading, found, near, own):
        new = _numbers(gray, proposal, reading, found, near, text)
        drafts += [draft for draft in new if not any(_is_same(draft, other) for other in drafts)]
    for draft in drafts:
        draft.strip = strip
    return drafts


def _is_same(one: Draft, other: Draft) -> bool:
    """Whether two texts of a row hold the same number."""
    return (
        one.said == other.said
        and one.number.written == other.number.written
        and one.box.iou(other.box) > SAME_BOX
    )


def _numbers(
    gray: npt.NDArray[np.uint8],
    proposal: Proposal,
    reading: LineReading,
    found: FoundCharacters,
    near: FindsInRow,
    row: RowText,
) -> list[Draft]:
    """The numbers of one text of a row."""
    steps = len(reading.log_probs)
    text, places, matches = row.text, row.places, row.matches
    letters = sum(c.isalpha() for c in text)
    top, bottom = _band(proposal, near, found, matches)
    others = unmatched(near, found, matches)
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
        left, right = places[at[0]].left, places[at[-1]].right
        spans = [offset_of_step(proposal.row, step, steps) for step in (left, right)]
        extra = sum(spans[0] < near.u[k] < spans[1] for k in others)
        beyond = 0.7 * (bottom - top)
        neighbour = sum(
            spans[0] - beyond < near.u[k] < spans[0] or spans[1] < near.u[k] < spans[1] + beyond
            for k in others
        )
        own = set(range(number.start, number.end))
        weakest = min(
            (p.log_prob for k, p in enumerate(places) if k not in own and p.character != " "), default=0.0
        )
        drafts += [
            Draft(
                proposal, part, row, piece, letters, int(extra), int(neighbour), steps,
                row_weakest=max(weakest, -4.0),
            )
            for part, piece in _parts(gray, found, whole, text, number, at, reading)
        ]  # fmt: skip
    return drafts


def _parts(
    gray: npt.NDArray[np.uint8],
    found: FoundCharacters,
    digits: list[DraftDigit],
    text: str,
    number: WrittenNumber,
    at: list[int],
    reading: LineReading,
) -> list[tuple[list[DraftDigit], WrittenNumber]]:
    """The number, or its parts where lines of a grid, columns or a gap between words stand between its digits."""
    cuts = []
    rules = [found.is_parted(gray, one.box, other.box) for one, other in itertools.pairwise(digits)]
    # A long number may stand over one seam of what it is painted on; cells of a grid have a line at every gap.
    seams = sum(rules) if len(digits) >= LONG else 0
    for k, (one, other) in enumerate(itertools.pairwise(digits)):
        may_be_space = _may_be_space(reading, one.place, other.place)
        if (
            is_gap(digits, k)
            or (rules[k] and (seams != 1 or may_be_space))
            or (is_word_gap(digits, k) and may_be_space)
        ):
            cuts.append(k + 1)
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
    usual = max(_lower_quartile(gaps), 0.0)
    return gaps[k] > VERY_WIDE_GAP or gaps[k] > max(WIDE_GAP, 2.5 * usual + 0.5)


def _lower_quartile(values: Sequence[float]) -> float:
    """As NumPy's, which takes a hundred times as long for so few."""
    ordered = sorted(values)
    at = (len(ordered) - 1) / 4
    low = int(at)
    return ordered[low] + (at - low) * (ordered[min(low + 1, len(ordered) - 1)] - ordered[low])


def is_word_gap(digits: list[DraftDigit], k: int) -> bool:
    """Whether the gap behind digit `k` is one between words, by its width: groups of digits of a long number have such
    gaps too, and stay one."""
    if not 2 < len(digits) < LONG or any(d.find < 0 for d in digits):
        return False
    tall = statistics.median(d.box.h for d in digits)
    gaps = [(b.box.x - a.box.x - a.box.w) / tall for a, b in itertools.pairwise(digits)]
    return gaps[k] > max(WORD_GAP, 2 * max(gaps[:k] + gaps[k + 1 :]) + 0.1)


def _may_be_space(reading: LineReading, before: Place, behind: Place) -> bool:
    """Whether the line reader holds a space between two characters for possible."""
    between = reading.log_probs[before.end : max(behind.start, before.end + 1), _SPACE]
    return float(between.max(initial=-np.inf)) > PERHAPS_SPACE


def _band(
    proposal: Proposal, near: FindsInRow, found: FoundCharacters, matches: Sequence[int]
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
    near: FindsInRow,
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
    """Tell every draft what the other strips that show its place say: how many the same, how many not, how likely the
    same is there; whether it is only a part of a longer number or of much larger characters, or of halves of
    characters (an 8 is a 0 on a 0), and how many drafts are parts of it. And how many certain numbers of its size
    stand elsewhere in the picture: a page of numbers and a grid of digits hold more of their kind."""
    if not drafts:
        return
    beside = _shared([draft.box for draft in drafts])
    for draft, near in zip(drafts, beside, strict=True):
        strips: dict[int, list[Draft]] = {}
        for k in near:
            if drafts[k].strip != draft.strip:
                strips.setdefault(drafts[k].strip, []).append(drafts[k])
        said = []
        for every in strips.values():
            over = [o for o in every if o.row.is_first]
            if not over:
                continue
            said.append(max((o.row.behind for o in every if o.said == draft.said), default=NOT_SAID))
            _hear(draft, over)
        draft.support = statistics.fmean(said) if said else 0.0
    _count_company(drafts, beside)


def _count_company(drafts: Sequence[Draft], beside: Sequence[Sequence[int]]) -> None:
    """Tell every draft how many certain ones of its size, each of them all found, have places of their own elsewhere.
    beside: of each draft those that share its place."""
    columns: dict[int, int] = {}  # of the certain ones, by their place among the drafts
    for k, draft in enumerate(drafts):
        is_whole = draft.is_certain and all(d.find >= 0 for d in draft.digits)
        if is_whole and columns.keys().isdisjoint(beside[k]):
            columns[k] = len(columns)
    logs = np.log(np.maximum([draft.tall for draft in drafts], 1e-6))
    alike = np.abs(logs[:, None] - logs[None, list(columns)]) < math.log(ALIKE)
    for k, draft in enumerate(drafts):
        own = [columns[other] for other in (k, *beside[k]) if other in columns]
        draft.company = int(alike[k].sum() - alike[k, own].sum())


def _shared(boxes: Sequence[Box]) -> list[list[int]]:
    """Of each box the others that share a good part of the smaller one of the two."""
    x, y, w, h = np.array([(b.x, b.y, b.w, b.h) for b in boxes]).T
    wide = np.minimum.outer(x + w, x + w) - np.maximum.outer(x, x)
    tall = np.minimum.outer(y + h, y + h) - np.maximum.outer(y, y)
    area = w * h
    over = np.maximum(wide, 0) * np.maximum(tall, 0) > 0.3 * np.minimum.outer(area, area)
    np.fill_diagonal(over, False)
    return [np.flatnonzero(row).tolist() for row in over]


def _hear(draft: Draft, over: Sequence[Draft]) -> None:
    """Weigh what another strip says at the draft's place."""
    text = draft.said
    if any(o.said == text for o in over):
        draft.agree += 1
    elif any(text in o.said for o in over):
        draft.is_part = draft.is_part or any(text in o.said and o.continues(draft) for o in over)
    elif any(o.said in text for o in over):
        draft.parts += 1
    else:
        draft.disagree += 1
    draft.is_within = draft.is_within or any(
        o.tall > LARGER * draft.tall
        and len(o.digits) >= len(draft.digits)
        and min(d.peak for d in o.digits) > LEGIBLE_PEAK
        and o.box.contains(*draft.box.center)
        for o in over
    )
    draft.is_half = draft.is_half or any(
        o.proposal.is_stacked
        and not draft.proposal.is_stacked
        and o.tall > LARGER * draft.tall
        and len(o.digits) >= len(draft.digits)
        and min(d.peak for d in o.digits) > CLEAR_PEAK
        for o in over
    )
