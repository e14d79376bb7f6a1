"""What a line reader's answer means: texts, their probabilities, and where each character stands.

Connectionist temporal classification (Graves et al., 2006): a text's probability is the sum over all ways to lay it
along the steps, with blanks between. Log-probabilities are (T, K), natural logarithms; class 0 is the blank.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.reading.line_format import BLANK, decode, encode

Floats = npt.NDArray[np.floating]
Beams = dict[tuple[int, ...], tuple[float, float]]
NEVER = -1e9
"""Logarithm of a probability of nothing; finite, so that differences stay numbers."""
PRUNED = -9.0
"""Classes less likely than this at a step (1 in 8,000) open no new beam."""
SURELY_BLANK = -1e-3
"""A step whose blank is likelier than this leaves the texts as they are."""


@dataclass(frozen=True)
class Text:
    """One way to read a strip. log_prob: natural logarithm of its probability, summed over alignments."""

    text: str
    log_prob: float

    @property
    def probability(self) -> float:
        return float(np.exp(min(self.log_prob, 0.0)))


@dataclass(frozen=True)
class Place:
    """Where one character of a text stands. start, end: steps, `end` excluded; peak: its likeliest step.

    log_prob: of the character at its peak. left, right: the borders to its neighbours, in steps with halves.
    """

    character: str
    start: int
    end: int
    peak: int
    log_prob: float
    left: float
    right: float


def greedy(log_probs: Floats) -> str:
    """The likeliest class of each step, repeats and blanks taken out: nearly always the likeliest text."""
    best = log_probs.argmax(1)
    kept = best[np.r_[True, best[1:] != best[:-1]]] if len(best) else best
    return decode(kept[kept != BLANK])


def greedy_places(log_probs: Floats) -> tuple[str, list[Place]]:
    """The greedy text, and where its characters stand: much quicker than `align`, the same where steps are clear."""
    best = log_probs.argmax(1)
    if not len(best):
        return "", []
    starts = np.flatnonzero(np.r_[True, best[1:] != best[:-1]])
    ends = np.r_[starts[1:], len(best)]
    spans = []
    kept = []
    for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
        label = int(best[start])
        if label != BLANK:
            peak = start + int(log_probs[start:end, label].argmax())
            spans.append((start, end, peak, float(log_probs[peak, label])))
            kept.append(label)
    text = decode(kept)
    return text, _with_borders(text, spans, len(best)) if spans else []


def beam(log_probs: Floats, width: int = 8, pruned: float = PRUNED) -> list[Text]:
    """The likeliest texts, best first, by a prefix beam search (Hannun et al., 2014).

    pruned: classes whose logarithm is smaller at a step open no new beam there.
    """
    beams: Beams = {(): (0.0, NEVER)}  # ends in a blank, in a character
    likely = log_probs > pruned
    likely[:, BLANK] = False
    is_blank = log_probs[:, BLANK] > SURELY_BLANK
    for t, step in enumerate(log_probs.tolist()):
        blank_step = step[BLANK]
        if is_blank[t]:
            beams = {
                prefix: (_add(blank, character) + blank_step, NEVER)
                for prefix, (blank, character) in beams.items()
            }
            continue
        classes = np.flatnonzero(likely[t]).tolist()
        grown: Beams = {}
        for prefix, (blank, character) in beams.items():
            total = _add(blank, character)
            last = prefix[-1] if prefix else -1
            again = character + step[last] if prefix else NEVER
            _put(grown, prefix, total + blank_step, again)
            for k in classes:
                _put(grown, (*prefix, k), NEVER, (blank if k == last else total) + step[k])
        ranked = sorted(grown.items(), key=lambda item: -_add(*item[1]))
        beams = dict(ranked[:width])
    ranked = sorted(beams.items(), key=lambda item: -_add(*item[1]))
    return [Text(decode(prefix), _add(*ends)) for prefix, ends in ranked]


def _put(beams: Beams, prefix: tuple[int, ...], blank: float, character: float) -> None:
    """Add the logarithms of a prefix's probabilities to those it has."""
    old = beams.get(prefix)
    beams[prefix] = (blank, character) if old is None else (_add(old[0], blank), _add(old[1], character))


