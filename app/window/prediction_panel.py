"""The prediction panel, the same on every page: what was read, what the network saw, how sure it is."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.ui.icons import icon_button, icon_pixmap
from app.ui.labels import NoticeLine
from app.ui.reading_text import PanelView, Sureness, all_digits, duration, panel_view
from app.ui.theme import scaled_font
from app.window.panel_widgets import CropStrip, NumberView, ProbabilityBars
from core.reading.types import Reading
from training.ui.theme import Colors

_ICONS = {
    Sureness.SURE: "sure",
    Sureness.FAIRLY_SURE: "fairly",
    Sureness.UNSURE: "unsure",
    Sureness.NO_DIGIT: "nodigit",
}

_MOST_OF_SCREEN = 0.6


class PredictionPanel(QScrollArea):
    """Shows one reading. Digits are counted as `app.ui.reading_text.all_digits` lists them."""

    digit_selected = Signal(int)
    """Another digit is described now; -1 where there is none."""
    digit_corrected = Signal(int, int)
    """The user says what a digit really is: index, digit."""
    correction_undone = Signal()
    """The user wants the latest correction back."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._reading: Reading | None = None
        self._selected = 0
        self._view = panel_view(None)
        self._empty_words = ""
        self._number = NumberView()
        self._number.digit_clicked.connect(self._on_digit_clicked)
        self._sure_icon = QLabel()
        self._sure = QLabel()
        self._crops = CropStrip()
        self._crops.selected.connect(self.select)
        self._position = QLabel()
        self._previous = self._arrow("previous", "Previous digit", -1)
        self._next = self._arrow("next", "Next digit", 1)
        self._bars = ProbabilityBars()
        self._votes = QLabel()
        self._time = QLabel()
        self._correct = [self._digit_button(digit) for digit in range(10)]
        self._notice = NoticeLine()
        self._notice.linkActivated.connect(lambda _: self.correction_undone.emit())
        self._build()
        self._show()

    def set_reading(self, reading: Reading | None) -> None:
        """Show a reading; the selected digit stays selected as long as there are as many."""
        if len(all_digits(reading)) != len(all_digits(self._reading)):
            self._selected = 0
        self._reading = reading
        self._show()

    def select(self, index: int) -> None:
        """Describe this digit; out of range: the nearest."""
        self._selected = index
        self._show()

    def set_empty_words(self, words: str) -> None:
        """What to say in place of a number while nothing is read."""
        self._empty_words = words
        self._show()

    def set_notice(self, text: str, *, undo: bool = False) -> None:
        """A line above the correction buttons, with a link to undo; "" takes it away."""
        self._notice.tell(text, undo=undo)

    @property
    def notice(self) -> str:
        return self._notice.words

    @property
    def view(self) -> PanelView:
        """What is shown."""
        return self._view

    @property
    def selected(self) -> int:
        """The digit described, -1 without any."""
        return self._view.selected.index if self._view.selected else -1

    def sizeHint(self) -> QSize:
        em = self.fontMetrics().height()
        return QSize(21 * em, 34 * em)

    def minimumSizeHint(self) -> QSize:
        """All of it without a scroll bar, unless that would take most of a small screen."""
        content = self.widget()
        assert content is not None, "the panel is built"
        least = content.minimumSizeHint()
        most = self.screen().availableGeometry().height() * _MOST_OF_SCREEN
        return QSize(
            least.width() + self.verticalScrollBar().sizeHint().width(), min(least.height(), round(most))
        )

    def changeEvent(self, event: QEvent) -> None:
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange) and hasattr(self, "_view"):
            self._style()
        super().changeEvent(event)

    def _build(self) -> None:
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName("Reading")
        self._sure.setAccessibleName("How sure")
        self._saw = QLabel("what the network saw")
        self._says = QLabel("stages say")
        self._wrong = QLabel("Wrong? It is a")
        content = QWidget()
        column = QVBoxLayout(content)
        column.setSpacing(4)
        column.setContentsMargins(0, 0, 2, 0)
        column.addWidget(self._number)
        column.addLayout(_row(self._sure_icon, self._sure, None))
        column.addSpacing(4)
        column.addWidget(self._saw)
        column.addWidget(self._crops)
        column.addSpacing(2)
        column.addLayout(_row(self._position, None, self._previous, self._next))
        column.addWidget(self._bars, 1)
        column.addLayout(_row(self._says, self._votes, None, self._time))
        column.addSpacing(2)
        column.addLayout(_row(self._wrong, self._notice))
        buttons = QHBoxLayout()
        buttons.setSpacing(2)
        for button in self._correct:
            buttons.addWidget(button)
        column.addLayout(buttons)
        column.addStretch(0)
        self.setWidget(content)
        content.setAutoFillBackground(False)
        self.viewport().setAutoFillBackground(False)
        self._style()

    def _style(self) -> None:
        theme = Colors.of(self.palette())
        quiet = f"color: {theme.muted.name()};"
        for label in (self._saw, self._says, self._wrong, self._time):
            label.setStyleSheet(quiet)
        self._sure.setFont(scaled_font(self.font(), 1.25))
        self._show_sureness()

    def _show(self) -> None:
        before = self.selected
        self._view = view = panel_view(self._reading, self._selected)
        digit = view.selected
        words = "no digit" if view.sureness is Sureness.NO_DIGIT else self._empty_words
        in_number = digit.index - view.number_start if digit and view.text else -1
        self._number.set_number(view.text, in_number, words=words)
        self._show_sureness()
        self._crops.set_digits(view.digits, digit.index if digit else -1)
        self._position.setText(digit.position if digit and digit.position else "how likely each digit is")
        several = len(view.digits) > 1
        self._previous.setVisible(several)
        self._next.setVisible(several)
        self._previous.setEnabled(bool(digit) and self.selected > 0)
        self._next.setEnabled(bool(digit) and self.selected < len(view.digits) - 1)
        self._bars.set_probabilities(digit.probabilities if digit else ())
        self._votes.setText(digit.votes if digit else "")
        self._votes.setToolTip(digit.votes_detail if digit else "")
        self._says.setVisible(bool(digit and digit.votes))
        self._time.setText(duration(self._reading.milliseconds) if digit and self._reading else "")
        for button in self._correct:
            button.setEnabled(digit is not None)
        if self.selected != before:
            self.digit_selected.emit(self.selected)

    def _show_sureness(self) -> None:
        sureness = self._view.sureness
        theme = Colors.of(self.palette())
        self._sure.setText(self._view.detail)
        side = round(self.fontMetrics().height() * 1.4)
        self._sure_icon.setFixedSize(side, side)
        if sureness is None:
            self._sure_icon.clear()
            return
        colour = {Sureness.SURE: theme.good, Sureness.FAIRLY_SURE: theme.good, Sureness.UNSURE: theme.warning}
        pixmap = icon_pixmap(
            _ICONS[sureness], side, self.devicePixelRatioF(), colour.get(sureness, theme.muted)
        )
        self._sure_icon.setPixmap(pixmap)

    def _arrow(self, name: str, words: str, step: int) -> QToolButton:
        button = icon_button(name, words)
        policy = button.sizePolicy()
        policy.setRetainSizeWhenHidden(True)  # what stands below must not jump with the second digit
        button.setSizePolicy(policy)
        button.clicked.connect(lambda: self.select(self.selected + step))
        return button

    def _digit_button(self, digit: int) -> QToolButton:
        button = QToolButton()
        button.setText(str(digit))
        button.setToolTip(f"It is a {digit}: keep it among my drawings, to learn from ({digit})")
        button.setAccessibleName(f"It is a {digit}")
        button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        button.clicked.connect(lambda: self.correct(digit))
        return button

    def correct(self, digit: int) -> None:
        """Say that the selected digit is really `digit`, as the buttons do."""
        if self.selected >= 0:
            self.digit_corrected.emit(self.selected, digit)

    def _on_digit_clicked(self, index: int) -> None:
        self.select(self._view.number_start + index)


def _row(*widgets: QWidget | None) -> QHBoxLayout:
    """Widgets side by side; None stretches."""
    row = QHBoxLayout()
    row.setSpacing(6)
    for widget in widgets:
        if widget is None:
            row.addStretch(1)
        else:
            row.addWidget(widget)
    return row
