"""What the buttons of a run do: dialogs where something has to be asked, then the run manager."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog, QInputDialog, QWidget

from core.recipes.recipe import Recipe
from core.runs.folder import BEST
from training.run_table.model import RunsOrder
from training.runs.launch import Launch, LaunchOptions
from training.runs.run_list import read_notes
from training.services.run_manager import RunManager
from training.ui import wording
from training.ui.notice_bar import NoticeBar
from training.window import run_commands

_UNDO_SECONDS = 10.0


class RunActions(QObject):
    """Steps on runs. Deleting waits ten seconds, in which it can be undone; after that it is the trash."""

    started = Signal(object)
    """Path of a run that was just started."""
    recipe_proposed = Signal(object, str)
    """A recipe to begin a new run with, and a sentence that says where it is from."""
    notes_changed = Signal(object, str)
    """Path of a run and its notes."""

    def __init__(
        self, manager: RunManager, order: RunsOrder, notices: NoticeBar, *, data_dir: Path, window: QWidget
    ) -> None:
        super().__init__(window)
        self._manager, self._order, self._notices = manager, order, notices
        self._data_dir, self._window = data_dir, window
        self._doomed: tuple[Path, ...] = ()

    # steering

    def resume(self, run: Path) -> None:
        self._manager.resume(run)
        self.started.emit(run)

    def more_epochs(self, run: Path) -> None:
        """Ask how many, and go on with the run."""
        view = self._manager.view(run)
        if view is None:
            return
        more, sure = QInputDialog.getInt(
            self._window, "More epochs",
            f"It has done {wording.counted(view.epoch, 'epoch')}. How many more?", max(1, view.epochs // 2),
            1, 10_000,
        )  # fmt: skip
        if sure:
            self.continue_for(run, more)

    def continue_for(self, run: Path, more: int) -> None:
        """Go on for so many epochs more than it has done."""
        view = self._manager.view(run)
        if view is not None:
            self._manager.resume(run, changes={"epochs": str(view.epoch + more)})
            self.started.emit(run)

    def repeat(self, run: Path) -> None:
        """The same with another seed."""
        self._start_like(run, run_commands.with_another_seed)

    def half_batch(self, run: Path) -> None:
        self._start_like(run, run_commands.with_half_batch)

    def lower_rate(self, run: Path) -> None:
        self._start_like(run, run_commands.with_lower_rate)

    def _start_like(self, run: Path, change: Callable[[Recipe], Recipe]) -> None:
        recipe = self._recipe(run)
        if recipe is not None:
            launch = Launch.read(run)
            options = launch.options if launch is not None else LaunchOptions(data_dir=self._data_dir)
            self.started.emit(self._manager.start_run(change(recipe), options))

    def from_weights(self, run: Path) -> None:
        """A new run that starts where this one's best model is, to be looked over first."""
        recipe = self._recipe(run)
        if recipe is not None:
            proposed = run_commands.from_weights(recipe, run / BEST)
            self.recipe_proposed.emit(proposed, f"It starts from the weights of {run.name}.")

    def change(self, run: Path) -> None:
        """A new run with this one's recipe, to be changed first."""
        recipe = self._recipe(run)
        if recipe is not None:
            self.recipe_proposed.emit(recipe, f"The recipe of {run.name}; change what you like.")

    def _recipe(self, run: Path) -> Recipe | None:
        view = self._manager.view(run)
        recipe = view.recipe if view is not None else None
        if recipe is None:
            self._notices.tell("The recipe of this run can't be read.", bad=True)
        return recipe

    # files

    def open_folder(self, run: Path) -> None:
        if not QDesktopServices.openUrl(QUrl.fromLocalFile(str(run))):
            self._notices.tell(f"No program opens folders here; it is {run}.", bad=True)

    def export(self, run: Path) -> None:
        """Ask where to, then write the model file there."""
        name = f"{run.name}.onnx"
        chosen, _ = QFileDialog.getSaveFileName(self._window, "Export the model", name, "Models (*.onnx)")
        if chosen:
            self.export_to(run, Path(chosen if chosen.endswith(".onnx") else f"{chosen}.onnx"))

    def export_to(self, run: Path, target: Path) -> None:
        self._manager.export_onnx(run, target)
        self._notices.tell(
            f"Exported to {target.name}.", button="Open the folder",
            act=lambda: self.open_folder(target.parent),
        )  # fmt: skip

    def notes(self, run: Path) -> None:
        """Ask for the run's notes."""
        text, sure = QInputDialog.getMultiLineText(
            self._window, "Notes", f"What is worth knowing about {run.name}:", read_notes(run)
        )
        if sure:
            self._manager.set_notes(run, text)
            self.notes_changed.emit(run, text)

    # deleting

    def delete(self, runs: Sequence[Path]) -> None:
        """Out of the list at once, into the trash when it can't be undone any more."""
        active = {view.path for view in self._manager.active()}
        doomed = tuple(run for run in runs if run not in active)
        if not doomed:
            if runs:
                self._notices.tell("A run that is going on can't be deleted; stop it first.", bad=True)
            return
        self.finish_deleting()
        self._doomed = doomed
        self._order.set_hidden(frozenset(doomed))
        self._notices.tell(
            f"Deleted {wording.counted(len(doomed), 'run')}.", button="&Undo", act=self._undo_delete,
            gone=self.finish_deleting, seconds=_UNDO_SECONDS,
        )  # fmt: skip

    def finish_deleting(self) -> None:
        """What was deleted goes to the trash now."""
        doomed, self._doomed = self._doomed, ()
        if doomed:
            self._manager.delete(doomed)

    def _undo_delete(self) -> None:
        self._doomed = ()
        self._order.set_hidden(frozenset())


_LARGEST_SEED = 2**31 - 1


def with_another_seed(recipe: Recipe, *, seed: int | None = None) -> Recipe:
    """The same training from another start of the random numbers; without `seed`, the next one."""
    if seed is None:
        seed = recipe.seed + 1 if recipe.seed < _LARGEST_SEED else 0
    return dataclasses.replace(recipe, seed=seed)


def from_weights(recipe: Recipe, model: Path) -> Recipe:
    """A new training that starts from the weights of `model`, a run's `best_model.pt`."""
    return dataclasses.replace(recipe, start_from=str(model))


def with_half_batch(recipe: Recipe) -> Recipe:
    """Half the memory per step. The learning rate follows (linearly, Goyal et al. 2017, arXiv:1706.02677)."""
    batch = max(2, recipe.batch_size // 2)
    rate = recipe.learning_rate * batch / recipe.batch_size
    return dataclasses.replace(recipe, batch_size=batch, learning_rate=max(rate, 1e-7))


def with_lower_rate(recipe: Recipe) -> Recipe:
    """A third of the learning rate: what helps most often where the cost became NaN."""
    # Two digits, as a person would write it.
    return dataclasses.replace(recipe, learning_rate=max(float(f"{recipe.learning_rate / 3:.2g}"), 1e-7))
