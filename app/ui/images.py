"""Arrays to Qt's images; pictures from files and the clipboard to arrays."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
from PySide6.QtGui import QImage

from core.base.errors import InputError

_LONGEST = 2000
"""Pixels of a picture on the canvas: more cannot be seen, and reading would only be slower."""


def to_qimage(image: np.ndarray) -> QImage:
    """A copy of a (H, W) or (H, W, 3) RGB uint8 array."""
    rows, columns = image.shape[:2]
    data = np.ascontiguousarray(image)
    if image.ndim == 2:
        shared = QImage(data.data, columns, rows, columns, QImage.Format.Format_Grayscale8)
    else:
        shared = QImage(data.data, columns, rows, 3 * columns, QImage.Format.Format_RGB888)
    return shared.copy()  # the array's memory is not Qt's to keep


def read_picture(path: Path) -> np.ndarray:
    """The picture of a file, its longer side at most 2,000 pixels. Slow for large ones. Raises InputError."""
    from core.base.opencv import cv2
    from core.reading.images import load_image

    image = load_image(path)
    longest = max(image.shape[:2])
    if longest <= _LONGEST:
        return image
    scale = _LONGEST / longest
    size = (max(round(image.shape[1] * scale), 1), max(round(image.shape[0] * scale), 1))
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA))


def left_out(path: Path) -> str:
    """A sentence on what of a file `read_picture` does not show, or "". Raises InputError."""
    from core.reading.images import pages_of

    pages = pages_of(path)
    if len(pages.indices) > 1:
        return f"Only the first of the {len(pages.indices)} pages of {path.name} is shown."
    return pages.note.replace(str(path), path.name)


def read_copied_picture(image: QImage) -> np.ndarray:
    """A picture of the clipboard, by the same path as one from a file. Raises InputError.

    Alpha and 16 bit are handled once, in `core.reading.images`, and that reads files.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "picture.png"
        if image.isNull() or not image.save(str(path)):
            raise InputError("The picture can't be used: the other program offered none that can be read.")
        return read_picture(path)
