"""A layout that sets widgets side by side and starts a new row where the width ends."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtWidgets import QLayout, QLayoutItem, QWidget


class FlowLayout(QLayout):
    """Left to right, then down. All rows are as high as their highest widget.

    stretch: the widgets of a row share its whole width evenly. centred: rows stand in the middle; it would like to
    have all of them in one.
    """

    def __init__(
        self, parent: QWidget | None = None, *, spacing: int = 8, stretch: bool = False, centred: bool = False
    ) -> None:
        super().__init__(parent)
        self._items: list[QLayoutItem] = []
        self._stretch = stretch
        self._centred = centred
        self.setSpacing(spacing)
        self.setContentsMargins(0, 0, 0, 0)

    def addItem(self, item: QLayoutItem) -> None:
        self._items.append(item)

    def count(self) -> int:
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def expandingDirections(self) -> Qt.Orientation:
        return Qt.Orientation(0)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return self._arrange(QRect(0, 0, width, 0), place=False)

    def sizeHint(self) -> QSize:
        if not self._centred:
            return self.minimumSize()
        sizes = [item.sizeHint() for item in self._visible()]
        wide = sum(size.width() for size in sizes) + self.spacing() * max(len(sizes) - 1, 0)
        return QSize(wide, max((size.height() for size in sizes), default=0))

    def minimumSize(self) -> QSize:
        size = QSize()
        for item in self._visible():
            size = size.expandedTo(item.minimumSize())
        margins = self.contentsMargins()
        return size + QSize(margins.left() + margins.right(), margins.top() + margins.bottom())

    def setGeometry(self, rect: QRect) -> None:
        super().setGeometry(rect)
        self._arrange(rect, place=True)

    def _visible(self) -> list[QLayoutItem]:
        return [item for item in self._items if not item.isEmpty()]

    def _rows(self, width: int) -> list[list[QLayoutItem]]:
        rows: list[list[QLayoutItem]] = []
        used = 0
        for item in self._visible():
            # Widgets that share the width need not be as wide as they would like to be.
            wide = item.minimumSize().width() if self._stretch else item.sizeHint().width()
            if not rows or used + self.spacing() + wide > width:
                rows.append([])
                used = -self.spacing()
            rows[-1].append(item)
            used += self.spacing() + wide
        return rows

    def _arrange(self, rect: QRect, *, place: bool) -> int:
        margins = self.contentsMargins()
        area = rect.marginsRemoved(margins)
        rows = self._rows(area.width())
        columns = max((len(row) for row in rows), default=1)
        y = area.y()
        for row in rows:
            even = (area.width() - (columns - 1) * self.spacing()) // columns
            widths = [even if self._stretch else min(item.sizeHint().width(), area.width()) for item in row]
            heights = [
                item.heightForWidth(width) if item.hasHeightForWidth() else item.sizeHint().height()
                for item, width in zip(row, widths, strict=True)
            ]
            high = max(heights)
            if place:
                used = sum(widths) + self.spacing() * (len(widths) - 1)
                x = area.x() + (max(area.width() - used, 0) // 2 if self._centred else 0)
                for item, width in zip(row, widths, strict=True):
                    item.setGeometry(QRect(QPoint(x, y), QSize(width, high)))
                    x += width + self.spacing()
            y += high + self.spacing()
        return y - self.spacing() * bool(rows) - rect.y() + margins.bottom()
