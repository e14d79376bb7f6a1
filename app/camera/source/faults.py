"""What can be wrong with a camera, a stream or a video, each with a sentence and with what to do about it."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path

from app.camera.source.sources import Stream
from core.base.errors import FailureError


class FaultKind(Enum):
    IN_USE = "in use"
    REFUSED = "refused"
    UNPLUGGED = "unplugged"
    UNREACHABLE = "unreachable"
    STALLED = "stalled"
    GARBAGE = "garbage"
    NOT_VIDEO = "not a video"
    ENDED = "ended"


@dataclass(frozen=True)
class Fault:
    """sentence: what is wrong. advice: what to do. retries: the program keeps trying by itself meanwhile."""

    kind: FaultKind
    sentence: str
    advice: str = ""
    retries: bool = True


class FeedError(FailureError):
    """A source of pictures could not be opened, or gives no more."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(f"{fault.sentence} {fault.advice}".strip())
        self.fault = fault


def permission_advice(system: str) -> str:
    """Where the right to use the camera is given. system: as `sys.platform` says it."""
    if system == "darwin":
        return (
            "Open System Settings ▸ Privacy & Security ▸ Camera, switch on this program (or the terminal "
            "that started it), then start it again."
        )
    if system == "win32":
        return (
            "Open Settings ▸ Privacy & security ▸ Camera and switch on “Camera access” and "
            "“Let desktop apps access your camera”."
        )
    return "Run “sudo usermod -aG video $USER” in a terminal, then log out and in again."


def refused(name: str, *, system: str = sys.platform) -> Fault:
    return Fault(
        FaultKind.REFUSED, f"This program may not use the camera “{name}”.", permission_advice(system)
    )


def unplugged(name: str) -> Fault:
    return Fault(
        FaultKind.UNPLUGGED,
        f"The camera “{name}” is no longer connected.",
        "Plug it in again; the image comes back by itself.",
    )


def in_use(name: str, by: str = "") -> Fault:
    who = f"by {by}" if by else "by another program"
    return Fault(
        FaultKind.IN_USE,
        f"The camera “{name}” is in use {who}.",
        "Close that program; the image comes by itself.",
    )


def stalled(name: str) -> Fault:
    return Fault(FaultKind.STALLED, f"“{name}” has stopped sending images.", "It goes on by itself.")


def waiting(name: str, seconds: float, *, first: bool) -> Fault:
    """A source that is open and silent. first: no picture came from it yet."""
    sentence = f"“{name}” is connected, but has not sent an image yet." if first else stalled(name).sentence
    return Fault(FaultKind.STALLED, sentence, f"Waiting for it, for {seconds:.0f} s now.")


def _system_access(path: str) -> OSError | None:
    """What the system says to opening the device `path`; None where it allows it."""
    try:
        os.close(os.open(path, os.O_RDWR | os.O_NONBLOCK))
    except OSError as error:
        return error
    return None


def _who_holds(path: str, proc: Path = Path("/proc")) -> str:
    """The name of a program (of this user) that has the device `path` open; empty where none is found."""
    for fd in proc.glob("[0-9]*/fd/*"):
        try:
            if os.readlink(fd) == path and fd.parts[-3] != str(os.getpid()):
                return (fd.parent.parent / "comm").read_text().strip()
        except OSError:  # other users' programs, or one that has just ended
            continue
    return ""


def why_not_opened(
    name: str,
    path: str | None,
    *,
    still_there: bool,
    granted: bool = True,
    system: str = sys.platform,
    access: Callable[[str], OSError | None] = _system_access,
    who_holds: Callable[[str], str] = _who_holds,
) -> Fault:
    """Why a camera that was listed could not be opened. OpenCV itself says only that it could not.

    path: the device file on Linux, None elsewhere. still_there: whether the camera is still listed.
    granted: what the system's permission says, where it can be asked (macOS).
    """
    if not granted:
        return refused(name, system=system)
    if system.startswith("linux") and path:
        error = access(path)
        if isinstance(error, PermissionError):
            return refused(name, system=system)
        if isinstance(error, FileNotFoundError):
            return unplugged(name)
        return in_use(name, who_holds(path))
    if not still_there:
        return unplugged(name)
    fault = in_use(name)
    if system == "win32":
        # Windows gives the same answer to both.
        return replace(fault, advice=f"Close that program. If there is none: {permission_advice(system)}")
    return fault


def stream_ended(stream: Stream) -> Fault:
    return Fault(FaultKind.ENDED, f"The stream {stream.name} has ended.", "It goes on when it is back.")


def unreachable(stream: Stream, why: str) -> Fault:
    return Fault(
        FaultKind.UNREACHABLE,
        f"{stream.name} can't be reached: {why}.",
        "Check the address, and that both devices are on the same network.",
    )


def not_video(stream: Stream, what: str) -> Fault:
    return Fault(
        FaultKind.NOT_VIDEO,
        f"{stream.name} answers with {what}, not with a video.",
        "A phone's app shows the address of its video; it often ends in /video.",
        retries=False,
    )
