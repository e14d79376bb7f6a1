"""Search, kind and order of what is shown."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLineEdit, QWidget

from core.collection.items import Order

_KINDS = (("All kinds", ""), ("Drawn", "drawing"), ("Photos", "photo"), ("Camera", "camera"))
_ORDERS = (
    ("by label", Order.LABEL), ("newest first", Order.NEWEST), ("likely mistakes first", Order.MISTAKES),
)  # fmt: skip
_SEARCH_MS = 150


class FilterBar(QWidget):
    """`changed` follows typing after a moment."""

    changed = Signal()
    left = Signal()
    """Enter in the search field: on to what was found."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.search = QLineEdit(self)
        self.search.setPlaceholderText("Search labels, readings, files")
        self.search.setClearButtonEnabled(True)
        self.search.setAccessibleName("Search")
        self.kind, self.order = QComboBox(self), QComboBox(self)
        for words, kind in _KINDS:
            self.kind.addItem(words, kind)
        for words, order in _ORDERS:
            self.order.addItem(words, order)
        self.kind.setAccessibleName("Where it comes from")
        self.order.setAccessibleName("Order")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.search, 1)
        row.addWidget(self.kind)
        row.addWidget(self.order)
        self._typing = QTimer(self, singleShot=True, interval=_SEARCH_MS)
        self._typing.timeout.connect(self.changed)
        self.search.textChanged.connect(lambda: self._typing.start())
        self.search.returnPressed.connect(self.left)
        for box in (self.kind, self.order):
            box.currentIndexChanged.connect(lambda: self.changed.emit())

    @property
    def words(self) -> str:
        self._typing.stop()
        return self.search.text()

    @property
    def chosen_kind(self) -> str:
        return str(self.kind.currentData())

    @property
    def chosen_order(self) -> Order:
        order = self.order.currentData()
        assert isinstance(order, Order)
        return order

    def set_order(self, order: Order) -> None:
        self.order.setCurrentIndex(self.order.findData(order))

    def reset(self) -> None:
        """Let everything through."""
        self.search.clear()
        self.kind.setCurrentIndex(0)

    def begin(self) -> None:
        """Let the person type."""
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search.selectAll()
