"""Pictures in rows, each as large as there is room for: what the network is fed."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt
from PySide6.QtGui import QHelpEvent, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from training.ui.theme import Colors

NO_DIGIT = 10
_GAP = 4
_LARGEST = 112


def grid_for(count: int, area: QSize, *, gap: int = _GAP, largest: int = _LARGEST) -> tuple[int, int]:
    """Columns and side length for `count` squares that fill the area as well as squares can."""
    if count < 1 or area.width() < 1 or area.height() < 1:
        return 1, 1
    best = (1, 1)
    for columns in range(1, count + 1):
        rows = math.ceil(count / columns)
        side = min((area.width() + gap) // columns - gap, (area.height() + gap) // rows - gap, largest)
        if side > best[1]:
            best = (columns, side)
    return best


class ImageGrid(QWidget):
    """Shows grey pictures with their labels below. Hovering tells where one is from."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._images: list[QImage] = []
        self._labels: tuple[int, ...] = ()
        self._sources: tuple[str, ...] = ()
        self._dim = False
        self.setMinimumSize(160, 160)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def set_pictures(
        self, images: NDArray[np.uint8], labels: Sequence[int] = (), sources: Sequence[str] = ()
    ) -> None:
        """images: uint8 (N,S,S). labels: 0..9, 10 for none; fewer than images: no labels are written."""
        self._images = [grey_image(image) for image in images]
        self._labels, self._sources = tuple(labels), tuple(sources)
        self._dim = False
        self.setAccessibleDescription(f"{len(self._images)} pictures")
        self.update()

    def set_dim(self, dim: bool) -> None:
        """Pale while what is shown is out of date."""
        if dim != self._dim:
            self._dim = dim
            self.update()

    @property
    def count(self) -> int:
        return len(self._images)

    def _has_labels(self) -> bool:
        return len(self._labels) == len(self._images) and any(label >= 0 for label in self._labels)

    def _cells(self) -> list[QRect]:
        text = self.fontMetrics().height() if self._has_labels() else 0
        area = self.size()
        # A label makes its cell higher than wide; the search wants squares, so it is made to see wider ones.
        columns, side = grid_for(len(self._images), area, largest=_LARGEST if text else 2 * _LARGEST)
        while (
            side > 8 and math.ceil(len(self._images) / columns) * (side + text + _GAP) - _GAP > area.height()
        ):
            side -= 1
            columns = max(1, (area.width() + _GAP) // (side + _GAP))
        return [
            QRect(
                QPoint((i % columns) * (side + _GAP), (i // columns) * (side + text + _GAP)),
                QSize(side, side),
            )
            for i in range(len(self._images))
        ]

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        theme = Colors.of(self.palette())
        if self._dim:
            painter.setOpacity(0.45)
        labelled = self._has_labels()
        height = self.fontMetrics().height()
        painter.setPen(theme.muted)
        for i, cell in enumerate(self._cells()):
            image = self._images[i]
            painter.setRenderHint(
                QPainter.RenderHint.SmoothPixmapTransform, image.width() > cell.width() or image.width() > 64
            )
            painter.drawImage(cell, image)
            if labelled:
                label = self._labels[i]
                text = "–" if label == NO_DIGIT else str(label)
                below = QRect(cell.left(), cell.bottom() + 1, cell.width(), height)
                painter.drawText(below, Qt.AlignmentFlag.AlignCenter, text)
        painter.end()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            for i, cell in enumerate(self._cells()):
                if cell.contains(event.pos()) and i < len(self._sources):
                    what = "no digit" if self._labels[i] == NO_DIGIT else str(self._labels[i])
                    told = f"{what}, from {self._sources[i]}" if self._labels[i] >= 0 else "a made photo"
                    QToolTip.showText(event.globalPos(), told, self, cell)
                    return True
            QToolTip.hideText()
            return True
        return super().event(event)


def grey_image(pixels: NDArray[np.uint8]) -> QImage:
    """A picture of uint8 (H,W); keeps a copy of the pixels."""
    rows = np.ascontiguousarray(pixels)
    height, width = rows.shape
    return QImage(rows.data, width, height, width, QImage.Format.Format_Grayscale8).copy()
