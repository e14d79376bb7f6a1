"""Pictures on their side or head: turned, and their readings turned back."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from core.reading.turning import as_unsure, is_clearly_better, is_doubtful, turn, turned_back
from core.reading.types import Box, Digit, Number, Reading


def reading(text: str, confidence: float, box: Box | None = None) -> Reading:
    digits = tuple(Digit(int(c), confidence, box or Box(0, 0, 10, 20)) for c in text)
    return Reading((Number(digits, confidence, box or Box(0, 0, 10, 20)),))


@pytest.mark.parametrize("quarters", [0, 1, 2, 3])
def test_boxes_are_turned_back_to_where_they_are(quarters: int) -> None:
    picture = np.zeros((60, 100), np.uint8)
    picture[10:18, 30:50] = 255
    ys, xs = np.nonzero(turn(picture, quarters))
    there = Box(int(xs.min()), int(ys.min()), int(np.ptp(xs)) + 1, int(np.ptp(ys)) + 1)
    back = turned_back(reading("12", 0.9, there), quarters, (60, 100))
    assert back.numbers[0].box == Box(30, 10, 20, 8)
    assert back.numbers[0].digits[0].box == Box(30, 10, 20, 8)


def test_a_turned_picture_is_believed_only_where_it_says_clearly_more() -> None:
    assert is_clearly_better(reading("9491", 0.95), Reading())
    assert is_clearly_better(reading("9491", 0.99), reading("1676", 0.7))
    assert not is_clearly_better(reading("9491", 0.9), reading("1646", 0.9))
    assert not is_clearly_better(reading("9", 0.99), Reading()), "one digit does not say where up is"
    assert not is_clearly_better(reading("12", 0.7), Reading())


def test_what_is_read_better_on_its_head_is_not_sure() -> None:
    upright, turned = reading("1676", 0.9), reading("9491", 0.95)
    assert not is_clearly_better(turned, upright)
    assert is_doubtful(upright, turned)
    assert not is_doubtful(turned, upright)
    assert not is_doubtful(reading("16", 0.9), reading("91", 0.9)), "it reads as well on its head"
    told = as_unsure(replace(upright, maybe=turned.numbers))
    assert told.numbers == ()
    assert [n.text for n in told.maybe] == ["1676", "9491"]
