"""What stands beside the digits of made number photos."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from core.datasets import non_digits_beside_numbers
from core.datasets.non_digits_beside_numbers import beside_numbers, most_like_a_stroke
from core.loaders.fonts import is_dev
from core.recipes.scenes import LETTER
from core.synthesis.scene import Scene


def scene(*characters: tuple[int, tuple[float, float, float, float]], post: int | None = None) -> Scene:
    image = np.full((100, 160), 200, np.uint8)
    if post is not None:
        image[10:90, post : post + 4] = 20
    labels, boxes = zip(*characters, strict=True)
    return Scene(image, np.array(labels, np.int64), np.array(boxes, np.float32))


DIGIT = (3, (60.0, 30.0, 80.0, 70.0))


def test_a_post_beside_a_digit_is_taken() -> None:
    for post in (46, 98):
        box = most_like_a_stroke(scene(DIGIT, post=post))
        assert box is not None
        assert box.x <= post
        assert post + 4 <= box.x + box.w
        assert (box.y, box.h) == (30, 40)


def test_what_a_character_reaches_is_not_taken() -> None:
    letter = (LETTER, (92.0, 35.0, 108.0, 66.0))
    box = most_like_a_stroke(scene(DIGIT, letter, post=98))
    assert box is not None
    assert box.x + box.w <= 90 or box.x >= 110


def test_there_may_be_no_room() -> None:
    assert most_like_a_stroke(scene((3, (0.0, 0.0, 160.0, 100.0)))) is None
    assert (
        most_like_a_stroke(scene((3, (60.0, 30.0, 66.0, 30.0 + non_digits_beside_numbers.SMALLEST - 1))))
        is None
    )
    assert most_like_a_stroke(scene((LETTER, DIGIT[1]), post=98)) is None


def test_as_many_are_made_as_are_wanted(one_font: Path, tmp_path: Path) -> None:
    split = "dev" if is_dev("Aileron") else "train"
    images = beside_numbers(tmp_path, [], split, 6)
    assert images.shape == (6, 64, 64)
    assert np.array_equal(images, beside_numbers(tmp_path, [], split, 6))


def test_without_fonts_there_is_nothing(fonts_folder: Path, tmp_path: Path) -> None:
    assert beside_numbers(tmp_path, [], "train", 6).shape == (0, 64, 64)
