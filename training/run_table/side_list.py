"""The list of runs at the window's left: newest first, each with its sign, recipe, time and best dev cost."""

from __future__ import annotations

import math
from pathlib import Path

from PySide6.QtCore import (
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QFont, QKeySequence, QPainter, QPalette, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QLineEdit,
    QListView,
    QMenu,
    QPushButton,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from training.run_table.model import RUN_ROLE, STATUS_STYLES, RunColumn, RunsModel, RunsOrder, status_text
from training.runs.run_action import RunAction
from training.runs.run_list import RunSummary
from training.ui import wording
from training.ui.labels import QuietLabel
from training.ui.theme import Colors, pen

_SORTS = (
    ("newest first", RunColumn.DATE, Qt.SortOrder.DescendingOrder),
    ("best dev cost first", RunColumn.DEV_COST, Qt.SortOrder.AscendingOrder),
    ("best test first", RunColumn.TEST, Qt.SortOrder.DescendingOrder),
    ("by name", RunColumn.TITLE, Qt.SortOrder.AscendingOrder),
    ("by status", RunColumn.STATUS, Qt.SortOrder.AscendingOrder),
)


class RunDelegate(QStyledItemDelegate):
    """Paints a run in two lines."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(120, 2 * option.fontMetrics.height() + 14)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        run: RunSummary = index.data(RUN_ROLE)
        self.initStyleOption(option, index)
        option.text = ""
        widget = option.widget
        widget.style().drawControl(QStyle.ControlElement.CE_ItemViewItem, option, painter, widget)
        palette: QPalette = option.palette
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        theme = Colors.of(palette)
        active = QPalette.ColorGroup.Active if widget.isActiveWindow() else QPalette.ColorGroup.Inactive
        text = palette.color(active, QPalette.ColorRole.HighlightedText) if chosen else theme.text
        quiet = QColor(text) if chosen else theme.muted
        look = STATUS_STYLES[run.status]
        sign = text if chosen else getattr(theme, look.colour)
        area: QRect = option.rect.adjusted(8, 6, -8, -6)
        line = option.fontMetrics.height()
        painter.save()
        if option.state & QStyle.StateFlag.State_HasFocus:
            # The keyboard's place: also where it is not the selected run.
            painter.setPen(pen(text, width=1, dashes=(2, 2)))
            painter.drawRect(option.rect.adjusted(1, 1, -2, -2))
        bold = QFont(option.font)
        bold.setBold(True)
        painter.setFont(bold)
        painter.setPen(sign)
        gap = round(1.5 * line)
        painter.drawText(
            QRect(area.topLeft(), QSize(gap - 4, line)), Qt.AlignmentFlag.AlignHCenter, look.sign
        )
        figure = wording.cost(run.best_dev_cost) if math.isfinite(run.best_dev_cost) else ""
        painter.setFont(option.font)
        wide = painter.fontMetrics().horizontalAdvance(figure) + 6 if figure else 0
        painter.setPen(text)
        painter.drawText(
            QRect(area.left(), area.top(), area.width(), line), Qt.AlignmentFlag.AlignRight, figure
        )
        painter.setFont(bold)
        first = QRect(area.left() + gap, area.top(), area.width() - gap - wide, line)
        name = painter.fontMetrics().elidedText(run.title, Qt.TextElideMode.ElideRight, first.width())
        painter.drawText(first, Qt.AlignmentFlag.AlignLeft, name)
        painter.setFont(option.font)
        painter.setPen(quiet)
        second = first.translated(0, line + 2)
        second.setRight(area.right())
        words = f"{wording.clock(run.date)} · {status_text(run).partition(' ')[2]}"
        if run.notes:
            words += f" · {' '.join(run.notes.split())}"
        painter.drawText(
            second, Qt.AlignmentFlag.AlignLeft,
            painter.fontMetrics().elidedText(words, Qt.TextElideMode.ElideRight, second.width()),
        )  # fmt: skip
        painter.restore()


class RunsPanel(QWidget):
    """Chooses what the right side shows: a new run, one run, or several to compare."""

    new_asked = Signal()
    selection_changed = Signal(object)
    """tuple[Path, …]: the selected runs in the order shown."""
    all_asked = Signal()
    action_requested = Signal(object, object)
    """RunAction, and tuple[Path, …]."""
    copy_asked = Signal()

    def __init__(self, model: RunsModel, order: RunsOrder, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model, self._order = model, order
        self._telling = True
        self._last: tuple[Path, ...] = ()
        self.new = QPushButton("&New run", self)
        self.new.setCheckable(True)
        self.new.setShortcut(QKeySequence.StandardKey.New)
        self.new.setToolTip(f"Make a new run ({self.new.shortcut().toString()})")
        self.new.clicked.connect(self._on_new)
        self._filter = QLineEdit(self)
        self._filter.setPlaceholderText("Filter")
        self._filter.setClearButtonEnabled(True)
        self._filter.setAccessibleName("Filter runs")
        self._filter.textChanged.connect(self._on_filter)
        self._sort = QComboBox(self)
        self._sort.setAccessibleName("Order of runs")
        for text, column, direction in _SORTS:
            self._sort.addItem(text, (column, direction))
        self._sort.activated.connect(self._on_sort)
        self.view = QListView(self)
        self.view.setModel(order)
        self.view.setModelColumn(RunColumn.TITLE)
        self.view.setItemDelegate(RunDelegate(self.view))
        self.view.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.view.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.view.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.view.setAccessibleName("Runs")
        self.view.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.view.customContextMenuRequested.connect(self._on_menu)
        self.view.selectionModel().selectionChanged.connect(self._on_selection)
        self._hint = QuietLabel(parent=self)
        self._hint.setWordWrap(True)
        self._all = QPushButton("Ta&ble of all runs", self)
        self._all.setCheckable(True)
        self._all.clicked.connect(self._on_all)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 10, 4, 10)
        layout.addWidget(self.new)
        # Above each other: side by side, large letters would cut both.
        layout.addWidget(self._filter)
        layout.addWidget(self._sort)
        layout.addWidget(self.view, 1)
        layout.addWidget(self._hint)
        layout.addWidget(self._all)
        shortcut = QShortcut(QKeySequence.StandardKey.Delete, self.view)
        shortcut.setContext(Qt.ShortcutContext.WidgetShortcut)
        shortcut.activated.connect(lambda: self.action_requested.emit(RunAction.DELETE, self.selected()))
        for rows in (model, order):
            rows.rowsInserted.connect(lambda *_: self._write_hint())
            rows.rowsRemoved.connect(lambda *_: self._write_hint())
        self._sort.setMinimumContentsLength(8)
        self._sort.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self._write_hint()

    def selected(self) -> tuple[Path, ...]:
        """The selected runs in the order shown."""
        # Select All in a list takes the columns that it does not show, too.
        rows = sorted({index.row() for index in self.view.selectionModel().selectedIndexes()})
        return tuple(self._order.index(row, 0).data(RUN_ROLE).path for row in rows)

    def select(self, path: Path) -> bool:
        """Select one run alone. False if there is none of this path (yet)."""
        index = self._order.mapFromSource(self._model.index(self._model.row_of(path), RunColumn.TITLE))
        if not index.isValid():
            return False
        self.view.setCurrentIndex(index)
        self.view.selectionModel().select(index, QItemSelectionModel.SelectionFlag.ClearAndSelect)
        self.view.scrollTo(index)
        return True

    def show_mode(self, mode: str) -> None:
        """Which of “new”, “all” or “runs” the right side shows; the first two have no run selected."""
        self.new.setChecked(mode == "new")
        self._all.setChecked(mode == "all")
        if mode != "runs":
            self._telling = False
            self.view.clearSelection()
            self._telling = True
        self._write_hint()

    def _on_new(self) -> None:
        self.new_asked.emit()

    def _on_filter(self, text: str) -> None:
        self._order.set_filter(text)
        self._write_hint()

    def _on_all(self) -> None:
        self.all_asked.emit()

    def _on_sort(self) -> None:
        column, direction = self._sort.currentData()
        self._order.sort(column, direction)

    def _on_selection(self) -> None:
        self._write_hint()
        # The selection model also speaks up when a run comes or goes and the same ones stay selected.
        selected = self.selected()
        is_new, self._last = set(selected) != set(self._last), selected
        if is_new and self._telling:
            self.selection_changed.emit(selected)

    def _on_menu(self, at: QPoint) -> None:
        runs = self.selected()
        if not runs:
            return
        menu = self.make_menu(runs)
        menu.exec(self.view.viewport().mapToGlobal(at))

    def make_menu(self, runs: tuple[Path, ...]) -> QMenu:
        """What can be done with the runs that are selected."""
        menu = QMenu(self)

        def add(action: RunAction) -> None:
            line = menu.addAction(action.label, lambda: self.action_requested.emit(action, runs))
            line.setToolTip(action.tip)

        if len(runs) == 1:
            for action in (RunAction.RENAME, RunAction.NOTES, RunAction.SHOW_FOLDER):
                add(action)
        menu.addAction("&Copy the list", self.copy_asked.emit)
        menu.addSeparator()
        add(RunAction.DELETE)
        return menu

    def _write_hint(self) -> None:
        n = len(self.selected())
        if self._model.rowCount() == 0:
            text = "No runs yet. They are listed here, and found again after a restart."
        elif self._order.rowCount() == 0:
            text = "No run has these words."
        elif n > 1:
            text = f"Comparing {n} runs."
        else:
            text = "Select several to compare them."
        self._hint.setText(text)
