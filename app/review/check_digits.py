"""Check digits: numbers whose last character follows from the others, so that most misreadings can be told."""

from __future__ import annotations

from enum import Enum
from itertools import cycle

from core.base.errors import InputError
from core.reading.rows.check_digits import keeps_luhn


class CheckDigit(Enum):
    """The rule that a set's numbers keep; the value is what people see."""

    NONE = "none"
    LUHN = "Luhn (cards, railway wagons, IMEI)"
    GTIN = "GTIN, EAN, ISBN-13"
    MOD_11 = "modulo 11 (weights 2 to 7)"
    ISBN_10 = "ISBN-10"
    ISO_6346 = "ISO 6346 (containers)"
    MOD_97 = "ISO 7064 modulo 97 (two check digits)"


def named_rule(name: str) -> CheckDigit:
    """The rule of this name: “luhn”, “gtin”, “iso-6346” …; signs and case don't count. Raises InputError."""
    rules = {_bare(rule.name): rule for rule in CheckDigit}
    rule = rules.get(_bare(name))
    if rule is None:
        known = ", ".join(rule.name.lower().replace("_", "-") for rule in CheckDigit)
        raise InputError(f"There is no check digit “{name}”; there are {known}.")
    return rule


def _bare(name: str) -> str:
    return "".join(c for c in name.lower() if c.isalnum())


def is_valid(text: str, rule: CheckDigit) -> bool:
    """Whether a number keeps a rule; blanks and dashes don't count, nor does the case of letters."""
    signs = "".join(c for c in text.upper() if c.isascii() and c.isalnum())
    match rule:
        case CheckDigit.NONE:
            return True
        case CheckDigit.LUHN:
            # ISO/IEC 7812-1, annex B; railway wagons by UIC leaflet 438-2.
            return _is_number(signs) and keeps_luhn([int(sign) for sign in signs])
        case CheckDigit.GTIN:
            # Weights 3 and 1 in turn, from the right (GS1 General Specifications, 7.9).
            return _is_number(signs) and _weighted(signs, (1, 3)) % 10 == 0
        case CheckDigit.MOD_11:
            # The check digit has weight 1, those before it 2 to 7 again and again; the remainder 10 is written 0 or X.
            return _is_checked(signs) and _modulo_11(signs)
        case CheckDigit.ISBN_10:
            # ISO 2108: weights 10 to 1 from the left.
            return len(signs) == 10 and _is_checked(signs) and _weighted(signs, range(1, 11)) % 11 == 0
        case CheckDigit.ISO_6346:
            return _container(signs)
        case CheckDigit.MOD_97:
            # ISO/IEC 7064, MOD 97-10.
            return _is_number(signs) and int(signs) % 97 == 1


def _is_number(signs: str) -> bool:
    return len(signs) > 1 and signs.isdecimal()


def _is_checked(signs: str) -> bool:
    """Digits, and in place of the last one perhaps an X for ten."""
    return len(signs) > 1 and signs[:-1].isdecimal() and (signs[-1].isdecimal() or signs[-1] == "X")


def _value(sign: str) -> int:
    return 10 if sign == "X" else int(sign)


def _weighted(signs: str, weights: tuple[int, ...] | range) -> int:
    """The sum of the digits by their weights, which repeat, from the right."""
    return sum(_value(sign) * weight for sign, weight in zip(reversed(signs), cycle(weights), strict=False))


def _modulo_11(signs: str) -> bool:
    rest = -_weighted(signs[:-1], range(2, 8)) % 11
    return _value(signs[-1]) == rest or (rest == 10 and signs[-1] == "0")


def _container(signs: str) -> bool:
    """ISO 6346: four letters, six digits, check digit. Letters count from 10 on, without the multiples of 11."""
    if len(signs) != 11 or not signs[:4].isalpha() or not signs[4:].isdecimal():
        return False
    total = 0
    for place, sign in enumerate(signs[:10]):
        number = int(sign) if sign.isdecimal() else 10 + ord(sign) - ord("A")
        if sign.isalpha():
            number += (number - 1) // 10
        total += number << place
    return total % 11 % 10 == int(signs[10])
