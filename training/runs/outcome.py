"""How a run's end becomes one English sentence and what can be done next."""

from __future__ import annotations

import errno
import math
import re
import signal
from dataclasses import dataclass
from enum import StrEnum

from core.base.causes import Cause, cause_of_number
from core.runs import events
from training.runs.run_action import RunAction
from training.ui import wording

# With less than this left on the disk, an end without another reason is put down to the full disk.
_DISK_FULL_BYTES = 4 << 20


class Ending(StrEnum):
    """The ways in which a run's process comes to its end."""

    FINISHED = "finished"
    STOPPED = "stopped"
    STOPPED_AT_ONCE = "stopped_at_once"
    STOP_IGNORED = "stop_ignored"
    OUT_OF_MEMORY = "out_of_memory"
    NAN = "nan"
    DISK_FULL = "disk_full"
    LOST_FOLDER = "lost_folder"
    DATA = "data"
    ERROR = "error"
    KILLED = "killed"
    CRASHED = "crashed"
    NO_EVENT = "no_event"
    NOT_STARTED = "not_started"
    VANISHED = "vanished"
    REBOOTED = "rebooted"


class StopStage(StrEnum):
    """How far a stop has gone; the values are the text of the `stop` file.

    REQUESTED: the trainer was asked to stop after its step. URGENT: terminate without waiting. TERMINATED, KILLED: the
    request was ignored for too long.
    """

    NONE = ""
    REQUESTED = "asked"
    URGENT = "now"
    TERMINATED = "terminated"
    KILLED = "killed"


@dataclass(frozen=True)
class Outcome:
    """How a run ended. sentence: what happened and what to try; details: traceback or the log's last lines.

    good: nothing went wrong. actions: the obvious next one first.
    """

    ending: Ending
    sentence: str
    details: str = ""
    good: bool = False
    actions: tuple[RunAction, ...] = ()


@dataclass(frozen=True)
class ExitContext:
    """What is known about an end besides the run's last event.

    epoch: epochs done. saved: a checkpoint to go on from is there. returncode: as subprocess gives it; None
    if no process waited for it. error, errno: why the process could not be started. stop: how far a stop had gone;
    grace: the seconds it had. log: the end of this start's log. disk_free: bytes. began: it wrote an event.
    rebooted: the machine was started after the run's last sign of life.
    """

    epoch: int = 0
    saved: bool = False
    returncode: int | None = None
    error: str = ""
    errno: int = 0
    stop: StopStage = StopStage.NONE
    grace: float = 10.0
    log: str = ""
    disk_free: int | None = None
    began: bool = True
    rebooted: bool = False


def explain(last_event: events.Event | None, context: ExitContext) -> Outcome:
    """The outcome of a run without a process. last_event: its `Finished`, `Stopped` or `Failed`, if it wrote one."""
    match last_event:
        case events.Finished():
            return _finished(last_event)
        case events.Stopped():
            return _stopped(last_event, context)
        case events.Failed():
            return _failed(last_event, context)
    if context.error:
        return _not_started(context)
    code = _cause(context)
    # Only asked, and gone with an error before anybody forced it: then the stop was not what ended it.
    if context.stop is not StopStage.NONE and not (context.stop is StopStage.REQUESTED and code):
        return _ended_by_us(context)
    if code is not None and code != 0:
        return _broke_off(code, context)
    return _vanished(context)


def _finished(event: events.Finished) -> Outcome:
    best = ""
    if event.best_epoch > 0 and math.isfinite(event.best_dev_cost):
        best = (
            f"; the best was epoch {event.best_epoch} with a dev cost of {wording.cost(event.best_dev_cost)}"
        )
    return Outcome(
        Ending.FINISHED,
        f"Finished after {wording.counted(event.epoch, 'epoch')}{best}.",
        good=True,
        actions=(RunAction.USE, RunAction.KEEP_TRAINING),
    )


def _kept(context: ExitContext) -> str:
    """What is left of the run, as the end of a sentence."""
    if context.saved and context.epoch:
        epochs = wording.counted(context.epoch, "epoch")
        return f"what it learned in {epochs} is kept and it can be resumed"
    if context.saved:
        return "what it learned is kept and it can be resumed"
    return "no epoch was done yet, so it begins again when resumed"


