"""The sources of digits as the child process `gnc data list` reports them; fetching and preparing them."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QProcess, Signal

from training.runs.launch import Commands
from training.services.child_process import child_error, give_environment

_MOST_PREPARING = 4


@dataclass(frozen=True)
class SourceFacts:
    """One source. counts: images a split; counted: they are known, not expected. note: where it is, or how to
    get it. partial: a part of it ships with the program. remarks: sentences about what was found. choices: folders
    that hold digits, where the one that was named does not."""

    name: str
    title: str
    here: bool = False
    note: str = ""
    counts: Mapping[str, int] = field(default_factory=dict)
    counted: bool = False
    terms: str = ""
    fetchable: bool = False
    networks: tuple[str, ...] = ()
    """Those whose recipes may name it; empty: unknown."""
    partial: bool = False
    remarks: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()


def parse_source(line: str) -> SourceFacts:
    """A line of `gnc data list --json`. Raises ValueError, KeyError or TypeError for what is none."""
    body = json.loads(line)
    return SourceFacts(
        name=str(body["name"]),
        title=str(body["title"]),
        here=bool(body["here"]),
        note=str(body["note"]),
        counts={str(split): int(n) for split, n in body["counts"].items()},
        counted=bool(body["counted"]),
        terms=str(body["terms"]),
        fetchable=bool(body["fetchable"]),
        networks=tuple(str(name) for name in body.get("networks", ())),
        partial=bool(body.get("partial")),
        remarks=tuple(map(str, body.get("remarks") or ())),
        choices=tuple(map(str, body.get("choices") or ())),
    )


@dataclass(frozen=True)
class FetchProgress:
    """How far a download is. done, total: bytes; total is 0 if the server does not report it."""

    file: str
    done: int
    total: int


def parse_progress(line: str) -> FetchProgress:
    """A line of `gnc data fetch --json`. Raises ValueError, KeyError or TypeError for what is none."""
    body = json.loads(line)
    return FetchProgress(str(body["file"]), int(body["done"]), int(body["total"] or 0))


class LineProcess(QObject):
    """A child process whose output is taken line by line. One of `finished` and `failed` ends it, or `cancel`."""

    line = Signal(str)
    finished = Signal()
    failed = Signal(str)
    """One sentence: the last it wrote to standard error."""

    def __init__(self, command: Sequence[str], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._command = list(command)
        self._buffer = b""
        self._cancelled = False
        self._process = QProcess(self)
        give_environment(self._process)
        self._process.readyReadStandardOutput.connect(self._on_output)
        self._process.finished.connect(self._on_finished)
        self._process.errorOccurred.connect(self._on_error)

    def start(self) -> None:
        self._process.start(self._command[0], self._command[1:])

    def cancel(self) -> None:
        """End the child; nothing is emitted any more."""
        self._cancelled = True
        if self._process.state() != QProcess.ProcessState.NotRunning:
            self._process.kill()
            self._process.waitForFinished(1000)

    def _on_output(self) -> None:
        self._buffer += bytes(self._process.readAllStandardOutput().data())
        *lines, self._buffer = self._buffer.split(b"\n")
        for line in lines:
            if not self._cancelled:
                self.line.emit(line.decode("utf-8", errors="replace"))

    def _on_finished(self, code: int, status: QProcess.ExitStatus) -> None:
        if self._cancelled:
            return
        self._on_output()
        if code == 0 and status == QProcess.ExitStatus.NormalExit:
            self.finished.emit()
            return
        said = bytes(self._process.readAllStandardError().data()).decode("utf-8", errors="replace")
        lines = [text for text in said.replace("\r", "\n").splitlines() if text.strip()]
        error = child_error(said)
        reason = error.message if error is not None else lines[-1] if lines else ""
        self.failed.emit(reason or f"It ended with exit code {code}.")

    def _on_error(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart and not self._cancelled:
            self.failed.emit(f"The process can't be started: {self._command[0]} is not there.")


class SourceLister(QObject):
    """Asks which sources are here; the newest question wins."""

    listed = Signal(object)
    """tuple[SourceFacts, …]."""
    failed = Signal(str)

    def __init__(self, data_dir: Path, *, commands: Commands, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._commands, self._data_dir = commands, data_dir
        self._child: LineProcess | None = None
        self._found: list[SourceFacts] = []

    def ask(self, folder: str = "") -> None:
        """folder: of the source “folder”; "" if none is chosen."""
        self.cancel()
        command = [
            self._commands.python, *self._commands.cli, "data", "list", "--json", "--data-dir",
            str(self._data_dir), *(["--folder", folder] if folder else []),
        ]  # fmt: skip
        child = LineProcess(command, self)
        child.line.connect(self._on_line)
        child.finished.connect(self._on_finished)
        child.failed.connect(self._on_failed)
        self._child, self._found = child, []
        child.start()

    def cancel(self) -> None:
        child, self._child = self._child, None
        if child is not None:
            child.cancel()
            child.deleteLater()

    def _on_line(self, line: str) -> None:
        try:
            self._found.append(parse_source(line))
        except (ValueError, KeyError, TypeError, AttributeError):
            return  # a library's own words

    def _on_finished(self) -> None:
        self.cancel()
        self.listed.emit(tuple(self._found))

    def _on_failed(self, sentence: str) -> None:
        self.cancel()
        self.failed.emit(f"The sources could not be listed: {sentence}")


class SourceFetcher(QObject):
    """Downloads sources in child processes, several at a time if asked."""

    progress = Signal(str, object)
    """Source, FetchProgress."""
    fetched = Signal(str)
    failed = Signal(str, str)
    """Source and one sentence."""

    def __init__(self, data_dir: Path, *, commands: Commands, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._commands, self._data_dir = commands, data_dir
        self._children: dict[str, LineProcess] = {}

    def fetch(self, name: str) -> None:
        if name in self._children:
            return
        command = [
            self._commands.python, *self._commands.cli, "data", "fetch", name, "--json", "--data-dir",
            str(self._data_dir),
        ]  # fmt: skip
        child = LineProcess(command, self)
        child.line.connect(lambda line: self._on_line(name, line))
        child.finished.connect(lambda: self._on_finished(name))
        child.failed.connect(lambda sentence: self._on_failed(name, sentence))
        self._children[name] = child
        child.start()

    def cancel(self, name: str) -> None:
        """What came so far is kept for the next attempt."""
        child = self._children.pop(name, None)
        if child is not None:
            child.cancel()
            child.deleteLater()

    def close(self) -> None:
        for name in list(self._children):
            self.cancel(name)

    def _on_line(self, name: str, line: str) -> None:
        try:
            progress = parse_progress(line)
        except (ValueError, KeyError, TypeError):
            return
        self.progress.emit(name, progress)

    def _on_finished(self, name: str) -> None:
        self.cancel(name)
        self.fetched.emit(name)

    def _on_failed(self, name: str, sentence: str) -> None:
        self.cancel(name)
        self.failed.emit(name, sentence)


class SourcePreparer(QObject):
    """Gets sources ready in child processes, while somebody still looks at the form: no run then waits for it."""

    finished = Signal()
    """All children have ended. A source that can't be prepared is reported by the run that needs it."""

    def __init__(self, data_dir: Path, *, commands: Commands, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._commands, self._data_dir = commands, data_dir
        self._children: list[LineProcess] = []
        self._held = False

    def set_held(self, held: bool) -> None:
        """Held, it lets go of its work and takes up none: the cores are wanted for training."""
        self._held = held
        if held:
            self.close()

    def prepare(self, names: Sequence[str]) -> None:
        """The first named first. Does nothing while it is at work, or held."""
        if not self._children and not self._held:
            self._start(names, "--background")

    def hurry(self, names: Sequence[str]) -> None:
        """A run waits for these sources: what is being made in the background goes on at once, and nothing else.

        A process of the lowest priority may get no core for minutes, and the run would wait for it all the while.
        """
        if self._children:
            self.close()
            if names:
                self._start(names)

    def _start(self, names: Sequence[str], *more: str) -> None:
        command = [
            self._commands.python, *self._commands.cli, "data", "prepare", *names, *more, "--data-dir",
            str(self._data_dir),
        ]  # fmt: skip
        count = min(os.cpu_count() or 1, _MOST_PREPARING)
        self._children = [LineProcess(command, self) for _ in range(count)]
        for child in list(self._children):
            child.finished.connect(partial(self._on_ended, child))
            child.failed.connect(partial(self._on_ended, child))
            child.start()

    @property
    def is_at_work(self) -> bool:
        return bool(self._children)

    def close(self) -> None:
        """End the children; nothing is emitted any more."""
        for child in self._children:
            child.cancel()
            child.deleteLater()
        self._children.clear()

    def _on_ended(self, child: LineProcess, _problem: str = "") -> None:
        if child not in self._children:
            return
        self._children.remove(child)
        child.deleteLater()
        if not self._children:
            self.finished.emit()


def mixture(shares: Mapping[str, float], here: Mapping[str, bool]) -> dict[str, float]:
    """What part of the images each source gives, 0..1: by its share among the sources that are here.

    A share that is no number or negative counts as nothing.
    """
    counted = {name: _share(share) for name, share in shares.items() if here.get(name, True)}
    total = sum(counted.values())
    return {name: counted.get(name, 0.0) / total if total > 0 else 0.0 for name in shares}


def _share(value: Any) -> float:
    try:
        share = float(value)
    except (TypeError, ValueError):
        return 0.0
    return share if 0 < share < float("inf") else 0.0
