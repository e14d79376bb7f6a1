"""Photos as the shipped networks read them: made here, of what was read wrong before."""

from __future__ import annotations

from collections import Counter

import numpy as np
import numpy.typing as npt
import pytest

from core.base.opencv import cv2
from core.reading.api import shipped_reader
from core.reading.photo_reader import PhotoReader

PUZZLE = (
    "000700080",
    "090003100",
    "006805070",
    "020600049",
    "000200050",
    "008040007",
    "000900030",
    "370000006",
    "105004000",
)
"""Digits of a sudoku by rows; 0 is an empty cell."""


@pytest.fixture(scope="module")
def reader() -> PhotoReader:
    return shipped_reader(threads=1)


def puzzle(sharpness: float) -> npt.NDArray[np.uint8]:
    sheet = np.full((480, 480), 225, np.uint8)
    for k in range(10):
        at, width = 15 + 50 * k, 3 if k % 3 == 0 else 1
        cv2.line(sheet, (at, 15), (at, 465), 80, width)
        cv2.line(sheet, (15, at), (465, at), 80, width)
    for y, row in enumerate(PUZZLE):
        for x, digit in enumerate(row):
            if digit != "0":
                place = 30 + 50 * x, 51 + 50 * y
                cv2.putText(sheet, digit, place, cv2.FONT_HERSHEY_SIMPLEX, 1.0, 40, 2, cv2.LINE_AA)
    blurred = cv2.GaussianBlur(sheet, (0, 0), sharpness) if sharpness else sheet
    return np.asarray(blurred, np.uint8)


@pytest.mark.parametrize(("sharpness", "least"), [(0.0, 24), (1.5, 22), (3.0, 4)])
def test_the_digits_of_a_puzzle_are_read_one_by_one(
    reader: PhotoReader, sharpness: float, least: int
) -> None:
    given = Counter(c for row in PUZZLE for c in row if c != "0")
    reading = reader.read(puzzle(sharpness))
    read = Counter(n.text for n in reading.numbers)
    assert all(len(n.text) == 1 for n in (*reading.numbers, *reading.maybe)), "cells part digits"
    assert (given & read).total() >= least
    assert not read - given, "nothing is read that is not there"
