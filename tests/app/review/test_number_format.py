"""The expected format of a set: what breaks it, check digits, and which readings it leaves."""

from __future__ import annotations

from decimal import Decimal
from itertools import permutations
from typing import Any

import pytest

from app.review.alternatives import alternatives_of, choose, read_as
from app.review.check_digits import CheckDigit, is_valid
from app.review.number_format import NumberFormat, bounds_at, not_rising, values_of
from core.base.errors import InputError
from core.reading.types import Box, Digit, Number


def number(text: str, written: str = "", **second: tuple[int, float]) -> Number:
    """Digits with 90%; second: at place "d2", the digit and its probability in place of that."""
    digits = []
    for place, sign in enumerate(text):
        table = [0.0] * 10
        table[int(sign)] = 0.9
        if f"d{place}" in second:
            other, share = second[f"d{place}"]
            table[other], table[int(sign)] = share, 1 - share
        digits.append(Digit(int(sign), table[int(sign)], Box(10 * place, 0, 10, 20), True, tuple(table)))
    return Number(tuple(digits), 0.9, Box(0, 0, 10 * len(text), 20), written)


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("79927398713", CheckDigit.LUHN),
        ("31 81 665 0 286-0", CheckDigit.LUHN),  # a railway wagon's
        ("4006381333931", CheckDigit.GTIN),
        ("0-306-40615-2", CheckDigit.ISBN_10),
        ("080442957X", CheckDigit.ISBN_10),
        ("CSQU3054383", CheckDigit.ISO_6346),
        ("csqu 305438 3", CheckDigit.ISO_6346),
        ("36544", CheckDigit.MOD_11),  # 4·2 + 5·3 + 6·4 + 3·5 = 62, and 62 + 4 = 6 · 11
        (
            "3214282912345698765432161182",
            CheckDigit.MOD_97,
        ),  # an account's number with its country, ISO 13616
    ],
)
def test_check_digits_of_real_numbers(text: str, rule: CheckDigit) -> None:
    assert is_valid(text, rule)
    last = next(place for place in range(len(text) - 1, -1, -1) if text[place].isalnum())
    for other in "0123456789":
        if other != text[last]:
            assert not is_valid(text[:last] + other + text[last + 1 :], rule), other


def test_every_misread_digit_breaks_luhn() -> None:
    for place in range(11):
        for other in set("0123456789") - {"79927398713"[place]}:
            assert not is_valid("79927398713"[:place] + other + "79927398713"[place + 1 :], CheckDigit.LUHN)


@pytest.mark.parametrize("text", ["", "1", "A", "CSQU305438", "12345678901", "CSQ13054383", "X"])
def test_what_has_another_shape_is_not_valid(text: str) -> None:
    assert not is_valid(text, CheckDigit.ISO_6346)
    assert not is_valid(text, CheckDigit.ISBN_10)
    assert is_valid(text, CheckDigit.NONE)


@pytest.mark.parametrize(
    ("written", "values"),
    [
        ("1824", ("1824",)), ("217.61", ("217.61",)), ("217,61", ("217.61",)), ("1.824", ("1824", "1.824")),
        ("1.824.500", ("1824500",)), ("12B", ("12",)), ("", ()), ("-", ()), ("1 824", ("1824",)), ("5.", ("5",)),
        ("4500.125", ("4500.125",)), (".5", ("5",)),
    ],
)  # fmt: skip
def test_the_value_of_a_number(written: str, values: tuple[str, ...]) -> None:
    assert values_of(written) == tuple(map(Decimal, values))


def test_what_breaks_a_format() -> None:
    expected = NumberFormat(5, 5, Decimal(10000), Decimal(40000), "3", CheckDigit.LUHN)
    assert expected.problems("32805") == ()
    assert expected.problems("3280") == (
        "4 digits, not 5", "below 10000", "its check digit does not fit",
    )  # fmt: skip
    assert expected.problems("42809") == (
        "does not begin with 3",
        "above 40000",
        "its check digit does not fit",
    )
    assert expected.problems("") == ("no number",)
    assert NumberFormat(2, 3).problems("1") == ("1 digit, fewer than 2",)
    assert NumberFormat(most=2).problems("1 234") == ("4 digits, more than 2",)
    assert NumberFormat(prefix="ab 1").problems("AB12") == ()
    assert NumberFormat().problems("") == ()


def test_a_format_that_no_number_has_is_refused() -> None:
    wrong: tuple[dict[str, Any], ...] = (
        {"fewest": 0},
        {"most": 99},
        {"fewest": 4, "most": 3},
        {"lowest": Decimal(5), "highest": Decimal(4)},
    )
    for values in wrong:
        with pytest.raises(InputError):
            NumberFormat(**values)


