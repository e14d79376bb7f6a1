"""One run that is followed closely: its events as they come, its processes, the stages of its stop."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, replace

from core.base.errors import FailureError
from core.runs import process_tree
from core.runs.folder import RunFolder
from training.runs.event_tail import EventTail
from training.runs.facts import RunFacts, read_stop_stage, write_stop_stage
from training.runs.launch import Exit, Launch, QueuedStart, launch
from training.runs.outcome import StopStage
from training.runs.state import RunStateBuilder, RunView, Status

# How often the system is asked for processes while nothing else calls for it.
_LOOK_SECONDS = 0.5
# A quiet run's view is renewed for its clock.
_CLOCK_SECONDS = 1.0
# A process whose run has written its last event, or a rank whose torchrun is gone, is given this long to leave.
_LEAVE_SECONDS = 15.0


@dataclass(frozen=True)
class Steering:
    """How runs are stopped and how many run.

    grace: seconds that a polite stop may take before the process is terminated; last_grace: then, until it is
    killed. at_once: seconds from terminate to kill where it is stopped at once. max_running: runs with a
    process at the same time; others wait. gentle: training yields the processor to the window.
    """

    grace: float = 10.0
    last_grace: float = 3.0
    at_once: float = 1.0
    max_running: int = 1
    gentle: bool = True


class LiveRun:
    """Follows one run folder. `poll` is called often and does little."""

    def __init__(self, run: RunFolder, steering: Steering) -> None:
        self.run = run
        self.steering = steering
        self.view: RunView | None = None
        """As it was at the last poll; None before its events were read once."""
        self.is_reading = False
        """A long history is not read to its end yet; until it is, the view stays as it was."""
        self._tail = EventTail(run.events)
        self._builder = RunStateBuilder(run.path)
        self._facts = RunFacts(run)
        self._stop_stage = read_stop_stage(run)
        self._stop_is_noted = self._stop_stage is not StopStage.NONE
        self._stop_since = time.monotonic()
        self._gone_since: float | None = None
        self._looked = -math.inf
        self._looked_for: dict[int, tuple[int, float]] = {}
        self._viewed = -math.inf
        self._must_view = True

    @property
    def launch(self) -> Launch | None:
        """The latest start of its process; as of the last poll."""
        return self._facts.launch

    @property
    def queued(self) -> QueuedStart | None:
        """There while it waits for its turn."""
        return self._facts.queued

    @property
    def has_process(self) -> bool:
        """A process of it is alive or being started: it takes a place among those that may run."""
        return self._facts.is_alive or self._facts.is_launching

    def poll(self, until: float = math.inf) -> bool:
        """Read what is new, climb the ladder of a stop. True where the view changed.

        until: the moment (`time.monotonic()`) at which a long history is left for the next poll.
        """
        clock = time.monotonic()
        ended = self._facts.look_for_exit()
        must_look = ended or clock - self._looked >= _LOOK_SECONDS
        while True:
            # First whether processes are gone, then the events: so their last ones are never missed.
            if must_look:
                self._look()
            self.is_reading = self._read()
            while self.is_reading and time.monotonic() < until:
                self.is_reading = self._read()
            # A Started event names a process that was not looked for yet.
            must_look = self._builder.ranks != self._looked_for
            if self.is_reading or not must_look:
                break
        self._escalate(clock)
        if self.is_reading or not (self._must_view or clock - self._viewed >= _CLOCK_SECONDS):
            return False
        self._must_view, self._viewed = False, clock
        facts = self._facts.snapshot(
            self._builder, now=time.time(), stage=self._stop_stage, grace=self.steering.grace
        )
        self.view = self._builder.view(facts)
        return True

    # -- what the user asks ---------------------------------------------------------------------------------

    def start(self, wanted: Launch) -> None:
        """Start the process; if that fails, the view says why."""
        try:
            self.run.withdraw_stop()
            self.run.withdraw_pause()
            QueuedStart.withdraw(self.run.path)
            self._stop_stage, self._stop_is_noted = StopStage.NONE, False
            # Later than all that is noted of it, also where the clock was set back since: what came before this
            # start is recognised by its time.
            wanted = replace(wanted, time=max(wanted.time, self._builder.last_time + 1e-3))
            attendant = launch(self.run.path, wanted)
        except (OSError, FailureError) as error:
            self._look()
            self._facts.launch = wanted
            number = error.errno if isinstance(error, OSError) and error.errno else 0
            self._facts.exit = Exit(time.time(), None, str(error), number)
            self._looked = -math.inf
        else:
            # The first look takes up the new start, the second who attends to it.
            self._look()
            self._facts.attendant = attendant
            self._look()
        self._must_view = True

    def enqueue(self, queued: QueuedStart) -> None:
        """Note that it waits for its turn. Raises OSError."""
        queued.write(self.run.path)
        self._look()

    def leave_queue(self) -> None:
        """It is not to be started after all. Raises OSError."""
        QueuedStart.withdraw(self.run.path)
        self._look()

    def pause(self) -> None:
        self.run.request_pause()
        self._must_view = True

    def go_on(self) -> None:
        self.run.withdraw_pause()
        self._must_view = True

    def stop(self) -> None:
        """Politely first; `poll` does the rest. A process that has not begun to train has nothing to keep."""
        if self.view is not None and self.view.status is Status.STARTING:
            self.stop_now()
        elif self._stop_stage is StopStage.NONE:
            self._set_stop_stage(StopStage.REQUESTED)
        # A paused run looks at the stop file too, but needs no reason to hold any more.
        self.run.withdraw_pause()

    def stop_now(self) -> None:
        """Terminate now; `poll` kills what is left."""
        self._set_stop_stage(StopStage.URGENT)
        self.run.withdraw_pause()
        self._end(force=False)

    # -- inside ---------------------------------------------------------------------------------------------

    def _look(self) -> None:
        before = self._known()
        self._looked_for = dict(self._builder.ranks)
        self._facts.look(self._builder)
        self._looked = time.monotonic()
        if before != self._known():
            self._must_view = True
        found = read_stop_stage(self.run)
        asked = self._stop_stage is StopStage.NONE and found is not StopStage.NONE
        withdrawn = self._stop_is_noted and found is StopStage.NONE
        if asked or withdrawn:
            # From a shell or another window; withdrawn by a resume there.
            self._stop_stage, self._stop_is_noted = found, asked
            self._stop_since, self._must_view = time.monotonic(), True

    def _known(self) -> tuple[object, ...]:
        facts = self._facts
        return (
            facts.processes,
            facts.launch,
            facts.queued,
            facts.exit,
            facts.recipe,
            facts.name,
            facts.is_alive,
            facts.is_launching,
        )

    def _read(self) -> bool:
        news = self._tail.read()
        if news.fresh:
            self._builder = RunStateBuilder(self.run.path)
        for event in news.events:
            self._builder.add(event)
        self._builder.damaged += news.damaged
        if news.events or news.fresh or news.damaged:
            self._facts.forget_end()
            self._must_view = True
        return news.more

    def _set_stop_stage(self, stage: StopStage) -> None:
        self._stop_stage, self._stop_since, self._must_view = stage, time.monotonic(), True
        # On a full disk the file can't be made; the ladder goes on all the same.
        self._stop_is_noted = write_stop_stage(self.run, stage)

    def _end(self, *, force: bool) -> None:
        process_tree.end(process_tree.with_descendants(self._facts.processes), force=force)

    def _escalate(self, clock: float) -> None:
        """Terminate and kill what does not leave by itself."""
        if not self._facts.processes:
            self._gone_since = None
            return
        since = clock - self._stop_since
        match self._stop_stage:
            case StopStage.REQUESTED if since >= self.steering.grace:
                self._set_stop_stage(StopStage.TERMINATED)
                self._end(force=False)
            case StopStage.TERMINATED if since >= self.steering.last_grace:
                self._set_stop_stage(StopStage.KILLED)
                self._end(force=True)
            case StopStage.URGENT if since >= self.steering.at_once:
                self._stop_since = clock
                self._end(force=True)
            case StopStage.KILLED if since >= 1.0:
                # A rank born in the meantime.
                self._stop_since = clock
                self._end(force=True)
        self._see_off(clock)

    def _see_off(self, clock: float) -> None:
        """Processes of a run that is over: nothing they do is of use to anybody."""
        over = self._facts.exit is not None or (self.view is not None and not self.view.status.is_active)
        if self.launch is None or not over:
            self._gone_since = None
        elif self._gone_since is None:
            self._gone_since = clock
        elif clock - self._gone_since >= _LEAVE_SECONDS:
            self._gone_since = clock
            self._end(force=True)
