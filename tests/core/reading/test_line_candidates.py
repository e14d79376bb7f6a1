"""Rows read by all three networks, with fakes in their place: what becomes a number, and how it is written."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from core.base.errors import ModelError
from core.base.opencv import cv2
from core.reading.classifier import Classification
from core.reading.ctc import Place
from core.reading.grouped_numbers import Candidate
from core.reading.line_format import CHARACTERS, CLASSES, HEIGHT, STRIDE
from core.reading.line_reader import LineReading
from core.reading.photo_reader import PhotoReader, ranked
from core.reading.reader_settings import LineSettings
from core.reading.rows.candidates import DraftDigit, is_gap, is_word_gap
from core.reading.rows.features import EARLIER_FEATURES, FEATURES
from core.reading.types import Box, Digit, Number
from tests.core.reading.test_photo_reader import FakeClassifier, FakeFinder, finds

PICTURE = np.random.default_rng(1).integers(0, 255, (480, 640), dtype=np.uint8)
PITCH = 14
LIKELY = 0.1
"""Below it are the texts that only one of the networks takes for possible."""


def steps_of(text: str, width: int, *, rival: str = "", share: float = 0.0) -> npt.NDArray[np.float32]:
    """Steps that say a text, its characters spread evenly over a strip with the usual ends; `rival` in their place
    has `share` of the probability."""
    steps = width // STRIDE
    table = np.full((steps, CLASSES), 1e-4, np.float32)
    table[:, 0] = 1
    ends = 0.35 * HEIGHT / 1.3 / STRIDE
    pitch = (steps - 2 * ends) / max(len(text), 1)
    for k, c in enumerate(text):
        t = round(ends + (k + 0.5) * pitch - 0.5)
        table[t] = 1e-4
        table[t, 1 + CHARACTERS.index(c)] = 1 - share
        if rival:
            table[t, 1 + CHARACTERS.index(rival[k])] += share
    log_probs: npt.NDArray[np.float32] = np.log(table / table.sum(1, keepdims=True))
    return log_probs


class FakeLine:
    """Says a text of every row, and none of one that is lengthened (they are wider)."""

    def __init__(self, text: str, settings: dict[str, Any] | None = None, **unsure: Any) -> None:
        self.text, self.settings, self.unsure = text, settings or {}, unsure
        self.path: Path | None = None
        self.asked = 0
        self.narrow: int | None = None

    def read(self, strips: Sequence[npt.NDArray[np.uint8]]) -> list[LineReading]:
        self.asked += len(strips)
        assert all(s.shape[0] == HEIGHT for s in strips)
        if self.narrow is None:
            self.narrow = min((s.shape[1] for s in strips), default=0)
        return [
            LineReading(steps_of(self.text if s.shape[1] == self.narrow else "", s.shape[1], **self.unsure))
            for s in strips
        ]


def read(
    text: str, found: str, *, letters: str = "", classifier: FakeClassifier | None = None, **unsure: Any
) -> Any:
    line = FakeLine(text, **unsure)
    reader = PhotoReader(FakeFinder(finds(found, letters=letters)), classifier, line=line)
    return reader.read(PICTURE, threshold=LIKELY)


def test_the_line_reader_knows_a_letter_from_a_digit() -> None:
    reading = read("12B", "128")
    assert [(n.text, n.written) for n in reading.numbers] == [("12", "12B")]
    assert [d.box.as_list()[0] for d in reading.numbers[0].digits] == [10, 24]


def test_a_digit_that_the_detector_missed_gets_its_box_from_the_alignment() -> None:
    reading = read("1824", "1824")
    places = [d.box.center[0] for d in reading.numbers[0].digits]
    found = finds("1824")
    found.scores[2] = 0.01
    line = FakeLine("1824")
    mended = PhotoReader(FakeFinder(found), None, line=line).read(PICTURE, threshold=0.0)
    assert [n.text for n in mended.numbers] == ["1824"]
    assert mended.numbers[0].digits[2].box.center[0] == pytest.approx(places[2], abs=4)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("7-9", [("7", "7–9"), ("9", "7–9")]),
        ("12/3", [("12", "12/3"), ("3", "12/3")]),
        ("3.14", [("314", "3.14")]),
        ("$150", [("150", "$150")]),
        ("H0TEL", []),
        ("HOTEL", []),
    ],
)
def test_numbers_of_a_row_as_they_are_written(text: str, wanted: list[tuple[str, str]]) -> None:
    reading = read(text, "8" * len(text))
    assert [(n.text, n.written) for n in reading.numbers] == wanted


def digits_at(*lefts: float, find: int = 0) -> list[DraftDigit]:
    """Digits 10 wide and 20 tall."""
    place = Place("1", 0, 1, 0, 0.0, 0.0, 1.0)
    return [DraftDigit(1, Box(x, 0, 10, 20), np.zeros(10), 0.0, -9.0, find, place) for x in lefts]


def test_a_gap_as_between_columns_parts_two_numbers() -> None:
    def parted(digits: list[DraftDigit]) -> list[int]:
        return [k for k in range(len(digits) - 1) if is_gap(digits, k)]

    assert parted(digits_at(0, 14, 28, 42)) == []
    assert parted(digits_at(0, 14, 48, 62)) == [], "groups of digits, as on wagons"
    assert parted(digits_at(0, 14, 60, 74)) == [1]
    assert parted(digits_at(0, 35, 70, 105)) == [], "evenly far apart, as on counters"
    assert parted(digits_at(0, 60, 120)) == [0, 1]
    assert parted(digits_at(0, 14, 60, 74, find=-1)) == [], "where they are is not known well enough"


def test_a_gap_as_between_words_parts_short_numbers() -> None:
    def parted(*lefts: float) -> list[int]:
        digits = digits_at(*lefts)
        return [k for k in range(len(digits) - 1) if is_word_gap(digits, k)]

    assert parted(0, 13, 33, 46) == [1]
    assert parted(0, 14, 30, 44) == [], "hardly wider than the others"
    assert parted(0, 20) == [], "nothing to compare it with"
    assert parted(0, 13, 33, 46, 59, 72, 85) == [], "groups of digits, as on wagons"


def on_planks(*seams: int) -> npt.NDArray[np.uint8]:
    """A picture with upright dark lines at these columns."""
    picture = np.full((480, 640), 200, np.uint8)
    for x in seams:
        picture[:, x : x + 4] = 40
    return picture


def test_a_long_number_goes_on_over_one_seam_but_not_over_those_of_a_grid() -> None:
    def numbers(text: str, step: int, *seams: int) -> list[str]:
        found = finds(text)
        for i in range(len(text)):
            x = 100 + 24 * i + step * (i >= len(text) // 2)
            found.boxes[i] = (x, 100, x + 18, 130)
        reader = PhotoReader(FakeFinder(found), FakeClassifier(1, 0.9), line=Spread(text, found))
        return [n.text for n in reader.read(on_planks(*seams), threshold=0.0).numbers]

    assert numbers("11111111", 26, 207) == ["11111111"], "one seam"
    assert numbers("11111111", 0) == ["11111111"]
    assert sorted(numbers("1111", 26, 159)) == ["11", "11"], "two numbers in cells"


class Spread(FakeLine):
    """Says each character where the detector found it, in every strip of the whole row."""

    def __init__(self, text: str, found: Any) -> None:
        super().__init__(text)
        self.middles = (found.boxes[:, 0] + found.boxes[:, 2]) / 2
        self.left, self.right = found.boxes[0, 0], found.boxes[-1, 2]

    def read(self, strips: Sequence[npt.NDArray[np.uint8]]) -> list[LineReading]:
        return [LineReading(self.steps(s.shape[1])) for s in strips]

    def steps(self, width: int) -> npt.NDArray[np.float32]:
        table = np.full((width // STRIDE, CLASSES), 1e-6, np.float32)
        table[:, 0] = 1
        room = 0.35 * 30
        for middle, c in zip(self.middles, self.text, strict=True):
            t = int((middle - self.left + room) / (self.right - self.left + 2 * room) * len(table))
            table[t] = 1e-6
            table[t, 1 + CHARACTERS.index(c)] = 1
        log_probs: npt.NDArray[np.float32] = np.log(table / table.sum(1, keepdims=True))
        return log_probs


def test_several_looks_at_a_row_are_weighed_together() -> None:
    first = LineReading(steps_of("17", 80, rival="11", share=0.45))
    second = LineReading(steps_of("17", 100, rival="11", share=0.7))
    assert (first.text, second.text) == ("17", "11")
    both = first.with_looks([second])
    assert both.text == "11"
    assert both.log_prob("17") == pytest.approx((first.log_prob("17") + second.log_prob("17")) / 2)
    assert [p.character for p in both.places("17")] == ["1", "7"]
    blind = LineReading(steps_of("", 100))
    assert first.with_looks([blind]).log_prob("17") > -12, "a look that sees nothing does not rule it out"
    assert first.is_doubtful
    assert not blind.is_doubtful, "no digit there"


def test_what_detector_and_classifier_read_is_weighed_in_the_line_readers_row() -> None:
    def confidence_of(share: float) -> dict[str, float]:
        reader = PhotoReader(
            FakeFinder(finds("1824")), None, line=FakeLine("1724", rival="1824", share=share)
        )
        found = reader.candidates(PICTURE)
        return {text: max(reader.confidence(c) for c in found if c.text == text) for text in ("1824", "1724")}

    unlikely, likely = confidence_of(1e-4), confidence_of(0.4)
    assert unlikely["1824"] < unlikely["1724"]
    assert likely["1824"] > unlikely["1824"]


def test_a_number_that_the_line_reader_makes_longer_is_weighed_without_that_too() -> None:
    reader = PhotoReader(FakeFinder(finds("84", letters="  ")), None, line=FakeLine("846"))
    assert {"84", "846"} <= {c.text for c in reader.candidates(PICTURE)}


def test_halves_of_characters_are_no_numbers() -> None:
    found = finds("00000000")
    for i in range(8):
        x, y = 100 + 30 * (i % 4), 100 + 40 * (i // 4)
        found.boxes[i] = (x, y, x + 22, y + 39)

    class Halves(FakeLine):
        """Sees noughts in each of the rows, eights in both together."""

        def read(self, strips: Sequence[npt.NDArray[np.uint8]]) -> list[LineReading]:
            widest = max(s.shape[1] for s in strips)
            return [
                LineReading(steps_of("0000" if s.shape[1] == widest else "8888", s.shape[1])) for s in strips
            ]

    texts = {c.text for c in PhotoReader(FakeFinder(found), None, line=Halves("")).candidates(PICTURE)}
    assert "8888" in texts
    assert "0000" not in texts


def test_the_classifier_outvotes_an_unsure_line_reader() -> None:
    unsure: dict[str, Any] = {"rival": "8888", "share": 0.45}
    assert read("3333", "3333", **unsure).numbers[0].text == "3333"
    reading = read("3333", "3333", classifier=FakeClassifier(8, 0.9999), **unsure)
    assert [(n.text, n.written) for n in reading.numbers] == [("8888", "8888")]
    assert reading.numbers[0].digits[0].crop is not None
    assert sum(reading.numbers[0].digits[0].probabilities) == pytest.approx(1, abs=1e-3)


def test_what_the_networks_doubt_is_less_sure() -> None:
    settings = LineSettings()
    clear = read("1824", "1824")
    doubtful = read("1824", "1824", rival="7327", share=0.4)
    assert clear.numbers[0].confidence > doubtful.numbers[0].confidence
    assert len(settings.weights) == len(FEATURES)


def test_a_number_that_is_not_sure_is_a_maybe() -> None:
    settings = {"weights": [0.0] * len(FEATURES), "bias": 0.0, "threshold": 0.6, "maybe": 0.3}
    reader = PhotoReader(FakeFinder(finds("12")), None, line=FakeLine("12", settings))
    reading = reader.read(PICTURE)
    assert reading.numbers == ()
    assert [(n.text, n.confidence) for n in reading.maybe] == [("12", 0.5)]
    assert [n.text for n in reader.read(PICTURE, threshold=0.4).numbers] == ["12"]


def test_a_longer_number_is_reported_sooner_than_a_short_one_never_later() -> None:
    settings = {"weights": [0.0] * len(FEATURES), "bias": 0.0, "threshold": 0.6, "long_threshold": 0.45}

    def read(text: str, **changed: float) -> list[str]:
        line = FakeLine(text, settings | changed)
        return [n.text for n in PhotoReader(FakeFinder(finds(text)), None, line=line).read(PICTURE).numbers]

    assert (read("12"), read("182")) == ([], ["182"])
    assert read("182", long_threshold=0.55) == []
    assert read("182", threshold=0.4, long_threshold=0.55) == ["182"]
    del settings["long_threshold"]
    assert read("182") == [], "a file of before has one threshold for all"


def test_a_piece_of_a_number_that_the_row_is_certain_of_is_left_out_however_clear_it_is() -> None:
    said = {"4901": -1.0, "9": 1.0, "0": -4.0, "95510483": -1.0, "9550483": 1.0, "95510484": -1.0}
    lefts = {"9": 20.0, "0": 40.0}

    def chosen(*texts: str, is_certain: bool) -> list[str]:
        settings = LineSettings(weights=tuple(float(name == "line") for name in FEATURES), bias=0.0)
        reader = PhotoReader(FakeFinder(finds("1")), None, line=FakeLine("1"), line_settings=settings)
        candidates = []
        for text in texts:
            digits = number(text, 1.0, lefts.get(text, 0.0), 0.0, 30.0).digits
            features = tuple(said[text] * (name == "line") for name in FEATURES)
            certain = is_certain and len(text) > 1
            candidates.append(
                Candidate(digits, Box.around([d.box for d in digits]), features, text, True, certain)
            )
        return [candidate.text for candidate, _ in reader.chosen(candidates)]

    assert chosen("4901", "9", is_certain=True) == ["4901"]
    assert chosen("4901", "9", is_certain=False) == ["9"]
    assert chosen("4901", "0", is_certain=False) == ["4901"]
    assert chosen("95510483", "9550483", is_certain=False) == ["95510483"], "its check digit is right"
    assert chosen("95510484", "9550483", is_certain=False) == ["9550483"]


def test_settings_travel_in_the_line_readers_file() -> None:
    settings = LineSettings(bias=-1.5, threshold=0.7, long_threshold=0.6)
    told = json.loads(json.dumps(settings.to_dict()))
    reader = PhotoReader(FakeFinder(finds("1")), None, line=FakeLine("1", told))
    assert reader.line_settings == settings
    with pytest.raises(ModelError, match="damaged"):
        PhotoReader(FakeFinder(finds("1")), None, line=FakeLine("1", {"weights": [1, 2]}))


def test_settings_of_files_with_less_evidence_are_read() -> None:
    earlier = LineSettings.from_dict({"weights": [float(i) for i in range(len(EARLIER_FEATURES))]})
    named = dict(zip(FEATURES, earlier.weights, strict=True))
    assert [named[name] for name in EARLIER_FEATURES] == list(range(len(EARLIER_FEATURES)))
    assert sum(named.values()) == sum(range(len(EARLIER_FEATURES)))
    few = LineSettings.from_dict({"weights": {"line": 2.0, "no longer known": 5.0}})
    assert dict(zip(FEATURES, few.weights, strict=True))["line"] == 2
    assert sum(few.weights) == 2


def test_a_place_is_shown_to_the_classifier_once() -> None:
    class Counting(FakeClassifier):
        def classify(self, crops: npt.NDArray[np.uint8]) -> list[Classification]:
            self.calls = getattr(self, "calls", 0) + 1
            return super().classify(crops)

    classifier = Counting(1, 0.99)
    PhotoReader(FakeFinder(finds("1824")), classifier, line=FakeLine("1824")).read(PICTURE)
    assert (classifier.asked, classifier.calls) == (4, 1)


def test_a_page_of_100_numbers_gives_100() -> None:
    found = finds("1" * 200)
    for i in range(200):
        x, y = 40 + 120 * (i // 2 % 10) + 14 * (i % 2), 20 + 40 * (i // 20)
        found.boxes[i] = (x, y, x + 10, y + 20)
    page = np.full((420, 1280), 200, np.uint8)
    reading = PhotoReader(FakeFinder(found), FakeClassifier(1, 0.99), line=FakeLine("11")).read(
        page, threshold=0.0
    )
    assert [n.text for n in reading.numbers] == ["11"] * 100


def test_a_number_knows_how_many_of_its_size_stand_elsewhere() -> None:
    found = finds("1" * 12)
    for i, (x, y, tall) in enumerate((60 * (k // 2), 20, 20) for k in range(8)):
        found.boxes[i] = (20 + x + 14 * (i % 2), y, 30 + x + 14 * (i % 2), y + tall)
    for i in range(8, 12):  # twice as tall
        x, y = 40 + 200 * ((i - 8) // 2), 120
        found.boxes[i] = (x + 28 * (i % 2), y, x + 20 + 28 * (i % 2), y + 40)
    page = np.full((240, 640), 200, np.uint8)
    candidates = PhotoReader(FakeFinder(found), None, line=FakeLine("11")).candidates(page)
    company = FEATURES.index("company")
    others = {round(c.box.h): round(2 ** c.features[company] - 1) for c in candidates if len(c.text) == 2}
    assert sorted(others.values()) == [1, 3], "of four small ones and two large ones"
    ones = FEATURES.index("ones")
    assert all(c.features[ones] == -1.0 for c in candidates if c.text == "11"), "they may be posts of a fence"
    alone = PhotoReader(FakeFinder(finds("11")), None, line=FakeLine("11")).candidates(PICTURE)
    assert [(c.features[company], c.features[ones]) for c in alone if c.text == "11"] == [(0.0, -1.0)]


def number(text: str, confidence: float, x: float, y: float, h: float, written: str = "") -> Number:
    digits = tuple(Digit(int(c), 0.9, Box(x + 0.6 * h * i, y, 0.5 * h, h)) for i, c in enumerate(text))
    return Number(digits, confidence, Box.around([d.box for d in digits]), written)


def test_a_counter_comes_before_the_numerals_of_its_dials() -> None:
    counter = number("01189", 0.95, 130, 50, 50)
    dials = [number("23", 0.97, 150, 380, 22), number("9", 0.99, 500, 170, 22)]
    assert ranked([*dials, counter], (600, 640))[0] == counter
    unsure = number("01189", 0.45, 130, 50, 50)
    assert ranked([*dials, unsure], (600, 640))[0] == unsure, "small numerals don't outrank it"
    sure = number("23", 0.97, 150, 380, 50)
    assert ranked([unsure, sure], (600, 640))[0] == sure, "what is as large and much surer does"


def test_the_large_reading_of_a_display_comes_before_small_print() -> None:
    reading, serial = number("0043036", 0.8, 60, 60, 60), number("20137654", 0.99, 60, 300, 16)
    assert [n.text for n in ranked([serial, reading], (400, 400))] == ["0043036", "20137654"]


def test_parts_of_a_range_stay_in_order() -> None:
    parts = [number("14", 0.98, 100, 10, 20, "12–14"), number("12", 0.97, 20, 10, 20, "12–14")]
    other = number("7", 0.6, 20, 90, 20)
    assert [n.text for n in ranked([other, *parts], (200, 200))] == ["12", "14", "7"]


def test_an_upside_down_picture_is_read_upright_where_that_is_clearly_better() -> None:
    upright = np.zeros((80, 200), np.uint8)
    upright[:10] = 255
    turned = np.asarray(cv2.rotate(upright, cv2.ROTATE_180), np.uint8)

    class Upright(FakeFinder):
        def find(self, gray: npt.NDArray[np.uint8]) -> Any:
            is_upright = gray.shape == (80, 200) and gray[0, 0] == 255
            return finds("9491") if is_upright else finds("")

    reader = PhotoReader(Upright(finds("")), FakeClassifier(9, 0.99))
    assert reader.read(turned).numbers == ()
    number = reader.read(turned, any_direction=True).numbers[0]
    assert len(number.digits) == 4
    left = upright.shape[1] - number.box.x - number.box.w
    assert (left, 80 - number.box.y - number.box.h) == pytest.approx((10, 18))


def test_log_probabilities_of_the_fake_are_some() -> None:
    assert np.exp(steps_of("12", 80)).sum(1) == pytest.approx(1, abs=1e-4)
    assert math.isclose(float(np.exp(steps_of("1", 80)).max()), 1, abs_tol=0.02)
