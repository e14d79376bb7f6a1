"""The camera page's actions: what the menus, the bottom bar and the keyboard offer."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtGui import QKeySequence

from app.pages import common_actions
from app.ui.actions import ActionSpec, Menus, PageAction

_STANDARD = QKeySequence.StandardKey


class CameraAction(PageAction):
    STREAM = ActionSpec("Stream address…", "stream", ("Ctrl+L",), "Show a network camera or a phone")
    VIDEO = ActionSpec("Video file…", "film", (_STANDARD.Open,))
    SAMPLE = ActionSpec("Try the sample", "play")
    LOOK_AGAIN = ActionSpec("Look for cameras again", "refresh", ("F5",))
    COPY = ActionSpec("Copy numbers", "copy", (_STANDARD.Copy,), "Copy the numbers")
    SAVE = ActionSpec("Save photo", "save", ("S",), "Save what is seen, with and without the boxes")
    UNDO = common_actions.UNDO
    FREEZE = ActionSpec("Freeze", "freeze", ("Space",), "Hold what is seen", checkable=True)
    MIRROR = ActionSpec("Mirror", "mirror", ("M",), "Swap left and right on the screen", checkable=True)
    GUIDE = ActionSpec("Guide", "guide", ("G",), "Read only inside a frame", checkable=True)
    ZOOM_IN = common_actions.ZOOM_IN
    ZOOM_OUT = common_actions.ZOOM_OUT
    FIT = ActionSpec("Show all", "fit", ("Ctrl+0",))
    TURN = ActionSpec("Turn by 90°", "turnright", ("R",), "Turn what is shown and read")
    FLIP = ActionSpec("Comes mirrored", tip="Swap left and right before reading", checkable=True)
    DARKER = ActionSpec("Shorter exposure", keys=("Ctrl+Down",))
    BRIGHTER = ActionSpec("Longer exposure", keys=("Ctrl+Up",))
    AUTOMATIC = ActionSpec("Automatic exposure")
    TORCH = ActionSpec("Torch", keys=("T",), checkable=True)
    SOUND = ActionSpec("Sound on a new number", "sound", checkable=True)
    BOX = common_actions.BOX
    NO_NUMBER = common_actions.NO_NUMBER
    REVIEW = ActionSpec(
        "Review history…", "sure", ("Ctrl+R",), "Go through the history, the least sure first"
    )
    GO_ON_REVIEW = common_actions.GO_ON_REVIEW
    LOOP = ActionSpec("Loop", "loop", ("L",), "Begin the video again at its end", checkable=True)


_A = CameraAction
MENUS: Menus = {
    "File": [_A.STREAM, _A.VIDEO, _A.SAMPLE, _A.LOOK_AGAIN, None, _A.SAVE],
    "Edit": [_A.UNDO, None, _A.COPY, None, _A.REVIEW, _A.GO_ON_REVIEW, None, _A.BOX, _A.NO_NUMBER],
    "View": [
        _A.FREEZE, _A.MIRROR, _A.GUIDE, None, _A.ZOOM_IN, _A.ZOOM_OUT, _A.FIT, None, _A.TURN, _A.FLIP, None,
        _A.DARKER, _A.BRIGHTER, _A.AUTOMATIC, _A.TORCH, None, _A.LOOP, _A.SOUND,
    ],
}  # fmt: skip
MORE: Sequence[PageAction | None] = [
    _A.SAVE, _A.COPY, None, _A.BOX, _A.NO_NUMBER, None, _A.ZOOM_IN, _A.ZOOM_OUT, _A.FIT, None, _A.TURN, _A.FLIP,
    None, _A.DARKER, _A.BRIGHTER, _A.AUTOMATIC, _A.TORCH, None, _A.SOUND,
]  # fmt: skip
"""What the bottom bar's menu “More” offers."""
NEED_FRAME = (_A.SAVE, _A.FREEZE, _A.ZOOM_IN, _A.ZOOM_OUT, _A.FIT)
EXPOSURE = (_A.DARKER, _A.BRIGHTER, _A.AUTOMATIC)
"""There only where the camera's driver offers them."""
