"""Actions that several pages have, declared once: the same words, keys and icons everywhere."""

from __future__ import annotations

from PySide6.QtGui import QKeySequence

from app.ui.actions import ActionSpec

_STANDARD = QKeySequence.StandardKey

UNDO = ActionSpec("Undo", "undo", (_STANDARD.Undo,))
# Ctrl+Y and Ctrl+Shift+Z are both somebody's habit; not every platform lists both.
REDO = ActionSpec("Redo", "redo", (_STANDARD.Redo, "Ctrl+Y", "Ctrl+Shift+Z"))
PASTE = ActionSpec("Paste photo", "paste", (_STANDARD.Paste,))
ZOOM_IN = ActionSpec("Zoom in", "zoomin", ("+", _STANDARD.ZoomIn), "Zoom in, wheel")
ZOOM_OUT = ActionSpec("Zoom out", "zoomout", ("-", _STANDARD.ZoomOut), "Zoom out, wheel")
BOX = ActionSpec(
    "Mark a number",
    "box",
    ("B",),
    "Draw a box around a number that was missed, Shift and drag",
    checkable=True,
)
NO_NUMBER = ActionSpec("No number here", "nodigit", ("N",), "What is selected is no number")
GO_ON_REVIEW = ActionSpec("Resume the review", "sure", tip="Resume the review that is not finished")
