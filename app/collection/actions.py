"""What can be done in the window of what was collected."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QWidget

from app.ui.actions import page_action


class CollectionActions:
    """The actions; each works by its keys while the window is in front."""

    def __init__(self, window: QWidget, grid: QWidget) -> None:
        """grid: where Delete and “It is right” work; while a label is typed these keys are the field's."""
        key = QKeySequence.StandardKey
        self.delete = page_action(
            grid, "clear", "Delete", key.Delete, "Backspace", tip="Delete what is chosen"
        )
        self.right = page_action(
            grid, "sure", "It is right", "Ctrl+Return", tip="The label is right, whatever is suspected"
        )
        for action in (self.delete, self.right):
            action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        self.others = page_action(
            window, "copy", "Show both", tip="Choose the images that are nearly the same"
        )
        self.edit = page_action(window, "", "Edit the label", "F2")
        self.search = page_action(window, "", "Search", key.Find)
        self.folder = page_action(window, "open", "Show in folder")
        self.undo = page_action(window, "undo", "Undo", key.Undo)
        self.redo = page_action(window, "redo", "Redo", key.Redo)
        self.export = page_action(window, "export", "Export…", "Ctrl+E", tip="Export everything")
        self.import_folder = page_action(window, "folder", "Import a folder…", "Ctrl+I")
        self.import_file = page_action(window, "open", "Import a file…")
        self.learn = page_action(window, "train", "Learn…", tip="Learn from everything that was collected")
        for action in (self.undo, self.redo):
            action.setEnabled(False)
        self.set_chosen(0, is_suspected=False, has_others=False)

    def set_chosen(self, count: int, *, is_suspected: bool, has_others: bool) -> None:
        """Enable what makes sense with so many chosen items."""
        for action in (self.delete, self.edit):
            action.setEnabled(count > 0)
        self.folder.setEnabled(count == 1)
        self.right.setEnabled(is_suspected)
        self.others.setEnabled(has_others)

    def set_sharing(self, *, is_busy: bool, has_some: bool) -> None:
        """Enable what makes sense while something is exported or imported, and where there is something."""
        for action in (self.import_folder, self.import_file):
            action.setEnabled(not is_busy)
        for action in (self.export, self.learn):
            action.setEnabled(has_some and not is_busy)

    def of_item(self) -> list[QAction]:
        """For the menu of an item."""
        return [self.edit, self.right, self.others, self.folder, self.delete]

    def imports(self, parent: QWidget) -> QMenu:
        menu = QMenu(parent)
        menu.addActions([self.import_folder, self.import_file])
        return menu
