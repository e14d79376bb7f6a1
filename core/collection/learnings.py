"""What each learning from corrections was made of, and what came of it: one JSON file a learning.

    mine/learnings/<id>.json   {"v": 1, "time": …, "digits": […], "numbers": […], "held": […], "runs": {<run>: result}}

digits, numbers: the ids of the entries that it learned from; held: of those that were held back. The file is there once
the runs are started; each run's result is added when it was measured, and when a person decided.
"""

from __future__ import annotations

import contextlib
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from core.base.errors import DataError
from core.base.files import read_json, write_json
from core.collection.numbers import NumberStore
from core.collection.split import held_in
from core.loaders.user_digits import UserDigitStore

FOLDER = "learnings"
VERSION = 1


@dataclass(frozen=True)
class Result:
    """What came of one run. before, model: the model files that were compared. sentence, lines: what the comparison
    said; empty before it was made. used: whether a person took the model; None where nobody decided yet."""

    before: str = ""
    model: str = ""
    sentence: str = ""
    lines: tuple[str, ...] = ()
    used: bool | None = None


@dataclass(frozen=True)
class Learning:
    """One press of “Learn from my corrections”. time: seconds since the epoch. runs: by the run's name."""

    id: str
    time: float
    digits: tuple[str, ...]
    numbers: tuple[str, ...]
    held: tuple[str, ...]
    runs: Mapping[str, Result] = field(default_factory=dict)


@dataclass(frozen=True)
class LearningLog:
    """The folder `mine/learnings`. It need not exist."""

    folder: Path

    @classmethod
    def within(cls, corrections: Path) -> LearningLog:
        """The learnings of a folder of corrections (`Places.corrections`)."""
        return cls(corrections / FOLDER)

    def begin(self, runs: Mapping[str, Result]) -> Learning:
        """Note that a learning of all that is collected now begins. runs: by name, with what each starts from.

        Raises OSError where the folder can't be written.
        """
        corrections, now = self.folder.parent, round(time.time(), 3)
        held = held_in(corrections)
        digits = UserDigitStore(corrections).entries()
        numbers, _ = NumberStore.within(corrections).entries()
        learning = Learning(
            id=f"{time.strftime('%Y%m%d-%H%M%S', time.localtime(now))}-{secrets.token_hex(2)}",
            time=now,
            digits=tuple(entry.id for entry in digits if entry.origin.group not in held),
            numbers=tuple(entry.id for entry in numbers if entry.group not in held),
            held=tuple(
                [entry.id for entry in digits if entry.origin.group in held]
                + [entry.id for entry in numbers if entry.group in held]
            ),
            runs=dict(runs),
        )
        self._write(learning)
        return learning

    def note(self, run: str, **changes: Any) -> None:
        """Change the result of a run (fields of `Result`); nothing where no learning has it. Raises OSError."""
        for learning in self.entries():
            if run in learning.runs:
                changed = dict(learning.runs) | {run: replace(learning.runs[run], **changes)}
                self._write(replace(learning, runs=changed))

    def entries(self) -> list[Learning]:
        """All that can be read, newest first."""
        found = []
        for path in self.folder.glob("*.json"):
            if not path.name.startswith("."):
                with contextlib.suppress(DataError, KeyError, TypeError, ValueError):
                    found.append(_read(path))
        return sorted(found, key=lambda learning: (-learning.time, learning.id))

    def last_time(self) -> float:
        """When the newest one began; what was added later is new. 0 before the first learning."""
        return max((learning.time for learning in self.entries()), default=0.0)

    def _write(self, learning: Learning) -> None:
        runs = {name: vars(result) | {"lines": list(result.lines)} for name, result in learning.runs.items()}
        values = {
            "v": VERSION, "time": learning.time, "digits": list(learning.digits), "numbers": list(learning.numbers),
            "held": list(learning.held), "runs": runs,
        }  # fmt: skip
        write_json(self.folder / f"{learning.id}.json", values)


def _read(path: Path) -> Learning:
    body = read_json(path)
    if body["v"] != VERSION:
        raise ValueError("version")
    runs = {}
    for name, found in body["runs"].items():
        used = found["used"]
        if not (used is None or isinstance(used, bool)):
            raise ValueError("used")
        runs[str(name)] = Result(
            str(found["before"]), str(found["model"]), str(found["sentence"]), tuple(map(str, found["lines"])), used
        )  # fmt: skip
    return Learning(
        path.stem, float(body["time"]), tuple(map(str, body["digits"])), tuple(map(str, body["numbers"])),
        tuple(map(str, body["held"])), runs,
    )  # fmt: skip
