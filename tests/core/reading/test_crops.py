"""`frame_digit` and `crop_box`: ink is found and framed, photos are left whole."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from core.base.errors import InputError
from core.base.opencv import cv2
from core.reading.crops import frame_looks
from core.reading.images import INK_SHARE, crop_box, frame_digit
from core.reading.ink_mask import find_ink
from core.reading.strokes import rasterise
from core.reading.types import Box
from tests.core.pen_digits import pen_digit


def page(
    height: int, width: int, x: int, y: int, size: int, digit: int = 5, ink: int = 30, paper: int = 240
) -> NDArray[np.uint8]:
    """A digit `size` pixels high (its frame a little more) at (x, y) of a page."""
    cover = rasterise(pen_digit(digit), size, ink_share=0.9) / 255
    image = np.full((height, width), float(paper))
    image[y : y + size, x : x + size] += (ink - paper) * cover
    return image.astype(np.uint8)


def extent(framed: NDArray[np.uint8]) -> tuple[float, float, float]:
    """(longer side, centre x, centre y) of the ink, shares of the frame."""
    ground = int(np.median(np.concatenate([framed[0], framed[-1]])))
    away = np.abs(framed.astype(int) - ground)
    rows, columns = np.nonzero(away > 0.4 * away.max())
    n = len(framed)
    longer = max(np.ptp(rows), np.ptp(columns)) + 1
    return longer / n, (columns.min() + columns.max() + 1) / 2 / n, (rows.min() + rows.max() + 1) / 2 / n


@pytest.mark.parametrize("size", [28, 32])
@pytest.mark.parametrize(
    ("height", "width", "x", "y", "digit"),
    [
        (28, 28, 1, 12, 14), (64, 64, 30, 3, 20), (480, 640, 400, 60, 90), (1200, 900, 10, 1050, 120),
        (60, 300, 200, 5, 50),
    ],
)  # fmt: skip
@pytest.mark.parametrize("dark", [True, False])
def test_small_ink_is_cropped_and_centred(
    height: int, width: int, x: int, y: int, digit: int, dark: bool, size: int
) -> None:
    image = page(height, width, x, y, digit)
    framed = frame_digit(image if dark else 255 - image, size)
    longer, cx, cy = extent(framed)
    assert longer == pytest.approx(INK_SHARE, abs=0.09)
    assert (cx, cy) == pytest.approx((0.5, 0.5), abs=0.05)
    assert (framed[0, 0] > 128) == dark  # polarity stays


def test_mnist_keeps_its_scale() -> None:
    image = rasterise(pen_digit(3), 28)
    assert np.array_equal(frame_digit(image, 28), image)
    whole = cv2.resize(image, (32, 32), interpolation=cv2.INTER_LINEAR)
    assert np.array_equal(frame_digit(image), whole)


@pytest.mark.parametrize("digit", range(10))
def test_framed_again_nothing_changes(digit: int) -> None:
    framed = frame_digit(page(200, 300, 150, 20, 100, digit))
    assert np.array_equal(frame_digit(framed), framed)


def test_uneven_light_does_not_hide_the_ink() -> None:
    y, x = np.mgrid[0:1:300j, 0:1:400j]
    light = 0.45 + 0.4 * x + 0.25 * y - 0.2 * (x - 0.4) ** 2
    noise = np.random.default_rng(1).normal(0, 3, x.shape)
    image = np.clip(page(300, 400, 240, 40, 110) * light + noise, 0, 255).astype(np.uint8)
    assert float(np.ptp(image[:, 0])) + float(np.ptp(image[0])) > 80
    assert find_ink(image) is not None
    longer, cx, cy = extent(frame_digit(image))
    assert longer == pytest.approx(INK_SHARE, abs=0.1)
    assert (cx, cy) == pytest.approx((0.5, 0.5), abs=0.06)


def test_specks_and_a_window_edge_do_not_count() -> None:
    image = page(200, 200, 30, 60, 80)
    image[150:152, 170:172] = 60
    image[:, :3] = 120
    longer, cx, _ = extent(frame_digit(image)[:, 2:])
    assert longer == pytest.approx(INK_SHARE, abs=0.12)
    assert cx == pytest.approx(0.5, abs=0.08)


def test_ink_that_touches_the_border_of_a_clean_page() -> None:
    image = page(100, 100, 60, 0, 40)[2:, :]
    longer, cx, cy = extent(frame_digit(image))
    assert longer == pytest.approx(INK_SHARE, abs=0.12)
    assert (cx, cy) == pytest.approx((0.5, 0.5), abs=0.08)


@pytest.mark.parametrize("side", [8, 16, 64])
@pytest.mark.parametrize("dark", [True, False])
def test_a_digit_that_fills_its_picture_gets_room(side: int, dark: bool) -> None:
    image = page(200, 200, 50, 50, 100, digit=3, ink=0, paper=255)
    y, x = np.nonzero(image < 128)
    cut = image[y.min() : y.max() + 1, x.min() : x.max() + 1]
    wide = cut.shape[0] - cut.shape[1]
    square = cv2.copyMakeBorder(cut, 0, 0, wide // 2, wide - wide // 2, cv2.BORDER_CONSTANT, value=255)
    small = np.asarray(cv2.resize(square, (side, side), interpolation=cv2.INTER_AREA), np.uint8)
    longer, cx, cy = extent(frame_digit(small if dark else 255 - small))
    assert longer == pytest.approx(INK_SHARE, abs=0.09)
    assert (cx, cy) == pytest.approx((0.5, 0.5), abs=0.06)


@pytest.mark.parametrize(("left", "is_moved"), [(0, True), (4, False)])
def test_a_scan_is_moved_where_its_digit_is_off_the_middle(left: int, is_moved: bool) -> None:
    image = page(28, 28, left, 5, 18)
    image[0] = image[:, -1] = 225  # the edge of a sheet: the border is not plain
    found = find_ink(image)
    assert found is not None
    assert not found.plain_border
    assert np.array_equal(frame_digit(image, 28), image) != is_moved
    if is_moved:
        assert extent(frame_digit(image, 28))[1] == pytest.approx(0.5, abs=0.08)


def test_two_digits_are_left_whole() -> None:
    image = page(100, 200, 20, 20, 60) // 2 + page(100, 200, 110, 20, 60) // 2
    assert find_ink(image) is None


def test_a_photo_is_left_whole() -> None:
    rng = np.random.default_rng(3)
    coarse = rng.integers(0, 256, (9, 9), dtype=np.uint8)
    photo = np.asarray(cv2.resize(coarse, (90, 90), interpolation=cv2.INTER_CUBIC), np.uint8)
    assert find_ink(photo) is None
    assert np.array_equal(frame_digit(photo), cv2.resize(photo, (32, 32), interpolation=cv2.INTER_AREA))


@pytest.mark.parametrize("tall", [True, False])
def test_a_tall_or_wide_photo_is_made_square_with_the_greys_of_its_sides(tall: bool) -> None:
    rng = np.random.default_rng(3)
    photo = rng.integers(100, 200, (64, 32), dtype=np.uint8)
    photo[:, -4:] -= 80
    framed = frame_digit(photo) if tall else frame_digit(np.ascontiguousarray(photo.T)).T
    assert framed.shape == (32, 32)
    for grown, grey in ((framed[:, :7], 150), (framed[:, -7:], 70)):
        assert np.ptp(grown, axis=1).max() <= 1
        assert np.abs(grown.astype(int) - grey).max() < 25, "no streaks"
    assert framed[:, 9:23].std() > 5


@pytest.mark.parametrize("shape", [(10_000, 90), (3, 500), (1, 7), (7, 1)])
def test_the_thinnest_photos_are_made_square(shape: tuple[int, int]) -> None:
    photo = np.random.default_rng(4).integers(0, 256, shape, dtype=np.uint8)
    assert frame_digit(photo).shape == (32, 32)


@pytest.mark.parametrize("value", [0, 128, 255])
def test_nothing_stays_nothing(value: int) -> None:
    assert np.all(frame_digit(np.full((50, 70), value, np.uint8)) == value)


@pytest.mark.parametrize("width", [1, 3, 8, 40])
def test_lines_of_any_width_survive(width: int) -> None:
    image = np.full((900, 600), 255, np.uint8)
    cv2.polylines(image, [np.array([(200, 100), (400, 100), (250, 700)])], False, 0, width)
    framed = frame_digit(image)
    assert framed.min() < 110
    assert extent(framed)[0] == pytest.approx(INK_SHARE, abs=0.09)


GREYS = st.sampled_from([0, 1, 40, 128, 250, 255])


@settings(max_examples=80, deadline=None)
@given(
    hnp.arrays(np.uint8, st.tuples(st.integers(1, 70), st.integers(1, 70)), elements=GREYS, fill=GREYS),
    st.sampled_from([28, 32, 40]),
)
def test_any_picture_is_framed_and_always_the_same(gray: NDArray[np.uint8], size: int) -> None:
    framed = frame_digit(gray, size)
    assert framed.shape == (size, size)
    assert framed.dtype == np.uint8
    assert np.array_equal(framed, frame_digit(gray.copy(), size))
    assert gray.min() <= framed.min()
    assert framed.max() <= gray.max()


@settings(max_examples=100, deadline=None)
@given(
    st.integers(1, 50), st.integers(1, 50), st.floats(-60, 60), st.floats(-60, 60), st.floats(0.1, 90),
    st.floats(0.1, 90),
)  # fmt: skip
def test_any_box_is_cropped_or_refused(h: int, w: int, x: float, y: float, bw: float, bh: float) -> None:
    gray = np.arange(h * w, dtype=np.int64).reshape(h, w).astype(np.uint8)
    if x < w and y < h and x + bw > 0 and y + bh > 0:
        assert crop_box(gray, Box(x, y, bw, bh)).shape == (32, 32)
    else:
        with pytest.raises(InputError, match="does not lie in the image"):
            crop_box(gray, Box(x, y, bw, bh))


@pytest.mark.parametrize("scale", [1, 8])
def test_a_box_spans_the_share_of_the_frame_that_ink_does(scale: int) -> None:
    gray = np.zeros((60 * scale, 90 * scale), np.uint8)
    gray[20 * scale : 40 * scale, 50 * scale : 60 * scale] = 255
    crop = crop_box(gray, Box(50 * scale, 20 * scale, 10 * scale, 20 * scale), 56)
    rows, columns = np.nonzero(crop > 127)
    assert np.ptp(rows) + 1 == pytest.approx(40, abs=1)
    assert np.ptp(columns) + 1 == pytest.approx(20, abs=1)
    assert rows.mean() == pytest.approx(27.5, abs=0.6)


def test_beyond_the_photo_its_edge_goes_on() -> None:
    gray = np.full((20, 20), 50, np.uint8)
    gray[:, 15:] = 200
    crop = crop_box(gray, Box(12, 2, 8, 16))
    assert crop[:, -1].min() == 200
    assert crop[0].max() == 200


def test_what_is_no_grey_picture_is_refused() -> None:
    wrong: tuple[NDArray[Any], ...] = (
        np.zeros((0, 3), np.uint8),
        np.zeros((4, 4), np.float32),
        np.zeros((4, 4, 3), np.uint8),
    )
    for bad in wrong:
        with pytest.raises(InputError, match="Not a grey image"):
            frame_digit(bad)


def test_clean_ink_framed_as_it_should_be_has_one_look() -> None:
    framed = frame_digit(page(200, 300, 150, 20, 100, 5))
    looks = frame_looks(framed)
    assert looks.shape == (1, 32, 32)
    assert np.array_equal(looks[0], framed)


def test_other_pictures_are_looked_at_as_they_are_and_with_room() -> None:
    tight = np.full((40, 24), 20, np.uint8)
    tight[:, 6:18] = 230  # a bar from edge to edge
    looks = frame_looks(tight)
    assert looks.shape[1:] == (32, 32)
    assert 3 <= len(looks) <= 4
    assert np.array_equal(looks[0], frame_digit(tight))
    wide = [int(np.count_nonzero(look[16] > 125)) for look in looks[-2:]]
    assert wide[0] > wide[1]  # the last has more room
    with pytest.raises(InputError, match="Not a grey image"):
        frame_looks(np.zeros((0, 3), np.uint8))