def test_a_format_is_kept() -> None:
    expected = NumberFormat(5, 6, Decimal("1.5"), None, "3", CheckDigit.GTIN, True)
    assert NumberFormat.from_dict(expected.as_dict()) == expected
    with pytest.raises(InputError):
        NumberFormat.from_dict({"fewest": 1})


def test_one_number_that_is_too_high_does_not_condemn_those_after_it() -> None:
    values = [Decimal(v) for v in (100, 104, 904, 110, 110, 115, 19, 120)]
    assert not_rising(values) == {2, 6}
    assert list(bounds_at(values, 2, {2, 6})) == [104, 110]
    assert list(bounds_at(values, 0, {0})) == [None, 104]
    assert not_rising([None, Decimal(3), None, Decimal(2)]) in ({1}, {3})
    assert not_rising([]) == set()


def test_as_few_as_possible_are_taken_out() -> None:
    for order in permutations(range(5)):
        found = not_rising([Decimal(v) for v in order])
        kept = [v for place, v in enumerate(order) if place not in found]
        assert kept == sorted(kept)
        longest = max(
            len(part) for size in range(6) for part in _parts(list(order), size) if part == sorted(part)
        )
        assert len(kept) == longest


def _parts(values: list[int], size: int) -> list[list[int]]:
    if size == 0:
        return [[]]
    return [[values[i], *rest] for i in range(len(values)) for rest in _parts(values[i + 1 :], size - 1)]


def test_close_readings_come_likeliest_first() -> None:
    found = alternatives_of(number("12", d0=(7, 0.4), d1=(3, 0.2)))
    assert [a.written for a in found] == ["12", "72", "13", "73"]
    assert found[0].share == 1
    assert found[1].share == pytest.approx(0.4 / 0.6)
    assert found[3].share == pytest.approx(0.4 / 0.6 * 0.2 / 0.8)
    assert [a.written for a in alternatives_of(number("12", d0=(7, 0.01)))] == ["12"], "not close"
    assert [a.written for a in alternatives_of(number("12", "1-2B", d1=(3, 0.3)))] == ["1-2B", "1-3B"]


def test_a_check_digit_chooses_between_close_readings() -> None:
    read = number("79927398717", d10=(3, 0.3), d2=(4, 0.4))
    luhn = NumberFormat(check=CheckDigit.LUHN)
    assert choose(read, lambda text: not luhn.problems(text)) == "79927398713"
    far = number("79927398717", d10=(3, 0.001))
    assert choose(far, lambda text: not luhn.problems(text)) == "79927398717", "none that is close fits"
    assert choose(number("12"), lambda text: True) == "12"


def test_many_unsure_digits_take_no_time() -> None:
    doubts: dict[str, Any] = {f"d{place}": (1, 0.45) for place in range(30)}
    read = number("0" * 30, **doubts)
    assert len(alternatives_of(read)) == 200


def test_a_format_in_one_line_is_what_the_dialog_makes_of_its_fields() -> None:
    found = NumberFormat.parse("digits=5-7, range=0.5..99999, begins=12, check=iso-6346, rises")
    assert found == NumberFormat.of_texts(
        fewest="5", most=" 7", lowest="0,5", highest="99999", prefix=" 12", check=CheckDigit.ISO_6346, only_rises=True
    )  # fmt: skip
    assert NumberFormat.parse("digits=6") == NumberFormat(fewest=6, most=6)
    assert NumberFormat.parse("digits=6-,range=-500") == NumberFormat(fewest=6, highest=Decimal(500))
    assert NumberFormat.parse("") == NumberFormat()


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("digits", "“digits” is no part"),
        ("length=5", "“length=5” is no part"),
        ("rises=yes", "“rises=yes” is no part"),
        ("digits=few", "“few” is not a number"),
        ("digits=2.5", "no count of digits"),
        ("range=9-1", "swap the two"),
        ("check=crc", "there are none, luhn"),
        ("range=0-inf", "“inf” is not a number"),
    ],
)
def test_a_line_that_is_no_format_says_which_part(text: str, names: str) -> None:
    with pytest.raises(InputError, match=names):
        NumberFormat.parse(text)


def test_a_number_under_another_reading_is_as_sure_as_that_one() -> None:
    one = number("123", "12.3", d1=(7, 0.3))
    other = read_as(one, "17.3")
    assert (other.text, other.written, other.digits[1].confidence) == ("173", "17.3", 0.3)
    assert other.confidence == pytest.approx(0.9 * 0.3 / 0.7)
    assert read_as(one, "12.3") is one
