"""What is written in a row: numbers as people write them, with letters and signs, and words without digits."""

from __future__ import annotations

import math
import random
from collections.abc import Callable

from core.reading.line_format import LETTERS

DIGITS = "0123456789"
CAPITALS = LETTERS[:26]
LOOK_ALIKE = "BDGIlOoQSZbgqTsAiJUC"
"""Letters that look like digits."""
_LENGTHS = (10, 15, 17, 17, 11, 9, 5, 6, 2, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1)
_BENFORD = tuple(math.log10(1 + 1 / d) for d in range(1, 10))
_UNITS = ("km", "KM", "m", "cm", "mm", "kg", "g", "t", "l", "L", "V", "A", "W", "kW", "kWh", "PM", "AM",
          "pm", "am", "min", "h", "HP", "GB", "MB", "G", "ft", "mph", "km/h", "m3", "bar", "C", "F", "years",
          "EUR", "USD", "x", "th", "st", "nd", "HR", "FOR", "PCS", "OFF")  # fmt: skip
_BEFORE = ("No. ", "No.", "No ", "NO. ", "Nr. ", "Nr.", "no.", "#", "# ", "Room ", "ROOM ", "Level ",
           "LEVEL ", "Gate ", "Platform ", "Bus ", "Track ", "Apt ", "Apt. ", "Unit ", "Lot ", "Bay ", "Exit ",
           "EXIT ", "Line ", "Route ", "Tel: ", "Tel ", "Page ", "p. ", "Art. ", "Ref: ", "SN ", "S/N: ", "ID ",
           "Model ", "Size ", "MAX ")  # fmt: skip
_TEXT = """
    street road avenue lane drive court place way close terrace square park hill house garden villa office open
    closed sale shop hotel school church station exit private parking welcome family post mail north south east west
    old new rue via calle strasse allee platz oak maple high mill bridge river lake forest spring valley view the of
    and no please keep clear rose free best food pizza cafe bar bank taxi police fire stop slow push pull entry city
    total date time price room floor lobby level gate zone first second only for all with from world music book
    Bolt Solo Globe Oslo Illinois Zoo Gloss Bills Slob Soil Sizzle Boss Diesel logo blog Iglo Doll Bob Lilo BILL OSLO
    SOLID GOLD BIG SIGNS BOLD SLIDE IDOL DIGIT ZIGZAG SOIL GLOBE BOBS TESLA SHELL
"""
_WORDS = tuple(_TEXT.split())


def random_number(rng: random.Random, longest: int = 20) -> str:
    """1 to 20 digits; now and then one digit over and over, a round number, or zeros in front."""
    length = min(rng.choices(range(1, 21), _LENGTHS)[0], longest)
    kind = rng.random()
    if kind < 0.05:
        return rng.choice(DIGITS) * min(length, 8)
    if kind < 0.1 and length > 1:
        return rng.choice(DIGITS[1:]) + "0" * (length - 1)
    if kind < 0.16 and length > 2:
        return "".join(
            rng.choices(rng.choice(("01", "17", "07", "08", "11777", "00019", "69", "35", "0689")), k=length)
        )
    if kind < 0.22 and length > 2:
        return ("0" * rng.randint(1, length - 1) + "".join(rng.choices(DIGITS, k=length)))[:length]
    if kind < 0.5:
        return rng.choices(DIGITS[1:], _BENFORD)[0] + "".join(rng.choices(DIGITS, k=length - 1))
    return "".join(rng.choices(DIGITS, k=length))


def random_word(rng: random.Random) -> str:
    """A word or two without digits, real, of any letters, or of such as look like digits."""
    kind = rng.random()
    if kind < 0.6:
        text = " ".join(rng.choices(_WORDS, k=rng.choice((1, 1, 1, 2))))
        return rng.choice((text, text.upper(), text.title()))
    pool = LETTERS if kind < 0.75 else CAPITALS if kind < 0.85 else LOOK_ALIKE
    return "".join(rng.choices(pool, k=rng.randint(1, 8)))


def _short(rng: random.Random, low: int = 1, high: int = 4) -> str:
    return "".join(rng.choices(DIGITS, k=rng.randint(low, high)))


def _suffix(rng: random.Random) -> str:
    return (
        _short(rng) + rng.choice(("", "", " ")) + rng.choice(rng.choice((CAPITALS, "ABCDEabcde", LOOK_ALIKE)))
    )


def _beside_letter(rng: random.Random) -> str:
    """Digits with one letter that looks like a digit right beside them: 12B, 12O, B8, 4g."""
    letter = rng.choice(LOOK_ALIKE)
    return rng.choice((_short(rng, 1, 4) + letter, _short(rng, 1, 4) + letter, letter + _short(rng, 1, 4)))


def _spaced(rng: random.Random) -> str:
    """Two or three numbers with a space between them."""
    return " ".join(_short(rng) for _ in range(rng.choice((2, 2, 2, 3))))


def _range(rng: random.Random) -> str:
    gap = rng.choice(("", "", " "))
    return _short(rng) + gap + "-" + gap + _short(rng)


def _fraction(rng: random.Random) -> str:
    return rng.choice((f"{_short(rng)}/{_short(rng, 1, 3)}", f"{_short(rng, 1, 2)}/{rng.choice(CAPITALS)}",
                       f"{rng.choice('LB')}{_short(rng, 1, 1)}/{rng.choice('LB')}{_short(rng, 1, 1)}"))  # fmt: skip


