"""Correcting a whole number of a photo: its digits' crops go to `mine`, and it is shown as it really is."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from PySide6.QtGui import QUndoCommand

from app.corrections import Corrections, KeptDigit


class NumberCommand(QUndoCommand):
    """Keeps crops with their labels and tells what the number is from now on; undo takes both back.

    crops: (crop, label) of every digit to keep, each crop (S, S) uint8. before, after: the number's text for
    people, None for as it was read. show: shows a text. told: how many crops are kept, after every step.
    """

    def __init__(
        self,
        corrections: Corrections,
        crops: Sequence[tuple[np.ndarray, int]],
        *,
        size: tuple[int, int],
        before: str | None,
        after: str | None,
        show: Callable[[str | None], None],
        told: Callable[[int], None],
    ) -> None:
        super().__init__("Correct a number")
        self._corrections, self._crops, self._size = corrections, list(crops), size
        self._before, self._after, self._show, self._told = before, after, show, told
        self._tickets: list[KeptDigit] | None = None

    def redo(self) -> None:
        if self._tickets is None:
            self._tickets = [
                self._corrections.keep((), crop, label, kind="photo", size=self._size)
                for crop, label in self._crops
            ]
        else:
            for ticket in self._tickets:
                self._corrections.put_back(ticket)
        self._show(self._after)
        self._told(len(self._tickets))

    def undo(self) -> None:
        assert self._tickets is not None, "undone before it was done"
        for ticket in self._tickets:
            self._corrections.take_back(ticket)
        self._show(self._before)
        self._told(0)
