"""The training window: runs at the left, the one that is looked at (or made) at the right. Only wiring."""

from __future__ import annotations

import base64
import contextlib
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QByteArray, QCoreApplication, QSize, Qt, Signal
from PySide6.QtGui import QCloseEvent, QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import QLayout, QMessageBox, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from assets import MODELS
from core.base.errors import DataError
from core.base.files import read_json, write_json
from core.base.paths import Places
from core.recipes.recipe import Recipe
from core.runs.file_names import BEST_ONNX
from training.new_run.page import NewRunPage
from training.run_page.page import RunPage
from training.run_table.compare_page import MOST, ComparePage
from training.run_table.model import RunsModel, RunsOrder, best_accuracies
from training.run_table.side_list import RunsPanel
from training.run_table.table import RunsTable
from training.runs import pending_model_offers
from training.runs.device_load import Load
from training.runs.launch import Commands, LaunchOptions
from training.runs.learning import collected_in
from training.runs.model_cards import figures_by_recipe, kind_of
from training.runs.model_kinds import Kind
from training.runs.run_action import RunAction
from training.runs.run_list import RunSummary
from training.runs.state import RunView, Status
from training.services.best_models import BestModels
from training.services.data_sources import SourceFetcher, SourceLister, SourcePreparer
from training.services.preview_process import GalleryFeed
from training.services.run_manager import RunManager, Steering
from training.ui.geometry import ScreenFit
from training.ui.lazy_page import IdleQueue
from training.ui.notice_bar import NoticeBar
from training.window.learning import CorrectionLearning
from training.window.learnings_dialog import LearningsDialog
from training.window.model_switch import ModelSwitch, data_to_compare
from training.window.run_commands import RunCommands

_USUAL, _SIDE = QSize(84, 54), 16
"""In heights of a line of text: the window as it is first shown, and the width of its list of runs."""
_SMALLEST = QSize(780, 480)
SHIPPED = MODELS / "classifier.onnx"


