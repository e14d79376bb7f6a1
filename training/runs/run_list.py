"""The list of all runs: what the runs folder holds, notes, deletion to the trash."""

from __future__ import annotations

import os
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

import send2trash

from core.base.errors import FailureError
from core.base.files import write_text
from core.recipes.recipe import Recipe
from core.runs.file_names import EVENTS, RECIPE
from core.runs.folder import RunFolder
from training.runs.event_tail import read_outline
from training.runs.facts import RunFacts, Stamp, read_stop_stage, stamp
from training.runs.outcome import Outcome
from training.runs.run_names import run_title
from training.runs.state import RunStateBuilder, RunView, Status

NOTES = "notes.txt"


@dataclass(frozen=True)
class RunSummary:
    """One row of the list of runs.

    best_dev_cost, test_accuracy (over all test images), duration (seconds of training): NaN where there is
    none yet. date: when it was created, seconds since the epoch. recipe: None where recipe.json is damaged.
    """

    path: Path
    recipe_name: str
    recipe: Recipe | None
    status: Status
    epoch: int
    epochs: int
    best_epoch: int
    best_dev_cost: float
    test_accuracy: float
    test_n: int
    duration: float
    date: float
    notes: str
    outcome: Outcome | None
    can_resume: bool
    has_checkpoint: bool
    has_weights: bool
    has_model: bool
    own_name: str = ""

    @property
    def id(self) -> str:
        """The name of its folder."""
        return self.path.name

    @property
    def title(self) -> str:
        """Its distinguishing title: its own name, or its recipe and what differs from that."""
        return run_title(self.path, self.recipe, self.own_name)

    @property
    def is_untested(self) -> bool:
        """It has a model that was not measured."""
        return (self.has_weights or self.has_model) and not self.test_n


def summarise(view: RunView, *, date: float, notes: str) -> RunSummary:
    """The row of a run that is looked at."""
    recipe = view.recipe
    return RunSummary(
        path=view.path,
        recipe_name=recipe.name if recipe else view.path.name.split("-")[0],
        recipe=recipe,
        status=view.status,
        epoch=view.epoch,
        epochs=view.epochs,
        best_epoch=view.best_epoch,
        best_dev_cost=view.best_dev_cost,
        test_accuracy=view.test_accuracy,
        test_n=view.test_n,
        duration=view.elapsed,
        date=view.started or date,
        notes=notes,
        outcome=view.outcome,
        can_resume=view.can_resume,
        has_checkpoint=view.has_checkpoint,
        has_weights=view.has_weights,
        has_model=view.has_model,
        own_name=view.name,
    )


@dataclass(frozen=True)
class _Known:
    """A row as it was scanned. stamps: of what it was made from."""

    stamps: tuple[Stamp | None, ...]
    view: RunView
    notes: str
    date: float
    has_process: bool


class RunScanner:
    """Scans a runs folder again and again; reads only what changed."""

    def __init__(self, runs: Path) -> None:
        self.runs = runs
        self._known: dict[Path, _Known] = {}

    def scan(
        self, live: Mapping[Path, RunView], *, grace: float
    ) -> tuple[tuple[RunSummary, ...], list[Path]]:
        """All rows, newest first; and the runs that have a process or wait but are not among `live`.

        live: the views of the runs that are followed closely; their rows are made from these.
        """
        found = {path: self._look(path, live.get(path), grace) for path in self._folders()}
        self._known = found
        rows = [
            summarise(live.get(path, known.view), date=known.date, notes=known.notes)
            for path, known in found.items()
        ]
        rows.sort(key=lambda row: (row.date, row.id), reverse=True)
        awake = [p for p, known in found.items() if p not in live and known.view.status.is_active]
        return tuple(rows), awake

    def _folders(self) -> list[Path]:
        """Folders that look like runs: with a recipe or events."""
        try:
            with os.scandir(self.runs) as entries:
                folders = [Path(entry.path) for entry in entries if entry.is_dir()]
        except OSError:
            return []
        # Not `exists`, which raises for a folder that may not be entered.
        return [p for p in folders if stamp(p / RECIPE) or stamp(p / EVENTS)]

    def _look(self, path: Path, live: RunView | None, grace: float) -> _Known:
        # A file written aside and renamed changes its folder; events.jsonl only grows.
        stamps = (stamp(path), stamp(path / EVENTS))
        old = self._known.get(path)
        if old is not None and old.stamps == stamps and not old.has_process:
            return old
        notes = read_notes(path)
        if live is not None:
            view, has_process = live, live.status.is_active
        else:
            view, has_process = self._outline(path, grace)
        return _Known(stamps, view, notes, _created(path, old), has_process)

    @staticmethod
    def _outline(path: Path, grace: float) -> tuple[RunView, bool]:
        run = RunFolder(path)
        builder = RunStateBuilder(path)
        for event in read_outline(run.events):
            builder.add(event)
        facts = RunFacts(run)
        facts.look(builder)
        view = builder.view(facts.snapshot(builder, now=time.time(), stage=read_stop_stage(run), grace=grace))
        return view, view.status.is_active


def _created(path: Path, old: _Known | None) -> float:
    """When a run without events was made, by the times of its files."""
    if old is not None:
        return old.date
    for name in (RECIPE, EVENTS, ""):
        found = stamp(path / name)
        if found is not None:
            return found[0] / 1e9
    return 0.0


def read_notes(run: Path) -> str:
    """What the user wrote about a run; empty for nothing."""
    try:
        return (run / NOTES).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def write_notes(run: Path, text: str) -> None:
    """Keep what the user wrote about a run. Raises OSError."""
    if not text.strip():
        (run / NOTES).unlink(missing_ok=True)
        return
    write_text(run / NOTES, text)


def to_trash(runs: Collection[Path]) -> None:
    """Move run folders to the system's trash. Raises FailureError, naming the first that can't be moved."""
    for run in runs:
        try:
            send2trash.send2trash(run)
        except (OSError, send2trash.TrashPermissionError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise FailureError(f"{run.name} could not be moved to the trash ({reason}).") from error
