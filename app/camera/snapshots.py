"""Saving a frame twice: as it came, and with the boxes and numbers painted in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QObject, QStandardPaths, Signal
from PySide6.QtGui import QFont, QImage, QImageWriter

from app.camera.frame_view import frame_with_marks
from app.image_view.overlay import OverlayMark
from app.services.workers import Background
from app.ui.errors import sentence_of
from app.ui.images import to_qimage
from app.ui.reading_text import file_part
from core.base.files import written_aside

_LONGEST = 60
"""Signs of a file's name that are numbers."""


def pictures_folder() -> Path:
    """Where saved pictures go."""
    place = QStandardPaths.StandardLocation.PicturesLocation
    return Path(QStandardPaths.writableLocation(place) or Path.home()) / "gnc"


class SnapshotSaver(QObject):
    """Saves frames in a thread of its own."""

    saved = Signal(str)
    """Where a frame was saved, in words."""
    failed = Signal(str)
    """A sentence: it could not be."""

    def __init__(self, folder: Callable[[], Path], parent: QObject) -> None:
        super().__init__(parent)
        self._folder = folder
        self._background = Background(self)

    def save(self, image: NDArray[np.uint8], marks: Sequence[OverlayMark], font: QFont) -> None:
        """Save a frame, (H, W, 3) uint8 RGB, with and without its marks."""
        folder = self._folder()
        self._background.run(
            lambda: save_snapshots(image, marks, font, folder, datetime.now()),
            lambda paths: self.saved.emit(f"Saved in {paths[0].parent}: {paths[0].name}"),
            lambda error: self.failed.emit(f"The photo could not be saved. {sentence_of(error)}"),
        )

    def shut_down(self) -> None:
        self._background.shut_down()


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
