"""Scenes from processes beside the training: `python -m core.train.scene_workers`, and the feed that drives them.

A worker reads requests from standard input and writes batches to standard output; when the training process
is gone, however it ended, its input ends and so does it. Scene `index` does not depend on who makes it, so
the number of workers changes nothing but the speed.
"""

from __future__ import annotations

import contextlib
import json
import os
import pickle
import struct
import subprocess
import sys
import threading
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import IO

from core.base.errors import FailureError
from core.base.paths import Places
from core.datasets.detector_scenes import SceneArrays, SceneData, load_scene_data
from core.recipes.scenes import Scenes

AHEAD = 3
"""Batches that each worker is asked for ahead of use."""

_REQUEST = struct.Struct("<qqi")


class SceneFeed:
    """Batches of scenes by the index of their first scene.

    With no workers they are made when asked for; else by child processes, ahead of use, as long as requests
    come one after the other at the same distance.
    """

    def __init__(self, data: SceneData, *, workers: int, shares: Mapping[str, float], places: Places) -> None:
        self._data = data
        start = {
            "shares": dict(shares),
            "scenes": asdict(data.config),
            "places": {k: str(v) for k, v in asdict(places).items()},
        }
        self._workers = [_Worker(json.dumps(start)) for _ in range(workers)]
        self._asked: dict[tuple[int, int, int], _Worker] = {}
        self._turn = 0

    def batch(self, seed: int, first: int, count: int, *, then: int | None = None) -> SceneArrays:
        """Scenes first … first + count - 1 of a seed. then: the distance to the next batch, to be made ahead.

        Raises FailureError where a worker died.
        """
        if not self._workers:
            return self._data.batch(seed, first, count)
        for n in range(1 + (AHEAD * len(self._workers) if then else 0)):
            self._ask((seed, first + n * (then or 0), count))
        return self._asked.pop((seed, first, count)).take((seed, first, count))

    def _ask(self, request: tuple[int, int, int]) -> None:
        if request not in self._asked:
            worker = self._workers[self._turn % len(self._workers)]
            self._turn += 1
            worker.ask(request)
            self._asked[request] = worker

    def close(self) -> None:
        """End the workers."""
        for worker in self._workers:
            worker.close()
        self._workers = []


class _Worker:
    def __init__(self, start: str) -> None:
        root = Path(__file__).resolve().parents[2]
        environment = os.environ | {
            "PYTHONPATH": os.pathsep.join([str(root), os.environ.get("PYTHONPATH", "")])
        }
        self._process = subprocess.Popen(
            [sys.executable, "-m", "core.train.scene_workers"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            env=environment,
        )  # fmt: skip
        self._done: dict[tuple[int, int, int], SceneArrays] = {}
        self._changed = threading.Condition()
        self._ended = False
        self._send(start.encode() + b"\n")
        # A thread empties the pipe, which holds less than one batch: the worker never waits for the training.
        threading.Thread(target=self._collect, daemon=True).start()

    def ask(self, request: tuple[int, int, int]) -> None:
        self._send(_REQUEST.pack(*request))

    def _send(self, data: bytes) -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(data)
            self._process.stdin.flush()
        except OSError:
            self._ended = True  # reported when its batch is taken

    def take(self, request: tuple[int, int, int]) -> SceneArrays:
        with self._changed:
            self._changed.wait_for(lambda: request in self._done or self._ended)
            if request not in self._done:
                raise FailureError(
                    "The process that makes scenes ended by itself; was the memory used up? Resume the run."
                )
            return self._done.pop(request)

    def _collect(self) -> None:
        assert self._process.stdout is not None
        try:
            while True:
                request, arrays = pickle.load(self._process.stdout)
                with self._changed:
                    self._done[tuple(request)] = SceneArrays(*arrays)
                    self._changed.notify_all()
        except (EOFError, pickle.UnpicklingError, OSError, ValueError):
            with self._changed:
                self._ended = True
                self._changed.notify_all()

    def close(self) -> None:
        process = self._process
        if process.stdin is not None:
            with contextlib.suppress(OSError):
                process.stdin.close()
        try:
            process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout is not None:
            process.stdout.close()


def serve(source: IO[bytes], sink: IO[bytes]) -> None:
    """The worker's life: what it works on in the first line, then requests, until `source` ends."""
    start = json.loads(source.readline())
    places = Places(**{name: Path(path) for name, path in start["places"].items()})
    data = load_scene_data(start["shares"], Scenes(**start["scenes"]), places, "train")
    while len(head := source.read(_REQUEST.size)) == _REQUEST.size:
        seed, first, count = _REQUEST.unpack(head)
        arrays = data.batch(seed, first, count)
        pickle.dump(((seed, first, count), tuple(arrays)), sink, protocol=5)
        sink.flush()


def main() -> int:
    """`python -m core.train.scene_workers`, started by the feed only."""
    from core.base.opencv import cv2

    cv2.setNumThreads(1)
    # Whatever a library prints must not end up among the batches.
    sink = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    with contextlib.suppress(BrokenPipeError, KeyboardInterrupt):  # the training is over
        serve(sys.stdin.buffer, sink)
    return 0


if __name__ == "__main__":
    sys.exit(main())
