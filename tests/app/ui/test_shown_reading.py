"""Reading order, addresses of digits, and what people corrected."""

from __future__ import annotations

import pytest

from app.ui.shown_reading import (
    DigitRef,
    ShownReading,
    in_reading_order,
    reading_order,
    step_from,
)
from core.reading.types import Box, Reading
from tests.app.fake_reader import digit_of
from tests.app.picture_fakes import number_of


@pytest.mark.parametrize(
    ("boxes", "order"),
    [
        ([(10, 100, 30, 20), (10, 20, 60, 40)], [1, 0]),  # "2024" above "581"
        ([(200, 12, 30, 20), (10, 10, 30, 20), (100, 20, 30, 20)], [1, 2, 0]),  # one row, a little slanted
        (
            [(100, 0, 20, 20), (100, 40, 20, 20), (0, 0, 60, 60)],
            [0, 2, 1],
        ),  # tall, beside two rows of small ones
        ([(477, 19, 28, 49), (128, 43, 266, 59)], [1, 0]),  # a counter and the 3 of its m³
        ([(477, 0, 28, 40), (128, 43, 266, 59)], [0, 1]),  # a row above
        ([(900, 19, 28, 49), (128, 43, 266, 59)], [0, 1]),  # far behind
        ([], []),
    ],
)
def test_from_top_to_bottom_and_from_left_to_right(
    boxes: list[tuple[int, int, int, int]], order: list[int]
) -> None:
    assert reading_order([Box(*box) for box in boxes]) == order


def test_a_reading_is_brought_into_order_and_what_is_only_maybe_comes_last() -> None:
    small, large = number_of("581", 10, 100, confidence=0.99), number_of("2024", 10, 10, confidence=0.7)
    maybe = number_of("9", 10, 60, confidence=0.4)
    shown = ShownReading.of(in_reading_order(Reading((small, large), maybe=(maybe,))))
    assert [n.written for n in shown.numbers] == ["2024", "581", "9"]
    assert [n.is_unsure for n in shown.numbers] == [False, False, True]
    assert shown.text == "2024 581", "a maybe is not copied"
    assert shown.shape == (4, 3, 1, 0)


def test_digits_have_addresses_that_can_be_walked() -> None:
    reading = Reading((number_of("12"), number_of("7")), (digit_of(3, is_digit=False),))
    shown = ShownReading.of(reading)
    assert shown.refs == (DigitRef(0, 0), DigitRef(0, 1), DigitRef(1, 0), DigitRef(None, 0))
    assert (
        [shown.digit_at(ref).digit for ref in shown.refs] == [d.digit for d in shown.digits] == [1, 2, 7, 3]
    )
    assert step_from(shown, DigitRef(0, 1), 1) == DigitRef(1, 0)
    assert step_from(shown, DigitRef(0, 0), -1) is None
    assert step_from(shown, DigitRef(5, 0), 1) is None
    assert step_from(shown, None, 1) is None


def test_digits_and_numbers_can_be_corrected_together() -> None:
    reading = Reading((number_of("12"), number_of("56")), maybe=(number_of("9"),))
    shown = ShownReading.of(reading, corrections={0: "789"}, labels={DigitRef(1, 0): 3, DigitRef(2, 0): 4})
    assert [n.text for n in shown.numbers] == ["789", "36", "4"]
    assert [n.is_corrected for n in shown.numbers] == [True] * 3
    assert shown.numbers[0].number is reading.numbers[0], (
        "another count of digits: they stand as they were read"
    )
    assert shown.text == "789 36 4"
    assert reading.numbers[1].text == "56"
