"""Reads what lies on the canvas: strokes as strokes, a picture as a picture.

Imports OpenCV, so it is imported in the thread that reads, after the window is shown.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from app.draw.drawing import Drawing, Picture
from app.services.models import StrokesReader
from core.base.opencv import cv2
from core.reading.images import to_gray
from core.reading.strokes import Stroke, smooth
from core.reading.types import Box, Reading

_SHIFT = 4  # OpenCV draws with coordinates of 1/16 pixel


def read_drawing(reader: StrokesReader, drawing: Drawing) -> Reading:
    """The reading of a drawing; boxes in its pixels. Raises InputError."""
    if drawing.picture is None:
        return reader.read(drawing.strokes)
    image = drawing.picture.image
    if drawing.strokes:
        image = drawn_over(drawing.picture, drawing.strokes)
    return _on_canvas(reader.read_image(image), drawing.picture)


def drawn_over(picture: Picture, strokes: tuple[Stroke, ...]) -> NDArray[np.uint8]:
    """The picture in grey, (H, W) uint8, with the strokes drawn onto it in the grey that stands out most."""
    gray = to_gray(picture.image).copy()
    ink = 0 if np.median(gray) > 127 else 255
    scale = gray.shape[1] / picture.box.w
    corner = np.array([picture.box.x, picture.box.y])
    for stroke in strokes:
        points = (np.asarray(smooth(stroke.points)) - corner) * scale
        fixed = np.rint(points * (1 << _SHIFT)).astype(np.int32).reshape(-1, 1, 2)
        width = max(round(stroke.width * scale), 1)
        cv2.polylines(gray, [fixed], False, ink, width, cv2.LINE_AA, _SHIFT)
    return gray


def _on_canvas(reading: Reading, picture: Picture) -> Reading:
    """The reading with its boxes where the picture lies on the canvas."""
    scale = picture.box.w / picture.image.shape[1]

    def box(of: Box) -> Box:
        return Box(picture.box.x + of.x * scale, picture.box.y + of.y * scale, of.w * scale, of.h * scale)

    return reading.with_boxes(box)
