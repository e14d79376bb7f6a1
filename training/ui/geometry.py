"""Windows that fit their screen."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QRect, QSize, QTimer
from PySide6.QtWidgets import QDialog, QWidget


def placed_inside(frame: QRect, available: QRect) -> QRect:
    """A window's frame, no larger than the free part of the screen, and moved into it where it sticks out."""
    size = QSize(min(frame.width(), available.width()), min(frame.height(), available.height()))
    left = min(max(frame.left(), available.left()), available.left() + available.width() - size.width())
    top = min(max(frame.top(), available.top()), available.top() + available.height() - size.height())
    return QRect(left, top, size.width(), size.height())


class ScreenFit(QObject):
    """Keeps a window from being larger than the free part of its screen, whenever it is shown.

    What it remembers of a larger screen would not fit a smaller one; and a size in lines of text does not fit a
    laptop's screen at 200%, which has 960 x 540.
    """

    def __init__(self, window: QWidget) -> None:
        """Make `window` fit now, too; called once it has the size that it wants."""
        # Not kept besides as a field: a window and its child that refer to each other are freed by Python's collector
        # in an order that Qt does not survive.
        super().__init__(window)
        window.installEventFilter(self)
        self._fit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Show and not event.spontaneous():
            # The frame is known only once the window manager has made it.
            QTimer.singleShot(0, self, self._fit)
        return False

    def _fit(self) -> None:
        window = self.parent()
        assert isinstance(window, QWidget), "made with its window"
        if window.isMaximized() or window.isFullScreen():
            return
        frame, available = window.frameGeometry(), window.screen().availableGeometry()
        edges = frame.size() - window.size()
        needed, layout = window.size(), window.layout()
        if isinstance(window, QDialog) and layout is not None and layout.hasHeightForWidth():
            # Qt shows a dialog no higher than two thirds of the screen, and cuts words that wrap.
            width = min(needed.width(), available.width() - edges.width())
            needed.setHeight(max(needed.height(), layout.totalHeightForWidth(width)))
        wanted = placed_inside(QRect(frame.topLeft(), needed + edges), available)
        if wanted.size() != frame.size():
            # Never smaller than its minimum: Qt sees to that.
            window.resize(wanted.size() - edges)
        if wanted.topLeft() != frame.topLeft() and window.isVisible():
            window.move(wanted.topLeft())
