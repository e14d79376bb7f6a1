"""Pictures in rows, each as large as there is room for: what the network is fed."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt
from PySide6.QtGui import QHelpEvent, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from training.runs.model_cards import title_of
from training.ui.theme import Colors

_GAP = 4
_LARGEST = 112


def grid_for(
    count: int, area: QSize, *, aspect: float = 1.0, gap: int = _GAP, largest: int = _LARGEST
) -> tuple[int, int]:
    """Columns and height for `count` pictures that fill the area as well as they can. aspect: width over height."""
    if count < 1 or area.width() < 1 or area.height() < 1:
        return 1, 1
    best = (1, 1)
    for columns in range(1, count + 1):
        rows = math.ceil(count / columns)
        across = int(((area.width() + gap) // columns - gap) / aspect)
        height = min(across, (area.height() + gap) // rows - gap, largest)
        if height > best[1]:
            best = (columns, height)
    return best


class ImageGrid(QWidget):
    """Shows grey pictures of one size with what they show below. A tooltip says where one is from."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._images: list[QImage] = []
        self._texts: tuple[str, ...] = ()
        self._sources: tuple[str, ...] = ()
        self._dim = False
        self.setMinimumSize(160, 160)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def set_pictures(
        self, images: NDArray[np.uint8], texts: Sequence[str] = (), sources: Sequence[str] = ()
    ) -> None:
        """images: uint8 (N,H,W). texts: what each shows, written below; fewer than images: none is written."""
        self._images = [grey_image(image) for image in images]
        self._texts, self._sources = tuple(texts), tuple(sources)
        self._dim = False
        self.setAccessibleDescription(f"{len(self._images)} images")
        self.update()

    def set_dim(self, dim: bool) -> None:
        """Pale while what is shown is out of date."""
        if dim != self._dim:
            self._dim = dim
            self.update()

    @property
    def count(self) -> int:
        return len(self._images)

    def _has_texts(self) -> bool:
        return len(self._texts) == len(self._images) and any(self._texts)

    def cells(self) -> list[QRect]:
        """Where each picture lies in the widget, its text below it included."""
        text = self.fontMetrics().height() if self._has_texts() else 0
        area = self.size()
        aspect = self._images[0].width() / self._images[0].height() if self._images else 1.0
        columns, high = grid_for(
            len(self._images), area, aspect=aspect, largest=_LARGEST if text else 2 * _LARGEST
        )
        # The text makes its cell higher than the search knew.
        while (
            high > 8 and math.ceil(len(self._images) / columns) * (high + text + _GAP) - _GAP > area.height()
        ):
            high -= 1
            columns = max(1, (area.width() + _GAP) // (round(high * aspect) + _GAP))
        wide = round(high * aspect)
        return [
            QRect(
                QPoint((i % columns) * (wide + _GAP), (i // columns) * (high + text + _GAP)),
                QSize(wide, high),
            )
            for i in range(len(self._images))
        ]

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        theme = Colors.of(self.palette())
        if self._dim:
            painter.setOpacity(0.45)
        labelled = self._has_texts()
        height = self.fontMetrics().height()
        painter.setPen(theme.muted)
        for i, cell in enumerate(self.cells()):
            image = self._images[i]
            painter.setRenderHint(
                QPainter.RenderHint.SmoothPixmapTransform, image.width() > cell.width() or image.width() > 64
            )
            painter.drawImage(cell, image)
            if labelled:
                text = self._texts[i]
                below = QRect(cell.left(), cell.bottom() + 1, cell.width(), height)
                painter.drawText(below, Qt.AlignmentFlag.AlignCenter, text)
        painter.end()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            for i, cell in enumerate(self.cells()):
                if cell.contains(event.pos()) and i < len(self._sources):
                    text = self._texts[i] if i < len(self._texts) else ""
                    what = "no digit" if text == "–" else text or "a photo"
                    tip = f"{what}, from {title_of(self._sources[i])}"
                    QToolTip.showText(event.globalPos(), tip, self, cell)
                    return True
            QToolTip.hideText()
            return True
        return super().event(event)


def grey_image(pixels: NDArray[np.uint8]) -> QImage:
    """A picture of uint8 (H,W); keeps a copy of the pixels."""
    rows = np.ascontiguousarray(pixels)
    height, width = rows.shape
    return QImage(rows.data, width, height, width, QImage.Format.Format_Grayscale8).copy()
