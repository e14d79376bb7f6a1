"""What is written in a row → the numbers in it."""

from __future__ import annotations

import pytest

from core.reading.rows.written import numbers_in
from core.reading.types import digits_of


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("", []),
        ("HOTEL", []),
        ("1824", [("1824", "1824")]),
        ("12B", [("12", "12B")]),
        ("7b", [("7", "7b")]),
        ("42bis", [("42", "42bis")]),
        ("10th", [("10", "10th")]),
        ("7-9", [("7", "7–9"), ("9", "7–9")]),
        ("7 - 9", [("7", "7–9"), ("9", "7–9")]),
        ("12/3", [("12", "12/3"), ("3", "12/3")]),
        ("15 20", [("15", "15"), ("20", "20")]),
        ("217.61", [("21761", "217.61")]),
        ("1,000", [("1000", "1,000")]),
        ("12:45", [("1245", "12:45")]),
        ("12.", [("12", "12")]),
        ("No. 10", [("10", "No. 10")]),
        ("No.10", [("10", "No.10")]),
        ("T2182", [("2182", "T2182")]),
        ("B8", [("8", "B8")]),
        ("Room 101", [("101", "101")]),
        ("$150", [("150", "$150")]),
        ("50%", [("50", "50%")]),
        ("20 €", [("20", "20 €")]),
        ("#14-01", [("14", "#14–01"), ("01", "#14–01")]),
        ("(15)", [("15", "15")]),
        ("12/05/2020", [("12", "12/05/2020"), ("05", "12/05/2020"), ("2020", "12/05/2020")]),
        ("DataTalk22", [("22", "22")]),
        ("5km", [("5", "5km")]),
        ("12345678901234567890", [("12345678901234567890", "12345678901234567890")]),
    ],
)
def test_numbers_of_a_text(text: str, wanted: list[tuple[str, str]]) -> None:
    found = [(digits_of(text[n.start : n.end]), n.written) for n in numbers_in(text) if not n.is_word]
    assert found == wanted


@pytest.mark.parametrize("text", ["H0TEL", "3M", "4EVER", "B2B", "GO0D"])
def test_digits_inside_a_word_are_no_number(text: str) -> None:
    assert [n for n in numbers_in(text) if not n.is_word] == []
