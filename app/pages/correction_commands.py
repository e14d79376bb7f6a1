"""“Wrong? Tell me”: digits are kept under the labels that people give them, undoably."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoCommand, QUndoStack

from app.services.corrections import Corrections, KeptDigit
from app.ui.shown_reading import DigitRef, ShownReading
from core.reading.types import Digit

Keep = Callable[[DigitRef, int], KeptDigit]
"""Keeps a digit of the reading shown under a label."""


class DigitCorrections(QObject):
    """What people said of the digits of one reading."""

    changed = Signal()
    """`labels` are others."""
    notice_changed = Signal(str, bool)
    """A few words for the panel; whether they offer to undo."""

    def __init__(
        self, corrections: Corrections, stack: QUndoStack, keep: Keep, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._corrections, self._stack, self._keep = corrections, stack, keep
        self._kept: dict[DigitRef, KeptDigit] = {}

    @property
    def labels(self) -> Mapping[DigitRef, int]:
        """What each corrected digit really is."""
        return {ref: ticket.label for ref, ticket in self._kept.items()}

    def forget(self) -> None:
        """The reading is another one. What was kept stays kept, and can still be undone."""
        self._kept = {}

    def correct(self, ref: DigitRef, label: int) -> None:
        """This digit is really `label`."""
        replaced = self._kept.get(ref)
        if replaced is not None and replaced.label == label:
            return
        kept = self._kept

        def told(ticket: KeptDigit | None) -> None:
            if ticket is None:
                kept.pop(ref, None)
                words = "Taken back."
            else:
                kept[ref] = ticket
                words = f"Kept as {article(ticket.label)} {ticket.label}."
            if kept is self._kept:
                self.changed.emit()
            self.notice_changed.emit(words, ticket is not None)

        self._stack.push(CorrectionCommand(self._corrections, lambda: self._keep(ref, label), replaced, told))


class CropCorrections(DigitCorrections):
    """For what is read in pictures: the crops of digits are kept."""

    def __init__(
        self, corrections: Corrections, stack: QUndoStack, *, kind: str, parent: QObject | None = None
    ) -> None:
        """kind: where the crops come from, "camera" or "photo"."""
        super().__init__(corrections, stack, self._keep_crop, parent)
        self._owner, self._kind = corrections, kind
        self._read: ShownReading | None = None
        self._image: NDArray[np.uint8] | None = None

    def set_reading(self, shown: ShownReading | None, image: NDArray[np.uint8] | None) -> None:
        """What may be corrected now, as it was read. image: uint8 (H, W) or (H, W, 3) RGB."""
        # A live reading comes anew with every frame; what was said of its digits holds while they are the same.
        if shown is None or self._read is None or _values(shown) != _values(self._read):
            self.forget()
        self._read, self._image = shown, image

    def correct(self, ref: DigitRef, label: int) -> None:
        if self._read is not None and self._image is not None and ref in self._read.refs:
            super().correct(ref, label)

    def _keep_crop(self, ref: DigitRef, label: int) -> KeptDigit:
        assert self._read is not None, "checked by `correct`"
        assert self._image is not None, "checked by `correct`"
        size = (self._image.shape[1], self._image.shape[0])
        crop = crop_of(self._read.digit_at(ref), self._image)
        return self._owner.keep((), crop, label, kind=self._kind, size=size)


def article(digit: int) -> str:
    """ "a" or "an", as a digit is spoken."""
    return "an" if digit == 8 else "a"


def crop_of(digit: Digit, image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The digit as the network saw it, (S, S) uint8; cut out of the picture where nobody kept that."""
    if digit.crop is not None:
        return np.array(digit.crop)
    from core.reading.images import crop_box, to_gray

    return crop_box(to_gray(image), digit.box)


def _values(shown: ShownReading) -> list[tuple[DigitRef, int]]:
    return [(ref, digit.digit) for ref, digit in zip(shown.refs, shown.digits, strict=True)]


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
