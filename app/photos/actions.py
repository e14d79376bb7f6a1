"""The photos page's actions: what the menus, the bottom bar and the keyboard offer."""

from __future__ import annotations

from PySide6.QtGui import QKeySequence

from app.pages import common_actions
from app.ui.actions import ActionSpec, Menus, PageAction

_STANDARD = QKeySequence.StandardKey


class PhotosAction(PageAction):
    OPEN = ActionSpec("Open photos…", "photos", (_STANDARD.Open,))
    OPEN_FOLDER = ActionSpec("Open folder…", "folder", ("Ctrl+Shift+O",), "Read all photos of a folder")
    SAMPLE = ActionSpec("Try the samples", "play", tip="Read the sample photos")
    PASTE = common_actions.PASTE
    CANCEL = ActionSpec("Stop", "stop", ("Esc",), "Stop reading the folder")
    GO_ON = ActionSpec("Resume", "play", tip="Read the rest of the photos")
    COPY = ActionSpec("Copy", "copy", (_STANDARD.Copy,), "Copy the numbers")
    COPY_ROWS = ActionSpec("Copy rows", "copy", tip="Copy the selected rows, or all")
    EXPORT = ActionSpec("Export readings…", "export", ("Ctrl+E",), "Export as CSV or JSON")
    CLEAR = ActionSpec("Close all photos", "close", ("Ctrl+W",))
    UNDO = common_actions.UNDO
    REDO = common_actions.REDO
    BOX = common_actions.BOX
    ADD = ActionSpec("Add a number…", "add", ("A",), "Name a number of this photo without a box")
    NO_NUMBER = common_actions.NO_NUMBER
    NOTHING = ActionSpec("No number in this photo", "nodigit", ("Shift+N",))
    KEEP_WHOLE = ActionSpec(
        "Keep whole photos",
        tip="Keep the whole photo with what you say of it, not only a crop",
        checkable=True,
    )
    REVIEW = ActionSpec(
        "Review…", "sure", ("Ctrl+R",), "Go through all readings quickly, the least sure first"
    )
    GO_ON_REVIEW = common_actions.GO_ON_REVIEW
    PREVIOUS = ActionSpec("Previous photo", "previous", ("PgUp",))
    NEXT = ActionSpec("Next photo", "next", ("PgDown",))
    DOUBTFUL = ActionSpec("Doubtful first", tip="What is least sure comes first", checkable=True)
    TURN_LEFT = ActionSpec(
        "Turn left", "turnleft", ("Ctrl+Left",), "Turn the photo to the left and read it anew"
    )
    TURN_RIGHT = ActionSpec(
        "Turn right", "turnright", ("Ctrl+Right",), "Turn the photo to the right and read it anew"
    )
    ZOOM_IN = common_actions.ZOOM_IN
    ZOOM_OUT = common_actions.ZOOM_OUT
    FIT = ActionSpec("Whole photo", "fit", ("F", "Ctrl+0"))
    ACTUAL = ActionSpec(
        "Actual size", keys=("Z",), tip="100%: a pixel of the photo is a pixel of the screen", short="1:1"
    )


_A = PhotosAction
MENUS: Menus = {
    "File": [_A.OPEN, _A.OPEN_FOLDER, _A.SAMPLE, None, _A.EXPORT, _A.CLEAR, _A.CANCEL, _A.GO_ON],
    "Edit": [_A.UNDO, _A.REDO, None, _A.COPY, _A.COPY_ROWS, _A.PASTE, None, _A.REVIEW, _A.GO_ON_REVIEW, None,
        _A.BOX, _A.ADD, _A.NO_NUMBER, _A.NOTHING, _A.KEEP_WHOLE, None, _A.TURN_LEFT, _A.TURN_RIGHT,
    ],
    "View": [
        _A.PREVIOUS, _A.NEXT, _A.DOUBTFUL, None, _A.ZOOM_IN, _A.ZOOM_OUT, _A.FIT, _A.ACTUAL,
    ],
}  # fmt: skip
NEED_PHOTO = (
    _A.ZOOM_IN,
    _A.ZOOM_OUT,
    _A.FIT,
    _A.ACTUAL,
    _A.TURN_LEFT,
    _A.TURN_RIGHT,
    _A.BOX,
    _A.ADD,
    _A.NOTHING,
)
NOT_IN_REVIEW = (
    _A.OPEN, _A.OPEN_FOLDER, _A.SAMPLE, _A.PASTE, _A.CLEAR, _A.COPY, _A.COPY_ROWS, _A.EXPORT, _A.PREVIOUS, _A.NEXT,
    _A.NO_NUMBER, _A.REVIEW, _A.GO_ON_REVIEW,
)  # fmt: skip
"""What makes no sense while a review is shown, besides what needs a photo."""
SAY = (_A.BOX, _A.ADD, _A.NOTHING)
"""What the side panel offers to say of a photo."""
