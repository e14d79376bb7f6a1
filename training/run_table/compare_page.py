"""Several runs side by side: their curves in one plot, and what differs in their recipes and figures."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QLabel,
    QSplitter,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from training.curves.page import CurvesPage
from training.run_table.model import STATUS_STYLES
from training.runs.recipe_values import recipe_differences
from training.runs.state import RunView
from training.ui import wording

MOST = 8


def run_names(views: Sequence[RunView]) -> list[str]:
    """Short names that are unique: the runs' titles, with the time where these are alike, and a number where
    that is not enough."""
    titles = [view.title for view in views]
    alike = {title for title, n in Counter(titles).items() if n > 1}
    names = [
        f"{title} {wording.clock(view.started)}" if title in alike and view.started else title
        for title, view in zip(titles, views, strict=True)
    ]
    twice = {name for name, n in Counter(names).items() if n > 1}
    seen: Counter[str] = Counter()
    for i, name in enumerate(names):
        if name in twice:
            seen[name] += 1
            names[i] = f"{name} ({seen[name]})"
    return names


def comparison_rows(views: Sequence[RunView]) -> list[tuple[str, ...]]:
    """The table: a label, then each run's value; first what they reached, then what differs in their recipes."""
    rows: list[tuple[str, ...]] = [
        ("Status", *(STATUS_STYLES[view.status].word for view in views)),
        ("Best dev cost", *(_best(view) for view in views)),
        ("Test accuracy", *(_tested(view) for view in views)),
        ("Epochs", *(f"{view.epoch} of {view.epochs}" if view.epochs else wording.NONE for view in views)),
        ("Time", *(wording.duration(view.elapsed) for view in views)),
        ("Images/s", *(_speed(view) for view in views)),
        ("Device", *(view.device or wording.NONE for view in views)),
        (
            "Parameters",
            *(wording.count(view.parameters) if view.parameters else wording.NONE for view in views),
        ),
    ]
    known = [view for view in views if view.recipe is not None]
    differences = recipe_differences([view.recipe for view in known if view.recipe is not None])
    for difference in differences:
        values = dict(zip([view.path for view in known], difference.values, strict=True))
        rows.append((difference.label, *(values.get(view.path, wording.NONE) for view in views)))
    return rows


def _tested(view: RunView) -> str:
    return "not tested" if view.is_untested else wording.accuracy(view.test_accuracy)


def _best(view: RunView) -> str:
    if not math.isfinite(view.best_dev_cost):
        return wording.NONE
    return f"{wording.cost(view.best_dev_cost)} (epoch {view.best_epoch})"


def _speed(view: RunView) -> str:
    speeds = view.series.step_speed.values
    known = speeds[speeds > 0]
    return wording.count(float(sorted(known)[len(known) // 2])) if len(known) else wording.NONE


class ComparePage(QWidget):
    """Curves above, table below. At most eight runs, as many as there are distinct colours."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title = QLabel(self)
        font = self._title.font()
        font.setPointSizeF(font.pointSizeF() * 1.25)
        font.setBold(True)
        self._title.setFont(font)
        self.curves = CurvesPage(self)
        self.table = QTableWidget(self)
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setAlternatingRowColors(True)
        self.table.verticalHeader().hide()
        self.table.setAccessibleName("What differs")
        self.table.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        split = QSplitter(Qt.Orientation.Vertical, self)
        split.setChildrenCollapsible(False)
        split.addWidget(self.curves)
        split.addWidget(self.table)
        split.setStretchFactor(0, 3)
        split.setStretchFactor(1, 2)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 10, 12, 10)
        layout.addWidget(self._title)
        layout.addWidget(split, 1)
        shortcut = QShortcut(QKeySequence.StandardKey.Copy, self.table)
        shortcut.setContext(Qt.ShortcutContext.WidgetShortcut)
        shortcut.activated.connect(self.copy)
        self._rows: list[tuple[str, ...]] = []
        self._names: list[str] = []

    def show_views(self, views: Sequence[RunView], wanted: int) -> None:
        """The runs as they are now. wanted: how many were selected."""
        views = list(views)[:MOST]
        names = run_names(views)
        more = f" (the first {MOST} of {wanted})" if wanted > MOST else ""
        self._title.setText(f"Comparing {wording.counted(len(views), 'run')}{more}")
        self.curves.show_runs([view.series for view in views], names)
        rows = comparison_rows(views)
        if rows != self._rows or names != self._names:
            self._rows, self._names = rows, names
            self._fill()

    def _fill(self) -> None:
        self.table.setRowCount(len(self._rows))
        self.table.setColumnCount(len(self._names) + 1)
        self.table.setHorizontalHeaderLabels(["", *self._names])
        for y, row in enumerate(self._rows):
            for x, text in enumerate(row):
                item = QTableWidgetItem(text)
                item.setToolTip(text)
                self.table.setItem(y, x, item)
        for x, name in enumerate(self._names, 1):
            head = self.table.horizontalHeaderItem(x)
            if head is not None:
                head.setToolTip(name)
        header = self.table.horizontalHeader()
        # Three lines: a name that says what differs is longer than a column is wide.
        header.setMinimumHeight(3 * header.fontMetrics().lineSpacing() + 8)
        header.setMinimumSectionSize(90)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag(Qt.TextFlag.TextWordWrap))
        header.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.ResizeToContents)

    def copy(self) -> None:
        """Put the table into the clipboard, a line a row."""
        rows = [("", *self._names), *self._rows]
        QGuiApplication.clipboard().setText("\n".join("\t".join(row) for row in rows) + "\n")
