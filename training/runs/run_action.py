"""What can be done with a run: each action once, with its words, its key, and when it is possible."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum


@dataclass(frozen=True)
class ActionWords:
    """label: of a button or a line of a menu, & before its mnemonic. tip: what it does. shortcut: its key, if any."""

    label: str
    tip: str
    shortcut: str = ""


class RunAction(Enum):
    """One thing that a person can ask for. The order is that of buttons and menus."""

    PAUSE = ActionWords("&Pause", "Hold between two steps; it can be resumed at once", "Ctrl+P")
    GO_ON = ActionWords("Resume", "Resume after the pause", "Ctrl+P")
    START_NOW = ActionWords("Start no&w", "Start although another run is going on")
    STOP = ActionWords("&Stop", "Stop politely: what was learned is kept", "Ctrl+.")
    STOP_NOW = ActionWords("Stop n&ow", "Stop at once: what the last epoch saved is kept")
    RESUME = ActionWords("Re&sume", "Resume the run where it ended", "Ctrl+R")
    REPEAT = ActionWords("Repeat with another see&d", "The same training from other random numbers")
    FROM_WEIGHTS = ActionWords(
        "Start from these &weights…", "A new run that begins with what this one learned"
    )
    KEEP_TRAINING = ActionWords("Keep tra&ining…", "Train for more epochs than the recipe said")
    HALF_BATCH = ActionWords("Repeat with &half the batch", "Needs about half as much memory")
    LOWER_RATE = ActionWords(
        "Repeat with a third of the learning rate", "Helps where the cost became no number"
    )
    CHANGE = ActionWords(
        "Chan&ge the recipe and start anew…", "A new run with this one's recipe, to be changed first"
    )
    TEST = ActionWords("&Test the best model", "Measure it on digits that it never trained on")
    EXPORT = ActionWords("E&xport the model (ONNX)…", "A copy of the model file")
    SHOW_FOLDER = ActionWords("Show in &folder", "Show the files of this run in your file browser")
    RENAME = ActionWords("Re&name…", "Give it a name of its own")
    NOTES = ActionWords("N&otes…", "Write down what is worth knowing about it")
    DELETE = ActionWords("De&lete", "Out of the list, then into the trash; it can be undone", "Del")
    USE = ActionWords("&Use this model", "The live program reads with it from now on", "Ctrl+U")
    SWITCH_BACK = ActionWords("Switch bac&k", "Read with the model from before again", "Ctrl+U")
    SHOW_DATA = ActionWords("Look at the data", "The page on which the data is chosen")
    SHOW_LOG = ActionWords("Show the log", "All that the training printed")

    @property
    def label(self) -> str:
        """With its mnemonic, for buttons and menus."""
        return self.value.label

    @property
    def text(self) -> str:
        """Without a mnemonic, for sentences and for buttons that come and go."""
        return self.value.label.replace("&", "").rstrip("…")

    @property
    def tip(self) -> str:
        """What it does, and its key."""
        return f"{self.value.tip} ({self.shortcut})" if self.shortcut else self.value.tip

    @property
    def shortcut(self) -> str:
        return self.value.shortcut


@dataclass(frozen=True)
class Availability:
    """shown: it means something for this run. reason: why it can't be done now; empty where it can."""

    shown: bool = True
    reason: str = ""

    @property
    def enabled(self) -> bool:
        return self.shown and not self.reason


Availabilities = Mapping[RunAction, Availability]
