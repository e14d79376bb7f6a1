"""The pictures of a review, loaded ahead: the next one is there before it is asked for."""

from __future__ import annotations

import contextlib
import threading
from collections import OrderedDict
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from app.image_view.image_view import picture_levels, turned
from app.review.items import ReviewItem
from app.ui.errors import sentence_of
from core.base.errors import InputError
from core.collection.numbers import SeenFile

Levels = tuple[NDArray[np.uint8], ...]
_Key = tuple[str, int, int]

AHEAD = 4
"""Items whose pictures are loaded, the one that is shown among them."""
_MOST = 8
"""Pictures that are kept: those behind may be gone back to."""


def load_picture(key: _Key) -> NDArray[np.uint8]:
    """The picture that `ReviewItem.picture` names. Any thread may call it. Raises InputError, OSError, MemoryError."""
    from core.reading.images import load_image

    file, page, quarters = key
    return turned(load_image(Path(file), page), quarters)


class ReviewPictures(QObject):
    """Loads in a thread of its own; hands out in the thread this object lives in."""

    loaded = Signal(object)
    """A picture is there: `ReviewItem.picture`."""
    failed = Signal(object, str)
    """A picture can't be shown: `ReviewItem.picture`, a sentence."""

    _done = Signal(object, object, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="review")
        self._kept: OrderedDict[_Key, tuple[Levels, SeenFile | None]] = OrderedDict()
        self._coming: dict[_Key, Future[None]] = {}
        self._wanted: set[_Key] = set()
        self._lock = threading.Lock()
        self._done.connect(self._on_done)

    def want(self, items: Sequence[ReviewItem]) -> None:
        """These are needed, the first one first; what else waits is not needed any more."""
        keys = list(dict.fromkeys(item.picture for item in items))
        with self._lock:
            self._wanted = set(keys)
        for key, future in list(self._coming.items()):
            if key not in keys and future.cancel():
                del self._coming[key]
        for key in keys:
            if key not in self._kept and key not in self._coming:
                self._coming[key] = self._worker.submit(self._load, key)

    def get(self, item: ReviewItem) -> Levels | None:
        """The picture with its smaller copies, as `picture_levels` makes them; None while it is not there."""
        kept = self._kept.get(item.picture)
        if kept is None:
            return None
        self._kept.move_to_end(item.picture)
        return kept[0]

    def seen(self, item: ReviewItem) -> SeenFile | None:
        """The file that shows the picture, as it was when that was loaded; None for a turned one or a later page."""
        kept = self._kept.get(item.picture)
        return kept[1] if kept is not None and not item.quarters and not item.page else None

    def shut_down(self) -> None:
        """Finish the one under way, forget the others."""
        self._worker.shutdown(wait=True, cancel_futures=True)

    def _load(self, key: _Key) -> None:
        """In the thread."""
        with self._lock:
            if key not in self._wanted:
                self._done.emit(key, None, None)
                return
        seen: SeenFile | None = None
        with contextlib.suppress(OSError):  # of a file that is gone, loading has a sentence
            seen = SeenFile.of(Path(key[0]))
        try:
            levels: Levels | str = picture_levels(load_picture(key))
        except (InputError, OSError, MemoryError) as error:
            levels = sentence_of(error)
        self._done.emit(key, levels, seen)

    def _on_done(self, key: _Key, levels: Levels | str | None, seen: SeenFile | None) -> None:
        self._coming.pop(key, None)
        if isinstance(levels, str):
            self.failed.emit(key, levels)
        elif levels is not None:
            self._kept[key] = levels, seen
            while len(self._kept) > _MOST:
                self._kept.popitem(last=False)
            self.loaded.emit(key)