def _stopped(event: events.Stopped, context: ExitContext) -> Outcome:
    kept = _kept(ExitContext(epoch=event.epoch, saved=context.saved))
    return Outcome(Ending.STOPPED, f"Stopped; {kept}.", event.why, good=True, actions=(RunAction.RESUME,))


_KINDS = {
    "out_of_memory": (Ending.OUT_OF_MEMORY, (RunAction.HALF_BATCH, RunAction.RESUME)),
    "nan": (Ending.NAN, (RunAction.LOWER_RATE, RunAction.REPEAT)),
    "disk_full": (Ending.DISK_FULL, (RunAction.RESUME, RunAction.SHOW_FOLDER)),
    "lost_folder": (Ending.LOST_FOLDER, (RunAction.RESUME, RunAction.SHOW_FOLDER)),
    "data": (Ending.DATA, (RunAction.SHOW_DATA, RunAction.RESUME)),
}


def _failed(event: events.Failed, context: ExitContext) -> Outcome:
    ending, actions = _KINDS.get(event.kind, (Ending.ERROR, (RunAction.SHOW_LOG, RunAction.RESUME)))
    sentence = wording.in_window(event.message.strip()) or "The training broke off without saying why."
    return Outcome(ending, sentence, event.details or context.log, actions=actions)


def _not_started(context: ExitContext) -> Outcome:
    cause = cause_of_number(context.errno)
    if cause is Cause.DISK_FULL:
        return _disk_full(context)
    if cause is Cause.LOST_FOLDER:
        what = "its folder or drive can't be reached any more, perhaps one on the network"
    elif context.errno == errno.ENOENT:
        what = "the Python that should run it was not found"
    elif context.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        what = "the system refused permission"
    elif cause is Cause.OUT_OF_MEMORY or context.errno == errno.EAGAIN:
        what = "there is too little memory, or there are too many processes"
    else:
        what = context.error
    sentence = f"The training could not be started: {what.rstrip('.')}."
    return Outcome(
        Ending.NOT_STARTED, sentence, context.error, actions=(RunAction.RESUME, RunAction.SHOW_FOLDER)
    )


def _ended_by_us(context: ExitContext) -> Outcome:
    if context.stop is StopStage.URGENT:
        return Outcome(
            Ending.STOPPED_AT_ONCE,
            f"Stopped at once; {_kept(context)}.",
            good=True,
            actions=(RunAction.RESUME,),
        )
    if context.stop is StopStage.REQUESTED:
        return Outcome(Ending.STOPPED, f"Stopped; {_kept(context)}.", good=True, actions=(RunAction.RESUME,))
    how = "ended" if context.stop is StopStage.TERMINATED else "killed"
    sentence = (
        f"It did not stop within {context.grace:.0f} s of being asked, so it was {how}; {_kept(context)}."
    )
    return Outcome(Ending.STOP_IGNORED, sentence, context.log, actions=(RunAction.RESUME, RunAction.SHOW_LOG))


# What torchrun prints about the rank that failed first.
_RANK = re.compile(r"rank\s*:\s*(\d+)[^\n]*\n\s*exitcode\s*:\s*(-?\d+)")


def _cause(context: ExitContext) -> int | None:
    """The exit code that matters: a killed rank's, where torchrun itself only exits with 1."""
    ranks = _RANK.findall(context.log)
    if context.returncode == 1 and ranks:
        return int(ranks[-1][1])
    return context.returncode


def _who(context: ExitContext) -> str:
    ranks = _RANK.findall(context.log)
    if context.returncode == 1 and ranks:
        return f"Process {int(ranks[-1][0]) + 1} of the training"
    return "The training"


# Exit statuses by which Windows says what a signal says elsewhere: NTSTATUS values, winnt.h.
_WINDOWS = {
    0xC0000005: "SIGSEGV",
    0xC000001D: "SIGILL",
    0xC00000FD: "SIGSEGV",
    0xC0000409: "SIGABRT",
    0xC000013A: "SIGINT",
    0xC0000017: "SIGKILL",
}
_CRASHES = ("SIGSEGV", "SIGBUS", "SIGILL", "SIGFPE", "SIGABRT", "SIGSYS", "SIGTRAP")


