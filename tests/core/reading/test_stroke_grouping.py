"""Which strokes make one digit."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from core.reading.stroke_grouping import cut, is_slash, join_strokes, rows_of
from core.reading.strokes import Stroke, split_into_digits
from tests.core.pen_digits import pen_digit, pen_number


@pytest.mark.parametrize("digit", range(10))
def test_a_digit_stays_whole_however_many_strokes_it_has(digit: int) -> None:
    strokes = pen_digit(digit, 400, 30, scale=2.0)
    assert split_into_digits(strokes) == [list(range(len(strokes)))]


@pytest.mark.parametrize("text", ["10", "47", "555", "1824", "70451", "11"])
@pytest.mark.parametrize("gap", [12.0, 30.0, 120.0])
def test_digits_side_by_side(text: str, gap: float) -> None:
    groups = split_into_digits(pen_number(text, gap=gap))
    assert [len(g) for g in groups] == [len(pen_digit(int(c))) for c in text]
    assert [i for g in groups for i in g] == list(range(sum(map(len, groups))))


def test_order_of_writing_does_not_matter() -> None:
    strokes = pen_number("745")
    shuffled = [strokes[i] for i in (5, 0, 3, 2, 4, 1)]
    assert [sorted(g) for g in split_into_digits(shuffled)] == [[1, 5], [2, 3], [0, 4]]


def test_a_late_dash_joins_its_seven() -> None:
    seven, dash = pen_digit(7)
    strokes = [seven, *pen_digit(3, 100), *pen_digit(8, 200), dash]
    assert [sorted(g) for g in split_into_digits(strokes)] == [[0, 3], [1], [2]]


def test_detached_bar_of_a_five_and_foot_of_a_one() -> None:
    body = Stroke(((8, 12), (4, 46), (50, 50), (58, 80), (30, 100), (0, 95)), 8)
    bar = Stroke(((14, 0), (60, -2)), 8)
    assert split_into_digits([body, bar]) == [[0, 1]]
    one, foot = Stroke(((0, 20), (20, 0), (20, 100)), 8), Stroke(((0, 108), (44, 108)), 8)
    assert split_into_digits([one, foot]) == [[0, 1]]


def test_slash_through_a_zero() -> None:
    assert split_into_digits([*pen_digit(0), Stroke(((65, -5), (-5, 105)), 8)]) == [[0, 1]]


def test_neighbours_that_touch_are_two() -> None:
    assert split_into_digits([*pen_digit(3), *pen_digit(6, 56)]) == [[0], [1]]


def test_rows_are_read_from_the_top_each_from_the_left() -> None:
    below, above = pen_number("35", 0, 200), pen_number("12", 10, 0)
    assert [g[0] for g in split_into_digits([*below, *above])] == [3, 4, 0, 1]


def test_a_slanted_row_is_one_row() -> None:
    boxes = [(100.0 * k, 35.0 * k, 100.0 * k + 60, 35.0 * k + 100) for k in range(5)]
    assert rows_of(boxes) == [[0, 1, 2, 3, 4]]
    assert rows_of(boxes[::-1]) == [[4, 3, 2, 1, 0]]


def test_a_dash_between_digits_stays_in_their_row() -> None:
    assert rows_of([(0, 0, 60, 100), (80, 50, 120, 50), (140, 5, 200, 104)]) == [[0, 1, 2]]


def test_a_dash_close_to_a_digit_is_none_of_its_strokes() -> None:
    digits = pen_number("38", gap=60)
    assert len(digits) == 2
    end, start = max(x for x, _ in digits[0].points), min(x for x, _ in digits[1].points)
    for at in (end + 2, start - 42):
        dash = Stroke(((at, 50), (at + 40, 50)), 8)
        assert split_into_digits([*digits, dash]) == [[0], [2], [1]]
    seven, bar = pen_digit(7)
    assert split_into_digits([seven, bar, *pen_digit(3, 100)]) == [[0, 1], [2]]


@pytest.mark.parametrize(
    ("top", "bottom", "lean", "bend", "wanted"),
    [
        (-20, 120, 60, 0, True),
        (-20, 120, 25, 0, False),  # upright: a 1
        (0, 100, 50, 0, False),  # no longer than its neighbours: may as well be a 1
        (-50, 90, 60, 0, False),  # longer at one end only
        (-20, 120, -60, 0, False),  # leans the other way
        (-20, 120, 60, 30, False),  # bent
    ],
)
def test_a_slash(top: float, bottom: float, lean: float, bend: float, wanted: bool) -> None:
    t = np.linspace(0, 1, 20)
    path = np.stack([100 + lean * (1 - t) + bend * np.sin(np.pi * t), top + (bottom - top) * t], axis=1)
    before, after = (0.0, 0.0, 60.0, 100.0), (180.0, 2.0, 240.0, 98.0)
    assert is_slash(path, before, after) is wanted
    assert is_slash(path[::-1], before, after) is wanted


def test_nothing_and_dots() -> None:
    assert split_into_digits([]) == []
    assert rows_of([]) == []
    dot = Stroke(((5, 5),), 3)
    assert split_into_digits([dot]) == [[0]]
    assert split_into_digits([dot, dot]) == [[0, 1]]


def test_the_tree_holds_every_stroke_once_and_its_joins_get_no_surer() -> None:
    forest = join_strokes([np.array(s.points) for s in pen_number("4751", gap=8)], least=-50)
    assert len(forest) == 1
    todo = [forest[0]]
    leaves: list[int] = []
    while todo:
        group = todo.pop()
        if not group.parts:
            leaves += group.strokes
            continue
        assert group.strokes == tuple(sorted(group.parts[0].strokes + group.parts[1].strokes))
        assert all(group.join <= part.join for part in group.parts)
        todo += group.parts
    assert sorted(leaves) == list(range(7))
    assert len(cut(forest, 1e9)) == 7


def test_many_strokes_are_no_trouble() -> None:
    rng = np.random.default_rng(1)
    paths = [rng.normal(size=(20, 2)).cumsum(axis=0) * 4 + rng.uniform(0, 900, 2) for _ in range(150)]
    groups = cut(join_strokes(paths))
    assert sorted(i for g in groups for i in g.strokes) == list(range(150))


@pytest.mark.data
def test_unipen_digits_stay_whole_and_numbers_fall_apart() -> None:
    from core.loaders.pen_strokes import read_strokes, split_paths

    content = read_strokes(Path(os.environ["GNC_DATA"]) / "unipen_strokes" / "unipen_digits.npz")
    kept = np.flatnonzero(content["validation"])
    paths = split_paths(content)
    rng = np.random.default_rng(2)
    several = rng.choice([k for k in kept if len(paths[k]) > 1], 250, replace=False)
    whole = sum(len(split_into_digits(_strokes(paths[k]))) == 1 for k in several)
    assert whole >= 0.96 * len(several)  # of all digits, most of which are one stroke, over 99%
    right = 0
    for _ in range(120):
        pick = rng.choice(kept, 4)
        strokes: list[NDArray[np.float64]] = []
        wanted, x = [], 0.0
        for k in pick:
            shifted = [p - np.concatenate(paths[k]).min(axis=0) + (x, 0.0) for p in paths[k]]
            wanted.append(list(range(len(strokes), len(strokes) + len(shifted))))
            strokes += shifted
            x = max(float(p[:, 0].max()) for p in shifted) + float(rng.uniform(100, 500))
        right += split_into_digits(_strokes(strokes)) == wanted
    assert right >= 0.93 * 120


def _strokes(paths: list[NDArray[np.float64]]) -> list[Stroke]:
    return [Stroke(tuple(map(tuple, p.tolist())), 60.0) for p in paths]
