"""The buttons below a run and the menu beside them: one a `RunAction`, shown and allowed as the run allows it."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QHBoxLayout, QMenu, QPushButton, QWidget

from training.runs.run_action import Availabilities, RunAction
from training.ui.labels import QuietLabel

_LEFT = (
    RunAction.PAUSE, RunAction.GO_ON, RunAction.START_NOW, RunAction.STOP, RunAction.STOP_NOW, RunAction.RESUME,
)  # fmt: skip
_RIGHT = (RunAction.USE, RunAction.SWITCH_BACK)
_MENU = (
    (
        RunAction.REPEAT, RunAction.FROM_WEIGHTS, RunAction.KEEP_TRAINING, RunAction.HALF_BATCH,
        RunAction.LOWER_RATE, RunAction.CHANGE,
    ),
    (RunAction.TEST, RunAction.EXPORT),
    (RunAction.RENAME, RunAction.NOTES, RunAction.SHOW_FOLDER),
    (RunAction.DELETE,),
)  # fmt: skip


class RunButtons(QWidget):
    """Says by `requested` which action is wanted."""

    requested = Signal(object)
    """RunAction."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._buttons = {action: self._make_button(action) for action in (*_LEFT, *_RIGHT)}
        self._lines: dict[RunAction, QAction] = {}
        self._more = QPushButton("Mor&e", self)
        self._more.setToolTip("What else can be done with this run")
        self._more.setMenu(self._make_menu())
        self._why = QuietLabel(parent=self)
        self._why.setWordWrap(True)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        for action in _LEFT:
            row.addWidget(self._buttons[action])
        row.addWidget(self._more)
        row.addWidget(self._why, 1)
        for action in _RIGHT:
            row.addWidget(self._buttons[action])

    def _make_button(self, action: RunAction) -> QPushButton:
        button = QPushButton(action.label, self)
        button.clicked.connect(lambda: self.requested.emit(action))
        if action.shortcut:
            button.setShortcut(QKeySequence(action.shortcut))
        button.hide()
        return button

    def _make_menu(self) -> QMenu:
        menu = QMenu(self._more)
        menu.setToolTipsVisible(True)
        for group in _MENU:
            if self._lines:
                menu.addSeparator()
            for action in group:
                line = menu.addAction(action.label)
                line.triggered.connect(lambda _=False, action=action: self.requested.emit(action))
                self._lines[action] = line
        return menu

    def set_available(self, available: Availabilities) -> bool:
        """Show what the run allows; of the rest, why not. True where the keyboard's button is gone or grey."""
        lost = False
        for action, button in self._buttons.items():
            now = available[action]
            # Qt would hand the keyboard of a button that is gone or grey to the next one, “Stop now”.
            lost = lost or (button.hasFocus() and not now.enabled)
            if button.isHidden() == now.shown:
                button.setVisible(now.shown)
            button.setEnabled(now.enabled)
            words = now.reason or action.tip
            button.setToolTip(words)
            button.setAccessibleDescription(words)
        for action, line in self._lines.items():
            now = available[action]
            line.setEnabled(now.enabled)
            line.setToolTip(now.reason or action.tip)
            line.setStatusTip(now.reason)
        return lost

    def set_words(self, words: str) -> None:
        """What is to be known of the model, beside the button that uses it."""
        self._why.setText(words)
        self._why.setToolTip(words)

    @property
    def words(self) -> str:
        return self._why.text()

    def button(self, action: RunAction) -> QPushButton:
        """The button of an action. Raises KeyError for one that has a line in the menu."""
        return self._buttons[action]

    def line(self, action: RunAction) -> QAction:
        """The menu's line of an action. Raises KeyError for one that has a button."""
        return self._lines[action]

    @property
    def all(self) -> Mapping[RunAction, QPushButton | QAction]:
        """Every action that can be asked for here."""
        return {**self._buttons, **self._lines}
