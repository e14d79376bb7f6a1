"""The history of steady numbers: a table model, text to copy, CSV to keep. Clearing it can be undone."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QFont, QPixmap, QUndoCommand

from app.services.corrections import crop_around
from app.ui.images import to_qimage
from app.ui.reading_text import confidence_text
from core.base.files import csv_text
from core.reading.types import Box, Number, Reading

_LOOKED_BACK = 20
"""The latest entries, which may be of what is still being followed."""
MOST = 1000
"""Entries that are kept; older ones go."""
THUMBNAIL_HEIGHT = 72
"""Of a thumbnail, pixels; it is shown half as high, so that it is sharp on dense screens."""
_HEADER = ("Time", "Number", "Confidence")
_LARGEST_PNG = 400_000
"""Pixels of a piece of a picture that is kept without loss; larger ones would take too long."""
_QUALITY = 95
Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True)
class SeenNumber:
    """A number with the piece of the picture that it was seen in.

    number: as it was read; its boxes are in pixels of the piece. file: the piece, as PNG or JPEG. group: of
    the pictures that it must be learned from together with.
    """

    number: Number
    file: bytes = field(repr=False)
    group: str = ""

    @classmethod
    def cut(cls, image: NDArray[np.uint8], number: Number, group: str = "") -> SeenNumber:
        """Cut a number out of a frame, (H, W, 3) uint8 RGB, with some room around it.

        Raises InputError where its box lies outside the frame.
        """
        from core.base.opencv import cv2

        piece, box = crop_around(image, number.box)
        dx, dy = box.x - number.box.x, box.y - number.box.y
        moved = Reading((number,)).with_boxes(lambda b: replace(b, x=b.x + dx, y=b.y + dy)).numbers[0]
        is_small = piece.shape[0] * piece.shape[1] <= _LARGEST_PNG
        suffix, quality = (
            (".png", [cv2.IMWRITE_PNG_COMPRESSION, 1])
            if is_small
            else (".jpg", [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
        )
        _, data = cv2.imencode(suffix, piece[..., ::-1], quality)
        return cls(moved, bytes(data), group)

    @property
    def suffix(self) -> str:
        """Of the file: ".png" or ".jpg"."""
        return ".png" if self.file.startswith(b"\x89PNG") else ".jpg"

    def image(self) -> NDArray[np.uint8]:
        """The piece, (H, W, 3) uint8 RGB."""
        from core.base.opencv import cv2

        decoded = cv2.imdecode(np.frombuffer(self.file, np.uint8), cv2.IMREAD_COLOR)
        return np.ascontiguousarray(np.asarray(decoded, np.uint8)[..., ::-1])


@dataclass(frozen=True)
class HistoryEntry:
    """A number that was steady.

    number: as it is written.
    confidence: the best it had.
    source: what it was seen by.
    track: the id of what was followed while it was seen (`Tracked.id`).
    thumbnail: (H, W, 3) uint8 RGB.
    seen: what can be looked at and labelled again.
    correction: what a person said that it is, "" for no number; None if it was not corrected.
    key: counts up.
    """

    time: datetime
    number: str
    confidence: float
    source: str = ""
    thumbnail: NDArray[np.uint8] | None = field(default=None, compare=False, repr=False)
    track: int | None = None
    seen: SeenNumber | None = field(default=None, compare=False, repr=False)
    correction: str | None = None
    key: int = field(default=0, compare=False)

    @property
    def written(self) -> str:
        """The number, as it was corrected; "–" for no number."""
        return self.number if self.correction is None else self.correction or "–"

    @property
    def detail(self) -> str:
        """How sure it is, in words."""
        if self.correction is None:
            return confidence_text(self.confidence)
        return "corrected" if self.correction else "no number"


def thumbnail(image: NDArray[np.uint8], box: Box, *, height: int = THUMBNAIL_HEIGHT) -> NDArray[np.uint8]:
    """A number cut out of a frame with a little around it, `height` pixels high, at most four times as wide."""
    from core.base.opencv import cv2

    rows, columns = image.shape[:2]
    pad = 0.15 * box.h
    left, top = max(int(box.x - pad), 0), max(int(box.y - pad), 0)
    right, bottom = min(int(box.x + box.w + pad) + 1, columns), min(int(box.y + box.h + pad) + 1, rows)
    if right <= left or bottom <= top:
        return np.zeros((height, height, 3), np.uint8)
    part = image[top:bottom, left:right]
    scale = min(height / part.shape[0], 4 * height / part.shape[1])
    size = (max(round(part.shape[1] * scale), 1), max(round(part.shape[0] * scale), 1))
    return np.asarray(cv2.resize(part, size, interpolation=cv2.INTER_AREA))


def better_entry(old: HistoryEntry, new: HistoryEntry) -> HistoryEntry | None:
    """What becomes of an entry when what was followed for it is now read as `new`; None: the two are two numbers.

    The best confidence is kept, and the whole number in place of a part of it, whichever was seen first. What a person
    corrected stays.
    """
    if old.track is None or old.track != new.track:
        return None
    if old.correction is not None:
        return old
    if old.number == new.number:
        return new if new.confidence > old.confidence else old
    if old.number in new.number:
        return new
    return old if new.number in old.number else None


def as_text(entries: Sequence[HistoryEntry]) -> str:
    """A line an entry, for the clipboard: time, number and confidence between tabs."""
    return "\n".join(f"{e.time:%H:%M:%S}\t{e.written}\t{e.detail}" for e in entries)


def as_csv(entries: Sequence[HistoryEntry]) -> str:
    """Comma-separated values with a header; times as ISO 8601 with the zone."""
    rows = []
    for e in entries:
        time = e.time.isoformat(timespec="milliseconds")
        number, read_as = (e.number, "") if e.correction is None else (e.correction, e.number)
        rows.append([time, number, f"{e.confidence:.4f}", e.source, read_as])
    return csv_text(["time", "number", "confidence", "source", "read_as"], rows)


class ClearHistory(QUndoCommand):
    """Takes all entries away, and brings them back."""

    def __init__(self, history: History) -> None:
        super().__init__("Clear history")
        self._history = history

    def redo(self) -> None:
        self._history.clear()

    def undo(self) -> None:
        self._history.undo_clear()


class History(QAbstractTableModel):
    """Newest first. The last column's decoration is the thumbnail."""

    count_changed = Signal(int)
    undo_changed = Signal(bool)
    """Whether entries that were cleared can be brought back."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._entries: list[HistoryEntry] = []
        self._pictures: list[QPixmap | None] = []
        self._cleared: list[HistoryEntry] = []
        self._keys = itertools.count(1)
        self._number_font = QFont()
        self._number_font.setBold(True)

    @property
    def entries(self) -> list[HistoryEntry]:
        """Newest first."""
        return list(self._entries)

    @property
    def can_undo(self) -> bool:
        return bool(self._cleared)

    def add(self, entry: HistoryEntry) -> None:
        """Put an entry at the top."""
        entry = replace(entry, key=next(self._keys))
        self.beginInsertRows(QModelIndex(), 0, 0)
        self._entries.insert(0, entry)
        self._pictures.insert(0, self._picture(entry))
        self.endInsertRows()
        if len(self._entries) > MOST:
            self.beginRemoveRows(QModelIndex(), MOST, len(self._entries) - 1)
            del self._entries[MOST:], self._pictures[MOST:]
            self.endRemoveRows()
        self.count_changed.emit(len(self._entries))

    def better(self, entry: HistoryEntry) -> HistoryEntry | None:
        """What `note` would leave of the entry of the same track; None if there is no such entry."""
        return self._of_same_track(entry)[1]

    def note(self, entry: HistoryEntry) -> bool:
        """Add an entry, or let it better the one of the same track; whether there is one more."""
        row, better = self._of_same_track(entry)
        if better is None:
            self.add(entry)
        elif better is entry:
            self._entries[row] = replace(entry, time=self._entries[row].time, key=self._entries[row].key)
            self._pictures[row] = self._picture(entry)
            self.dataChanged.emit(self.index(row, 0), self.index(row, len(_HEADER) - 1))
        return better is None

    def correct(self, key: int, written: str | None) -> None:
        """An entry's number is really written like this, "" for no number; None: as it was read."""
        for entries in (self._entries, self._cleared):
            for row, entry in enumerate(entries):
                if entry.key == key:
                    entries[row] = replace(entry, correction=written)
                    if entries is self._entries:
                        last = self.index(row, len(_HEADER) - 1)
                        self.dataChanged.emit(self.index(row, 0), last)
                    return

    def _of_same_track(self, entry: HistoryEntry) -> tuple[int, HistoryEntry | None]:
        for row, old in enumerate(self._entries[:_LOOKED_BACK]):
            better = better_entry(old, entry)
            if better is not None:
                return row, better
        return -1, None

    def clear(self) -> None:
        """Take all entries away; `undo_clear` brings them back."""
        if self._entries:
            cleared = self._entries + self._cleared
            self._replace([], cleared[:MOST])

    def undo_clear(self) -> None:
        """Bring back what was cleared, below what has come since."""
        if self._cleared:
            self._replace((self._entries + self._cleared)[:MOST], [])

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  (as Qt calls it)
        return 0 if parent.isValid() else len(self._entries)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  (as Qt calls it)
        return 0 if parent.isValid() else len(_HEADER)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if role == Qt.ItemDataRole.DisplayRole and orientation == Qt.Orientation.Horizontal:
            return _HEADER[section]
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        entry, column = self._entries[index.row()], index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            return (f"{entry.time:%H:%M:%S}", entry.written, entry.detail)[column]
        if role == Qt.ItemDataRole.DecorationRole and column == 1:
            return self._pictures[index.row()]
        if role == Qt.ItemDataRole.ToolTipRole:
            source = f" · {entry.source}" if entry.source else ""
            read_as = f" · read as {entry.number}" if entry.correction is not None else ""
            return f"{entry.written} · {entry.detail}{read_as} · {entry.time:%x %X}{source}"
        if role == Qt.ItemDataRole.FontRole and column == 1:
            return self._number_font
        if role == Qt.ItemDataRole.TextAlignmentRole and column == 2:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        return None

    def _replace(self, entries: list[HistoryEntry], cleared: list[HistoryEntry]) -> None:
        could = self.can_undo
        self.beginResetModel()
        self._entries, self._cleared = entries, cleared
        self._pictures = [self._picture(e) for e in entries]
        self.endResetModel()
        self.count_changed.emit(len(entries))
        if self.can_undo != could:
            self.undo_changed.emit(self.can_undo)

    def _picture(self, entry: HistoryEntry) -> QPixmap | None:
        if entry.thumbnail is None:
            return None
        picture = QPixmap.fromImage(to_qimage(entry.thumbnail))
        picture.setDevicePixelRatio(2)
        return picture
