"""The prediction panel, the same on every page: what was read, what the network saw, how sure it is."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
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

from app.ui.actions import DigitAction
from app.ui.icons import icon_button, icon_pixmap
from app.ui.labels import ElidedLabel, NoticeLine, QuietLabel, QuietLine
from app.ui.number_field import NumberField
from app.ui.reading_text import PanelView, Sureness, panel_view
from app.ui.shown_reading import DigitRef, ShownReading, step_from
from app.ui.theme import scaled_font, sureness_colour
from app.window.panel_widgets import CropStrip, NumbersLine, NumberView, ProbabilityBars
from core.reading.types import NOT_A_DIGIT
from training.ui.theme import Colors, ThemeWatch

_ICONS = {
    Sureness.SURE: "sure",
    Sureness.FAIRLY_SURE: "fairly",
    Sureness.UNSURE: "unsure",
    Sureness.MAYBE: "unsure",
    Sureness.CORRECTED: "sure",
    Sureness.NO_DIGIT: "nodigit",
}

_MOST_OF_SCREEN = 0.55
_STAGES = "What each stage of the network says by itself, from the first to the last; together they decide."


class PredictionPanel(QScrollArea):
    """Shows one reading; one of its digits is described."""

    digit_selected = Signal(object)
    """Another digit is described now: its `DigitRef`; None if no digit is."""
    digit_corrected = Signal(object, int)
    """The user says what a digit really is: its `DigitRef`, the digit."""
    number_given = Signal(object, str)
    """The user says what a whole number really is: its place, None for one that was not read; as it is written, "" for
    no number."""
    typing_began = Signal()
    """A number is being typed."""
    typing_given_up = Signal()
    """A number is not typed after all."""
    correction_undone = Signal()
    """The user wants the latest correction back."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._reading: ShownReading | None = None
        self._selected: DigitRef | None = None
        self._view = panel_view(None)
        self._empty_words = ""
        self._number = NumberView()
        self._number.digit_clicked.connect(self._on_digit_clicked)
        self._sure_icon = QLabel()
        self._sure = ElidedLabel()
        self._field = NumberField()
        self._is_new = False
        self._field.given.connect(self._on_number_given)
        self._field.given_up.connect(self._on_given_up)
        self._field.begun.connect(self.typing_began)
        self._crops = CropStrip()
        self._crops.selected.connect(self._on_crop)
        self._numbers = NumbersLine()
        self._numbers.number_clicked.connect(lambda number: self.select(DigitRef(number, 0)))
        self._position = ElidedLabel()
        self._previous = self._arrow("previous", "Previous digit", -1)
        self._next = self._arrow("next", "Next digit", 1)
        self._bars = ProbabilityBars()
        self._votes = QLabel()
        self._correct = [self._digit_button(digit) for digit in (*range(10), NOT_A_DIGIT)]
        self._notice = NoticeLine()
        self._notice.linkActivated.connect(lambda _: self.correction_undone.emit())
        self._build()
        self._show()

    def set_reading(self, reading: ShownReading | None, *, empty_words: str = "") -> None:
        """Show a reading; the selected digit stays selected as long as the numbers are as long.

        empty_words: what to say if there is no number.
        """
        if reading is None or self._reading is None or reading.shape != self._reading.shape:
            self._selected = None
        self._reading, self._empty_words = reading, empty_words
        self._show()

    def select(self, ref: DigitRef | None) -> None:
        """Describe this digit; the first one where there is no such digit."""
        if self._is_new or (ref is not None and ref.number != self._number_place):
            self._field.forget()
        self._is_new = False
        self._selected = ref
        self._show()

    def type_number(self, place: int | None, text: str = "") -> None:
        """Let the user type a number: that at `place`, None for one that was not read. text: what is typed already."""
        if place is not None and place != self._number_place:
            self.select(DigitRef(place, 0))
        self._is_new = place is None
        self._show_field()
        self._field.begin(text or self._field.shown)
        self.ensureWidgetVisible(self._field)

    @property
    def field(self) -> NumberField:
        """Where the whole number is typed."""
        return self._field

    @property
    def _number_place(self) -> int | None:
        return self._view.selected.ref.number if self._view.selected is not None else None

    def set_notice(self, text: str, *, undo: bool = False) -> None:
        """A line above the correction buttons, with a link to undo; "" takes it away."""
        self._notice.show_words(text, undo=undo)

    @property
    def notice(self) -> str:
        return self._notice.words

    @property
    def view(self) -> PanelView:
        """What is shown."""
        return self._view

    @property
    def selected(self) -> DigitRef | None:
        """The digit described."""
        return self._view.selected.ref if self._view.selected else None

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

    def _build(self) -> None:
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName("Reading")
        self.setFocusPolicy(
            Qt.FocusPolicy.NoFocus
        )  # what is in it has the keyboard, and is scrolled into sight
        self._sure.setAccessibleName("How sure")
        self._saw = QuietLine("what the network saw")
        self._says = QuietLabel("stages say")
        self._wrong = QuietLabel("Wrong? It is a")
        content = QWidget()
        column = QVBoxLayout(content)
        column.setSpacing(4)
        column.setContentsMargins(0, 0, 2, 0)
        column.addWidget(self._number)
        column.addLayout(_row(self._sure_icon, self._sure, None))
        column.addWidget(self._numbers)
        column.addWidget(self._field)
        column.addSpacing(4)
        column.addWidget(self._saw)
        column.addWidget(self._crops)
        column.addSpacing(2)
        column.addLayout(_row(self._position, None, self._previous, self._next))
        column.addWidget(self._bars, 1)
        column.addLayout(_row(self._says, self._votes, None))
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
        ThemeWatch(self, self._style)

    def _style(self) -> None:
        self._sure.setFont(scaled_font(self.font(), 1.25))
        self._show_sureness()

    def _show(self) -> None:
        before = self.selected
        self._view = view = panel_view(self._reading, self._selected)
        digit, refs = view.selected, self._reading.refs if self._reading is not None else ()
        words = "no digit" if view.sureness is Sureness.NO_DIGIT else self._empty_words
        if view.sureness is Sureness.CORRECTED and not view.text:
            words = "no number here"
        self._number.set_number(
            view.text,
            view.places,
            digit.ref.place if digit else None,
            words=words,
            faint=view.sureness is Sureness.MAYBE,
        )
        self._show_sureness()
        self._show_field()
        self._numbers.set_numbers(view.numbers, digit.ref.number if digit else None)
        at = refs.index(digit.ref) if digit else None
        self._crops.set_digits(view.digits, at)
        self._position.setText(digit.position if digit and digit.position else "how likely each digit is")
        for button, step in ((self._previous, -1), (self._next, 1)):
            button.setVisible(len(view.digits) > 1)
            button.setEnabled(at is not None and 0 <= at + step < len(refs))
        self._bars.set_probabilities(digit.probabilities if digit else ())
        self._votes.setText(digit.votes if digit else "")
        for label in (self._votes, self._says):
            label.setToolTip(f"{_STAGES}\n{digit.votes_detail}" if digit else "")
        self._says.setVisible(bool(digit and digit.votes))
        for button in self._correct:
            button.setEnabled(digit is not None)
        if self.selected != before:
            self.digit_selected.emit(self.selected)

    def _show_field(self) -> None:
        place = self._number_place
        number = self._reading.numbers[place] if self._reading is not None and place is not None else None
        is_new = self._is_new or number is None
        self._field.show_number(
            "" if is_new or number is None else number.written,
            enabled=self._reading is not None,
            hint="a number that was not read" if is_new else "the whole number",
            none=not self._is_new,
        )

    def _on_number_given(self, written: str) -> None:
        place = None if self._is_new else self._number_place
        self._is_new = False
        self.number_given.emit(place, written)
        self._show_field()

    def _on_given_up(self) -> None:
        self._is_new = False
        self._show_field()
        self.typing_given_up.emit()

    def _show_sureness(self) -> None:
        sureness = self._view.sureness
        theme = Colors.of(self.palette())
        self._sure.setText(self._view.detail)
        side = round(self.fontMetrics().height() * 1.4)
        self._sure_icon.setFixedSize(side, side)
        if sureness is None:
            self._sure_icon.clear()
            return
        colour = sureness_colour(sureness, theme)
        pixmap = icon_pixmap(_ICONS[sureness], side, self.devicePixelRatioF(), colour)
        self._sure_icon.setPixmap(pixmap)

    def _arrow(self, name: str, words: str, step: int) -> QToolButton:
        button = icon_button(name, words)
        policy = button.sizePolicy()
        policy.setRetainSizeWhenHidden(True)  # what stands below must not jump with the second digit
        button.setSizePolicy(policy)
        button.clicked.connect(lambda: self._step(step))
        return button

    def _digit_button(self, digit: int) -> QToolButton:
        button = QToolButton()
        is_none = digit == NOT_A_DIGIT
        button.setText("–" if is_none else str(digit))
        words = "No digit" if is_none else DigitAction.labels()[digit].spec.text
        key = "" if is_none else f" ({digit})"
        button.setToolTip(f"{words}: keep it among the corrections, to learn from{key}")
        button.setAccessibleName(words)
        button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        button.clicked.connect(lambda: self.correct(digit))
        return button

    def correct(self, digit: int) -> None:
        """Say that the selected digit is really `digit`, as the buttons do."""
        if self.selected is not None:
            self.digit_corrected.emit(self.selected, digit)

    def _step(self, step: int) -> None:
        if self._reading is not None:
            self.select(step_from(self._reading, self.selected, step) or self.selected)

    def _on_digit_clicked(self, place: int) -> None:
        if self.selected is not None:
            self.select(DigitRef(self.selected.number, place))

    def _on_crop(self, index: int) -> None:
        if self._reading is not None:
            self.select(self._reading.refs[index])


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
