"""The main window's bars: the page switch at the top, what happens at the bottom."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QStackedWidget, QToolButton, QWidget

from app.ui.actions import MenuButton, tool_button
from app.ui.labels import ElidedLabel
from app.ui.reading_text import corrections_text, duration
from app.ui.shown_reading import ShownReading

_STEADY_MS = 200
"""Between two changes of the reading time: figures that flicker can't be read."""


class TopBar(QWidget):
    """The pages at the left, the model and training at the right."""

    def __init__(
        self,
        pages: Sequence[QAction],
        model_button: QToolButton,
        train: QAction,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        for action in pages:
            row.addWidget(_button(action))
        row.addStretch(1)
        model_button.setMinimumHeight(_height(self))
        row.addWidget(model_button)
        row.addSpacing(8)
        button = _button(train)
        button.setVisible(train.isVisible())
        row.addWidget(button)


def _button(action: QAction) -> QToolButton:
    button = tool_button(action)
    em = button.fontMetrics().height()
    button.setIconSize(QSize(round(em * 1.35), round(em * 1.35)))
    button.setMinimumHeight(_height(button))
    return button


def _height(widget: QWidget) -> int:
    return round(widget.fontMetrics().height() * 2.1)


class BottomBar(QWidget):
    """The page's own controls; its news, how long reading took, how many corrections were kept."""

    def __init__(self, of_corrections: Sequence[QAction], parent: QWidget | None = None) -> None:
        """of_corrections: what can be done with them."""
        super().__init__(parent)
        self._bars = QStackedWidget()
        self._status = ElidedLabel()
        self._status.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._time = QLabel()
        self._time.setAccessibleName("Reading time")
        menu = QMenu(self)
        menu.addActions(list(of_corrections))
        self._corrections = MenuButton(menu)
        self._newest = ""
        self._steady = QTimer(self, singleShot=True, interval=_STEADY_MS)
        self._steady.timeout.connect(self._show_time)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(10)
        row.addWidget(self._bars, 1)
        for widget in (self._status, self._time, self._corrections):
            row.addWidget(widget)
        self.set_count(0)

    @property
    def time_text(self) -> str:
        return self._time.text()

    @property
    def corrections_text(self) -> str:
        return self._corrections.text()

    def show_bar(self, bar: QWidget) -> None:
        """Show the controls of a page."""
        if self._bars.indexOf(bar) < 0:
            self._bars.addWidget(bar)
        self._bars.setCurrentWidget(bar)

    def set_status(self, text: str) -> None:
        self._status.setText(text)

    def set_reading(self, reading: ShownReading | None) -> None:
        """Say how long a reading took; nothing for None."""
        self._newest = f"read in {duration(reading.milliseconds)}" if reading is not None else ""
        if not self._steady.isActive():
            self._show_time()
            self._steady.start()

    def set_count(self, count: int) -> None:
        """How many corrections were kept."""
        self._corrections.set_words(corrections_text(count))
        self._corrections.setToolTip("Digits that you corrected: the program can learn from them")
        self._corrections.setAccessibleName(corrections_text(count))
        self._corrections.setEnabled(count > 0)

    def _show_time(self) -> None:
        if self._time.text() != self._newest:
            self._time.setText(self._newest)
