"""Pen strokes: smoothed, drawn into the frame, kept as JSON."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from core.base.errors import DataError
from core.reading.images import INK_SHARE, frame_digit
from core.reading.strokes import (
    MAX_PEN,
    MIN_PEN,
    Stroke,
    rasterise,
    rasterise_paths,
    smooth,
    smooth_stroke,
    strokes_from_json,
    strokes_to_json,
)
from tests.core.pen_digits import pen_digit


def spans(frame: NDArray[np.uint8]) -> tuple[float, float, float, float]:
    """(width, height, centre x, centre y) of the ink, in pixels; edges to a fraction of one by their coverage."""

    def along(profile: NDArray[np.uint8]) -> tuple[float, float]:
        on = np.flatnonzero(profile > 0.02)
        start, stop = on[0] + 1 - min(profile[on[0]], 1), on[-1] + min(profile[on[-1]], 1)
        return stop - start, (start + stop) / 2

    ink = frame / 255
    (w, x), (h, y) = along(ink.max(axis=0)), along(ink.max(axis=1))
    return w, h, x, y


@pytest.mark.parametrize("digit", range(10))
@pytest.mark.parametrize("size", [28, 32, 64])
def test_ink_spans_its_share_and_is_centred(digit: int, size: int) -> None:
    width, height, x, y = spans(rasterise(pen_digit(digit, 300, -40, scale=3.3), size))
    assert max(width, height) == pytest.approx(INK_SHARE * size, abs=1.2)
    assert x == pytest.approx(size / 2, abs=0.6)
    assert y == pytest.approx(size / 2, abs=0.6)


@pytest.mark.parametrize("digit", range(10))
def test_framing_is_that_of_frame_digit(digit: int) -> None:
    drawn = rasterise(pen_digit(digit))
    assert np.array_equal(frame_digit(drawn), drawn)
    page = np.zeros((400, 400), np.uint8)
    page[40:240, 150:350] = rasterise(pen_digit(digit), 200)
    assert np.abs(frame_digit(page).astype(int) - rasterise(pen_digit(digit))).mean() < 12


def test_place_and_scale_do_not_matter() -> None:
    small = rasterise(pen_digit(8, 5, 7, scale=0.3, width=12 * 0.3))
    large = rasterise(pen_digit(8, 900, 100, scale=8, width=12 * 8))
    assert np.abs(small.astype(int) - large).max() <= 24


@pytest.mark.parametrize("width", [0.5, 3, 12, 60])
def test_any_pen_is_legible(width: float) -> None:
    frame = rasterise(pen_digit(8, width=width))
    covered = frame.sum() / 255
    length = sum(math.dist(*pair) for s in pen_digit(8) for pair in zip(s.points, s.points[1:], strict=False))
    pen = covered / (length * INK_SHARE * 32 / 110)
    assert MIN_PEN * 32 * 0.7 < pen < MAX_PEN * 32 * 1.3
    assert frame.max() > 200


def test_the_pen_can_be_given_as_a_share() -> None:
    line = [np.array([[0.0, 0.0], [0.0, 100.0]])]
    for pen in (0.05, 0.1, 0.2):
        frame = rasterise_paths(line, 64, pen=pen)
        assert frame[32].sum() / 255 == pytest.approx(pen * 64, abs=0.25)


def test_ink_share_leaves_room_around() -> None:
    width, height, _, _ = spans(rasterise(pen_digit(0), 64, ink_share=INK_SHARE * 40 / 64))
    assert max(width, height) == pytest.approx(INK_SHARE * 40, abs=1.2)


@pytest.mark.parametrize("wobble", [0.0, 0.5, 2.0])
def test_a_dot_is_a_dot(wobble: float) -> None:
    points = ((50.0, 50.0), (50.0 + wobble, 50.0), (50.0 + wobble, 50.0 + wobble))
    for stroke in (Stroke(points, 10.0), Stroke(points[:1], 10.0)):
        width, height, x, y = spans(rasterise([stroke]))
        assert 1 < max(width, height) < 10
        assert (x, y) == pytest.approx((16, 16), abs=0.6)


def test_nothing_drawn_is_black() -> None:
    assert not rasterise([]).any()


def test_pressure_varies_the_width() -> None:
    points = tuple((10.0 * k, 0.0) for k in range(11))
    pressed = Stroke(points, 20.0, tuple(0.2 + 0.08 * k for k in range(11)))
    columns = (rasterise([pressed], 64) / 255).sum(axis=0)
    assert columns[48] > 2 * columns[16]
    assert rasterise([Stroke(points[:1], 20.0, (0.5,))]).any()


@settings(max_examples=80, deadline=None)
@given(
    st.lists(
        st.lists(st.tuples(st.floats(-3000, 3000), st.floats(-3000, 3000)), min_size=1, max_size=12),
        min_size=1, max_size=5,
    ),
    st.floats(0.1, 300),
    st.booleans(),
)  # fmt: skip
def test_any_drawing_shows_within_the_frame(
    paths: list[list[tuple[float, float]]], width: float, pressed: bool
) -> None:
    strokes = [Stroke(tuple(p), width, tuple(0.5 for _ in p) if pressed else ()) for p in paths]
    frame = rasterise(strokes)
    assert frame.shape == (32, 32)
    assert frame.max() > 60
    assert not frame[[0, -1]].any()
    assert not frame[:, [0, -1]].any()


def test_smoothing_goes_through_a_curve_evenly() -> None:
    circle = [(100 + 80 * math.cos(t / 3), 100 + 80 * math.sin(t / 3)) for t in range(20)]
    curve = np.array(smooth(circle, spacing=2))
    radius = np.hypot(*(curve - 100).T)
    assert np.abs(radius - 80).max() < 1.5
    steps = np.hypot(*np.diff(curve, axis=0).T)
    assert steps.max() < 3
    assert tuple(curve[0]) == pytest.approx(circle[0])
    assert tuple(curve[-1]) == pytest.approx(circle[-1])


def test_smoothing_takes_the_jitter_of_a_pixel_grid_away() -> None:
    line = [(float(round(0.4 * k)), float(round(0.9 * k))) for k in range(100)]
    straight = np.array([0.4, 0.9]) / math.hypot(0.4, 0.9)
    away = np.array(smooth(line)) @ np.array([-straight[1], straight[0]])
    before = np.array(line) @ np.array([-straight[1], straight[0]])
    assert away.std() < 0.75 * before.std()


def test_corners_stay_sharp() -> None:
    seven = [(0.0, 0.0), (50.0, 0.0), (100.0, 0.0), (60.0, 60.0), (20.0, 120.0)]
    curve = np.array(smooth(seven))
    assert np.hypot(*(curve - (100, 0)).T).min() < 1e-6
    assert curve[:, 0].max() < 104


def test_smoothing_leaves_little_paths_alone_and_carries_pressure() -> None:
    assert smooth([(1, 2)]) == ((1, 2),)
    assert smooth([(1, 2), (1, 2), (1, 2)]) == ((1, 2),)
    assert smooth([(0, 0), (9, 9)]) == ((0, 0), (9, 9))
    stroke = smooth_stroke(Stroke(((0, 0), (10, 0), (20, 5), (30, 0)), 4, (0.1, 0.2, 0.3, 0.4)))
    assert len(stroke.pressures) == len(stroke.points) > 10
    assert stroke.pressures[0] == pytest.approx(0.1)
    assert stroke.pressures[-1] == pytest.approx(0.4)
    assert list(stroke.pressures) == sorted(stroke.pressures)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(-50, 50), st.integers(-50, 50)), min_size=1, max_size=30))
def test_smoothing_never_strays(points: list[tuple[int, int]]) -> None:
    curve = np.array(smooth([(float(x), float(y)) for x, y in points]))
    assert np.isfinite(curve).all()
    low, high = np.min(points, axis=0), np.max(points, axis=0)
    slack = 0.2 * max(high - low) + 1e-6
    assert (curve >= low - slack).all()
    assert (curve <= high + slack).all()


def test_json_and_back() -> None:
    strokes = (*pen_digit(4), Stroke(((1.0, 2.0), (3.5, 4.25)), 6.0, (0.5, 0.75)))
    text = json.dumps(strokes_to_json(strokes))
    again = strokes_from_json(json.loads(text))
    assert again[-1] == strokes[-1]
    assert np.allclose(again[0].points, strokes[0].points, atol=0.006)


@pytest.mark.parametrize(
    "value",
    [
        None, 3, [1], [{}], [{"points": [], "width": 2}], [{"points": [[1, 2]], "width": 0}],
        [{"points": [[1, 2, 3]], "width": 2}], [{"points": [["a", 2]], "width": 2}],
        [{"points": [[1, math.nan]], "width": 2}], [{"points": [[1, 2]], "width": 2, "pressures": [1, 1]}],
    ],
)  # fmt: skip
def test_damaged_json_is_refused(value: object) -> None:
    with pytest.raises(DataError, match="damaged"):
        strokes_from_json(value)
