"""The package as a stranger uses it: a photo, a digit, a drawing, with the shipped files."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

import core.reading
from core.base.errors import InputError
from core.base.opencv import cv2
from core.reading import Stroke, read_digit, read_drawing, read_photo
from core.reading.api import shipped_line


def printed(text: str, shape: tuple[int, int] = (120, 320)) -> NDArray[np.uint8]:
    picture = np.full(shape, 220, np.uint8)
    cv2.putText(picture, text, (40, 85), cv2.FONT_HERSHEY_DUPLEX, 2.2, 30, 5, cv2.LINE_AA)
    return picture


def test_a_photo() -> None:
    reading = read_photo(printed("1824"))
    assert [n.text for n in reading.numbers] == ["1824"]
    assert [n.written for n in reading.numbers] == ["1824"]


@pytest.mark.skipif(shipped_line() is None, reason="no line reader is shipped yet")
def test_a_photo_on_its_head() -> None:
    upside_down = np.ascontiguousarray(printed("2457")[::-1, ::-1])
    reading = read_photo(upside_down)
    assert [n.text for n in reading.numbers] == ["2457"]
    box = reading.numbers[0].box
    assert box.x + box.w > 320 - 60, "where it stands in the picture itself"


def test_a_photo_from_a_file(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "a.png"), printed("57"))
    assert read_photo(tmp_path / "a.png").numbers[0].text == "57"
    with pytest.raises(InputError, match="no such file"):
        read_photo(str(tmp_path / "none.png"))


def test_a_digit() -> None:
    found = read_digit(printed("7", (120, 120)))
    assert (found.digit, found.is_digit) == (7, True)


def test_a_drawing() -> None:
    one = [(50.0, float(y)) for y in range(20, 180, 4)]
    assert [n.text for n in read_drawing([one]).numbers] == ["1"]
    assert [n.text for n in read_drawing([Stroke(tuple(one), 8.0)]).numbers] == ["1"]
    assert read_drawing([]).numbers == ()
    assert read_drawing([[]]).numbers == ()


def test_what_is_named_is_there() -> None:
    for name in core.reading.__all__:
        assert getattr(core.reading, name) is not None
    assert set(core.reading.__all__) <= set(dir(core.reading))
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = core.reading.nothing


def test_importing_it_is_cheap() -> None:
    code = (
        "import sys, core.reading; from core.reading import Box; "
        "print([m for m in ('torch', 'PySide6', 'onnxruntime', 'cv2') if m in sys.modules])"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert out.strip() == "[]"
    code = (
        "import sys; from core.reading import read_photo; "
        "print([m for m in ('torch', 'PySide6') if m in sys.modules])"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert out.strip() == "[]"
