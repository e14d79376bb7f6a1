"""Made rows: what stands in them is what they say."""

from __future__ import annotations

import random

import numpy as np
import numpy.typing as npt
import pytest

from core.loaders.font_files import font_files
from core.reading.line_format import CHARACTERS, spelled
from core.reading.types import Box
from core.synthesis.lines import texts
from core.synthesis.lines.counters import Wheel, real_row
from core.synthesis.lines.displays import dot_row, segment_row
from core.synthesis.lines.fonts import chosen_faces, set_row
from core.synthesis.lines.frame import CONTENT, HEIGHT, SIDE, TOP, frame_row
from core.synthesis.lines.pens import hands_of, painted_row, pen_row
from core.synthesis.lines.rows import KINDS, RowAssets, make_row


def some_faces() -> RowAssets:
    faces = chosen_faces("train", 6, [p for p in font_files() if "DejaVu" in p.name][:12])
    if not faces:
        pytest.skip("no fonts of training's families are installed")
    labels = np.tile(np.arange(10), 3)
    images = np.zeros((30, 28, 28), np.uint8)
    images[:, 4:24, 8:20] = 255
    hands = hands_of(labels, np.zeros(30, np.int64), lambda i, pen: images[i])
    photo = np.random.default_rng(0).integers(0, 255, (200, 300)).astype(np.uint8)
    wheel = Wheel(np.zeros((20, 32, 20), np.uint8), np.arange(0, 100, 5), 0.7)
    return RowAssets(faces, hands, [wheel], [photo])


def test_texts_are_spelled_in_known_characters() -> None:
    rng = random.Random(1)
    made = [texts.random_text(rng) for _ in range(3000)]
    assert all(spelled(t) == t for t in made)
    assert set("".join(made)) == set(CHARACTERS)
    assert any(not any(c.isdigit() for c in t) for t in made)
    assert max(map(len, made)) >= 15


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_gives_rows_and_the_same_for_the_same_seed(kind: str) -> None:
    assets = some_faces()
    for seed in range(12):
        row, again = make_row(kind, seed, assets), make_row(kind, seed, assets)
        assert row is not None
        assert again is not None
        assert row.picture.dtype == np.uint8
        assert row.picture.shape[0] == HEIGHT
        assert row.picture.shape[1] > 2 * SIDE
        assert np.array_equal(row.picture, again.picture)
        assert row.text == again.text
        assert spelled(row.text) == row.text
        assert (row.text == "") == (kind == "line-empty")


def test_a_framed_row_fills_the_middle() -> None:
    picture = np.zeros((100, 200), np.uint8)
    picture[30:70, 50:150] = 255
    row = frame_row(picture, Box(50, 30, 100, 40), is_ink=True)
    assert row.shape == (HEIGHT, 90 + 2 * SIDE)
    assert row[TOP + 1 : TOP + CONTENT - 1, SIDE + 1 : -SIDE - 1].min() > 200
    assert row[: TOP - 2].max() == 0 == row[:, : SIDE - 2].max()


def lit(mask: npt.NDArray[np.uint8], x: float, y: float) -> bool:
    return bool(mask[int(y * (mask.shape[0] - 1)), int(x * (mask.shape[1] - 1))] > 128)


def test_segments_show_the_digits_they_should() -> None:
    for seed in range(20):
        eight = segment_row(random.Random(seed), "8", 60)
        zero = segment_row(random.Random(seed), "0", 60)
        one = segment_row(random.Random(seed), "1", 60)
        assert eight is not None
        assert zero is not None
        assert one is not None
        assert one.shape[1] < zero.shape[1] <= eight.shape[1] + 1
        assert (eight > 128).sum() > (zero > 128).sum() > (one > 128).sum()
    assert segment_row(random.Random(0), "K", 60) is None
    assert segment_row(random.Random(0), "WX", 60, fourteen=True) is not None


def test_dots_have_a_hole_in_the_middle_of_a_zero() -> None:
    masks = [dot_row(random.Random(seed), "0", 70) for seed in range(30)]
    assert any(m is not None and not lit(m, 0.5, 0.5) for m in masks)
    assert dot_row(random.Random(0), "é", 70) is None


def test_a_painted_one_has_a_flag_and_a_seven_a_beam() -> None:
    one, seven = painted_row(random.Random(2), "1"), painted_row(random.Random(2), "7")
    assert one is not None
    assert seven is not None
    assert (seven[:6] > 128).mean() > (one[:6] > 128).mean()
    assert painted_row(random.Random(2), "1B") is None


def test_a_hand_without_a_digit_says_so() -> None:
    labels = np.array([0, 1, 2, 3, 4, 5, 6, 7])
    hand = hands_of(labels, np.zeros(8, np.int64), lambda i, pen: np.full((20, 10), 255, np.uint8))[0]
    assert pen_row(random.Random(0), "19", hand) is None
    row = pen_row(random.Random(0), "10.5-2", hand)
    assert row is not None
    assert row.max() == 255


def test_a_counter_half_way_is_read_as_the_nearest() -> None:
    wheel = Wheel(np.zeros((5, 32, 20), np.uint8), np.array([30, 34, 36, 39, 99]), 0.7)
    texts = {real_row(random.Random(seed), wheel).text for seed in range(60)}
    assert {t[-1] for t in texts} == {"3", "4", "0"}
    assert all(set(t[:-1]) <= {"3", "4", "0"} for t in texts)


def test_a_face_without_a_character_says_so() -> None:
    face = some_faces().faces[0]
    assert set_row(random.Random(0), face, "12") is not None
    assert set_row(random.Random(0), face, "1\U0001f600") is None
