"""Typed numbers against what was read: no digit is learned under a label that may be wrong."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.pages.digit_matching import match_typed
from core.reading.types import Box, Digit, Number


def number(text: str, written: str = "") -> Number:
    digits = tuple(Digit(int(c), 0.9, Box(10 * i, 0, 10, 20)) for i, c in enumerate(text))
    return Number(digits, 0.9, Box(0, 0, 10 * max(len(text), 1), 20), written)


@pytest.mark.parametrize(
    ("read", "typed", "pairs"),
    [
        ("1824", "1829", [(0, 1), (1, 8), (2, 2), (3, 9)]),
        ("4", "7", [(0, 7)]),
        ("47", "71", [(0, 7), (1, 1)]),  # as many as there are boxes
        ("1824", "8241", [(2, 2)]),  # moved by one: only the 2 is beyond doubt
        ("7", "47", []),  # one box, perhaps around both
        ("56", "567", [(0, 5)]),  # the 6's box may hold the 7 too
        ("58", "567", []),
        ("1824", "182", [(0, 1), (1, 8)]),
        ("182345", "18345", [(0, 1), (4, 4), (5, 5)]),
        ("12045", "12345", [(0, 1), (1, 2), (2, 3), (3, 4), (4, 5)]),
        ("11", "111", []),
        ("123456", "9", []),
        ("12", "", []),
        ("42", "7", []),
    ],
)
def test_only_what_is_beyond_doubt_has_a_label(read: str, typed: str, pairs: list[tuple[int, int]]) -> None:
    assert list(match_typed(number(read), typed).pairs) == pairs


def test_letters_and_signs() -> None:
    assert match_typed(number("12", "12B"), "13b").pairs == ((0, 1), (1, 3))
    # What was read as an 8 is a B: it is no digit, the others stay where they are.
    match = match_typed(number("128"), "12B")
    assert match.pairs == ((0, 1), (1, 2))
    assert not match.is_whole
    assert match_typed(number("21761"), "217.67").pairs == ((0, 2), (1, 1), (2, 7), (3, 6), (4, 7))
    assert match_typed(number("12"), "١٢").pairs == (), "other alphabets' digits are none of ours"


def test_it_says_whether_all_is_matched() -> None:
    assert match_typed(number("1824"), "1829").is_whole
    assert not match_typed(number("182"), "1824").is_whole
    assert not match_typed(number(""), "4").is_whole


@settings(max_examples=200, deadline=None)
@given(st.text("12", min_size=1, max_size=7), st.integers(0, 7), st.sampled_from("12"))
def test_a_digit_that_was_missed_never_gives_another_a_wrong_label(
    truth: str, place: int, extra: str
) -> None:
    """One digit is missed, all others are read rightly: whichever it was, every label given is the true one."""
    place %= len(truth)
    read = truth[:place] + truth[place + 1 :]
    if not read:
        return
    for at, label in match_typed(number(read), truth).pairs:
        assert read[at] == str(label)


def test_a_split_digit_is_never_learned() -> None:
    """A digit of four is read as two digits: neither of the two gets a label."""
    for truth, place in product(("1234", "5077", "1111"), range(4)):
        for piece in ("11", "07", "33"):
            read = truth[:place] + piece + truth[place + 1 :]
            for at, label in match_typed(number(read), truth).pairs:
                inside = place <= at < place + 2
                assert not inside, (read, truth)
                assert label == int(truth[at if at < place else at - 1])
