"""What a page of the main window is: Draw, Camera and Photos are pages.

The window owns the three-page switch, the prediction panel at the right and the bar at the bottom; a page
fills what is left, brings its own part of the bottom bar and its own menu actions. Pages are built the first
time they are shown. They never reach into the window: they emit signals and have setters.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction, QUndoStack
from PySide6.QtWidgets import QWidget

from app.pages.key_run import KeyRun
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
    """A few words for the bottom bar ("25 frames/s"); "" clears them."""
    digit_selected = Signal(object)
    """A digit was picked on the page (its box was clicked): its `DigitRef`; the panel follows."""
    notice_changed = Signal(str, bool)
    """A line under the panel's correction buttons; whether it offers to undo the latest correction."""
    number_wanted = Signal(object, str)
    """The whole number is to be typed: its place, None for one that was not read; what stands in the field at first
    ("" for what was read)."""
    panel_changed = Signal()
    """`uses_panel` is another."""
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
        self._run: KeyRun | None = None
        self._undo = QUndoStack(self)
        self._undo_index = 0
        self._undo.indexChanged.connect(self._on_undo_moved)

    @property
    def undo_stack(self) -> QUndoStack:
        """What can be undone on this page."""
        return self._undo

    @property
    def shown(self) -> ShownReading | None:
        """What the panel shows of this page."""
        return self._shown

    @property
    def uses_panel(self) -> bool:
        """Whether the window shows its panel beside the page."""
        return True

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
        if self._run is not None and self._run.at != ref:
            self._run = None

    def correct_digit(self, ref: DigitRef, digit: int) -> None:
        """“Wrong? Tell me”: this digit of the reading shown is really `digit`; keep it among the corrections.

        digit: 0–9, or NOT_A_DIGIT.
        """

    def correct_number(self, place: int | None, written: str) -> None:
        """The number at this place of the reading shown is really written like this; "": there is no number.

        place: None for a number that was not read.
        """

    def begin_typing(self) -> None:
        """A number is being typed into the panel's field: what is read must not change under it."""

    def give_up_number(self) -> None:
        """The number that `number_wanted` asked for is not typed after all."""
        self.setFocus()

    def undo_correction(self) -> None:
        """Take the latest `correct_digit` or `correct_number` back."""
        self._undo.undo()

    def label_by_key(self, label: int) -> None:
        """A key says what the selected digit is; the next key says it of the next digit of its number.

        One key more than there are digits: they were not those that were read. The labels are taken back, and what was
        typed goes into the field for the whole number.
        """
        shown, ref = self._shown, self._selected
        if shown is None or ref is None or ref not in shown.refs:
            return
        run = self._run or KeyRun.begin(ref, self._undo.index())
        if run.is_over and run.at.number is not None:
            self._run = None
            while self._undo.index() > run.undo_index:
                self._undo.undo()
            self.number_wanted.emit(run.at.number, run.typed(shown, label))
            self.notice_changed.emit("More digits than were read: Enter keeps the number as a whole.", False)
            return
        self.correct_digit(ref, label)
        self._run = run = run.with_label(shown, label)
        if run.at != ref:
            self.digit_selected.emit(run.at)

    def end_key_run(self) -> None:
        """What is read is another picture: the next key begins anew."""
        self._run = None

    def _on_undo_moved(self, index: int) -> None:
        went_back, self._undo_index = index < self._undo_index, index
        run = self._run
        if went_back and run is not None:
            # The key before was a slip: the next one says it better.
            self._run = None
            again = run.at if run.is_over else replace(run.at, place=max(run.at.place - 1, run.first.place))
            self.digit_selected.emit(again)

    def set_hints_on(self, on: bool) -> None:
        """Show hints or not."""

    def open_paths(self, paths: Sequence[Path]) -> None:
        """Read files and folders; only the page with the photos does."""

    def on_digit_action(self, action: DigitAction) -> None:
        """What every page does with the actions of the menu “Digit”."""
        if action is DigitAction.NUMBER:
            self.number_wanted.emit(self._selected.number if self._selected is not None else None, "")
        elif action.label is None:
            wanted = step_from(self._shown, self._selected, action.step) if self._shown is not None else None
            if wanted is not None:
                self.digit_selected.emit(wanted)
        else:
            self.label_by_key(action.label)


@dataclass(frozen=True)
class PageFactory:
    """A page of the switch. build: called the first time the page is shown; what it imports, it imports then."""

    name: str
    title: str
    icon: str
    build: Callable[[PageContext], Page]
