"""The labelled digits as training takes them."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from core.collection.digits import build_digits, digit_files
from core.loaders.user_digits import DigitOrigin, UserDigitStore
from core.reading.strokes import Stroke
from core.reading.types import NOT_A_DIGIT


def test_drawings_are_ink_with_three_pens_and_crops_are_photos(tmp_path: Path) -> None:
    store = UserDigitStore(tmp_path)
    stroke = Stroke(((10.0, 10.0), (12.0, 90.0)), 6.0)
    for group in ("a", "b", "b"):
        origin = DigitOrigin(group=group)
        store.add([stroke], np.zeros((32, 32), np.uint8), 1, size=(100, 100), origin=origin)
        store.add([], np.full((32, 32), 120, np.uint8), 6, kind="photo", origin=origin)
    store.add([], np.full((32, 32), 30, np.uint8), NOT_A_DIGIT, kind="photo", origin=DigitOrigin(group="a"))
    train, dev = (build_digits(tmp_path, split, {"b"}) for split in ("train", "dev"))
    drawn = train["labels"] == 1
    assert train["is_ink"].tolist() == drawn.tolist()
    assert sorted(train["labels"].tolist()) == [1, 1, 1, 6, NOT_A_DIGIT]
    assert sorted(dev["labels"].tolist()) == [1, 1, 6, 6]
    assert train["images"][drawn].max() == 255
    assert (train["images"][train["labels"] == 6] == 120).all()
    assert len(digit_files(tmp_path)) == 7


def test_a_damaged_digit_does_not_stop_the_rest(tmp_path: Path) -> None:
    store = UserDigitStore(tmp_path)
    stroke = Stroke(((1.0, 1.0), (9.0, 9.0)), 2.0)
    drawn = [store.add([stroke], np.zeros((32, 32), np.uint8), 1) for _ in range(3)]
    photo = store.add([], np.zeros((32, 32), np.uint8), 1)
    drawn[0].json_path.write_text("{")
    photo.png_path.write_text("no picture")
    assert len(build_digits(tmp_path, "train", ())["labels"]) == 2 * 3
    assert build_digits(tmp_path / "absent", "train", ())["images"].shape == (0, 64, 64)