class TrainingWindow(QWidget):
    """Runs go on whatever becomes of this window. `shutdown` before the program ends (it does so by itself
    when the application quits)."""

    model_chosen = Signal(object)
    """Path of the model file that the live program is to read with from now on."""
    corrections_wanted = Signal()
    """To look through what was labelled in the live program."""

    def __init__(
        self,
        places: Places,
        parent: QWidget | None = None,
        *,
        commands: Commands,
        steering: Steering | None = None,
        gallery_command: Sequence[str] | None = None,
        present_model: Path = SHIPPED,
    ) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self.setWindowTitle("Training")
        self._places = places
        self._state_file = places.settings / "training-window.json"
        self._wanted: Path | None = None
        self._compared: tuple[Path, ...] = ()
        self._has_looked_at_list = False
        self._let_go: frozenset[Path] = frozenset()
        self._is_shut = False
        self.manager = RunManager(places, commands=commands, steering=steering, parent=self)
        self.model = RunsModel(self)
        self.order = RunsOrder(self.model, self)
        self._feed = GalleryFeed(places.data, command=gallery_command, parent=self)
        self._lister = SourceLister(places.data, commands=commands, parent=self)
        self._fetcher = SourceFetcher(places.data, commands=commands, parent=self)
        self._preparer = SourcePreparer(places.data, commands=commands, parent=self)
        self.notices = NoticeBar(self)
        self.switch = ModelSwitch(present_model, places.data, commands=commands, window=self)
        self.learning = CorrectionLearning(places, self.manager, self.switch, self.notices, parent=self)
        self.models = BestModels(commands=commands, parent=self)
        self.commands = RunCommands(
            self.manager, self.models, self.order, self.notices, data_dir=places.data, window=self
        )
        self.runs = RunsPanel(self.model, self.order, self)
        self.new_run = NewRunPage(
            self.manager, data_dir=places.data, feed=self._feed, lister=self._lister, fetcher=self._fetcher,
            preparer=self._preparer, parent=self,
        )  # fmt: skip
        self.new_run.set_figures(figures_by_recipe(MODELS))
        self._run_page: RunPage | None = None
        self._compare: ComparePage | None = None
        self.table = RunsTable(self.order, self)
        self._pages = QStackedWidget(self)
        for page in (self.new_run, self.table):
            self._pages.addWidget(page)
        steps = [
            *self.new_run.make_pages(), lambda: self.run_page, lambda: self.run_page.test,
            lambda: self.compare,
        ]  # fmt: skip
        self._rest = IdleQueue(steps, self)
        self._lay_out()
        self._connect_manager()
        self._connect_pages()
        refresh = QShortcut(QKeySequence.StandardKey.Refresh, self)
        refresh.activated.connect(self.manager.refresh)
        application = QCoreApplication.instance()
        if application is not None:
            application.aboutToQuit.connect(self.shutdown)
        self._show_page(self.new_run)
        self.manager.begin()

    def _lay_out(self) -> None:
        self._split = split = QSplitter(Qt.Orientation.Horizontal, self)
        split.setChildrenCollapsible(False)
        split.addWidget(self.runs)
        split.addWidget(self._pages)
        split.setStretchFactor(0, 0)
        split.setStretchFactor(1, 1)
        em = self.fontMetrics().height()
        split.setSizes([_SIDE * em, (_USUAL.width() - _SIDE) * em])
        self.runs.setMinimumWidth(12 * em)
        layout = QVBoxLayout(self)
        # Words that wrap have no smallest height until they are as wide as they will be: the pages that are not
        # shown would make the window higher than a small screen.
        layout.setSizeConstraint(QLayout.SizeConstraint.SetNoConstraint)
        self.setMinimumSize(_SMALLEST)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(split, 1)
        layout.addWidget(self.notices)
        self.resize(_USUAL * em)
        restore(self._state_file, self, split)
        ScreenFit(self)

    def _connect_manager(self) -> None:
        manager = self.manager
        manager.summaries_changed.connect(self._on_summaries)
        manager.view_changed.connect(self._on_view)
        manager.run_ended.connect(self._on_run_ended)
        manager.log_grew.connect(self._on_log_grew)
        manager.load_changed.connect(self._on_load)
        manager.start_failed.connect(lambda _, sentence: self.notices.show_notice(sentence, bad=True))
        manager.problem.connect(lambda sentence: self.notices.show_notice(sentence, bad=True))

    def _connect_pages(self) -> None:
        self.new_run.start_asked.connect(self._on_start_asked)
        self.new_run.corrections_wanted.connect(self.corrections_wanted)
        self.runs.new_asked.connect(lambda: self._show_page(self.new_run))
        self.runs.all_asked.connect(lambda: self._show_page(self.table))
        self.runs.selection_changed.connect(self._on_selection)
        self.runs.copy_asked.connect(self.table.copy)
        self.table.opened.connect(self._open)
        self.table.compare_asked.connect(self._on_selection)
        for place in (self.runs, self.table):
            place.action_requested.connect(self._on_action)
        self.commands.started.connect(self._open)
        self.commands.recipe_proposed.connect(self._on_recipe_proposed)
        self.commands.notes_changed.connect(self._on_notes_changed)
        self.models.busy_changed.connect(self._on_model_busy)
        self.switch.chosen.connect(self._on_model_chosen)
        self.switch.refused.connect(lambda model: pending_model_offers.withdraw(model.parent))
        self.switch.switched.connect(self._on_switched)
        self.learning.started.connect(self._on_learning_started)
        self.learning.offered.connect(lambda view: self._use(view, ask=True))

    # pages that are made when they are first wanted

    @property
    def shown_page(self) -> QWidget | None:
        return self._pages.currentWidget()

    @property
    def run_page(self) -> RunPage:
        if self._run_page is None:
            self._run_page = RunPage(self)
            self._run_page.action_requested.connect(self._on_action)
            self._run_page.log_wanted.connect(self.manager.watch_log)
            self._pages.addWidget(self._run_page)
        return self._run_page

    @property
    def compare(self) -> ComparePage:
        if self._compare is None:
            self._compare = ComparePage(self)
            self._pages.addWidget(self._compare)
        return self._compare

    # from outside

    def set_present_model(self, model: Path) -> None:
        """The file that the live program reads with now, or finds digits in photos with, by its kind."""
        self.switch.set_present(model)
        self._mark_in_use()

    def start_finetune(self) -> None:
        """Learn from what the user drew and labelled; the switch is offered when it is done."""
        self.learning.start()

    def show_learnings(self) -> None:
        """The list of what was learned from corrections, and what came of it."""
        dialog = LearningsDialog(self.learning.log.entries(), self.switch, self)
        dialog.open()

    def show_run(self, name: str) -> None:
        """The run of this name, as soon as it is known."""
        self._open(self._places.runs / name)

    def may_close(self) -> bool:
        """Ask what becomes of the runs that go on; False: the window is to stay."""
        active = self.manager.active()
        paths = frozenset(view.path for view in active)
        if not active or paths == self._let_go:
            return True
        box = QMessageBox(self)
        box.setWindowTitle("A training is running")
        count = "A run is" if len(active) == 1 else f"{len(active)} runs are"
        box.setText(f"{count} still running.")
        box.setInformativeText(
            "It can run on without this window, and is found again at the next start; or it can be stopped, "
            "and what it learned is kept."
        )
        go_on = box.addButton("&Keep training", QMessageBox.ButtonRole.AcceptRole)
        stop = box.addButton("&Stop it", QMessageBox.ButtonRole.DestructiveRole)
        box.addButton("&Cancel", QMessageBox.ButtonRole.RejectRole)
        box.setDefaultButton(go_on)
        box.exec()
        clicked = box.clickedButton()
        if clicked is stop:
            for view in active:
                self.manager.stop(view.path)
        elif clicked is not go_on:
            return False
        self._let_go = paths
        return True

    def shutdown(self) -> None:
        """End what belongs to the window: threads and helpers, not the runs."""
        if self._is_shut:
            return
        self._is_shut = True
        self._rest.stop()
        self.commands.finish_deleting()
        self.switch.close()
        self.models.close()
        self._feed.close()
        self._lister.cancel()
        self._fetcher.close()
        self._preparer.close()
        self.manager.close()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._rest.start()

    def closeEvent(self, event: QCloseEvent) -> None:
        if self._is_shut or self.may_close():
            self.commands.finish_deleting()
            self._feed.close()
            keep(self._state_file, self, self._split)
            event.accept()
        else:
            event.ignore()

    # pages

    def _show_page(self, page: QWidget) -> None:
        self._pages.setCurrentWidget(page)
        self.runs.show_mode({self.new_run: "new", self.table: "all"}.get(page, "runs"))
        if page in (self.new_run, self.table):
            self._wanted = None
        titles = {self.new_run: "New run", self.table: "All runs", self._compare: "Comparison"}
        if page in titles:
            self.setWindowTitle(f"{titles[page]} – Training")

    def _open(self, run: Path) -> None:
        """Show one run; one that was just started is shown as soon as it is there."""
        self._wanted = run
        if self.runs.select(run):
            self._wanted = None
            self._on_selection((run,))
        else:
            self.manager.watch([run])

    def _on_selection(self, runs: tuple[Path, ...]) -> None:
        self._compared = runs if len(runs) > 1 else ()
        if not runs:
            return
        self._wanted = None
        self.manager.watch(runs[:MOST])
        if self._compared:
            self._show_page(self.compare)
            self._show_comparison()
            return
        self._show_page(self.run_page)
        summary = self.manager.summary(runs[0])
        self.run_page.set_notes(summary.notes if summary is not None else "")
        view = self.manager.view(runs[0])
        if view is not None:
            self._show_run(view)

    def _show_run(self, view: RunView) -> None:
        self.setWindowTitle(f"{view.title} – Training")
        self.run_page.show_view(view)
        self.run_page.set_busy(self.models.busy_with(view.path))
        self._mark_in_use()
        self.learning.keep_offer(view)

    def _show_comparison(self) -> None:
        views = [view for run in self._compared if (view := self.manager.view(run)) is not None]
        self.compare.show_views(views, len(self._compared))

    def _looked_at(self) -> tuple[Path, ...]:
        """The runs on the page that is shown."""
        page = self.shown_page
        if isinstance(page, ComparePage):
            return self._compared
        return self.runs.selected() if isinstance(page, RunPage) else ()

    # news of runs

    def _on_summaries(self, summaries: tuple[RunSummary, ...]) -> None:
        self.model.set_runs(summaries)
        self.new_run.set_own_best(best_accuracies(summaries))
        if not self._has_looked_at_list:
            self._has_looked_at_list = True
            offered = self.learning.find_offers(summaries)
            if offered is not None:
                self._open(offered)
            self._show_what_runs(summaries)
        if self._wanted is not None and self.model.row_of(self._wanted) >= 0:
            self._open(self._wanted)

    def _on_view(self, view: RunView) -> None:
        if view.status.is_active and view.step:
            # It has what it needs; from now on it wants the cores for itself.
            self._preparer.set_held(True)
        looked_at = self._looked_at()
        if view.path not in looked_at:
            return
        if self._compared:
            self._show_comparison()
        else:
            self._show_run(view)

    def _on_run_ended(self, view: RunView) -> None:
        self._preparer.set_held(bool(self.manager.active()))
        self.manager.learn_duration(view)
        self._let_go -= {view.path}
        if self.learning.is_promised(view.path):
            self.learning.keep_offer(view)
            if not self.learning.is_promised(view.path):
                return
        if view.path not in self._looked_at() and view.outcome is not None:
            self.notices.show_notice(
                f"{view.title}: {view.outcome.sentence}", bad=not view.outcome.good, button="Show",
                act=lambda: self._open(view.path),
            )  # fmt: skip

    def _on_learning_started(self, first: Path) -> None:
        # The runs make what they need themselves: they would wait for a process of the lowest priority that makes it.
        self._preparer.set_held(True)
        self._open(first)

    def _show_what_runs(self, summaries: tuple[RunSummary, ...]) -> None:
        """A window that is opened again shows the run that runs, unless it was asked for another page already."""
        is_untouched = self.shown_page is self.new_run and self._wanted is None
        running = next((s for s in summaries if s.status.is_active and s.status is not Status.WAITING), None)
        if is_untouched and running is not None and not self.new_run.draft.changes:
            self._open(running.path)

    def _on_log_grew(self, run: Path, text: str, fresh: bool) -> None:
        if self._run_page is not None and run == self._run_page.run:
            self._run_page.log.add(text, fresh=fresh)

    def _on_load(self, load: Load) -> None:
        if self._run_page is not None:
            self._run_page.set_load(load)

    # what a person asks for

    def _on_start_asked(self, recipe: Recipe, options: LaunchOptions, at_once: bool) -> None:
        self._open(self.manager.start_run(recipe, options, at_once=at_once))
        self._preparer.hurry([name for name, share in recipe.sources.items() if share > 0])

    def _on_recipe_proposed(self, recipe: Recipe, sentence: str) -> None:
        self.new_run.set_recipe(recipe)
        self._show_page(self.new_run)
        self.notices.show_notice(sentence)

    def _on_notes_changed(self, run: Path, text: str) -> None:
        if self._run_page is not None and run == self._run_page.run:
            self._run_page.set_notes(text)

    def _on_action(self, action: RunAction, runs: tuple[Path, ...]) -> None:
        """What is asked of a run: what concerns the window's pages is done here, the rest by the commands."""
        match action:
            case RunAction.DELETE:
                looked_at = self._looked_at()
                self.commands.delete(runs)
                if set(runs) & set(looked_at) and not self.runs.selected():
                    self._show_page(self.new_run)
            case RunAction.USE:
                self.commands.with_model(runs[0], lambda: self._use_run(runs[0]))
            case RunAction.SWITCH_BACK:
                self.switch.switch_back(runs[0] / BEST_ONNX)
            case RunAction.SHOW_DATA:
                self._show_page(self.new_run)
                self.new_run.show_data()
            case _:
                known = self.commands.carry_out(action, runs)
                assert known, action

    # models

    def _use_run(self, run: Path) -> None:
        view = self.manager.view(run)
        if view is not None:
            self._use(view)

    def _on_model_busy(self, run: Path) -> None:
        if self._run_page is not None and run == self._run_page.run:
            self._run_page.set_busy(self.models.busy_with(run))

    def _use(self, view: RunView, *, ask: bool = False) -> None:
        name = f"{view.title}, which is not tested," if view.is_untested else view.title
        model = view.path / BEST_ONNX
        kind, found = kind_of(model), collected_in(self._places.corrections)
        has_own = (found.digits if kind is Kind.CLASSIFIER else found.numbers) > 0
        self.switch.use(model, name, data_to_compare(view, kind, has_own=has_own), ask=ask)

    def _on_model_chosen(self, model: Path) -> None:
        pending_model_offers.withdraw(model.parent)
        self._mark_in_use()
        self.model_chosen.emit(model)

    def _on_switched(self, model: Path, sentence: str) -> None:
        self.notices.show_notice(
            sentence, button=RunAction.SWITCH_BACK.text, act=lambda: self.switch.switch_back(model)
        )

    def _mark_in_use(self) -> None:
        if self._run_page is not None:
            run = self._run_page.run
            self._run_page.set_in_use(run is not None and self.switch.is_in_use(run / BEST_ONNX))


def keep(path: Path, window: QWidget, split: QSplitter) -> None:
    """Write it; a settings folder that can't be written is no reason to complain."""
    values = {"window": _text(window.saveGeometry()), "runs": _text(split.saveState())}
    with contextlib.suppress(OSError):
        write_json(path, values)


def restore(path: Path, window: QWidget, split: QSplitter) -> None:
    """As it was; as it is where nothing was kept, or the file is damaged."""
    try:
        values = read_json(path)
        geometry, state = (base64.b64decode(values[name]) for name in ("window", "runs"))
    except (DataError, KeyError, TypeError, ValueError):
        return
    window.restoreGeometry(QByteArray(geometry))
    split.restoreState(QByteArray(state))


def _text(state: QByteArray) -> str:
    return base64.b64encode(bytes(state.data())).decode("ascii")
