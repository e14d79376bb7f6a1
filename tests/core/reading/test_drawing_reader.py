"""Drawings are read: digits, numbers, rows; what is no digit is rejected."""

from __future__ import annotations

import itertools
from unittest import mock

import numpy as np
import pytest
from numpy.typing import NDArray

from assets import MODELS
from core.base.errors import InputError
from core.reading.classifier import Classifier
from core.reading.drawing_reader import DrawingReader
from core.reading.strokes import Stroke, rasterise
from core.reading.types import Box, Digit, Number, Reading
from tests.core.pen_digits import pen_digit, pen_number
from tests.core.tiny_model import dash, write_template_model


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> DrawingReader:
    path = write_template_model(tmp_path_factory.mktemp("model") / "m.onnx")
    return DrawingReader(Classifier.load(path, threads=1))


def texts(reading: Reading) -> list[str]:
    return [number.text for number in reading.numbers]


def test_an_empty_canvas_reads_as_nothing(reader: DrawingReader) -> None:
    reading = reader.read([])
    assert reading.numbers == ()
    assert reading.rejected == ()
    assert reading.milliseconds < 50


@pytest.mark.parametrize("digit", range(10))
def test_one_digit(reader: DrawingReader, digit: int) -> None:
    reading = reader.read(pen_digit(digit, 200, 100, scale=2.5, width=25))
    assert texts(reading) == [str(digit)]
    (found,) = reading.numbers[0].digits
    assert found.crop is not None
    assert found.crop.shape == (32, 32)
    assert found.box.x == pytest.approx(200 - 12.5, abs=8)
    assert found.box.h == pytest.approx(250 + 25, abs=12)
    assert len(found.votes) == 3
    assert reading.milliseconds > 0


@pytest.mark.parametrize("text", ["10", "1824", "4477", "90553"])
def test_digits_side_by_side_are_a_number(reader: DrawingReader, text: str) -> None:
    (number,) = reader.read(pen_number(text)).numbers
    assert number.text == text
    each = np.prod([d.confidence for d in number.digits])
    assert 0.97 * each < number.confidence <= each  # a little is left for other ways to part the strokes
    assert [d.box.x for d in number.digits] == sorted(d.box.x for d in number.digits)
    assert number.box.w >= number.digits[-1].box.x + number.digits[-1].box.w - number.digits[0].box.x - 1e-6


def test_neighbours_that_touch_are_told_apart(reader: DrawingReader) -> None:
    assert texts(reader.read([*pen_digit(3), *pen_digit(6, 55)])) == ["36"]


def test_rows_are_numbers_the_surest_first(reader: DrawingReader) -> None:
    reading = reader.read([*pen_number("35"), *pen_number("82", 10, 220)])
    assert sorted(texts(reading)) == ["35", "82"]
    confidences = [n.confidence for n in reading.numbers]
    assert confidences == sorted(confidences, reverse=True)


ZIGZAG = Stroke(tuple((20.0 * k, 100.0 * (k % 2)) for k in range(10)), 8.0)


def test_dashes_dots_and_scribbles_are_no_digits(reader: DrawingReader) -> None:
    for strokes in ([dash(0, 0, 100)], [Stroke(((5, 5),), 12.0)], [ZIGZAG]):
        reading = reader.read(strokes)
        assert reading.numbers == ()
        assert len(reading.rejected) == 1
        assert not reading.rejected[0].is_digit


def test_a_long_dash_parts_two_numbers_a_stray_dot_does_not(reader: DrawingReader) -> None:
    left, right = pen_number("35"), pen_number("82", 420)
    reading = reader.read([*left, dash(230, 50, 120), *right])
    assert sorted(texts(reading)) == ["35", "82"]
    assert len(reading.rejected) == 1
    reading = reader.read([*pen_number("35"), Stroke(((240, 50),), 8.0), *pen_number("82", 330)])
    assert texts(reading) == ["3582"]


@pytest.mark.parametrize("gap", [2, 12, 40])
def test_a_dash_parts_two_numbers_however_close_it_stands(reader: DrawingReader, gap: float) -> None:
    """“12-34” on a house is two numbers, the first and the last of a range; the dash is part of no digit."""
    left = pen_number("35")
    end = max(x for stroke in left for x, _ in stroke.points)
    right = pen_number("82", end + gap + 45 + gap)
    start = min(x for stroke in right for x, _ in stroke.points)
    reading = reader.read([*left, dash(end + gap, 52, start - end - 2 * gap), *right])
    assert sorted(texts(reading)) == ["35", "82"]
    assert len(reading.rejected) == 1


