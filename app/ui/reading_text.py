"""What the panel says about a reading: decisions in words and figures, no Qt."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from core.reading.types import NOT_A_DIGIT, Digit, Number, Reading, Vote, confidence_word
from training.ui import wording


class Sureness(Enum):
    """How sure a reading is; the value is the word people see."""

    SURE = "sure"
    FAIRLY_SURE = "fairly sure"
    UNSURE = "unsure"
    NO_DIGIT = "no digit"


@dataclass(frozen=True)
class DigitView:
    """One digit of the panel.

    position: "digit 2 of 4", with the number's place where there are several; "" for a lone digit.
    probabilities: of 0…9, then of "no digit"; empty where the reader gave none.
    votes: what the stages say, "6 · 8 · 8"; "" without stages. votes_detail: the same with probabilities.
    """

    index: int
    digit: Digit
    position: str
    probabilities: tuple[float, ...]
    votes: str
    votes_detail: str


@dataclass(frozen=True)
class PanelView:
    """The whole panel.

    text: the number, "" where nothing was read. sureness: None where nothing was looked at. detail: as a word
    and a figure, "sure (97%)". number_start, number_length: which digits, counted as `all_digits` does, `text`
    is made of. selected: the digit described below, None without any.
    """

    text: str
    sureness: Sureness | None
    detail: str
    number_start: int = 0
    number_length: int = 0
    digits: tuple[Digit, ...] = ()
    selected: DigitView | None = None


def all_digits(reading: Reading | None) -> tuple[Digit, ...]:
    """Every digit in the order in which the panel counts them: number by number, then what is no digit."""
    if reading is None:
        return ()
    return tuple(d for number in reading.numbers for d in number.digits) + reading.rejected


def percent(share: float) -> str:
    """A probability for people: "97%", never "100%" for what is not certain nor "0%" for what is not nil."""
    if 0 < share < 0.005:
        return "<1%"
    if 0.995 <= share < 1:
        return ">99%"
    return f"{share:.0%}"


def duration(milliseconds: float) -> str:
    """How long reading took: "0.8 ms", "12 ms", "1.4 s"."""
    if milliseconds < 9.95:
        return f"{milliseconds:.1f} ms"
    if milliseconds < 999.5:
        return f"{milliseconds:.0f} ms"
    return f"{milliseconds / 1000:.1f} s"


def count_of_mine(count: int) -> str:
    """How many drawings were kept: "14 mine"."""
    return f"{wording.count(count)} mine"


def panel_view(reading: Reading | None, selected: int = 0) -> PanelView:
    """What the panel shows; `selected` counts as `all_digits` does and is brought into range."""
    digits = all_digits(reading)
    if reading is None or not digits:
        return PanelView("", None, "")
    selected = min(max(selected, 0), len(digits) - 1)
    number, start, place = _number_of(reading, selected)
    if number is None:
        rejected = digits[selected]
        doubt = 1 - sum(rejected.probabilities) if rejected.probabilities else rejected.confidence
        view = PanelView("", Sureness.NO_DIGIT, f"no digit ({percent(doubt)})", digits=digits)
    else:
        sureness = Sureness(confidence_word(number.confidence))
        detail = f"{sureness.value} ({percent(number.confidence)})"
        view = PanelView(number.text, sureness, detail, start, len(number.digits), digits)
    described = _digit_view(reading, digits, selected, number, start, place)
    return PanelView(
        view.text, view.sureness, view.detail, view.number_start, view.number_length, digits, described
    )


def _number_of(reading: Reading, index: int) -> tuple[Number | None, int, int]:
    """The number that holds digit `index`, the index of its first digit, and its place among the numbers."""
    start = 0
    for place, number in enumerate(reading.numbers):
        if index < start + len(number.digits):
            return number, start, place
        start += len(number.digits)
    return None, start, len(reading.numbers)


def _digit_view(
    reading: Reading, digits: tuple[Digit, ...], index: int, number: Number | None, start: int, place: int
) -> DigitView:
    digit = digits[index]
    if number is not None:
        position = f"digit {index - start + 1} of {len(number.digits)}" if len(number.digits) > 1 else ""
        if len(reading.numbers) > 1:
            position = f"{position or 'digit 1'} · number {place + 1} of {len(reading.numbers)}"
    else:
        position = f"mark {index - start + 1} of {len(reading.rejected)}" if len(digits) > 1 else ""
    probabilities: tuple[float, ...] = ()
    if digit.probabilities:
        probabilities = (*digit.probabilities, max(0.0, 1 - sum(digit.probabilities)))
    return DigitView(index, digit, position, probabilities, _votes(digit.votes), _votes_detail(digit.votes))


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
