"""Rows in a picture: their slant, their strips, where they are proposed, and lines that part them."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import pytest

from core.base.opencv import cv2
from core.reading.detector_decoding import Detections
from core.reading.line_format import HEIGHT, STRIDE
from core.reading.rows.proposals import LONGEST_ROW, lengthened, propose
from core.reading.rows.separators import is_parted, is_parted_below
from core.reading.rows.strips import WIDTHS, Row, cut, offset_of_step, row_through, strip_width
from core.reading.types import Box


def boxes_of_row(count: int, *, angle: float = 0.0, h: float = 40.0, w: float = 22.0) -> list[Box]:
    """Upright boxes around turned characters of h x w pixels, in a row around (300, 300)."""
    c, s = math.cos(angle), abs(math.sin(angle))
    wide, tall = w * c + h * s, h * c + w * s
    found = []
    for k in range(count):
        along = (k - (count - 1) / 2) * 30
        x, y = 300 + along * math.cos(angle), 300 + along * math.sin(angle)
        found.append(Box(x - wide / 2, y - tall / 2, wide, tall))
    return found


@pytest.mark.parametrize("degrees", [0, 1, 8, -15, 25])
def test_the_slant_of_a_row_is_found(degrees: float) -> None:
    row = row_through(boxes_of_row(5, angle=math.radians(degrees)))
    assert math.degrees(row.angle) == pytest.approx(degrees if abs(degrees) > 2 else 0, abs=0.5)
    assert row.h == pytest.approx(40, rel=0.12)
    assert row.w == pytest.approx(4 * 30 + 22, rel=0.08)
    assert (row.x, row.y) == pytest.approx((300, 300), abs=2)


def test_digits_of_old_style_make_no_slant() -> None:
    row = row_through([Box(0, 0, 20, 40), Box(25, 12, 20, 28), Box(50, 12, 20, 40)])
    assert row.angle == 0
    assert (row.y - row.h / 2, row.y + row.h / 2) == (0, 52)


def test_three_characters_of_unequal_height_on_a_steep_row_have_its_slant() -> None:
    row = row_through([Box(140, 167, 47, 65), Box(203, 147, 40, 49), Box(250, 109, 47, 54)])
    assert math.degrees(row.angle) == pytest.approx(-28, abs=4)


@pytest.mark.parametrize("is_upright", [False, True])
def test_a_rows_points_and_offsets_belong_together(is_upright: bool) -> None:
    row = Row(50, 80, 100, 20, math.radians(20), is_upright)
    assert row.offset(*row.point(17, -3)) == pytest.approx((17, -3))
    part = row.part(-20, 0, -5, 5)
    assert part.offset(*row.point(-10, 0)) == pytest.approx((0, 0))
    assert (part.w, part.h) == (20, 10)


def painted(row: Row, shape: tuple[int, int] = (400, 600)) -> npt.NDArray[np.uint8]:
    """White where the row is."""
    picture = np.zeros(shape, np.uint8)
    sides = [
        (-row.w / 2, -row.h / 2),
        (row.w / 2, -row.h / 2),
        (row.w / 2, row.h / 2),
        (-row.w / 2, row.h / 2),
    ]
    corners = np.array([[round(v) for v in row.point(*side)] for side in sides], np.int32)
    return np.asarray(cv2.fillPoly(picture, [corners], 255), np.uint8)


@pytest.mark.parametrize("degrees", [0, 12, -30])
@pytest.mark.parametrize("size", [(200, 30), (420, 130)])
def test_a_strip_shows_its_row_level(degrees: float, size: tuple[int, int]) -> None:
    row = Row(300, 200, *size, math.radians(degrees))
    strip = cut(painted(row), row.with_margins(0.5, 0.5))
    assert strip.shape == (HEIGHT, strip_width(row.with_margins(0.5, 0.5)))
    ys, xs = np.nonzero(strip > 127)
    assert (ys.min(), ys.max()) == (
        pytest.approx(HEIGHT / 4, abs=1.5),
        pytest.approx(HEIGHT * 3 / 4, abs=1.5),
    )
    share = row.w / (row.w + row.h)
    assert (xs.max() - xs.min() + 1) / strip.shape[1] == pytest.approx(share, abs=0.03)
    assert (strip[ys.min() + 2 : ys.max() - 1, xs.min() + 3 : xs.max() - 2] > 200).all()


def test_widths_of_strips_are_few_and_change_their_aspect_little() -> None:
    assert all(width % STRIDE == 0 for width in WIDTHS)
    for aspect in np.exp(np.linspace(math.log(WIDTHS[1] / HEIGHT), math.log(WIDTHS[-1] / HEIGHT), 60)):
        width = strip_width(Row(0, 0, float(aspect), 1.0))
        assert 0.85 < width / HEIGHT / aspect < 1.18


def test_a_step_of_the_answer_has_its_place_in_the_picture() -> None:
    row = Row(100, 50, 80, 20)
    assert row.point(offset_of_step(row, 0, 16), 0) == (60, 50)
    assert row.point(offset_of_step(row, 16, 16), 0) == (140, 50)


def detections(boxes: list[Box], scores: list[float], letters: str = "") -> Detections:
    edges = np.array([(b.x, b.y, b.x + b.w, b.y + b.h) for b in boxes], np.float32).reshape(-1, 4)
    kinds = np.array([c == "x" for c in letters.ljust(len(boxes))], bool)
    logs = np.full((len(boxes), 10), math.log(0.1), np.float32)
    return Detections(edges, np.array(scores, np.float32), kinds, logs)


def test_half_of_a_numbers_digits_are_enough_to_propose_its_row() -> None:
    boxes = boxes_of_row(4)
    found = propose(detections(boxes, [0.3, 0.15, 0.15, 0.3]), boxes, (600, 800))
    assert {p.members for p in found} == {(0, 1, 2, 3)}
    longer = lengthened(found[0], (600, 800))
    assert longer.is_longer
    assert longer.row.w > found[0].row.w
    assert longer.row.h == pytest.approx(found[0].row.h)
    edge = lengthened(found[0], (600, 400)).row
    assert edge.x + edge.w / 2 == pytest.approx(400), "as far as the picture goes"


def test_words_and_weak_finds_are_no_rows() -> None:
    boxes = boxes_of_row(4)
    assert propose(detections(boxes, [0.9] * 4, "xxxx"), boxes, (600, 800)) == []
    assert propose(detections(boxes, [0.15, 0.15, 0.1, 0.1]), boxes, (600, 800)) == []


def test_bars_that_are_taken_for_letters_are_a_row_as_displays_have_ones() -> None:
    boxes = boxes_of_row(4)
    bars = detections(boxes, [0.3] * 4, "xxxx")
    bars.log_probs[:, 1] = math.log(0.8)
    assert {p.members for p in propose(bars, boxes, (600, 800))} == {(0, 1, 2, 3)}
    bars.log_probs[2] = math.log(0.1)
    assert propose(bars, boxes, (600, 800)) == []


def test_a_word_beside_a_number_is_in_its_row() -> None:
    boxes = boxes_of_row(6)
    found = propose(detections(boxes, [0.5] * 6, "xxx"), boxes, (600, 800))
    assert {p.members for p in found} == {tuple(range(6))}


def test_a_long_row_is_cut_at_its_gaps() -> None:
    boxes = [Box(30 * k + 25 * (k // 6), 100, 20, 40) for k in range(30)]
    found = propose(detections(boxes, [0.8] * 30), boxes, (600, 2000))
    rows = {p.members for p in found if not p.is_whole}
    assert sorted(i for row in rows for i in row) == list(range(30))
    assert len(rows) > 1
    assert all((boxes[r[-1]].x + 20 - boxes[r[0]].x) <= LONGEST_ROW * 40 for r in rows)


def test_pieces_of_a_row_that_a_find_across_two_digits_parts_are_tried_as_one() -> None:
    """The third box is that of the second digit again, further right: a row goes no way back."""
    left = [Box(20, 100, 22, 40), Box(50, 100, 22, 40)]
    right = [Box(54, 100, 22, 40), Box(80, 100, 22, 40), Box(110, 100, 22, 40)]
    boxes = left + right
    found = propose(detections(boxes, [0.8] * 5), boxes, (480, 640))
    assert {p.members for p in found} == {(0, 1), (2, 3, 4), (0, 1, 2, 3, 4)}
    assert found[-1].row.without_margins().box.iou(Box(20, 100, 112, 40)) > 0.99
    far = [*left, *(Box(b.x + 90, b.y, b.w, b.h) for b in right)]
    lower = [*left, *(Box(b.x, b.y + 32, b.w, b.h) for b in right)]
    for others in (far, lower):
        rows = propose(detections(others, [0.8] * 5), others, (480, 640))
        assert {p.members for p in rows} == {(0, 1), (2, 3, 4)}


def test_a_stretched_strip_shows_the_same_row_wider() -> None:
    row = Row(300, 200, 200, 40).with_margins()
    wide = cut(painted(Row(300, 200, 200, 40)), row, 1.25)
    assert wide.shape[1] == strip_width(row, 1.25) > strip_width(row)
    share = (wide[HEIGHT // 2] > 127).mean()
    assert share == pytest.approx(200 / row.w, abs=0.02)


def test_the_halves_of_large_characters_are_tried_as_one() -> None:
    upper = [Box(20 + 50 * k, 20, 40, 50) for k in range(4)]
    lower = [Box(20 + 50 * k, 74, 40, 50) for k in range(4)]
    boxes = upper + lower
    found = propose(detections(boxes, [0.8] * 8), boxes, (480, 640))
    whole = [p for p in found if len(p.members) == 8]
    assert len(whole) == 1
    row = whole[0].row.without_margins()
    assert (row.h, row.w) == pytest.approx((104, 190))
    apart = [*upper, *(Box(b.x, b.y + 30, b.w, b.h) for b in lower)]
    assert all(len(p.members) == 4 for p in propose(detections(apart, [0.8] * 8), apart, (480, 640)))


def test_a_small_picture_is_a_row_itself() -> None:
    nothing = detections([], [])
    assert [p.is_whole for p in propose(nothing, [], (32, 100))] == [True]
    assert [p.is_whole for p in propose(nothing, [], (190, 520))] == [True]
    assert propose(nothing, [], (480, 640)) == []


def grid(pitch: int, *, horizontal: bool = False) -> npt.NDArray[np.uint8]:
    """Paper with lines between cells."""
    picture = np.full((200, 300), 200, np.uint8)
    picture[:, pitch::pitch] = 90
    if horizontal:
        picture[pitch::pitch] = 90
    return picture


def test_a_line_of_a_grid_parts_two_digits() -> None:
    one, other = Box(20, 85, 18, 30), Box(80, 85, 18, 30)
    assert is_parted(grid(60), one, other)
    assert not is_parted(np.full((200, 300), 200, np.uint8), one, other)


def test_bars_of_a_counter_and_seams_part_nothing_close_together_but_cells_do() -> None:
    one, other = Box(50, 85, 18, 30), Box(90, 85, 18, 30)
    cells = grid(40, horizontal=True)
    assert is_parted(cells, one, other), "a grid with narrow cells"
    assert not is_parted(grid(40), one, other), "the planks of a wagon"
    counter = np.full((200, 300), 200, np.uint8)
    counter[72:128, 40::40] = counter[(72, 128), :] = 90
    assert not is_parted(counter, one, other)
    crop, up = cells[75:125], (Box(b.x, b.y - 75, b.w, b.h) for b in (one, other))
    assert not is_parted(crop, *up), "what goes on beyond the crop is not known"


@pytest.mark.parametrize("sharpness", [0.8, 2.5, 4.0])
def test_lines_that_lean_and_are_not_sharp_part_as_well(sharpness: float) -> None:
    picture = np.full((200, 300), 190, np.uint8)
    cv2.line(picture, (58, 0), (66, 199), 120, 3)
    picture = np.asarray(cv2.GaussianBlur(picture, (0, 0), sharpness), np.uint8)
    noise = np.random.default_rng(0).normal(0, 3, picture.shape)
    picture = np.clip(picture + noise, 0, 255).astype(np.uint8)
    picture[85:115, 25:33] = picture[85:115, 90:98] = 90
    assert is_parted(picture, Box(20, 85, 18, 30), Box(84, 85, 18, 30))


@pytest.mark.parametrize("strength", [5, 20, 60])
def test_noise_is_no_line(strength: int) -> None:
    rng = np.random.default_rng(7)
    for _ in range(50):
        picture = np.clip(rng.normal(128, strength, (120, 160)), 0, 255).astype(np.uint8)
        gap = int(rng.integers(16, 60))
        assert not is_parted(picture, Box(30, 40, 20, 36), Box(50 + gap, 40, 20, 36))


def test_a_one_between_two_digits_is_no_line() -> None:
    picture = np.full((200, 300), 200, np.uint8)
    picture[85:115, 58:62] = 40
    assert not is_parted(picture, Box(20, 85, 18, 30), Box(80, 85, 18, 30))


def test_a_line_below_a_digit_parts_it_from_the_next() -> None:
    one, other = Box(20, 20, 18, 30), Box(20, 72, 18, 30)
    assert is_parted_below(grid(60, horizontal=True), one, other)
    assert not is_parted_below(grid(60), one, other)
