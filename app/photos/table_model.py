"""The table of readings as Qt's model: a row a number; sorted, and filtered by confidence."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import Enum
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QFont, QGuiApplication

from app.photos.results import PhotoResult, Row, rows_of
from app.ui.reading_text import duration

Index = QModelIndex | QPersistentModelIndex


class ReadingColumn(Enum):
    """Columns, left to right; the value is the header."""

    PHOTO = "Photo"
    NUMBER = "Number"
    CONFIDENCE = "Confidence"
    TIME = "Time"
    NOTE = "Note"


COLUMNS = list(ReadingColumn)


def _number_key(row: Row) -> tuple[bool, int, str]:
    """Numbers by their value, what has none last."""
    digits = row.number.text if row.number is not None else ""
    return (not digits, int(digits or 0), row.text)


def _doubt_key(row: Row) -> tuple[bool, float]:
    """What is least sure first; last what a person said, and what has no number."""
    number = row.number
    return (number is None or number.is_corrected, row.confidence)


def _place_key(row: Row) -> int:
    return row.place if row.place is not None else -1


_SORT_KEYS: dict[ReadingColumn, Callable[[Row], Any]] = {
    ReadingColumn.PHOTO: lambda row: (
        str(row.result.path or row.result.title).lower(),
        row.result.key,
        _place_key(row),
    ),
    ReadingColumn.NUMBER: _number_key,
    ReadingColumn.CONFIDENCE: lambda row: row.confidence,
    ReadingColumn.TIME: lambda row: row.result.reading.milliseconds if row.result.reading else -1.0,
    ReadingColumn.NOTE: lambda row: row.note.lower(),
}


class ReadingsModel(QAbstractTableModel):
    """All results, of which those of a confidence on are shown, in the order of a column or as they came.

    Sorting and filtering are done here, not by a proxy: Qt's asks Python about every pair of rows, which takes a
    second for ten thousand.
    """

    counts_changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._all: list[Row] = []
        self._shown: list[Row] = []
        self._least = 0.0
        self._column: ReadingColumn | None = None
        self._descending = False
        self._is_doubtful_first = False
        self._photos = self._numbers = self._problems = 0
        self._bold = QFont()
        self._bold.setBold(True)

    @property
    def rows(self) -> list[Row]:
        """All rows, as they came."""
        return list(self._all)

    @property
    def shown(self) -> list[Row]:
        """The rows shown, in their order."""
        return list(self._shown)

    @property
    def counts(self) -> tuple[int, int, int]:
        """Photos, numbers, files and folders that could not be read; of all, shown or not."""
        return self._photos, self._numbers, self._problems

    def row(self, index: int) -> Row:
        """A row that is shown."""
        return self._shown[index]

    def find(self, key: int, place: int | None = None) -> int | None:
        """Where a result's number is shown (place None: its first row); None for nowhere."""
        fits = (i for i, r in enumerate(self._shown) if r.result.key == key and place in (None, r.place))
        return next(fits, None)

    def result_of(self, key: int) -> PhotoResult | None:
        """The result with this key."""
        return next((row.result for row in self._all if row.result.key == key), None)

    def add(self, result: PhotoResult) -> None:
        """Add a result's rows."""
        for row in rows_of(result):
            self._all.append(row)
            if self._accepts(row):
                self._insert(row)
        self._photos += result.is_photo
        self._count(rows_of(result), 1)
        self.counts_changed.emit()

    def replace(self, result: PhotoResult) -> None:
        """Put a result in the place of the one with its key."""
        old = [row for row in self._all if row.result.key == result.key]
        if not old:
            return
        new = rows_of(result)
        first = self._all.index(old[0])
        self._all[first : first + len(old)] = new
        self._count(old, -1)
        self._count(new, 1)
        at = self.find(result.key)
        if len(old) == len(new) and self._key is None and not self._least and at is not None:
            self._shown[at : at + len(new)] = new
            self.dataChanged.emit(self.index(at, 0), self.index(at + len(new) - 1, len(COLUMNS) - 1))
        else:
            self._reset()
        self.counts_changed.emit()

    def clear(self) -> None:
        self._all = []
        self._photos = self._numbers = self._problems = 0
        self._reset()
        self.counts_changed.emit()

    def set_least(self, confidence: float) -> None:
        """Show rows with at least this confidence; at 0 also photos without a number and broken files."""
        if confidence != self._least:
            self._least = confidence
            self._reset()
            self.counts_changed.emit()

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """By a column; -1 as they came."""
        self._column = COLUMNS[column] if column >= 0 else None
        self._descending = order == Qt.SortOrder.DescendingOrder
        self._is_doubtful_first = False
        self._sort_again()

    def set_doubtful_first(self, on: bool) -> None:
        """What is least sure first, whatever a column's order; or by the column again."""
        self._is_doubtful_first = on
        self._sort_again()

    @property
    def is_doubtful_first(self) -> bool:
        return self._is_doubtful_first

    def _sort_again(self) -> None:
        self.layoutAboutToBeChanged.emit()
        before = self._shown
        self._shown = self._sorted()
        places = {id(row): i for i, row in enumerate(self._shown)}
        old = self.persistentIndexList()
        new = [self.index(places[id(before[i.row()])], i.column()) for i in old]
        self.changePersistentIndexList(old, new)
        self.layoutChanged.emit()

    def _accepts(self, row: Row) -> bool:
        return self._least <= 0 or (row.number is not None and row.confidence >= self._least)

    def _sorted(self) -> list[Row]:
        rows = [row for row in self._all if self._accepts(row)]
        if self._key is not None:
            rows.sort(key=self._key, reverse=self._is_reversed)
        return rows

    @property
    def _key(self) -> Callable[[Row], Any] | None:
        if self._is_doubtful_first:
            return _doubt_key
        return _SORT_KEYS[self._column] if self._column is not None else None

    @property
    def _is_reversed(self) -> bool:
        return self._descending and not self._is_doubtful_first

    def _insert(self, row: Row) -> None:
        at = len(self._shown)
        key = self._key
        if key is not None:
            low, wanted = 0, key(row)
            while low < at:  # bisection, also in descending order
                middle = (low + at) // 2
                there = key(self._shown[middle])
                if there > wanted if not self._is_reversed else there < wanted:
                    at = middle
                else:
                    low = middle + 1
        self.beginInsertRows(QModelIndex(), at, at)
        self._shown.insert(at, row)
        self.endInsertRows()

    def _reset(self) -> None:
        self.beginResetModel()
        self._shown = self._sorted()
        self.endResetModel()

    def _count(self, rows: Sequence[Row], sign: int) -> None:
        self._numbers += sign * sum(row.number is not None for row in rows)
        self._problems += sign * sum(bool(row.result.error) for row in rows)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  (as Qt calls it)
        return 0 if parent.isValid() else len(self._shown)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  (as Qt calls it)
        return 0 if parent.isValid() else len(COLUMNS)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if role == Qt.ItemDataRole.DisplayRole and orientation == Qt.Orientation.Horizontal:
            return COLUMNS[section].value
        if role == Qt.ItemDataRole.TextAlignmentRole and COLUMNS[section] is ReadingColumn.TIME:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        row, column = self._shown[index.row()], COLUMNS[index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            return _text(row, column)
        if role == Qt.ItemDataRole.ToolTipRole:
            return _whole_name(row) if column is ReadingColumn.PHOTO else row.note or None
        if role == Qt.ItemDataRole.ForegroundRole and row.number is not None and row.number.is_unsure:
            return QGuiApplication.palette().placeholderText()
        if role == Qt.ItemDataRole.FontRole and column is ReadingColumn.NUMBER:
            return self._bold
        if role == Qt.ItemDataRole.TextAlignmentRole and column is ReadingColumn.TIME:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        return None


def _whole_name(row: Row) -> str:
    result = row.result
    name = str(result.path or result.title)
    return f"{name}, page {result.page.number}" if result.page else name


def _text(row: Row, column: ReadingColumn) -> str:
    if column is ReadingColumn.PHOTO:
        return row.result.title
    if column is ReadingColumn.NUMBER:
        return row.text or "—"
    if column is ReadingColumn.CONFIDENCE:
        return row.detail
    if column is ReadingColumn.TIME:
        return duration(row.result.reading.milliseconds) if row.result.reading is not None else ""
    return row.note
