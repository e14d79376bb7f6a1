"""What the actions of a run do: dialogs where something has to be asked, then the run manager."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog, QInputDialog, QLineEdit, QWidget

from core.recipes.recipe import Recipe
from core.runs.file_names import BEST
from training.run_table.model import RunsOrder
from training.runs.launch import Launch, LaunchOptions
from training.runs.run_action import RunAction
from training.runs.run_list import read_notes
from training.runs.run_names import LONGEST, read_name
from training.services.best_models import BestModels
from training.services.run_manager import RunManager
from training.ui import wording
from training.ui.notice_bar import NoticeBar


class RunCommands(QObject):
    """Carries out what is asked of runs. Deleting can be undone until the next message."""

    started = Signal(object)
    """Path of a run that was just started."""
    recipe_proposed = Signal(object, str)
    """A recipe to begin a new run with, and a sentence that says where it is from."""
    notes_changed = Signal(object, str)
    """Path of a run and its notes."""

    def __init__(
        self,
        manager: RunManager,
        models: BestModels,
        order: RunsOrder,
        notices: NoticeBar,
        *,
        data_dir: Path,
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._manager, self._models, self._order, self._notices = manager, models, order, notices
        self._data_dir, self._window = data_dir, window
        self._doomed: tuple[Path, ...] = ()
        self._when_made: dict[Path, Callable[[], None]] = {}
        models.exported.connect(self._on_model_made)
        models.tested.connect(self._on_tested)
        models.failed.connect(self._on_model_failed)
        self._of_one: dict[RunAction, Callable[[Path], None]] = {
            RunAction.PAUSE: manager.pause,
            RunAction.GO_ON: manager.go_on,
            RunAction.START_NOW: manager.go_on,
            RunAction.STOP: manager.stop,
            RunAction.STOP_NOW: manager.stop_now,
            RunAction.RESUME: self.resume,
            RunAction.KEEP_TRAINING: self.ask_and_keep_training,
            RunAction.REPEAT: lambda run: self._start_like(run, with_another_seed),
            RunAction.HALF_BATCH: lambda run: self._start_like(run, with_half_batch),
            RunAction.LOWER_RATE: lambda run: self._start_like(run, with_lower_rate),
            RunAction.FROM_WEIGHTS: self.propose_from_weights,
            RunAction.CHANGE: self.propose_changed,
            RunAction.TEST: self.test,
            RunAction.EXPORT: self.ask_and_export,
            RunAction.SHOW_FOLDER: self.show_folder,
            RunAction.RENAME: self.ask_and_rename,
            RunAction.NOTES: self.ask_for_notes,
        }

    def carry_out(self, action: RunAction, runs: Sequence[Path]) -> bool:
        """Do it with these runs (most actions: with the first). False for an action that is not known here."""
        if action is RunAction.DELETE:
            self.delete(runs)
        elif action in self._of_one and runs:
            self._of_one[action](runs[0])
        return action is RunAction.DELETE or action in self._of_one

    # steering

    def resume(self, run: Path) -> None:
        self._manager.resume(run)
        self.started.emit(run)

    def ask_and_keep_training(self, run: Path) -> None:
        """Ask for how many epochs more, and go on with the run."""
        view = self._manager.view(run)
        if view is None:
            return
        more, sure = QInputDialog.getInt(
            self._window, RunAction.KEEP_TRAINING.text,
            f"It has done {wording.counted(view.epoch, 'epoch')}. How many more?", max(1, view.epochs // 2),
            1, 10_000,
        )  # fmt: skip
        if sure:
            self.keep_training(run, more)

    def keep_training(self, run: Path, more: int) -> None:
        """Go on for so many epochs more than it has done."""
        view = self._manager.view(run)
        if view is not None:
            self._manager.resume(run, changes={"epochs": str(view.epoch + more)})
            self.started.emit(run)

    def _start_like(self, run: Path, change: Callable[[Recipe], Recipe]) -> None:
        recipe = self._recipe(run)
        if recipe is not None:
            self.started.emit(self._manager.start_run(change(recipe), self._options_of(run)))

    def _options_of(self, run: Path) -> LaunchOptions:
        launch = Launch.read(run)
        return launch.options if launch is not None else LaunchOptions(data_dir=self._data_dir)

    def propose_from_weights(self, run: Path) -> None:
        """A new run that starts where this one's best model is, to be looked over first."""
        recipe = self._recipe(run)
        if recipe is not None:
            title = self._title(run)
            self.recipe_proposed.emit(
                from_weights(recipe, run / BEST), f"It starts from the weights of {title}."
            )

    def propose_changed(self, run: Path) -> None:
        """A new run with this one's recipe, to be changed first."""
        recipe = self._recipe(run)
        if recipe is not None:
            self.recipe_proposed.emit(recipe, f"The recipe of {self._title(run)}; change what you like.")

    def _recipe(self, run: Path) -> Recipe | None:
        view = self._manager.view(run)
        recipe = view.recipe if view is not None else None
        if recipe is None:
            self._notices.show_notice("The recipe of this run can't be read.", bad=True)
        return recipe

    def _title(self, run: Path) -> str:
        view = self._manager.view(run)
        return view.title if view is not None else run.name

    # the model

    def test(self, run: Path) -> None:
        """Measure the best model of a run that did not come to its end."""
        self._models.test(run, self._options_of(run))
        self._notices.show_notice(
            f"Testing the best model of {self._title(run)}; it goes on while you do something else.",
            button="Cancel", act=lambda: self._models.cancel(run),
        )  # fmt: skip

    def with_model(self, run: Path, then: Callable[[], None]) -> None:
        """Do something that needs the run's model file; it is made first where it is missing or older than the
        best weights."""
        view = self._manager.view(run)
        if view is not None and view.has_model:
            then()
            return
        self._when_made[run] = then
        self._models.export(run)

    def _on_model_made(self, run: Path) -> None:
        self._manager.refresh()
        then = self._when_made.pop(run, None)
        if then is not None:
            then()

    def _on_tested(self, run: Path) -> None:
        self._manager.refresh()
        self._notices.show_notice(
            f"The best model of {self._title(run)} is tested.",
            button="Show",
            act=lambda: self.started.emit(run),
        )

    def _on_model_failed(self, run: Path, sentence: str) -> None:
        self._when_made.pop(run, None)
        self._notices.show_notice(f"{self._title(run)}: {sentence}", bad=True)

    # files

    def show_folder(self, run: Path) -> None:
        if not QDesktopServices.openUrl(QUrl.fromLocalFile(str(run))):
            self._notices.show_notice(f"No program opens folders here; it is {run}.", bad=True)

    def ask_and_export(self, run: Path) -> None:
        """Ask where to, then write the model file there."""
        name = f"{self._title(run)}.onnx".replace("/", "-")
        chosen, _ = QFileDialog.getSaveFileName(self._window, "Export the model", name, "Models (*.onnx)")
        if chosen:
            self.export_to(run, Path(chosen if chosen.endswith(".onnx") else f"{chosen}.onnx"))

    def export_to(self, run: Path, target: Path) -> None:
        self.with_model(run, lambda: self._copy_model(run, target))

    def _copy_model(self, run: Path, target: Path) -> None:
        self._manager.export_onnx(run, target)
        view = self._manager.view(run)
        untested = "; it is not tested" if view is not None and view.is_untested else ""
        self._notices.show_notice(
            f"Exported to {target.name}{untested}.", button=RunAction.SHOW_FOLDER.text,
            act=lambda: self.show_folder(target.parent),
        )  # fmt: skip

    def ask_and_rename(self, run: Path) -> None:
        """Ask for a name of its own."""
        text, sure = QInputDialog.getText(
            self._window, "Rename", f"A name for {self._title(run)} (at most {LONGEST} letters; empty: by its recipe):",
            QLineEdit.EchoMode.Normal, read_name(run),
        )  # fmt: skip
        if sure:
            self._manager.set_name(run, text)

    def ask_for_notes(self, run: Path) -> None:
        """Ask for the run's notes."""
        text, sure = QInputDialog.getMultiLineText(
            self._window, "Notes", f"What is worth knowing about {self._title(run)}:", read_notes(run)
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
                self._notices.show_notice("A run that is going on can't be deleted; stop it first.", bad=True)
            return
        self.finish_deleting()
        self._doomed = doomed
        self._order.set_hidden(frozenset(doomed))
        self._notices.show_notice(
            f"Deleted {wording.counted(len(doomed), 'run')}.", button="Undo", act=self._undo_delete,
            gone=self.finish_deleting,
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
