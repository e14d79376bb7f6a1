"""Arrays to Qt's images; pictures from files and the clipboard to arrays."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage

from core.base.errors import InputError

_LONGEST = 2000
"""Pixels of a picture on the canvas: more cannot be seen, and reading would only be slower."""


def to_qimage(image: NDArray[np.uint8]) -> QImage:
    """A copy of a (H, W) or (H, W, 3) RGB uint8 array."""
    rows, columns = image.shape[:2]
    data = np.ascontiguousarray(image)
    if image.ndim == 2:
        shared = QImage(data.data, columns, rows, columns, QImage.Format.Format_Grayscale8)
    else:
        shared = QImage(data.data, columns, rows, 3 * columns, QImage.Format.Format_RGB888)
    return shared.copy()  # the array's memory is not Qt's to keep


def read_picture(path: Path) -> NDArray[np.uint8]:
    """The picture of a file, its longer side at most 2,000 pixels. Slow for large ones. Raises InputError."""
    from core.reading.images import load_image

    return for_canvas(load_image(path))


def for_canvas(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A picture, its longer side at most 2,000 pixels."""
    from core.base.opencv import cv2

    longest = max(image.shape[:2])
    if longest <= _LONGEST:
        return image
    scale = _LONGEST / longest
    size = (max(round(image.shape[1] * scale), 1), max(round(image.shape[0] * scale), 1))
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)


def left_out(path: Path) -> str:
    """A sentence on what of a file `read_picture` does not show, or "". Raises InputError."""
    from core.reading.images import pages_of

    pages = pages_of(path)
    if len(pages.indices) > 1:
        return f"Only the first of the {len(pages.indices)} pages of {path.name} is shown."
    return pages.note.replace(str(path), path.name)


def copied_picture(image: QImage) -> NDArray[np.uint8]:
    """A picture of the clipboard or of another program, (H, W, 3) RGB at its own size. Raises InputError.

    What is transparent lies on the same ground as in pictures from files.
    """
    from core.reading.images import from_rgba

    if image.isNull():
        raise InputError("The photo can't be used: the other program offered none that can be read.")
    pixels = image.convertToFormat(QImage.Format.Format_RGBA8888)
    rows, columns = pixels.height(), pixels.width()
    flat = np.frombuffer(pixels.constBits(), np.uint8).reshape(rows, pixels.bytesPerLine())
    return from_rgba(flat[:, : 4 * columns].reshape(rows, columns, 4))