def test_a_page_of_scribbles_takes_no_forever(reader: DrawingReader) -> None:
    rng = np.random.default_rng(4)
    strokes = [
        Stroke(
            tuple(map(tuple, (rng.normal(0, 5, (12, 2)).cumsum(axis=0) + rng.uniform(0, 900, 2)).tolist())),
            6.0,
        )
        for _ in range(150)
    ]
    reading = reader.read(strokes)
    assert len(reading.rejected) + sum(len(n.digits) for n in reading.numbers) <= 150
    column = [s for k in range(70) for s in pen_digit(4, 8.0 * (k % 3), 112.0 * k)]
    assert reader.read(column).numbers


@pytest.mark.skipif(not (MODELS / "classifier.onnx").exists(), reason="no model is shipped yet")
def test_the_shipped_model_reads_drawings() -> None:
    shipped = DrawingReader(Classifier.load(MODELS / "classifier.onnx", threads=1))
    for text in ("0123456789", "47", "5"):
        assert texts(shipped.read(pen_number(text))) == [text]
    cross = [Stroke(((0, 0), (80, 150)), 12.0), Stroke(((80, 0), (0, 150)), 12.0)]
    for strokes in ([], [dash(0, 0, 100)], [Stroke(((5, 5),), 12.0)], [ZIGZAG], cross):
        assert shipped.read(strokes).numbers == ()


def page(text: str, *, ink: int = 20, paper: int = 235, noise: float = 0.0) -> NDArray[np.uint8]:
    """A picture of a drawn number."""
    strokes = pen_number(text, 60, 50, gap=40)
    width = int(max(x for s in strokes for x, _ in s.points)) + 60
    side = max(width, 200)
    square = rasterise(
        strokes, side, pen=12 / side, ink_share=(max(x for s in strokes for x, _ in s.points) - 48) / side
    )
    gray = paper + (ink - paper) * (square / 255.0)
    return np.clip(gray + np.random.default_rng(1).normal(0, noise, gray.shape), 0, 255).astype(np.uint8)


@pytest.mark.parametrize("dark", [True, False])
@pytest.mark.parametrize("text", ["35", "806", "4471"])
def test_a_picture_with_ink_on_a_plain_ground(reader: DrawingReader, text: str, dark: bool) -> None:
    image = page(text, noise=2.0)
    reading = reader.read_image(image if dark else 255 - image)
    assert texts(reading) == [text]
    boxes = [d.box for d in reading.numbers[0].digits]
    assert all(b.x >= 0 and b.x + b.w <= image.shape[1] and b.y >= 0 for b in boxes)


def test_a_picture_of_one_digit_is_read_whole(reader: DrawingReader) -> None:
    image = 255 - rasterise(pen_digit(7), 120, ink_share=0.4)
    reading = reader.read_image(np.repeat(image[..., None], 3, axis=2))
    assert texts(reading) == ["7"]
    assert reading.numbers[0].box.as_list() == [0, 0, 120, 120]


def photo_of(text: str, box: Box) -> Reading:
    """What a photo reader says of a number whose digits lie side by side in a box."""
    w = box.w / max(len(text), 1)
    digits = tuple(Digit(int(c), 0.9, Box(box.x + i * w, box.y, w, box.h)) for i, c in enumerate(text))
    return Reading((Number(digits, 0.9, box),) if digits else ())


@pytest.mark.parametrize(
    ("text", "box", "read_whole"),
    [
        ("42", Box(40, 30, 40, 60), False),
        ("4", Box(40, 30, 10, 18), False),  # far away
        ("4", Box(40, 10, 60, 100), True),  # what the picture is of
        ("", Box(0, 0, 0, 0), True),
    ],
)
def test_a_photo_on_the_canvas(reader: DrawingReader, text: str, box: Box, read_whole: bool) -> None:
    seven = reader.classifier.classify(rasterise(pen_digit(7), 32)[None])
    sees_sevens = mock.Mock(
        spec=Classifier, info=reader.classifier.info, classify=lambda crops: seven,
        classify_picture=lambda gray: (seven[0], gray),
    )  # fmt: skip
    texture = np.random.default_rng(2).integers(0, 255, (120, 120), np.uint8)
    reading = DrawingReader(sees_sevens, lambda image: photo_of(text, box)).read_image(texture)
    assert texts(reading) == (["7"] if read_whole else [text])
    assert reading.numbers[0].box == (Box(0, 0, 120, 120) if read_whole else box)


