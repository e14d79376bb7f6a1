from pathlib import Path

import pytest

from app.commands import classify, read
from app.ui.reading_text import (
    DigitView,
    PanelView,
    Sureness,
    corrections_text,
    digit_places,
    duration,
    file_part,
    number_text,
    panel_view,
    percent,
    read_as,
)
from app.ui.shown_reading import DigitRef, ShownNumber, ShownReading
from core.reading.classifier import Classification
from core.reading.types import NOT_A_DIGIT, Box, Digit, Number, Reading, Vote, confidence_word
from tests.app.fake_reader import digit_of, reading_of, shown


@pytest.mark.parametrize(
    ("share", "text"),
    [(0, "0%"), (0.001, "<1%"), (0.3, "30%"), (0.994, "99%"), (0.9999, ">99%"), (1, "100%")],
)
def test_percent_never_claims_certainty(share: float, text: str) -> None:
    assert percent(share) == text


@pytest.mark.parametrize(
    ("confidence", "shown", "word"),
    [
        (0.8949, "89%", "fairly sure"),
        (0.8951, "90%", "sure"),
        (0.5951, "60%", "fairly sure"),
        (0.594, "59%", "unsure"),
    ],
)
def test_the_word_agrees_with_the_per_cents_beside_it(confidence: float, shown: str, word: str) -> None:
    assert (percent(confidence), confidence_word(confidence)) == (shown, word)


@pytest.mark.parametrize(
    ("milliseconds", "text"), [(0.84, "0.8 ms"), (9.94, "9.9 ms"), (12.3, "12 ms"), (1400, "1.4 s")]
)
def test_duration(milliseconds: float, text: str) -> None:
    assert duration(milliseconds) == text


def selected(view: PanelView) -> DigitView:
    assert view.selected is not None
    return view.selected


def test_counts_have_thin_spaces() -> None:
    assert corrections_text(1) == "1 correction"
    assert corrections_text(1234567) == "1\u202f234\u202f567 corrections"


def number(digits: str, written: str = "", confidence: float = 0.97) -> Number:
    (made,) = reading_of(*(digit_of(int(d)) for d in digits)).numbers
    return Number(made.digits, confidence, made.box, written)


def test_a_number_is_said_the_same_way_wherever_it_stands() -> None:
    sure = number_text(ShownNumber(number("12", "12B")))
    assert (sure.text, sure.sureness, sure.detail) == ("12B", Sureness.SURE, "sure (97%)")
    maybe = number_text(ShownNumber(number("9", confidence=0.41), is_maybe=True))
    assert (maybe.text, maybe.sureness, maybe.detail) == ("9?", Sureness.MAYBE, "maybe (41%)")
    said = ShownNumber(number("12", "12B"), correction="13B")
    assert (number_text(said).text, number_text(said).detail) == ("13B", "corrected")
    assert read_as(said) == "read as 12B"
    longer = ShownNumber(number("9", "9?", 0.41), is_maybe=True, correction="19")
    assert (number_text(longer).text, longer.is_unsure, longer.confidence) == ("19", False, 1.0)


@pytest.mark.parametrize(
    ("text", "digits", "places"),
    [
        ("12B", "12", (0, 1, None)),
        ("217.61", "21761", (0, 1, 2, None, 3, 4)),
        ("No. 10", "10", (None, None, None, None, 0, 1)),
        ("19", "9", (None, None)),
    ],
)
def test_signs_of_a_number_know_their_digits(text: str, digits: str, places: tuple[int | None, ...]) -> None:
    assert digit_places(text, digits) == places


@pytest.mark.parametrize(
    ("text", "part"),
    [("2024 581", "2024-581"), ("12/3 7:45", "12-3-7-45"), ("217.61", "217.61"), (". .", "")],
)
def test_numbers_in_names_of_files(text: str, part: str) -> None:
    assert file_part(text) == part


def test_nothing_read_shows_nothing() -> None:
    for reading in (None, ShownReading()):
        view = panel_view(reading)
        assert (view.text, view.sureness, view.detail, view.selected) == ("", None, "", None)


