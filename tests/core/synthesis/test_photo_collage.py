"""Scenes of labelled photos: the digits are where the boxes say, whatever was done to the photos."""

from __future__ import annotations

import numpy as np

from core.base.opencv import cv2
from core.reading.types import Box
from core.recipes.scenes import IGNORED, Scenes
from core.synthesis.backgrounds import PhotoPool
from core.synthesis.photo_collage import LabelledPhoto, LabelledPool, counter_strips, make_photo_scene
from core.synthesis.scene import scene_random


def photo(digits: str) -> LabelledPhoto:
    """White blocks on black, one for each digit: what is light is a digit."""
    image = np.zeros((50, 30 * len(digits) + 20), np.uint8)
    boxes = [Box(15 + 30 * i, 10, 20, 30) for i in range(len(digits))]
    for box in boxes:
        cv2.rectangle(
            image, (int(box.x), int(box.y)), (int(box.x + box.w) - 1, int(box.y + box.h) - 1), 255, -1
        )
    return LabelledPhoto(image, tuple(int(d) for d in digits), tuple(boxes))


POOL = LabelledPool.of([photo("12"), photo("7"), photo("30458")])
NO_PHOTOS = PhotoPool.of([])


def test_a_pool_gives_back_what_was_put_in() -> None:
    assert len(POOL) == 3
    assert POOL.digits[POOL.first[2] : POOL.first[3]].tolist() == [3, 0, 4, 5, 8]
    assert np.array_equal(POOL.photos.photo(1), photo("7").image)


def test_the_same_scene_for_the_same_index() -> None:
    config = Scenes(size=128)
    one, two = (make_photo_scene(scene_random(5, 3), config, POOL, NO_PHOTOS) for _ in range(2))
    assert np.array_equal(one.image, two.image)
    assert np.array_equal(one.boxes, two.boxes)


def test_boxes_follow_the_photos() -> None:
    """Blocks are either all light or (inverted) all dark: a box holds little variation, its rim much."""
    config = Scenes(size=128, faults=0)
    seen = 0
    for i in range(40):
        scene = make_photo_scene(scene_random(6, i), config, POOL, NO_PHOTOS)
        assert not scene.letters_known
        for label, (x0, y0, x1, y1) in zip(scene.labels, scene.boxes, strict=True):
            w, h = x1 - x0, y1 - y0
            if label == IGNORED or h < 16:
                continue
            middle = scene.image[
                int(y0 + 0.3 * h) : int(y1 - 0.3 * h) + 1, int(x0 + 0.3 * w) : int(x1 - 0.3 * w) + 1
            ]
            assert np.ptp(middle) < 40
            seen += 1
    assert seen > 60


def test_backgrounds_fill_some_cells() -> None:
    textured = PhotoPool.of([np.random.default_rng(1).integers(0, 255, (200, 240), dtype=np.uint8)])
    for i in range(10):
        scene = make_photo_scene(scene_random(7, i), Scenes(size=128), POOL, textured)
        assert scene.image.shape == (128, 128)


def test_counters_are_set_from_single_digits() -> None:
    images = np.zeros((20, 64, 64), np.uint8)
    images[:, 18:46, 26:38] = 255
    strips = counter_strips(images, np.arange(20) % 10, 12, seed=1)
    assert len(strips) == 12
    for strip in strips:
        assert len(strip.digits) == len(strip.boxes)
        assert strip.image.shape == (40, 24 * len(strip.digits))
        box = strip.boxes[0]
        assert strip.image[int(box.y + box.h / 2), int(box.x + box.w / 2)] == 255


def test_no_counters_without_digits() -> None:
    assert counter_strips(np.zeros((0, 64, 64), np.uint8), np.zeros(0, np.int64), 5, seed=1) == []


def test_what_may_be_a_digit_is_not_asked_for_and_moves_nothing() -> None:
    image = np.zeros((50, 400), np.uint8)
    own, other = Box(15, 10, 20, 30), Box(350, 10, 20, 30)
    alone = LabelledPool.of([LabelledPhoto(image, (7,), (own,))])
    both = LabelledPool.of([LabelledPhoto(image, (7, IGNORED), (own, other))])
    for i in range(20):
        plain, more = (
            make_photo_scene(scene_random(8, i), Scenes(size=128, faults=0), pool, NO_PHOTOS)
            for pool in (alone, both)
        )
        sevens = [scene.boxes[scene.labels == 7] for scene in (plain, more)]
        assert np.array_equal(*sevens), "the number lies where it would without the other"
        assert set(more.labels.tolist()) <= {7, IGNORED}
