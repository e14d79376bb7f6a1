"""“Learn from my corrections”: starts the runs, offers each model once it is trained, keeps the list of learnings."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from core.base.paths import Places
from core.collection.learnings import LearningLog, Result
from core.runs.file_names import BEST_ONNX
from training.runs import pending_model_offers
from training.runs.launch import LaunchOptions
from training.runs.learning import Collected, collected_in, recipes_to_learn
from training.runs.model_cards import kind_of
from training.runs.model_kinds import KINDS
from training.runs.run_list import RunSummary
from training.runs.state import RunView, Status
from training.services.model_comparison import Comparison
from training.services.run_manager import RunManager
from training.ui import wording
from training.ui.notice_bar import NoticeBar
from training.window.model_switch import ModelSwitch

_log = logging.getLogger(__name__)

NOTHING = "There is nothing to learn yet: draw digits or open photos, and say what they show, first."


class CorrectionLearning(QObject):
    """A model is offered until a person took or refused it, over restarts too; of several one after another."""

    started = Signal(object)
    """Path of the first of the runs that were just started."""
    offered = Signal(object)
    """RunView of a run whose model is to be offered now."""

    def __init__(
        self,
        places: Places,
        manager: RunManager,
        switch: ModelSwitch,
        notices: NoticeBar,
        *,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._places, self._manager, self._switch, self._notices = places, manager, switch, notices
        self.log = LearningLog.within(places.corrections)
        self._promised: set[Path] = set()
        """Runs whose model is to be offered when they are finished, and was not in this window's life."""
        self._due: list[RunView] = []
        """Those that wait until the question before them is answered."""
        self._told = ""
        """What the notice says while a learning goes on."""
        switch.compared.connect(self._on_compared)
        switch.chosen.connect(self._on_chosen)
        switch.left.connect(self._on_left)
        switch.refused.connect(self._on_refused)

    def start(self) -> None:
        """Start what is needed for what was collected, one run after another."""
        found = collected_in(self._places.corrections)
        recipes = recipes_to_learn(found, self._switch.in_use)
        if not recipes:
            self._notices.show_notice(NOTHING, bad=True)
            return
        options = LaunchOptions(data_dir=self._places.data)
        runs = {self._manager.start_run(recipe, options): kind for kind, recipe in recipes.items()}
        self._promised |= set(runs)
        self._note(
            lambda: self.log.begin(
                {run.name: Result(before=str(self._switch.in_use[kind])) for run, kind in runs.items()}
            )
        )
        self.started.emit(next(iter(runs)))
        self._told = _said(found, len(runs))
        self._notices.show_notice(self._told)

    def is_promised(self, run: Path) -> bool:
        """Whether the model of this run will still be offered."""
        return run in self._promised

    def find_offers(self, summaries: Sequence[RunSummary]) -> Path | None:
        """Offers that an earlier window promised; of those of a kind that are due, the newest stands for all. The run
        whose model is to be offered first."""
        promised = [summary.path for summary in summaries if pending_model_offers.is_promised(summary.path)]
        ready = {s.path for s in summaries if s.status is Status.FINISHED and s.has_model}
        due = [run for run in promised if run in ready]
        newest = {kind_of(run / BEST_ONNX): run for run in reversed(due)}
        for run in due:
            if run not in newest.values():
                pending_model_offers.withdraw(run)
        kept = [run for run in due if run in newest.values()]
        self._promised |= {run for run in promised if run not in ready} | set(kept)
        return kept[0] if kept else None

    def keep_offer(self, view: RunView) -> None:
        """Offer the model of a run that is finished, if that was promised; after the question that is open."""
        if view.path not in self._promised:
            return
        pending_model_offers.promise(view.path)
        if view.status is not Status.FINISHED or not view.has_model:
            return
        self._promised.discard(view.path)
        if self._switch.dialog is None:
            self.offered.emit(view)
        else:
            self._due.append(view)

    def note_change(self, model: Path, *, used: bool) -> None:
        """A model that a learning made is used from now on, or not any more."""
        self._note(lambda: self.log.note(model.parent.name, used=used))

    def _on_compared(self, model: Path, before: Path, found: Comparison) -> None:
        changes: dict[str, Any] = {
            "model": str(model), "before": str(before), "sentence": found.sentence, "lines": found.lines,
        }  # fmt: skip
        self._note(lambda: self.log.note(model.parent.name, **changes))

    def _on_chosen(self, model: Path) -> None:
        self.note_change(model, used=True)
        self._offer_next()

    def _on_left(self, model: Path) -> None:
        self.note_change(model, used=False)

    def _on_refused(self, model: Path) -> None:
        self.note_change(model, used=False)
        self._offer_next()

    def _offer_next(self) -> None:
        if self._due and self._switch.dialog is None:
            self.offered.emit(self._due.pop(0))
        elif not self._due and not self._promised:
            self._notices.withdraw(self._told)  # nothing learns any more

    def _note(self, write: Callable[[], object]) -> None:
        """A list that can't be written must not stop learning."""
        with contextlib.suppress(OSError):
            write()
            return
        _log.warning("The list of learnings in %s can't be written.", self.log.folder)


def _said(found: Collected, runs: int) -> str:
    learned = [
        wording.counted(n, word) for n, word in ((found.digits, "digit"), (found.numbers, "number")) if n
    ]
    models = [KINDS[kind].title for kind in found.kinds]
    turns = f"The {', then the '.join(models)} {'learns' if runs == 1 else 'learn'}"
    held = f"; {wording.counted(found.held, 'is', 'are')} held back to measure on" if found.held else ""
    return f"{turns} from {' and '.join(learned)} of yours{held}. The switch is offered after it."
