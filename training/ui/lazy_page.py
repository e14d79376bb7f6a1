"""Widgets that are made when they are first wanted, so that the window opens without standing still."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import pairwise
from typing import Generic, TypeVar

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

W = TypeVar("W", bound=QWidget)
_PAUSE_MS = 20


class LazyPage(QWidget, Generic[W]):
    """The place of a page that is made when it is first shown or asked for.

    make: given this widget as the parent. made: called with the page, to connect it and to fill it.
    """

    def __init__(
        self, make: Callable[[QWidget], W], made: Callable[[W], None], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._make, self._made = make, made
        self._page: W | None = None
        # Only what takes the focus has a place in the order of the Tab key that it keeps when others move.
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)

    @property
    def page(self) -> W | None:
        """None until it is first needed."""
        return self._page

    def get(self) -> W:
        """The page, made now if it was not yet."""
        if self._page is None:
            self._page = self._make(self)
            self._layout.addWidget(self._page)
            # Qt would show it a turn of the event loop later only.
            self._page.show()
            self._made(self._page)
            self._put_in_order(self._page)
            self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        return self._page

    def _put_in_order(self, page: QWidget) -> None:
        """Let the Tab key reach the page where its place is; made last, it would come last in the window."""
        inside: list[QWidget] = []
        at = page.nextInFocusChain()
        while at is not None and at is not page:
            if page.isAncestorOf(at) and _takes_focus(at):
                inside.append(at)
            at = at.nextInFocusChain()
        before = self.previousInFocusChain()
        while before is not None and before is not self:
            if _takes_focus(before) and not before.isAncestorOf(self):
                for first, second in pairwise([before, *inside]):
                    QWidget.setTabOrder(first, second)
                return
            before = before.previousInFocusChain()

    def showEvent(self, event: QShowEvent) -> None:
        self.get()
        super().showEvent(event)


def _takes_focus(widget: QWidget) -> bool:
    by_tab = bool(widget.focusPolicy() & Qt.FocusPolicy.TabFocus)
    return by_tab and widget.focusProxy() is None


class IdleQueue(QObject):
    """Takes steps one by one while nothing else is to be done, each in a turn of the event loop of its own. A step is
    asked for only when the one before it was taken."""

    finished = Signal()

    def __init__(self, steps: Iterable[Callable[[], object]], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._steps = iter(steps)
        self._clock = QTimer(self)
        self._clock.setInterval(_PAUSE_MS)
        self._clock.timeout.connect(self._on_turn)

    def start(self) -> None:
        """Begin, or go on."""
        self._clock.start()

    def stop(self) -> None:
        """Leave the steps that were not taken."""
        self._clock.stop()

    def _on_turn(self) -> None:
        step = next(self._steps, None)
        if step is None:
            self.stop()
            self.finished.emit()
        else:
            step()
