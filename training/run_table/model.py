"""All runs as a table, with the order and the filter that its views share."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QSortFilterProxyModel,
    Qt,
)

from core.base.files import csv_text
from training.runs.run_list import RunSummary
from training.runs.state import Status
from training.ui import wording

Index = QModelIndex | QPersistentModelIndex
RUN_ROLE = Qt.ItemDataRole.UserRole
SORT_ROLE = Qt.ItemDataRole.UserRole + 1


class RunColumn(IntEnum):
    """The columns, in order."""

    TITLE = 0
    STATUS = 1
    DEV_COST = 2
    TEST = 3
    EPOCHS = 4
    DURATION = 5
    DATE = 6
    NOTES = 7
    FOLDER = 8


_HEADS = ("Run", "Status", "Best dev cost", "Test accuracy", "Epochs", "Duration", "Date", "Notes", "Folder")
_NUMBERS = (RunColumn.DEV_COST, RunColumn.TEST, RunColumn.EPOCHS, RunColumn.DURATION)


@dataclass(frozen=True)
class StatusStyle:
    """How a status is shown: a sign, its word, and what colour of the theme says the same."""

    sign: str
    word: str
    colour: str


STATUS_STYLES = {
    Status.WAITING: StatusStyle("◷", "waiting", "muted"),
    Status.STARTING: StatusStyle("◌", "starting", "muted"),
    Status.RUNNING: StatusStyle("●", "running", "accent"),
    Status.PAUSED: StatusStyle("❚❚", "paused", "warning"),
    Status.STOPPING: StatusStyle("◍", "stopping", "warning"),
    Status.STOPPED: StatusStyle("■", "stopped", "muted"),
    Status.FINISHED: StatusStyle("✓", "finished", "good"),
    Status.FAILED: StatusStyle("✕", "failed", "bad"),
    Status.INTERRUPTED: StatusStyle("!", "interrupted", "warning"),
    Status.NEW: StatusStyle("○", "not started", "muted"),
}


def status_text(run: RunSummary) -> str:
    """“✓ finished”, “● running, epoch 7 of 40”."""
    look = STATUS_STYLES[run.status]
    if run.status.is_active and run.status is not Status.WAITING and run.epochs:
        return f"{look.sign} {look.word}, epoch {min(run.epoch + 1, run.epochs)} of {run.epochs}"
    return f"{look.sign} {look.word}"


def cell_text(run: RunSummary, column: RunColumn) -> str:
    """What a cell says."""
    match column:
        case RunColumn.TITLE:
            return run.title
        case RunColumn.STATUS:
            return status_text(run)
        case RunColumn.DEV_COST:
            return wording.cost(run.best_dev_cost) if math.isfinite(run.best_dev_cost) else ""
        case RunColumn.TEST:
            if run.is_untested and not run.status.is_active:
                return "not tested"
            return wording.accuracy(run.test_accuracy) if math.isfinite(run.test_accuracy) else ""
        case RunColumn.EPOCHS:
            return f"{run.epoch}/{run.epochs}" if run.epochs else ""
        case RunColumn.DURATION:
            return wording.duration(run.duration) if math.isfinite(run.duration) else ""
        case RunColumn.DATE:
            return wording.clock(run.date)
        case RunColumn.NOTES:
            return " ".join(run.notes.split())
        case RunColumn.FOLDER:
            return run.id


def sort_value(run: RunSummary, column: RunColumn) -> float | str:
    """What a column is ordered by; runs without a value come last when the best comes first."""
    match column:
        case RunColumn.DEV_COST:
            return run.best_dev_cost if math.isfinite(run.best_dev_cost) else math.inf
        case RunColumn.TEST:
            return run.test_accuracy if math.isfinite(run.test_accuracy) else -1.0
        case RunColumn.EPOCHS:
            return float(run.epoch)
        case RunColumn.DURATION:
            return run.duration if math.isfinite(run.duration) else -1.0
        case RunColumn.DATE:
            return run.date
        case RunColumn.STATUS:
            return float(list(Status).index(run.status))
        case _:
            return cell_text(run, column).lower()


class RunsModel(QAbstractTableModel):
    """The rows keep their places as runs change, so that selections stay."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._runs: list[RunSummary] = []

    def set_runs(self, runs: Sequence[RunSummary]) -> None:
        """The newest list; the views are notified only of what changed."""
        wanted = {run.path: run for run in runs}
        for row in range(len(self._runs) - 1, -1, -1):
            if self._runs[row].path not in wanted:
                self.beginRemoveRows(QModelIndex(), row, row)
                del self._runs[row]
                self.endRemoveRows()
        for row, old in enumerate(self._runs):
            new = wanted.pop(old.path)
            if new != old:
                self._runs[row] = new
                self.dataChanged.emit(self.index(row, 0), self.index(row, len(RunColumn) - 1))
        if wanted:
            first = len(self._runs)
            self.beginInsertRows(QModelIndex(), first, first + len(wanted) - 1)
            self._runs += wanted.values()
            self.endInsertRows()

    @property
    def runs(self) -> list[RunSummary]:
        return list(self._runs)

    def row_of(self, path: Path) -> int:
        """-1 where there is no such run."""
        return next((row for row, run in enumerate(self._runs) if run.path == path), -1)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 (Qt's signature)
        return 0 if parent.isValid() else len(self._runs)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 (Qt's signature)
        return 0 if parent.isValid() else len(RunColumn)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return _HEADS[section]
        return None

    def data(self, index: Index, role: int = 0) -> Any:
        if not index.isValid():
            return None
        run, column = self._runs[index.row()], RunColumn(index.column())
        if role == Qt.ItemDataRole.DisplayRole:
            return cell_text(run, column)
        if role == RUN_ROLE:
            return run
        if role == SORT_ROLE:
            return sort_value(run, column)
        if role == Qt.ItemDataRole.TextAlignmentRole and column in _NUMBERS:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        if role == Qt.ItemDataRole.ToolTipRole:
            return f"{run.title}\n{run.outcome.sentence if run.outcome is not None else run.id}"
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return describe(run) if column is RunColumn.TITLE else cell_text(run, column)
        return None


def describe(run: RunSummary) -> str:
    """A run in words, for screen readers: the parts a list shows in several places."""
    parts = [run.title, status_text(run)[2:], wording.clock(run.date)]
    if math.isfinite(run.best_dev_cost):
        parts.append(f"best dev cost {wording.cost(run.best_dev_cost)}")
    return ", ".join(parts)


class RunsOrder(QSortFilterProxyModel):
    """Sorted by any column, newest first at the beginning; filtered by words, and without hidden runs."""

    def __init__(self, model: RunsModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._words: list[str] = []
        self._hidden: frozenset[Path] = frozenset()
        self.setSortRole(SORT_ROLE)
        self.setSourceModel(model)
        self.setDynamicSortFilter(True)
        self.sort(RunColumn.DATE, Qt.SortOrder.DescendingOrder)

    def set_filter(self, text: str) -> None:
        """Keep the runs that have all of these words somewhere."""
        self._words = text.lower().split()
        self.invalidate()

    def set_hidden(self, hidden: frozenset[Path]) -> None:
        """Runs that are about to be deleted."""
        self._hidden = hidden
        self.invalidate()

    def filterAcceptsRow(self, row: int, parent: Index) -> bool:
        model = self.sourceModel()
        run = model.index(row, 0, parent).data(RUN_ROLE)
        if run is None or run.path in self._hidden:
            return False
        text = " ".join([run.recipe_name, *(cell_text(run, column) for column in RunColumn)]).lower()
        return all(word in text for word in self._words)

    def lessThan(self, left: Index, right: Index) -> bool:
        one, other = left.data(SORT_ROLE), right.data(SORT_ROLE)
        if one == other:
            return bool(left.data(RUN_ROLE).date < right.data(RUN_ROLE).date)
        return bool(one < other)

    def shown(self) -> list[RunSummary]:
        """The runs in the order they are shown."""
        return [self.index(row, 0).data(RUN_ROLE) for row in range(self.rowCount())]


def best_accuracies(runs: Sequence[RunSummary]) -> dict[str, float]:
    """The best test accuracy of each recipe that has one."""
    best: dict[str, float] = {}
    for run in runs:
        if math.isfinite(run.test_accuracy):
            best[run.recipe_name] = max(run.test_accuracy, best.get(run.recipe_name, 0.0))
    return best


def runs_csv(runs: Sequence[RunSummary]) -> str:
    """The list as CSV, one run a line, numbers as numbers."""
    header = (
        "name", "title", "recipe", "status", "best_dev_cost", "best_epoch", "test_accuracy", "test_n", "epochs_done",
        "epochs", "seconds", "started", "notes",
    )  # fmt: skip
    rows = [
        (
            run.id, run.title, run.recipe_name, str(run.status), _number(run.best_dev_cost), run.best_epoch,
            _number(run.test_accuracy), run.test_n, run.epoch, run.epochs, _number(run.duration),
            f"{run.date:.0f}", run.notes,
        ) for run in runs
    ]  # fmt: skip
    return csv_text(header, rows)


def _number(value: float) -> str:
    return f"{value:.8g}" if math.isfinite(value) else ""
