"""What can be undone on the drawing page: changes of the drawing, and corrections."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtGui import QUndoCommand

from app.corrections import Corrections, KeptDigit
from app.drawing import Drawing


class DrawingCommand(QUndoCommand):
    """A change of the drawing that has been made already; `show` shows a drawing."""

    def __init__(self, text: str, before: Drawing, after: Drawing, show: Callable[[Drawing], None]) -> None:
        super().__init__(text)
        self._before, self._after, self._show = before, after, show

    def redo(self) -> None:
        self._show(self._after)

    def undo(self) -> None:
        self._show(self._before)


class CorrectionCommand(QUndoCommand):
    """A digit is kept; if it was kept before as another digit, that is taken back.

    told: called with the digit kept now, None for none, after every step.
    """

    def __init__(
        self,
        corrections: Corrections,
        keep: Callable[[], KeptDigit],
        replaced: KeptDigit | None,
        told: Callable[[KeptDigit | None], None],
    ) -> None:
        super().__init__("Correct")
        self._corrections, self._keep, self._replaced, self._told = corrections, keep, replaced, told
        self._ticket: KeptDigit | None = None

    def redo(self) -> None:
        if self._replaced is not None:
            self._corrections.take_back(self._replaced)
        if self._ticket is None:
            self._ticket = self._keep()
        else:
            self._corrections.put_back(self._ticket)
        self._told(self._ticket)

    def undo(self) -> None:
        assert self._ticket is not None, "undone before it was done"
        self._corrections.take_back(self._ticket)
        if self._replaced is not None:
            self._corrections.put_back(self._replaced)
        self._told(self._replaced)
