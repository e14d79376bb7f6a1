"""The finder: pyramid, padding, decoding over levels, and files that are no detectors."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from core.base.errors import ModelError
from core.reading.detector import BAND_PIXELS, FINEST, LONGEST, MARGIN, TALLEST, Detector, pyramid
from core.reading.detector_decoding import Detections
from core.reading.detector_format import (
    BOX,
    CHANNELS,
    CLASSES,
    DIGIT,
    LARGEST,
    LETTER_CHANNEL,
    PATCH,
    SMALLEST,
    STRIDE,
    UNIT,
)
from core.reading.model_file import ModelInfo

INFO = ModelInfo("detector", 0, tuple("0123456789"))


def in_patches(maps: NDArray[np.float32]) -> NDArray[np.float32]:
    """Maps as a model file gives them, of maps with every cell in its place."""
    h, w = (side // PATCH for side in maps.shape[1:])
    parted = maps.reshape(CHANNELS, h, PATCH, w, PATCH).transpose(0, 2, 4, 1, 3)
    return parted.reshape(CHANNELS * PATCH**2, h, w)


class Oracle:
    """Answers as a perfect detector would: knows the picture's digits and which level it is asked about."""

    def __init__(self, shape: tuple[int, int], digits: list[tuple[int, float, float, float, float]]) -> None:
        self.scales, self.digits = iter(pyramid(*shape)), digits

    def __call__(self, images: NDArray[np.float32]) -> NDArray[np.float32]:
        assert images.shape[:2] == (1, 1)
        assert images.shape[2] % 16 == images.shape[3] % 16 == 0
        scale = next(self.scales)
        maps = np.zeros((CHANNELS, images.shape[2] // STRIDE, images.shape[3] // STRIDE), np.float32)
        for digit, x, y, w, h in self.digits:
            if not SMALLEST <= h * scale <= LARGEST:
                continue
            cx, cy = ((x + w / 2) * scale + MARGIN) / STRIDE, ((y + h / 2) * scale + MARGIN) / STRIDE
            row, column = int(cy), int(cx)
            maps[LETTER_CHANNEL if digit > 9 else DIGIT, row, column] = 0.9
            maps[CLASSES.start + digit % 10, row, column] = 5
            size = (math.log(w * scale / UNIT), math.log(h * scale / UNIT))
            maps[BOX, row, column] = (cx - column - 0.5, cy - row - 0.5, *size)
        return in_patches(maps)


def found(shape: tuple[int, int], digits: list[tuple[int, float, float, float, float]]) -> Detections:
    finder = Detector(Oracle(shape, digits), INFO, {})
    return finder.find(np.zeros(shape, np.uint8))


@pytest.mark.parametrize("height", [11, 20, 37, 75, 150, 300, 430])
def test_digits_of_every_size_are_found_once_where_they_are(height: float) -> None:
    x, y, w = 90.0, 25.0, 0.5 * height
    result = found((480, 640), [(7, x, y, w, height)])
    assert len(result) == 1
    assert int(result.log_probs[0].argmax()) == 7
    assert np.abs(result.boxes[0] - (x, y, x + w, y + height)).max() < 0.04 * height + 0.5
    assert result.scores[0] > 0.8


def test_small_photos_are_enlarged() -> None:
    result = found((30, 64), [(3, 10, 6, 9, 18), (8, 21, 6, 9, 18)])
    assert [int(r.argmax()) for r in result.log_probs[np.argsort(result.boxes[:, 0])]] == [3, 8]


def test_letters_are_told_from_digits() -> None:
    result = found((200, 200), [(3, 20, 60, 20, 40), (12, 60, 60, 20, 40)])
    assert sorted(zip(result.boxes[:, 0].round().tolist(), result.letters.tolist(), strict=True)) == [
        (20, False),
        (60, True),
    ]


def test_no_digit_of_a_full_page_is_left_out() -> None:
    page = [(k % 10, 20.0 + 24 * (k % 40), 20.0 + 34 * (k // 40), 12.0, 24.0) for k in range(800)]
    assert len(found((720, 1000), page)) == 800


def test_a_part_found_inside_a_digit_is_not_another() -> None:
    result = found((480, 640), [(8, 100, 50, 120, 240), (0, 120, 60, 60, 100)])
    assert len(result) == 1


def test_a_digit_that_only_one_of_two_levels_sees_counts_half() -> None:
    shape = (480, 640)
    oracle = Oracle(shape, [(5, 100, 100, 15, 30)])

    def half_blind(images: NDArray[np.float32]) -> NDArray[np.float32]:
        maps = oracle(images)
        return maps if images.shape[2] > 400 else np.zeros_like(maps)

    chance = Detector(half_blind, INFO, {}).find(np.zeros(shape, np.uint8)).scores[0]
    assert chance == pytest.approx(0.45, abs=0.01)


def test_an_empty_picture_holds_nothing() -> None:
    result = found((100, 100), [])
    assert len(result) == 0
    assert result.boxes.shape == (0, 4)


@pytest.mark.parametrize("shape", [(1, 1), (1, 500), (500, 1), (7, 9), (480, 640), (720, 1280), (3000, 4000)])
def test_the_pyramid_reaches_the_largest_digit_and_stays_affordable(shape: tuple[int, int]) -> None:
    scales = pyramid(*shape)
    assert scales == sorted(scales, reverse=True)
    most = LONGEST if max(shape) < LONGEST / FINEST else FINEST * max(shape)
    assert max(shape) * scales[0] <= max(most, 2.5 * max(shape) if max(shape) < LONGEST / 2 else 0)
    assert min(shape[0], 3 * shape[1]) * scales[-1] <= max(TALLEST, 52)
    pixels = sum(shape[0] * shape[1] * s * s for s in scales)
    assert pixels < 1.4 * max(shape[0] * shape[1], 2.1 * 130_000)


def test_odd_shapes_are_looked_at_whole() -> None:
    for shape in [(1, 1), (3, 700), (700, 3), (17, 31)]:
        seen: list[tuple[int, ...]] = []

        def infer(images: NDArray[np.float32], seen: list[tuple[int, ...]] = seen) -> NDArray[np.float32]:
            seen.append(images.shape)
            maps = np.zeros((CHANNELS, images.shape[2] // STRIDE, images.shape[3] // STRIDE), np.float32)
            return in_patches(maps)

        Detector(infer, INFO, {}).find(np.zeros(shape, np.uint8))
        assert seen


def test_files_that_are_no_detectors_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no such model file"):
        Detector.load(tmp_path / "none.onnx")
    bad = tmp_path / "bad.onnx"
    bad.write_bytes(json.dumps({"not": "a model"}).encode())
    with pytest.raises(ModelError, match=r"bad\.onnx"):
        Detector.load(bad)


def test_digits_of_20_pixels_stay_large_enough_in_a_photo_of_12_megapixels() -> None:
    assert 20 * pyramid(3000, 4000)[0] >= 13
    assert 40 * pyramid(9000, 12000)[0] > 13  # and of 108, those twice as large


def test_a_level_in_bands_is_the_same_as_whole() -> None:
    """Each cell says what is around it; a band sees enough beyond its ends."""
    rng = np.random.default_rng(4)
    images = rng.random((1, 1, 4608, 1024), np.float32)

    def infer(part: NDArray[np.float32]) -> NDArray[np.float32]:
        h, w = part.shape[2] // STRIDE, part.shape[3] // STRIDE
        cells = part[0, 0].reshape(h, STRIDE, w, STRIDE).mean((1, 3))
        near = cells + np.roll(cells, 9, 0) + np.roll(cells, -9, 0)
        return in_patches(np.broadcast_to(near, (CHANNELS, h, w)))

    sizes = []

    def counted(part: NDArray[np.float32]) -> NDArray[np.float32]:
        sizes.append(part.shape[2] * part.shape[3])
        return infer(part)

    banded, whole = Detector(counted, INFO, {}).maps_of(images), infer(images)
    inner = slice(5, -5)  # what wraps around at the picture's own ends differs
    np.testing.assert_allclose(banded[:, inner], whole[:, inner], rtol=1e-6)
    assert len(sizes) > 1
    assert max(sizes) < 1.2 * BAND_PIXELS
