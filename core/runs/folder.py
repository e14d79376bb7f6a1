"""The run folder: recipe, events, checkpoints, the request to stop."""

from __future__ import annotations

import contextlib
import dataclasses
import logging
import os
import re
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from core.runs.events import Event, from_line, to_line
from core.runs.file_names import BEST, BEST_ONNX, EVENTS, LAST, PAUSE, RECIPE, STOP, TEST

LAUNCHED = "GNC_LAUNCHED"
"""The environment variable with the moment at which a window launched the process, seconds since the epoch."""
_CLOCK_STEP = 60.0
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class RunFolder:
    """One training run on disk. `path.name` is the run's id."""

    path: Path

    @classmethod
    def create(cls, runs: Path, recipe_name: str) -> RunFolder:
        """A new, empty folder below `runs`."""
        run = cls.proposed(runs, recipe_name)
        run.path.mkdir(parents=True)
        return run

    @classmethod
    def proposed(cls, runs: Path, recipe_name: str) -> RunFolder:
        """The folder `RECIPE-YYYYmmdd-HHMMSS-xxxx` below `runs` for a run of now; it is not made yet."""
        stamp = time.strftime("%Y%m%d-%H%M%S")
        safe = re.sub(r"[^a-z0-9]+", "-", recipe_name.lower()).strip("-") or "run"
        return cls(runs / f"{safe}-{stamp}-{secrets.token_hex(2)}")

    @property
    def name(self) -> str:
        return self.path.name

    @property
    def recipe(self) -> Path:
        return self.path / RECIPE

    @property
    def events(self) -> Path:
        return self.path / EVENTS

    @property
    def last(self) -> Path:
        return self.path / LAST

    @property
    def best(self) -> Path:
        return self.path / BEST

    @property
    def best_onnx(self) -> Path:
        return self.path / BEST_ONNX

    @property
    def test(self) -> Path:
        return self.path / TEST

    @property
    def stop(self) -> Path:
        return self.path / STOP

    def request_stop(self) -> None:
        """Ask the run to stop politely; it looks for this file after every step."""
        self.stop.touch()

    def stop_requested(self) -> bool:
        return self.stop.exists()

    def withdraw_stop(self) -> None:
        self.stop.unlink(missing_ok=True)

    @property
    def pause(self) -> Path:
        return self.path / PAUSE

    def request_pause(self) -> None:
        """Ask the run to hold between two steps for as long as this file is there. A stop goes first."""
        self.pause.touch()

    def pause_requested(self) -> bool:
        return self.pause.exists()

    def withdraw_pause(self) -> None:
        self.pause.unlink(missing_ok=True)

    def read_events(self) -> list[Event]:
        """All whole events, in order. A last line that is still being written is left out."""
        try:
            text = self.events.read_text(encoding="utf-8", errors="replace")
        except FileNotFoundError:
            return []
        found = []
        for line in text.splitlines(keepends=True):
            if not line.endswith("\n"):
                break
            # A process killed while writing leaves half a line; the next one starts on a fresh line.
            with contextlib.suppress(ValueError):
                event = from_line(line)
                if event is not None:
                    found.append(event)
        return found


class EventLog:
    """Appends events to a run's `events.jsonl`, each in one write, so that lines of ranks never mix.

    Times never go back, whatever is done to the clock: what is later in the file is not earlier in time.
    """

    def __init__(self, run: RunFolder, on_event: Callable[[Event], None] = lambda event: None) -> None:
        """on_event: called with every event that was written, such as to show it in a shell."""
        self._on_event = on_event
        self._latest = 0.0
        with contextlib.suppress(ValueError):
            self._latest = float(os.environ.get(LAUNCHED, "0"))
        self._latest = max([self._latest, *(event.time for event in run.read_events())])
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT
        self._fd = os.open(run.events, flags, 0o666)
        if self._ends_mid_line(run.events):
            os.write(self._fd, b"\n")

    @staticmethod
    def _ends_mid_line(path: Path) -> bool:
        with path.open("rb") as file:
            if file.seek(0, os.SEEK_END) == 0:
                return False
            file.seek(-1, os.SEEK_END)
            return file.read(1) != b"\n"

    def write(self, event: Event) -> None:
        """Raises OSError where the disk is full."""
        if event.time < self._latest:
            if self._latest - event.time > _CLOCK_STEP:
                _log.warning("The clock was set back by %.0f s.", self._latest - event.time)
            event = dataclasses.replace(event, time=self._latest)
        self._latest = event.time
        os.write(self._fd, to_line(event).encode())
        self._on_event(event)

    def close(self) -> None:
        os.close(self._fd)
