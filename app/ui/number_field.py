"""The field for a whole number: what was read stands in it, a person types what it really is."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QSizePolicy, QToolButton, QWidget

MOST_CHARACTERS = 64


class _Edit(QLineEdit):
    """Escape gives up what was typed."""

    given_up = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.given_up.emit()
        else:
            super().keyPressEvent(event)


class NumberField(QWidget):
    """Enter says what the number is, a button says that there is none."""

    given = Signal(str)
    """The number as a person wrote it; "" for no number."""
    begun = Signal()
    """A person begins to type."""
    given_up = Signal()
    """What was being typed is not wanted any more."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown = ""
        self._edit = _Edit()
        self._edit.setMaxLength(MOST_CHARACTERS)
        self._edit.setAccessibleName("The whole number")
        self._edit.setToolTip("What the number really is: type it and press Enter (F2)")
        self._edit.returnPressed.connect(self._on_return)
        self._edit.given_up.connect(self.give_up)
        self._edit.textEdited.connect(lambda _: self.begun.emit())
        self._none = QToolButton()
        self._none.setText("No number")
        self._none.setToolTip("There is no number here: keep that, to learn from (N)")
        self._none.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
        self._none.clicked.connect(lambda: self.given.emit(""))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(self._edit, 1)
        row.addWidget(self._none)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    @property
    def edit(self) -> QLineEdit:
        return self._edit

    @property
    def none_button(self) -> QToolButton:
        return self._none

    @property
    def is_being_typed(self) -> bool:
        """Whether there is something that a person typed and did not yet confirm."""
        return self._edit.isModified()

    def show_number(self, written: str, *, enabled: bool, hint: str, none: bool) -> None:
        """Show what was read; not where a person is typing. hint: in the empty field. none: it may be no number."""
        self._shown = written
        self._edit.setEnabled(enabled)
        self._edit.setPlaceholderText(hint)
        self._none.setEnabled(enabled and none)
        if not self.is_being_typed and self._edit.text() != written:
            self._edit.setText(written)

    def begin(self, text: str) -> None:
        """Let a person type, from this text on; it is selected where it is what was read."""
        self.begun.emit()
        self._edit.setText(text)
        self._edit.setModified(text != self._shown)
        self._edit.setFocus(Qt.FocusReason.ShortcutFocusReason)
        if text == self._shown:
            self._edit.selectAll()

    @property
    def shown(self) -> str:
        """The number that stands in the field until something is typed."""
        return self._shown

    def forget(self) -> None:
        """Forget what was typed."""
        self._edit.setText(self._shown)
        self._edit.setModified(False)

    def give_up(self) -> None:
        """The user does not want to type it after all."""
        self.forget()
        self._edit.clearFocus()
        self.given_up.emit()

    def minimumSizeHint(self) -> QSize:
        least = super().minimumSizeHint()
        return QSize(min(least.width(), 12 * self.fontMetrics().height()), least.height())

    def _on_return(self) -> None:
        written = self._edit.text().strip()
        if not any(c in "0123456789" for c in written):
            return
        self._edit.setModified(False)
        self._shown = written
        self.given.emit(written)
