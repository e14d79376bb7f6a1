"""Prepared arrays kept in the user's cache folder, keyed by content and loader version.

An entry is a folder of `.npy` files with a `meta.json`. It is written aside and renamed, so a half-written
entry is never found; one that was damaged later is rebuilt. Of several processes that want the same entry one
makes it and the others wait. Read arrays are mapped, not copied: opening a
gigabyte takes milliseconds, and processes share it.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import os
import shutil
import tempfile
import time
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from filelock import FileLock, Timeout

from assets import ASSETS

Arrays = dict[str, npt.NDArray[Any]]

_log = logging.getLogger(__name__)
_SHIPPED = (ASSETS, Path(__file__).parent)
_WHOLE = 64 * 1024
_PIECE = 16 * 1024
_SAMPLES = 64
_KEPT_FOR = 45 * 24 * 3600.0
_UNFINISHED_FOR = 24 * 3600.0


def content_key(files: Iterable[Path], *facts: object) -> str:
    """A key of what the files hold, together with facts such as a loader version.

    Small files and those that ship with the program count whole; of other large ones the size, the time of change,
    and pieces of head, middle and tail (of the formats read here the tail carries check sums).
    """
    own, shipped = _parted(files)
    digest = hashlib.sha256(repr(facts).encode() + shipped)
    for path in own:
        stat = path.stat()
        digest.update(f"{path.name}\0{stat.st_size}\0".encode())
        with path.open("rb") as file:
            if stat.st_size <= _WHOLE:
                digest.update(file.read())
                continue
            digest.update(str(stat.st_mtime_ns).encode())
            for position in (0, stat.st_size // 2, stat.st_size - _PIECE):
                file.seek(position)
                digest.update(file.read(_PIECE))
    return digest.hexdigest()[:20]


def stat_key(files: Iterable[Path], *facts: object) -> str:
    """A key of names, sizes and times alone, for many large files that programs install (fonts).

    Files that ship with the program count by their content here too.
    """
    own, shipped = _parted(files)
    digest = hashlib.sha256(repr(facts).encode() + shipped)
    for path in own:
        stat = path.stat()
        digest.update(f"{path}\0{stat.st_size}\0{stat.st_mtime_ns}\0".encode())
    return digest.hexdigest()[:20]


def _parted(files: Iterable[Path]) -> tuple[list[Path], bytes]:
    """The user's own files, sorted; and what those that ship with the program are called and hold, to be hashed.

    Two copies of the program hold the same in other places and with other times: each finds what the other has made.
    """
    own, shipped = list[Path](), list[str]()
    for path in files:
        if any(path.is_relative_to(folder) for folder in _SHIPPED):
            stat = path.stat()
            shipped.append(f"{path.name}\0{_content(path, stat.st_size, stat.st_mtime_ns)}\0")
        else:
            own.append(path)
    return sorted(own), "".join(sorted(shipped)).encode()


@lru_cache(maxsize=64)
def _content(path: Path, size: int, changed: int) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def cached(folder: Path, name: str, key: str, build: Callable[[], Mapping[str, npt.NDArray[Any]]]) -> Arrays:
    """The arrays of `build()`, from the cache where they are there and whole.

    folder: the cache folder; if it cannot be written (read-only, full) the arrays are built and returned all
    the same. Arrays are C-contiguous and may be written to (copy on write).
    """
    entry = folder / "data" / f"{name}-{key}"
    found = _read(entry)
    if found is not None:
        return found
    with contextlib.ExitStack() as stack:
        try:
            stack.enter_context(_lock(folder, name))
        except (OSError, NotImplementedError) as error:
            _log.debug("No lock for %s in %s (%s).", name, folder, error)
        else:
            found = _read(entry)
        return _make(folder, name, entry, build) if found is None else found


@contextlib.contextmanager
def try_lock(folder: Path, name: str) -> Iterator[bool]:
    """For processes that share work: True where none of the others has claimed the entries of this name.

    The lock does not prevent making them; False also while one is being made.
    """
    with contextlib.ExitStack() as stack:
        try:
            stack.enter_context(_lock(folder, f"{name}.claim").acquire(timeout=0))
            with _lock(folder, name).acquire(timeout=0):
                pass
        except Timeout:
            yield False
            return
        except (OSError, NotImplementedError):
            pass
        yield True


def _lock(folder: Path, name: str) -> FileLock:
    """Held by who makes entries of a name; the system frees it when a process ends, however it ends."""
    (folder / "locks").mkdir(parents=True, exist_ok=True)
    return FileLock(folder / "locks" / f"{name}.lock")


def _make(
    folder: Path, name: str, entry: Path, build: Callable[[], Mapping[str, npt.NDArray[Any]]]
) -> Arrays:
    arrays = {k: np.ascontiguousarray(v) for k, v in build().items()}
    try:
        _write(entry, arrays)
        _forget_old(entry, name)
    except OSError as error:
        why = error.strerror or error
        _log.warning("The prepared data of %s could not be kept in %s (%s).", name, folder, why)
        return arrays
    return _read(entry) or arrays


def cached_facts(folder: Path, name: str, key: str) -> dict[str, Any] | None:
    """The `meta.json` of an entry, without opening its arrays; None where there is no such entry."""
    try:
        meta = json.loads((folder / "data" / f"{name}-{key}" / "meta.json").read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return meta if isinstance(meta, dict) else None


def checksum(array: npt.NDArray[Any]) -> int:
    """Of shape, type and samples of an array."""
    # Samples find truncation and blocks that never reached the disk; reading all would defeat mapping.
    data = array.reshape(-1).view(np.uint8) if array.size else np.zeros(0, np.uint8)
    total = zlib.crc32(repr((array.shape, array.dtype.str)).encode())
    for start in np.linspace(0, max(data.size - 4096, 0), _SAMPLES).astype(np.int64):
        total = zlib.crc32(data[start : start + 4096].tobytes(), total)
    return total


def _read(entry: Path) -> Arrays | None:
    try:
        meta = json.loads((entry / "meta.json").read_text("utf-8"))
        arrays: Arrays = {}
        for name, facts in meta["arrays"].items():
            # Mapped copy-on-write: torch warns about memory that cannot be written.
            array = np.load(entry / f"{name}.npy", mmap_mode="c" if facts["shape"][0] else None)
            if checksum(array) != facts["checksum"]:
                raise ValueError("check sum")
            arrays[name] = np.asarray(array)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, IndexError, EOFError):
        _log.warning("The prepared data in %s is damaged and will be made again.", entry.name)
        return None
    return arrays


def _write(entry: Path, arrays: Arrays) -> None:
    entry.parent.mkdir(parents=True, exist_ok=True)
    aside = Path(tempfile.mkdtemp(prefix=f".{entry.name}-", dir=entry.parent))
    try:
        facts = {}
        for name, array in arrays.items():
            with (aside / f"{name}.npy").open("wb") as file:
                np.save(file, array)
                file.flush()
                os.fsync(file.fileno())
            facts[name] = {"shape": array.shape, "dtype": array.dtype.str, "checksum": checksum(array)}
        (aside / "meta.json").write_text(json.dumps({"made": time.time(), "arrays": facts}), "utf-8")
        if entry.exists():
            if _read(entry) is not None:
                return  # another process was faster; its arrays are the same
            shutil.rmtree(entry)
        os.replace(aside, entry)
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _forget_old(entry: Path, name: str) -> None:
    """Remove what was made long ago from other contents or by older loaders, and what kill -9 left behind."""
    for pattern, age in ((f"{name}-*", _KEPT_FOR), (f".{name}-*", _UNFINISHED_FOR)):
        for other in entry.parent.glob(pattern):
            if other != entry and other.stat().st_mtime < time.time() - age:
                shutil.rmtree(other, ignore_errors=True)
