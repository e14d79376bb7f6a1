"""The log: what the program decided, one line each, in a file that stays small; for reports and for `gnc doctor`.

Modules write with `logging.getLogger(__name__)`. Nothing is written before `kept_in` was entered: whoever uses
`core` as a library sets up logging as they like.
"""

from __future__ import annotations

import contextlib
import logging
import logging.handlers
from collections.abc import Iterator
from pathlib import Path

LOG = "gnc.log"
_MOST_BYTES = 1_000_000
_OLDER_FILES = 3
_OURS = ("app", "core", "training")
_FORMAT = "%(asctime)s %(levelname)s %(process)d %(name)s: %(message)s"


class _LogFile(logging.handlers.RotatingFileHandler):
    """Open only while a line is written: several processes share the file, and Windows renames no open file."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, maxBytes=_MOST_BYTES, backupCount=_OLDER_FILES, encoding="utf-8", delay=True)
        self.setFormatter(logging.Formatter(_FORMAT))
        self.addFilter(_is_wanted)

    def emit(self, record: logging.LogRecord) -> None:
        super().emit(record)
        if self.stream is not None:
            with contextlib.suppress(OSError):
                self.stream.close()
            self.stream = None

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802  (as logging calls it)
        """A full disk, or another process that rotates at this moment, costs a line and nothing else."""


def _is_wanted(record: logging.LogRecord) -> bool:
    """Other people's libraries only where they warn."""
    ours = record.name.split(".", 1)[0] in _OURS
    return ours or record.levelno >= logging.WARNING


@contextlib.contextmanager
def kept_in(folder: Path) -> Iterator[Path]:
    """Write the log to `folder` inside the block; yields the file. A folder that can't be made costs the log only."""
    path = folder / LOG
    with contextlib.suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
    root = logging.getLogger()
    handler, before = _LogFile(path), root.level
    root.addHandler(handler)
    root.setLevel(min(before, logging.INFO))
    try:
        yield path
    finally:
        root.removeHandler(handler)
        root.setLevel(before)
        handler.close()


def tail(path: Path, lines: int = 40) -> str:
    """The last lines of the log; empty if there is no log."""
    try:
        with path.open("rb") as file:
            file.seek(max(0, file.seek(0, 2) - 500 * lines))
            text = file.read().decode("utf-8", errors="replace")
    except OSError:
        return ""
    return "\n".join(text.splitlines()[-lines:])
