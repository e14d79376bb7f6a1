"""What people say of a drawing's digits and numbers: kept with their strokes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject
from PySide6.QtGui import QUndoStack

from app.draw.drawing import Drawing, View, strokes_of_boxes, viewed
from app.pages.correction_commands import ReadingLabels
from app.pages.digit_matching import DigitMatch
from app.services.corrections import (
    Corrections,
    DigitLabel,
    Kept,
    KeptDigit,
    KeptNumber,
    NumberLabel,
)
from app.ui.shown_reading import DigitRef, ShownNumber, ShownReading
from core.loaders.user_digits import DigitOrigin
from core.reading.strokes import Stroke, rasterise
from core.reading.types import Box


@dataclass(frozen=True)
class ReadDrawing:
    """A drawing with its reading. image: of all of it, (H, W, 3) uint8. view: how it lies in the image."""

    shown: ShownReading
    drawing: Drawing
    image: Callable[[], NDArray[np.uint8]]
    view: View
    size: tuple[int, int]

    def strokes_of(self, ref: DigitRef) -> tuple[Stroke, ...]:
        """The strokes of a digit, in pixels of the image."""
        refs = [r for r in self.shown.refs if r.number is None or not self.shown.numbers[r.number].is_added]
        boxes = [self.shown.digit_at(r).box for r in refs]
        own = strokes_of_boxes(self.drawing.strokes, boxes)[refs.index(ref)]
        return viewed(own, self.view)


class DrawingLabels(ReadingLabels):
    """Keeps the strokes and crops of digits, and numbers with a picture of the drawing."""

    def __init__(
        self,
        corrections: Corrections,
        stack: QUndoStack,
        models: Callable[[], str],
        parent: QObject | None = None,
    ) -> None:
        """models: that read now."""
        super().__init__(corrections, stack, parent)
        self._models = models
        # One person draws while the program runs; who draws tomorrow may be another one.
        self._group = f"drawn {datetime.now():%Y-%m-%d %H:%M:%S}"
        self._read: ReadDrawing | None = None

    def set_reading(self, read: ReadDrawing | None) -> None:
        """What may be labelled now, as it was read."""
        self._read = read

    @property
    def shown_numbers(self) -> Sequence[ShownNumber]:
        return self._read.shown.numbers if self._read is not None else ()

    def label_digit(self, ref: DigitRef, label: int) -> None:
        if self._read is not None and ref in self._read.shown.refs:
            super().label_digit(ref, label)

    def name_number(self, place: int, written: str, also: Sequence[Kept] = ()) -> None:
        if self._read is not None and place < len(self._read.shown.numbers):
            super().name_number(place, written, also)

    def add_number(self, written: str, box: Box | None) -> None:
        if self._read is not None:
            super().add_number(written, box)

    def keep_digit(self, ref: DigitRef, label: int) -> Callable[[], KeptDigit]:
        read = self._present
        digit, strokes = read.shown.digit_at(ref), read.strokes_of(ref)
        image = digit.crop if digit.crop is not None else rasterise(strokes)
        origin = DigitOrigin(str(digit.digit), self._models(), group=self._group)
        kind = "picture" if read.drawing.picture is not None else "drawing"
        return lambda: self._corrections.keep(
            strokes, np.array(image), label, kind=kind, size=read.size, origin=origin
        )

    def keep_number(self, place: int, written: str, match: DigitMatch) -> Callable[[], KeptNumber]:
        read, shown = self._present, self.shown_numbers[place]
        if shown.is_added:
            return self.keep_added(written, None)
        number = shown.read
        refs = [DigitRef(place, i) for i in range(len(number.digits))]
        digits = tuple(
            DigitLabel(
                replace(number.digits[i], box=read.view.to_widget(number.digits[i].box)),
                label,
                read.strokes_of(refs[i]),
            )
            for i, label in match.pairs
        )
        strokes = tuple(stroke for ref in refs for stroke in read.strokes_of(ref))
        return self._keep(written, read.view.to_widget(number.box), number.written, digits, strokes)

    def keep_added(self, written: str, box: Box | None) -> Callable[[], KeptNumber]:
        read = self._present
        return self._keep(written, box, "", (), viewed(read.drawing.strokes, read.view))

    @property
    def _present(self) -> ReadDrawing:
        assert self._read is not None, "nothing was read"
        return self._read

    def _keep(
        self,
        written: str,
        box: Box | None,
        was_read: str,
        digits: tuple[DigitLabel, ...],
        strokes: tuple[Stroke, ...],
    ) -> Callable[[], KeptNumber]:
        label = NumberLabel(
            written, self._present.image(), box, "drawing", True, was_read, self._models(), "", digits, strokes,
            group=self._group,
        )  # fmt: skip
        return lambda: self._corrections.keep_number(label)
