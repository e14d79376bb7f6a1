"""One frame for every source."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from core.base.opencv import cv2
from core.loaders.digit_frame import (
    DIGIT_SIDE,
    NOMINAL,
    SOURCE_SIZE,
    cut_digit,
    cut_square,
    frame_ink,
    resize_square,
)
from core.reading.crops import crop_box
from core.reading.types import Box


def extent(image: NDArray[np.uint8], threshold: int = 100) -> tuple[int, int, float, float]:
    """(height, width, middle row, middle column) of what is lit."""
    rows, columns = np.nonzero(image > threshold)
    return (
        int(np.ptp(rows)) + 1,
        int(np.ptp(columns)) + 1,
        float(rows.min() + rows.max()) / 2,
        float(columns.min() + columns.max()) / 2,
    )


@settings(max_examples=40, deadline=None)
@given(width=st.integers(6, 150), height=st.integers(6, 150), left=st.integers(0, 60), top=st.integers(0, 60))
def test_ink_of_any_size_and_place_is_framed_alike(width: int, height: int, left: int, top: int) -> None:
    ink = np.zeros((220, 220), np.uint8)
    ink[top : top + height, left : left + width] = 255
    framed = frame_ink(ink)
    assert framed.shape == (64, 64)
    tall, wide, row, column = extent(framed)
    assert max(tall, wide) == pytest.approx(DIGIT_SIDE, abs=2.5)
    assert row == pytest.approx(31.5, abs=1.6 + 32 / max(width, height))
    assert column == pytest.approx(31.5, abs=1.6 + 32 / max(width, height))


def test_no_ink_gives_an_empty_frame() -> None:
    assert not frame_ink(np.zeros((10, 30), np.uint8)).any()


def test_ink_can_keep_its_size() -> None:
    ink = np.zeros((90, 90), np.uint8)
    ink[40:50, 40:50] = 255
    tall, wide, _, _ = extent(frame_ink(ink, scale=0.5))
    assert (tall, wide) == pytest.approx((5, 5), abs=1)


def test_a_box_is_cut_with_what_is_around_it() -> None:
    photo = np.full((100, 200), 50, np.uint8)
    photo[30:70, 80:100] = 200
    photo[:, :10] = 250
    cut = cut_digit(photo, Box(80, 30, 20, 40))
    tall, wide, row, column = extent(cut, 120)
    assert tall == pytest.approx(DIGIT_SIDE, abs=1.5)
    assert wide == pytest.approx(DIGIT_SIDE / 2, abs=1.5)
    assert (row, column) == pytest.approx((31.5, 31.5), abs=1)


@pytest.mark.parametrize("scale", [0.35, 1.0, 2.7, 9.0])
@pytest.mark.parametrize("shift", [0.0, 0.5, 0.31])
def test_training_and_live_reading_cut_the_same_view(scale: float, shift: float) -> None:
    # Waves of one to two per digit width: what is left between the views is the frame's own coarseness.
    side = round(90 * scale)
    at = np.arange(side) / scale
    wave = np.sin(at / 4.1)[:, None] * np.cos(at / 3.3 + 0.4)[None]
    photo = np.rint(128 + 100 * wave).astype(np.uint8)
    box = Box((30 + shift) * scale, (25 + shift) * scale, 17.3 * scale, 28.9 * scale)
    live = crop_box(photo, box, 32).astype(float)
    edge = (SOURCE_SIZE - NOMINAL) // 2
    middle = cut_digit(photo, box)[edge:-edge, edge:-edge]
    trained = cv2.resize(np.ascontiguousarray(middle), (32, 32), interpolation=cv2.INTER_AREA).astype(float)
    assert np.sqrt(((live - trained) ** 2).mean()) < 0.04 * live.std()


def test_beyond_the_photo_its_edge_is_repeated() -> None:
    photo = np.arange(16, dtype=np.uint8).reshape(4, 4)
    square = cut_square(photo, -2, -1, 6)
    assert square[0].tolist() == [0, 0, 0, 1, 2, 3]
    assert square[5].tolist() == [12, 12, 12, 13, 14, 15]


def test_resizing_leaves_the_right_size_alone() -> None:
    image = np.zeros((64, 64), np.uint8)
    assert resize_square(image) is image
