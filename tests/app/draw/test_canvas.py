from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import (
    QColor,
    QDragEnterEvent,
    QDropEvent,
    QImage,
    QInputDevice,
    QPalette,
    QPointingDevice,
    QTabletEvent,
    QWheelEvent,
)
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.draw.canvas import Canvas, Tool
from app.draw.drawing import Drawing, Picture
from app.draw.marks import Marks
from app.ui.theme import fusion_palette
from core.reading.strokes import Stroke
from core.reading.types import Box
from tests.app.pointer import drag, line

LINE = Stroke(((-100.0, 0.0), (100.0, 0.0)), 20.0)


@pytest.fixture
def canvas(qtbot: QtBot) -> Canvas:
    widget = Canvas()
    widget.setPalette(fusion_palette(dark=False))
    widget.resize(400, 300)
    qtbot.addWidget(widget)
    widget.show()
    qtbot.waitExposed(widget)
    return widget


def ink_at(canvas: Canvas, x: float, y: float) -> bool:
    """Whether there is ink at a point of the widget."""
    image = canvas.grab().toImage()
    ratio = image.devicePixelRatio()
    return image.pixelColor(round(x * ratio), round(y * ratio)).lightness() < 100


def test_a_pull_of_the_mouse_is_a_stroke(canvas: Canvas, qtbot: QtBot) -> None:
    with qtbot.waitSignal(canvas.edited) as blocker:
        drag(canvas, line(100, 150, 300, 150))
    before, after, what = blocker.args
    assert before.is_empty
    assert what == "Draw"
    (stroke,) = after.strokes
    assert stroke.points[0] == (-100.0, 0.0)
    assert stroke.points[-1] == (100.0, 0.0)
    assert stroke.width == 16
    assert stroke.pressures == ()
    assert canvas.drawing is after
    assert ink_at(canvas, 200, 150)
    assert not ink_at(canvas, 200, 200)


def test_a_click_is_a_dot(canvas: Canvas) -> None:
    drag(canvas, [(200, 150)])
    assert canvas.drawing.strokes[0].points == ((0.0, 0.0),)
    assert ink_at(canvas, 200, 150)


def test_ink_is_there_while_the_stroke_goes_on(canvas: Canvas) -> None:
    drag(canvas, line(100, 150, 300, 150), let_go=False)
    assert canvas.drawing.is_empty
    assert len(canvas.snapshot().strokes) == 1
    assert ink_at(canvas, 200, 150)


