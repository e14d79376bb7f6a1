"""The page of one run: what it is doing, curves, test, mistakes, recipe, log; and the buttons that steer it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont, QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QTabWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from core.base.errors import DataError
from training.curves.page import CurvesPage
from training.run_page.buttons import RunButtons
from training.run_page.log_page import LogPage
from training.run_page.mistakes_page import MistakesPage
from training.run_page.recipe_page import RecipePage
from training.run_page.state_text import machine_text, model_text, phase_text, progress_text, warning_text
from training.run_page.test_page import TestPage
from training.run_table.model import STATUS_STYLES
from training.runs.availability import availability
from training.runs.device_load import Load
from training.runs.model_kinds import kind_of_network
from training.runs.outcome import Outcome
from training.runs.run_action import RunAction
from training.runs.state import RunPhase, RunView, Status
from training.runs.test_report import TestReport, read_report, report_of_events
from training.ui import wording
from training.ui.flow_layout import FlowLayout
from training.ui.labels import QuietLabel
from training.ui.lazy_page import LazyPage
from training.ui.notice_bar import TintedFrame
from training.ui.theme import Colors, ThemeWatch, show_through, small_text

_TEST_LINES = 22
"""As many lines of text high as its table, matrix and plot need."""


class OutcomeBar(TintedFrame):
    """How the run ended, in one sentence, with the buttons for what can be done about it."""

    acted = Signal(object)
    """RunAction."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._outcome: Outcome | None = None
        self._sentence = QLabel(self)
        self._sentence.setWordWrap(True)
        # Not by the keyboard: a label does not show that the keyboard is there.
        self._sentence.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._details = QToolButton(self)
        self._details.setText("Details")
        self._details.setCheckable(True)
        self._details.setAutoRaise(True)
        self._details.toggled.connect(self._on_details)
        self._more = QLabel(self)
        self._more.setWordWrap(True)
        self._more.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._more.hide()
        self._buttons = FlowLayout(spacing=6)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 8, 10, 8)
        layout.setSpacing(6)
        top = QHBoxLayout()
        top.addWidget(self._sentence, 1)
        top.addWidget(self._details, 0, Qt.AlignmentFlag.AlignTop)
        layout.addLayout(top)
        layout.addWidget(self._more)
        layout.addLayout(self._buttons)
        self.hide()

    def set_outcome(self, outcome: Outcome | None) -> None:
        """None while the run goes on, or where it ended as it should: then there is nothing to say."""
        if outcome == self._outcome:
            return
        self._outcome = outcome
        self.setVisible(outcome is not None)
        while (item := self._buttons.takeAt(0)) is not None:
            old = item.widget()
            if old is not None:
                old.hide()
                old.deleteLater()
        if outcome is None:
            return
        self._sentence.setText(outcome.sentence)
        self._details.setVisible(bool(outcome.details.strip()))
        self._details.setChecked(False)
        self._more.setText(_last_lines(outcome.details))
        for action in outcome.actions:
            # What a finished run allows stands in the bar below already.
            if not outcome.good:
                button = QPushButton(action.text, self)
                button.setToolTip(action.tip)
                button.clicked.connect(lambda _=False, action=action: self.acted.emit(action))
                self._buttons.addWidget(button)
        self.set_tint("good" if outcome.good else "bad")

    def buttons(self) -> list[QPushButton]:
        """In order, the obvious next step first."""
        items = [self._buttons.itemAt(i) for i in range(self._buttons.count())]
        return [w for item in items if item is not None and isinstance(w := item.widget(), QPushButton)]

    def _on_details(self, on: bool) -> None:
        self._more.setVisible(on)


