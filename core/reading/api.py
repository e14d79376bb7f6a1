"""Reading in three lines, with the shipped models:

from core.reading import read_photo

for number in read_photo("door.jpg").numbers:
    print(number.written, number.confidence, number.box)
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assets import MODELS
from core.reading.classifier import Classification, Classifier
from core.reading.images import load_image, to_gray
from core.reading.strokes import Stroke
from core.reading.types import Reading

if TYPE_CHECKING:
    from core.reading.photo_reader import PhotoReader

PEN = 0.04
"""Width of the pen of a drawing that is given as points, as a share of the drawing's longer side."""


def read_photo(picture: str | Path | Any, *, reader: PhotoReader | None = None) -> Reading:
    """The numbers in a photo: a file, or an array (H,W) or (H,W,3) RGB. One on its side or head is read upright.

    reader: one of other model files (`shipped_reader` makes it); None for the shipped ones.

    Raises:
        InputError: it is no picture. The message says why.
    """
    return (reader or _reader()).read(_image(picture), any_direction=True)


def read_digit(picture: str | Path | Any, *, model: str | Path | None = None) -> Classification:
    """Which digit a picture of one digit shows: a file, or an array (H,W) or (H,W,3) RGB.

    model: a classifier's file, opened once; None for the shipped one.

    Raises:
        InputError: it is no picture. The message says why. ModelError: the file is no classifier of ours.
    """
    return _classifier(model or MODELS / "classifier.onnx").classify_picture(to_gray(_image(picture)))[0]


def read_drawing(strokes: Sequence[Stroke | Sequence[tuple[float, float]]]) -> Reading:
    """The number that pen strokes draw. A stroke is a `Stroke`, or its points (x, y) in pixels, y down."""
    from core.reading.drawing_reader import DrawingReader

    drawn = [
        s.points if isinstance(s, Stroke) else tuple((float(x), float(y)) for x, y in s) for s in strokes
    ]
    points = [point for stroke in drawn for point in stroke]
    if not points:
        return Reading()
    xs, ys = zip(*points, strict=True)
    width = max(PEN * max(max(xs) - min(xs), max(ys) - min(ys)), 1.0)
    pens = [
        s if isinstance(s, Stroke) else Stroke(p, width) for s, p in zip(strokes, drawn, strict=True) if p
    ]
    return DrawingReader(_classifier(MODELS / "classifier.onnx")).read(pens)


def shipped_reader(
    detector: Path | None = None,
    classifier: Path | None = None,
    line: Path | None = None,
    *,
    threads: int = 2,
) -> PhotoReader:
    """A photo reader with the shipped files, or others instead. Raises ModelError, naming the file and the reason."""
    from core.reading.photo_reader import PhotoReader

    return PhotoReader.load(
        detector or MODELS / "detector.onnx", classifier or MODELS / "classifier.onnx", line or shipped_line(),
        threads=threads,
    )  # fmt: skip


def shipped_line() -> Path | None:
    """The shipped line reader's file; None if it is missing, and photos are read without it."""
    path = MODELS / "line.onnx"
    return path if path.is_file() else None


def _image(picture: str | Path | Any) -> Any:
    return load_image(picture) if isinstance(picture, (str, Path)) else picture


@functools.cache
def _reader() -> PhotoReader:
    return shipped_reader()


@functools.lru_cache(maxsize=4)
def _classifier(path: str | Path) -> Classifier:
    return Classifier.load(path)
