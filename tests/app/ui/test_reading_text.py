import pytest

from app.ui.reading_text import Sureness, all_digits, count_of_mine, duration, panel_view, percent
from core.reading.types import NOT_A_DIGIT, Digit, Reading, Vote, confidence_word
from tests.app.fake_reader import digit_of, reading_of


@pytest.mark.parametrize(
    ("share", "text"),
    [(0, "0%"), (0.001, "<1%"), (0.3, "30%"), (0.994, "99%"), (0.9999, ">99%"), (1, "100%")],
)
def test_percent_never_claims_certainty(share, text):
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
def test_the_word_agrees_with_the_per_cents_beside_it(confidence, shown, word):
    assert (percent(confidence), confidence_word(confidence)) == (shown, word)


@pytest.mark.parametrize(
    ("milliseconds", "text"), [(0.84, "0.8 ms"), (9.94, "9.9 ms"), (12.3, "12 ms"), (1400, "1.4 s")]
)
def test_duration(milliseconds, text):
    assert duration(milliseconds) == text


def test_counts_have_thin_spaces():
    assert count_of_mine(14) == "14 mine"
    assert count_of_mine(1234567) == "1\u202f234\u202f567 mine"


def test_nothing_read_shows_nothing():
    for reading in (None, Reading()):
        view = panel_view(reading)
        assert (view.text, view.sureness, view.detail, view.selected) == ("", None, "", None)


def test_a_lone_digit_has_no_position():
    view = panel_view(reading_of(digit_of(8, confidence=0.97)))
    assert view.text == "8"
    assert view.sureness is Sureness.SURE
    assert view.detail == "sure (97%)"
    assert view.selected.position == ""
    assert view.selected.votes == "9 · 8 · 8"
    assert view.selected.votes_detail.splitlines()[0] == "stage 1: 9 (50%)"


def test_the_selected_digit_is_described():
    reading = reading_of(digit_of(1), digit_of(8, confidence=0.7), digit_of(2))
    view = panel_view(reading, 1)
    assert view.text == "182"
    assert view.sureness is Sureness.UNSURE  # 0.9 * 0.7 * 0.9
    assert view.selected.digit.digit == 8
    assert view.selected.position == "digit 2 of 3"
    assert len(view.selected.probabilities) == 11
    assert sum(view.selected.probabilities) == pytest.approx(1)


@pytest.mark.parametrize(("asked", "got"), [(-5, 0), (99, 1)])
def test_the_selection_is_brought_into_range(asked, got):
    assert panel_view(reading_of(digit_of(1), digit_of(2)), asked).selected.index == got


def test_several_numbers_are_counted_through():
    first, second = reading_of(digit_of(1), digit_of(2)), reading_of(digit_of(7))
    reading = Reading(first.numbers + second.numbers, (digit_of(0, is_digit=False),))
    assert len(all_digits(reading)) == 4
    view = panel_view(reading, 2)
    assert (view.text, view.number_start, view.number_length) == ("7", 2, 1)
    assert view.selected.position == "digit 1 · number 2 of 2"
    assert panel_view(reading, 1).selected.position == "digit 2 of 2 · number 1 of 2"


def test_a_scribble_is_said_to_be_no_digit():
    view = panel_view(reading_of(rejected=(digit_of(3, is_digit=False),)))
    assert view.text == ""
    assert view.sureness is Sureness.NO_DIGIT
    assert view.detail == "no digit (90%)"
    assert view.selected.position == ""


def test_a_scribble_beside_a_number_is_a_mark():
    view = panel_view(reading_of(digit_of(1), rejected=(digit_of(3, is_digit=False),)), 1)
    assert view.text == ""
    assert view.selected.position == "mark 1 of 1"


def test_a_reader_without_probabilities_shows_none():
    bare = Digit(4, 0.8, digit_of(4).box, votes=(Vote("early", NOT_A_DIGIT, 0.6),))
    view = panel_view(reading_of(bare))
    assert view.selected.probabilities == ()
    assert view.selected.votes == "none"
    assert view.selected.votes_detail == "early: none (60%)"
