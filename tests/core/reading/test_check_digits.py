"""Numbers whose last digit follows from the others."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from core.reading.rows.check_digits import mended, passes


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("218124712173", True),  # a wagon, 21 81 2471 217-3
        ("218124712174", False),
        ("21812471217", False),  # without its check digit
        ("490154203237518", True),  # IMEI, the example of 3GPP TS 23.003
        ("4539578763621486", True),  # a card for testing
        ("79927398713", False),  # passes Luhn's formula, but no number with a check digit has 11 digits
        ("18", False),
        ("", False),
    ],
)
def test_a_number_with_a_right_check_digit_passes(text: str, wanted: bool) -> None:
    assert passes([int(c) for c in text]) is wanted


def test_every_change_of_one_digit_is_noticed() -> None:
    number = [5, 9, 4, 8, 3, 1, 2, 0]
    number[-1] = next(d for d in range(10) if passes([*number[:-1], d]))
    for place in range(8):
        for digit in range(10):
            changed = [*number[:place], digit, *number[place + 1 :]]
            assert passes(changed) is (digit == number[place])


def table(text: str, rivals: dict[int, tuple[int, float]]) -> npt.NDArray[np.float64]:
    """Probabilities that say a text; rivals: by place another digit and how likely that is."""
    scores = np.full((len(text), 10), 1e-4)
    scores[np.arange(len(text)), [int(c) for c in text]] = 1.0
    for place, (digit, share) in rivals.items():
        scores[place, digit] = share
    chances: npt.NDArray[np.float64] = scores / scores.sum(1, keepdims=True)
    return chances


def test_a_likely_digit_that_makes_the_number_pass_takes_the_place_of_a_wrong_one() -> None:
    read = "218124772173"  # a 1 was taken for a 7
    assert mended(table(read, {7: (1, 0.4), 2: (3, 0.6)})) == tuple(map(int, "218124712173"))
    assert mended(table(read, {7: (1, 0.02)})) is None, "not likely enough"
    assert mended(table("218124712173", {0: (3, 0.9)})) is None, "it passes as it is"
    assert mended(table("1824", {0: (7, 0.9)})) is None, "numbers of four digits have none"
