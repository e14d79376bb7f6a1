"""The camera page's actions: what the menus, the bottom bar and the keyboard offer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget

from app.ui.actions import DigitActions, page_action

_STANDARD = QKeySequence.StandardKey


class CameraActions:
    """Makes the actions and adds them to the page, so that their keys work while it is shown."""

    def __init__(self, page: QWidget) -> None:
        def make(
            name: str, text: str, *keys: str | _STANDARD, tip: str = "", checkable: bool = False
        ) -> QAction:
            return page_action(page, name, text, *keys, tip=tip, checkable=checkable)

        self.stream = make("stream", "Stream address…", "Ctrl+L", tip="Show a network camera or a phone")
        self.video = make("film", "Video file…", _STANDARD.Open)
        self.sample = make("play", "Try the sample")
        self.look_again = make("refresh", "Look for cameras again", "F5")
        self.copy = make("copy", "Copy number", _STANDARD.Copy, tip="Copy the number")
        self.save = make("save", "Save picture", "S", tip="Save the picture, with and without the boxes")
        self.undo = make("undo", "Undo", _STANDARD.Undo)
        self.freeze = make("freeze", "Freeze", "Space", tip="Hold the picture", checkable=True)
        self.mirror = make("mirror", "Mirror", "M", tip="Swap left and right on the screen", checkable=True)
        self.guide = make("guide", "Guide", "G", tip="Read only inside a frame", checkable=True)
        self.zoom_in = make("zoomin", "Zoom in", "+", _STANDARD.ZoomIn, tip="Zoom in, wheel")
        self.zoom_out = make("zoomout", "Zoom out", "-", _STANDARD.ZoomOut, tip="Zoom out, wheel")
        self.fit = make("fit", "Whole picture", "Ctrl+0")
        self.turn = make("turn", "Turn by 90°", "R", tip="Turn what is shown and read")
        self.flip = make(
            "", "Picture comes mirrored", tip="Swap left and right before reading", checkable=True
        )
        self.darker = make("", "Shorter exposure", "Ctrl+Down")
        self.brighter = make("", "Longer exposure", "Ctrl+Up")
        self.automatic = make("", "Automatic exposure")
        self.torch = make("", "Torch", "T", checkable=True)
        self.sound = make("sound", "Sound on a new number", checkable=True)
        self.loop = make("loop", "Loop", "L", tip="Begin the video again at its end", checkable=True)
        self.digits = DigitActions(page)

    def menus(self) -> Mapping[str, Sequence[QAction | None]]:
        """As `Page.menu_actions` wants them."""
        return {
            "File": [self.stream, self.video, self.sample, self.look_again, None, self.save],
            "Edit": [self.undo, None, self.copy],
            "Digit": self.digits.menu(),
            "View": [
                self.freeze, self.mirror, self.guide, None, self.zoom_in, self.zoom_out, self.fit, None,
                self.turn, self.flip, None, self.darker, self.brighter, self.automatic, self.torch, None,
                self.loop, self.sound,
            ],
        }  # fmt: skip

    def more(self) -> Sequence[QAction | None]:
        """What the bottom bar's menu “More” offers."""
        return [
            self.save, self.copy, None, self.zoom_in, self.zoom_out, self.fit, None, self.turn, self.flip, None,
            self.darker, self.brighter, self.automatic, self.torch, None, self.sound,
        ]  # fmt: skip

    def set_running(self, running: bool) -> None:
        """Enable what needs a picture."""
        for action in (self.save, self.freeze, self.zoom_in, self.zoom_out, self.fit):
            action.setEnabled(running)

    def set_offered(self, *, exposure: bool, torch: bool) -> None:
        """Show what the camera's driver offers."""
        for action in (self.darker, self.brighter, self.automatic):
            action.setVisible(exposure)
            action.setEnabled(exposure)
        self.torch.setVisible(torch)
        self.torch.setEnabled(torch)
