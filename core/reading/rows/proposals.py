"""Where in a picture there may be a row of characters with digits in it, and how it is cut out.

The detector's finds are taken loosely here: half of a number's digits are enough to find its row, the line reader
mends the rest.
"""

from __future__ import annotations

import itertools
import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from core.reading.detector_decoding import Detections
from core.reading.line_format import HEIGHT, MAX_WIDTH
from core.reading.number_grouping import CharacterBox, chains
from core.reading.rows.strips import STAIRS, Row, row_through
from core.reading.types import Box

MEMBER_SCORE = 0.14
"""Score from which a find may be part of a row."""
DIGIT_SCORE = 0.22
"""Score that one digit of a row has at least."""
PAIR_SCORE = 0.16
"""... or two of its digits."""
LIKE_A_ONE = math.log(0.6)
"""How surely a letter would be a one if it were a digit, for a row of such ones to be read all the same."""
LONGEST_ROW = 0.95 * MAX_WIDTH / HEIGHT
"""Longer rows, in heights, are cut at their widest gaps."""
MORE_ENDS = 1.0
"""By how many heights a row is lengthened, so that a digit at its end that was not found is read."""
SAME_HEIGHT, SAME_LEVEL, OVERLAP, SEAM = 1.35, 0.25, 1.2, 0.8
"""Two pieces are of one row where one is no more times as high as the other, stands no more heights higher or lower,
and begins no more heights before the end of the other, or behind it."""
TOUCHING = 0.15
"""Rows one below the other are further apart than this share of their height."""
TO_THE_EDGE = 2.0
"""... up to the picture's edge where that is no more heights away."""
CROP_PIXELS = 60_000
"""A picture of so few pixels may be the crop of one row."""
CROP_ASPECT = 2.2
"""So may one that is so many times as wide as high."""
SIGN_PIXELS, SIGN_ASPECT = 20_000, 1.8
"""A picture that is smaller and not so much wider than high may be the crop of a sign with a number in its middle."""
BANDS = (0.5, 0.72)
"""Shares of such a picture's height that its number may fill."""
CROP_HEIGHT = 700
"""Higher ones are no crops of a row."""


@dataclass(frozen=True)
class Proposal:
    """A row that may hold a number. members: its finds among the detections, left to right; none where the whole
    picture is taken for a row. is_longer: lengthened at its ends; is_whole: all of the picture; is_stacked: two rows
    that touch."""

    row: Row
    members: tuple[int, ...] = ()
    is_longer: bool = False
    is_whole: bool = False
    is_stacked: bool = False


def propose(detections: Detections, boxes: Sequence[Box], shape: tuple[int, ...]) -> list[Proposal]:
    """Every row as its finds say, with the margins that the line reader is used to."""
    members = np.flatnonzero(detections.scores >= MEMBER_SCORE).tolist()
    marks = [CharacterBox(boxes[i], bool(detections.letters[i])) for i in members]
    found: list[Proposal] = []
    for chain in chains(marks):
        for part in _pieces([members[k] for k in chain], boxes):
            scores = sorted(
                (float(detections.scores[i]) for i in part if not detections.letters[i]), reverse=True
            )
            is_weak = not scores or (scores[0] < DIGIT_SCORE and (len(scores) < 2 or scores[1] < PAIR_SCORE))
            if is_weak and not _are_bars(detections, part):
                continue
            row = row_through([boxes[i] for i in part])
            found.append(Proposal(row.with_margins(), tuple(part)))
            if abs(row.angle) > STAIRS and len(part) > 1:
                found.append(Proposal(_upright(row, [boxes[i] for i in part]).with_margins(), tuple(part)))
    found += _joined(found, boxes)
    found += _stacked(found)
    if _is_crop(shape):
        h, w = shape
        found.append(Proposal(Row.of_box(Box(0, 0, w, h)), is_whole=True))
        if h * w <= SIGN_PIXELS and w < SIGN_ASPECT * h:
            found += [
                Proposal(Row.of_box(Box(0, (1 - share) / 2 * h, w, share * h)), is_whole=True)
                for share in BANDS
            ]
    return found


def _joined(found: Sequence[Proposal], boxes: Sequence[Box]) -> list[Proposal]:
    """Pieces of one row, side by side or one over the end of the other, as one: finds that lie across two digits part
    a row that is none the less one."""
    pieces = [(p, p.row.without_margins()) for p in found if not p.row.is_upright]
    pieces.sort(key=lambda piece: piece[1].box.x)
    joined: list[Proposal] = []
    for i, (first, row) in enumerate(pieces):
        members = set(first.members)
        for second, other in pieces[i + 1 :]:
            if _goes_on(row, other) and not members >= set(second.members):
                members |= set(second.members)
                row = row_through([boxes[k] for k in sorted(members, key=lambda k: boxes[k].x)])
        if len(members) > len(first.members) and row.w <= LONGEST_ROW * row.h:
            order = tuple(sorted(members, key=lambda k: boxes[k].x))
            if all(set(order) != set(other.members) for other in joined):
                joined.append(Proposal(row.with_margins(), order))
    return joined