def test_a_lone_digit_has_no_position() -> None:
    view = panel_view(shown(digit_of(8, confidence=0.97)))
    assert view.text == "8"
    assert view.sureness is Sureness.SURE
    assert view.detail == "sure (97%)"
    assert view.numbers == ()
    assert selected(view).position == ""
    assert selected(view).votes == "9 · 8 · 8"
    assert selected(view).votes_detail.splitlines()[0] == "stage 1: 9 (50%)"


def test_the_selected_digit_is_described() -> None:
    view = panel_view(shown(digit_of(1), digit_of(8, confidence=0.7), digit_of(2)), DigitRef(0, 1))
    assert view.text == "182"
    assert view.sureness is Sureness.UNSURE  # 0.9 * 0.7 * 0.9
    assert selected(view).digit.digit == 8
    assert selected(view).position == "digit 2 of 3"
    assert len(selected(view).probabilities) == 11
    assert sum(selected(view).probabilities) == pytest.approx(1)


@pytest.mark.parametrize("asked", [None, DigitRef(7, 0), DigitRef(0, 9), DigitRef(None, 0)])
def test_without_such_a_digit_the_first_one_is_described(asked: DigitRef | None) -> None:
    assert selected(panel_view(shown(digit_of(1), digit_of(2)), asked)).ref == DigitRef(0, 0)


def test_several_numbers_stand_as_text() -> None:
    first, second = reading_of(digit_of(1), digit_of(2)), reading_of(digit_of(7))
    reading = ShownReading.of(Reading(first.numbers + second.numbers, (digit_of(0, is_digit=False),)))
    assert len(reading.refs) == 4
    view = panel_view(reading, DigitRef(1, 0))
    assert view.text == "7"
    assert [n.text for n in view.numbers] == ["12", "7"]
    assert selected(view).position == "digit 1 · number 2 of 2"
    assert selected(panel_view(reading, DigitRef(0, 1))).position == "digit 2 of 2 · number 1 of 2"


def test_a_correction_is_shown_in_the_headline() -> None:
    view = panel_view(
        ShownReading.of(reading_of(digit_of(1), digit_of(8)), labels={DigitRef(0, 1): 3}), DigitRef(0, 1)
    )
    assert (view.text, view.sureness, view.detail) == ("13", Sureness.CORRECTED, "corrected")
    assert selected(view).digit.digit == 3
    scribble = reading_of(rejected=(digit_of(3, is_digit=False),))
    view = panel_view(ShownReading.of(scribble, labels={DigitRef(None, 0): 4}))
    assert (view.text, view.detail) == ("4", "corrected")


def test_a_scribble_is_said_to_be_no_digit() -> None:
    view = panel_view(shown(rejected=(digit_of(3, is_digit=False),)))
    assert view.text == ""
    assert view.sureness is Sureness.NO_DIGIT
    assert view.detail == "no digit (90%)"
    assert selected(view).position == ""


def test_a_scribble_beside_a_number_is_a_mark() -> None:
    view = panel_view(shown(digit_of(1), rejected=(digit_of(3, is_digit=False),)), DigitRef(None, 0))
    assert view.text == ""
    assert selected(view).position == "mark 1 of 1"


def test_a_reader_without_probabilities_shows_none() -> None:
    bare = Digit(4, 0.8, digit_of(4).box, votes=(Vote("early", NOT_A_DIGIT, 0.6),))
    view = panel_view(shown(bare))
    assert selected(view).probabilities == ()
    assert selected(view).votes == "none"
    assert selected(view).votes_detail == "early: none (60%)"


@pytest.mark.parametrize("confidence", [0.004, 0.12, 0.595, 0.6, 0.895, 0.9, 0.9949, 0.997, 1.0])
def test_window_and_command_line_say_a_confidence_alike(confidence: float) -> None:
    digit = Digit(7, confidence, Box(0, 0, 9, 9))
    number = Number((digit,), confidence, Box(0, 0, 9, 9), "7")
    word, _, figure = number_text(ShownNumber(number)).detail.partition(" (")
    assert read.as_text(Path("a.png"), Reading((number,))) == f"a.png: 7 ({word}, {figure}"
    said = Classification(7, confidence, True, (0.0,) * 10, ())
    assert classify.as_text(Path("a.png"), said, 5).endswith(f"  7  {word} ({figure}")
