"""“Wrong? Tell me”: digits and numbers are kept as people say they are, undoably."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoCommand, QUndoStack

from app.pages.digit_matching import DigitMatch, match_typed
from app.services.corrections import (
    Corrections,
    DigitLabel,
    Kept,
    KeptDigit,
    KeptNumber,
    NumberLabel,
    crop_of,
)
from app.ui.shown_reading import DigitRef, ShownNumber, ShownReading, with_digits
from core.collection.numbers import Kind
from core.loaders.user_digits import DigitOrigin
from core.reading.types import NOT_A_DIGIT, Box, digits_of
from training.ui import wording

TAKEN_BACK = "Taken back."

_Key = TypeVar("_Key")
_Value = TypeVar("_Value")


class LabelCommand(QUndoCommand):
    """Something is kept; what was kept of the same digits and numbers before is taken back.

    on_kept: called after every step with what is kept now in place of `replaced`; None where that is kept again.
    """

    def __init__(
        self,
        corrections: Corrections,
        keep: Callable[[], Kept],
        replaced: Sequence[Kept],
        on_kept: Callable[[Kept | None], None],
    ) -> None:
        super().__init__("Correct")
        self._corrections, self._replaced, self._on_kept = corrections, tuple(replaced), on_kept
        # Let go once it has been kept: it holds a whole picture.
        self._keep: Callable[[], Kept] | None = keep
        self._ticket: Kept | None = None

    def redo(self) -> None:
        for ticket in self._replaced:
            self._corrections.take_back(ticket)
        if self._ticket is not None:
            self._corrections.put_back(self._ticket)
        elif self._keep is not None:
            self._ticket, self._keep = self._keep(), None
        self._on_kept(self._ticket)

    def undo(self) -> None:
        assert self._ticket is not None, "undone before it was done"
        self._corrections.take_back(self._ticket)
        for ticket in self._replaced:
            self._corrections.put_back(ticket)
        self._on_kept(None)


@dataclass
class _Said:
    """What people said of one reading. added: numbers that were not read."""

    digits: dict[DigitRef, KeptDigit] = field(default_factory=dict)
    numbers: dict[int, KeptNumber] = field(default_factory=dict)
    added: list[tuple[KeptNumber, Box | None]] = field(default_factory=list)

    def of_number(self, place: int) -> list[DigitRef]:
        """The digits of a number that have labels, from left to right."""
        return sorted((ref for ref in self.digits if ref.number == place), key=lambda ref: ref.place)


class ReadingLabels(QObject):
    """What people said of the digits and numbers of one reading."""

    changed = Signal()
    """`labels`, `numbers` or `added` are others."""
    notice_changed = Signal(str, bool)
    """A few words for the panel; whether they offer to undo."""

    def __init__(self, corrections: Corrections, stack: QUndoStack, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._corrections, self._stack = corrections, stack
        self._said = _Said()

    @property
    def labels(self) -> Mapping[DigitRef, int]:
        """What each labelled digit really is, NOT_A_DIGIT among them."""
        return {ref: ticket.label for ref, ticket in self._said.digits.items()}

    @property
    def numbers(self) -> Mapping[int, str]:
        """What each labelled number really is, by its place; "" for no number."""
        return {place: ticket.written for place, ticket in self._said.numbers.items()}

    @property
    def added(self) -> Sequence[tuple[str, Box | None]]:
        """Numbers that were not read, and where they are."""
        return [(ticket.written, box) for ticket, box in self._said.added]

    def forget(self) -> None:
        """The reading is another one. What was kept stays kept, and can still be undone."""
        self._said = _Said()

    def label_digit(self, ref: DigitRef, label: int) -> None:
        """This digit is really `label`, which may be NOT_A_DIGIT."""
        said = self._said
        before = said.digits.get(ref)
        if before is not None and before.label == label:
            return
        number = self.shown_numbers[ref.number] if ref.number is not None else None
        if ref.number is not None and number is not None and (ref.number in said.numbers or number.is_added):
            named = said.numbers[ref.number].written if ref.number in said.numbers else number.written
            if len(digits_of(named)) == len(number.read.digits):
                self.name_number(ref.number, with_digits(named, {ref.place: label}))
            else:
                self.notice_changed.emit("The whole number was typed: change it there.", False)
            return

        def on_kept(ticket: Kept | None) -> None:
            _put(said.digits, ref, ticket if isinstance(ticket, KeptDigit) else before)
            is_kept = ticket is not None or before is not None
            self._tell(said, self._words_of(said, ref) if is_kept else TAKEN_BACK, is_kept)

        replaced = [before] if before is not None else []
        keep = self.keep_digit(ref, label)
        self._stack.push(LabelCommand(self._corrections, keep, replaced, on_kept))

    def name_number(self, place: int, written: str, also: Sequence[Kept] = ()) -> None:
        """The number at `place` is written like this; "": there is no number. also: what is taken back for it."""
        said = self._said
        numbers = self.shown_numbers
        number, before = numbers[place], said.numbers.get(place)
        replaced: list[Kept] = [before] if before is not None else []
        if number.is_added and before is None:
            first = sum(not other.is_added for other in numbers)
            replaced = [said.added[place - first][0]]
        if any(ticket.written == written for ticket in replaced if isinstance(ticket, KeptNumber)):
            return
        digits = {ref: said.digits[ref] for ref in said.of_number(place)}
        # Where the digits of an added number stand is not known.
        match = DigitMatch() if number.is_added else match_typed(number.read, written)

        def on_kept(ticket: Kept | None) -> None:
            if isinstance(ticket, KeptNumber):
                said.numbers[place] = ticket
                for ref in digits:
                    said.digits.pop(ref, None)
                self._tell(said, kept_words(written, match), True)
            else:
                _put(said.numbers, place, before)
                said.digits.update(digits)
                words = (
                    f"Kept as {before.written or 'no number'} again." if before is not None else TAKEN_BACK
                )
                self._tell(said, words, before is not None)

        keep = self.keep_number(place, written, match)
        self._stack.push(LabelCommand(self._corrections, keep, [*also, *replaced, *digits.values()], on_kept))

    def add_number(self, written: str, box: Box | None) -> None:
        """There is a number that was not read. box: None where its place isn't known."""
        said = self._said

        def on_kept(ticket: Kept | None) -> None:
            if isinstance(ticket, KeptNumber):
                said.added.append((ticket, box))
                self._tell(said, kept_words(written, DigitMatch()), True)
            else:
                said.added.pop()
                self._tell(said, TAKEN_BACK, False)

        self._stack.push(LabelCommand(self._corrections, self.keep_added(written, box), (), on_kept))

    @property
    @abstractmethod
    def shown_numbers(self) -> Sequence[ShownNumber]:
        """The numbers of the reading, without what was said of them, and those that were added."""

    @abstractmethod
    def keep_digit(self, ref: DigitRef, label: int) -> Callable[[], KeptDigit]:
        """What keeps a digit of the reading shown under a label."""

    @abstractmethod
    def keep_number(self, place: int, written: str, match: DigitMatch) -> Callable[[], KeptNumber]:
        """What keeps a number of the reading shown, and those of its digits that have their match."""

    @abstractmethod
    def keep_added(self, written: str, box: Box | None) -> Callable[[], KeptNumber]:
        """What keeps a number that was not read."""

    def _tell(self, said: _Said, words: str, undo: bool) -> None:
        if said is self._said:
            self.changed.emit()
        self.notice_changed.emit(words, undo)

    def _words_of(self, said: _Said, ref: DigitRef) -> str:
        """What is kept of the number that a digit belongs to: "4 ✓ 7 ✓"."""
        refs = said.of_number(ref.number) if ref.number is not None else [ref]
        labels = [said.digits[r].label for r in refs]
        if len(labels) > 1:
            return " ".join(tick(label) for label in labels)
        label = said.digits[ref].label
        return "Kept as no digit." if label == NOT_A_DIGIT else f"Kept as {article(label)} {label}."


