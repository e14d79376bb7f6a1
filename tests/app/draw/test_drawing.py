import numpy as np
import pytest

from app.draw.drawing import (
    Drawing,
    Picture,
    View,
    erase,
    fit_view,
    placed,
    stroke_box,
    strokes_of_boxes,
    viewed,
)
from core.reading.strokes import Stroke
from core.reading.types import Box

LINE = Stroke(((-100.0, 0.0), (100.0, 0.0)), 10.0)
DOT = Stroke(((0.0, 50.0),), 10.0)


def test_a_drawing_is_never_changed_only_replaced() -> None:
    empty = Drawing()
    one = empty.with_stroke(LINE)
    assert empty.is_empty
    assert not one.is_empty
    assert one.strokes == (LINE,)


def test_bounds_hold_pens_and_pictures() -> None:
    assert Drawing().bounds() is None
    assert Drawing((LINE,)).bounds() == Box(-105, -5, 210, 10)
    picture = Picture(np.zeros((10, 10), np.uint8), Box(-200, -50, 20, 20))
    assert Drawing((LINE,), picture).bounds() == Box(-200, -50, 305, 55)


def test_a_stroke_hit_in_the_middle_falls_into_two() -> None:
    left, right = erase([LINE], (0, -50), (0, 50), 10)
    assert left.points[0] == (-100.0, 0.0)
    assert right.points[-1] == (100.0, 0.0)
    gap = right.points[0][0] - left.points[-1][0]
    assert 30 <= gap <= 36  # the eraser's and the pen's radius at both sides, to the spacing of the points
    assert left.width == right.width == LINE.width


def test_what_the_eraser_misses_is_the_same_object() -> None:
    (far, dot) = erase([LINE, DOT], (0, 200), (50, 200), 10)
    assert far is LINE
    assert dot is DOT
    assert erase([DOT], (0, 40), (0, 60), 8) == ()


def test_a_fast_eraser_rubs_out_all_on_its_way() -> None:
    assert erase([DOT], (-500, 50), (500, 50), 8) == ()
    assert erase([LINE], (-200, 0), (200, 0), 8) == ()


def test_pressures_are_cut_with_their_points() -> None:
    stroke = Stroke(((0.0, 0.0), (100.0, 0.0)), 4.0, (0.0, 1.0))
    (left, right) = erase([stroke], (50, 0), (50, 0), 10)
    assert len(left.pressures) == len(left.points)
    assert left.pressures[0] == 0.0
    assert left.pressures[-1] < 0.5 < right.pressures[0]
    assert right.pressures[-1] == 1.0


def test_the_view_keeps_the_middle_in_the_middle() -> None:
    view = fit_view(400, 300, None)
    assert view.to_drawing(200, 150) == (0, 0)
    assert view.to_widget(Box(-10, -10, 20, 20)) == Box(190, 140, 20, 20)


def test_the_view_shrinks_only_what_would_be_cut_off() -> None:
    assert fit_view(400, 300, Box(-100, -100, 200, 200)).scale == 1
    view = fit_view(400, 300, Box(-400, -10, 500, 20))
    assert view.scale == pytest.approx((200 - 8) / 400)
    shown = view.to_widget(Box(-400, -10, 500, 20))
    assert shown.x >= 0
    x, y = view.to_drawing(shown.x, shown.y)
    assert (x, y) == pytest.approx((-400, -10))


def test_strokes_go_to_the_box_that_holds_them() -> None:
    one, two = Stroke(((0, 0), (0, 50)), 4.0), Stroke(((100, 0), (120, 50)), 4.0)
    cross = Stroke(((95, 25), (125, 25)), 4.0)
    boxes = [stroke_box(one), Box(95, 0, 30, 50), Box(500, 0, 10, 10)]
    assert strokes_of_boxes([one, two, cross], boxes) == [(one,), (two, cross), ()]
    assert strokes_of_boxes([DOT], []) == []


def test_strokes_lie_in_the_widget_as_the_view_says() -> None:
    (line,) = viewed([LINE], View(0.5, 100, 5))
    assert line.points == ((50.0, 5.0), (150.0, 5.0))
    assert line.width == LINE.width / 2


def test_a_picture_is_laid_in_the_middle() -> None:
    picture = placed(np.zeros((100, 50), np.uint8), 600, 400)
    assert picture.box.h == pytest.approx(0.86 * 400)
    assert picture.box.w == pytest.approx(0.86 * 200)
    assert picture.box.x == -picture.box.w / 2
    assert placed(np.zeros((2, 2), np.uint8), 600, 400).box.w == 24