def test_what_is_no_digit_as_a_whole_may_hold_a_number(reader: DrawingReader) -> None:
    flat = np.full((120, 120), 200, np.uint8)
    assert reader.read_image(flat).numbers == ()
    asked = DrawingReader(reader.classifier, lambda image: photo_of("4", Box(40, 10, 60, 100)))
    assert texts(asked.read_image(flat)) == ["4"]


def test_clean_ink_is_no_photo(reader: DrawingReader) -> None:
    asked = DrawingReader(reader.classifier, lambda image: photo_of("42", Box(40, 30, 40, 60)))
    assert texts(asked.read_image(page("35"))) == ["35"]


def test_an_empty_picture_and_no_picture(reader: DrawingReader) -> None:
    reading = reader.read_image(np.full((40, 60), 200, np.uint8))
    assert reading.numbers == ()
    with pytest.raises(InputError):
        reader.read_image(np.zeros((0, 3), np.uint8))


@pytest.mark.skipif(not (MODELS / "classifier.onnx").exists(), reason="no model is shipped yet")
def test_the_shipped_model_reads_ranges_and_fractions_as_two_numbers() -> None:
    shipped = DrawingReader(Classifier.load(MODELS / "classifier.onnx", threads=1))
    left, right = pen_number("12"), pen_number("34", 210)
    slash = Stroke(tuple((190 - 50 * t, 140 * t - 20) for t in np.linspace(0, 1, 15)), 8.0)
    for mark in (dash(140, 52, 55), slash):
        assert sorted(texts(shipped.read([*left, mark, *right]))) == ["12", "34"]
    one = Stroke(tuple((180 - 20 * t, 100 * t) for t in np.linspace(0, 1, 15)), 8.0)
    assert texts(shipped.read([*left, one, *right])) == ["12134"]


def drawn(*paths: list[tuple[float, float]], width: float, scale: float) -> list[Stroke]:
    """Straight lines between these points, in steps as a mouse makes them."""
    strokes = []
    for path in paths:
        points = [
            (scale * ((1 - t) * ax + t * bx), scale * ((1 - t) * ay + t * by))
            for (ax, ay), (bx, by) in itertools.pairwise(path)
            for t in np.linspace(0, 1, 12, endpoint=False).tolist()
        ]
        strokes.append(Stroke((*points, (scale * path[-1][0], scale * path[-1][1])), width))
    return strokes


FOUR = ([(32, 0), (0, 52), (48, 52)], [(36, 28), (36, 80)])
FIVE = ([(8, 0), (4, 36), (36, 34), (46, 56), (30, 80), (0, 76)], [(8, 0), (46, 0)])
SEVEN = ([(0, 0), (50, 0), (18, 80)], [(12, 40), (44, 40)])
TWO = [(2.0, 22.0), (8.0, 4.0), (26.0, 0.0), (44.0, 8.0), (46.0, 26.0), (0.0, 80.0), (50.0, 80.0)]


@pytest.mark.skipif(not (MODELS / "classifier.onnx").exists(), reason="no model is shipped yet")
@pytest.mark.parametrize(("text", "paths"), [("4", FOUR), ("5", FIVE), ("7", SEVEN)])
@pytest.mark.parametrize(("scale", "width"), [(1.0, 16.0), (0.8, 12.0), (2.5, 30.0)])
def test_a_digit_of_two_strokes_is_one_however_small(
    text: str, paths: tuple[list[tuple[float, float]], ...], scale: float, width: float
) -> None:
    """A stroke that crosses another, or lies within its span, is no digit beside it: the 4 was read as 61."""
    shipped = DrawingReader(Classifier.load(MODELS / "classifier.onnx", threads=1))
    (number,) = shipped.read(drawn(*paths, width=width, scale=scale)).numbers
    assert number.text == text
    moved = [[(x + 80, y) for x, y in path] for path in paths]
    assert texts(shipped.read(drawn(*paths, *moved, width=width, scale=scale))) == [text * 2]


@pytest.mark.skipif(not (MODELS / "classifier.onnx").exists(), reason="no model is shipped yet")
def test_digits_in_one_stroke_are_read_and_not_called_sure() -> None:
    shipped = DrawingReader(Classifier.load(MODELS / "classifier.onnx", threads=1))
    second = [(x + 55, y) for x, y in TWO]
    reading = shipped.read(drawn([*TWO, *second], width=16, scale=2.4))
    (number,) = reading.numbers
    assert number.text == "22"
    assert number.confidence < 0.9
    assert [d.box.x < 2.4 * 50 for d in number.digits] == [True, False]
    (number,) = shipped.read(drawn(TWO, width=16, scale=2.4)).numbers
    assert number.text == "2"
    assert number.confidence > 0.9
