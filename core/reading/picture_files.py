"""From paths as a person gives them to picture files: folders, wildcards, and what is wrong with any of them."""

from __future__ import annotations

import glob
import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from core.base.errors import InputError
from core.reading.images import PICTURES

Problem = Callable[[Path, InputError], None]
"""Takes a path that gives no pictures, and why."""


def picture_files(paths: Sequence[Path], *, problem: Problem) -> Iterator[Path]:
    """Files as they are named; of folders the pictures in them and below, by name; what a wildcard matches.

    A path that gives no pictures goes to `problem`, and the next is looked at. A file that is missing comes out
    as it was named: reading it says so.
    """
    for path in paths:
        for found in _expanded(path, problem):
            if found.is_dir():
                yield from _in_folder(found, problem)
            else:
                yield found


def _expanded(path: Path, problem: Problem) -> Iterator[Path]:
    """The matches of a wildcard: the shells of Windows hand the star on as it is.

    A file whose name holds such signs ("photo[1].jpg") is meant itself.
    """
    if not glob.has_magic(str(path)) or path.exists():
        yield path
        return
    matches = sorted(glob.glob(os.path.expanduser(path), recursive=True))
    if not matches:
        problem(path, InputError(f"{path}: no file has such a name."))
    yield from map(Path, matches)


def _in_folder(path: Path, problem: Problem) -> Iterator[Path]:
    found_any = False

    def on_error(error: OSError) -> None:
        nonlocal found_any
        found_any = True  # one sentence is enough
        where = Path(error.filename or path)
        problem(where, InputError(f"{where}: this folder can't be read ({error.strerror})."))

    for folder, below, names in os.walk(path, onerror=on_error):
        below[:] = sorted(name for name in below if not name.startswith("."))
        for name in sorted(names):
            if not name.startswith(".") and os.path.splitext(name)[1].lower() in PICTURES:
                found_any = True
                yield Path(folder) / name
    if not found_any:
        problem(path, InputError(f"{path}: there are no photos in this folder."))