class RunPage(QWidget):
    """Shows RunViews as they come; what is wanted of the run is said by one signal."""

    action_requested = Signal(object, object)
    """RunAction, and tuple[Path, …]: the run's folder, alone."""
    log_wanted = Signal(object)
    """Path of the run whose log is looked at, or None."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._view: RunView | None = None
        self._load: Load | None = None
        self._notes = ""
        self._in_use = False
        self._busy = ""
        self._report_of: tuple[object, ...] = ()
        self.curves = CurvesPage(self)
        self._report: TestReport | None = None
        self._test = LazyPage(TestPage, self._on_test_made, self)
        self.mistakes = MistakesPage(self)
        self.recipe = RecipePage(self)
        self.log = LogPage(self)
        self.tabs = QTabWidget(self)
        for page, title in (
            (self.curves, "&Curves"),
            (self._scrolling(self._test, _TEST_LINES * self.fontMetrics().height()), "&Test"),
            (self.mistakes, "&Mistakes"),
            (self.recipe, "&Recipe"),
            (self.log, "&Log"),
        ):
            self.tabs.addTab(page, title)
        self.tabs.currentChanged.connect(self._on_tab)
        self.outcome = OutcomeBar(self)
        self.outcome.acted.connect(self._on_requested)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 10, 12, 10)
        layout.setSpacing(8)
        layout.addLayout(self._make_head())
        layout.addWidget(self.outcome)
        layout.addWidget(self.tabs, 1)
        self.buttons = RunButtons(self)
        self.buttons.requested.connect(self._on_requested)
        layout.addWidget(self.buttons)
        ThemeWatch(self, self._apply_theme)

    def _scrolling(self, page: QWidget, least: int) -> QScrollArea:
        """The page in an area that scrolls where the window is lower than the page needs."""
        page.setMinimumHeight(least)
        area = QScrollArea(self)
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(page)
        show_through(area)
        return area

    def _make_head(self) -> QVBoxLayout:
        self._title = QLabel(self)
        self._whole_title = ""
        self._title.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        font = QFont(self._title.font())
        font.setPointSizeF(font.pointSizeF() * 1.25)
        font.setBold(True)
        self._title.setFont(font)
        self._state = QLabel(self)
        self._state.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._bar = QProgressBar(self)
        self._bar.setRange(0, 1000)
        self._bar.setAccessibleName("Progress of the run")
        self._bar.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._bar.setMinimumWidth(120)
        self._progress = QLabel(self)
        self._machine = QuietLabel(parent=self)
        self._machine.setWordWrap(True)
        self._warning = QLabel(self)
        self._warning.setWordWrap(True)
        self._warning.hide()
        self._notes_line = QuietLabel(parent=self)
        self._notes_line.setWordWrap(True)
        self._notes_line.hide()
        head = QVBoxLayout()
        head.setSpacing(4)
        first = QHBoxLayout()
        first.addWidget(self._title, 1)
        first.addWidget(self._state)
        head.addLayout(first)
        second = QHBoxLayout()
        second.setSpacing(10)
        second.addWidget(self._bar, 1)
        second.addWidget(self._progress)
        head.addLayout(second)
        head.addWidget(self._machine)
        head.addWidget(self._warning)
        head.addWidget(self._notes_line)
        return head

    def _on_requested(self, action: RunAction) -> None:
        if action is RunAction.SHOW_LOG:
            self.tabs.setCurrentWidget(self.log)
        elif self._view is not None:
            self.action_requested.emit(action, (self._view.path,))

    @property
    def test(self) -> TestPage:
        return self._test.get()

    # from outside

    def show_view(self, view: RunView) -> None:
        """The run as it is now. Another run than before starts with its curves."""
        other = self._view is None or view.path != self._view.path
        self._view = view
        if other:
            self._report_of = ()
            self.log.clear()
            self.mistakes.set_report(None)
            self._load = self._load if view.status.is_active else None
            if self.tabs.currentWidget() is self.log:
                self.log_wanted.emit(view.path)
        self.curves.show_run(view.series)
        self._show_head(view)
        self.outcome.set_outcome(view.outcome)
        self.recipe.set_recipe(view.recipe)
        self._show_report(view)
        self._show_available()

    def set_load(self, load: Load) -> None:
        self._load = load
        if self._view is not None and self._view.status.is_active:
            self._machine.setText(machine_text(self._view, load))

    def set_notes(self, notes: str) -> None:
        self._notes = notes
        self._notes_line.setText(f"✎ {' '.join(notes.split())}")
        self._notes_line.setVisible(bool(notes.strip()))

    def set_in_use(self, in_use: bool) -> None:
        """The live program reads with this run's model: it can switch back."""
        self._in_use = in_use
        self._show_available()

    def set_busy(self, words: str) -> None:
        """What is being done with its model at this moment, such as a test; empty for nothing."""
        self._busy = words
        self._show_available()

    @property
    def run(self) -> Path | None:
        return self._view.path if self._view is not None else None

    @property
    def view(self) -> RunView | None:
        return self._view

    # inside

    def _show_head(self, view: RunView) -> None:
        when = f" · {wording.clock(view.started)}" if view.started else ""
        self._whole_title = f"{view.title}{when}"
        self._title.setToolTip(f"{view.title}\n{view.path.name}")
        look = STATUS_STYLES[view.status]
        theme = Colors.of(self.palette())
        phase = phase_text(view)
        words = look.word
        if view.status in (Status.WAITING, Status.STARTING, Status.PAUSED, Status.STOPPING):
            words = phase
        elif phase:
            words = f"{look.word}, {phase}"
        self._state.setText(f"{look.sign} {words}")
        self._fit_title()
        self._state.setStyleSheet(small_text(theme, getattr(theme, look.colour)) + "font-weight: bold;")
        busy = view.status is Status.STARTING or (
            view.status is Status.RUNNING and view.phase in (RunPhase.LOADING, RunPhase.TESTING)
        )
        # A bar that runs to and fro: something goes on whose end is not known.
        self._bar.setRange(0, 0 if busy else 1000)
        if not busy:
            self._bar.setValue(round(1000 * view.progress))
            self._bar.setFormat(f"{int(100 * view.progress)}%")
        self._progress.setText(progress_text(view))
        self._progress.setVisible(bool(self._progress.text()))
        self._machine.setText(machine_text(view, self._load))
        self._machine.setToolTip(view.why)
        warning = warning_text(view)
        # In each other's place: what lies below does not move when a warning comes or goes.
        self._machine.setVisible(bool(self._machine.text()) and not warning)
        self._warning.setText(f"⚠ {warning}")
        self._warning.setVisible(bool(warning))
        self._warning.setStyleSheet(small_text(theme, theme.warning))

    def _fit_title(self) -> None:
        """As much of the title as there is room for beside the state."""
        room = self.width() - self._state.sizeHint().width() - 40
        shown = self._title.fontMetrics().elidedText(
            self._whole_title, Qt.TextElideMode.ElideMiddle, max(room, 60)
        )
        self._title.setText(shown)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_title()

    def _show_report(self, view: RunView) -> None:
        """Read test.json when it may be new: when a run is shown, and when it ends."""
        state = (view.path, view.status, len(view.test))
        if state == self._report_of:
            return
        self._report_of = state
        report: TestReport | None = None
        if view.status is Status.FINISHED or (view.test and not view.status.is_active):
            try:
                report = read_report(view.path)
            except DataError:
                report = None  # cut off before it was written: the events say what they can
        self.mistakes.set_report(report, view.path)
        self._report = report
        if report is None and view.test:
            network = view.recipe.network if view.recipe is not None else ""
            self._report = report_of_events(view.test, kind=kind_of_network(network))
        if self._test.page is not None:
            self._show_test(self._test.page)

    def _on_test_made(self, page: TestPage) -> None:
        page.cell_chosen.connect(self._on_cell)
        self._show_test(page)

    def _show_test(self, page: TestPage) -> None:
        testing = self._view is not None and self._view.phase is RunPhase.TESTING
        page.set_report(self._report, testing=testing)

    def _show_available(self) -> None:
        view = self._view
        if view is None:
            return
        if self.buttons.set_available(availability(view, in_use=self._in_use, busy=bool(self._busy))):
            # The keyboard must not be left on a button that can't be pressed.
            self.tabs.setFocus()
        self.buttons.set_words(self._busy or model_text(view))

    def _on_cell(self, source: str, label: int, digit: int) -> None:
        self.mistakes.show_cell(source, label, digit)
        self.tabs.setCurrentWidget(self.mistakes)

    def _on_tab(self) -> None:
        looked_at = self.tabs.currentWidget() is self.log and self._view is not None
        self.log_wanted.emit(self._view.path if looked_at and self._view is not None else None)

    def _apply_theme(self) -> None:
        if self._view is not None:
            self._show_head(self._view)


def _last_lines(text: str) -> str:
    return "\n".join(text.strip().splitlines()[-12:])
