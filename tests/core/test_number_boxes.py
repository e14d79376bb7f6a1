"""The best row of windows spells the number, and its boxes lie on the digits."""

from __future__ import annotations

import numpy as np
import pytest

from core.number_boxes import DIGIT, STRIDE, WINDOW, Grid, best_row, centre, place_number, windows
from core.reading import NOT_A_DIGIT


def certain(rows: int, columns: int, seen: dict[tuple[int, int], int]) -> np.ndarray:
    """Log probabilities (rows, columns, 10) of windows that see nothing, but for those in `seen`."""
    p = np.full((rows, columns, NOT_A_DIGIT), 1e-6)
    for (row, column), digit in seen.items():
        p[row, column, digit] = 0.99
    return np.log(p)


def test_the_row_follows_the_digits_even_where_it_slants() -> None:
    log_p = certain(6, 30, {(2, 4): 4, (2, 8): 0, (3, 12): 7})
    total, path = best_row(log_p, [4, 0, 7])
    assert path == [(2, 4), (2, 8), (3, 12)]
    assert total == pytest.approx(3 * np.log(0.99))


def test_digits_are_read_from_left_to_right_and_not_from_afar() -> None:
    log_p = certain(4, 40, {(1, 5): 1, (1, 9): 2})
    assert best_row(log_p, [2, 1])[0] < -10
    far = certain(4, 40, {(1, 5): 1, (1, 35): 2})
    assert best_row(far, [1, 2])[0] < -10


def test_a_number_longer_than_the_photo_fits_nowhere() -> None:
    assert not np.isfinite(best_row(certain(2, 3, {}), [1] * 9)[0])


def test_windows_cover_the_photo_and_know_their_place() -> None:
    photo = np.zeros((60, 90), np.uint8)
    photo[20:40, 50:60] = 255
    scale = 20 / DIGIT
    cut = windows(photo, scale)
    assert cut.shape[2:] == (WINDOW, WINDOW)
    grid = Grid(np.zeros((*cut.shape[:2], NOT_A_DIGIT)), scale)
    middles = cut[:, :, WINDOW // 2 - 2 : WINDOW // 2 + 2, WINDOW // 2 - 2 : WINDOW // 2 + 2].mean((2, 3))
    row, column = np.unravel_index(int(middles.argmax()), middles.shape)
    x, y = centre(grid, photo.shape, int(row), int(column))
    assert abs(x - 55) <= STRIDE * scale
    assert 20 <= y <= 40


@pytest.mark.parametrize("shape", [(1, 1), (3, 200), (200, 3)])
def test_odd_photos_have_windows_too(shape: tuple[int, int]) -> None:
    assert windows(np.zeros(shape, np.uint8), max(shape) / DIGIT).size > 0


def test_boxes_lie_on_the_windows_that_see_the_digits() -> None:
    shape, scale = (60, 120), 30 / DIGIT
    cut = windows(np.zeros(shape, np.uint8), scale)
    rows, columns = cut.shape[:2]
    seen = {(rows // 2, 5): 3, (rows // 2, 9): 8}
    grid = Grid(certain(rows, columns, seen), scale)
    placed = place_number([grid], shape, "38")
    assert placed is not None
    assert placed.worst == pytest.approx(0.99)
    for box, (row, column) in zip(placed.boxes, seen, strict=True):
        x, y = centre(grid, shape, row, column)
        assert box.x <= x <= box.x + box.w
        assert box.y <= y <= box.y + box.h
    assert placed.boxes[0].x < placed.boxes[1].x
    unseen = place_number([grid], shape, "55")
    assert unseen is None or unseen.worst < 0.5
