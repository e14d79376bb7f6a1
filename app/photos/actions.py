"""The photos page's actions: what the menus, the bottom bar and the keyboard offer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget

from app.ui.actions import DigitActions, page_action

_STANDARD = QKeySequence.StandardKey


class PhotosActions:
    """Makes the actions and adds them to the page, so that their keys work while it is shown."""

    def __init__(self, page: QWidget) -> None:
        self.open = page_action(page, "photos", "Open photos…", _STANDARD.Open)
        self.open_folder = page_action(
            page, "folder", "Open folder…", "Ctrl+Shift+O", tip="Read all photos of a folder"
        )
        self.sample = page_action(page, "play", "Try the samples", tip="Read the sample photos")
        self.paste = page_action(page, "paste", "Paste photo", _STANDARD.Paste)
        self.cancel = page_action(page, "stop", "Stop", "Esc", tip="Stop reading the folder")
        self.copy = page_action(page, "copy", "Copy", _STANDARD.Copy, tip="Copy the numbers")
        self.copy_rows = page_action(page, "copy", "Copy rows", tip="Copy the selected rows, or all")
        self.export = page_action(page, "export", "Export readings…", "Ctrl+E", tip="Export as CSV or JSON")
        self.clear = page_action(page, "close", "Close all photos", "Ctrl+W")
        self.undo = page_action(page, "undo", "Undo", _STANDARD.Undo)
        self.redo = page_action(page, "redo", "Redo", _STANDARD.Redo)
        self.previous = page_action(page, "previous", "Previous photo", "PgUp")
        self.next = page_action(page, "next", "Next photo", "PgDown")
        self.zoom_in = page_action(page, "zoomin", "Zoom in", "+", _STANDARD.ZoomIn, tip="Zoom in, wheel")
        self.zoom_out = page_action(
            page, "zoomout", "Zoom out", "-", _STANDARD.ZoomOut, tip="Zoom out, wheel"
        )
        self.fit = page_action(page, "fit", "Whole photo", "F", "Ctrl+0")
        self.actual = page_action(
            page, "", "Actual size", "Z", tip="100%: a pixel of the photo is a pixel of the screen"
        )
        self.actual.setIconText("1:1")
        self.digits = DigitActions(page)

    def menus(self) -> Mapping[str, Sequence[QAction | None]]:
        """As `Page.menu_actions` wants them."""
        return {
            "File": [self.open, self.open_folder, self.sample, None, self.export, self.clear, self.cancel],
            "Edit": [self.undo, self.redo, None, self.copy, self.copy_rows, self.paste],
            "Digit": self.digits.menu(),
            "View": [
                self.previous, self.next, None, self.zoom_in, self.zoom_out, self.fit, self.actual,
            ],
        }  # fmt: skip

    def set_photo(self, some: bool) -> None:
        """Enable what needs a photo."""
        for action in (self.zoom_in, self.zoom_out, self.fit, self.actual, self.clear):
            action.setEnabled(some)
