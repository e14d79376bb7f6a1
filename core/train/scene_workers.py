"""Batches of scenes for the detector's training, made by processes beside it.

Scene `index` does not depend on who makes it, so the number of workers changes nothing but the speed.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import weakref
from collections.abc import Mapping
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool

from core.base.errors import FailureError
from core.base.paths import Places
from core.datasets.detector_scenes import SceneArrays, SceneData, load_scene_data
from core.recipes.scenes import Scenes

AHEAD = 3
"""Batches that each worker is asked for ahead of use."""


class SceneFeed:
    """Batches of scenes by the index of their first scene.

    With no workers they are made when asked for; else by child processes, ahead of use, as long as requests
    come one after the other at the same distance.
    """

    def __init__(self, data: SceneData, *, workers: int, shares: Mapping[str, float], places: Places) -> None:
        self._data, self._workers = data, workers
        self._asked: dict[tuple[int, int, int], Future[SceneArrays]] = {}
        if workers:
            self._pool = ProcessPoolExecutor(
                workers, multiprocessing.get_context("spawn"), _begin, (dict(shares), data.config, places)
            )
            # What is not made yet when the training ends is not waited for.
            self._end = weakref.finalize(self, self._pool.shutdown, cancel_futures=True)

    def batch(self, seed: int, first: int, count: int, *, then: int | None = None) -> SceneArrays:
        """Scenes first … first + count - 1 of a seed. then: the distance to the next batch, to be made ahead.

        Raises FailureError where a worker died.
        """
        if not self._workers:
            return self._data.batch(seed, first, count)
        try:
            for n in range(1 + (AHEAD * self._workers if then else 0)):
                request = (seed, first + n * (then or 0), count)
                if request not in self._asked:
                    self._asked[request] = self._pool.submit(_make, *request)
            return self._asked.pop((seed, first, count)).result()
        except BrokenProcessPool as error:
            raise FailureError(
                "The process that makes scenes ended by itself; was the memory used up? Resume the run."
            ) from error

    def close(self) -> None:
        """End the workers."""
        if self._workers:
            self._end()
            self._workers = 0
            self._asked.clear()


_data: SceneData
"""In a worker: what it makes scenes of."""


def _begin(shares: Mapping[str, float], scenes: Scenes, places: Places) -> None:
    """A worker's first act."""
    global _data
    from core.base.opencv import cv2

    cv2.setNumThreads(1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C stops the training, and that ends its workers
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _data = load_scene_data(shares, scenes, places, "train")


def _end_with_parent() -> None:
    """A training that is killed takes its workers along: they would wait for requests for ever."""
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)


def _make(seed: int, first: int, count: int) -> SceneArrays:
    return _data.batch(seed, first, count)