def test_a_very_long_stroke_stays_whole(canvas: Canvas) -> None:
    points = [(50 + 300 * k // 999, 150 + (40 if k % 2 else -40)) for k in range(1000)]
    drag(canvas, points)
    (stroke,) = canvas.drawing.strokes
    assert len(stroke.points) == 1000
    image = canvas.grab().toImage()
    assert all(image.pixelColor(x, 150).lightness() < 100 for x in range(60, 340, 10))


def test_painted_in_stretches_it_looks_as_painted_at_once(canvas: Canvas) -> None:
    turns = np.linspace(0, 6 * np.pi, 400)
    drag(canvas, [(round(200 + 90 * np.cos(t)), round(150 + 60 * np.sin(1.5 * t))) for t in turns])
    live = canvas.grab().toImage()
    drawing = canvas.drawing
    canvas.set_drawing(Drawing())
    canvas.set_drawing(drawing)
    again = canvas.grab().toImage()
    assert _difference(live, again) < 0.01


def _difference(a: QImage, b: QImage) -> float:
    """The share of pixels that clearly differ."""
    pairs = []
    for image in (a, b):
        gray = image.convertToFormat(QImage.Format.Format_Grayscale8)
        rows = np.frombuffer(gray.constBits(), np.uint8).reshape(gray.height(), gray.bytesPerLine())
        pairs.append(rows[:, : gray.width()].astype(int))
    return float(np.mean(np.abs(pairs[0] - pairs[1]) > 96))


def test_the_eraser_cuts_and_the_right_button_erases(canvas: Canvas, qtbot: QtBot) -> None:
    canvas.set_drawing(Drawing((LINE,)))
    canvas.set_tool(Tool.ERASER)
    with qtbot.waitSignal(canvas.edited) as blocker:
        drag(canvas, line(200, 100, 200, 200))
    assert blocker.args[0].strokes == (LINE,)
    assert blocker.args[2] == "Erase"
    assert len(canvas.drawing.strokes) == 2
    assert not ink_at(canvas, 200, 150)
    assert ink_at(canvas, 120, 150)
    canvas.set_tool(Tool.PEN)
    drag(canvas, line(80, 150, 320, 150), Qt.MouseButton.RightButton)
    assert canvas.drawing.is_empty


def test_an_eraser_that_meets_nothing_changes_nothing(canvas: Canvas, qtbot: QtBot) -> None:
    canvas.set_drawing(Drawing((LINE,)))
    canvas.set_tool(Tool.ERASER)
    with qtbot.assertNotEmitted(canvas.edited):
        drag(canvas, line(20, 20, 60, 20))


def test_a_tablet_gives_pressure_and_its_other_end_erases(canvas: Canvas) -> None:
    def tablet(kind: QEvent.Type, x: float, pressure: float, pointer: QPointingDevice.PointerType) -> None:
        device = QPointingDevice(
            "pen", 1, QInputDevice.DeviceType.Stylus, pointer, QInputDevice.Capability.Pressure, 1, 1
        )
        held = Qt.MouseButton.NoButton if kind == QEvent.Type.TabletRelease else Qt.MouseButton.LeftButton
        at = QPointF(x, 150)
        event = QTabletEvent(
            kind, device, at, canvas.mapToGlobal(at), pressure, 0.0, 0.0, 0.0, 0.0, 0.0,
            Qt.KeyboardModifier.NoModifier, Qt.MouseButton.LeftButton, held,
        )  # fmt: skip
        assert QApplication.sendEvent(canvas, event)
        assert event.isAccepted()

    kinds = QPointingDevice.PointerType
    tablet(QEvent.Type.TabletPress, 100, 0.25, kinds.Pen)
    for step in range(1, 9):
        tablet(QEvent.Type.TabletMove, 100 + 25 * step, 0.25 + 0.09 * step, kinds.Pen)
    tablet(QEvent.Type.TabletRelease, 300, 0.0, kinds.Pen)
    (stroke,) = canvas.drawing.strokes
    assert len(stroke.pressures) == len(stroke.points) == 9
    assert stroke.pressures[0] == pytest.approx(0.25, abs=0.01)
    canvas.set_pen_width(40)
    tablet(QEvent.Type.TabletPress, 200, 1.0, kinds.Eraser)
    tablet(QEvent.Type.TabletRelease, 200, 0.0, kinds.Eraser)
    assert len(canvas.drawing.strokes) == 2


def test_pressure_makes_the_line_thick(canvas: Canvas) -> None:
    points = tuple((-150.0 + 30 * k, 0.0) for k in range(11))
    canvas.set_drawing(Drawing((Stroke(points, 40.0, tuple(0.1 + 0.09 * k for k in range(11))),)))
    assert not ink_at(canvas, 70, 165)
    assert ink_at(canvas, 330, 165)


def test_two_fingers_draw_two_strokes(canvas: Canvas) -> None:
    device = QTest.createTouchDevice()
    QTest.touchEvent(canvas, device).press(0, QPoint(100, 100), canvas).press(
        1, QPoint(100, 200), canvas
    ).commit()
    for x in range(120, 320, 20):
        QTest.touchEvent(canvas, device).move(0, QPoint(x, 100), canvas).move(
            1, QPoint(x, 200), canvas
        ).commit()
    assert len(canvas.snapshot().strokes) == 2
    QTest.touchEvent(canvas, device).release(0, QPoint(300, 100), canvas).stationary(1).commit()
    assert sum(1 for _ in canvas.drawing.strokes) == 1
    QTest.touchEvent(canvas, device).release(1, QPoint(300, 200), canvas).commit()
    assert len(canvas.drawing.strokes) == 2
    assert ink_at(canvas, 200, 100)
    assert ink_at(canvas, 200, 200)


def test_another_drawing_gives_up_the_stroke_in_progress(canvas: Canvas, qtbot: QtBot) -> None:
    drag(canvas, line(100, 150, 300, 150), let_go=False)
    canvas.set_drawing(Drawing((Stroke(((0.0, 100.0),), 20.0),)))
    with qtbot.assertNotEmitted(canvas.edited):
        QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=QPoint(300, 150))
    assert not ink_at(canvas, 200, 150)
    assert ink_at(canvas, 200, 250)


def test_the_drawing_stays_in_the_middle_and_in_sight(canvas: Canvas) -> None:
    canvas.set_drawing(Drawing((LINE,)))
    canvas.resize(800, 500)
    assert ink_at(canvas, 400, 250)
    assert canvas.view.scale == 1
    canvas.resize(160, 120)
    assert canvas.view.scale < 1
    assert ink_at(canvas, 80, 60)
    assert ink_at(canvas, 20, 60)


def test_ink_over_the_edge_is_no_reason_to_jump(canvas: Canvas) -> None:
    drag(canvas, line(200, 150, 390, 150))
    drag(canvas, line(200, 150, 900, 150))
    first, second = canvas.drawing.strokes
    canvas.set_drawing(Drawing((first,)))
    canvas.set_drawing(Drawing((first, second)))
    assert canvas.view.scale == 1


def test_the_pen_width_is_kept_in_range_and_shown(canvas: Canvas) -> None:
    canvas.set_pen_width(1000, preview=True)
    assert canvas.pen_width == 60
    assert ink_at(canvas, 200, 150)
    canvas.set_pen_width(-3)
    assert canvas.pen_width == 2


def test_ctrl_and_the_wheel_ask_for_another_pen(canvas: Canvas, qtbot: QtBot) -> None:
    at = QPointF(200, 150)

    def turn(modifier: Qt.KeyboardModifier) -> None:
        event = QWheelEvent(
            at, canvas.mapToGlobal(at), QPoint(), QPoint(0, 120), Qt.MouseButton.NoButton, modifier,
            Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        QApplication.sendEvent(canvas, event)

    with qtbot.waitSignal(canvas.pen_width_wanted) as blocker:
        turn(Qt.KeyboardModifier.ControlModifier)
    assert blocker.args == [17]
    with qtbot.assertNotEmitted(canvas.pen_width_wanted):
        turn(Qt.KeyboardModifier.NoModifier)


def test_words_and_marks_are_painted(canvas: Canvas) -> None:
    blank = canvas.grab().toImage()
    canvas.set_hint("Draw a digit here")
    assert canvas.grab().toImage() != blank
    canvas.set_drawing(Drawing((LINE,)))
    plain = canvas.grab().toImage()
    canvas.set_marks(Marks((Box(-100, -20, 80, 40), Box(20, -20, 80, 40)), 1))
    assert canvas.grab().toImage() != plain


def test_dark_paper_has_light_ink_but_is_kept_dark_on_white(canvas: Canvas) -> None:
    canvas.setPalette(fusion_palette(dark=True))
    canvas.set_drawing(Drawing((LINE,)))
    image = canvas.grab().toImage()
    assert image.pixelColor(200, 150).lightness() > 200
    assert image.pixelColor(200, 250).lightness() < 60
    kept = canvas.picture_to_keep()
    assert kept.width() == 800
    assert kept.pixelColor(400, 300).lightness() < 60
    assert kept.pixelColor(400, 500) == QColor("white")
    assert canvas.palette().color(QPalette.ColorRole.Base).lightness() < 60


def test_a_picture_lies_under_the_ink(canvas: Canvas) -> None:
    image = np.full((10, 10, 3), (255, 0, 0), np.uint8)
    canvas.set_drawing(Drawing((LINE,), Picture(image, Box(-50, -50, 100, 100))))
    shown = canvas.grab().toImage()
    assert shown.pixelColor(200, 120) == QColor(255, 0, 0)
    assert shown.pixelColor(200, 150).lightness() < 100


def _drop(canvas: Canvas, mime: QMimeData) -> None:
    held = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(QPoint(100, 100), Qt.DropAction.CopyAction, mime, *held)
    QApplication.sendEvent(canvas, enter)
    assert enter.isAccepted()
    QApplication.sendEvent(canvas, QDropEvent(QPointF(100, 100), Qt.DropAction.CopyAction, mime, *held))


def test_dropped_files_and_pictures_are_handed_on(canvas: Canvas, qtbot: QtBot) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile("/a/digit.png"), QUrl("https://example.org/x.png")])
    with qtbot.waitSignal(canvas.files_dropped) as blocker:
        _drop(canvas, mime)
    assert blocker.args == [[Path("/a/digit.png")]]
    mime = QMimeData()
    image = QImage(4, 4, QImage.Format.Format_RGB32)
    image.fill(0)
    mime.setImageData(image)
    with qtbot.waitSignal(canvas.image_dropped):
        _drop(canvas, mime)
