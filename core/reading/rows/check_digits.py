"""Numbers that prove themselves: the last digit of wagon numbers, of card and device numbers follows from the others.

Luhn's formula (ISO/IEC 7812-1, annex B): of wagons with 12 digits (UIC 438-2) and with 8 (railways of 1520 mm gauge),
of devices with 15 (IMEI), of payment cards with 16. A number that passes was hardly misread; of other numbers one in
ten passes by chance, so what that is worth the calibration weighs on both.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

LENGTHS = (8, 12, 15, 16)
"""Of numbers whose last digit is a check digit."""
LEAST = 0.05
"""Probability of a digit that is taken in place of the likeliest one, so that a number passes, at least."""
_DOUBLED = [sum(divmod(2 * digit, 10)) for digit in range(10)]


def passes(digits: Sequence[int]) -> bool:
    """Whether it is as long as a number with a check digit, and that one is right."""
    return len(digits) in LENGTHS and keeps_luhn(digits)


def keeps_luhn(digits: Sequence[int]) -> bool:
    """Whether a number, however long, keeps Luhn's formula."""
    backwards = digits[::-1]
    return (sum(backwards[::2]) + sum(_DOUBLED[digit] for digit in backwards[1::2])) % 10 == 0


def mended(scores: npt.NDArray[np.float64]) -> tuple[int, ...] | None:
    """The likeliest digits but for one that makes the number pass; None where no likely one does, or none has to.
    scores: (digits, 10), of each place the ten digits' probabilities."""
    likeliest = scores.argmax(1).tolist()
    if len(scores) not in LENGTHS or keeps_luhn(likeliest):
        return None
    ratios = np.where(scores < LEAST, 0.0, scores / scores.max(1, keepdims=True))
    for at in np.argsort(-ratios, axis=None):
        place, digit = divmod(int(at), 10)
        if ratios[place, digit] == 0:
            break
        changed = (*likeliest[:place], digit, *likeliest[place + 1 :])
        if keeps_luhn(changed):
            return changed
    return None
