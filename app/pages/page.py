"""What a page of the main window is: Draw, Camera and Photos are pages.

The window owns the three-page switch, the prediction panel at the right and the bar at the bottom; a page
fills what is left, brings its own part of the bottom bar and its own menu actions. Pages are built the first
time they are shown. They never reach into the window: they emit signals and have setters.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QWidget

from app.services.corrections import Corrections
from app.services.models import ModelService
from app.services.settings import Settings
from app.ui.actions import DigitAction
from app.ui.shown_reading import DigitRef, ShownReading, step_from
from core.base.paths import Places


@dataclass(frozen=True)
class PageContext:
    """What the window gives every page it builds."""

    places: Places
    settings: Settings
    corrections: Corrections
    models: ModelService


class Page(QWidget):
    """One page: what it reads, which digit is selected, what is corrected."""

    reading_changed = Signal(object)
    """An `app.ui.shown_reading.ShownReading`, or None where nothing is read: the panel shows it."""
    status_changed = Signal(str)
    """A few words for the bottom bar ("25 frames/s"); "" for none."""
    digit_selected = Signal(object)
    """A digit was picked on the page (its box was clicked): its `DigitRef`; the panel follows."""
    notice_changed = Signal(str, bool)
    """A line under the panel's correction buttons; whether it offers to undo the latest correction."""
    page_wanted = Signal(str)
    """Another page is wanted: "draw", "camera" or "photos"."""
    photos_given = Signal(object)
    """Files and folders (list of Path) that the page with the photos is to read, in front."""
    hints_turned_off = Signal()
    """The user wants no hints."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown: ShownReading | None = None
        self._selected: DigitRef | None = None

    @property
    def shown(self) -> ShownReading | None:
        """What the panel shows of this page."""
        return self._shown

    @property
    def selected(self) -> DigitRef | None:
        """The digit that the panel describes."""
        return self._selected

    def activate(self) -> None:
        """The page is shown from now on: start what it needs, and say what there is to read."""

    def deactivate(self) -> None:
        """The page is hidden from now on: free what others may want (the camera), go on with nothing seen."""

    def shut_down(self) -> None:
        """The window closes: stop every thread and wait for it."""

    def bottom_bar(self) -> QWidget:
        """The page's own controls in the bottom bar; the same widget each time."""
        raise NotImplementedError

    def side_widget(self) -> QWidget | None:
        """What the page wants under the prediction panel; the same widget each time, None for nothing."""
        return None

    def menu_actions(self) -> Mapping[str, Sequence[QAction | None]]:
        """Actions for the menus "File", "Edit", "Digit" and "View" while the page is shown; None separates.

        Their shortcuts work on this page only; Help ▸ Shortcuts lists them.
        """
        return {}

    def select_digit(self, ref: DigitRef | None) -> None:
        """The panel shows this digit of the reading: mark it on the page."""
        self._selected = ref

    def correct_digit(self, ref: DigitRef, digit: int) -> None:
        """“Wrong? Tell me”: this digit of the reading shown is really `digit`; keep it among the corrections."""

    def undo_correction(self) -> None:
        """Take the latest `correct_digit` back."""

    def set_hints_on(self, on: bool) -> None:
        """Show hints or not."""

    def open_paths(self, paths: Sequence[Path]) -> None:
        """Read files and folders; only the page with the photos does."""

    def on_digit_action(self, action: DigitAction) -> None:
        """What every page does with the actions of the menu “Digit”."""
        if action.label is None:
            wanted = step_from(self._shown, self._selected, action.step) if self._shown is not None else None
            if wanted is not None:
                self.digit_selected.emit(wanted)
        elif self._selected is not None:
            self.correct_digit(self._selected, action.label)


@dataclass(frozen=True)
class PageFactory:
    """A page of the switch. build: called the first time the page is shown; what it imports, it imports then."""

    name: str
    title: str
    icon: str
    build: Callable[[PageContext], Page]
