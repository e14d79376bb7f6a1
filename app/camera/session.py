"""A live source from end to end: captured, read, tracked. Signals out, setters in; no widgets.

Three threads: the capture thread hands its newest frame to the reading thread, which reads the newest it can; here,
in the GUI thread, frames are passed on to be shown and each reading is tracked.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject, Signal

from app.camera.region import ReadingRegion, shifted
from app.camera.source.capture import Capture, CapturePhase, Frame, Opener, State, Turn
from app.camera.source.controls import CameraControls
from app.camera.source.feeds import open_feed
from app.camera.source.sources import Source, VideoFile
from app.camera.tracker import Sighting, Tracked, Tracker
from app.services.models import PictureReader
from app.services.workers import LatestOnlyWorker
from app.ui.errors import details_of, sentence_of
from core.base.errors import FailureError, InputError
from core.reading.types import Reading

CLOSED = State(CapturePhase.CLOSED)


@dataclass(frozen=True)
class LiveReading:
    """What is known after a frame was read.

    frame: the one that was read. reading: of this frame alone. tracked: over the frames until now; empty for a
    frozen frame. news: numbers that have just become steady.
    """

    frame: Frame
    reading: Reading
    tracked: tuple[Tracked, ...] = ()
    news: tuple[Sighting, ...] = ()
    frozen: bool = False


@dataclass(frozen=True)
class _Job:
    frame: Frame
    guide: ReadingRegion | None
    capture: Capture
    frozen: bool
    generation: int


class CameraSession(QObject):
    """At most one source at a time."""

    frame_changed = Signal(object)
    """A newer `Frame` to show; not while frozen."""
    state_changed = Signal(object)
    """`app.camera.source.capture.State`."""
    was_read = Signal(object)
    """`LiveReading`."""
    reading_failed = Signal(str, str)
    """Reading failed: a sentence, details ("" where the sentence says it all). Told once, not for every frame."""

    _frame_came = Signal(object)
    _state_came = Signal(object, object)
    _read_came = Signal(object, object)
    _read_broke = Signal(object, object)

    def __init__(
        self, reader: PictureReader, *, opener: Opener = open_feed, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._opener = opener
        self._capture: Capture | None = None
        self._last: Capture | None = None
        self._tracker = Tracker()
        self._segment = 0
        self._guide: ReadingRegion | None = None
        self._turn = Turn()
        self._loop = True
        self._frozen: Frame | None = None
        self._generation = 0
        self._told = ""
        self._known_in_file: set[str] = set()
        self._on_its_way = threading.Event()
        # Held for a moment: a frame that the capture thread hands over must not take the place of a frozen one.
        self._handing_over = threading.Lock()
        self._worker: LatestOnlyWorker[_Job, Reading] = LatestOnlyWorker(
            lambda job: _read(reader, job),
            done=self._read_came.emit,
            failed=self._read_broke.emit,
            name="camera reading",
        )
        self._frame_came.connect(self._on_frame)
        self._state_came.connect(self._on_state)
        self._read_came.connect(self._on_read)
        self._read_broke.connect(self._on_read_failed)

    # --- the source --------------------------------------------------------------------------------------

    @property
    def source(self) -> Source | None:
        return self._capture.source if self._capture is not None else None

    @property
    def state(self) -> State:
        """Asks the capture: a source that has fallen silent is WAITING."""
        return self._capture.state if self._capture is not None else CLOSED

    def open(self, source: Source, resolution: tuple[int, int] | None = None) -> None:
        """Show this source in place of the one before it. resolution: asked of a camera, (width, height)."""
        self.close()
        self._known_in_file = set()
        self._told = ""
        self._tracker.reset()
        self._capture = capture = Capture(
            source,
            resolution=resolution,
            on_frame=lambda: self._announce(capture),
            on_state=lambda state: self._state_came.emit(capture, state),
            opener=self._opener,
            after=self._last,
            loop=self._loop,
        )
        capture.turn = self._turn
        capture.start()
        self.state_changed.emit(capture.state)

    def close(self) -> None:
        """Let go of the source; returns at once."""
        if self._capture is None:
            return
        self._capture.stop()
        with self._handing_over:
            self._last, self._capture = self._capture, None
            self._frozen = None
            self._forget()
        self.state_changed.emit(CLOSED)

    def shut_down(self, seconds: float = 1.0) -> bool:
        """End both threads, waiting at most so long; whether they have ended."""
        self.close()
        read_over = self._worker.stop(seconds)
        return (self._last is None or self._last.wait(seconds)) and read_over

    def frames_per_second(self) -> float:
        return self._capture.frames_per_second() if self._capture is not None else 0.0

    def newest(self) -> Frame | None:
        """The frame that is shown: the frozen one, or the newest."""
        if self._frozen is not None:
            return self._frozen
        return self._capture.newest() if self._capture is not None else None

    # --- how it is shown and read ------------------------------------------------------------------------

    @property
    def frozen(self) -> bool:
        return self._frozen is not None

    def freeze(self, frozen: bool) -> None:
        """Hold the frame shown and read it by itself; a video file waits meanwhile."""
        if self._capture is None or frozen == self.frozen:
            return
        with self._handing_over:
            self._frozen = self._capture.newest() if frozen else None
            self._forget()
        self._capture.pause(self._frozen is not None)
        if self._frozen is not None:
            self._submit(self._frozen)

    def set_guide(self, guide: ReadingRegion | None) -> None:
        """Read only inside of it; None for everywhere."""
        if guide != self._guide:
            with self._handing_over:
                self._guide = guide
                self._forget()
            if self._frozen is not None:
                self._submit(self._frozen)

    def set_turn(self, turn: Turn) -> None:
        """Turn or flip the picture before it is shown and read."""
        self._turn = turn
        if self._capture is not None:
            self._capture.turn = turn
        self._forget()

    def read_again(self) -> None:
        """The model is another one."""
        self._told = ""
        self._forget()
        if self._frozen is not None:
            self._submit(self._frozen)

    def seek(self, seconds: float) -> None:
        """Go to a place in a video file; a frozen one shows it."""
        if self._capture is not None:
            self._capture.seek(seconds)

    def set_loop(self, loop: bool) -> None:
        """Whether video files begin again at their end."""
        self._loop = loop
        if self._capture is not None:
            self._capture.loop(loop)

    def control(self, command: Callable[[CameraControls], Any]) -> None:
        """Change the camera's settings."""
        if self._capture is not None:
            self._capture.control(command)

    # --- what comes --------------------------------------------------------------------------------------

    def _announce(self, capture: Capture) -> None:
        """In the capture thread. While one announcement is on its way, it stands for all that follow."""
        with self._handing_over:
            frame = capture.newest()
            if frame is not None and capture is self._capture and self._frozen is None:
                self._submit(frame)
        if not self._on_its_way.is_set():
            self._on_its_way.set()
            self._frame_came.emit(capture)

    def _on_frame(self, capture: Capture) -> None:
        self._on_its_way.clear()
        if capture is not self._capture:
            return
        frame = capture.newest()
        if frame is None:
            return
        if self._frozen is not None:
            if not isinstance(capture.source, VideoFile):
                return
            self._frozen = frame  # sought while it was held
            self._submit(frame)
        self.frame_changed.emit(frame)

    def _submit(self, frame: Frame) -> None:
        """In any thread."""
        assert self._capture is not None
        frozen = self._frozen is not None
        self._worker.submit(_Job(frame, self._guide, self._capture, frozen, self._generation))

    def _forget(self) -> None:
        """What is being read now no longer counts; what was tracked neither."""
        self._generation += 1
        self._worker.clear()
        self._tracker.restart()

    def _on_state(self, capture: Capture, state: State) -> None:
        if capture is self._capture:
            if state.phase is CapturePhase.WAITING and self._frozen is None:
                self._forget()  # a reading under way is of a picture that is past
            self.state_changed.emit(state)

    def _on_read(self, job: _Job, reading: Reading) -> None:
        if job.generation != self._generation or job.capture is not self._capture:
            return
        self._told = ""
        if job.frozen:
            self.was_read.emit(LiveReading(job.frame, reading, frozen=True))
            return
        if job.frame.segment != self._segment:
            self._segment = job.frame.segment
            self._tracker.restart()
        tracked, news = self._tracker.update(reading, job.frame.taken)
        if isinstance(job.capture.source, VideoFile):
            # A file that is played in a loop gives no new readings.
            news = tuple(s for s in news if s.tracked.number.text not in self._known_in_file)
            self._known_in_file |= {s.tracked.number.text for s in news}
        self.was_read.emit(LiveReading(job.frame, reading, tracked, news))

    def _on_read_failed(self, job: _Job, error: Exception) -> None:
        if job.generation != self._generation:
            return
        known = isinstance(error, InputError | FailureError)
        sentence = sentence_of(error) if known else "The image could not be read."
        if sentence != self._told:
            self._told = sentence
            self.reading_failed.emit(sentence, "" if known else details_of(error))


def _read(reader: PictureReader, job: _Job) -> Reading:
    image = job.frame.image
    if job.guide is None:
        return reader.read(image)
    left, top, right, bottom = job.guide.region(image.shape[1], image.shape[0])
    return shifted(reader.read(image[top:bottom, left:right]), left, top)
