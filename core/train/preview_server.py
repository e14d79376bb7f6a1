"""Shows what the network would be fed: `python -m core.train.preview_server`, asked by the training window.

It is a process of its own because it needs torch, which the window never imports; it stays, because loading
torch and the data takes seconds. One JSON object a line on standard input:

    {"id": 7, "recipe": {…}, "count": 48, "seed": 1}

and on standard output either

    {"id": 7, "loading": "fonts"}      while a source is loaded for the first time
    {"id": 7, "error": "a sentence"}
    {"id": 7, "count", "size", "labels": […], "sources": […], "missing": […], "images": base64 of uint8
     (count, size, size), "ms": what making them took}

Only the newest request waiting is answered. The same seed shows the same digits, so that they change under
the eye as a strength does. End of input ends it.
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
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np
import numpy.typing as npt
import torch

from core.augmentation.augment import augment
from core.base.errors import DataError, InputError
from core.base.paths import Places
from core.datasets.catalog import CORRECTIONS
from core.recipes.recipe import Recipe
from core.train.samples import SOURCES, Samples, concatenate, photo_textures

if TYPE_CHECKING:
    from core.synthesis.scene import SceneAssets

LARGEST_COUNT = 400
LARGEST_SCENES = 12
FEW_FONTS = 100
"""Fonts of made photos: drawing all that a recipe wants takes a minute the first time, and shows nothing more."""


@dataclass(frozen=True)
class Request:
    """One line asked. count: of images."""

    id: int
    recipe: Recipe
    count: int
    seed: int

    @classmethod
    def from_line(cls, line: str) -> Request:
        """Raises InputError (RecipeError for bad values), ValueError, KeyError, TypeError for no request."""
        body = json.loads(line)
        count = min(max(1, int(body["count"])), LARGEST_COUNT)
        return cls(int(body["id"]), Recipe.from_dict(body["recipe"]), count, int(body["seed"]))

    @property
    def folder(self) -> Path | None:
        """Of the source “folder”."""
        return Path(self.recipe.data_folder).expanduser() if self.recipe.data_folder else None


class Superseded(Exception):  # noqa: N818 (no error)
    """A newer request came while this one was worked on."""


class PreviewServer:
    """Loads each source once and augments a few of its images as asked."""

    def __init__(self, places: Places) -> None:
        self._places = places
        self._loaded: dict[tuple[str, Path | None], Samples | None] = {}
        self._textures: torch.Tensor | None = None
        self._supplies: tuple[int, SceneAssets] | None = None

    def answer(self, request: Request, tell: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
        """The answer to send. tell: told which source is being loaded; may raise Superseded.

        Raises InputError when none of the sources is here or a file is damaged.
        """
        if request.recipe.network == "detector":
            return self._scenes(request, tell)
        shares = {name: share for name, share in request.recipe.sources.items() if share > 0}
        found = {}
        for name in shares:
            samples = self._samples(name, request.folder, tell)
            if samples is not None:
                found[name] = samples
        missing = [name for name in shares if name not in found]
        if not found:
            raise DataError(f"None of {', '.join(missing)} is here; fetch one on the Data page.")
        chosen = _choose(found, request)
        if self._textures is None:
            self._textures = photo_textures(self._places, "train")
        size = 28 if request.recipe.network == "seed" else 32
        random = torch.Generator().manual_seed(request.seed)
        began = time.perf_counter()
        images = augment(
            chosen.images, chosen.is_ink, request.recipe.augmentation, random, size=size,
            textures=self._textures,
        )  # fmt: skip
        pixels = (images[:, 0] * 255).round().clamp(0, 255).to(torch.uint8)
        facts = {"labels": chosen.labels.tolist(), "sources": chosen.source.split("\n"), "missing": missing}
        return facts | _packed(pixels.numpy(), time.perf_counter() - began)

    def _scenes(self, request: Request, tell: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
        """What the detector is fed: whole made photos."""
        from core.datasets.detector_scenes import load_supplies
        from core.synthesis.scene import make_scene, scene_random

        config = request.recipe.scenes
        config = replace(config, fonts=min(config.fonts, FEW_FONTS))
        if self._supplies is None or self._supplies[0] != config.fonts:
            tell({"loading": "scenes"})
            self._supplies = config.fonts, load_supplies(config, self._places, "train")
        began = time.perf_counter()
        count = min(request.count, LARGEST_SCENES)
        pictures = []
        for index in range(count):
            if index:
                tell({})
            pictures.append(make_scene(scene_random(request.seed, index), config, self._supplies[1]).image)
        facts = {"labels": [-1] * count, "sources": ["scenes"] * count, "missing": []}
        return facts | _packed(np.stack(pictures), time.perf_counter() - began)

    def _samples(
        self, name: str, folder: Path | None, tell: Callable[[dict[str, Any]], None]
    ) -> Samples | None:
        """The training images of a source; None where it is not here or empty. `corrections` grow: never kept."""
        key = (name, folder if name == "folder" else None)
        if key not in self._loaded or name == CORRECTIONS:
            tell({"loading": name})
            source = SOURCES.get(name)
            if source is None or source.entry.find(self._places, folder) is None:
                self._loaded[key] = None
            else:
                samples = source.load("train", self._places, folder)
                self._loaded[key] = samples if len(samples) else None
        return self._loaded[key]


def _packed(pixels: npt.NDArray[np.uint8], seconds: float) -> dict[str, Any]:
    """uint8 (N,S,S) as an answer carries them."""
    return {
        "count": len(pixels),
        "size": pixels.shape[1],
        "images": base64.b64encode(np.ascontiguousarray(pixels).tobytes()).decode("ascii"),
        "ms": round(1000 * seconds, 2),
    }


def _choose(found: Mapping[str, Samples], request: Request) -> Samples:
    """Images of each source by its share, always the same ones for a seed; `source` names one a line."""
    shares = request.recipe.sources
    total = sum(shares[name] for name in found)
    parts, names = [], []
    left, open_share = request.count, 1.0
    for name, samples in found.items():
        share = shares[name] / total
        # What rounding took from one source the following ones get: the counts add up.
        n = round(left * share / open_share) if open_share > 1e-9 else left
        left, open_share = left - n, open_share - share
        # A generator a source: taking one source away leaves the digits of the others alone.
        random = torch.Generator().manual_seed(request.seed * 1_000_003 + sum(name.encode()))
        at = torch.randint(len(samples), (n,), generator=random)
        parts.append(samples.select(at))
        names += [name] * n
    together = concatenate(parts, "")
    order = torch.randperm(len(together), generator=torch.Generator().manual_seed(request.seed))
    shuffled = together.select(order)
    source = "\n".join(names[i] for i in order.tolist())
    return Samples(shuffled.images, shuffled.labels, shuffled.is_ink, source)


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

    def tell(body: Mapping[str, Any]) -> None:
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
        send({"id": request.id, **gallery.answer(request, tell)})
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