def signal_name(code: int) -> str:
    """The name of the signal that an exit code stands for; "" if it stands for none. Shells add 128 to its number."""
    if code & 0xFFFFFFFF in _WINDOWS:
        return _WINDOWS[code & 0xFFFFFFFF]
    number = -code if code < 0 else code - 128
    try:
        return signal.Signals(number).name if 0 < number < 65 else ""
    except ValueError:
        return f"signal {number}" if code < 0 else ""


def _broke_off(code: int, context: ExitContext) -> Outcome:
    """It ended by itself or by another's hand, without a last last_event."""
    if _is_disk_full(context) or "No space left on device" in context.log:
        return _disk_full(context)
    name = signal_name(code)
    who, kept = _who(context), _kept(context)
    if name == "SIGKILL":
        return Outcome(
            Ending.KILLED,
            f"{who} was killed by the system ({name}), probably because memory ran out; {kept}.",
            context.log,
            actions=(RunAction.RESUME, RunAction.HALF_BATCH, RunAction.SHOW_LOG),
        )
    if re.search(r"MemoryError|out of memory|bad_alloc|DefaultCPUAllocator", context.log):
        return Outcome(
            Ending.OUT_OF_MEMORY,
            f"{who} ran out of memory; half the batch needs about half as much.",
            context.log,
            actions=(RunAction.HALF_BATCH, RunAction.RESUME, RunAction.SHOW_LOG),
        )
    if name in _CRASHES:
        return Outcome(
            Ending.CRASHED,
            f"{who} crashed in native code ({name}); {kept}. If it crashes again, try another device.",
            context.log,
            actions=(RunAction.RESUME, RunAction.SHOW_LOG),
        )
    if name:
        by = "by the system or another program"
        return Outcome(
            Ending.KILLED,
            f"{who} was ended {by} ({name}); {kept}.",
            context.log,
            actions=(RunAction.RESUME, RunAction.SHOW_LOG),
        )
    last = last_line(context.log)
    reason = f": “{last}”" if last else ""
    began = "broke off" if context.began else "ended before it began"
    return Outcome(
        Ending.NO_EVENT,
        f"{who} {began} with exit code {code} and gave no reason{' but this' if last else ''}{reason}.",
        context.log,
        actions=(RunAction.SHOW_LOG, RunAction.RESUME),
    )


def _is_disk_full(context: ExitContext) -> bool:
    return context.disk_free is not None and context.disk_free < _DISK_FULL_BYTES


def _disk_full(context: ExitContext) -> Outcome:
    return Outcome(
        Ending.DISK_FULL,
        f"The disk is full, so the training could not be saved; make room, then resume: {_kept(context)}.",
        context.log or context.error,
        actions=(RunAction.RESUME, RunAction.SHOW_FOLDER),
    )


def _vanished(context: ExitContext) -> Outcome:
    if _is_disk_full(context):
        return _disk_full(context)
    if context.rebooted:
        return Outcome(
            Ending.REBOOTED,
            f"Interrupted: the computer was started anew; {_kept(context)}.",
            actions=(RunAction.RESUME,),
        )
    if context.returncode == 0:
        what = "its process ended without saying that it was done"
    else:
        what = "its process ended without giving a reason"
    return Outcome(
        Ending.VANISHED,
        f"Interrupted: {what}; {_kept(context)}.",
        context.log,
        actions=(RunAction.RESUME, RunAction.SHOW_LOG),
    )


# The last line of a traceback, also behind torch's “[rank1]: ”.
_ERROR_LINE = re.compile(r"^(?:\[[^\]]*\]:\s*)*((?:\w+\.)*\w*(?:Error|Exception|Interrupt|Exit)\b.*)$")


def last_line(log: str) -> str:
    """The line of a log that says most, shortened: the last error, else the last line with words."""
    words = ""
    for line in reversed(log.splitlines()):
        text = line.strip()
        error = _ERROR_LINE.match(text)
        # torchrun's own error only says that another process had one.
        if error and "ChildFailedError" not in text:
            return _shortened(error[1])
        if not words and re.search(r"[A-Za-z]{3}", text) and not text.startswith("---"):
            words = text
    return _shortened(words)


def _shortened(text: str) -> str:
    return text if len(text) <= 160 else text[:159] + "…"
