"""Starts, watches, steers and finds again training runs; the Qt face of `training.run_watch`.

All files and processes are handled in a thread of its own; every method returns at once and news come as
signals in the GUI thread, within 0.3 s of the event.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from core.paths import Places
from core.recipes import Recipe
from training.launch import Commands, LaunchOptions
from training.run_list import RunSummary
from training.run_state import RunView
from training.run_watch import Steering


class RunManager(QObject):
    """One per window. `begin()` once its signals are connected; `close()` before it is destroyed."""

    summaries_changed = Signal(object)
    """tuple[RunSummary, ...], newest first: whenever a row changed (at most twice a second)."""
    view_changed = Signal(object)
    """RunView of an active or watched run: whenever something in it changed (at most 10 times a second)."""
    run_ended = Signal(object)
    """RunView of a run whose process has just come to its end; its `outcome` says how. Once per end."""
    log_grew = Signal(object, str, bool)
    """Path of the run, new text of its log; True: this is the log's beginning (show it afresh)."""
    load_changed = Signal(object)
    """Load: processor and graphics card, every 2 s while a run is active."""
    devices_listed = Signal(object)
    """tuple[Device, ...]; the default is marked and says why."""
    estimated = Signal(int, object)
    """The token of the request, and its Estimate."""
    estimate_failed = Signal(int, str)
    """The token of the request, and a sentence."""
    problem = Signal(str)
    """Something asked for could not be done: one sentence."""

    def __init__(
        self,
        places: Places,
        *,
        commands: Commands | None = None,
        steering: Steering | None = None,
        parent: QObject | None = None,
    ) -> None: ...

    # -- life ---------------------------------------------------------------------------------------------

    def begin(self) -> None:
        """Scan the runs folder, find running runs again, go on with the queue."""

    def close(self, *, stop_runs: bool = False) -> None:
        """End the thread and the child queries. Runs go on, or (`stop_runs`) are asked to stop politely."""

    # -- what is there ------------------------------------------------------------------------------------

    def summaries(self) -> tuple[RunSummary, ...]:
        """The latest list, newest first."""

    def view(self, run: Path) -> RunView | None:
        """The latest view of an active or watched run."""

    def active(self) -> tuple[RunView, ...]:
        """The runs that have a process or wait for their turn."""

    def watch(self, runs: Collection[Path]) -> None:
        """These runs' views (with curves) are wanted, besides the active ones'. Replaces the last call's."""

    def watch_log(self, run: Path | None) -> None:
        """This run's log is wanted: its end first (at most 256 KiB), then what is added."""

    # -- starting -----------------------------------------------------------------------------------------

    def start_run(self, recipe: Recipe, options: LaunchOptions | None = None) -> Path:
        """A new run, started now or queued where as many run as may. Returns its folder (made a moment later)."""

    def resume(
        self, run: Path, *, changes: Mapping[str, str] | None = None, options: LaunchOptions | None = None
    ) -> None:
        """Go on with a run that ended. changes: such as `{"epochs": "60"}`. options: None for those it had."""

    # -- steering -----------------------------------------------------------------------------------------

    def pause(self, run: Path) -> None: ...

    def go_on(self, run: Path) -> None: ...

    def stop(self, run: Path) -> None:
        """Politely: the stop file; after the grace period terminate; then kill. A waiting run leaves the queue."""

    def stop_now(self, run: Path) -> None:
        """At once: terminate, and a second later kill. What the last epoch saved is kept."""

    # -- the list -----------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Scan the runs folder again (it also happens by itself every few seconds)."""

    def set_notes(self, run: Path, text: str) -> None: ...

    def delete(self, runs: Collection[Path]) -> None:
        """To the trash. Active runs are left alone; `problem` says so."""

    def export_onnx(self, run: Path, target: Path) -> None:
        """A copy of the run's best model file. `problem` says why where that can't be."""

    # -- asking children ----------------------------------------------------------------------------------

    def list_devices(self) -> None:
        """`devices_listed` follows, at once the second time."""

    def estimate(self, recipe: Recipe, device: str = "auto") -> int:
        """Measure by a few warm-up steps how long the recipe takes here. Cancels the request before.

        Returns a token; `estimated` or `estimate_failed` carries it. Cached by what the time depends on.
        """

    def cancel_estimate(self) -> None: ...
