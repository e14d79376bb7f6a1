"""How a reading is put into words: the panel, photos, tables and exports all say it as this module does."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

from app.ui.shown_reading import DigitRef, ShownNumber, ShownReading
from core.reading import types
from core.reading.types import NOT_A_DIGIT, Digit, Vote, confidence_word
from training.ui import wording


class Sureness(Enum):
    """How sure a number is; the value is the word people see."""

    SURE = "sure"
    FAIRLY_SURE = "fairly sure"
    UNSURE = "unsure"
    MAYBE = "maybe"
    CORRECTED = "corrected"
    NO_DIGIT = "no digit"


@dataclass(frozen=True)
class NumberText:
    """A number in words. text: as it is written, with a question mark where it is only a maybe."""

    text: str
    sureness: Sureness
    detail: str


@dataclass(frozen=True)
class DigitView:
    """One digit of the panel.

    position: "digit 2 of 4", with the number's place where there are several; "" for a lone digit.
    probabilities: of 0…9, then of "no digit"; empty where the reader gave none.
    votes: what the stages say, "6 · 8 · 8"; "" without stages.
    votes_detail: the same with probabilities.
    """

    ref: DigitRef
    digit: Digit
    position: str
    probabilities: tuple[float, ...]
    votes: str
    votes_detail: str


@dataclass(frozen=True)
class PanelView:
    """The whole panel.

    text: the number that is described, as it is written; "" if no number was read.
    sureness: None where nothing was looked at.
    detail: as a word and a figure, "sure (97%)".
    places: for each sign of `text`, the place of the digit that it is; None for letters and signs.
    numbers: all numbers as text, in reading order; empty where there is only one.
    digits: in the order of `ShownReading.refs`.
    selected: the digit described below, None without any.
    """

    text: str = ""
    sureness: Sureness | None = None
    detail: str = ""
    places: tuple[int | None, ...] = ()
    numbers: tuple[NumberText, ...] = ()
    digits: tuple[Digit, ...] = ()
    selected: DigitView | None = None


def percent(share: float) -> str:
    """A probability for people: "97%", never "100%" for what is not certain nor "0%" for what is not nil."""
    return wording.chance(share)


def duration(milliseconds: float) -> str:
    """How long reading took: "0.8 ms", "12 ms", "1.4 s"."""
    return wording.milliseconds(milliseconds)


def corrections_text(count: int) -> str:
    """How many digits were kept: "14 corrections"."""
    return wording.counted(count, "correction")


def confidence_text(confidence: float) -> str:
    """ "sure (97%)"."""
    return types.confidence_text(confidence)


def number_text(number: ShownNumber) -> NumberText:
    """How a number is put into words wherever it is shown: "12B", "sure (97%)"; "9?", "maybe (41%)"."""
    if number.is_false:
        return NumberText("", Sureness.CORRECTED, "no number here")
    if number.is_added:
        return NumberText(number.written, Sureness.CORRECTED, "added")
    if number.is_corrected:
        said = "confirmed" if number.correction == number.read.written else "corrected"
        return NumberText(number.written, Sureness.CORRECTED, said)
    if number.is_unsure:
        return NumberText(f"{number.written}?", Sureness.MAYBE, f"maybe ({percent(number.confidence)})")
    word = Sureness(confidence_word(number.confidence))
    return NumberText(number.written, word, confidence_text(number.confidence))


def read_as(number: ShownNumber) -> str:
    """What the program made of a number that was corrected: "read as 12B"; "" for any other."""
    is_other = number.is_corrected and not number.is_added and number.correction != number.read.written
    return f"read as {number.read.written}" if is_other else ""


def file_part(text: str) -> str:
    """Numbers as a part of a file's name: what some system does not allow in one, and blanks, become dashes."""
    return re.sub(r'[\s<>:"/\\|?*]+', "-", text).strip("-.")


def digit_places(text: str, digits: str) -> tuple[int | None, ...]:
    """For each sign of `text`, which of `digits` it is. All None where the two do not fit together."""
    if "".join(filter(str.isdecimal, text)) != digits:
        return (None,) * len(text)
    count = iter(range(len(digits)))
    return tuple(next(count) if sign.isdecimal() else None for sign in text)


def panel_view(shown: ShownReading | None, selected: DigitRef | None = None) -> PanelView:
    """What the panel shows; without `selected`, or where there is no such digit, the first one is described."""
    refs = shown.refs if shown is not None else ()
    if shown is None or not refs:
        return PanelView()
    ref = selected if selected in refs else refs[0]
    number = shown.number_of(ref)
    described = _digit_view(shown, ref)
    numbers = tuple(number_text(n) for n in shown.numbers) if len(shown.numbers) > 1 else ()
    if number is None:
        text, sureness, detail = _mark_text(shown.digit_at(ref))
        places: tuple[int | None, ...] = (ref.place,) * len(text)
    else:
        said = number_text(number)
        text, sureness, detail = said.text, said.sureness, said.detail
        places = digit_places(text, number.number.text)
    return PanelView(text, sureness, detail, places, numbers, shown.digits, described)


def _mark_text(mark: Digit) -> tuple[str, Sureness, str]:
    if mark.is_digit:  # somebody said so
        return str(mark.digit), Sureness.CORRECTED, "corrected"
    doubt = 1 - sum(mark.probabilities) if mark.probabilities else mark.confidence
    return "", Sureness.NO_DIGIT, f"no digit ({percent(doubt)})"


def _digit_view(shown: ShownReading, ref: DigitRef) -> DigitView:
    digit = shown.digit_at(ref)
    if ref.number is not None:
        count = len(shown.numbers[ref.number].read.digits)
        position = f"digit {ref.place + 1} of {count}" if count > 1 else ""
        if len(shown.numbers) > 1:
            position = f"{position or 'digit 1'} · number {ref.number + 1} of {len(shown.numbers)}"
    else:
        position = f"mark {ref.place + 1} of {len(shown.marks)}" if len(shown.refs) > 1 else ""
    probabilities: tuple[float, ...] = ()
    if digit.probabilities:
        probabilities = (*digit.probabilities, max(0.0, 1 - sum(digit.probabilities)))
    return DigitView(ref, digit, position, probabilities, _votes(digit.votes), _votes_detail(digit.votes))


def _votes(votes: tuple[Vote, ...]) -> str:
    return " · ".join(_vote_word(v) for v in votes)


def _votes_detail(votes: tuple[Vote, ...]) -> str:
    return "\n".join(f"{_stage_name(v.stage)}: {_vote_word(v)} ({percent(v.confidence)})" for v in votes)


def _vote_word(vote: Vote) -> str:
    return "none" if vote.digit == NOT_A_DIGIT else str(vote.digit)


def _stage_name(stage: str) -> str:
    """`stage2` → "stage 2"."""
    name = stage.rstrip("0123456789")
    return f"{name} {stage[len(name) :]}".strip()
