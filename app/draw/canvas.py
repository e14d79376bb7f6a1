"""The canvas: ink that follows the mouse, a tablet's pen or fingers, and an eraser.

It shows a `Drawing` and says how the user changed it; undo is its owner's business. Strokes are painted once
into a pixmap; while one is drawn, only its last stretch is painted anew.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, QPointF, QRect, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QImage,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPointingDevice,
    QResizeEvent,
    QTabletEvent,
    QTouchEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.draw.cursor import pen_cursor
from app.draw.drawing import Drawing, View, erase, fit_view
from app.draw.ink_painter import InkLayer, apply_view, paint_stroke, rectf
from app.draw.marks import Marks, paint_marks
from app.services.settings import PEN_WIDTHS
from app.ui.theme import CanvasColours, fusion_palette, scaled_font
from core.reading.strokes import Stroke
from core.reading.types import Box

_MOUSE = -1
"""The mouse's and the tablet's key among the strokes in progress; fingers have their own ids, from 0."""
_WET = 16
"""Points of a stroke in progress that are painted anew with every event; what is older is dry."""
_PREVIEW_MS = 900


class Tool(Enum):
    """What the pointer does."""

    PEN = "pen"
    ERASER = "eraser"


@dataclass
class _Pull:
    """A pull of the pen in progress. dry: index of the point up to which the pixmap has it."""

    points: list[tuple[float, float]]
    pressures: list[float]
    width: float
    dry: int = 0

    def stroke(self, first: int = 0, stop: int | None = None) -> Stroke:
        return Stroke(tuple(self.points[first:stop]), self.width, tuple(self.pressures[first:stop]))


@dataclass
class _Rub:
    """A pull of the eraser in progress. before: the drawing at its start."""

    before: Drawing
    at: tuple[float, float]


class Canvas(QWidget):
    """Shows and edits one drawing."""

    edited = Signal(object, object, str)
    """The user changed the drawing: before, after, and what was done ("Draw", "Erase")."""
    ink_changed = Signal()
    """There is new ink, also within a stroke that goes on: `snapshot` has it."""
    files_dropped = Signal(list)
    """Files were dropped, as paths."""
    image_dropped = Signal(QImage)
    """A picture was dropped from another program."""
    pen_width_wanted = Signal(int)
    """The wheel asks for another pen width."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._drawing = Drawing()
        self._view = View(1.0, 0.0, 0.0)
        self._tool = Tool.PEN
        self._pen_width = 16
        self._pulls: dict[int, _Pull] = {}
        self._rub: _Rub | None = None
        self._layer = InkLayer()
        self._marks = Marks()
        self._hint = ""
        self._drop_hint = False
        self._colours = CanvasColours.of(self.palette())
        self._preview = QTimer(self, singleShot=True, interval=_PREVIEW_MS)
        self._preview.timeout.connect(self.update)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAttribute(Qt.WidgetAttribute.WA_AcceptTouchEvents)
        self.installEventFilter(self)
        self.setAcceptDrops(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Canvas")
        self.setAccessibleDescription("Draw digits here with the mouse, a pen or a finger.")
        self._update_cursor()

    @property
    def drawing(self) -> Drawing:
        """What was drawn and finished."""
        return self._drawing

    @property
    def tool(self) -> Tool:
        return self._tool

    @property
    def pen_width(self) -> int:
        return self._pen_width

    @property
    def view(self) -> View:
        """How the drawing lies in the widget."""
        return self._view

    @property
    def is_empty(self) -> bool:
        """Whether there is no ink, not even of a stroke that goes on, and no photo."""
        return not self._pulls and self._drawing.is_empty

    def snapshot(self) -> Drawing:
        """The drawing with the strokes that are being drawn right now."""
        live = tuple(pull.stroke() for pull in self._pulls.values())
        return replace(self._drawing, strokes=self._drawing.strokes + live) if live else self._drawing

    def set_drawing(self, drawing: Drawing) -> None:
        """Show another drawing; a stroke in progress is given up."""
        if drawing is self._drawing:
            return
        self._pulls.clear()
        self._rub = None
        self._drawing = drawing
        if not self._all_in_sight():
            self._fit()
        self._repaint()
        self.ink_changed.emit()

    def set_tool(self, tool: Tool) -> None:
        self._tool = tool
        self._update_cursor()

    def set_pen_width(self, width: int, *, preview: bool = False) -> None:
        """Width of new strokes, pixels; `preview` shows the pen in the middle of the canvas for a moment."""
        self._pen_width = min(max(width, PEN_WIDTHS[0]), PEN_WIDTHS[1])
        self._update_cursor()
        if preview:
            self._preview.start()
            self.update()

    @property
    def marks(self) -> Marks:
        return self._marks

    def set_marks(self, marks: Marks) -> None:
        """Mark where digits were read."""
        if marks != self._marks:
            self._marks = marks
            self.update()

    def set_hint(self, text: str) -> None:
        """Faint words on the empty canvas."""
        self._hint = text
        self.update()

    def picture_to_keep(self, *, ratio: float = 2.0) -> QImage:
        """The drawing for other programs: dark ink on white, `ratio` pixels to each of the canvas."""
        image = QImage(self.size() * ratio, QImage.Format.Format_RGB32)
        painter = QPainter(image)
        painter.scale(ratio, ratio)
        colours = CanvasColours.of(fusion_palette(dark=False))
        self._layer.paint_drawing(painter, self._drawing, self._view, colours, self.rect())
        painter.end()
        return image

    def sizeHint(self) -> QSize:
        return QSize(640, 480)

    def minimumSizeHint(self) -> QSize:
        return QSize(240, 200)

    # Pointer: mouse, tablet, fingers

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self._is_from_fingers(event):
            return
        if event.button() == Qt.MouseButton.LeftButton:
            self._press(_MOUSE, event.position(), None, erase_with=self._tool is Tool.ERASER)
        elif event.button() == Qt.MouseButton.RightButton and not self._pulls:
            self._press(_MOUSE, event.position(), None, erase_with=True)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() and not self._is_from_fingers(event):
            self._move(_MOUSE, event.position(), None)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        drawing = event.buttons() & (Qt.MouseButton.LeftButton | Qt.MouseButton.RightButton)
        if not drawing and not self._is_from_fingers(event):
            self._release(_MOUSE)

    def tabletEvent(self, event: QTabletEvent) -> None:
        # Accepted, so that no mouse events are made of it.
        event.accept()
        if event.type() == QEvent.Type.TabletPress:
            rubber = event.pointerType() == QPointingDevice.PointerType.Eraser
            self._press(
                _MOUSE, event.position(), event.pressure(), erase_with=rubber or self._tool is Tool.ERASER
            )
        elif event.type() == QEvent.Type.TabletMove and event.buttons():
            self._move(_MOUSE, event.position(), event.pressure())
        elif event.type() == QEvent.Type.TabletRelease:
            self._release(_MOUSE)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier and event.angleDelta().y():
            step = 1 if event.angleDelta().y() > 0 else -1
            self.pen_width_wanted.emit(self._pen_width + step)
            event.accept()
        else:
            event.ignore()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        # Fingers have no handler of their own. `event` is not overridden for them: under a Python override
        # of it, an exception in any other handler ends the process (PySide 6.11) where it should be reported.
        if isinstance(event, QTouchEvent):
            if event.type() == QEvent.Type.TouchCancel:
                self._give_up()
            else:
                self._on_touch(event)
            event.accept()
            return True
        return super().eventFilter(watched, event)

    def _on_touch(self, event: QTouchEvent) -> None:
        for point in event.points():
            match point.state():
                case point.State.Pressed:
                    self._press(point.id(), point.position(), None, erase_with=self._tool is Tool.ERASER)
                case point.State.Updated:
                    self._move(point.id(), point.position(), None)
                case point.State.Released:
                    self._release(point.id())

    def _is_from_fingers(self, event: QMouseEvent) -> bool:
        """Whether a mouse event was made of a touch that is handled already."""
        return event.device().type() == QPointingDevice.DeviceType.TouchScreen

    def _press(self, key: int, at: QPointF, pressure: float | None, *, erase_with: bool) -> None:
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        point = self._point(at)
        if erase_with:
            if self._rub is None and not self._pulls:
                self._rub = _Rub(self._drawing, point)
                self._erase_to(point)
            return
        if self._rub is not None:
            return
        pressures = [] if pressure is None else [pressure]
        self._pulls[key] = _Pull([point], pressures, self._pen_width / self._view.scale)
        self._update_around(point, point)
        self.ink_changed.emit()

    def _move(self, key: int, at: QPointF, pressure: float | None) -> None:
        point = self._point(at)
        pull = self._pulls.get(key)
        if pull is None:
            if self._rub is not None:
                self._erase_to(point)
            return
        if point == pull.points[-1]:
            return
        pull.points.append(point)
        if pull.pressures:
            pull.pressures.append(pressure if pressure is not None else pull.pressures[-1])
        if len(pull.points) - pull.dry > 2 * _WET:
            self._dry(pull, len(pull.points) - _WET)
        # The curve through the last points bends a little with each new one.
        tail = pull.points[-5:]
        xs, ys = [x for x, _ in tail], [y for _, y in tail]
        self._update_around((min(xs), min(ys)), (max(xs), max(ys)))
        self.ink_changed.emit()

    def _point(self, at: QPointF) -> tuple[float, float]:
        """Where the pointer is in the drawing; a pen that leaves the canvas leaves it by its width only."""
        edge = self._pen_width
        x = min(max(at.x(), -edge), self.width() + edge)
        y = min(max(at.y(), -edge), self.height() + edge)
        return self._view.to_drawing(x, y)

    def _release(self, key: int) -> None:
        pull = self._pulls.pop(key, None)
        if pull is not None:
            self._dry(pull, len(pull.points))
            before, self._drawing = self._drawing, self._drawing.with_stroke(pull.stroke())
            self.edited.emit(before, self._drawing, "Draw")
        elif self._rub is not None:
            before, self._rub = self._rub.before, None
            if self._drawing is not before:
                self.edited.emit(before, self._drawing, "Erase")

    def _give_up(self) -> None:
        """Drop the strokes in progress: the system took the touch away."""
        if self._pulls:
            self._pulls.clear()
            self._repaint()
            self.ink_changed.emit()

    def _erase_to(self, point: tuple[float, float]) -> None:
        assert self._rub is not None, "no eraser is down"
        last, self._rub.at = self._rub.at, point
        radius = self.eraser_radius / self._view.scale
        left = erase(self._drawing.strokes, last, point, radius)
        if len(left) == len(self._drawing.strokes) and all(
            a is b for a, b in zip(left, self._drawing.strokes, strict=True)
        ):
            return
        self._drawing = replace(self._drawing, strokes=left)
        reach = radius + PEN_WIDTHS[1] / self._view.scale
        low = (min(last[0], point[0]) - reach, min(last[1], point[1]) - reach)
        high = (max(last[0], point[0]) + reach, max(last[1], point[1]) + reach)
        self._repaint(self._widget_rect(low, high, 0.0))
        self.ink_changed.emit()

    @property
    def eraser_radius(self) -> float:
        """Of the eraser, pixels of the widget: it grows with the pen."""
        return max(10.0, self._pen_width * 0.9)

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._layer.fits(self.size(), self.devicePixelRatioF()):
            self._repaint()
        painter = QPainter(self)
        self._layer.show(painter, event.rect())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_words(painter)
        painter.save()
        apply_view(painter, self._view)
        for pull in self._pulls.values():
            paint_stroke(painter, pull.stroke(pull.dry), self._colours.ink)
        painter.restore()
        paint_marks(painter, self._marks, self._view, self._colours, self.font(), self.height())
        self._paint_frame(painter)
        if self._preview.isActive():
            self._paint_preview(painter)
        painter.end()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._fit()
        super().resizeEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.StyleChange):
            self._colours = CanvasColours.of(self.palette())
            self._repaint()
        super().changeEvent(event)

    def _all_in_sight(self) -> bool:
        """Whether the drawing fits the present view; ink may stand over the edge by a pen's width."""
        bounds = self._drawing.bounds()
        if bounds is None:
            return False
        edge = PEN_WIDTHS[1]
        sight = QRectF(self.rect()).adjusted(-edge, -edge, edge, edge)
        return sight.contains(rectf(self._view.to_widget(bounds)))

    def _fit(self) -> None:
        self._view = fit_view(self.width(), self.height(), self._drawing.bounds())

    def _repaint(self, area: QRect | None = None) -> None:
        """Paint the finished strokes anew, everywhere or within `area`."""
        area = self.rect() if area is None else area
        ratio = self.devicePixelRatioF()
        self._layer.repaint(self._drawing, self._view, self._colours, self.size(), ratio, area)
        for pull in self._pulls.values():
            pull.dry = 0
        self.update(area)

    def _dry(self, pull: _Pull, stop: int) -> None:
        """Move the points up to `stop` of a stroke in progress into the layer."""
        if not self._layer.fits(self.size(), self.devicePixelRatioF()):
            self._repaint()
        self._layer.add([pull.stroke(pull.dry, stop)], self._view, self._colours)
        # The next stretch starts at the last dry point, so that the two meet.
        pull.dry = stop - 1

    def _paint_words(self, painter: QPainter) -> None:
        if not self._hint or self._pulls or not self._drawing.is_empty:
            return
        painter.setFont(scaled_font(self.font(), 1.6))
        painter.setPen(self._colours.hint)
        area = self.rect().adjusted(16, 16, -16, -16)
        painter.drawText(area, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self._hint)

    def _paint_frame(self, painter: QPainter) -> None:
        colour = self._colours.mark if self._drop_hint or self.hasFocus() else self._colours.edge
        painter.setPen(QPen(colour, 3 if self._drop_hint else 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5))

    def _paint_preview(self, painter: QPainter) -> None:
        radius = self._pen_width / 2
        painter.setPen(QPen(self._colours.paper, 2))
        painter.setBrush(self._colours.ink)
        painter.drawEllipse(QRectF(self.rect()).center(), radius, radius)

    def _update_around(self, low: tuple[float, float], high: tuple[float, float]) -> None:
        self.update(self._widget_rect(low, high, self._pen_width))

    def _widget_rect(self, low: tuple[float, float], high: tuple[float, float], reach: float) -> QRect:
        box = self._view.to_widget(Box(low[0], low[1], high[0] - low[0], high[1] - low[1]))
        return rectf(box).adjusted(-reach, -reach, reach, reach).toAlignedRect()

    def _update_cursor(self) -> None:
        diameter = self._pen_width if self._tool is Tool.PEN else 2 * self.eraser_radius
        self.setCursor(pen_cursor(diameter, self.devicePixelRatioF(), eraser=self._tool is Tool.ERASER))

    # Dropping pictures

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        mime = event.mimeData()
        if mime.hasImage() or any(url.isLocalFile() for url in mime.urls()):
            event.acceptProposedAction()
            self._drop_hint = True
            self.update()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self._drop_hint = False
        self.update()

    def dropEvent(self, event: QDropEvent) -> None:
        self._drop_hint = False
        self.update()
        mime = event.mimeData()
        files = [Path(url.toLocalFile()) for url in mime.urls() if url.isLocalFile()]
        if files:
            self.files_dropped.emit(files)
        elif mime.hasImage():
            self.image_dropped.emit(QImage(mime.imageData()))
        event.acceptProposedAction()
