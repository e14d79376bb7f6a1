"""What can be undone on the drawing page: changes of the drawing, and corrections."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtGui import QUndoCommand

from app.draw.drawing import Drawing


class DrawingCommand(QUndoCommand):
    """A change of the drawing that has been made already; `show` shows a drawing."""

    def __init__(self, text: str, before: Drawing, after: Drawing, show: Callable[[Drawing], None]) -> None:
        super().__init__(text)
        self._before, self._after, self._show = before, after, show

    def redo(self) -> None:
        self._show(self._after)

    def undo(self) -> None:
        self._show(self._before)
