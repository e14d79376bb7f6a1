"""Numbers and times as people write them."""

from __future__ import annotations

import math
import time

import pytest

from core.base.errors import NAME_DATA
from training.ui import wording


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.04, "0.0 s"), (3.21, "3.2 s"), (45.4, "45 s"), (180, "3 min"), (3599, "1 h"), (4800, "1 h 20 min"),
        (86400 * 2 + 3 * 3600, "2 days 3 h"), (86400, "1 day"), (-5, "0.0 s"), (math.nan, "–"),
    ],
)  # fmt: skip
def test_durations(seconds: float, text: str) -> None:
    assert wording.duration(seconds) == text


def test_remaining() -> None:
    assert wording.remaining(32 * 60) == "32 min left"
    assert wording.remaining(4) == "a few seconds left"
    assert wording.remaining(math.nan) == ""


def test_counts_are_grouped_by_thin_spaces() -> None:
    assert wording.count(1310.4) == "1\u202f310"
    assert wording.count(-73257) == "−73\u202f257"
    assert wording.count(math.inf) == "–"
    assert wording.counted(1, "image") == "1 image"
    assert wording.counted(2, "box", "boxes") == "2 boxes"


def test_costs_keep_what_tells_them_apart() -> None:
    assert [wording.cost(v) for v in (2.3026, 0.4123, 0.04129, math.nan)] == ["2.30", "0.412", "0.0413", "–"]


def test_an_accuracy_is_never_rounded_to_perfect() -> None:
    assert [wording.accuracy(v) for v in (0.934, 0.9896, 0.9962, 0.99999, 1.0, math.nan)] == [
        "93.4%", "98.96%", "99.62%", "99.99%", "100%", "–",
    ]  # fmt: skip
    assert wording.interval(0.994, 0.9968) == "99.4–99.7%"
    assert wording.percent(0.5, digits=0) == "50%"


def test_settings_and_sizes() -> None:
    assert [wording.rate(v) for v in (0.003, 1e-5, 30.0)] == ["0.003", "1e−5", "30"]
    assert [wording.size(v) for v in (3.14, 412.2, 3174.0)] == ["3.1 MiB", "412 MiB", "3.1 GiB"]


def test_moments() -> None:
    now = time.mktime((2026, 11, 12, 15, 0, 0, 0, 0, -1))
    assert wording.clock(now - 3600, now=now) == "14:00"
    assert wording.clock(now - 86400, now=now) == "11 Nov 15:00"
    assert wording.clock(now - 366 * 86400, now=now) == "11 Nov 2025 15:00"


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        (
            f"The folder cheques is not here; {NAME_DATA}.",
            "The folder cheques is not here; choose the data folder on the page Data of a new run.",
        ),
        (
            f"None of the recipe's data is here. Fetch some (gnc data fetch mnist), or {NAME_DATA}.",
            "None of the recipe's data is here. Download some, or choose the data folder, on the page Data of a new "
            "run.",
        ),
        (
            "Handwriting is not here: fetch mnist (gnc data fetch mnist), or say where it is with --data-dir or "
            "GNC_DATA.",
            "Handwriting is not here: download mnist, or choose the data folder, on the page Data of a new run.",
        ),
        (
            "Your own folder is not here: none is chosen; name one with one subfolder per digit "
            "(--set data_folder=FOLDER).",
            "Your own folder is not here: none is chosen; choose one on the page Data of a new run.",
        ),
        ("The disk is full; free some space and resume the run.",) * 2,
    ],
)
def test_a_window_names_its_pages_and_no_options(said: str, shown: str) -> None:
    assert wording.in_window(said) == shown
