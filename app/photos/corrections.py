"""Correcting and turning photos: their digits' crops are kept, and they are shown as they really are."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoCommand, QUndoStack

from app.pages.correction_commands import crop_of
from app.photos.loader import Photo
from app.photos.results import PhotoResult
from app.services.corrections import Corrections, KeptDigit

Slot = tuple[int, int, int]
"""A digit that was read: its photo's key, its number's place, its own place."""


@dataclass(frozen=True)
class LabelledCrop:
    """A crop to keep, (S, S) uint8. size: (width, height) of its photo."""

    crop: NDArray[np.uint8]
    label: int
    size: tuple[int, int]


class NumberCommand(QUndoCommand):
    """Keeps crops, in place of what was kept of the same digits before; undo puts it all back.

    kept: what is kept of every digit, changed here. after: called with whether this was undone.
    """

    def __init__(
        self,
        corrections: Corrections,
        crops: Mapping[Slot, LabelledCrop],
        kept: dict[Slot, KeptDigit],
        after: Callable[[bool], None],
    ) -> None:
        super().__init__("Correct a number")
        self._corrections, self._crops, self._kept, self._after = corrections, crops, kept, after
        self._replaced = {slot: kept[slot] for slot in crops if slot in kept}
        self._tickets: dict[Slot, KeptDigit] = {}

    def redo(self) -> None:
        for ticket in self._replaced.values():
            self._corrections.take_back(ticket)
        if not self._tickets:
            self._tickets = {
                slot: self._corrections.keep((), c.crop, c.label, kind="photo", size=c.size)
                for slot, c in self._crops.items()
            }
        else:
            for ticket in self._tickets.values():
                self._corrections.put_back(ticket)
        self._kept.update(self._tickets)
        self._after(False)

    def undo(self) -> None:
        for slot, ticket in self._tickets.items():
            self._corrections.take_back(ticket)
            del self._kept[slot]
        for ticket in self._replaced.values():
            self._corrections.put_back(ticket)
        self._kept.update(self._replaced)
        self._after(True)


class TurnCommand(QUndoCommand):
    """A photo is turned, and read anew; undo shows it as it was, with what was read and corrected then."""

    def __init__(self, before: PhotoResult, after: PhotoResult, show: Callable[[PhotoResult], None]) -> None:
        super().__init__("Turn")
        self._before, self._after, self._show = before, after, show

    def redo(self) -> None:
        self._show(self._after)

    def undo(self) -> None:
        self._show(self._before)


class NumberCorrections(QObject):
    """Corrects numbers of photos on an undo stack."""

    notice_changed = Signal(str, bool)
    """A few words for the panel; whether they offer to undo."""
    corrected = Signal(int, int, object)
    """The number of a result (its key, the number's place) is to be shown as this text; None: as it was read."""

    def __init__(self, corrections: Corrections, stack: QUndoStack, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._corrections, self._stack = corrections, stack
        self._kept: dict[Slot, KeptDigit] = {}

    def correct(self, photo: Photo, place: int, text: str, pairs: Sequence[tuple[int, int]]) -> None:
        """The number at `place` is `text`; pairs: places of digits whose crops are kept, and their labels."""
        result = photo.result
        if result.reading is None:
            return
        number, before = (*result.reading.numbers, *result.reading.maybe)[place], result.corrected.get(place)
        # What is only maybe may be confirmed.
        is_reported = place < len(result.reading.numbers)
        if text == before or (before is None and text == number.text and is_reported):
            return
        size = (photo.image.shape[1], photo.image.shape[0])
        crops = {}
        for i, label in pairs:
            slot = (result.key, place, i)
            if slot not in self._kept or self._kept[slot].label != label:
                crops[slot] = LabelledCrop(crop_of(number.digits[i], photo.image), label, size)
        words = f"Kept {len(pairs)} digit{'s' * (len(pairs) != 1)}"
        # A digit corrected in the panel is one of several; the others need no box.
        missing = 0 if len(text) == len(number.digits) else len(text) - len(pairs)
        words = f"{words}; {missing} had no box." if missing > 0 else f"{words}."

        def after(undone: bool) -> None:
            self.corrected.emit(result.key, place, before if undone else text)
            self.notice_changed.emit("Taken back." if undone else words, not undone)

        self._stack.push(NumberCommand(self._corrections, crops, self._kept, after))
