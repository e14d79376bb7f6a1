"""Files that are written aside and renamed, and JSON in them."""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from core.base.errors import DataError


@contextlib.contextmanager
def written_aside(path: Path) -> Iterator[IO[bytes]]:
    """A binary file to write; it takes the name `path` only once it is complete and on disk.

    Whatever happens in between (an exception, a full disk, kill -9), an older `path` stays as it was; an
    exception leaves nothing behind.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        # mkstemp makes files only their owner may read; ours get what any new file gets.
        umask = os.umask(0)
        os.umask(umask)
        os.chmod(name, 0o666 & ~umask)
        os.replace(name, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise


def write_json(path: Path, value: Any) -> None:
    """`value` as indented JSON, written aside and renamed."""
    with written_aside(path) as file:
        file.write(json.dumps(value, indent=2, ensure_ascii=False).encode() + b"\n")


def read_json(path: Path) -> Any:
    """Raises DataError, naming the file, where it is missing or damaged."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise DataError(f"{path} can't be read ({error.strerror}).") from error
    except ValueError as error:
        raise DataError(f"{path} is damaged: it is not JSON.") from error
