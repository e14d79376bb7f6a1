"""Starts one training process so that it outlives the window, and notes how it ended.

Run as a script, twice: `launcher.py detach RUN` starts `launcher.py attend RUN` in a session of its own,
prints its pid and returns at once; that one, the attendant, starts the command of `RUN/launch.json`, waits
for it and writes its exit status to `RUN/ending.json`. Only the parent of a process learns how it ended; so a
window that is closed, or crashes, or is opened again the next day still can say what happened. Standard
library only, started with `-I -S`: it stays in memory for as long as the training.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

LAUNCH = "launch.json"
PROCESS = "process.json"
ENDING = "ending.json"
LOG = "log.txt"

# Training yields the processor to the window; and where memory runs out, it is what the system should end.
_NICENESS = 10
_OOM_SCORE = "500"


def _write(path: Path, value: dict[str, Any]) -> None:
    aside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        aside.write_text(json.dumps(value), encoding="utf-8")
        os.replace(aside, path)
    except OSError:
        with contextlib.suppress(OSError):
            aside.unlink()
        raise


def _be_gentle() -> None:
    """In the child, before it becomes the training; this process has one thread, so that is safe."""
    with contextlib.suppress(OSError):
        os.nice(_NICENESS)
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text(_OOM_SCORE)


def detached(command: list[str]) -> subprocess.Popen[bytes]:
    """Start a command that neither a closed terminal nor the end of this process ends."""
    flags = 0
    if sys.platform == "win32":
        flags = subprocess.CREATE_NO_WINDOW | subprocess.CREATE_NEW_PROCESS_GROUP
    return subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=sys.platform != "win32",
        creationflags=flags,
    )


def _spawn(launch: dict[str, Any], run: Path) -> subprocess.Popen[bytes]:
    """The training process itself, its output appended to the log."""
    with (run / LOG).open("ab") as log:
        stamp = time.strftime("%Y-%m-%d %H:%M:%S")
        log.write(f"--- {stamp}  {' '.join(launch['command'])}\n".encode(errors="replace"))
        log.flush()
        gentle = bool(launch.get("gentle"))
        flags = 0
        if sys.platform == "win32":
            flags = subprocess.CREATE_NO_WINDOW
            flags |= subprocess.BELOW_NORMAL_PRIORITY_CLASS if gentle else 0
        return subprocess.Popen(
            launch["command"],
            cwd=run,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            creationflags=flags,
            preexec_fn=_be_gentle if gentle and sys.platform != "win32" else None,
        )


def attend(run: Path) -> int:
    """Start the command of `launch.json`, wait for it, note its exit status."""
    launch = json.loads((run / LAUNCH).read_text(encoding="utf-8"))
    token = launch["token"]
    try:
        child = _spawn(launch, run)
    except OSError as error:
        reason = {"returncode": None, "errno": error.errno, "error": str(error)}
        _write(run / ENDING, {"token": token, "time": time.time()} | reason)
        return 1
    # A full disk must not end the attendance: without process.json the run is found by its Started event.
    with contextlib.suppress(OSError):
        pids = {"pid": child.pid, "attendant": os.getpid()}
        _write(run / PROCESS, {"token": token, "time": time.time()} | pids)
    code = child.wait()
    with contextlib.suppress(OSError):
        _write(run / ENDING, {"token": token, "time": time.time(), "returncode": code})
    return 0


def main(argv: list[str]) -> int:
    """`detach RUN` or `attend RUN`."""
    stage, run = argv
    if stage == "attend":
        return attend(Path(run))
    try:
        attendant = detached([sys.executable, "-I", "-S", __file__, "attend", run])
    except OSError as error:
        print(error, file=sys.stderr)  # noqa: T201 (read by the window)
        return 1
    print(attendant.pid, flush=True)  # noqa: T201 (read by the window)
    # Not a usual exit: nothing may wait for, or complain about, the child that goes on.
    os._exit(0)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
