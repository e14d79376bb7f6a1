"""Pictures between Qt, arrays and other programs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtGui import QColor, QImage
from pytestqt.qtbot import QtBot

from app.ui.images import copied_picture, for_canvas, to_qimage
from core.base.errors import InputError
from core.reading.images import load_image


@pytest.mark.parametrize("width", [1, 3, 64, 101])
def test_a_copied_picture_has_the_pixels_of_the_other_program(width: int, qtbot: QtBot) -> None:
    rng = np.random.default_rng(width)
    pixels = rng.integers(0, 256, (7, width, 3), dtype=np.uint8)
    assert (copied_picture(to_qimage(pixels)) == pixels).all()
    gray = pixels[..., 0].copy()
    assert (copied_picture(to_qimage(gray)) == gray[..., None]).all()


def test_what_is_transparent_lies_on_the_ground_that_a_file_would_have(tmp_path: Path, qtbot: QtBot) -> None:
    image = QImage(30, 40, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(QColor(0, 0, 0, 0))
    for y in range(5, 35):
        for x in range(12, 18):
            image.setPixelColor(x, y, QColor(20, 20, 20, 255))
    image.save(str(tmp_path / "same.png"))
    assert (copied_picture(image) == load_image(tmp_path / "same.png")).all()


def test_a_picture_that_is_none_is_a_sentence(qtbot: QtBot) -> None:
    with pytest.raises(InputError, match="offered none"):
        copied_picture(QImage())


def test_the_canvas_gets_no_more_pixels_than_can_be_seen() -> None:
    assert for_canvas(np.zeros((10, 4000, 3), np.uint8)).shape == (5, 2000, 3)
    small = np.zeros((10, 20), np.uint8)
    assert for_canvas(small) is small
