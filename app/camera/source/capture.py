"""The capture thread: keeps a source open, hands out its newest picture, comes back by itself after a fault.

Two callbacks report what happens; they are called in the capture thread. Reading happens elsewhere
(`app/services/workers.py`), so a slow reader never slows the picture.
"""

from __future__ import annotations

import atexit
import itertools
import logging
import statistics
import threading
import time
import weakref
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.camera.source.controls import NOTHING_OFFERED, CameraControls, Offered
from app.camera.source.faults import Fault, FeedError, waiting
from app.camera.source.feed import OPENING_PATIENCE, Feed
from app.camera.source.feeds import DeviceFeed, FileFeed, not_playable, open_feed
from app.camera.source.sources import CameraDevice, Source

_log = logging.getLogger(__name__)

RETRY_SECONDS = 1.0
"""Between two tries to open a source that is gone."""
STALL_SECONDS = 2.0
"""Without a picture for so long, a source that should send some is said to have stalled."""
_RATE_SECONDS = 2.0
_CAMERA_EXIT_SECONDS = 5.0
_EXIT_SECONDS = OPENING_PATIENCE + 1


@dataclass(frozen=True, eq=False)
class Frame:
    """One picture. image: (H, W, 3) uint8 RGB. taken: `time.monotonic()`. position: seconds in a video file.

    segment: counts up where time breaks (seek, source back after a fault): what was tracked no longer holds.
    """

    image: NDArray[np.uint8] = field(repr=False)
    number: int
    taken: float
    segment: int = 0
    position: float | None = None


class CapturePhase(Enum):
    OPENING = "opening"
    RUNNING = "running"
    WAITING = "waiting"
    """Something is wrong; it is tried again."""
    ENDED = "ended"
    """Nothing more will come: a file at its end, or a fault that trying again won't mend."""
    CLOSED = "closed"


@dataclass(frozen=True)
class State:
    """Where a capture stands.

    fault: in WAITING and ENDED, why. size: (width, height) in RUNNING. duration: of a video file, seconds.
    offered: what the camera's driver lets be set.
    """

    phase: CapturePhase
    fault: Fault | None = None
    size: tuple[int, int] | None = None
    duration: float | None = None
    offered: Offered = NOTHING_OFFERED


@dataclass(frozen=True)
class Turn:
    """How pictures are turned before anything else: flipped (left and right swapped), then turned clockwise."""

    flipped: bool = False
    quarters: int = 0

    def apply(self, image: NDArray[np.uint8]) -> NDArray[np.uint8]:
        if self.flipped:
            image = image[:, ::-1]
        if self.quarters % 4:
            image = np.rot90(image, -self.quarters)
        return np.ascontiguousarray(image)


class RateMeter:
    """Events a second over the last two seconds."""

    def __init__(self) -> None:
        self._times: deque[float] = deque(maxlen=512)

    def tick(self, now: float) -> None:
        self._times.append(now)

    def rate(self, now: float) -> float:
        """0 until two events came, and when they have come no more for a second, or for two of their intervals."""
        interval = self.interval()
        if interval > _RATE_SECONDS / 2:  # too seldom to be counted in a window of two seconds
            return 1 / interval if now - self._times[-1] <= 2 * interval else 0.0
        recent = [t for t in self._times if now - t <= _RATE_SECONDS]
        if len(recent) < 2 or recent[-1] <= recent[0] or now - recent[-1] > _RATE_SECONDS / 2:
            return 0.0
        return (len(recent) - 1) / (recent[-1] - recent[0])

    def interval(self) -> float:
        """Seconds between the last events, the median of five intervals; 0 until two events came."""
        times = list(self._times)[-6:]
        return statistics.median(b - a for a, b in itertools.pairwise(times)) if len(times) > 1 else 0.0


def rate_text(rate: float) -> str:
    """ "25 frames/s", "a frame in 6 s". rate: frames a second, 0 for unknown."""
    if 0 < rate < 0.75:
        return f"a frame in {1 / rate:.0f} s"
    return f"{rate:.0f} {'frame' if round(rate) == 1 else 'frames'}/s"


Opener = Callable[[Source, tuple[int, int] | None], Feed]


