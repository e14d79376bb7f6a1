"""Decoded photos that may be wanted again soon: what was read is often looked at next."""

from __future__ import annotations

import threading
from collections import OrderedDict
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

_MOST_BYTES = 192 * 2**20


Stamp = tuple[int, int] | None
"""When a file was written and how large it is; None where there is no file."""


def stamp_of(path: Path | None) -> Stamp:
    """What changes when a file is replaced by another of the same name."""
    try:
        stat = path.stat() if path is not None else None
    except OSError:  # loading it says what is wrong
        return None
    return (stat.st_mtime_ns, stat.st_size) if stat is not None else None


class PictureCache:
    """The photos used last, by the keys of their results, as far as they fit. Safe to use from several threads."""

    def __init__(self, most_bytes: int = _MOST_BYTES) -> None:
        self._most = most_bytes
        self._lock = threading.Lock()
        self._pictures: OrderedDict[int, tuple[Stamp, NDArray[np.uint8]]] = OrderedDict()

    def put(self, key: int, stamp: Stamp, picture: NDArray[np.uint8]) -> None:
        """Keep a photo as it was when its file had this stamp; those not wanted for longest go."""
        with self._lock:
            self._pictures[key] = (stamp, picture)
            self._pictures.move_to_end(key)
            while sum(p.nbytes for _, p in self._pictures.values()) > self._most:
                self._pictures.popitem(last=False)

    def get(self, key: int, stamp: Stamp) -> NDArray[np.uint8] | None:
        """A photo, as it was decoded; None where it is not kept, or its file is another one since."""
        with self._lock:
            kept = self._pictures.get(key)
            if kept is None or kept[0] != stamp:
                return None
            self._pictures.move_to_end(key)
            return kept[1]

    def clear(self) -> None:
        with self._lock:
            self._pictures.clear()
