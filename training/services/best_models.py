"""Makes the model file of a run that did not come to its end, and tests it; in child processes, one a run."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal

from core.runs.file_names import BEST_ONNX
from training.runs.launch import Commands, LaunchOptions
from training.services.child_process import ChildQuery

_EXPORT_SECONDS = 300.0
_TEST_SECONDS = 4 * 3600.0


class BestModels(QObject):
    """A run whose training was stopped, killed or failed has its best weights, and neither file nor figures."""

    exported = Signal(object)
    """Path of the run: its model file is there."""
    tested = Signal(object)
    """Path of the run: its test.json and its model file are there."""
    failed = Signal(object, str)
    """Path of the run, and why."""
    busy_changed = Signal(object)
    """Path of a run at which work began or ended."""

    def __init__(self, *, commands: Commands, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._commands = commands
        self._queries: dict[Path, tuple[ChildQuery, str]] = {}

    def export(self, run: Path) -> None:
        """Make `best_model.onnx` of the weights as they are. Nothing where the run is being worked at."""
        command = self._commands.export(run, run / BEST_ONNX)
        self._start(run, command, _EXPORT_SECONDS, "The model file", "Making its model file…", self.exported)

    def test(self, run: Path, options: LaunchOptions) -> None:
        """Measure the best model, as at the end of a training. Nothing where the run is being worked at."""
        command = self._commands.test(run, options)
        self._start(run, command, _TEST_SECONDS, "The test's result", "Testing its best model…", self.tested)

    def busy_with(self, run: Path) -> str:
        """What is being done at a run, in words; empty for nothing."""
        return self._queries[run][1] if run in self._queries else ""

    def cancel(self, run: Path) -> None:
        """End the work at a run; no signal follows but `busy_changed`."""
        if run in self._queries:
            self._queries.pop(run)[0].cancel()
            self.busy_changed.emit(run)

    def close(self) -> None:
        """End all work, and wait for the children to be gone: before the program ends."""
        queries, self._queries = self._queries, {}
        for query, _ in queries.values():
            query.close()

    def _start(
        self, run: Path, command: list[str], seconds: float, what: str, words: str, done: object
    ) -> None:
        if run in self._queries:
            return
        query = ChildQuery(command, seconds=seconds, what=what, parent=self)

        def settle() -> None:
            self._queries.pop(run, None)
            self.busy_changed.emit(run)

        def on_answered(_: object) -> None:
            settle()
            done.emit(run)  # type: ignore[attr-defined]  # a bound signal

        def on_failed(sentence: str) -> None:
            settle()
            self.failed.emit(run, sentence)

        query.answered.connect(on_answered)
        query.failed.connect(on_failed)
        self._queries[run] = query, words
        self.busy_changed.emit(run)
        query.start()
