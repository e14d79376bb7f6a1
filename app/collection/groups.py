"""The parts of a collection at the left, with how many each has."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QWidget

from app.ui.icons import icon
from core.collection.items import Group
from core.reading.types import NOT_A_DIGIT
from training.ui import wording

Part = Group | int
_PARTS: tuple[tuple[Part, str], ...] = (
    (Group.ALL, "Everything"),
    (Group.NEW, "Not learned yet"),
    (Group.MISTAKES, "Likely mistakes"),
    (Group.DIGITS, "Digits"),
    *((digit, f"    {digit}") for digit in range(10)),
    (NOT_A_DIGIT, "    no digit"),
    (Group.NUMBERS, "Numbers"),
    (Group.NO_NUMBER, "No number there"),
)
TIPS = {
    Group.NEW: "Collected since the last learning began",
    Group.MISTAKES: "The present model surely reads something else, or the same image is labelled otherwise",
    Group.NO_NUMBER: "Photos, or places in them, of which you said that there is no number",
}


class GroupList(QListWidget):
    """One part is chosen at any time."""

    chosen = Signal(object)
    """A `Group`, or a digit's label."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._counts: Mapping[Part, int] = {}
        self.setAccessibleName("Parts of the collection")
        self.setFrameShape(QListWidget.Shape.NoFrame)
        em = self.fontMetrics().height()
        self.setIconSize(QSize(em, em))
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        for part, words in _PARTS:
            item = QListWidgetItem(words, self)
            item.setData(Qt.ItemDataRole.UserRole, part)
            item.setSizeHint(QSize(0, round(em * 1.35)))
            item.setToolTip(TIPS.get(part, "") if isinstance(part, Group) else "")
        self.setCurrentRow(0)
        self.currentRowChanged.connect(lambda row: self.chosen.emit(_PARTS[row][0]))

    @property
    def part(self) -> Part:
        return _PARTS[self.currentRow()][0]

    def choose(self, part: Part) -> None:
        self.setCurrentRow([known for known, _ in _PARTS].index(part))

    def set_counts(self, counts: Mapping[Part, int]) -> None:
        self._counts = counts
        for row, (part, words) in enumerate(_PARTS):
            count = counts.get(part, 0)
            item = self.item(row)
            item.setText(f"{words}  ({wording.count(count)})" if count else words)
            # Shape and word, not only a colour; nothing to warn of, nothing shown.
            item.setIcon(icon("warning") if part is Group.MISTAKES and count else QIcon())
            grey = self.palette().placeholderText() if not count else self.palette().text()
            item.setForeground(grey)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        # Once built: an item keeps the colour that it was given.
        if event.type() == QEvent.Type.PaletteChange and self.count() == len(_PARTS):
            self.set_counts(self._counts)

    def sizeHint(self) -> QSize:
        em = self.fontMetrics().height()
        width = self.fontMetrics().horizontalAdvance("Likely mistakes  (10 000)") + 2 * em
        return QSize(width, 20 * em)

    def minimumSizeHint(self) -> QSize:
        return QSize(
            self.fontMetrics().horizontalAdvance("Likely mistakes  (100)") + self.fontMetrics().height(), 0
        )