class PictureLabels(ReadingLabels):
    """For what is read in pictures: their digits' crops and their numbers are kept."""

    def __init__(
        self,
        corrections: Corrections,
        stack: QUndoStack,
        *,
        kind: Kind,
        models: Callable[[], str],
        keeps_whole: Callable[[], bool],
        parent: QObject | None = None,
    ) -> None:
        """kind: where they come from. models: that read now. keeps_whole: whether whole pictures may be kept."""
        super().__init__(corrections, stack, parent)
        self._kind: Kind = kind
        self._models, self._keeps_whole = models, keeps_whole
        self._read: ShownReading | None = None
        self._image: NDArray[np.uint8] | None = None
        self._source = self._group = ""
        self._photo: Path | None = None

    def set_reading(
        self,
        shown: ShownReading | None,
        image: NDArray[np.uint8] | None,
        *,
        source: str = "",
        group: str = "",
        photo: Path | None = None,
    ) -> None:
        """What may be labelled now, as it was read. image: uint8 (H, W) or (H, W, 3) RGB.

        source: what it was seen by. group: of pictures that must be learned from together; "" for this one alone.
        photo: a file that shows the image.
        """
        # A live reading comes anew with every frame; what was said of its digits holds while they are the same.
        if shown is None or self._read is None or _values(shown) != _values(self._read):
            self.forget()
        self._read, self._image = shown, image
        self._source, self._group, self._photo = source, group, photo

    def let_go(self) -> None:
        """The picture is not needed until the next `set_reading`: what was said of it stays."""
        self._image = None

    def label_digit(self, ref: DigitRef, label: int) -> None:
        if self._read is not None and self._image is not None and ref in self._read.refs:
            super().label_digit(ref, label)

    def name_number(self, place: int, written: str, also: Sequence[Kept] = ()) -> None:
        if self._read is not None and self._image is not None and place < len(self._read.numbers):
            super().name_number(place, written, also)

    def add_number(self, written: str, box: Box | None) -> None:
        if self._image is not None:
            super().add_number(written, box)

    @property
    def shown_numbers(self) -> Sequence[ShownNumber]:
        return self._read.numbers if self._read is not None else ()

    def said_of(self, place: int) -> str | None:
        """What a number is after all that was said of it, "" for none; None where nothing was."""
        if self._read is None or place >= len(self._read.numbers):
            return None
        own = {ref.place: label for ref, label in self.labels.items() if ref.number == place}
        if place in self.numbers or not own:
            return self.numbers.get(place)
        return with_digits(self._read.numbers[place].read.written, own)

    def keep_digit(self, ref: DigitRef, label: int) -> Callable[[], KeptDigit]:
        assert self._read is not None, "checked before"
        assert self._image is not None, "checked before"
        image, digit = self._image, self._read.digit_at(ref)
        crop = crop_of(digit, image)
        origin = DigitOrigin(str(digit.digit), self._models(), "", self._source, self._group)
        return lambda: self._corrections.keep(
            (),
            crop,
            label,
            kind=self._kind,
            size=(image.shape[1], image.shape[0]),
            origin=origin,
            picture=image,
        )

    def keep_number(self, place: int, written: str, match: DigitMatch) -> Callable[[], KeptNumber]:
        number = self.shown_numbers[place]
        digits = tuple(DigitLabel(number.read.digits[i], label) for i, label in match.pairs)
        was_read = "" if number.is_added else number.read.written
        return self._keep(written, number.read.box if number.has_place else None, was_read, digits)

    def keep_added(self, written: str, box: Box | None) -> Callable[[], KeptNumber]:
        return self._keep(written, box, "", ())

    def _keep(
        self, written: str, box: Box | None, was_read: str, digits: tuple[DigitLabel, ...]
    ) -> Callable[[], KeptNumber]:
        assert self._image is not None, "checked before"
        label = NumberLabel(
            written, self._image, box, self._kind, self._keeps_whole(), was_read, self._models(), self._source, digits,
            photo=self._photo, group=self._group,
        )  # fmt: skip
        return lambda: self._corrections.keep_number(label)


