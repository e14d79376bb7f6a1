"""What speaks for and against a number that was read in a row: figures for a logistic regression."""

from __future__ import annotations

import itertools
import math
import statistics
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from core.reading.rows.check_digits import passes

if TYPE_CHECKING:
    from core.reading.rows.candidates import Draft

_EVIDENCE = (
    "line", "weakest", "margin", "second_text", "doubt", "unfound", "detector", "none", "changed", "extra",
    "neighbour", "area", "letters", "joined_letters", "edge", "strip_end", "gap", "uneven", "small", "whole",
    "length", "agree", "disagree", "part", "parts", "within", "row_weakest", "long_doubt", "ones", "ones_and_noughts",
    "grouped", "grouped_other", "behind", "behind_found", "rival", "line_digits", "detector_digits",
    "classifier_digits", "worst_digit", "support", "company", "check_digit",
)  # fmt: skip
FEATURES = (*_EVIDENCE, "single", *(f"single_{name}" for name in _EVIDENCE))
"""What speaks for a number of several digits, and for one of a single digit: by themselves, as there the same
evidence weighs otherwise."""
_EARLIER = _EVIDENCE[: _EVIDENCE.index("behind")]
EARLIER_FEATURES = (*_EARLIER, "single", *(f"single_{name}" for name in _EARLIER))
"""Those of files that list their weights without names."""
EITHER = ("single", "length", "parts", "whole")
"""What may speak for or against a number; more of everything else speaks for it."""
MOST_COMPANY = 15
"""More numbers of the same size say no more."""
_LEAST = 1e-4


def features_of(
    draft: Draft,
    text: Sequence[int],
    probabilities: Sequence[float],
    none: Sequence[float],
    changed: int,
    each: npt.NDArray[np.float64],
    scores: npt.NDArray[np.float32],
    shape: tuple[int, ...],
    grouped: tuple[float, float],
) -> tuple[float, ...]:
    """In the order of FEATURES.

    text: the number's digits. probabilities: of each digit, all networks together; none: that each is none, by the
    classifier; changed: digits that are not what the row's text says. each: (digits, 3), what line reader, detector
    and classifier by themselves say of each digit, logarithms; 0 where they say nothing. scores: the detector's.
    shape: the picture's.
    grouped: how sure detector and classifier by themselves are of the same digits there, and of others; logarithms of
    the odds, 0 where they see none or doubt it.
    """
    digits, count = draft.digits, len(draft.digits)
    tall = draft.tall
    room = math.log(max(math.prod(shape) / tall**2, 1.0))
    own = [float(scores[d.find]) if d.find >= 0 else 0.0 for d in digits]
    peaks = [max(d.peak, -6.0) for d in digits]
    margins = [min(max(d.peak - d.rival, -2.0), 6.0) for d in digits]
    row, number = draft.row.text, draft.number
    before, behind = row[number.start - 1 : number.start], row[number.end : number.end + 1]
    w = shape[1]
    near_edge = 0.12 * tall
    first, last = digits[0], digits[-1]
    edge = (first.box.x < near_edge) + (last.box.x + last.box.w > w - near_edge)
    strip_end = (first.place.start == 0) + (last.place.end >= draft.steps)
    gaps = [(b.box.center[0] - a.box.center[0]) / tall for a, b in itertools.pairwise(digits)]
    usual = statistics.median(gaps) if gaps else 0.0
    heights = [d.box.h for d in digits]
    doubt = sum(math.log(max(p, _LEAST)) for p in probabilities)
    evidence = (
        sum(peaks),
        min(peaks),
        min(margins),
        draft.row.second,
        doubt,
        -sum(d.find < 0 for d in digits) / count,
        math.log(max(min(own), 0.1)),
        -max(none),
        -float(changed),
        -float(min(draft.extra, 2)),
        -float(min(draft.neighbour, 2)),
        -room,
        -float(min(draft.row_letters, 4)),
        -float(before.isalpha() + behind.isalpha()),
        -float(edge),
        -float(strip_end),
        -max(max(gaps, default=0.0) - max(2 * usual, 1.0), 0.0),
        -(math.log(max(heights) / min(heights))),
        min(math.log(tall / 20), 0.0),
        -float(draft.proposal.is_whole),
        -float(max(count - 4, 0)),
        float(min(draft.agree, 3)),
        -float(min(draft.disagree, 3)),
        -float(draft.is_part),
        float(min(draft.parts, 3)),
        -float(draft.is_within),
        draft.row_weakest,
        doubt if count > 4 else 0.0,
        # Posts, handles and slots look like rows of ones, and words like IO and oo like ones and noughts. That others
        # stand beside them says nothing: so do the posts of a fence.
        -float(set(draft.said) == {"1"}),
        -float(set(draft.said) <= set("01")),
        grouped[0],
        -grouped[1],
        draft.row.behind,
        draft.row.behind_found,
        -float(not draft.row.is_first),
        *each.sum(0).tolist(),
        float(each.min()),
        draft.support,
        # Of a single digit it would only say whether it stands in a grid.
        math.log2(1 + min(draft.company, MOST_COMPANY)) if count > 1 else 0.0,
        float(passes(text)),
    )
    nothing = (0.0,) * len(evidence)
    return (*nothing, 1.0, *evidence) if count == 1 else (*evidence, 0.0, *nothing)
