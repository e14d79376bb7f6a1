"""What is held back from learning: whole groups, the same ones while more is collected."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np

from core.collection.numbers import NumberStore
from core.collection.split import SHARE, held_back, held_in, place_of
from core.loaders.user_digits import DigitOrigin, UserDigitStore

MANY = [f"photo {i}" for i in range(200)]


def share_of(held: frozenset[str], groups: list[str]) -> float:
    return sum(group in held for group in groups) / len(groups)


def test_about_a_fifth_is_held_back() -> None:
    assert 0.13 < share_of(held_back(MANY), MANY) < 0.27


def test_a_group_stays_where_it_is_while_more_is_collected() -> None:
    early, late = held_back(MANY[:60]), held_back(MANY)
    assert early == late & set(MANY[:60])


def test_a_group_is_on_one_side_for_digits_and_numbers() -> None:
    digits, numbers = [group for group in MANY for _ in range(3)], MANY[:30]
    held = held_back(digits, numbers)
    assert held == held_back(numbers, digits)
    assert 0.05 < share_of(held, numbers) < 0.4


def test_few_groups_still_leave_something_to_measure_and_most_to_learn() -> None:
    for first in range(40):
        groups = [f"{first}/{i}" for i in range(6)]
        held = held_back(groups)
        assert 1 <= len(held) <= 3, first


def test_one_group_or_few_items_are_all_learned() -> None:
    held_name = next(group for group in MANY if place_of(group) < SHARE)
    assert held_back([held_name] * 40) == frozenset(), "all of one writer at one sitting"
    assert held_back(MANY[:4]) == frozenset()
    assert held_back() == frozenset()


def test_a_large_group_does_not_take_more_than_half() -> None:
    low, *_ = sorted(MANY, key=place_of)
    groups = [low] * 30 + [group for group in MANY[:20] if place_of(group) >= SHARE]
    held = held_back(groups)
    counts = Counter(group in held for group in groups)
    assert low not in held
    assert 0 < counts[True] <= counts[False]


def test_both_stores_are_split_together(tmp_path: Path) -> None:
    digits, numbers = UserDigitStore(tmp_path), NumberStore.within(tmp_path)
    grey = np.full((20, 20), 90, np.uint8)
    for i in range(20):
        digits.add([], grey, i % 10, origin=DigitOrigin(group=f"photo {i}"))
        numbers.add(np.full((20, 40), i, np.uint8), f"{i}", group=f"photo {i}")
    held = held_in(tmp_path)
    assert held == held_back([f"photo {i}" for i in range(20)])
    assert held
    assert held_in(tmp_path / "absent") == frozenset()
