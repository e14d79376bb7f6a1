"""The drawing page's actions: what the menus, the bottom bar and the keyboard offer."""

from __future__ import annotations

from PySide6.QtGui import QKeySequence

from app.pages import common_actions
from app.ui.actions import ActionSpec, Menus, PageAction

_STANDARD = QKeySequence.StandardKey


class DrawAction(PageAction):
    OPEN = ActionSpec("Open photo…", "open", (_STANDARD.Open,), "Read a photo of a digit")
    SAVE = ActionSpec("Save…", "save", (_STANDARD.Save,), "Save as PNG")
    UNDO = common_actions.UNDO
    REDO = common_actions.REDO
    COPY = ActionSpec("Copy", "copy", (_STANDARD.Copy,), "Copy the number and the drawing")
    PASTE = common_actions.PASTE
    CLEAR = ActionSpec("Clear", "clear", ("C", "Del"), "Empty the canvas")
    ERASER = ActionSpec("Eraser", "eraser", ("E",), "Rub ink out", checkable=True)
    NO_DIGIT = ActionSpec("It is no digit", keys=("N", "-"))
    THINNER = ActionSpec("Thinner pen", keys=("[",))
    THICKER = ActionSpec("Thicker pen", keys=("]",))


_A = DrawAction
MENUS: Menus = {
    "File": [_A.OPEN, _A.SAVE],
    "Edit": [
        _A.UNDO, _A.REDO, None, _A.COPY, _A.PASTE, _A.CLEAR, None, _A.NO_DIGIT, None, _A.ERASER,
        _A.THINNER, _A.THICKER,
    ],
}  # fmt: skip
BAR = (_A.ERASER, _A.UNDO, _A.REDO, _A.CLEAR, _A.SAVE)
"""What the bottom bar offers."""
NEED_INK = (_A.CLEAR, _A.SAVE, _A.COPY)
