"""Asks what the numbers of a set have in common."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from app.review.check_digits import CheckDigit
from app.review.number_format import NumberFormat
from app.ui.labels import QuietLabel
from core.base.errors import InputError
from training.ui.theme import Colors


class FormatDialog(QDialog):
    """Every field may stay empty."""

    chosen = Signal(object)
    """The `NumberFormat`."""

    def __init__(self, expected: NumberFormat, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Expected format")
        self.fewest, self.most = _short("fewest digits"), _short("most digits")
        self.lowest, self.highest = _short("lowest number"), _short("highest number")
        self.prefix = _short("what it begins with")
        self.check = QComboBox()
        self.check.setAccessibleName("Check digit")
        for rule in CheckDigit:
            self.check.addItem(rule.value, rule)
        self.rises = QCheckBox("in the photos' order, they only rise")
        self._problem = QLabel()
        self._problem.setWordWrap(True)
        self._problem.hide()
        hint = QuietLabel(
            "What breaks it is asked first, and between close readings the one that fits is taken."
        )
        hint.setWordWrap(True)
        form = QFormLayout()
        form.addRow("Digits", _pair(self.fewest, "to", self.most))
        form.addRow("Numbers", _pair(self.lowest, "to", self.highest))
        form.addRow("Begins with", self.prefix)
        form.addRow("Check digit", self.check)
        form.addRow("", self.rises)
        box = QDialogButtonBox(QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel)
        for button in box.buttons():
            button.setIcon(QIcon())  # Fusion's are black, which a dark window swallows
        box.accepted.connect(self._on_ok)
        box.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.addWidget(hint)
        column.addLayout(form)
        column.addWidget(self._problem)
        column.addWidget(box)
        self._fill(expected)

    @property
    def problem(self) -> str:
        """What is wrong with what was entered; "" for nothing."""
        return self._problem.text() if not self._problem.isHidden() else ""

    def _fill(self, expected: NumberFormat) -> None:
        for edit, value in (
            (self.fewest, expected.fewest),
            (self.most, expected.most),
            (self.lowest, expected.lowest),
            (self.highest, expected.highest),
        ):
            edit.setText("" if value is None else str(value))
        self.prefix.setText(expected.prefix)
        self.check.setCurrentIndex(list(CheckDigit).index(expected.check))
        self.rises.setChecked(expected.only_rises)

    def _on_ok(self) -> None:
        try:
            expected = NumberFormat.of_texts(
                fewest=self.fewest.text(), most=self.most.text(), lowest=self.lowest.text(),
                highest=self.highest.text(), prefix=self.prefix.text(), check=self.check.currentData(),
                only_rises=self.rises.isChecked(),
            )  # fmt: skip
        except InputError as error:
            self._problem.setText(str(error))
            self._problem.setStyleSheet(f"color: {Colors.of(self.palette()).bad.name()}")
            self._problem.show()
            return
        self.chosen.emit(expected)
        self.accept()


def _short(name: str) -> QLineEdit:
    edit = QLineEdit()
    edit.setAccessibleName(name)
    edit.setPlaceholderText("any")
    return edit


def _pair(one: QWidget, word: str, other: QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    row.addWidget(one, 1)
    row.addWidget(QLabel(word))
    row.addWidget(other, 1)
    return row
