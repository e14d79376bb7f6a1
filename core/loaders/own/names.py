"""Which digit, or which part of a set, a name of a folder, a class or a column means."""

from __future__ import annotations

import re

from core.reading.types import NOT_A_DIGIT

_WORDS = {
    word: digit
    for digit, word in enumerate(
        ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
    )
} | dict.fromkeys(("none", "nothing", "no digit", "background", "other"), NOT_A_DIGIT)
_BEFORE = r"(?:(?:digits?|numbers?|num|nr|class|cls|cat|category|label)[ _.\-]*)?"
_DIGIT = re.compile(_BEFORE + r"0*([0-9])(?:\.0*)?")
_SAMPLE = re.compile(r"sample[ _\-]*0*([0-9]+)")
_SPLITS = {
    "train": ("train", "training", "trn", "trainset"),
    "dev": ("val", "valid", "validation", "dev", "validate"),
    "test": ("test", "testing", "tst", "eval", "testset"),
}
_PARTS = {word: split for split, words in _SPLITS.items() for word in words}


def label_of(name: str) -> int | None:
    """0 to 9 or NOT_A_DIGIT: of “7”, “07”, “7.0”, “digit_7”, “seven”, “none”, “Sample008” (Chars74K counts from
    001 for a 0). None for what means no digit that we know."""
    low = name.strip().casefold()
    if low in _WORDS:
        return _WORDS[low]
    sample = _SAMPLE.fullmatch(low)
    if sample:
        place = int(sample[1]) - 1
        return place if 0 <= place <= 9 else None
    digit = _DIGIT.fullmatch(low)
    return int(digit[1]) if digit else None


def split_of(name: str) -> str | None:
    """train, dev or test: of “train”, “validation”, “x_test”, “instances_val2017”. None where a name says none."""
    low = name.strip().casefold()
    if low in _PARTS:
        return _PARTS[low]
    return next((_PARTS[word] for word in re.split(r"[^a-z]+", low) if word in _PARTS), None)