def _add(one: float, other: float) -> float:
    """Logarithm of the sum of two probabilities given by their logarithms."""
    high, low = (one, other) if one > other else (other, one)
    return high + math.log1p(math.exp(low - high)) if low > NEVER else high


def text_log_prob(log_probs: Floats, text: str) -> float:
    """Logarithm of the probability that the strip says exactly `text` (may be empty); NEVER where it doesn't fit."""
    states = _states(encode(text))
    jumps = np.flatnonzero(_jumps(states))
    emitted = log_probs[:, states].astype(np.float64)
    if not len(log_probs):
        return 0.0 if not text else NEVER
    alpha = np.full(len(states), NEVER)
    alpha[:2] = emitted[0, :2]
    for step in emitted[1:]:
        grown = alpha.copy()
        grown[1:] = np.logaddexp(alpha[1:], alpha[:-1])
        grown[jumps] = np.logaddexp(grown[jumps], alpha[jumps - 2])
        alpha = grown + step
    return max(float(np.logaddexp.reduce(alpha[-2:])), NEVER)


def align(log_probs: Floats, text: str) -> list[Place]:
    """Where each character of `text` stands, on its likeliest alignment (Viterbi). Empty where it doesn't fit."""
    labels = encode(text)
    if not len(labels) or not len(log_probs):
        return []
    states = _states(labels)
    jumps = np.flatnonzero(_jumps(states))
    emitted = log_probs[:, states].astype(np.float64)
    steps, count = emitted.shape
    score = np.full(count, NEVER)
    score[:2] = emitted[0, :2]
    came = np.zeros((steps, count), np.int64)
    for t in range(1, steps):
        best = score.copy()
        is_next = score[:-1] > score[1:]
        best[1:][is_next] = score[:-1][is_next]
        came[t, 1:] = is_next
        is_jump = score[jumps - 2] > best[jumps]
        over = jumps[is_jump]
        best[over] = score[over - 2]
        came[t, over] = 2
        score = best + emitted[t]
    state = count - 1 - int(score[-1] < score[-2])
    if score[state] <= NEVER / 2:
        return []
    path = np.zeros(steps, np.int64)
    for t in range(steps - 1, -1, -1):
        path[t] = state
        state -= int(came[t, state])
    spans = []
    for i, label in enumerate(labels):
        at = np.flatnonzero(path == 2 * i + 1)
        peak = int(at[log_probs[at, label].argmax()])
        spans.append((int(at[0]), int(at[-1]) + 1, peak, float(log_probs[peak, label])))
    return _with_borders(text, spans, steps)


def _with_borders(text: str, spans: list[tuple[int, int, int, float]], steps: int) -> list[Place]:
    """Borders half-way between neighbouring peaks; the outer ones as far out as the inner ones."""
    centres = [(start + end) / 2 for start, end, _, _ in spans]
    middles = [(a + b) / 2 for a, b in itertools.pairwise(centres)]
    first = (centres[1] - centres[0]) / 2 if len(centres) > 1 else 2.5
    last = (centres[-1] - centres[-2]) / 2 if len(centres) > 1 else 2.5
    lefts = [max(0.0, centres[0] - first), *middles]
    rights = [*middles, min(float(steps), centres[-1] + last)]
    return [
        Place(character, start, end, peak, log_prob, left, right)
        for character, (start, end, peak, log_prob), left, right in zip(
            text, spans, lefts, rights, strict=True
        )
    ]


def _states(labels: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """The labels with a blank before, between and behind them."""
    states = np.full(2 * len(labels) + 1, BLANK, np.int64)
    states[1::2] = labels
    return states


def _jumps(states: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """At which states the blank before may be skipped: characters that differ from the one before."""
    jumps = np.zeros(len(states), bool)
    jumps[2:] = (states[2:] != BLANK) & (states[2:] != states[:-2])
    return jumps
