"""“Wrong? Tell me” for photos and camera pictures: the crops of a reading go to `mine`, undoably."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoCommand, QUndoStack

from app.services.corrections import Corrections, KeptDigit
from app.ui.reading_text import all_digits
from core.reading.types import Digit, Reading


class CropCorrections(QObject):
    """Keeps the crop of a digit under the label that a person gives it; digits count as `all_digits` does."""

    notice_changed = Signal(str, bool)
    """A few words for the panel; whether they offer to undo."""

    def __init__(
        self, corrections: Corrections, stack: QUndoStack, *, kind: str, parent: QObject | None = None
    ) -> None:
        """kind: where the crops come from, "camera" or "photo"."""
        super().__init__(parent)
        self._corrections, self._stack, self._kind = corrections, stack, kind
        self._reading: Reading | None = None
        self._image: np.ndarray | None = None
        self._kept: dict[int, KeptDigit] = {}

    def set_reading(self, reading: Reading | None, image: np.ndarray | None) -> None:
        """What may be corrected now. image: what was read, uint8 (H, W) or (H, W, 3) RGB."""
        # A live reading comes anew with every frame; what was said of its digits holds while they are the same.
        if [d.digit for d in all_digits(reading)] != [d.digit for d in all_digits(self._reading)]:
            self._kept = {}
        self._reading, self._image = reading, image

    def correct(self, index: int, label: int) -> None:
        """Digit `index` of the reading is really `label`."""
        digits = all_digits(self._reading)
        if not 0 <= index < len(digits) or self._image is None:
            return
        replaced = self._kept.get(index)
        if replaced is not None and replaced.label == label:
            return
        crop = crop_of(digits[index], self._image)
        size = (self._image.shape[1], self._image.shape[0])
        kept = self._kept

        def keep() -> KeptDigit:
            return self._corrections.keep((), crop, label, kind=self._kind, size=size)

        def told(ticket: KeptDigit | None) -> None:
            if ticket is None:
                kept.pop(index, None)
                self.notice_changed.emit("Taken back.", False)
            else:
                kept[index] = ticket
                self.notice_changed.emit(f"Kept as a {ticket.label}.", True)

        self._stack.push(CorrectionCommand(self._corrections, keep, replaced, told))


def crop_of(digit: Digit, image: np.ndarray) -> np.ndarray:
    """The digit as the network saw it, (S, S) uint8; cut out of the picture where nobody kept that."""
    if digit.crop is not None:
        return np.array(digit.crop)
    from core.reading.images import crop_box, to_gray

    return crop_box(to_gray(image), digit.box)


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
