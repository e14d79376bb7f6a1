"""What lies behind an error: a full disk, no memory left, a folder that is gone; by numbers and types, not by words."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from enum import StrEnum


class Cause(StrEnum):
    """What a person can do something about."""

    DISK_FULL = "disk_full"
    OUT_OF_MEMORY = "out_of_memory"
    LOST_FOLDER = "lost_folder"

    @property
    def sentence(self) -> str:
        """What happened, without what to do about it, which depends on the work."""
        return _SENTENCES[self]


_SENTENCES = {
    Cause.DISK_FULL: "The disk is full",
    Cause.OUT_OF_MEMORY: "The memory is used up",
    Cause.LOST_FOLDER: "A folder or drive can't be reached any more, perhaps one on the network",
}

_ADVICE = {
    Cause.DISK_FULL: "free some space and try again.",
    Cause.OUT_OF_MEMORY: "close other programs or give this one less to do.",
    Cause.LOST_FOLDER: "connect it again and try again.",
}

_FULL = ("ENOSPC", "EDQUOT")
_LOST = ("ESTALE", "ENOTCONN", "EIO", "ENODEV", "ENXIO", "EREMOTEIO", "EHOSTDOWN", "ENOLINK")
_CAUSES = {
    **{getattr(errno, name): Cause.DISK_FULL for name in _FULL if hasattr(errno, name)},
    **{getattr(errno, name): Cause.LOST_FOLDER for name in _LOST if hasattr(errno, name)},
    errno.ENOMEM: Cause.OUT_OF_MEMORY,
}
# Windows' own numbers (winerror.h), which Python turns into errno EINVAL or EACCES.
_WINDOWS_CAUSES = {
    39: Cause.DISK_FULL,  # ERROR_HANDLE_DISK_FULL
    112: Cause.DISK_FULL,  # ERROR_DISK_FULL
    8: Cause.OUT_OF_MEMORY,  # ERROR_NOT_ENOUGH_MEMORY
    1455: Cause.OUT_OF_MEMORY,  # ERROR_COMMITMENT_LIMIT
    53: Cause.LOST_FOLDER,  # ERROR_BAD_NETPATH
    55: Cause.LOST_FOLDER,  # ERROR_DEV_NOT_EXIST
    59: Cause.LOST_FOLDER,  # ERROR_UNEXP_NET_ERR
    64: Cause.LOST_FOLDER,  # ERROR_NETNAME_DELETED
    1231: Cause.LOST_FOLDER,  # ERROR_NETWORK_UNREACHABLE
}


def chain(error: BaseException) -> Iterator[BaseException]:
    """The error, and everything that it was raised from or while handling, each once."""
    seen: set[int] = set()
    waiting: list[BaseException | None] = [error]
    while waiting:
        one = waiting.pop(0)
        if one is None or id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        waiting += [one.__cause__, one.__context__]
        if isinstance(one, BaseExceptionGroup):
            waiting += one.exceptions


def cause_of_number(number: int) -> Cause | None:
    """What an `errno` stands for; None: something else."""
    return _CAUSES.get(number)


def cause_of(error: BaseException) -> Cause | None:
    """What lies behind an error; None: something else.

    A library often raises an error of its own where the system's was: torch's “unexpected pos” of a checkpoint
    that was not written to its end has the OSError with ENOSPC as its context.
    """
    for one in chain(error):
        if isinstance(one, MemoryError):
            return Cause.OUT_OF_MEMORY
        if isinstance(one, OSError):
            found = _WINDOWS_CAUSES.get(getattr(one, "winerror", None) or 0) or _CAUSES.get(one.errno or 0)
            if found is not None:
                return found
    return None


def system_error(error: MemoryError | OSError) -> str:
    """An error of the system in one sentence, with what to do where that is known."""
    cause = cause_of(error)
    where = str(error.filename) if isinstance(error, OSError) and error.filename else ""
    if cause is not None:
        return (
            f"{where}: {cause.sentence[0].lower()}{cause.sentence[1:]}; {_ADVICE[cause]}"
            if where
            else (f"{cause.sentence}; {_ADVICE[cause]}")
        )
    if isinstance(error, OSError) and error.strerror:
        return f"{where or 'The system'}: {error.strerror}."
    return f"The system refused: {error}."