class Capture:
    """A source being captured in a thread of its own. Started by `start`, ended by `stop`; not started twice.

    resolution: asked of a camera, (width, height). on_frame: a newer picture is there (`newest`). on_state:
    with the new State. after: an older capture that must have let go of its source first. loop: whether a
    video file begins again at its end.
    """

    def __init__(
        self,
        source: Source,
        *,
        resolution: tuple[int, int] | None = None,
        on_frame: Callable[[], None],
        on_state: Callable[[State], None],
        opener: Opener = open_feed,
        after: Capture | None = None,
        loop: bool = True,
        retry_seconds: float = RETRY_SECONDS,
    ) -> None:
        self.source = source
        self._resolution, self._opener, self._after = resolution, opener, after
        self._on_frame, self._on_state = on_frame, on_state
        self._retry_seconds = retry_seconds
        self._lock = threading.Lock()
        self._wake = threading.Condition(self._lock)
        self._stopping = False
        self._feed: Feed | None = None
        self._newest: Frame | None = None
        self._state = State(CapturePhase.OPENING)
        self._logged: Fault | None = None
        self._meter = RateMeter()
        self._numbers = itertools.count()
        self._segment = 0
        self._last_picture = time.monotonic()
        self._paused = False
        self._loop = loop
        self.turn = Turn()
        """Applied to every picture; may be replaced at any time."""
        self._seek_to: float | None = None
        self._commands: deque[Callable[[CameraControls], Any]] = deque()
        # A daemon: a driver that never answers must not keep the program alive (see _wait_at_exit).
        self._thread = threading.Thread(target=self._run, name=f"capture {source.name}", daemon=True)

    # --- for the windows: none of these wait -------------------------------------------------------------

    def start(self) -> None:
        _running.add(self)
        self._thread.start()

    def stop(self) -> None:
        """Let go of the source as soon as the driver returns; no callbacks any more."""
        with self._wake:
            self._stopping = True
            feed = self._feed
            self._wake.notify_all()
        if feed is not None:
            feed.interrupt()

    def wait(self, seconds: float) -> bool:
        """Whether the source was let go of within `seconds`. Only after `stop`."""
        if self._thread.ident is not None:
            self._thread.join(seconds)
        return not self._thread.is_alive()

    def newest(self) -> Frame | None:
        """The newest picture; older ones are gone."""
        with self._lock:
            return self._newest

    @property
    def state(self) -> State:
        """As last reported; but WAITING while an open source is silent and its driver has not given up yet."""
        with self._lock:
            silent = time.monotonic() - self._last_picture
            if self._stopping:
                return State(CapturePhase.CLOSED)
            running = self._state.phase is CapturePhase.RUNNING
            live = self._feed is not None and not isinstance(self._feed, FileFeed)
            # A camera that sends a picture in six seconds is not silent after two.
            limit = max(STALL_SECONDS, 2 * self._meter.interval()) if running else STALL_SECONDS
            waits = self._state.phase is not CapturePhase.ENDED and live and not self._paused
            if waits and silent > limit:
                return State(CapturePhase.WAITING, waiting(self.source.name, silent, first=not running))
            return self._state

    def frames_per_second(self) -> float:
        with self._lock:
            return self._meter.rate(time.monotonic())

    def pause(self, paused: bool) -> None:
        """Hold a video file where it is. Live sources go on, so that nothing old waits in their buffers."""
        with self._wake:
            self._paused = paused
            self._wake.notify_all()

    def loop(self, loop: bool) -> None:
        """Whether a video file begins again at its end."""
        with self._wake:
            self._loop = loop
            self._wake.notify_all()

    def seek(self, seconds: float) -> None:
        """Go to a place in a video file; also shown while paused."""
        with self._wake:
            self._seek_to = seconds
            self._wake.notify_all()

    def control(self, command: Callable[[CameraControls], Any]) -> None:
        """Have `command` change the camera's settings between two pictures."""
        with self._lock:
            self._commands.append(command)

    # --- the capture thread ------------------------------------------------------------------------------

    def _run(self) -> None:
        try:
            if self._after is not None:
                # Two threads must not hold one camera; a driver that never answers is not waited for long.
                if isinstance(self._after.source, CameraDevice):
                    self._after.wait(_CAMERA_EXIT_SECONDS)
                self._after = None
            while not self._stopping:
                fault = self._one_life()
                if fault is None or self._stopping:
                    break
                if fault != self._logged:  # not with every try
                    self._logged = fault
                    _log.info("Source %s: %s", self.source.name, fault.sentence)
                self._tell(State(CapturePhase.WAITING if fault.retries else CapturePhase.ENDED, fault))
                if not fault.retries:
                    break
                self._sleep(self._retry_seconds)
        finally:
            _running.discard(self)

    def _one_life(self) -> Fault | None:
        """Open, give pictures, close. Returns what ended it."""
        try:
            feed = self._opener(self.source, self._resolution)
        except FeedError as error:
            return error.fault
        try:
            with self._lock:
                if self._stopping:
                    return None
                self._feed = feed
                self._segment += 1
                _log.info("Source opened: %s", self.source.name)
                self._last_picture = time.monotonic()
            if isinstance(feed, FileFeed):
                return self._play(feed)
            return self._follow(feed)
        except FeedError as error:
            return error.fault
        finally:
            with self._lock:
                self._feed = None
            feed.close()

    def _follow(self, feed: Feed) -> Fault | None:
        """A live source: as fast as it gives."""
        controls = feed.controls if isinstance(feed, DeviceFeed) else None
        while not self._stopping:
            if controls is not None:
                while self._commands:
                    self._commands.popleft()(controls)
            image = feed.read()
            self._publish(image, offered=controls.offered if controls is not None else NOTHING_OFFERED)
        return None

    def _play(self, feed: FileFeed) -> Fault | None:
        """A video file: at its own rate, skipping what can't be decoded in time."""
        clock = _FileClock()
        while not self._stopping:
            with self._lock:
                seek, self._seek_to = self._seek_to, None
                paused = self._paused
            if seek is not None:
                feed.seek(seek)
                self._segment += 1
                clock.restart()
            elif paused:
                clock.restart()
                self._hold(lambda: self._paused and self._seek_to is None)
                continue
            try:
                image = feed.read()
            except FeedError as error:
                if self._newest is None:
                    return not_playable(feed.file)
                if not self._loop:
                    self._tell(State(CapturePhase.ENDED, error.fault, duration=feed.duration))
                    self._hold(lambda: not self._loop and self._seek_to is None)
                if self._seek_to is None:
                    self.seek(0.0)
                continue
            late = clock.late(feed.position)
            if late < 0 and not self._sleep(-late):
                continue
            self._publish(image, position=feed.position, duration=feed.duration)
            while late > 2 / feed.fps and feed.skip():
                late -= 1 / feed.fps
        return None

    def _publish(
        self,
        image: NDArray[np.uint8],
        *,
        position: float | None = None,
        duration: float | None = None,
        offered: Offered = NOTHING_OFFERED,
    ) -> None:
        now = time.monotonic()
        image = self.turn.apply(image)
        frame = Frame(image, next(self._numbers), now, self._segment, position)
        with self._lock:
            self._newest = frame
            self._last_picture = now
            self._meter.tick(now)
        size = (image.shape[1], image.shape[0])
        self._tell(State(CapturePhase.RUNNING, size=size, duration=duration, offered=offered))
        if not self._stopping:
            self._on_frame()

    def _tell(self, state: State) -> None:
        with self._lock:
            changed = state != self._state
            self._state = state
        if changed and not self._stopping:
            self._on_state(state)

    def _sleep(self, seconds: float) -> bool:
        """False where it was woken before the time was over, by stop, pause or seek."""
        with self._wake:
            before = (self._stopping, self._paused, self._seek_to)
            changed = self._wake.wait_for(
                lambda: self._stopping or (self._stopping, self._paused, self._seek_to) != before, seconds
            )
            return not changed

    def _hold(self, while_true: Callable[[], bool]) -> None:
        with self._wake:
            self._wake.wait_for(lambda: self._stopping or not while_true())


class _FileClock:
    """When each picture of a file is due: its time stamps, laid on the clock of the machine."""

    def __init__(self) -> None:
        self._origin: float | None = None
        self._previous = 0.0

    def restart(self) -> None:
        self._origin = None

    def late(self, position: float) -> float:
        """Seconds since the picture at `position` was due; negative: it is not due yet."""
        now = time.monotonic()
        jumped = not 0 <= position - self._previous < 10
        self._previous = position
        if self._origin is None or jumped:
            self._origin = now - position
        late = now - position - self._origin
        if late > 1:  # the machine was asleep, or is far too slow: don't race after lost time
            self._origin = now - position
        return late


_running: weakref.WeakSet[Capture] = weakref.WeakSet()


def _wait_at_exit() -> None:
    """A thread that returns from a driver when the interpreter is gone crashes: give each a moment before."""
    captures = list(_running)
    for capture in captures:
        capture.stop()
    deadline = time.monotonic() + _EXIT_SECONDS
    for capture in captures:
        capture.wait(max(0.0, deadline - time.monotonic()))


atexit.register(_wait_at_exit)
