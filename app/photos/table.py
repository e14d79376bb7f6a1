"""The table of readings of many photos: sorts, filters by confidence, exports, copies."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QItemSelection, QItemSelectionModel, QModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QSlider,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from app.photos.results import PhotoResult, Row
from app.photos.table_model import COLUMNS, ReadingColumn, ReadingsModel
from app.ui.actions import tool_button
from app.ui.labels import QuietLine
from training.ui import wording
from training.ui.tables import menu_on, show_rows


class ReadingsTable(QWidget):
    """Shows a `ReadingsModel`. The actions are made by the page, which also has them in its menus."""

    row_chosen = Signal(object)
    """The current row is another one: its `Row`."""

    def __init__(
        self,
        model: ReadingsModel,
        *,
        doubtful: QAction,
        review: QAction,
        copy: QAction,
        export: QAction,
        close: QAction,
    ) -> None:
        super().__init__()
        self._doubtful = doubtful
        doubtful.toggled.connect(self._on_doubtful)
        self._model = model
        self._quiet = False
        self._slider = QSlider(Qt.Orientation.Horizontal)
        self._slider.setRange(0, 99)
        self._slider.setPageStep(10)
        self._slider.setFixedWidth(self.fontMetrics().height() * 9)
        self._slider.setAccessibleName("Show numbers from this confidence on")
        self._slider.setToolTip("Hide numbers that are less sure")
        self._slider.valueChanged.connect(self._on_slider)
        self._least = QLabel()
        self._least.setMinimumWidth(self.fontMetrics().horizontalAdvance("from 99% on "))
        self._count = QuietLine()
        top = QHBoxLayout()
        top.setContentsMargins(0, 0, 0, 0)
        top.addWidget(self._count, 1)
        top.addWidget(tool_button(review))
        top.addWidget(tool_button(doubtful))
        top.addWidget(QLabel("Show"))
        top.addWidget(self._slider)
        top.addWidget(self._least)
        for action in (copy, export, close):
            top.addWidget(tool_button(action, words=False))
        self._table = QTableView()
        self._table.setModel(model)
        self._table.horizontalHeader().setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        self._table.setSortingEnabled(True)
        show_rows(self._table, "Readings")
        self._table.setAlternatingRowColors(True)
        self._table.setFrameShape(QFrame.Shape.NoFrame)
        self._table.verticalHeader().setDefaultSectionSize(round(self.fontMetrics().height() * 1.6))
        header = self._table.horizontalHeader()
        header.setHighlightSections(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        em = self.fontMetrics().height()
        widths = {
            ReadingColumn.PHOTO: 11,
            ReadingColumn.NUMBER: 6,
            ReadingColumn.CONFIDENCE: 9,
            ReadingColumn.TIME: 4,
        }
        for column, width in widths.items():
            header.resizeSection(COLUMNS.index(column), round(width * em))
        header.setSectionResizeMode(COLUMNS.index(ReadingColumn.NOTE), QHeaderView.ResizeMode.Stretch)
        self._table.selectionModel().currentRowChanged.connect(lambda now, before: self._on_current())
        # After the view, which is connected since `setModel`: what was chosen stays in sight in any order.
        model.layoutChanged.connect(self._on_sorted)
        self._table.selectionModel().selectionChanged.connect(self._on_selection)
        menu_on(self._table, [copy, export, close])
        column_layout = QVBoxLayout(self)
        column_layout.setContentsMargins(0, 4, 0, 0)
        column_layout.setSpacing(4)
        column_layout.addLayout(top)
        column_layout.addWidget(self._table, 1)
        model.counts_changed.connect(self._show_counts)
        self._on_slider(0)

    @property
    def table(self) -> QTableView:
        return self._table

    @property
    def slider(self) -> QSlider:
        return self._slider

    @property
    def count_text(self) -> str:
        return self._count.words

    def has_keyboard(self) -> bool:
        return self._table.hasFocus()

    def shown(self) -> list[Row]:
        """The rows that the filter leaves, in their order."""
        return self._model.shown

    def selected(self) -> list[Row]:
        """The selected rows, in the table's order; all that are shown where none is."""
        places = sorted(index.row() for index in self._table.selectionModel().selectedRows())
        return [self._model.row(place) for place in places] if places else self._model.shown

    def choose(self, result: PhotoResult, place: int | None = None) -> None:
        """Make a result's row the current one, without a word; `place`: the number's, None for its first row."""
        at = self._model.find(result.key, place)
        if at is not None:
            self._quiet = True
            self._select(at)
            self._quiet = False

    def show_current(self) -> None:
        """Tell of the current row again."""
        self._on_current()

    def step(self, step: int) -> None:
        """Go on to the next photo (1) or back (-1)."""
        shown = self._model.shown
        at = self._table.currentIndex().row()
        here = shown[at].result.key if 0 <= at < len(shown) else None
        rows: Sequence[int] = range(at + 1, len(shown)) if step > 0 else range(at - 1, -1, -1)
        target = next((i for i in rows if shown[i].result.key != here), None)
        if target is None:
            return
        if step < 0:  # to the first row of that photo
            key = shown[target].result.key
            while target > 0 and shown[target - 1].result.key == key:
                target -= 1
        self._select(target)

    def _select(self, row: int) -> None:
        """Make this row the current one, whatever keys are held (`selectRow` adds a row while Ctrl is)."""
        flag = QItemSelectionModel.SelectionFlag
        index, selection = self._model.index(row, 0), self._table.selectionModel()
        # One of several that are selected becomes the current one, and they all stay selected.
        kept = selection.isRowSelected(row, QModelIndex())
        selection.setCurrentIndex(index, flag.NoUpdate if kept else flag.ClearAndSelect | flag.Rows)
        self._table.scrollTo(index)

    def minimumSizeHint(self) -> QSize:
        em = self.fontMetrics().height()
        return QSize(20 * em, 8 * em)

    def sizeHint(self) -> QSize:
        em = self.fontMetrics().height()
        return QSize(40 * em, 14 * em)

    def _on_current(self) -> None:
        at = self._table.currentIndex().row()
        if not self._quiet and 0 <= at < self._model.rowCount():
            self.row_chosen.emit(self._model.row(at))

    def _on_selection(self, selected: QItemSelection, deselected: QItemSelection) -> None:
        self._show_counts()

    def _on_sorted(self) -> None:
        # A click on a column's head has another order now.
        self._doubtful.setChecked(self._model.is_doubtful_first)
        if self._table.currentIndex().isValid():
            self._table.scrollTo(self._table.currentIndex())

    def _on_doubtful(self, on: bool) -> None:
        if on == self._model.is_doubtful_first:
            return
        if on:
            self._table.horizontalHeader().setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        self._model.set_doubtful_first(on)

    def _on_slider(self, value: int) -> None:
        at = self._table.currentIndex().row()
        chosen = self._model.row(at) if 0 <= at < self._model.rowCount() else None
        self._model.set_least(value / 100)
        if chosen is not None:
            self.choose(chosen.result, chosen.place)
        self._least.setText(f"from {value}% on" if value else "all")
        self._show_counts()

    def _show_counts(self) -> None:
        photos, numbers, problems = self._model.counts
        parts = [wording.counted(photos, "photo"), wording.counted(numbers, "number")]
        if problems:
            parts.append(f"{wording.count(problems)} could not be read")
        if self._slider.value():
            parts.append(f"{wording.count(self._model.rowCount())} shown")
        chosen = len(self._table.selectionModel().selectedRows())
        if chosen > 1:
            parts.append(f"{wording.count(chosen)} selected")
        self._count.setText(" · ".join(parts))
