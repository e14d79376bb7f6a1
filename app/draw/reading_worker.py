"""Reads drawings in a thread of its own: only the newest one, with the model that is in use by then."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

from app.draw.drawing import Drawing
from app.services.models import ModelService
from app.services.workers import LatestOnlyWorker
from app.ui.errors import details_of
from core.base.errors import FailureError, InputError
from core.reading.types import Reading


@dataclass(frozen=True)
class _DrawingRequest:
    """generation: counts up with every request."""

    generation: int
    drawing: Drawing


class ReadingWorker(QObject):
    """Hands out readings of the newest drawing.

    While a stroke goes on, requests come faster than readings: an answer is shown if it is newer than the one
    shown before. `forget` makes every answer to an older request too late.
    """

    reading_ready = Signal(object, object)
    """The newest drawing that has been read, and its Reading."""
    failed = Signal(str, str)
    """Reading a drawing failed: a sentence, and details for a report ("" where the sentence says it all)."""

    _answered = Signal(object, object)
    _broke = Signal(object, object)

    def __init__(self, models: ModelService, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._models = models
        self._generation = 0
        self._shown = 0
        self._worker: LatestOnlyWorker[_DrawingRequest, Reading | None] = LatestOnlyWorker(
            self._read, done=self._answered.emit, failed=self._broke.emit, name="reading"
        )
        self._answered.connect(self._on_answered)
        self._broke.connect(self._on_broke)

    def read(self, drawing: Drawing) -> None:
        """Read this drawing next, in place of any that waits. Without a model nothing comes of it."""
        self._generation += 1
        self._worker.submit(_DrawingRequest(self._generation, drawing))

    def forget(self) -> None:
        """Make every answer that is under way too late: the drawing, or the model, is another one."""
        self._shown = self._generation

    def shut_down(self) -> None:
        """End the thread; waits for the reading under way."""
        self._worker.stop(seconds=5.0)

    def _read(self, request: _DrawingRequest) -> Reading | None:
        """In the thread."""
        reader = self._models.drawing_reader()
        if reader is None:
            return None
        from app.draw.drawing_reader import read_drawing

        return read_drawing(reader, request.drawing)

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
