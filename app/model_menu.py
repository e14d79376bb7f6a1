"""The button “model: shipped ▾”: which model reads, and how to choose another."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QToolButton, QWidget

from app.models import SHIPPED, ModelChoice, model_name

_LONGEST_NAME = 28


class ModelMenu(QMenu):
    """Lists the model files there are at the moment it opens."""

    chosen = Signal(object)
    """A model file (Path) was chosen."""
    open_wanted = Signal()

    def __init__(self, choices: Callable[[], Sequence[ModelChoice]], parent: QWidget | None = None) -> None:
        super().__init__("Model", parent)
        self._choices = choices
        self._current: Path | None = None
        self._group = QActionGroup(self)
        self._open = QAction("Open a model file…", self)
        self._open.triggered.connect(self.open_wanted)
        self.setToolTipsVisible(True)
        self.aboutToShow.connect(self._fill)
        self._fill()

    def set_current(self, path: Path | None) -> None:
        """Which model reads now; None while none does."""
        self._current = path

    def _fill(self) -> None:
        # Not `clear`: PySide counts actions that only the menu refers to as gone.
        for action in self.actions():
            self.removeAction(action)
            if action is not self._open:
                action.deleteLater()
        choices = list(self._choices())
        paths = [choice.path for choice in choices]
        if self._current is not None and self._current not in paths:
            choices.append(ModelChoice(model_name(self._current), self._current))
        for before, choice in zip([None, *choices], choices, strict=False):
            if before is not None and (before.path == SHIPPED or before.from_run != choice.from_run):
                self.addSeparator()
            offered = QAction(choice.name, self._group, checkable=True)
            offered.setToolTip(str(choice.path))
            offered.setChecked(choice.path == self._current)
            offered.triggered.connect(lambda _=False, path=choice.path: self.chosen.emit(path))
            self.addAction(offered)
        self.addSeparator()
        self.addAction(self._open)


class ModelButton(QToolButton):
    """Says which model reads; opens the menu."""

    def __init__(self, menu: ModelMenu, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMenu(menu)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setAutoRaise(True)
        # Fusion squeezes its own arrow into the corner; ours stands in the text.
        self.setStyleSheet("QToolButton::menu-indicator { image: none; }")
        self.set_model(None)

    def set_model(self, path: Path | None, info: Any = None, *, waiting: bool = False) -> None:
        """Show the model in use; `waiting`: it is being loaded. info: what it says about itself."""
        name = "…" if waiting else "none" if path is None else model_name(path)
        if len(name) > _LONGEST_NAME:
            name = name[: _LONGEST_NAME - 1] + "…"
        self.setText(f"model: {name} ▾")
        self.setAccessibleName(f"Model: {name}")
        self.setToolTip("Which model reads" if path is None else _about(path, info))


def _about(path: Path, info: Any) -> str:
    lines = [str(path)]
    if info is not None:
        lines.append(", ".join(f"{k} {v}" for k, v in (("recipe", info.recipe), ("of", info.date)) if v))
    return "\n".join(line for line in lines if line)
