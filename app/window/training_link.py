"""The main window's line to the training window: built when first needed, told the model in use."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import QObject, Signal, SignalInstance
from PySide6.QtWidgets import QWidget

from training.runs.model_cards import Kind, kind_of


class Trainer(Protocol):
    """What the training window offers; `training.window.window.TrainingWindow` is the real one."""

    model_chosen: SignalInstance
    """Path of a model file that is to read from now on."""
    corrections_wanted: SignalInstance
    """To look through what was labelled."""

    def set_present_model(self, model: Path) -> None: ...

    def start_finetune(self) -> None: ...

    def show_learnings(self) -> None: ...

    def may_close(self) -> bool: ...

    def shutdown(self) -> None: ...


class TrainingLink(QObject):
    """Holds the training window, once there is one."""

    model_chosen = Signal(object)
    """Path of a model file that is to read from now on."""
    corrections_wanted = Signal()
    """To look through what was labelled."""

    def __init__(self, make: Callable[[], QWidget], parent: QObject | None = None) -> None:
        """make: builds the window, which is a `Trainer` too; called at most once."""
        super().__init__(parent)
        self._make = make
        self._window: QWidget | None = None
        self._trainer: Trainer | None = None
        self._models: dict[Kind, Path] = {}

    def open(self) -> None:
        """Show the window in front."""
        self._built()
        assert self._window is not None, "built and not there"
        self._window.show()
        self._window.raise_()
        self._window.activateWindow()

    def learn_from_corrections(self) -> None:
        """Show the window and start to learn from what the user labelled."""
        self.open()
        self._built().start_finetune()

    def show_learnings(self) -> None:
        """Show the window, and in it the list of what was learned from corrections."""
        self.open()
        self._built().show_learnings()

    def set_present_model(self, path: Path) -> None:
        """This file reads now, or finds digits in photos, by its kind."""
        self._models[kind_of(path)] = path
        if self._trainer is not None:
            self._trainer.set_present_model(path)

    def may_close(self) -> bool:
        """Whether the program may end; asks what becomes of runs that go on."""
        return self._trainer is None or self._trainer.may_close()

    def shut_down(self) -> None:
        """Close the window; runs that may go on do."""
        if self._window is not None and self._trainer is not None:
            self._trainer.shutdown()
            self._window.close()

    def _built(self) -> Trainer:
        if self._trainer is None:
            window = self._window = self._make()
            trainer: Trainer = window  # type: ignore[assignment]  # promised by `make`
            trainer.model_chosen.connect(self.model_chosen)
            trainer.corrections_wanted.connect(self.corrections_wanted)
            for model in self._models.values():
                trainer.set_present_model(model)
            self._trainer = trainer
        return self._trainer