def kept_words(written: str, match: DigitMatch) -> str:
    """What was kept of a number: "Kept as 1829, with its 4 digits."."""
    if not written:
        return "Kept: there is no number."
    if match.is_whole:
        return f"Kept as {written}, with its {wording.counted(len(match.pairs), 'digit')}."
    if match.pairs:
        return f"Kept as {written}, with {wording.counted(len(match.pairs), 'digit')}: the rest can't be told apart."
    return f"Kept as {written}, as a whole."


def tick(label: int) -> str:
    """A labelled digit, as it is marked: "4 ✓"; "– ✓" for no digit."""
    return f"{'–' if label == NOT_A_DIGIT else label} ✓"


def article(digit: int) -> str:
    """ "a" or "an", as a digit is spoken."""
    return "an" if digit == 8 else "a"


def _values(shown: ShownReading) -> list[tuple[DigitRef, int]]:
    """The digits that were read."""
    digits = zip(shown.refs, shown.digits, strict=True)
    return [
        (ref, d.digit) for ref, d in digits if ref.number is None or not shown.numbers[ref.number].is_added
    ]


def _put(kept: dict[_Key, _Value], key: _Key, value: _Value | None) -> None:
    """Put a value in its place; None takes it away."""
    if value is None:
        kept.pop(key, None)
    else:
        kept[key] = value
