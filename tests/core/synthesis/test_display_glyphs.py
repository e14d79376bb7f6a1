"""Displays' characters as glyphs."""

from __future__ import annotations

import random

import numpy as np
import pytest

from core.synthesis.display_glyphs import display_picker
from core.synthesis.glyphs import MASTER, Glyph

OTHER = Glyph(np.full((3, 4), 255, np.uint8), 0, -3, 5)


@pytest.mark.parametrize("seed", range(8))
def test_a_display_shows_all_digits_alike(seed: int) -> None:
    pick = display_picker(random.Random(seed), lambda c: OTHER)
    digits = [pick(c) for c in "0123456789"]
    assert all(g.ink.shape[0] == MASTER and g.ink.max() > 200 for g in digits)
    assert all(g.left >= 0 and g.left + g.ink.shape[1] <= g.advance + 0.5 * MASTER for g in digits)
    assert pick("8") is digits[8]


def test_a_one_of_segments_stands_at_the_right_of_its_place() -> None:
    seeds = [
        s
        for s in range(30)
        if len({display_picker(random.Random(s), lambda c: OTHER)(c).advance for c in "018"}) == 1
    ]
    assert len(seeds) > 10
    for seed in seeds:
        pick = display_picker(random.Random(seed), lambda c: OTHER)
        assert pick("1").left > pick("8").left
        assert pick("1").ink.shape[1] < pick("8").ink.shape[1]


def test_what_a_display_cannot_show_is_another_font_s() -> None:
    assert display_picker(random.Random(1), lambda c: OTHER)("&") is OTHER