def _goes_on(row: Row, other: Row) -> bool:
    """Whether a row of about the same height begins where another ends, a little before that or behind."""
    tall = min(row.h, other.h)
    u, v = row.offset(other.x, other.y)
    gap = u - other.w / 2 - row.w / 2
    return (
        max(row.h, other.h) < SAME_HEIGHT * tall
        and abs(v) < SAME_LEVEL * tall
        and -OVERLAP * tall < gap < SEAM * tall
        and u + other.w / 2 > row.w / 2
    )


def _are_bars(detections: Detections, part: Sequence[int]) -> bool:
    """Whether all of a row may be ones: the detector takes bare bars, as displays have them, for letters."""
    logs = detections.log_probs[list(part)]
    return len(part) > 1 and bool((logs.argmax(1) == 1).all()) and float(logs[:, 1].min()) > LIKE_A_ONE


def lengthened(proposal: Proposal, shape: tuple[int, ...]) -> Proposal:
    """The same row with more at its ends, where the detector may have missed a digit."""
    row = _lengthened(proposal.row.without_margins(), shape)
    return replace(proposal, row=row, is_longer=True)


def _stacked(found: Sequence[Proposal]) -> list[Proposal]:
    """Rows that touch, one on top of the other, as one: the halves of large characters, of an 8 say, look like small
    ones."""
    rows = [(p, p.row.without_margins().box) for p in found if p.row.angle == 0]
    joined = []
    for upper, above in rows:
        for lower, below in rows:
            gap = below.y - above.y - above.h
            wide = min(above.x + above.w, below.x + below.w) - max(above.x, below.x)
            tall = min(above.h, below.h)
            if (
                -0.3 * tall < gap < TOUCHING * tall
                and above.y < below.y
                and wide > 0.8 * max(above.w, below.w)
            ):
                row = Row.of_box(above.union(below)).with_margins()
                joined.append(Proposal(row, upper.members + lower.members, is_stacked=True))
    return joined


def _is_crop(shape: tuple[int, ...]) -> bool:
    h, w = shape
    if h > CROP_HEIGHT or w > LONGEST_ROW * h * 1.5:
        return False
    return h * w <= CROP_PIXELS or w >= CROP_ASPECT * h


def _pieces(chain: Sequence[int], boxes: Sequence[Box]) -> list[list[int]]:
    """A chain cut at its widest gaps, until each piece fits a strip."""
    first, last = boxes[chain[0]], boxes[chain[-1]]
    tall = statistics.median(boxes[i].h for i in chain)
    if len(chain) < 3 or last.x + last.w - first.x <= LONGEST_ROW * tall:
        return [list(chain)]
    gaps = [boxes[b].x - boxes[a].x - boxes[a].w for a, b in itertools.pairwise(chain)]
    # Of equal gaps the one in the middle.
    at = max(range(len(gaps)), key=lambda k: gaps[k] / tall - 0.3 * abs(k - len(gaps) / 2) / len(gaps)) + 1
    if gaps[at - 1] < 0.3 * tall:
        return [list(chain)]
    return _pieces(chain[:at], boxes) + _pieces(chain[at:], boxes)


def _lengthened(row: Row, shape: tuple[int, ...]) -> Row:
    """The row with margins, and more at its ends: what the picture holds there."""
    w = shape[1]
    longer = row.with_margins()
    (ax, _), tall = row.along, max(row.h, 1.0)
    ends = []
    for side in (-1, 1):
        x, _ = row.point(side * row.w / 2, 0)
        room = (x if side < 0 else w - x) / max(ax, 0.5)
        more = room if room <= TO_THE_EDGE * tall else MORE_ENDS * tall
        ends.append(max(more, longer.w / 2 - row.w / 2))
    return longer.part(-row.w / 2 - ends[0], row.w / 2 + ends[1], -longer.h / 2, longer.h / 2)


def _upright(row: Row, boxes: Sequence[Box]) -> Row:
    """The same row as stairs: its characters upright, each higher or lower than the one before."""
    stairs = replace(row, is_upright=True)
    spans = [(*stairs.offset(*box.center), box.w, box.h) for box in boxes]
    return stairs.part(
        min(u - w / 2 for u, _, w, _ in spans), max(u + w / 2 for u, _, w, _ in spans),
        min(v - h / 2 for _, v, _, h in spans), max(v + h / 2 for _, v, _, h in spans),
    )  # fmt: skip
