"""Asks a child process something and takes its answer as JSON, without keeping the window waiting."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QObject, QProcess, QProcessEnvironment, QTimer, Signal

from core.base.errors import AS_JSON, ChildError
from training.runs.launch import environment
from training.runs.outcome import last_line
from training.ui import wording

_KILL_WAIT_MS = 2000


class ChildQuery(QObject):
    """One question to one child process. Emits `answered` or `failed`, once; nothing after `cancel`."""

    answered = Signal(object)
    """The JSON value of the last line of its standard output."""
    failed = Signal(str)
    """One sentence."""

    def __init__(
        self, command: Sequence[str], *, seconds: float, what: str, parent: QObject | None = None
    ) -> None:
        """seconds: how long it may take. what: the start of the sentence where it fails: “The devices”."""
        super().__init__(parent)
        self._what = what
        self._over = False
        self._process = QProcess(self)
        self._process.setProgram(command[0])
        self._process.setArguments(list(command[1:]))
        give_environment(self._process)
        self._process.finished.connect(self._on_finished)
        self._process.errorOccurred.connect(self._on_error)
        self._clock = QTimer(self)
        self._clock.setSingleShot(True)
        self._clock.setInterval(round(seconds * 1000))
        self._clock.timeout.connect(self._on_timeout)

    def start(self) -> None:
        self._process.start()
        self._clock.start()

    def cancel(self) -> None:
        """End the child; no signal follows. The object deletes itself once the child is gone."""
        self._over = True
        self._clock.stop()
        if self._process.state() == QProcess.ProcessState.NotRunning:
            self.deleteLater()
        else:
            self._process.kill()

    def close(self) -> None:
        """Cancel, and wait for the child to be gone: before the program ends."""
        self.cancel()
        if self._process.state() != QProcess.ProcessState.NotRunning:
            self._process.waitForFinished(_KILL_WAIT_MS)

    def _on_finished(self, code: int, status: QProcess.ExitStatus) -> None:
        if self._over:
            self.deleteLater()
            return
        output = bytes(self._process.readAllStandardOutput().data()).decode("utf-8", errors="replace")
        errors = bytes(self._process.readAllStandardError().data()).decode("utf-8", errors="replace")
        # An answer counts though the exit code complains: `gnc evaluate` does so about images it passed over.
        value = last_json(output) if status == QProcess.ExitStatus.NormalExit else None
        if value is None:
            error = child_error(errors)
            reason = error.message if error is not None else last_line(errors)
            self._fail(reason or (f"exit code {code}" if code else "the answer was not understood"))
            return
        self._settle()
        self.answered.emit(value)

    def _on_error(self, error: QProcess.ProcessError) -> None:
        # The other errors come with `finished`.
        if error == QProcess.ProcessError.FailedToStart and not self._over:
            self._fail(self._process.errorString())

    def _on_timeout(self) -> None:
        self._fail(f"no answer within {self._clock.interval() / 1000:.0f} s")

    def _fail(self, reason: str) -> None:
        self._settle()
        self.failed.emit(wording.in_window(f"{self._what} could not be found out: {reason.rstrip('.')}."))

    def _settle(self) -> None:
        self.cancel()


def last_json(output: str) -> Any:
    """The value of the last line that is JSON; None if there is none. A library may print before it."""
    for line in reversed(output.splitlines()):
        try:
            return json.loads(line)
        except ValueError:
            continue
    return None


def child_error(errors: str) -> ChildError | None:
    """What the child said of its error; None where it was ended before it could, or is no program of ours."""
    return next(
        (error for line in reversed(errors.splitlines()) if (error := ChildError.from_line(line))), None
    )


def give_environment(process: QProcess) -> None:
    """The child's environment: ours, the place of the program's packages, and errors reported as fields."""
    variables = QProcessEnvironment()
    for name, value in (environment() | AS_JSON).items():
        variables.insert(name, value)
    process.setProcessEnvironment(variables)
