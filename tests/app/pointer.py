"""Real pointer events for tests: what a hand does with a mouse on a widget."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

LEFT = Qt.MouseButton.LeftButton


def drag(
    widget: QWidget, points: Sequence[tuple[int, int]], button: Qt.MouseButton = LEFT, *, let_go: bool = True
) -> None:
    """Press at the first point, move through the others, let go at the last."""
    QTest.mousePress(widget, button, pos=QPoint(*points[0]))
    for x, y in points[1:]:
        move(widget, x, y, button)
    if let_go:
        QTest.mouseRelease(widget, button, pos=QPoint(*points[-1]))


def move(widget: QWidget, x: int, y: int, button: Qt.MouseButton = LEFT) -> None:
    """Move with a button held; QTest's own moves hold none."""
    at = QPointF(x, y)
    event = QMouseEvent(
        QEvent.Type.MouseMove, at, widget.mapToGlobal(at), Qt.MouseButton.NoButton, button,
        Qt.KeyboardModifier.NoModifier,
    )  # fmt: skip
    QApplication.sendEvent(widget, event)


def line(x0: int, y0: int, x1: int, y1: int, steps: int = 12) -> list[tuple[int, int]]:
    """Points of a straight pull."""
    return [(x0 + (x1 - x0) * k // steps, y0 + (y1 - y0) * k // steps) for k in range(steps + 1)]
