"""Processes known by pid and birth: whether they still run, what they started, and ending all of it.

A pid alone may by now belong to somebody else's process; together with the moment of its birth it is sure.
"""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

import psutil

# The clock may be set while a process runs, and psutil reckons births from the boot time: allow for seconds.
_TOLERANCE = 2.0


@dataclass(frozen=True)
class ProcessId:
    """One process for good.

    created: its birth as psutil gives it, seconds since the epoch; it moves where the clock is set. handle: knows
    the process whatever the clock says; None where it was read from a file.
    """

    pid: int
    created: float
    handle: psutil.Process | None = field(default=None, compare=False, repr=False)


def identify(pid: int) -> ProcessId | None:
    """The process that has this pid now; None if there is none, or only a zombie."""
    try:
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE:
            return None
        return ProcessId(pid, process.create_time(), process)
    except (psutil.Error, OSError):
        return None


def find(pid: int, *, seen_at: float, marks: Collection[str] = ()) -> ProcessId | None:
    """The process that had `pid` at the moment `seen_at`, where it still runs.

    A process born later has only inherited the number. marks: one of these has to be a part of its command
    line (a pid noted by another machine may be anybody's here); none: whatever it is.
    """
    found = identify(pid)
    if found is None or found.created > seen_at + _TOLERANCE:
        return None
    if marks:
        try:
            line = psutil.Process(pid).cmdline()
        except (psutil.Error, OSError):
            return None
        if not any(mark in word for mark in marks for word in line):
            return None
    return found


def is_alive(process: ProcessId) -> bool:
    """Still the same process, and running (or stopped by a signal), not a zombie."""
    if process.handle is not None:
        try:
            return process.handle.is_running() and process.handle.status() != psutil.STATUS_ZOMBIE
        except (psutil.Error, OSError):
            return False
    now = identify(process.pid)
    return now is not None and abs(now.created - process.created) <= _TOLERANCE


def with_descendants(processes: Iterable[ProcessId]) -> list[ProcessId]:
    """These processes and all that they started, wherever their sessions are; parents first, each once."""
    found: dict[int, ProcessId] = {}
    for process in processes:
        if not is_alive(process):
            continue
        found.setdefault(process.pid, process)
        with contextlib.suppress(psutil.Error, OSError):
            for child in psutil.Process(process.pid).children(recursive=True):
                known = identify(child.pid)
                if known is not None:
                    found.setdefault(child.pid, known)
    return list(found.values())


def end(processes: Iterable[ProcessId], *, force: bool) -> None:
    """Ask each to terminate, or (`force`) kill it. Those gone already, or not ours, are left out.

    Parents go first, so that torchrun cannot start a rank again.
    """
    for process in processes:
        if not is_alive(process):
            continue
        with contextlib.suppress(psutil.Error, OSError):
            handle = psutil.Process(process.pid)
            if force:
                handle.kill()
            else:
                handle.terminate()
