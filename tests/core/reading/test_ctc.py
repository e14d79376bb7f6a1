"""Texts, probabilities and places, against all paths counted one by one."""

from __future__ import annotations

import itertools
from collections import defaultdict

import numpy as np
import numpy.typing as npt
import pytest

from core.reading import ctc
from core.reading.line_format import BLANK, CLASSES, decode, encode

KNOWN = 4  # classes that have any probability: blank, 0, 1, 2


def answer(steps: int, seed: int = 0) -> npt.NDArray[np.float64]:
    scores = np.random.default_rng(seed).normal(size=(steps, CLASSES)) * 2
    scores[:, KNOWN:] = -50
    return np.asarray(scores - np.log(np.exp(scores).sum(1, keepdims=True)))


def counted(log_probs: npt.NDArray[np.float64]) -> dict[str, float]:
    """Probability of every text, path by path."""
    found: dict[str, float] = defaultdict(float)
    for path in itertools.product(range(KNOWN), repeat=len(log_probs)):
        kept = [k for i, k in enumerate(path) if k != BLANK and (i == 0 or k != path[i - 1])]
        found[decode(kept)] += float(np.exp(sum(log_probs[t, k] for t, k in enumerate(path))))
    return found


def spikes(text: str, steps: int, every: int) -> npt.NDArray[np.float64]:
    """An answer that says `text`, a character at every so many steps."""
    probabilities = np.full((steps, CLASSES), 1e-6)
    probabilities[:, BLANK] = 1
    for i, k in enumerate(encode(text)):
        probabilities[2 + i * every, [k, BLANK]] = 0.97, 0.03
    return np.asarray(np.log(probabilities / probabilities.sum(1, keepdims=True)))


@pytest.mark.parametrize("seed", range(3))
def test_probability_of_a_text_sums_over_all_its_paths(seed: int) -> None:
    log_probs = answer(5, seed)
    texts = counted(log_probs)
    for text, probability in sorted(texts.items(), key=lambda item: -item[1])[:12]:
        assert np.exp(ctc.text_log_prob(log_probs, text)) == pytest.approx(probability)
    assert np.exp(ctc.text_log_prob(log_probs, "")) == pytest.approx(texts[""])


@pytest.mark.parametrize("seed", range(3))
def test_a_wide_beam_finds_the_likeliest_texts_with_their_probabilities(seed: int) -> None:
    log_probs = answer(5, seed)
    best = sorted(counted(log_probs).items(), key=lambda item: -item[1])[:3]
    found = ctc.beam(log_probs, width=60)[:3]
    assert [t.text for t in found] == [text for text, _ in best]
    assert [t.probability for t in found] == pytest.approx([p for _, p in best])


def test_repeats_need_a_blank_between() -> None:
    log_probs = spikes("1100", 20, 4)
    assert ctc.greedy(log_probs) == "1100" == ctc.beam(log_probs)[0].text
    assert ctc.text_log_prob(answer(3), "000") <= ctc.NEVER / 2  # takes five steps


def test_every_character_gets_its_place() -> None:
    places = ctc.align(spikes("12B-7", 24, 4), "12B-7")
    assert [p.character for p in places] == list("12B-7")
    assert [p.peak for p in places] == [2, 6, 10, 14, 18]
    assert all(p.start <= p.peak < p.end for p in places)
    assert [p.left for p in places][1:] == [p.right for p in places][:-1]
    assert places[0].left >= 0
    assert places[-1].right <= 24
    assert all(p.log_prob == pytest.approx(np.log(0.97), abs=0.01) for p in places)


def test_a_text_that_does_not_fit_has_no_places() -> None:
    assert ctc.align(answer(3), "0000") == []
    assert ctc.align(answer(3), "") == []


def test_nothing_to_read() -> None:
    log_probs = spikes("", 12, 4)
    assert ctc.greedy(log_probs) == ""
    assert ctc.beam(log_probs)[0].text == ""
