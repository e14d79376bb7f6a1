"""Digit keys pressed one after another: each labels a digit and goes on to the next one."""

from __future__ import annotations

from dataclasses import dataclass, replace

from app.ui.shown_reading import DigitRef, ShownReading
from core.reading.types import NOT_A_DIGIT


@dataclass(frozen=True)
class KeyRun:
    """Keys so far. first: the digit that the first one labelled. at: the one that the next key labels.

    is_over: every digit has its label; one key more says that there are more digits than were read, and so that those
    labels may stand at the wrong ones. undo_index: of the undo stack when the run began.
    """

    first: DigitRef
    at: DigitRef
    undo_index: int
    labels: tuple[int, ...] = ()
    is_over: bool = False

    @classmethod
    def begin(cls, at: DigitRef, undo_index: int) -> KeyRun:
        return cls(at, at, undo_index)

    def with_label(self, shown: ShownReading, label: int) -> KeyRun:
        """The run with one key more."""
        following = replace(self.at, place=self.at.place + 1)
        goes_on = self.at.number is not None and following in shown.refs
        return replace(
            self, labels=(*self.labels, label), at=following if goes_on else self.at, is_over=not goes_on
        )

    def typed(self, shown: ShownReading, label: int) -> str:
        """The whole number that was typed with one key more than there are digits, for a person to look at."""
        number = shown.number_of(self.first)
        before = number.read.text[: self.first.place] if number is not None else ""
        return before + "".join(str(value) for value in (*self.labels, label) if value != NOT_A_DIGIT)
