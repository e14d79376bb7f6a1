"""What lies behind an error is found by its number or type, however deep it lies."""

from __future__ import annotations

import errno
import io
import os
from typing import Any

import pytest
import torch

from core.base.causes import Cause, cause_of, chain, system_error


class FullDisk(io.BytesIO):
    """A file that takes so many bytes and no more."""

    def __init__(self, room: int) -> None:
        super().__init__()
        self.room = room

    def write(self, data: Any) -> int:
        self.room -= memoryview(data).nbytes
        if self.room < 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return super().write(data)


@pytest.mark.parametrize("room", [0, 500, 100_000])
def test_what_torch_says_of_a_full_disk(room: int) -> None:
    with pytest.raises((RuntimeError, OSError)) as caught:
        torch.save({"weights": torch.zeros(300_000)}, FullDisk(room))
    assert cause_of(caught.value) is Cause.DISK_FULL


@pytest.mark.parametrize(
    ("error", "cause"),
    [
        (OSError(errno.ENOSPC, "x"), Cause.DISK_FULL),
        (OSError(errno.EDQUOT, "x"), Cause.DISK_FULL),
        (OSError(errno.ESTALE, "x"), Cause.LOST_FOLDER),
        (OSError(errno.ENOTCONN, "x"), Cause.LOST_FOLDER),
        (OSError(errno.EIO, "x"), Cause.LOST_FOLDER),
        (OSError(errno.ENODEV, "x"), Cause.LOST_FOLDER),
        (OSError(errno.ENOMEM, "x"), Cause.OUT_OF_MEMORY),
        (MemoryError(), Cause.OUT_OF_MEMORY),
        (ExceptionGroup("two", [ValueError(), OSError(errno.ENOSPC, "x")]), Cause.DISK_FULL),
        (OSError(errno.ENOENT, "No space left on device"), None),
        (RuntimeError("No space left on device; out of memory"), None),
    ],
    ids=repr,
)
def test_by_number_and_type_not_by_words(error: Exception, cause: Cause | None) -> None:
    assert cause_of(error) is cause
    wrapped = RuntimeError("unexpected pos 704 vs 598")
    wrapped.__context__ = error
    assert cause_of(wrapped) is cause
    caused = KeyError("x")
    caused.__cause__ = wrapped
    assert cause_of(caused) is cause


def test_a_number_of_windows() -> None:
    error = OSError(errno.EINVAL, "There is not enough space on the disk")
    error.winerror = 112  # type: ignore[attr-defined,unused-ignore]
    assert cause_of(error) is Cause.DISK_FULL


def test_a_chain_that_bites_its_tail_ends() -> None:
    first, second = ValueError(), KeyError()
    first.__context__, second.__context__ = second, first
    assert list(chain(first)) == [first, second]


def test_sentences_say_where_and_what_to_do() -> None:
    full = OSError(errno.ENOSPC, "x", "/data/a.csv")
    assert system_error(full) == "/data/a.csv: the disk is full; free some space and try again."
    assert system_error(MemoryError()).startswith("The memory is used up; close")
    assert system_error(OSError(errno.EACCES, "Permission denied", "a")) == "a: Permission denied."
