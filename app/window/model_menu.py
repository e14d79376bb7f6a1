"""The button “model: shipped ▾”: which models read, and how to choose others."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QWidget

from app.services.model_files import SHIPPED_FILES, ModelChoice, model_name
from app.ui.actions import MenuButton
from training.runs.model_cards import Kind

_LONGEST_NAME = 28
_SECTIONS = {Kind.DETECTOR: "Finds digits in photos", Kind.LINE: "Reads rows in photos"}


class ModelMenu(QMenu):
    """Lists the model files there are at the moment it opens."""

    chosen = Signal(object)
    """A model file (Path) was chosen."""
    open_wanted = Signal()

    def __init__(self, choices: Callable[[], Sequence[ModelChoice]], parent: QWidget | None = None) -> None:
        super().__init__("Model", parent)
        self._choices = choices
        self._current: dict[Kind, Path | None] = {}
        self._groups = {kind: QActionGroup(self) for kind in Kind}
        self._open = QAction("Open a model file…", self)
        self._open.triggered.connect(self.open_wanted)
        self.setToolTipsVisible(True)
        self.aboutToShow.connect(self._fill)
        self._fill()

    def set_current(self, path: Path | None, kind: Kind = Kind.CLASSIFIER) -> None:
        """Which model of its kind is in use now; None while none is."""
        self._current[kind] = path

    def _fill(self) -> None:
        # Not `clear`: PySide counts actions that only the menu refers to as gone.
        for action in self.actions():
            self.removeAction(action)
            if action is not self._open:
                action.deleteLater()
        choices = list(self._choices())
        paths = [choice.path for choice in choices]
        for kind, path in self._current.items():
            if path is not None and path not in paths:
                choices.append(ModelChoice(model_name(path), path, kind=kind))
        choices.sort(key=lambda choice: list(Kind).index(choice.kind))
        for before, choice in zip([None, *choices], choices, strict=False):
            if choice.kind in _SECTIONS and (before is None or before.kind is not choice.kind):
                self.addSection(_SECTIONS[choice.kind])
            elif before is not None and (
                before.path in SHIPPED_FILES.values() or before.from_run != choice.from_run
            ):
                self.addSeparator()
            offered = QAction(choice.name, self._groups[choice.kind], checkable=True)
            offered.setToolTip(str(choice.path))
            offered.setChecked(choice.path == self._current.get(choice.kind))
            offered.triggered.connect(lambda _=False, path=choice.path: self.chosen.emit(path))
            self.addAction(offered)
        self.addSeparator()
        self.addAction(self._open)


class ModelButton(MenuButton):
    """Says which model reads; opens the menu."""

    def __init__(self, menu: ModelMenu, parent: QWidget | None = None) -> None:
        super().__init__(menu, parent)
        self._about = self._detector = ""
        self.set_model(None)

    def set_model(self, path: Path | None, info: Any = None, *, waiting: bool = False) -> None:
        """Show the model in use; `waiting`: it is being loaded. info: what it says about itself."""
        name = "…" if waiting else "none" if path is None else model_name(path)
        if len(name) > _LONGEST_NAME:
            name = name[: _LONGEST_NAME - 1] + "…"
        self.set_words(f"model: {name}")
        self.setAccessibleName(f"Model: {name}")
        self._about = "Which model reads" if path is None else _about(path, info)
        self._write_tip()

    def set_detector(self, path: Path) -> None:
        """Show, when asked, which model finds digits in photos."""
        self._detector = f"Digits in photos: {model_name(path)}"
        self._write_tip()

    def _write_tip(self) -> None:
        self.setToolTip("\n".join(filter(None, (self._about, self._detector))))


def _about(path: Path, info: Any) -> str:
    lines = [str(path)]
    if info is not None:
        lines.append(", ".join(f"{k} {v}" for k, v in (("recipe", info.recipe), ("of", info.date)) if v))
    return "\n".join(line for line in lines if line)