def _decimal(rng: random.Random) -> str:
    return f"{_short(rng, 1, 5)}{rng.choice('...,')}{_short(rng, 1, 3)}"


def _time(rng: random.Random) -> str:
    text = f"{rng.randint(0, 23)}:{rng.randint(0, 59):02d}"
    return rng.choice(
        (text, text, text.zfill(5), text + f":{rng.randint(0, 59):02d}", text.replace(":", "."))
    )


def _date(rng: random.Random) -> str:
    day, month, year = rng.randint(1, 31), rng.randint(1, 12), rng.randint(1950, 2035)
    mark = rng.choice("./-")
    parts = rng.choice(
        ((f"{day:02d}", f"{month:02d}", str(year)), (str(day), str(month), f"{year % 100:02d}"),
         (str(year), f"{month:02d}", f"{day:02d}"))
    )  # fmt: skip
    return mark.join(parts)


def _before(rng: random.Random) -> str:
    return rng.choice(_BEFORE) + _short(rng, 1, 5)


def _code(rng: random.Random) -> str:
    letters = "".join(rng.choices(CAPITALS, k=rng.randint(1, 3)))
    kind = rng.random()
    if kind < 0.4:
        return letters + rng.choice(("", "", "-", " ")) + _short(rng, 1, 5)
    if kind < 0.6:
        return (
            letters
            + rng.choice((" ", "-", ""))
            + _short(rng, 2, 4)
            + rng.choice(("", " "))
            + rng.choice(CAPITALS)
        )
    if kind < 0.8:
        return f"#{_short(rng, 2, 2)}-{_short(rng, 2, 3)}"
    return f"{rng.choice(CAPITALS)}{_short(rng, 1, 1)}-{rng.choice(('', rng.choice(CAPITALS)))}{_short(rng, 1, 3)}"


def _money(rng: random.Random) -> str:
    amount = rng.choice(
        (
            _short(rng, 1, 4),
            f"{_short(rng, 1, 3)}.{_short(rng, 2, 2)}",
            f"{rng.randint(1, 99)},{_short(rng, 3, 3)}",
        )
    )
    sign = rng.choice("$$$$€€£")
    return rng.choice((sign + amount, sign + amount, sign + " " + amount, amount + sign, amount + " " + sign))


def _unit(rng: random.Random) -> str:
    return rng.choice((_short(rng, 1, 4), _decimal(rng))) + rng.choice(("", " ")) + rng.choice(_UNITS)


def _percent(rng: random.Random) -> str:
    return rng.choice(("", "", "-")) + rng.choice((str(rng.randint(1, 100)), _decimal(rng))) + "%"


def _round_brackets(rng: random.Random) -> str:
    return rng.choice(
        (f"({_short(rng)})", f"{_short(rng, 1, 2)})", f"({_short(rng, 2, 3)}) {_short(rng, 3, 6)}")
    )


def _degrees(rng: random.Random) -> str:
    return (
        rng.choice(("", "-"))
        + _short(rng, 1, 2)
        + rng.choice(("", "." + _short(rng, 1, 1)))
        + "°"
        + rng.choice(("", "C", "F"))
    )


def _phone(rng: random.Random) -> str:
    mark = rng.choice((" ", " ", "-", "."))
    return mark.join(_short(rng, 2, 4) for _ in range(rng.randint(2, 4)))


def _thousands(rng: random.Random) -> str:
    mark = rng.choice(",,. ")
    return mark.join([_short(rng, 1, 3), *(_short(rng, 3, 3) for _ in range(rng.randint(1, 3)))])


def _mixed(rng: random.Random) -> str:
    return "".join(
        rng.choice(DIGITS) if rng.random() < 0.5 else rng.choice(LOOK_ALIKE) for _ in range(rng.randint(2, 7))
    )


def _named(rng: random.Random) -> str:
    word = rng.choice(_WORDS)
    word = rng.choice((word, word.upper(), word.title()))
    return rng.choice((f"{word} {_short(rng)}", f"{_short(rng)} {word}", f"{word}{_short(rng, 1, 2)}"))


_KINDS: tuple[tuple[Callable[[random.Random], str], float], ...] = (
    (random_number, 40), (_suffix, 6), (_beside_letter, 7), (_spaced, 5), (_range, 4), (_fraction, 3), (_decimal, 5),
    (_time, 3), (_date, 3), (_before, 3), (_code, 7), (_money, 5), (_unit, 4), (_percent, 2), (_round_brackets, 2),
    (_degrees, 1), (_phone, 3), (_thousands, 2), (_mixed, 4), (_named, 4), (random_word, 12),
)  # fmt: skip


def random_text(rng: random.Random) -> str:
    """A row of any kind, in the line reader's characters."""
    return rng.choices([make for make, _ in _KINDS], [weight for _, weight in _KINDS])[0](rng)


def display_text(rng: random.Random) -> str:
    """What displays show: numbers with points and colons."""
    kind = rng.random()
    if kind < 0.55:
        return random_number(rng, 10)
    if kind < 0.8:
        return rng.choice(("", "", "", "-")) + _decimal(rng)
    return _time(rng).replace(".", ":") if kind < 0.95 else _degrees(rng)


def pen_text(rng: random.Random) -> str:
    """What is written by hand with digits alone and the signs between them."""
    kind = rng.random()
    if kind < 0.75:
        return random_number(rng, 12)
    return (
        rng.choice((_decimal, _thousands, _range, _date, _fraction))(rng).replace(" ", "").translate(_DROPPED)
    )


_DROPPED = str.maketrans("", "", LETTERS)
