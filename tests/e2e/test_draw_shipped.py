"""Drawings read by the shipped model through the very code of the window."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from app.draw.drawing import Drawing, placed
from app.draw.drawing_reader import drawn_over, read_drawing
from app.services.model_files import SHIPPED
from app.services.models import ModelService
from app.services.settings import Settings
from assets import SAMPLES
from core.reading.images import load_image
from core.reading.strokes import Stroke, rasterise
from core.reading.types import Reading

pytestmark = pytest.mark.skipif(not SHIPPED.is_file(), reason="the shipped model is not there yet")

Read = Callable[[Drawing], Reading]

ONE = Stroke(((0.0, -100.0), (2.0, -30.0), (3.0, 40.0), (4.0, 110.0)), 16.0)
_T = np.linspace(0, 2 * np.pi, 60)
EIGHT = Stroke(tuple(zip((60 * np.sin(2 * _T)).tolist(), (-105 * np.cos(_T)).tolist(), strict=True)), 16.0)
SEVEN = Stroke(((-60.0, -100.0), (60.0, -100.0), (20.0, 0.0), (-20.0, 110.0)), 16.0)


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ModelService]:
    made = ModelService(Settings(tmp_path_factory.mktemp("settings")))
    yield made
    made.shut_down()


@pytest.fixture
def read(models: ModelService) -> Read:
    reader = models.drawing_reader()
    assert reader is not None
    return partial(read_drawing, reader)


def moved(stroke: Stroke, right: float) -> Stroke:
    return replace(stroke, points=tuple((x + right, y) for x, y in stroke.points))


def text_of(reading: Reading) -> list[str]:
    return [number.text for number in reading.numbers]


@pytest.mark.parametrize(("stroke", "digit"), [(ONE, "1"), (EIGHT, "8"), (SEVEN, "7")])
def test_one_digit(read: Read, stroke: Stroke, digit: str) -> None:
    reading = read(Drawing((stroke,)))
    assert text_of(reading) == [digit]
    (found,) = reading.numbers[0].digits
    assert found.crop is not None
    assert found.crop.shape == (32, 32)
    assert [vote.stage for vote in found.votes] == ["stage1", "stage2", "stage3"]


def test_several_digits_make_a_number(read: Read) -> None:
    strokes = (moved(ONE, -200), EIGHT, moved(SEVEN, 220))
    assert text_of(read(Drawing(strokes))) == ["187"]


def test_an_empty_drawing_reads_as_nothing(read: Read) -> None:
    reading = read(Drawing())
    assert reading.numbers == ()
    assert reading.rejected == ()


@pytest.mark.parametrize("inverted", [False, True])
def test_a_picture_reads_as_the_drawing_does(read: Read, inverted: bool) -> None:
    image = rasterise([SEVEN], 128)
    picture = placed(255 - image if inverted else image, 640, 480)
    reading = read(Drawing((), picture))
    assert text_of(reading) == ["7"]
    box = reading.numbers[0].digits[0].box
    assert box.x >= picture.box.x - 1
    assert box.x + box.w <= picture.box.x + picture.box.w + 1


def test_a_photo_of_a_house_on_the_canvas_reads_its_number(read: Read) -> None:
    picture = placed(load_image(SAMPLES / "house_1.jpg"), 640, 480)
    reading = read(Drawing((), picture))
    assert text_of(reading) == ["1824"]
    box = reading.numbers[0].box
    assert picture.box.x < box.x < box.x + box.w < picture.box.x + picture.box.w


def test_ink_over_a_picture_is_read_with_it(read: Read) -> None:
    blank = placed(np.full((200, 200), 250, np.uint8), 640, 480)
    over = drawn_over(blank, (SEVEN,))
    assert over.shape == (200, 200)
    assert over.min() < 20
    assert text_of(read(Drawing((SEVEN,), blank))) == ["7"]
