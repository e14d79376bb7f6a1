"""Shows what the network would be fed: `python -m core.train.preview_server`, asked by the training window.

It is a process of its own because it needs torch, which the window never imports; it stays, because loading
torch and the data takes seconds. One JSON object a line on standard input:

    {"id": 7, "recipe": {…}, "count": 48, "seed": 1, "epoch": 0}

and on standard output either

    {"id": 7, "loading": "fonts"}      while a source is loaded for the first time
    {"id": 7, "error": "a sentence"}
    {"id": 7, "count", "height", "width", "texts": […], "sources": […], "missing": […], "images": base64 of uint8
     (count, height, width), "ms": what making them took}

They are drawn and augmented as an epoch of training does. Only the newest request waiting is answered. The same seed
shows the same digits, so that they change under the eye as a strength does. End of input ends it.
"""

from __future__ import annotations

import argparse
import base64
import contextlib
import json
import os
import queue
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import torch

from core.base.errors import InputError
from core.base.paths import Places
from core.recipes.recipe import Recipe
from core.train.preview_feeds import PreviewFeeds

LARGEST_COUNT = 400
LARGEST_SCENES = 12


@dataclass(frozen=True)
class Request:
    """One line asked. count: of images. epoch: from 0, for how strongly they are augmented."""

    id: int
    recipe: Recipe
    count: int
    seed: int
    epoch: int = 0

    @classmethod
    def from_line(cls, line: str) -> Request:
        """Raises InputError (RecipeError for bad values), ValueError, KeyError, TypeError for no request."""
        body = json.loads(line)
        recipe = Recipe.from_dict(body["recipe"])
        most = LARGEST_SCENES if recipe.network == "detector" else LARGEST_COUNT
        count = min(max(1, int(body["count"])), most)
        epoch = max(0, int(body.get("epoch", 0)))
        return cls(int(body["id"]), recipe, count, int(body["seed"]), epoch)


class Superseded(Exception):  # noqa: N818 (no error)
    """A newer request came while this one was worked on."""


class PreviewServer:
    """Answers requests with pictures."""

    def __init__(self, places: Places) -> None:
        self._feeds = PreviewFeeds(places)

    def answer(self, request: Request, report: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
        """The answer to send. report: called with the source that is being loaded; may raise Superseded.

        Raises InputError when none of the sources is here or a file is damaged.
        """
        began = time.perf_counter()
        made = self._feeds.make(
            request.recipe, request.count, seed=request.seed, epoch=request.epoch,
            on_loading=lambda source: report({"loading": source} if source else {}),
        )  # fmt: skip
        count, height, width = made.images.shape
        return {
            "count": count, "height": height, "width": width, "texts": list(made.texts), "sources": list(made.sources),
            "missing": list(made.missing),
            "images": base64.b64encode(np.ascontiguousarray(made.images).tobytes()).decode("ascii"),
            "ms": round(1000 * (time.perf_counter() - began), 2),
        }  # fmt: skip


def serve(lines: BinaryIO, out: BinaryIO, places: Places) -> None:
    """Answer requests until the input ends."""
    waiting: queue.Queue[str | None] = queue.Queue()

    def read() -> None:
        for line in lines:
            waiting.put(line.decode("utf-8", errors="replace"))
        waiting.put(None)

    threading.Thread(target=read, daemon=True).start()
    gallery = PreviewServer(places)
    while True:
        line = waiting.get()
        while line is not None and not waiting.empty():
            line = waiting.get()
        if line is None:
            return
        _answer_line(gallery, line, waiting, out)


def _answer_line(gallery: PreviewServer, line: str, waiting: queue.Queue[str | None], out: BinaryIO) -> None:
    def send(body: Mapping[str, Any]) -> None:
        out.write(json.dumps(body).encode() + b"\n")
        out.flush()

    def report(body: Mapping[str, Any]) -> None:
        if not waiting.empty():
            raise Superseded
        if body:
            send({"id": request.id, **body})

    try:
        request = Request.from_line(line)
    except (InputError, ValueError, KeyError, TypeError) as error:
        send({"id": _id_of(line), "error": str(error)})
        return
    try:
        send({"id": request.id, **gallery.answer(request, report)})
    except Superseded:
        return
    except InputError as error:
        send({"id": request.id, "error": str(error)})


def _id_of(line: str) -> int:
    with contextlib.suppress(ValueError, TypeError, KeyError):
        return int(json.loads(line)["id"])
    return -1


def main() -> int:
    """The process of the training window; see the top of this file."""
    parser = argparse.ArgumentParser(prog="core.train.preview_server")
    parser.add_argument("--data-dir", type=Path)
    args = parser.parse_args()
    # The picture that is looked at can wait for the training that is waited for.
    torch.set_num_threads(1)
    if hasattr(os, "nice"):
        os.nice(5)
    with contextlib.suppress(BrokenPipeError):
        serve(sys.stdin.buffer, sys.stdout.buffer, Places.find(data_dir=args.data_dir))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
