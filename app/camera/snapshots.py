"""Saving a frame twice: as it came, and with the boxes and numbers painted in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QBuffer, QByteArray, QIODevice
from PySide6.QtGui import QFont, QImage, QImageWriter

from app.camera.frame_view import frame_with_marks
from app.image_view.overlay import OverlayMark
from app.ui.images import to_qimage
from app.ui.reading_text import file_part
from core.base.files import written_aside

_LONGEST = 60
"""Signs of a file's name that are numbers."""


def save_snapshots(
    image: NDArray[np.uint8], marks: Sequence[OverlayMark], font: QFont, folder: Path, now: datetime
) -> tuple[Path, Path]:
    """Write `gnc-TIME[-NUMBER].png` and `….boxes.png`; nothing is overwritten. Raises OSError.

    image: (H, W, 3) uint8 RGB. Any thread may call it.
    """
    stem = f"gnc-{now:%Y%m%d-%H%M%S}"
    numbers = file_part(" ".join(mark.shown.written for mark in marks))
    if numbers:
        stem += f"-{numbers[:_LONGEST]}"
    plain, extra = folder / f"{stem}.png", 1
    while plain.exists():
        extra += 1
        plain = folder / f"{stem}-{extra}.png"
    boxes = plain.with_suffix(".boxes.png")
    _write(to_qimage(image), plain)
    _write(frame_with_marks(image, tuple(marks), font), boxes)
    return plain, boxes


def _write(picture: QImage, path: Path) -> None:
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    QImageWriter(buffer, QByteArray(b"png")).write(picture)
    with written_aside(path) as file:
        file.write(bytes(buffer.data().data()))
