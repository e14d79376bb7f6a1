"""The hint line: teaches one thing at a time, moves on when it has been done, and can be turned off."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from PySide6.QtCore import QEvent, Signal
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from app.ui.icons import icon_button, icon_pixmap
from app.ui.labels import ElidedLabel
from training.ui.theme import Colors


@dataclass(frozen=True)
class Hint:
    """name: of what it teaches. text: may hold a shortcut in braces, written as the platform writes it."""

    name: str
    text: str


HINTS = (
    Hint("draw", "Draw a digit with the mouse, a pen or a finger: it is read while you draw."),
    Hint("several", "Draw several digits side by side: they are read as one number."),
    Hint(
        "correct",
        "Read wrong? Press the right digits' keys, or {F2} and type the whole number: it is kept to learn from.",
    ),
    Hint("undo", "{Ctrl+Z} takes the last stroke back; nothing you do here is final."),
    Hint("erase", "{E} turns the pen into an eraser; the right mouse button erases at any time."),
    Hint("pen", "{[} and {]} make the pen thinner and thicker; thin or fat, it is read all the same."),
    Hint("clear", "{C} clears the canvas for the next number."),
    Hint("picture", "Drop a photo of a digit onto the canvas, or paste one with {Ctrl+V}."),
)


def next_hint(done: Collection[str]) -> Hint | None:
    """The first hint that has not taught yet; None where all have."""
    return next((hint for hint in HINTS if hint.name not in done), None)


def spelled(text: str) -> str:
    """The text with the shortcuts in braces written as this platform writes them."""
    head, *rest = text.split("{")
    for part in rest:
        keys, tail = part.split("}", 1)
        head += QKeySequence(keys).toString(QKeySequence.SequenceFormat.NativeText) + tail
    return head


class HintLine(QWidget):
    """Shows the next hint."""

    done_changed = Signal(object)
    """frozenset of the names of hints that have taught."""
    turned_off = Signal()

    def __init__(self, done: Collection[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._done = frozenset(done)
        self._on = True
        self._icon = QLabel()
        self._text = ElidedLabel()
        skip = icon_button("next", "Next hint")
        skip.clicked.connect(self._on_skip)
        off = icon_button("close", "No more hints (View ▸ Hints brings them back)")
        off.clicked.connect(self.turned_off)
        row = QHBoxLayout(self)
        row.setContentsMargins(4, 0, 0, 0)
        row.addWidget(self._icon)
        row.addWidget(self._text, 1)
        row.addWidget(skip)
        row.addWidget(off)
        self._fill()

    @property
    def text(self) -> str:
        """The hint shown, "" without any."""
        return self._text.words if self._on and next_hint(self._done) else ""

    def set_on(self, on: bool) -> None:
        """Show hints or not; turned on again after the last one, they start anew."""
        if on and not self._on and next_hint(self._done) is None:
            self._done = frozenset()
            self.done_changed.emit(self._done)
        self._on = on
        self._show()

    def mark_done(self, name: str) -> None:
        """The user did what this hint teaches."""
        if name not in self._done:
            self._done |= {name}
            self._show()
            self.done_changed.emit(self._done)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange:
            self._fill()
        super().changeEvent(event)

    def _on_skip(self) -> None:
        hint = next_hint(self._done)
        if hint is not None:
            self.mark_done(hint.name)

    def _show(self) -> None:
        self.setVisible(self._on and next_hint(self._done) is not None)
        self._fill()

    def _fill(self) -> None:
        hint = next_hint(self._done)
        if hint is not None:
            self._text.setText(spelled(hint.text))
            side = round(self.fontMetrics().height() * 1.1)
            muted = Colors.of(self.palette()).muted
            self._icon.setPixmap(icon_pixmap("info", side, self.devicePixelRatioF(), muted))
