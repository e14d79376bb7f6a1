"""Reads drawings in a thread of its own: only the newest one, with the model that is wanted by then."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from PySide6.QtCore import QObject, Signal

from app.draw.drawing import Drawing
from app.services.workers import LatestOnlyWorker
from app.ui.errors import details_of
from core.base.errors import FailureError, InputError
from core.reading.types import Reading


class DrawingReading(Protocol):
    """What reads drawings; `app.draw.drawing_reader.CanvasReader` is the real one."""

    @property
    def info(self) -> Any:
        """What the model file says about itself."""

    def read(self, drawing: Drawing) -> Reading: ...


@dataclass(frozen=True)
class _DrawingRequest:
    """generation: counts up with every request. serial: of the model. drawing: None only loads the model."""

    generation: int
    serial: int
    model: Path
    drawing: Drawing | None


class ReadingWorker(QObject):
    """Hands out readings of the newest drawing.

    While a stroke goes on, requests come faster than readings: an answer is shown if it is newer than the one
    shown before. `forget` makes every answer to an older request too late.
    """

    reading_ready = Signal(object, object)
    """The newest drawing that has been read, and its Reading."""
    failed = Signal(str, str)
    """Reading a drawing failed: a sentence, and details for a report ("" where the sentence says it all)."""
    model_ready = Signal(object, object)
    """A model file (Path) reads from now on; what it says about itself."""
    model_failed = Signal(object, str, str)
    """A model file (Path) can't be used: a sentence, details. The one before it reads on."""

    _answered = Signal(object, object)
    _broke = Signal(object, object)

    def __init__(self, load: Callable[[Path], DrawingReading], parent: QObject | None = None) -> None:
        """load: opens a model file; called in the thread. May raise InputError or FailureError."""
        super().__init__(parent)
        self._load = load
        self._model: Path | None = None
        self._serial = 0
        self._generation = 0
        self._shown = 0
        # What the thread alone touches: the reader, and the serial of the model it was last asked to load.
        self._reader: DrawingReading | None = None
        self._loaded = 0
        self._worker: LatestOnlyWorker[_DrawingRequest, Reading | None] = LatestOnlyWorker(
            self._work, done=self._answered.emit, failed=self._broke.emit, name="reading"
        )
        self._answered.connect(self._on_answered)
        self._broke.connect(self._on_broke)

    def use_model(self, path: Path, drawing: Drawing | None = None) -> None:
        """Read with this model from now on, first of all `drawing`; answers of the one before are too late.

        The file is loaded even if its name is the same as before: it may have been written anew.
        """
        self._model = path
        self._serial += 1
        self.forget()
        self._submit(drawing)

    def read(self, drawing: Drawing) -> None:
        """Read this drawing next, in place of any that waits. Without a model nothing happens."""
        self._submit(drawing)

    def forget(self) -> None:
        """Make every answer that is under way too late: the drawing is another one."""
        self._shown = self._generation

    def shut_down(self) -> None:
        """End the thread; waits for the reading under way."""
        self._worker.stop(seconds=5.0)

    def _submit(self, drawing: Drawing | None) -> None:
        if self._model is None:
            return
        self._generation += 1
        self._worker.submit(_DrawingRequest(self._generation, self._serial, self._model, drawing))

    def _work(self, request: _DrawingRequest) -> Reading | None:
        if request.serial != self._loaded:
            self._loaded = request.serial
            self._load_model(request.model)
        if request.drawing is None or self._reader is None:
            return None
        return self._reader.read(request.drawing)

    def _load_model(self, path: Path) -> None:
        try:
            self._reader = self._load(path)
        except (InputError, FailureError) as error:
            self.model_failed.emit(path, str(error), "")
        except Exception as error:  # noqa: BLE001  (an odd file may break the runtime in any way)
            self.model_failed.emit(path, f"{path} can't be used as a model.", details_of(error))
        else:
            self.model_ready.emit(path, self._reader.info)

    def _on_answered(self, request: _DrawingRequest, reading: Reading | None) -> None:
        if reading is not None and self._is_news(request):
            self.reading_ready.emit(request.drawing, reading)

    def _on_broke(self, request: _DrawingRequest, error: Exception) -> None:
        if not self._is_news(request):
            return
        if isinstance(error, InputError | FailureError):
            self.failed.emit(str(error), "")
        else:
            self.failed.emit("This drawing could not be read.", details_of(error))

    def _is_news(self, request: _DrawingRequest) -> bool:
        if request.generation <= self._shown:
            return False
        self._shown = request.generation
        return True
