"""Reads a run's log as it grows."""

from __future__ import annotations

import codecs
import os
from dataclasses import dataclass
from pathlib import Path

from training.runs.launcher import LOG

_AT_ONCE = 256 * 1024


@dataclass(frozen=True)
class LogNews:
    """New text of a run's log. fresh: it is the log's beginning, or as much of its end as is shown."""

    run: Path
    text: str
    fresh: bool


class LogTail:
    """The end of one run's log, then what is added to it."""

    def __init__(self, run: Path) -> None:
        self._run = run
        self._offset: int | None = None
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")

    def read(self) -> list[LogNews]:
        fresh = self._offset is None
        try:
            with (self._run / LOG).open("rb") as file:
                size = os.fstat(file.fileno()).st_size
                if self._offset is None or size < self._offset:
                    fresh = True
                    self._offset = max(0, size - _AT_ONCE)
                if size == self._offset and not fresh:
                    return []
                file.seek(self._offset)
                data = file.read(_AT_ONCE)
        except OSError:
            if not fresh:
                return []
            # No log yet: the view is emptied once, and what is written later is added.
            data, self._offset = b"", 0
        if fresh and self._offset:
            # The first line is cut off: begin at the second.
            data = data[data.find(b"\n") + 1 :]
            self._offset = size
        else:
            self._offset += len(data)
        return [LogNews(self._run, self._decoder.decode(data), fresh)]
