"""The drawing page's actions: what the menus, the bottom bar and the keyboard offer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtGui import QAction, QKeySequence, QUndoStack
from PySide6.QtWidgets import QWidget

from app.ui.actions import DigitActions, Keys, page_action

_STANDARD = QKeySequence.StandardKey


class DrawActions:
    """Makes the actions and adds them to the page, so that their keys work while it is shown."""

    def __init__(self, page: QWidget, undo_stack: QUndoStack) -> None:
        self.undo = page_action(page, "undo", "Undo", _STANDARD.Undo)
        # Ctrl+Y and Ctrl+Shift+Z are both somebody's habit; not every platform lists both.
        redo: list[Keys] = list(QKeySequence.keyBindings(_STANDARD.Redo))
        redo += [k for k in (QKeySequence("Ctrl+Y"), QKeySequence("Ctrl+Shift+Z")) if k not in redo]
        self.redo = page_action(page, "redo", "Redo", *redo)
        for action, enabled, can, do in (
            (self.undo, undo_stack.canUndo(), undo_stack.canUndoChanged, undo_stack.undo),
            (self.redo, undo_stack.canRedo(), undo_stack.canRedoChanged, undo_stack.redo),
        ):
            action.setEnabled(enabled)
            can.connect(action.setEnabled)
            action.triggered.connect(do)
        self.eraser = page_action(page, "eraser", "Eraser", "E", tip="Rub ink out", checkable=True)
        self.clear = page_action(page, "clear", "Clear", "C", "Del", tip="Empty the canvas")
        self.paste = page_action(page, "paste", "Paste picture", _STANDARD.Paste)
        self.copy = page_action(page, "copy", "Copy", _STANDARD.Copy, tip="Copy the number and the drawing")
        self.save = page_action(page, "save", "Save…", _STANDARD.Save, tip="Save as PNG")
        self.open = page_action(
            page, "open", "Open picture…", _STANDARD.Open, tip="Read a picture of a digit"
        )
        self.thinner = page_action(page, "", "Thinner pen", "[")
        self.thicker = page_action(page, "", "Thicker pen", "]")
        self.digits = DigitActions(page)

    def menus(self) -> Mapping[str, Sequence[QAction | None]]:
        """As `Page.menu_actions` wants them."""
        return {
            "File": [self.open, self.save],
            "Edit": [
                self.undo, self.redo, None, self.copy, self.paste, self.clear, None,
                self.eraser, self.thinner, self.thicker,
            ],
            "Digit": self.digits.menu(),
        }  # fmt: skip

    def for_bar(self) -> Sequence[QAction]:
        """What the bottom bar offers."""
        return [self.eraser, self.undo, self.redo, self.clear, self.save]
