"""Pictures that are zoomed, mirrored, marked and framed: geometry, painting, the mouse and the keyboard."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QImage, QPainter, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.camera.frame_view import FrameView, frame_with_marks
from app.camera.region import Grip, ReadingRegion, shifted
from app.image_view.image_view import ImageView, picture_levels, render
from app.image_view.marked_view import mark_at
from app.image_view.overlay import OverlayMark, marks_of, paint_marks
from app.image_view.viewport import Viewport
from app.ui.images import to_qimage
from app.ui.shown_reading import DigitRef, ShownNumber, ShownReading
from core.reading.types import Box, Reading
from tests.app.picture_fakes import as_shown, digit_of, number_of, plain

sizes = st.tuples(st.integers(1, 6000), st.integers(1, 6000))
views = st.tuples(st.floats(1, 3000), st.floats(1, 3000))
shares = st.floats(0, 1)


@given(sizes, views, st.floats(1, 50), shares, shares, st.booleans())
def test_a_point_comes_back_from_the_widget(
    image: tuple[int, int], view: tuple[float, float], zoom: float, x: float, y: float, mirrored: bool
) -> None:
    v = Viewport(image, view, mirrored=mirrored).zoomed(zoom, x * view[0], y * view[1])
    px, py = v.to_image(*v.to_widget(x * image[0], y * image[1]))
    assert px == pytest.approx(x * image[0], abs=1e-3 * image[0] + 1e-6)
    assert py == pytest.approx(y * image[1], abs=1e-3 * image[1] + 1e-6)


@given(sizes, views, st.lists(st.tuples(st.floats(0.1, 10), shares, shares), max_size=5), st.booleans())
def test_a_zoomed_picture_leaves_no_gap_that_it_could_fill(
    image: tuple[int, int], view: tuple[float, float], steps: list[tuple[float, float, float]], mirrored: bool
) -> None:
    v = Viewport(image, view, mirrored=mirrored)
    for factor, x, y in steps:
        v = v.zoomed(factor, x * view[0], y * view[1]).moved(x * 900 - 400, y * 900 - 400)
    left, top = v.origin
    for start, length, room in ((left, image[0] * v.scale, view[0]), (top, image[1] * v.scale, view[1])):
        if length <= room:
            assert start == pytest.approx((room - length) / 2, abs=0.01)
        else:
            assert start <= 0.01
            assert start + length >= room - 0.01
    x1, y1, x2, y2 = v.visible()
    assert 0 <= x1 <= x2 <= image[0]
    assert 0 <= y1 <= y2 <= image[1]


def test_zooming_keeps_the_point_under_the_pointer() -> None:
    v = Viewport((1000, 800), (500, 400))
    before = v.to_image(100, 300)
    zoomed = v.zoomed(3, 100, 300)
    assert zoomed.to_image(100, 300) == pytest.approx(before)
    assert zoomed.scale == pytest.approx(1.5)
    assert zoomed.zoomed(0.01, 0, 0) == v
    assert v.at_scale(1).scale == pytest.approx(1)


def test_a_mirrored_box_is_where_it_is_seen() -> None:
    v = Viewport((100, 100), (100, 100), mirrored=True)
    assert v.box_to_widget(Box(10, 20, 30, 5)) == Box(60, 20, 30, 5)


def test_tiny_pictures_are_not_blown_up_without_end() -> None:
    assert Viewport((2, 2), (900, 900)).scale == 16


@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("zoom", [1.0, 2.5, 12.0])
def test_what_is_drawn_is_what_lies_there(mirrored: bool, zoom: float) -> None:
    rng = np.random.default_rng(4)
    image = rng.integers(0, 255, (60, 90, 3), np.uint8)
    v = Viewport((90, 60), (300, 200), mirrored=mirrored).zoomed(zoom, 200, 60)
    shown = render((image,), v, 1.0)
    assert shown is not None
    pixels, target = shown
    for x, y in ((50, 50), (150, 100), (290, 190)):
        px, py = v.to_image(x + 0.5, y + 0.5)
        row = int((y + 0.5 - target.y()) * pixels.shape[0] / target.height())
        column = int((x + 0.5 - target.x()) * pixels.shape[1] / target.width())
        if v.scale >= 4:
            assert np.array_equal(pixels[row, column], image[int(py), int(px)])


def test_huge_pictures_are_drawn_from_smaller_copies() -> None:
    image = np.zeros((5000, 4100), np.uint8)
    levels = picture_levels(image)
    assert [level.shape for level in levels] == [(5000, 4100), (2500, 2050), (1250, 1025)]
    shown = render(levels, Viewport((4100, 5000), (410, 500)), 1.0)
    assert shown is not None
    assert shown[0].shape == (500, 410)


@pytest.mark.parametrize("shape", [(1, 1), (1, 900), (900, 1, 3), (3, 5, 3)])
def test_odd_pictures_are_drawn(shape: tuple[int, ...], qtbot: QtBot) -> None:
    view = ImageView()
    qtbot.addWidget(view)
    view.set_levels((np.full(shape, 200, np.uint8),), keep_view=False)
    as_shown(view, 211, 133)
    view.zoom_by(40)
    assert not view.grab().isNull()
    view.set_levels((), keep_view=True)
    assert not view.has_picture
    assert not view.grab().isNull()


def wheel(view: ImageView, turn: int) -> None:
    at = QPointF(view.rect().center())
    event = QWheelEvent(
        at, view.mapToGlobal(at), QPoint(), QPoint(0, turn), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(view, event)


def test_wheel_keys_drag_and_double_click(qtbot: QtBot) -> None:
    view = ImageView()
    qtbot.addWidget(view)
    wheel(view, 120)
    assert view.viewport.zoom == 1
    view.set_levels((plain(400, 300),), keep_view=False)
    as_shown(view, 400, 300)
    scales: list[float] = []
    view.zoom_changed.connect(scales.append)
    wheel(view, 480)
    assert view.viewport.zoom > 1.5
    assert scales
    before = view.viewport.centre
    QTest.mousePress(view, Qt.MouseButton.LeftButton, pos=QPoint(200, 150))
    QTest.mouseMove(view, QPoint(150, 120))
    QTest.mouseRelease(view, Qt.MouseButton.LeftButton, pos=QPoint(150, 120))
    assert view.viewport.centre[0] > before[0]
    assert view.viewport.centre[1] > before[1]
    QTest.keyClick(view, Qt.Key.Key_Left)
    QTest.keyClick(view, Qt.Key.Key_Up)
    QTest.mouseDClick(view, Qt.MouseButton.LeftButton, pos=QPoint(10, 10))
    assert view.viewport.zoom == 1
    QTest.mouseDClick(view, Qt.MouseButton.LeftButton, pos=QPoint(10, 10))
    assert view.viewport.zoom > 1
    view.fit()
    view.zoom_in()
    view.zoom_out()
    assert view.viewport.zoom == pytest.approx(1)
    view.actual_size()
    assert view.viewport.scale == pytest.approx(1 / view.devicePixelRatioF())


# --- marks -----------------------------------------------------------------------------------------------


def painted(marks: list[OverlayMark], size: tuple[int, int] = (200, 150)) -> NDArray[np.uint8]:
    picture = QImage(*size, QImage.Format.Format_RGB888)
    picture.fill(Qt.GlobalColor.gray)
    painter = QPainter(picture)
    paint_marks(painter, marks, lambda b: b, font=QApplication.font(), area=QRectF(picture.rect()))
    painter.end()
    view = np.frombuffer(picture.constBits(), np.uint8).reshape(size[1], picture.bytesPerLine())
    return view[:, : 3 * size[0]].reshape(size[1], size[0], 3).copy()


@pytest.mark.parametrize("confidence", [0.97, 0.7, 0.3])
@pytest.mark.parametrize("place", [(60, 60), (0, 0), (185, 130)])
def test_marks_are_painted_inside_the_picture(
    confidence: float, place: tuple[float, float], qtbot: QtBot
) -> None:
    number = number_of("18", *place, confidence=confidence)
    shown = ShownNumber(number)
    plain_mark = painted([OverlayMark(shown, 0)])
    assert (plain_mark != 160).any()
    chosen = painted([OverlayMark(ShownNumber(number, correction="19"), 0, digit=1)])
    pending = painted([OverlayMark(shown)])
    maybe = painted([OverlayMark(ShownNumber(number, is_maybe=True), 0)])
    assert (maybe != plain_mark).any()
    assert (chosen != plain_mark).any()
    assert (pending != plain_mark).any()


def test_marks_of_a_reading_know_the_selected_digit() -> None:
    reading = Reading((number_of("12"), number_of("345", 50)))
    shown = ShownReading.of(reading)
    assert [(m.place, m.digit) for m in marks_of(shown, DigitRef(1, 1))] == [(0, None), (1, 1)]
    assert not any(m.is_selected for m in (*marks_of(shown), *marks_of(shown, DigitRef(None, 0))))


def test_the_smallest_mark_under_the_pointer_is_hit() -> None:
    big = OverlayMark(ShownNumber(number_of("7", 0, 0, size=100)), 0)
    small = OverlayMark(ShownNumber(number_of("12", 20, 20)), 1)
    pending = OverlayMark(ShownNumber(number_of("9", 22, 22)))
    assert mark_at([big, small, pending], 33, 25) == DigitRef(1, 1)
    assert mark_at([big, small], 90, 150) == DigitRef(0, 0)
    assert mark_at([big], 300, 300) is None
    assert mark_at([big], 102, 100, slack=4) == DigitRef(0, 0)


def test_a_saved_frame_has_its_marks_at_full_size(qtbot: QtBot) -> None:
    image = plain(640, 480)
    with_marks = frame_with_marks(
        image, (OverlayMark(ShownNumber(number_of("42", 200, 200)), 0),), QApplication.font()
    )
    assert (with_marks.width(), with_marks.height()) == (640, 480)
    assert with_marks != to_qimage(image)


# --- the guide -------------------------------------------------------------------------------------------

moves = st.floats(-2, 2)


@given(st.integers(-1, 1), st.integers(-1, 1), moves, moves)
def test_a_guide_never_leaves_the_picture(dx: int, dy: int, mx: float, my: float) -> None:
    guide = ReadingRegion().dragged(Grip(dx, dy), mx, my)
    assert guide.w >= 0.059
    assert guide.h >= 0.059
    left, top, right, bottom = guide.region(640, 480)
    assert 0 <= left < right <= 640
    assert 0 <= top < bottom <= 480
    assert ReadingRegion.from_text(guide.as_text()).x == pytest.approx(guide.x, abs=1e-3)


@pytest.mark.parametrize("text", ["", "x", "1 2 3", "0 0 9 9", "nan nan nan nan", "0.1 0.1 0.2 0.2 0.2"])
def test_a_damaged_guide_is_the_default(text: str) -> None:
    assert ReadingRegion.from_text(text) == ReadingRegion()


def test_the_region_of_a_tiny_picture_has_a_pixel() -> None:
    assert ReadingRegion(0.5, 0.5, 0.1, 0.1).region(1, 1) == (0, 0, 1, 1)


def test_grips() -> None:
    guide = ReadingRegion(0.2, 0.2, 0.6, 0.6)
    assert guide.grip_at(0.5, 0.5, 0.02, 0.02) == Grip(0, 0)
    assert guide.grip_at(0.2, 0.8, 0.02, 0.02) == Grip(-1, 1)
    assert guide.grip_at(0.79, 0.5, 0.02, 0.02) == Grip(1, 0)
    assert guide.grip_at(0.1, 0.5, 0.02, 0.02) is None


def test_a_reading_of_a_part_is_shifted_as_a_whole() -> None:
    marks = (digit_of(3, Box(5, 5, 1, 1)),)
    reading = Reading((number_of("1", 0, 0),), marks, 3.0, maybe=(number_of("2", 7, 7),))
    moved = shifted(reading, 100, 50)
    assert moved.numbers[0].box == Box(100, 50, 10, 20)
    assert moved.numbers[0].digits[0].box == Box(100, 50, 10, 20)
    assert moved.rejected[0].box == Box(105, 55, 1, 1)
    assert moved.maybe[0].digits[0].box == Box(107, 57, 10, 20)
    assert moved.milliseconds == 3.0


@pytest.fixture
def frame_view(qtbot: QtBot) -> FrameView:
    view = FrameView()
    qtbot.addWidget(view)
    as_shown(view, 400, 300)
    view.set_frame(plain(400, 300))
    return view


def test_the_guide_follows_the_mouse(frame_view: FrameView) -> None:
    changes: list[ReadingRegion] = []
    frame_view.guide_changed.connect(changes.append)
    frame_view.set_guide(ReadingRegion(0.25, 0.25, 0.5, 0.5))
    QTest.mousePress(frame_view, Qt.MouseButton.LeftButton, pos=QPoint(300, 225))  # its corner
    QTest.mouseMove(frame_view, QPoint(340, 255))
    QTest.mouseRelease(frame_view, Qt.MouseButton.LeftButton, pos=QPoint(340, 255))
    assert changes[-1].w == pytest.approx(0.6)
    assert changes[-1].h == pytest.approx(0.6)
    QTest.mouseMove(frame_view, QPoint(10, 10))
    assert changes[-1].w == pytest.approx(0.6)
    assert not frame_view.grab().isNull()


def test_a_click_on_a_number_is_told_and_a_drag_is_not(frame_view: FrameView) -> None:
    clicks: list[DigitRef] = []
    frame_view.mark_clicked.connect(clicks.append)
    frame_view.set_marks([OverlayMark(ShownNumber(number_of("12", 100, 100)), 0)])
    frame_view.set_guide(ReadingRegion(0, 0, 1, 1))
    frame_view.set_badge("frozen")
    QTest.mouseMove(frame_view, QPoint(115, 110))
    QTest.mouseClick(frame_view, Qt.MouseButton.LeftButton, pos=QPoint(115, 110))
    assert clicks == [DigitRef(0, 1)]
    frame_view.set_guide(None)
    QTest.mousePress(frame_view, Qt.MouseButton.LeftButton, pos=QPoint(115, 110))
    QTest.mouseMove(frame_view, QPoint(200, 200))
    QTest.mouseRelease(frame_view, Qt.MouseButton.LeftButton, pos=QPoint(200, 200))
    assert clicks == [DigitRef(0, 1)]
    frame_view.set_mirrored(True)
    QTest.mouseClick(frame_view, Qt.MouseButton.LeftButton, pos=QPoint(400 - 105, 110))
    assert clicks[-1] == DigitRef(0, 0)
    assert not frame_view.grab().isNull()


def test_a_viewport_keeps_its_zoom_when_the_picture_changes_its_size() -> None:
    v = Viewport((640, 480), (800, 600)).zoomed(4, 0, 0)
    other = v.resized((1280, 720), (800, 600))
    assert other.zoom == 4
    assert replace(other, zoom=1).fitted().centre == (0.5, 0.5)
