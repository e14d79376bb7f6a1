"""What people say of the live picture, of a frozen one, and of numbers of the history."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoStack

from app.camera.history import HistoryEntry
from app.pages.correction_commands import PictureLabels
from app.services.corrections import Corrections, KeptNumber, models_text
from app.services.models import ModelService
from app.services.settings import Settings
from app.ui.shown_reading import DigitRef, ShownReading
from core.reading.types import Box, Reading


class CameraLabelling(QObject):
    """Keeps what is said; what was said of a number of the history stays with it while others are shown."""

    changed = Signal()
    """Something else was said of the picture that is shown."""
    entry_changed = Signal(int, object)
    """A number of the history (its `HistoryEntry.key`) is written like this; None: as it was read."""
    notice_changed = Signal(str, bool)
    """A few words for the panel; whether they offer to undo."""

    def __init__(
        self,
        corrections: Corrections,
        stack: QUndoStack,
        models: ModelService,
        settings: Settings,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._corrections, self._stack, self._models, self._settings = corrections, stack, models, settings
        self._live = self._new_labels()
        self._live.changed.connect(lambda: self._on_changed(self._live))
        self._of_entries: dict[int, PictureLabels] = {}
        self._labels = self._live
        self._entry: int | None = None
        self._release: Callable[[int], KeptNumber | None] = lambda key: None
        self._source = self._group = ""

    @property
    def keeps_whole(self) -> bool:
        return self._settings.keeps_photos

    def set_release(self, release: Callable[[int], KeptNumber | None]) -> None:
        """release: tells a review that a number of the history (its key) is named here; what it kept of it."""
        self._release = release

    def set_source(self, name: str) -> None:
        """Another source is opened. All that it shows is learned from together: its pictures are much alike."""
        self._source, self._group = name, f"{name} {datetime.now():%Y-%m-%d %H:%M:%S}"

    def show_picture(self, reading: Reading | None, image: NDArray[np.uint8] | None) -> None:
        """What may be labelled now: a live picture or a frozen one, (H, W, 3) uint8 RGB."""
        self._labels, self._entry = self._live, None
        shown = ShownReading.of(reading) if reading is not None else None
        self._live.set_reading(shown, image, source=self._source, group=self._group)

    def show_entry(self, entry: HistoryEntry, image: NDArray[np.uint8]) -> None:
        """A number of the history may be labelled now. image: the piece of the picture that was kept of it."""
        assert entry.seen is not None, "the entry has an image"
        labels = self._of_entries.get(entry.key)
        if labels is None:
            labels = self._of_entries[entry.key] = self._new_labels()
            labels.changed.connect(lambda: self._on_entry_changed(entry.key, labels))
        self._labels, self._entry = labels, entry.key
        shown = ShownReading.of(Reading((entry.seen.number,)))
        labels.set_reading(shown, image, source=entry.source, group=entry.seen.group)

    @property
    def group(self) -> str:
        """Of the pictures of the present source."""
        return self._group

    def labelled(self, reading: Reading) -> ShownReading:
        """The reading that is shown, with what was said of it."""
        said = self._labels
        return ShownReading.of(reading, corrections=said.numbers, labels=said.labels, added=said.added)

    def label_digit(self, ref: DigitRef, label: int) -> None:
        """A digit of what is shown is really `label`, which may be NOT_A_DIGIT."""
        self._labels.label_digit(ref, label)

    def say_number(self, place: int | None, written: str, box: Box | None) -> None:
        """A number of what is shown is written like this, "" for no number; place None: it was not read."""
        if place is not None:
            reviewed = self._release(self._entry) if self._entry is not None else None
            self._labels.name_number(place, written, [reviewed] if reviewed is not None else [])
        else:
            self._labels.add_number(written, box)

    def _new_labels(self) -> PictureLabels:
        labels = PictureLabels(
            self._corrections, self._stack, kind="camera", models=lambda: models_text(self._models.state),
            keeps_whole=lambda: self.keeps_whole, parent=self,
        )  # fmt: skip
        labels.notice_changed.connect(self.notice_changed)
        return labels

    def _on_changed(self, labels: PictureLabels) -> None:
        if labels is self._labels:
            self.changed.emit()

    def _on_entry_changed(self, key: int, labels: PictureLabels) -> None:
        number = labels.said_of(0)
        self.entry_changed.emit(key, number)
        self._on_changed(labels)
