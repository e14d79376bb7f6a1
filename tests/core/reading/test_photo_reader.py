"""The reader: finds and crops become numbers with a confidence; settings come from the detector's file."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from core.base.errors import InputError, ModelError
from core.evaluation.reader_calibration import Held, calibrate
from core.reading.classifier import Classification
from core.reading.detector_decoding import Detections
from core.reading.model_file import ModelInfo
from core.reading.photo_reader import FEATURES, PhotoReader, ReaderSettings
from core.reading.types import Vote


class FakeFinder:
    """Finds what it is given, in every picture."""

    def __init__(self, finds: Detections, reader: dict[str, Any] | None = None) -> None:
        self.finds, self.reader, self.path = finds, reader or {}, None

    def find(self, gray: NDArray[np.uint8]) -> Detections:
        assert gray.ndim == 2
        return self.finds


class FakeClassifier:
    """Says the same digit of every crop, or none."""

    def __init__(self, digit: int, probability: float, none: float = 0.0) -> None:
        self.info = ModelInfo("classifier", 32, tuple("0123456789"))
        rest = (1 - probability - none) / 9
        self.said = Classification(
            digit, probability, none < 0.5, tuple(probability if d == digit else rest for d in range(10)),
            (Vote("stage1", digit, probability),),
        )  # fmt: skip
        self.asked = 0

    def classify(self, crops: NDArray[np.uint8]) -> list[Classification]:
        assert crops.shape[1:] == (32, 32)
        self.asked += len(crops)
        return [self.said] * len(crops)


def finds(
    digits: str, *, chances: list[float] | None = None, letters: str = "", sure: float = 4.0
) -> Detections:
    count = len(digits)
    boxes = np.array([(10 + 14 * i, 20, 20 + 14 * i, 40) for i in range(count)], np.float32)
    logits = np.zeros((count, 10), np.float32)
    for i, d in enumerate(digits):
        logits[i, int(d)] = sure
    logs = logits - np.log(np.exp(logits).sum(1, keepdims=True))
    kinds = np.array([c == "x" for c in letters.ljust(count)], bool)
    return Detections(boxes, np.array(chances or [0.95] * count, np.float32), kinds, logs)


def reader(found: Detections, judge: FakeClassifier | None = None, **settings: Any) -> PhotoReader:
    return PhotoReader(FakeFinder(found), judge, ReaderSettings(**settings) if settings else None)


PICTURE = np.random.default_rng(1).integers(0, 255, (80, 160), dtype=np.uint8)


def test_digits_become_a_number() -> None:
    reading = reader(finds("1824")).read(PICTURE)
    assert [n.text for n in reading.numbers] == ["1824"]
    number = reading.numbers[0]
    assert 0.5 < number.confidence < 1
    assert number.box.as_list() == [10, 18, 52, 24]  # with some room above and below
    assert sum(number.digits[0].probabilities) == pytest.approx(1, abs=1e-3)
    assert reading.milliseconds > 0


def test_a_box_stays_inside_the_picture() -> None:
    found = finds("18")
    found.boxes[:, 1::2] = (1, 79)
    box = reader(found).read(PICTURE).numbers[0].box
    assert (box.y, box.h) == (0, 80)


def test_nothing_found_is_an_empty_reading() -> None:
    reading = reader(finds("")).read(PICTURE)
    assert reading.numbers == ()
    assert reading.rejected == ()


@pytest.mark.parametrize("shape", [(1, 1), (80, 160, 3), (80, 160, 4)])
def test_any_picture_can_be_read(shape: tuple[int, ...]) -> None:
    picture = np.full(shape, 120, np.uint8)
    assert isinstance(reader(finds("12"), FakeClassifier(1, 0.9)).read(picture).milliseconds, float)


def test_what_is_no_picture_is_refused() -> None:
    with pytest.raises(InputError):
        reader(finds("1")).read(np.zeros((3, 3, 7), np.uint8))


def test_the_classifier_outvotes_an_unsure_detector() -> None:
    found = finds("3", sure=0.5)
    classifier = FakeClassifier(8, 0.97)
    digit = reader(found, classifier).read(PICTURE, threshold=0).numbers[0].digits[0]
    assert digit.digit == 8
    assert digit.crop is not None
    assert digit.votes
    alone = reader(found, classifier, classifier=0.0, detector=1.0).read(PICTURE, threshold=0)
    assert alone.numbers[0].text == "3"


@pytest.mark.parametrize(
    ("judge", "text"),
    [
        (FakeClassifier(1, 0.99), "111"),
        (FakeClassifier(1, 0.9, none=0.1), "11"),  # it may be none
        (FakeClassifier(7, 0.6), "11"),  # which digit it is, is in doubt
        (None, "11"),  # nobody is asked
    ],
)
def test_a_weak_find_beside_digits_is_one_where_the_classifier_is_sure(
    judge: FakeClassifier | None, text: str
) -> None:
    found = finds("111", chances=[0.95, 0.9, 0.3])
    numbers = reader(found, judge).read(PICTURE, threshold=0).numbers
    assert [len(n.digits) for n in numbers] == [len(text)]


@pytest.mark.parametrize(
    "box",
    [
        (60, 20, 70, 40),  # far off
        (38, 30, 48, 50),  # on another line
        (38, 24, 48, 36),  # smaller
        (26, 20, 36, 40),  # over another digit
    ],
)
def test_a_weak_find_elsewhere_is_none(box: tuple[float, ...]) -> None:
    found = finds("111", chances=[0.95, 0.9, 0.3])
    found.boxes[2] = box
    judge = FakeClassifier(1, 0.99)
    numbers = reader(found, judge).read(PICTURE, threshold=0).numbers
    assert [n.text for n in numbers] == ["11"]
    assert judge.asked == 2


def test_a_weak_find_that_is_taken_counts_as_the_least_of_the_others() -> None:
    judge = FakeClassifier(1, 0.99)
    weak, least, sure = (
        reader(finds("111", chances=[0.95, 0.9, chance]), judge, min_score=0.4).candidates(PICTURE)[0]
        for chance in (0.3, 0.4, 0.9)
    )
    assert weak.features == pytest.approx(least.features, abs=0.02)
    assert weak.features[1] < sure.features[1]


def test_unlikely_numbers_are_rejected_and_told() -> None:
    weak = finds("7", chances=[0.42], sure=0.3)
    reading = reader(weak, maybe=0.3, bias=0.0).read(PICTURE)
    assert (reading.numbers, reading.maybe) == ((), ())
    assert [d.is_digit for d in reading.rejected] == [False]
    unsure = reader(weak, maybe=0.01, bias=0.0).read(PICTURE)
    assert (unsure.numbers, unsure.rejected) == ((), ())
    assert [n.text for n in unsure.maybe] == ["7"]
    assert reader(weak).read(PICTURE, threshold=0.0).numbers


def test_what_the_classifier_takes_for_none_counts_less() -> None:
    found = finds("12", chances=[0.85, 0.85])
    yes = reader(found, FakeClassifier(1, 0.9)).candidates(PICTURE)[0]
    no = reader(found, FakeClassifier(1, 0.05, none=0.9)).candidates(PICTURE)[0]
    judge = reader(found)
    assert judge.confidence(no) < judge.confidence(yes)


def test_a_weak_find_that_the_classifier_takes_for_none_is_a_letter() -> None:
    class Split(FakeClassifier):
        """Takes the first crop for none."""

        def classify(self, crops: NDArray[np.uint8]) -> list[Classification]:
            sure = super().classify(crops)
            nothing = Classification(0, 0.001, False, (0.001,) * 10, ())
            return [nothing, *sure[1:]]

    def read(weakest: float) -> list[str]:
        found = finds("1725", chances=[weakest, 0.9, 0.9, 0.9])
        return [c.text for c in reader(found, Split(7, 0.1), min_score=0.4).candidates(PICTURE)]

    assert read(0.5) == ["725"]
    assert read(0.99) == ["1725"], "the detector is sure"


@pytest.mark.parametrize(
    ("beside", "wanted"),
    [(None, ["23"]), ((36, 16), ["2", "3"]), ((34, 100), ["2", "3"]), ((120, 30), ["23"])],
)
def test_a_column_is_a_number_and_numerals_of_a_dial_are_none(
    beside: tuple[int, int] | None, wanted: list[str]
) -> None:
    found = finds("23" if beside is None else "231")
    places = [(60, 40), (60, 70)] + ([] if beside is None else [beside])
    for i, (x, y) in enumerate(places):
        found.boxes[i] = (x, y, x + 14, y + 24)
    reading = reader(found).read(np.full((140, 200), 200, np.uint8))
    assert sorted(n.text for n in reading.numbers if n.text != "1") == wanted


def test_letters_keep_a_word_from_being_a_number() -> None:
    assert reader(finds("101010", letters="x xxxx")).read(PICTURE).numbers == ()


def test_finds_below_the_floor_are_not_looked_at() -> None:
    classifier = FakeClassifier(1, 0.9)
    reading = reader(finds("123", chances=[0.9, 0.9, 0.1]), classifier).read(PICTURE)
    assert reading.numbers[0].text == "11"
    assert classifier.asked == 2


def test_single_digits_can_be_looked_at_without_grouping() -> None:
    seen = reader(finds("123", chances=[0.9, 0.9, 0.2], letters=" x ")).look(PICTURE, min_score=0.15)
    assert [(d.digit, round(c, 2)) for d, c in seen] == [(1, 0.9), (3, 0.2)]


def test_settings_travel_in_the_detectors_file() -> None:
    settings = ReaderSettings(detector=0.25, weights=(1, 2, 3, 4, 5, 6), bias=-1, threshold=0.7)
    assert ReaderSettings.from_dict(settings.to_dict()) == settings
    assert PhotoReader(FakeFinder(finds("1"), settings.to_dict()), None).settings == settings
    assert len(settings.weights) == len(FEATURES)


@pytest.mark.parametrize(
    "bad", [{"weights": [1]}, {"weights": "abcde"}, {"bias": "high"}, {"bias": float("nan")}]
)
def test_settings_that_make_no_sense_are_refused(bad: dict[str, Any]) -> None:
    with pytest.raises(ModelError, match="damaged"):
        PhotoReader(FakeFinder(finds("1"), bad), None)


def test_a_number_that_fills_its_picture_is_surer_than_a_small_one_in_a_large_picture() -> None:
    large = np.random.default_rng(1).integers(0, 255, (720, 1280), dtype=np.uint8)
    close, far = (reader(finds("18")).read(p, threshold=0).numbers[0].confidence for p in (PICTURE, large))
    assert close > far > 0.1


class Looked:
    """A finder that tells pictures apart: their first pixel says which finds they have."""

    reader: dict[str, Any] = {}  # noqa: RUF012
    path = None

    def __init__(self, *found: Detections) -> None:
        self.found = found

    def find(self, gray: NDArray[np.uint8]) -> Detections:
        return self.found[int(gray[0, 0])]


def picture_of(index: int) -> NDArray[np.uint8]:
    return np.full((80, 160), index, np.uint8)


def test_photos_alone_choose_from_which_chance_on_there_is_a_digit() -> None:
    """In the photos a weak find is none, in the made numbers, of which there are more, it is a digit."""
    doubtful = finds("1234", chances=[0.9, 0.9, 0.9, 0.37])
    photos = [(picture_of(0), "123")] * 3 + [(picture_of(1), "")] * 3
    made = [(picture_of(0), "1234")] * 9
    looked = Looked(doubtful, finds(""))
    settings, share = calibrate(PhotoReader(looked, None, ReaderSettings()), Held(photos, made))
    assert settings.min_score == 0.4
    assert share == pytest.approx(3 / 12)
    settings, share = calibrate(PhotoReader(looked, None, ReaderSettings()), Held(made, photos))
    assert settings.min_score < 0.37
    assert share == pytest.approx(9 / 12)


def test_what_made_numbers_show_decides_how_sure_a_number_is() -> None:
    photos = [(picture_of(0), "12")] * 40
    looked = Looked(finds("12"), finds("7"))
    wrong, right = (
        calibrate(PhotoReader(looked, None, ReaderSettings()), Held(photos, [(picture_of(1), text)] * 40))[0]
        for text in ("1", "7")
    )
    single = Looked(finds("7"))
    said = [PhotoReader(single, None, found).candidates(picture_of(0)) for found in (wrong, right)]
    low, high = (
        PhotoReader(single, None, found).confidence(own[0])
        for found, own in zip((wrong, right), said, strict=True)
    )
    assert low < wrong.threshold
    assert high > right.threshold
    assert high > low + 0.3
