"""Digits → numbers: rows, stairs, columns, several numbers, words."""

from __future__ import annotations

import math
import random

from core.reading.number_grouping import CharacterBox, chains, group
from core.reading.types import Box


def marks(*boxes: tuple[float, float, float, float], letters: str = "") -> list[CharacterBox]:
    """letters: one character a mark, `x` where it is a letter."""
    kinds = letters.ljust(len(boxes))
    return [CharacterBox(Box(*b), kind == "x") for b, kind in zip(boxes, kinds, strict=True)]


def texts(found: list[CharacterBox]) -> list[tuple[int, ...]]:
    return sorted(g.places for g in group(found))


def row(
    count: int,
    *,
    x: float = 0,
    y: float = 0,
    w: float = 10,
    h: float = 20,
    pitch: float = 14,
    rise: float = 0,
) -> list[tuple[float, float, float, float]]:
    return [(x + pitch * i, y - rise * i, w, h) for i in range(count)]


def test_nothing() -> None:
    assert group([]) == []


def test_one_digit_is_a_number() -> None:
    assert texts(marks((5, 5, 10, 20))) == [(0,)]


def test_a_row_is_read_from_left_to_right_whatever_the_order() -> None:
    boxes = row(4)
    assert texts(marks(boxes[2], boxes[0], boxes[3], boxes[1])) == [(1, 3, 0, 2)]


def test_a_slanted_row() -> None:
    assert texts(marks(*row(4, rise=7))) == [(0, 1, 2, 3)]


def test_stairs_going_down() -> None:
    assert texts(marks(*row(3, rise=-11))) == [(0, 1, 2)]


def test_touching_and_overlapping_digits() -> None:
    assert texts(marks(*row(3, pitch=8.5))) == [(0, 1, 2)]


def test_digits_of_old_style_and_unequal_size() -> None:
    assert texts(marks((0, 0, 10, 24), (13, 8, 10, 16), (26, 8, 11, 24))) == [(0, 1, 2)]


def test_wide_spacing_is_one_number_when_it_is_even() -> None:
    assert texts(marks(*row(4, pitch=27))) == [(0, 1, 2, 3)]


def test_a_gap_parts_two_numbers() -> None:
    assert texts(marks(*row(2), *row(2, x=46))) == [(0, 1), (2, 3)]


def test_a_dash_parts_two_numbers() -> None:
    both = [(0, 0, 10, 20), (20, 0, 10, 20)]
    assert texts(marks(*both, (12, 8, 6, 3), letters="  x")) == [(0,), (1,)]
    assert texts(marks(*both, (12, 18, 4, 3), letters="  x")) == [(0, 1)]  # a full stop
    assert texts(marks(*both, (13, 8, 3, 6), letters="  x")) == [(0, 1)]  # no dash: higher than long
    assert texts(marks(*both, (8, 8, 14, 3))) == [(0, 1), (2,)]  # no letter, for what it is worth


def test_two_rows_are_two_numbers() -> None:
    assert texts(marks(*row(3), *row(3, y=30))) == [(0, 1, 2), (3, 4, 5)]


def test_a_column_is_one_number() -> None:
    found = group(marks((0, 0, 10, 20), (1, 26, 8, 20), (0, 52, 11, 20), (0, 78, 10, 20)))
    assert [g.places for g in found] == [(0, 1, 2, 3)]
    assert found[0].is_vertical


def test_far_apart_digits_are_numbers_of_their_own() -> None:
    assert texts(marks((0, 0, 10, 20), (200, 0, 10, 20), (0, 300, 10, 20))) == [(0,), (1,), (2,)]


def test_a_large_and_a_small_digit_do_not_belong_together() -> None:
    assert texts(marks((0, 0, 30, 60), (33, 20, 8, 16))) == [(0,), (1,)]


def test_digits_beside_a_letter_count() -> None:
    boxes = row(4)
    found = group(marks(*boxes, letters="x"))
    assert [g.places for g in found] == [(1, 2, 3)]
    assert found[0].letters == 1


def test_a_digit_within_a_word_is_none() -> None:
    assert texts(marks(*row(6), letters="xx xxx")) == []


def test_a_word_below_a_number_leaves_it_alone() -> None:
    boxes = [*row(3, h=40, w=20, pitch=26), *row(7, y=55, h=14, w=8, pitch=10)]
    assert texts(marks(*boxes, letters="   xxx xxx")) == [(0, 1, 2)]


def test_a_number_of_any_length_stays_one() -> None:
    assert texts(marks(*row(40))) == [tuple(range(40))]


def test_chains_are_of_all_characters_whatever_the_gaps() -> None:
    boxes = [*row(2), *row(2, x=44), *row(2, y=100)]
    assert sorted(chains(marks(*boxes, letters=" x"))) == [[0, 1, 2, 3], [4, 5]]
    assert chains([]) == []


def test_no_digit_is_in_two_numbers() -> None:
    rng = random.Random(1)
    for _ in range(80):
        count = rng.randint(1, 25)
        boxes = [
            (rng.uniform(0, 300), rng.uniform(0, 300), rng.uniform(1, 60), rng.uniform(1, 60))
            for _ in range(count)
        ]
        kinds = "".join(rng.choice("   x") for _ in range(count))
        places = [i for g in group(marks(*boxes, letters=kinds)) for i in g.places]
        assert len(places) == len(set(places))
        assert all(kinds[i] != "x" for i in places)


def test_turned_rows_stay_together() -> None:
    rng = random.Random(2)
    for _ in range(80):
        count, height, pitch = rng.randint(2, 6), rng.uniform(8, 200), rng.uniform(0.62, 1.1)
        angle = math.radians(rng.uniform(-25, 25))
        dx, dy = pitch * height * math.cos(angle), pitch * height * math.sin(angle)
        boxes = [(300 + i * dx, 300 + i * dy, 0.55 * height, height) for i in range(count)]
        assert texts(marks(*boxes)) == [tuple(range(count))]
