from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from core.collection.items import Item, key_of
from core.collection.mistakes import SURE, Said, conflicts, digit_crops, disagreement, fingerprint, said_of
from core.collection.numbers import NumberStore
from core.loaders.user_digits import UserDigitStore
from core.reading.types import NOT_A_DIGIT, Box, Digit, Number, Reading
from tests.core.collection.filled import noise


def digit(tmp_path: Path, image: NDArray[np.uint8], label: int) -> Item:
    return Item.of(UserDigitStore(tmp_path / "c").add((), image, label))


def number(tmp_path: Path, image: NDArray[np.uint8], written: str, box: Box | None = None) -> Item:
    return Item.of(NumberStore.within(tmp_path / "c").add(image, written, box=box, whole=True))


def read(text: str, box: Box, confidence: float = 0.99) -> Number:
    return Number(tuple(Digit(int(c), confidence, box) for c in text), confidence, box)


def found(*pairs: tuple[Item, NDArray[np.uint8]]) -> dict[str, tuple[str, ...]]:
    prints = {key_of(item): fingerprint(image, item) for item, image in pairs}
    return {key: s.others for key, s in conflicts([item for item, _ in pairs], prints).items()}


def smooth(seed: int) -> NDArray[np.uint8]:
    """A picture of blots, which stays like itself when it is changed a little."""
    return np.kron(noise(seed, 8, 8), np.ones((4, 4), np.uint8)).astype(np.uint8)


def test_nearly_the_same_digit_under_two_labels_is_told_of_both(tmp_path: Path) -> None:
    image = smooth(1)
    near = np.clip(image.astype(int) + noise(2, 32, 32) // 16, 0, 255).astype(np.uint8)
    a, b, c, d = (digit(tmp_path, i, n) for i, n in ((image, 4), (near, 9), (image, 4), (smooth(3), 9)))
    assert found((a, image), (b, near), (c, image), (d, smooth(3))) == {
        key_of(a): (key_of(b),), key_of(c): (key_of(b),), key_of(b): tuple(sorted((key_of(a), key_of(c)))),
    }  # fmt: skip


def test_the_reason_names_the_other_label(tmp_path: Path) -> None:
    image = smooth(1)
    a, b = digit(tmp_path, image, 4), digit(tmp_path, image, NOT_A_DIGIT)
    told = conflicts([a, b], {key_of(i): fingerprint(image, i) for i in (a, b)})
    assert told[key_of(a)].reason == "Nearly the same image is labelled “no digit” elsewhere."
    assert told[key_of(a)].score == 1


def test_empty_pictures_are_like_nothing(tmp_path: Path) -> None:
    flat = np.full((32, 32), 200, np.uint8)
    assert found((digit(tmp_path, flat, 1), flat), (digit(tmp_path, flat, 2), flat)) == {}


def test_numbers_of_one_place_and_of_copies(tmp_path: Path) -> None:
    image, other = noise(1, 60, 120), noise(2, 60, 120)
    box = Box(10, 10, 60, 30)
    a, b = number(tmp_path, image, "47", box), number(tmp_path, image, "41", Box(12, 11, 60, 30))
    c, d = number(tmp_path, image, "8", Box(80, 10, 20, 30)), number(tmp_path, other, "9", box)
    assert set(found((a, image), (b, image), (c, image), (d, other))) == {key_of(a), key_of(b)}


def test_photos_without_places(tmp_path: Path) -> None:
    image = noise(1, 60, 120)
    a, b, c = (number(tmp_path, image, text) for text in ("47", "8", ""))
    # 47 and 8 may both be there; that there is none can't be true as well.
    assert found((a, image), (b, image)) == {}
    assert set(found((a, image), (b, image), (c, image))) == {key_of(a), key_of(b), key_of(c)}


def test_a_meter_that_counted_on_is_no_copy(tmp_path: Path) -> None:
    """Five figures before a fixed camera, the last one another: 28 of 140 pixels' width change."""
    before = np.kron(noise(1, 6, 28), np.ones((5, 5), np.uint8)).astype(np.uint8)
    after = before.copy()
    after[:, 112:] = np.kron(noise(2, 6, 6), np.ones((5, 5), np.uint8))[:, :28]
    box = Box(0, 0, 140, 30)
    a, b = number(tmp_path, before, "12345", box), number(tmp_path, after, "12346", box)
    assert found((a, before), (b, after)) == {}


@pytest.mark.parametrize(
    ("label", "said", "confidence", "is_told"),
    [
        (4, "9", 0.97, True), (4, "9", SURE - 0.01, False), (4, "4", 0.99, False), (4, "", 0.95, True),
        (NOT_A_DIGIT, "3", 0.95, True), (NOT_A_DIGIT, "", 0.95, False),
    ],
)  # fmt: skip
def test_a_model_that_is_sure_of_something_else(
    tmp_path: Path, label: int, said: str, confidence: float, is_told: bool
) -> None:
    told = disagreement(digit(tmp_path, smooth(1), label), Said(said, confidence))
    assert (told is not None) == is_told
    if told is not None:
        assert told.score == confidence
        assert (said or "no digit") in told.reason


def test_numbers_are_compared_by_their_digits_where_they_are(tmp_path: Path) -> None:
    box = Box(10, 10, 60, 30)
    item = number(tmp_path, noise(1, 60, 120), "12-B", box)
    reading = Reading(
        (read("77", Box(80, 10, 20, 30)), read("12", Box(12, 9, 60, 30)), read("5", Box(15, 10, 9, 20)))
    )
    assert said_of(reading, item) == Said("12", 0.99)
    assert disagreement(item, Said("12", 0.99)) is None
    assert disagreement(item, Said("1", 0.99)) is None  # the rest was missed
    assert disagreement(item, Said("124", 0.99)) is not None
    assert said_of(Reading((read("77", Box(80, 10, 20, 30)),)), item) is None


def test_a_number_without_a_place_may_be_anywhere(tmp_path: Path) -> None:
    item = number(tmp_path, noise(1, 60, 120), "1824")
    there, surer = read("1824", Box(0, 0, 9, 9), 0.7), read("5", Box(50, 0, 9, 9), 0.99)
    assert said_of(Reading((surer, there)), item) == Said("1824", 0.7)
    assert said_of(Reading((surer,)), item) == Said("5", 0.99)
    nothing = number(tmp_path, noise(2, 60, 120), "")
    said = said_of(Reading((surer,)), nothing)
    assert said is not None
    told = disagreement(nothing, said)
    assert told is not None
    assert told.reason == "The present model is sure that this is a 5 (99%)."
    assert said_of(Reading(), nothing) is None


def test_crops_for_the_classifier(tmp_path: Path) -> None:
    small, large = noise(1, 32, 32), noise(2, 50, 40)
    items = [digit(tmp_path, small, 1), digit(tmp_path, large, 2)]
    crops = digit_crops(items, {key_of(items[0]): small, key_of(items[1]): large}, 32)
    assert crops.shape == (2, 32, 32)
    np.testing.assert_array_equal(crops[0], small)
