"""The drawing page's actions: what the menus, the bottom bar and the keyboard offer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtGui import QAction, QKeySequence, QUndoStack
from PySide6.QtWidgets import QWidget

from app.icons import icon


class DrawActions:
    """Makes the actions and adds them to the page, so that their keys work while it is shown."""

    def __init__(self, page: QWidget, undo_stack: QUndoStack) -> None:
        self._page = page
        self.undo = undo_stack.createUndoAction(page, "Undo")
        self._dress(self.undo, "undo", "Undo", QKeySequence.StandardKey.Undo)
        self.redo = undo_stack.createRedoAction(page, "Redo")
        # Ctrl+Y and Ctrl+Shift+Z are both somebody's habit; not every platform lists both.
        keys = QKeySequence.keyBindings(QKeySequence.StandardKey.Redo)
        extra = [k for k in (QKeySequence("Ctrl+Y"), QKeySequence("Ctrl+Shift+Z")) if k not in keys]
        self._dress(self.redo, "redo", "Redo", *keys, *extra)
        self.eraser = self._action("eraser", "Eraser", "E", tip="Rub ink out")
        self.eraser.setCheckable(True)
        self.clear = self._action("clear", "Clear", "C", "Del", tip="Empty the canvas")
        self.paste = self._action("paste", "Paste picture", QKeySequence.StandardKey.Paste)
        self.copy = self._action(
            "copy", "Copy", QKeySequence.StandardKey.Copy, tip="Copy the number and the drawing"
        )
        self.save = self._action("save", "Save", QKeySequence.StandardKey.Save, tip="Save as PNG")
        self.open = self._action(
            "open", "Open picture…", QKeySequence.StandardKey.Open, tip="Read a picture of a digit"
        )
        self.thinner = self._action("", "Thinner pen", "[")
        self.thicker = self._action("", "Thicker pen", "]")
        self.previous = self._action("previous", "Previous digit", "Left")
        self.next = self._action("next", "Next digit", "Right")
        self.correct = [self._action("", f"It is a {digit}", str(digit)) for digit in range(10)]

    def menus(self) -> Mapping[str, Sequence[QAction | None]]:
        """As `Page.menu_actions` wants them."""
        return {
            "File": [self.open, self.save],
            "Edit": [
                self.undo, self.redo, None, self.copy, self.paste, self.clear, None,
                self.eraser, self.thinner, self.thicker,
            ],
            "Digit": [self.previous, self.next, None, *self.correct],
        }  # fmt: skip

    def for_bar(self) -> Sequence[QAction]:
        """What the bottom bar offers."""
        return [self.eraser, self.undo, self.redo, self.clear, self.save]

    def _action(
        self, name: str, text: str, *keys: str | QKeySequence | QKeySequence.StandardKey, tip: str = ""
    ) -> QAction:
        action = QAction(text, self._page)
        self._dress(action, name, tip or text.rstrip("…"), *keys)
        return action

    def _dress(
        self, action: QAction, name: str, tip: str, *keys: str | QKeySequence | QKeySequence.StandardKey
    ) -> None:
        if name:
            action.setIcon(icon(name))
        action.setShortcuts([QKeySequence(key) for key in keys])
        shown = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
        action.setToolTip(f"{tip} ({shown})" if shown else tip)
        action.setIconText(action.text().removesuffix("…"))
        action.setIconVisibleInMenu(bool(name))
        self._page.addAction(action)
