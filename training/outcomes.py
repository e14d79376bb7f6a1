"""How a run's end becomes one English sentence and what can be done next. Pure: no Qt, no files, no processes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum



class Ending(StrEnum):
    """The ways in which a run's process comes to its end."""

    FINISHED = "finished"
    STOPPED = "stopped"
    STOPPED_AT_ONCE = "stopped_at_once"
    STOP_IGNORED = "stop_ignored"
    OUT_OF_MEMORY = "out_of_memory"
    NAN = "nan"
    DISK_FULL = "disk_full"
    DATA = "data"
    ERROR = "error"
    KILLED = "killed"
    CRASHED = "crashed"
    NO_EVENT = "no_event"
    NOT_STARTED = "not_started"
    VANISHED = "vanished"
    REBOOTED = "rebooted"


class Action(StrEnum):
    """What a button under the sentence can do. `label` is the button's text."""

    RESUME = "resume"
    REPEAT = "repeat"
    HALF_BATCH = "half_batch"
    LOWER_RATE = "lower_rate"
    MORE_EPOCHS = "more_epochs"
    USE_MODEL = "use_model"
    SHOW_DATA = "show_data"
    SHOW_LOG = "show_log"
    OPEN_FOLDER = "open_folder"

    @property
    def label(self) -> str:
        return _LABELS[self]


_LABELS = {
    Action.RESUME: "Resume",
    Action.REPEAT: "Repeat",
    Action.HALF_BATCH: "Repeat with half the batch",
    Action.LOWER_RATE: "Repeat with a third of the learning rate",
    Action.MORE_EPOCHS: "Continue for more epochs",
    Action.USE_MODEL: "Use this model",
    Action.SHOW_DATA: "Look at the data",
    Action.SHOW_LOG: "Show the log",
    Action.OPEN_FOLDER: "Open the folder",
}


@dataclass(frozen=True)
class Outcome:
    """How a run ended. sentence: what happened and what to try; details: traceback or last lines of the log.

    good: nothing went wrong. actions: the obvious next one first.
    """

    ending: Ending
    sentence: str
    details: str = ""
    good: bool = False
    actions: tuple[Action, ...] = ()
