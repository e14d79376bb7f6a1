"""Keeps what C libraries write to standard error (Qt, FFmpeg, libjpeg, libtiff …) out of the terminal."""

from __future__ import annotations

import contextlib
import io
import os
import sys
from pathlib import Path

LIBRARIES_LOG = "libraries.log"
_MOST_BYTES = 1_000_000


def divert_native_output(folder: Path) -> None:
    """From now on only Python's own words reach the terminal; what libraries write goes to a file in `folder`.

    Those write to the file descriptor 2, whatever Python's `sys.stderr` is. Called once, when the process starts.
    """
    stream = sys.stderr
    try:
        if stream is None or stream.fileno() != 2:
            return
        terminal = os.dup(2)
    except (OSError, ValueError, io.UnsupportedOperation):
        return  # started without a terminal
    try:
        target = os.open(_file(folder), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o666)
    except OSError:
        target = os.open(os.devnull, os.O_WRONLY)
    stream.flush()
    os.dup2(target, 2)
    os.close(target)
    kept = open(terminal, "w", buffering=1, encoding=stream.encoding, errors=stream.errors)  # noqa: SIM115
    sys.stderr = sys.__stderr__ = kept  # type: ignore[misc]


def _file(folder: Path) -> Path:
    """The file to write to, begun anew where it has grown large."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / LIBRARIES_LOG
    with contextlib.suppress(OSError):  # not there, or another process of ours has it open
        if path.stat().st_size > _MOST_BYTES:
            path.replace(path.with_suffix(".log.1"))
    return path
