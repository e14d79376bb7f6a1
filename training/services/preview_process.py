"""Pictures of what the network would be fed, from a child process (`core.train.preview_server`) that the window keeps.

The newest request wins: the child answers the last of those that wait for it, and an answer to an older one
than the newest is dropped here by its number.
"""

from __future__ import annotations

import base64
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QProcess, Signal

from core.recipes.recipe import Recipe
from training.services.child_process import give_environment
from training.ui import wording


@dataclass(frozen=True)
class Pictures:
    """An answer. images: uint8 (N,H,W); texts: what each shows, “–” for no digit, empty for a scene; sources: a name
    each; missing: sources that are not here; ms: what making them took.
    """

    images: NDArray[np.uint8]
    texts: tuple[str, ...]
    sources: tuple[str, ...]
    missing: tuple[str, ...]
    ms: float


def parse_pictures(body: Mapping[str, Any]) -> Pictures:
    """Raises ValueError and KeyError for what is no answer."""
    count, height, width = (int(body[name]) for name in ("count", "height", "width"))
    raw = base64.b64decode(body["images"])
    if len(raw) != count * height * width:
        raise ValueError("the gallery's images are cut off")
    images = np.frombuffer(raw, np.uint8).reshape(count, height, width)
    return Pictures(
        images, tuple(body["texts"]), tuple(body["sources"]), tuple(body["missing"]), float(body["ms"])
    )


class GalleryFeed(QObject):
    """Asks the child and passes on its answers; starts it at the first request, and again after a crash."""

    pictures_ready = Signal(object)
    """Pictures."""
    loading = Signal(str)
    """A source is loaded for the first time, which may take a while; its name."""
    failed = Signal(str)
    """One sentence."""

    def __init__(
        self,
        data_dir: Path | None = None,
        *,
        command: Sequence[str] | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        usual = [
            sys.executable,
            "-m",
            "core.train.preview_server",
            *(["--data-dir", str(data_dir)] if data_dir else []),
        ]
        self._command = list(command or usual)
        self._newest = self._answered = 0
        self._buffer = b""
        self._process: QProcess | None = None

    def ask(self, recipe: Recipe, *, count: int, seed: int, epoch: int = 0) -> int:
        """Ask for pictures as an epoch (from 0) is fed them.

        Returns the request's number; only the answer to the newest is passed on.
        """
        self._newest += 1
        if self._process is None:
            self._start()
        assert self._process is not None
        body = {"id": self._newest, "recipe": recipe.to_dict(), "count": count, "seed": seed, "epoch": epoch}
        self._process.write(json.dumps(body).encode() + b"\n")
        return self._newest

    def close(self) -> None:
        """End the child. It ends by itself when its input does, so that a window that dies leaves none."""
        process = self._let_go()
        if process is not None:
            process.closeWriteChannel()
            process.kill()
            process.waitForFinished(1000)

    def pid(self) -> int:
        """Process id of the child; 0 if none runs."""
        return int(self._process.processId()) if self._process is not None else 0

    def _start(self) -> None:
        process = QProcess(self)
        give_environment(process)
        process.readyReadStandardOutput.connect(self._on_output)
        process.finished.connect(self._on_finished)
        process.errorOccurred.connect(self._on_error)
        self._process, self._buffer = process, b""
        process.start(self._command[0], self._command[1:])

    def _on_output(self) -> None:
        if self._process is None:
            return
        self._buffer += bytes(self._process.readAllStandardOutput().data())
        *lines, self._buffer = self._buffer.split(b"\n")
        for line in lines:
            self._on_line(line)

    def _on_line(self, line: bytes) -> None:
        try:
            body = json.loads(line)
            if body["id"] != self._newest:
                return
            pictures = parse_pictures(body) if "images" in body else None
        except (ValueError, KeyError, TypeError):
            # A library may print to standard output; what isn't an answer is none.
            return
        if "loading" in body:
            self.loading.emit(str(body["loading"]))
            return
        self._answered = self._newest
        if pictures is not None:
            self.pictures_ready.emit(pictures)
        else:
            self.failed.emit(wording.in_window(str(body.get("error", "The gallery gave no images."))))

    def _on_error(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart and self._process is not None:
            self._let_go()
            self.failed.emit(f"The gallery's process can't be started: {self._command[0]} is not there.")

    def _on_finished(self) -> None:
        process = self._let_go()
        if process is None or self._answered == self._newest:
            return
        words = bytes(process.readAllStandardError().data()).decode(errors="replace").strip().splitlines()
        reason = f" ({words[-1]})" if words else ""
        self.failed.emit(f"The gallery's process ended without an answer{reason}.")

    def _let_go(self) -> QProcess | None:
        """Forget the child: nothing it still says counts. The next request starts another."""
        process, self._process = self._process, None
        if process is not None:
            process.readyReadStandardOutput.disconnect(self._on_output)
            process.finished.disconnect(self._on_finished)
            process.errorOccurred.disconnect(self._on_error)
            process.deleteLater()
        return process
