"""The pictures of a collection in rows: a model, how an item is painted, and the keys that label."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QItemSelectionModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QImage, QKeyEvent, QPainter, QPalette
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from app.collection.thumbnails import Thumbnails, fitted_rect
from app.ui.icons import draw_icon
from core.collection.items import Item, key_of
from core.collection.mistakes import Suspicion
from training.ui.theme import Colors

Index = QModelIndex | QPersistentModelIndex
_NO_PARENT = QModelIndex()
KINDS = {"drawing": "drawn", "photo": "photo", "camera": "camera"}


class CollectionModel(QAbstractListModel):
    """The items shown, in order. An item that is relabelled stays where it is until another filter is set."""

    def __init__(self, thumbnails: Thumbnails, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._items: list[Item] = []
        self._rows: dict[str, int] = {}
        self._suspicions: Mapping[str, Suspicion] = {}
        self._relabelled: set[str] = set()
        self.thumbnails = thumbnails
        thumbnails.ready.connect(self._on_ready)

    @property
    def items(self) -> Sequence[Item]:
        return self._items

    def item(self, row: int) -> Item:
        return self._items[row]

    def row_of(self, key: str) -> int:
        """Where an item stands; -1 where it is not shown."""
        return self._rows.get(key, -1)

    def set_items(self, items: Sequence[Item]) -> None:
        """Show these and no others."""
        if self._items == list(items):
            self._relabelled.clear()
            return
        self.beginResetModel()
        self._items = list(items)
        self._relabelled.clear()
        self._number()
        self.endResetModel()

    def replace(self, key: str, item: Item) -> None:
        """Another item takes a place."""
        row = self._rows.pop(key)
        self._items[row] = item
        self._rows[key_of(item)] = row
        self._relabelled.add(key_of(item))
        self.dataChanged.emit(self.index(row), self.index(row))

    def remove(self, key: str) -> int:
        """Take an item away; returns where it stood."""
        row = self._rows[key]
        self.beginRemoveRows(_NO_PARENT, row, row)
        del self._items[row]
        self._number()
        self.endRemoveRows()
        return row

    def insert(self, row: int, item: Item) -> None:
        row = min(row, len(self._items))
        self.beginInsertRows(_NO_PARENT, row, row)
        self._items.insert(row, item)
        self._number()
        self.endInsertRows()

    def set_suspicions(self, suspicions: Mapping[str, Suspicion]) -> None:
        self._suspicions = suspicions
        if self._items:
            self.dataChanged.emit(self.index(0), self.index(len(self._items) - 1))

    def suspicion(self, item: Item) -> Suspicion | None:
        return self._suspicions.get(key_of(item))

    def is_relabelled(self, item: Item) -> bool:
        """Whether it got this label since the items were set."""
        return key_of(item) in self._relabelled

    def rowCount(self, parent: Index = _NO_PARENT) -> int:
        return 0 if parent.isValid() else len(self._items)

    def data(self, index: Index, role: int = 0) -> Any:
        if not index.isValid():
            return None
        item = self._items[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return item.words
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            suspicion = self.suspicion(item)
            read = f", was read as {item.was_read}" if item.was_read else ""
            doubt = f". {suspicion.reason}" if suspicion is not None else ""
            return f"{item.words}, {KINDS.get(item.kind, item.kind)}{read}{doubt}"
        return None

    def _number(self) -> None:
        self._rows = {key_of(item): row for row, item in enumerate(self._items)}

    def _on_ready(self, key: str) -> None:
        row = self._rows.get(key)
        if row is not None:
            self.dataChanged.emit(self.index(row), self.index(row))


class ItemDelegate(QStyledItemDelegate):
    """An item: its picture, its label below, and marks for what is likely to be wrong or was put right."""

    def __init__(self, model: CollectionModel, parent: QWidget) -> None:
        super().__init__(parent)
        self._model = model
        em = parent.fontMetrics().height()
        self.size = QSize(round(em * 6.6), round(em * 6.4))
        self._picture = QSize(round(em * 6), round(em * 4.4))

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return self.size

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        item = self._model.item(index.row())
        colors = Colors.of(option.palette)
        rect, em = option.rect, option.fontMetrics.height()
        is_chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if is_chosen:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(option.palette.brush(QPalette.ColorRole.Highlight))
            painter.drawRoundedRect(QRectF(rect).adjusted(2, 2, -2, -2), 4, 4)
        area = QRect(rect.x(), rect.y() + round(em * 0.3), rect.width(), self._picture.height())
        area.adjust(
            (rect.width() - self._picture.width()) // 2, 0, (self._picture.width() - rect.width()) // 2, 0
        )
        self._paint_picture(painter, self._model.thumbnails.get(item), area, colors)
        words = QRect(rect.x() + 4, area.bottom() + 1, rect.width() - 8, rect.bottom() - area.bottom() - 2)
        role = QPalette.ColorRole.HighlightedText if is_chosen else QPalette.ColorRole.Text
        ink = option.palette.color(role)
        mark = "warning" if self._model.suspicion(item) else "sure" if self._model.is_relabelled(item) else ""
        side = round(em * 0.9)
        beside = words.adjusted(0, 0, -side - 2, 0) if mark else words
        text = option.fontMetrics.elidedText(item.words, Qt.TextElideMode.ElideMiddle, beside.width())
        # In the middle of the picture's width, but where it is so long that the mark would stand on it.
        fits = option.fontMetrics.horizontalAdvance(text) <= words.width() - 2 * (side + 2)
        painter.setPen(ink)
        painter.drawText(words if fits else beside, Qt.AlignmentFlag.AlignCenter, text)
        if mark:
            colour = ink if is_chosen else colors.warning if mark == "warning" else colors.good
            place = QRectF(words.right() - side, words.center().y() - side / 2 + 1, side, side)
            draw_icon(painter, mark, place, colour)
        if option.state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(colors.accent if not is_chosen else ink)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(rect).adjusted(2.5, 2.5, -2.5, -2.5), 4, 4)
        painter.restore()

    @staticmethod
    def _paint_picture(painter: QPainter, image: QImage | None, area: QRect, colors: Colors) -> None:
        if image is None or image.isNull():
            painter.setPen(colors.edge)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(area.adjusted(area.width() // 6, 0, -area.width() // 6, -1))
            if image is not None:
                painter.setPen(colors.muted)
                painter.drawText(area, Qt.AlignmentFlag.AlignCenter, "damaged")
            return
        place = fitted_rect(image.size(), area)
        # A few pixels of a digit are to be seen as such.
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, image.width() > place.width())
        painter.drawImage(place, image)
        painter.setPen(colors.edge)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(place.adjusted(0, 0, -1, -1))


class Grid(QListView):
    """The items; keys label what is chosen."""

    label_typed = Signal(str)
    """A digit, or "" for no digit."""
    confirmed = Signal()
    """Enter: what is chosen is to be looked at."""

    def __init__(self, model: CollectionModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self.setModel(model)
        delegate = ItemDelegate(model, self)
        self.setItemDelegate(delegate)
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setMovement(QListView.Movement.Static)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setUniformItemSizes(True)
        self.setGridSize(delegate.size)
        self.setSelectionMode(QListView.SelectionMode.ExtendedSelection)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setFrameShape(QListView.Shape.NoFrame)
        self.setAccessibleName("What was collected")

    @property
    def chosen(self) -> list[Item]:
        """The selected items, in the order of the rows."""
        rows = sorted(index.row() for index in self.selectionModel().selectedIndexes())
        return [self._model.item(row) for row in rows]

    def choose(self, row: int) -> None:
        """Make this row alone the chosen one, and show it; none for -1 or an empty list."""
        row = min(row, self._model.rowCount() - 1)
        if row < 0:
            self.clearSelection()
            return
        flag = QItemSelectionModel.SelectionFlag
        self.selectionModel().setCurrentIndex(self._model.index(row), flag.ClearAndSelect)
        self.scrollTo(self._model.index(row))

    def choose_all(self, rows: Sequence[int]) -> None:
        """Choose these rows and no others; the first one is shown."""
        self.choose(rows[0])
        for row in rows[1:]:
            self.selectionModel().select(self._model.index(row), QItemSelectionModel.SelectionFlag.Select)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        text = event.text()
        plain = event.modifiers() in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier)
        if plain and text and text in "0123456789":
            self.label_typed.emit(text)
        elif plain and text and text in "-–nN":
            self.label_typed.emit("")
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.confirmed.emit()
        else:
            super().keyPressEvent(event)
