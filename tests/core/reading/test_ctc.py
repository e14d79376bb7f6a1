"""What the steps of a line reader mean: texts, their probabilities, where the characters stand."""

from __future__ import annotations

import itertools
import math

import numpy as np
import numpy.typing as npt
import pytest

from core.reading.ctc import NEVER, align, beam, greedy, text_log_prob
from core.reading.line_format import (
    CHARACTERS,
    CLASSES,
    HEIGHT,
    MAX_WIDTH,
    STRIDE,
    cut_strip,
    decode,
    digits_of,
    encode,
    network_input,
    spelled,
    strip_box,
    strip_width,
)
from core.reading.types import Box


def steps(path: str, sure: float = 0.9) -> npt.NDArray[np.float32]:
    """Steps that say one character each, `_` for blank."""
    table = np.full((len(path), CLASSES), (1 - sure) / (CLASSES - 1), np.float32)
    for t, c in enumerate(path):
        table[t, 0 if c == "_" else 1 + CHARACTERS.index(c)] = sure
    return np.log(table)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("", ""),
        ("___", ""),
        ("1", "1"),
        ("11", "1"),
        ("1_1", "11"),
        ("_12_B_", "12B"),
        ("2_17_.66_1", "217.61"),
    ],
)
def test_greedy_and_beam_agree_on_clear_steps(path: str, text: str) -> None:
    assert greedy(steps(path)) == text
    assert beam(steps(path))[0].text == text


def test_a_texts_probability_is_the_sum_over_alignments() -> None:
    rng = np.random.default_rng(3)
    logits = rng.normal(size=(4, CLASSES))
    logs = logits - np.log(np.exp(logits).sum(1, keepdims=True))
    one, two = 1 + CHARACTERS.index("1"), 1 + CHARACTERS.index("2")
    total = 0.0
    for path in itertools.product((0, one, two), repeat=4):
        kept = [c for c, group in itertools.groupby(path) for _ in [next(group)] if c]
        if decode(kept) == "12":
            total += math.exp(sum(logs[t, c] for t, c in enumerate(path)))
    assert text_log_prob(logs, "12") == pytest.approx(math.log(total), abs=1e-6)
    assert text_log_prob(logs[:2], "111") <= NEVER / 2


def test_beam_is_best_first_and_sums_to_less_than_one() -> None:
    unsure = np.logaddexp(steps("_1_2_", 0.6), steps("_1_7_", 0.6)) - math.log(2)
    found = beam(unsure)
    assert {found[0].text, found[1].text} == {"12", "17"}
    assert sum(t.probability for t in found) <= 1 + 1e-6
    for text in found[:3]:
        assert text.log_prob <= text_log_prob(unsure, text.text) + 1e-6


def test_alignment_gives_each_character_its_place() -> None:
    places = align(steps("__11__2__"), "12")
    assert [(p.character, p.start, p.end) for p in places] == [("1", 2, 4), ("2", 6, 7)]
    assert places[0].right == places[1].left == pytest.approx((3 + 6.5) / 2)
    assert align(steps("_"), "12") == []
    assert align(steps("__"), "") == []


def test_texts_are_spelled_in_the_networks_characters() -> None:
    assert spelled("Nº 7–9 é") == "N° 7-9 e"
    assert decode(encode("12B")) == "12B"
    assert digits_of("No. 10") == "10"


def test_a_strip_keeps_its_aspect_up_to_a_bound() -> None:
    assert strip_width(100, 40) == 100
    assert strip_width(101, 40) % STRIDE == 0
    assert strip_width(5000, 40) == MAX_WIDTH
    gray = np.zeros((60, 200), np.uint8)
    gray[20:40, 50:150] = 255
    box = strip_box(Box(50, 20, 100, 20))
    strip = cut_strip(gray, box)
    assert strip.shape == (HEIGHT, strip_width(box.w, box.h))
    ys, xs = np.nonzero(strip > 127)
    scale = HEIGHT / box.h
    assert (xs.min(), ys.min()) == pytest.approx(((50 - box.x) * scale, (20 - box.y) * scale), abs=1.5)
    assert network_input(strip).shape == (1, 1, *strip.shape)
    assert network_input(strip).max() <= 1
