"""Strips and their characters."""

from __future__ import annotations

import numpy as np
import pytest

from core.reading.line_format import (
    CHARACTERS,
    CLASSES,
    HEIGHT,
    MAX_WIDTH,
    MIN_WIDTH,
    STRIDE,
    cut_strip,
    decode,
    encode,
    network_input,
    spelled,
    strip_box,
    strip_width,
)
from core.reading.types import Box, digits_of


def test_every_character_has_a_class_of_its_own_and_comes_back() -> None:
    classes = encode(CHARACTERS)
    assert sorted(classes) == list(range(1, CLASSES))
    assert decode(classes) == CHARACTERS


@pytest.mark.parametrize(
    ("written", "known"),
    [
        ("7–9", "7-9"),
        ("Café 12", "Cafe 12"),
        ("[06]", "06"),
        ("  12   B ", "12 B"),
        ("20º", "20°"),
        ("“36", "36"),
    ],
)
def test_what_is_written_is_spelled_in_the_known_characters(written: str, known: str) -> None:
    assert spelled(written) == known


def test_digits_alone() -> None:
    assert digits_of("No. 12B/3") == "123"


def test_a_strips_width_keeps_the_aspect_within_bounds() -> None:
    assert strip_width(100, 40) == 100
    assert strip_width(101, 40) == 104
    assert strip_width(3, 40) == MIN_WIDTH
    assert strip_width(90_000, 40) == MAX_WIDTH
    assert all(strip_width(w, 31.7) % STRIDE == 0 for w in range(1, 400, 7))


def test_a_strip_shows_what_is_in_its_box() -> None:
    gray = np.full((200, 300), 200, np.uint8)
    gray[60:140, 100:180] = 20
    strip = cut_strip(gray, Box(60, 60, 160, 80))
    assert strip.shape == (HEIGHT, 80)
    assert strip[:, :18].min() > 190
    assert strip[2:-2, 24:56].max() < 30


@pytest.mark.parametrize(
    "box", [Box(-50, -20, 120, 60), Box(250, 150, 100, 100), Box(0, 0, 2.5, 1.2), Box(5, 5, 4, 90)]
)
def test_boxes_over_the_border_and_tiny_ones_give_strips(box: Box) -> None:
    gray = np.arange(200 * 300, dtype=np.uint64).reshape(200, 300).astype(np.uint8)
    strip = cut_strip(gray, box)
    assert strip.shape == (HEIGHT, strip_width(box.w, box.h))


def test_a_large_piece_is_averaged_not_sampled() -> None:
    gray = np.zeros((800, 1600), np.uint8)
    gray[:, ::2] = 200  # a fine grating becomes its mean
    strip = cut_strip(gray, Box(0, 0, 1600, 800))
    assert strip.min() > 80
    assert strip.max() < 120


def test_the_usual_room_around_a_row() -> None:
    box = strip_box(Box(100, 50, 80, 40))
    assert box.x < 100
    assert box.x + box.w > 180
    assert box.y < 50
    assert box.y + box.h > 90


def test_the_network_gets_floats_between_0_and_1() -> None:
    x = network_input(np.full((HEIGHT, 48), 255, np.uint8))
    assert x.shape == (1, 1, HEIGHT, 48)
    assert x.dtype == np.float32
    assert x.max() == 1
