"""The list of learnings: when, of what, what came of it, and the way back."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QIcon, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QHeaderView,
    QLabel,
    QMessageBox,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from core.base.files import csv_text, write_text
from core.collection.learnings import Learning, Result
from training.runs.learning import RECIPES
from training.runs.model_kinds import KINDS
from training.ui import wording
from training.ui.geometry import ScreenFit
from training.window.model_switch import ModelSwitch

HEADS = ("When", "Learned from", "Model", "What came of it", "Now")


class LearningsDialog(QDialog):
    """One row a run, the newest learning first."""

    def __init__(
        self, learnings: Sequence[Learning], switch: ModelSwitch, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("What was learned")
        self.resize(900, 360)
        ScreenFit(self)
        self._switch = switch
        self._rows = [
            (learning, run, result) for learning in learnings for run, result in learning.runs.items()
        ]
        self.table = QTableWidget(len(self._rows), len(HEADS), self)
        self.table.setHorizontalHeaderLabels(list(HEADS))
        self.table.setAccessibleName("Learnings")
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.setWordWrap(True)
        self.table.verticalHeader().hide()
        # Follows the width of the sentences, which is known only once the dialog is shown.
        self.table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header = self.table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(HEADS.index("What came of it"), QHeaderView.ResizeMode.Stretch)
        self._details = QLabel(self)
        self._details.setWordWrap(True)
        self._details.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        buttons.rejected.connect(self.reject)
        for button in buttons.buttons():
            button.setIcon(QIcon())  # Fusion's are black, which a dark window swallows
        self.back = QPushButton("Switch &back", self)
        self.back.setToolTip("Read with the model from before this learning again")
        buttons.addButton(self.back, QDialogButtonBox.ButtonRole.ActionRole)
        self.back.clicked.connect(self._on_back)
        copy, export = QPushButton("Cop&y", self), QPushButton("E&xport…", self)
        copy.setToolTip("Copy the list as CSV (Ctrl+C)")
        copy.clicked.connect(self.copy)
        export.setToolTip("Write the list to a CSV file")
        export.clicked.connect(self._on_export)
        for button in (copy, export):
            buttons.addButton(button, QDialogButtonBox.ButtonRole.ActionRole)
            button.setAutoDefault(False)
        shortcut = QShortcut(QKeySequence.StandardKey.Copy, self.table)
        shortcut.setContext(Qt.ShortcutContext.WidgetShortcut)
        shortcut.activated.connect(self.copy)
        layout = QVBoxLayout(self)
        if not self._rows:
            nothing = QLabel("Nothing was learned from corrections yet.", self)
            nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
            layout.addWidget(nothing, 1)
            for unused in (self.table, self._details, self.back, copy, export):
                unused.hide()
        layout.addWidget(self.table, 1)
        layout.addWidget(self._details)
        layout.addWidget(buttons)
        self._fill()
        self.table.itemSelectionChanged.connect(self._on_selected)
        if self._rows:
            self.table.selectRow(0)
        self._on_selected()

    def _fill(self) -> None:
        for at, row in enumerate(self._rows):
            for column, text in enumerate(self._texts(*row)):
                item = QTableWidgetItem(text)
                item.setToolTip(row[1])
                self.table.setItem(at, column, item)

    def _texts(self, learning: Learning, run: str, result: Result) -> tuple[str, ...]:
        return (
            time.strftime("%Y-%m-%d %H:%M", time.localtime(learning.time)),
            _made_of(learning),
            _model_of(run),
            result.sentence or "not measured yet",
            self._state(result),
        )

    def as_csv(self) -> str:
        """The list, with all that was measured."""
        rows = ((*self._texts(*row), "\n".join(row[2].lines), row[1]) for row in self._rows)
        return csv_text((*HEADS, "Measured", "Run"), rows)

    def copy(self) -> None:
        """The whole list, as CSV, into the clipboard."""
        QGuiApplication.clipboard().setText(self.as_csv())

    def _on_export(self) -> None:
        chosen, _ = QFileDialog.getSaveFileName(
            self, "Export the list of learnings", "learnings.csv", "*.csv"
        )
        if not chosen:
            return
        try:
            write_text(Path(chosen), self.as_csv())
        except OSError as error:
            reason = error.strerror or error
            QMessageBox.warning(
                self, "Export the list of learnings", f"{chosen} can't be written ({reason})."
            )

    def _state(self, result: Result) -> str:
        if result.model and self._switch.is_in_use(Path(result.model)):
            return "in use"
        return {None: "", True: "used before", False: "not used"}[result.used]

    def _selected(self) -> Result | None:
        row = self.table.currentRow()
        return self._rows[row][2] if 0 <= row < len(self._rows) else None

    def _on_selected(self) -> None:
        result = self._selected()
        self._details.setText("" if result is None else "\n".join(result.lines))
        self.back.setEnabled(
            result is not None and bool(result.model) and self._switch.is_in_use(Path(result.model))
        )

    def _on_back(self) -> None:
        result = self._selected()
        if result is not None:
            self._switch.switch_back(Path(result.model))
            self._fill()
            self._on_selected()


def _model_of(run: str) -> str:
    """Which model a run trained, by its name: “line reader”. The name itself where it is none of ours."""
    kinds = [kind for kind, recipe in RECIPES.items() if run.startswith(recipe)]
    # “finetune” begins the names of the others, too.
    return KINDS[max(kinds, key=lambda kind: len(RECIPES[kind]))].title if kinds else run


def _made_of(learning: Learning) -> str:
    parts = [
        wording.counted(len(learning.digits), "digit"),
        wording.counted(len(learning.numbers), "number"),
    ]
    there = [text for text, n in zip(parts, (learning.digits, learning.numbers), strict=True) if n]
    return f"{', '.join(there) or 'nothing'}; {len(learning.held)} held back"
