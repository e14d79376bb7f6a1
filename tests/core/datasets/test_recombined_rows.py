"""New rows out of real ones say what their text says."""

from __future__ import annotations

import random

import numpy as np
import pytest

from core.datasets.recombined_rows import MOST_DIGITS, DividedRow, divided, recombinations, recombined
from core.reading.types import Box
from core.synthesis.lines.frame import CONTENT, HEIGHT, SIDE, TOP
from core.synthesis.lines.rows import Row

WIDE, GAP = 16, 6


def row_of(text: str, ground: int = 200, step: int = -12, rise: int = 0) -> DividedRow:
    """A row whose digit d is a block of tone ground + (d + 3) step, so that its picture can be read back; a letter is
    a block of the ground. rise: by how much each block stands lower than the one before."""
    picture = np.full((HEIGHT, 2 * SIDE + len(text) * (WIDE + GAP) - GAP), ground, np.uint8)
    digits = []
    for i, character in enumerate(text):
        left, top = i * (WIDE + GAP), i * rise
        if character.isdigit():
            tone = ground + (int(character) + 3) * step
            picture[TOP + top + 4 : TOP + top + 20, SIDE + left : SIDE + left + WIDE] = tone
            digits.append((int(character), Box(left, top + 4, WIDE, 16)))
    box = Box(0, 0, len(text) * (WIDE + GAP) - GAP, CONTENT)
    made = divided(Row(picture, text, False), box, digits)
    assert made is not None
    return made


def read_back(row: Row, ground: int = 200, step: int = -12) -> str:
    """The digits of a row's blocks, left to right."""
    said, before = "", False
    for column in row.picture.astype(int).T:
        tones = column[np.abs(column - ground) > abs(step)]
        is_block = len(tones) > 8
        if is_block and not before:
            said += str(round((float(np.median(tones)) - ground) / step) - 3)
        before = is_block
    return said


@pytest.mark.parametrize("text", ["31415926", "70", "8"])
def test_the_text_is_what_the_picture_shows(text: str) -> None:
    own = row_of(text)
    made = [recombined(random.Random(seed), own) for seed in range(80)]
    assert [read_back(row) for row in made] == [row.text for row in made]
    lengths = {len(row.text) for row in made}
    assert max(lengths) > len(text)
    assert len(text) == 1 or min(lengths) < len(text)
    assert max(lengths) <= MOST_DIGITS
    assert len({row.text for row in made}) >= 3


def test_letters_stay_where_they_are() -> None:
    own = row_of("B12c34")
    for seed in range(20):
        row = recombined(random.Random(seed), own)
        assert (row.text[0], row.text[3], len(row.text)) == ("B", "c", 6)
        assert read_back(row) == row.text.replace("B", "").replace("c", "")


def test_digits_of_another_row_come_in_the_light_of_this_one() -> None:
    """A light digit on dark becomes a dark one on light."""
    own, other = row_of("2222"), row_of("2222", ground=30, step=20)
    for seed in range(20):
        row = recombined(random.Random(seed), own, other)
        assert set(read_back(row)) == {"2"}
        assert np.median(row.picture) == 200


def test_of_a_row_that_rises_each_digit_stands_where_its_place_is() -> None:
    own = row_of("1234", rise=2)
    for seed in range(20):
        row = recombined(random.Random(seed), own)
        tops = [
            int(np.flatnonzero(np.abs(row.picture[:, SIDE + i * (WIDE + GAP) + 2].astype(int) - 200) > 12)[0])
            for i in range(min(len(row.text), 4))
        ]
        assert tops == [TOP + 4 + 2 * i for i in range(len(tops))]


def test_boxes_that_are_not_the_text_s_digits_divide_nothing() -> None:
    row = Row(np.full((HEIGHT, 2 * SIDE + 60), 9, np.uint8), "12", False)
    box = Box(0, 0, 60, CONTENT)
    assert divided(row, box, [(1, Box(0, 0, 20, 30))]) is None
    assert divided(row, box, [(2, Box(0, 0, 20, 30)), (1, Box(30, 0, 20, 30))]) is None
    assert divided(row, box, [(1, Box(30, 0, 20, 30)), (2, Box(30, 0, 20, 30))]) is None
    assert divided(row, box, [(1, Box(0, 0, 20, 30)), (2, Box(30, 0, 20, 30))]) is not None


def test_the_same_seed_makes_the_same_rows() -> None:
    rows = [row_of("123"), row_of("4567")]
    first, again = (list(recombinations(rows, 4, seed=3)) for _ in range(2))
    assert len(first) == 8
    assert [row.text for row in first] == [row.text for row in again]
    assert all(np.array_equal(a.picture, b.picture) for a, b in zip(first, again, strict=True))
