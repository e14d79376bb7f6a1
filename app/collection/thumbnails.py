"""Small pictures of labelled digits and numbers, made in a thread of their own, what is wanted last first."""

from __future__ import annotations

import threading
from collections import OrderedDict

from PySide6.QtCore import QObject, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QImage, QImageReader

from core.collection.items import Item, key_of
from core.collection.numbers import LabelledNumber

_MOST_KEPT = 1500
_MOST_WAITING = 400
"""More than fit on a large screen: what was scrolled past is not wanted any more."""
_AROUND = 0.3
"""Room around a number's box that is shown, as a share of the box's height."""


def shown_part(item: Item, size: QSize) -> QRectF:
    """The part of an item's picture that its thumbnail shows, in pixels of a picture of this size."""
    whole = QRectF(0, 0, size.width(), size.height())
    box = item.entry.box if isinstance(item.entry, LabelledNumber) else None
    if box is None:
        return whole
    margin = _AROUND * box.h
    part = QRectF(box.x - margin, box.y - margin, box.w + 2 * margin, box.h + 2 * margin) & whole
    return part if not part.isEmpty() else whole


def load_part(item: Item, wanted: QSize, *, whole: bool = False) -> QImage:
    """The picture of an item, about as large as `wanted`; null where it can't be read. For any thread.

    whole: all of it, not only the place of a number.
    """
    reader = QImageReader(str(item.picture))
    reader.setAutoTransform(True)
    turned = bool(reader.transformation().value & 4)  # by a quarter: width and height change places
    size = reader.size().transposed() if turned else reader.size()
    if not size.isValid():
        return reader.read()
    part = QRectF(0, 0, size.width(), size.height()) if whole else shown_part(item, size)
    scale = max(wanted.width() / part.width(), wanted.height() / part.height())
    if scale < 1:
        # A JPEG file is decoded in a fraction of the time at a fraction of its size.
        small = QSize(max(round(size.width() * scale), 1), max(round(size.height() * scale), 1))
        reader.setScaledSize(small.transposed() if turned else small)
    image = reader.read()
    if image.isNull():
        return image
    factor = image.width() / size.width()
    area = QRectF(part.x() * factor, part.y() * factor, part.width() * factor, part.height() * factor)
    return image.copy(area.toAlignedRect() & image.rect()) if area.toAlignedRect() != image.rect() else image


class Thumbnails(QObject):
    """Hands out what is there at once, and the rest later."""

    ready = Signal(str)
    """The thumbnail of an item (its key) is there now."""

    def __init__(self, size: QSize, parent: QObject | None = None) -> None:
        """size: device pixels that a thumbnail should have at least one side of."""
        super().__init__(parent)
        self._size = size
        self._kept: OrderedDict[str, QImage] = OrderedDict()
        self._wake = threading.Condition()
        self._waiting: OrderedDict[str, Item] = OrderedDict()
        self._has_ended = False
        self._thread: threading.Thread | None = None

    def get(self, item: Item) -> QImage | None:
        """The thumbnail; None where it is being made. A null image where the picture can't be read."""
        key = key_of(item)
        with self._wake:
            image = self._kept.get(key)
            if image is not None:
                self._kept.move_to_end(key)
                return image
            if self._has_ended:
                return None
            self._waiting[key] = item
            self._waiting.move_to_end(key)
            while len(self._waiting) > _MOST_WAITING:
                self._waiting.popitem(last=False)
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="thumbnails", daemon=True)
                self._thread.start()
            self._wake.notify()
        return None

    def shut_down(self) -> None:
        """End the thread."""
        with self._wake:
            self._has_ended = True
            self._wake.notify()
        if self._thread is not None:
            self._thread.join(5)

    def _work(self) -> None:
        while True:
            with self._wake:
                self._wake.wait_for(lambda: self._has_ended or bool(self._waiting))
                if self._has_ended:
                    return
                key, item = self._waiting.popitem()
            image = load_part(item, self._size)
            fitting = _fitted(image, self._size)
            with self._wake:
                self._kept[key] = fitting
                while len(self._kept) > _MOST_KEPT:
                    self._kept.popitem(last=False)
            self.ready.emit(key)


def _fitted(image: QImage, size: QSize) -> QImage:
    """No larger than it is shown; a digit of a few pixels stays as it is."""
    if image.isNull() or (image.width() <= size.width() and image.height() <= size.height()):
        return image
    return image.scaled(size, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation)


def fitted_rect(size: QSize, area: QRect) -> QRect:
    """Where a picture of this size is drawn to fill an area, in its middle."""
    shown = size.scaled(area.size(), Qt.AspectRatioMode.KeepAspectRatio)
    place = QRect(0, 0, shown.width(), shown.height())
    place.moveCenter(area.center())
    return place
