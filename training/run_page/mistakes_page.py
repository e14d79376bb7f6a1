"""The worst mistakes of the test phase as a gallery, by source, by digit and by answer."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
)
from PySide6.QtGui import QGuiApplication, QImage, QKeySequence, QPainter, QPixmap, QShortcut
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QListView, QPushButton, QVBoxLayout, QWidget

from training.runs.model_cards import title_of
from training.runs.model_kinds import Kind
from training.runs.test_report import Mistake, TestReport, digit_name
from training.ui import wording
from training.ui.focus_ring import FocusRing
from training.ui.labels import QuietLabel

_SIDE = 72
Index = QModelIndex | QPersistentModelIndex


def filtered(
    mistakes: Sequence[Mistake], *, source: str = "", label: str = "", answer: str = ""
) -> list[Mistake]:
    """Those of one source, one true digit, one answer; empty: of all."""
    return [
        m for m in mistakes
        if source in ("", m.source) and label in ("", m.label) and answer in ("", m.answer)
    ]  # fmt: skip


def mistakes_table(mistakes: Sequence[Mistake], *, of_texts: bool = False) -> str:
    """For copying: tab-separated, with a head."""
    lines = [
        "source\tfile\tnumber\tread as\tconfidence" if of_texts else "source\tdigit\tread as\tconfidence"
    ]
    for m in mistakes:
        what = [m.file, m.label] if of_texts else [m.label]
        lines.append("\t".join([m.source, *what, m.answer, f"{m.confidence:.4f}"]))
    return "\n".join(lines) + "\n"


def _of_texts(report: TestReport | None) -> bool:
    """Whether whole texts were read wrong, in photos or rows, and not single digits."""
    return report is not None and report.kind != Kind.CLASSIFIER


class _MistakesModel(QAbstractListModel):
    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._mistakes: list[Mistake] = []
        self._sheet = QImage()
        self._size, self._columns, self._of_texts = 32, 20, False
        self._pictures: dict[int, QPixmap] = {}

    def set_report(self, report: TestReport | None, run: Path | None) -> None:
        """Whose sheet the pictures are cut from, and the folder that it lies in."""
        self._pictures.clear()
        has_sheet = report is not None and run is not None and report.sheet
        self._sheet = QImage(str(run / report.sheet)) if report and run and has_sheet else QImage()
        if report is not None:
            self._size, self._columns = report.size, report.columns
            self._of_texts = _of_texts(report)

    def set_mistakes(self, mistakes: list[Mistake]) -> None:
        self.beginResetModel()
        self._mistakes = mistakes
        self.endResetModel()

    @property
    def mistakes(self) -> list[Mistake]:
        return self._mistakes

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 (Qt's signature)
        return 0 if parent.isValid() else len(self._mistakes)

    def data(self, index: Index, role: int = 0) -> Any:
        if not index.isValid():
            return None
        mistake = self._mistakes[index.row()]
        sure = wording.chance(mistake.confidence)
        if role == Qt.ItemDataRole.DisplayRole:
            if mistake.file:
                confidence = f", {sure} sure" if mistake.confidence else ""
                return f"{mistake.text}{confidence}\n{mistake.file} · {title_of(mistake.source)}"
            return f"{mistake.label} → {mistake.answer}\n{sure}"
        if role == Qt.ItemDataRole.DecorationRole:
            return self._picture(mistake.index)
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            place = (
                f"{title_of(mistake.source)} ({mistake.file})" if mistake.file else title_of(mistake.source)
            )
            return f"{mistake.text}, {sure} sure, from {place}"
        return None

    def _picture(self, at: int) -> QPixmap:
        if at not in self._pictures:
            row, column = divmod(at, self._columns)
            place = QRect(column * self._size, row * self._size, self._size, self._size)
            there = self._sheet.rect().contains(place)
            tile = self._sheet.copy(place)
            image = _without_filling(tile) if self._of_texts else tile
            self._pictures[at] = _in_a_square(QPixmap.fromImage(image)) if there else QPixmap()
        return self._pictures[at]


def _in_a_square(picture: QPixmap) -> QPixmap:
    """As large as it fits, in the middle: rows of one height and words that begin at one place."""
    how = Qt.TransformationMode.FastTransformation  # a few pixels of a digit are to be seen as such
    if max(picture.width(), picture.height()) > _SIDE:
        how = Qt.TransformationMode.SmoothTransformation
    scaled = picture.scaled(_SIDE, _SIDE, Qt.AspectRatioMode.KeepAspectRatio, how)
    square = QPixmap(_SIDE, _SIDE)
    square.fill(Qt.GlobalColor.transparent)
    painter = QPainter(square)
    painter.drawPixmap((_SIDE - scaled.width()) // 2, (_SIDE - scaled.height()) // 2, scaled)
    painter.end()
    return square


def _without_filling(tile: QImage) -> QImage:
    """A photo fills its square to the right or the bottom with black only: what there is of it."""
    grey = tile.convertToFormat(QImage.Format.Format_Grayscale8)
    rows = np.frombuffer(grey.constBits(), np.uint8).reshape(grey.height(), grey.bytesPerLine())
    used = rows[:, : grey.width()] > 0
    if not used.any():
        return tile
    height, width = (int(np.flatnonzero(used.any(axis=axis))[-1]) + 1 for axis in (1, 0))
    return tile.copy(0, 0, width, height)


class MistakesPage(QWidget):
    """Filters above, pictures below; Ctrl+C copies the list."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._report: TestReport | None = None
        self._model = _MistakesModel(self)
        self._source, self._label, self._digit = (QComboBox(self) for _ in range(3))
        row = QHBoxLayout()
        self._of_digits: list[QWidget] = [self._label, self._digit]
        for text, box in (
            ("Source:", self._source),
            ("True &digit:", self._label),
            ("Read &as:", self._digit),
        ):
            label = QLabel(text, self)
            label.setBuddy(box)
            if box is not self._source:
                self._of_digits.append(label)
            box.setAccessibleName(text.replace("&", "").rstrip(":"))
            box.activated.connect(self._apply)
            row.addWidget(label)
            row.addWidget(box)
            row.addSpacing(8)
        row.addStretch(1)
        self._all = QPushButton("S&how all", self)
        self._all.clicked.connect(self.show_all)
        row.addWidget(self._all)
        copy = QPushButton("Cop&y list", self)
        copy.setToolTip("Copy this list as a table (Ctrl+C)")
        copy.clicked.connect(self.copy)
        row.addWidget(copy)
        for box in (self._label, self._digit):
            box.addItem("all", "")
            for digit in range(11):
                box.addItem(digit_name(digit), digit_name(digit))
        self.view = QListView(self)
        self.view.setResizeMode(QListView.ResizeMode.Adjust)
        self.view.setUniformItemSizes(True)
        self.view.setIconSize(QSize(_SIDE, _SIDE))
        self.view.setModel(self._model)
        FocusRing(self.view)
        self.view.setAccessibleName("Mistakes, the surest first")
        self._words = QuietLabel(parent=self)
        self._words.setWordWrap(True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 8)
        layout.addLayout(row)
        layout.addWidget(self.view, 1)
        layout.addWidget(self._words)
        shortcut = QShortcut(QKeySequence.StandardKey.Copy, self.view)
        shortcut.setContext(Qt.ShortcutContext.WidgetShortcut)
        shortcut.activated.connect(self.copy)
        self.set_report(None)

    def set_report(self, report: TestReport | None, run: Path | None = None) -> None:
        """Another run's mistakes; None before there are any. run: its folder."""
        self._report = report
        of_texts = _of_texts(report)
        # A digit needs few words and stands in a grid; a number has its photo's name beside it.
        mode = QListView.ViewMode.ListMode if of_texts else QListView.ViewMode.IconMode
        self.view.setViewMode(mode)
        self.view.setMovement(QListView.Movement.Static)
        self.view.setSpacing(2 if of_texts else 6)
        for widget in self._of_digits:
            widget.setVisible(not of_texts)
        self._model.set_report(report, run)
        self._source.clear()
        self._source.addItem("all", "")
        if report is not None:
            for name in dict.fromkeys(m.source for m in report.mistakes):
                self._source.addItem(title_of(name), name)
        self.show_all()

    def show_all(self) -> None:
        for box in (self._source, self._label, self._digit):
            box.setCurrentIndex(0)
        self._apply()

    def show_cell(self, source: str, label: int, digit: int) -> None:
        """The images of a cell of the confusion matrix; source: empty for all."""
        self._source.setCurrentIndex(max(0, self._source.findData(source)))
        self._label.setCurrentIndex(self._label.findData(digit_name(label)))
        self._digit.setCurrentIndex(self._digit.findData(digit_name(digit)))
        self._apply()

    @property
    def shown(self) -> list[Mistake]:
        return list(self._model.mistakes)

    def _apply(self) -> None:
        report = self._report
        source, label, answer = (b.currentData() or "" for b in (self._source, self._label, self._digit))
        shown = filtered(report.mistakes, source=source, label=label, answer=answer) if report else []
        self._model.set_mistakes(shown)
        self._all.setEnabled(bool(source or label or answer))
        self._words.setText(self._sentence(report, shown, label, answer))

    @staticmethod
    def _sentence(report: TestReport | None, shown: list[Mistake], label: str, answer: str) -> str:
        if report is None:
            return "The mistakes are shown here once the test phase is over."
        if not any(source.found.n for source in report.sources):
            return "Nothing could be measured in the test phase, so there are no mistakes to show."
        if not report.mistakes:
            return "Not a single mistake in the test phase."
        if label == answer != "":
            return "These were read right; only images of mistakes are kept."
        if not shown:
            return "No image was kept of these: the sheet holds the mistakes that were made most surely."
        words = f"{wording.counted(len(shown), 'mistake')}, the surest first."
        return words if _of_texts(report) else f"{words} Shown as the network saw them."

    def copy(self) -> None:
        """Put the list into the clipboard, a mistake a line."""
        of_texts = _of_texts(self._report)
        QGuiApplication.clipboard().setText(mistakes_table(self._model.mistakes, of_texts=of_texts))
