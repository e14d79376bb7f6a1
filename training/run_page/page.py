"""The page of one run: what it is doing, curves, test, mistakes, recipe, log; and the buttons that steer it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QFont, QKeySequence
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QMenu,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QTabWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from core.base.errors import DataError
from training.curves.page import CurvesPage
from training.run_page.actions import (
    AvailableActions,
    machine_text,
    phase_text,
    progress_text,
    steps_of,
    warning_text,
)
from training.run_page.log_page import LogPage
from training.run_page.mistakes_page import MistakesPage
from training.run_page.recipe_page import RecipePage
from training.run_page.test_page import TestPage
from training.run_table.model import STATUS_STYLES
from training.runs.device_load import Load
from training.runs.model_kinds import kind_of_network
from training.runs.outcome import Action, Outcome
from training.runs.state import RunPhase, RunView, Status
from training.runs.test_report import TestReport, read_report, report_of_events
from training.ui import wording
from training.ui.flow_layout import FlowLayout
from training.ui.lazy_page import LazyPage
from training.ui.notice_bar import TintedFrame
from training.ui.theme import Colors, small_text


class OutcomeBar(TintedFrame):
    """How the run ended, in one sentence, with the buttons for what can be done about it."""

    acted = Signal(object)
    """Action."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._outcome: Outcome | None = None
        self._sentence = QLabel(self)
        self._sentence.setWordWrap(True)
        self._sentence.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
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
                button = QPushButton(action.label, self)
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
    """Shows RunViews as they come; asks for steps by signals that carry the run's folder."""

    pause_asked = Signal(object)
    go_on_asked = Signal(object)
    stop_asked = Signal(object)
    stop_now_asked = Signal(object)
    resume_asked = Signal(object)
    more_epochs_asked = Signal(object)
    repeat_asked = Signal(object)
    from_weights_asked = Signal(object)
    half_batch_asked = Signal(object)
    lower_rate_asked = Signal(object)
    change_asked = Signal(object)
    use_asked = Signal(object)
    export_asked = Signal(object)
    folder_asked = Signal(object)
    notes_asked = Signal(object)
    delete_asked = Signal(object)
    data_asked = Signal()
    log_wanted = Signal(object)
    """Path of the run whose log is looked at, or None."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._view: RunView | None = None
        self._load: Load | None = None
        self._notes = ""
        self._in_use = False
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
            (self._test, "&Test"),
            (self.mistakes, "&Mistakes"),
            (self.recipe, "&Recipe"),
            (self.log, "&Log"),
        ):
            self.tabs.addTab(page, title)
        self.tabs.currentChanged.connect(self._on_tab)
        self.outcome = OutcomeBar(self)
        self.outcome.acted.connect(self._on_action)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 10, 12, 10)
        layout.setSpacing(8)
        layout.addLayout(self._make_head())
        layout.addWidget(self.outcome)
        layout.addWidget(self.tabs, 1)
        layout.addLayout(self._make_buttons())
        self._apply_theme()

    def _make_head(self) -> QVBoxLayout:
        self._title = QLabel(self)
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
        self._machine = QLabel(self)
        self._machine.setWordWrap(True)
        self._warning = QLabel(self)
        self._warning.setWordWrap(True)
        self._warning.hide()
        self._notes_line = QLabel(self)
        self._notes_line.setWordWrap(True)
        self._notes_line.hide()
        head = QVBoxLayout()
        head.setSpacing(4)
        first = QHBoxLayout()
        first.addWidget(self._title)
        first.addWidget(self._state, 1)
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

    def _make_buttons(self) -> QHBoxLayout:
        def button(text: str, tip: str, signal: str, keys: str = "") -> QPushButton:
            made = QPushButton(text, self)
            made.setToolTip(f"{tip} ({keys})" if keys else tip)
            if keys:
                made.setShortcut(QKeySequence(keys))
            made.clicked.connect(lambda: self._emit(signal))
            return made

        self.pause = button("&Pause", "Hold between two steps; it can go on at once", "pause_asked", "Ctrl+P")
        self.go_on = button("&Go on", "Go on after the pause", "go_on_asked", "Ctrl+G")
        self.begin = button("Start no&w", "Start although another run is going on", "go_on_asked")
        self.stop = button("&Stop", "Stop politely: what was learned is kept", "stop_asked", "Ctrl+.")
        self.stop_now = button(
            "Stop n&ow", "Stop at once: what the last epoch saved is kept", "stop_now_asked"
        )
        self.resume = button("Resu&me", "Go on where it ended", "resume_asked", "Ctrl+R")
        self.use = button(
            "&Use this model", "The live program reads with it from now on", "use_asked", "Ctrl+U"
        )
        self._menu_button = QPushButton("Mor&e", self)
        menu = QMenu(self._menu_button)
        self._repeat = menu.addAction("&Repeat with another seed", lambda: self._emit("repeat_asked"))
        self._weights = menu.addAction("Start from these &weights…", lambda: self._emit("from_weights_asked"))
        self._more_epochs = menu.addAction("&More epochs…", lambda: self._emit("more_epochs_asked"))
        self._half = menu.addAction("Repeat with &half the batch", lambda: self._emit("half_batch_asked"))
        self._change = menu.addAction(
            "&Change the recipe and start anew…", lambda: self._emit("change_asked")
        )
        menu.addSeparator()
        self._export = menu.addAction("&Export the model (ONNX)…", lambda: self._emit("export_asked"))
        menu.addAction("Open the &folder", lambda: self._emit("folder_asked"))
        menu.addAction("&Notes…", lambda: self._emit("notes_asked"))
        menu.addSeparator()
        self._delete = menu.addAction("&Delete", lambda: self._emit("delete_asked"))
        self._menu_button.setMenu(menu)
        row = QHBoxLayout()
        row.setSpacing(6)
        for widget in (self.pause, self.go_on, self.begin, self.stop, self.stop_now, self.resume):
            row.addWidget(widget)
        row.addWidget(self._menu_button)
        row.addStretch(1)
        row.addWidget(self.use)
        return row

    def _emit(self, signal: str) -> None:
        if self._view is not None:
            getattr(self, signal).emit(self._view.path)

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
        self._show_steps(steps_of(view))

    def set_load(self, load: Load) -> None:
        self._load = load
        if self._view is not None and self._view.status.is_active:
            self._machine.setText(machine_text(self._view, load))

    def set_notes(self, notes: str) -> None:
        self._notes = notes
        self._notes_line.setText(f"✎ {' '.join(notes.split())}")
        self._notes_line.setVisible(bool(notes.strip()))

    def set_in_use(self, in_use: bool) -> None:
        """The live program reads with this run's model; the button switches back."""
        self._in_use = in_use
        self.use.setText("Switch &back" if in_use else "&Use this model")
        self.use.setToolTip(
            "Read with the model from before again (Ctrl+U)" if in_use
            else "The live program reads with it from now on (Ctrl+U)"
        )  # fmt: skip

    @property
    def run(self) -> Path | None:
        return self._view.path if self._view is not None else None

    @property
    def view(self) -> RunView | None:
        return self._view

    # inside

    def _show_head(self, view: RunView) -> None:
        name = view.recipe.name if view.recipe is not None else view.path.name.split("-")[0]
        when = f" · {wording.clock(view.started)}" if view.started else ""
        self._title.setText(f"{name}{when}")
        self._title.setToolTip(view.path.name)
        look = STATUS_STYLES[view.status]
        theme = Colors.of(self.palette())
        phase = phase_text(view)
        words = look.word
        if view.status in (Status.WAITING, Status.STARTING, Status.PAUSED, Status.STOPPING):
            words = phase
        elif phase:
            words = f"{look.word}, {phase}"
        self._state.setText(f"{look.sign} {words}")
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
        self._machine.setVisible(bool(self._machine.text()))
        warning = warning_text(view)
        self._warning.setText(f"⚠ {warning}")
        self._warning.setVisible(bool(warning))
        self._warning.setStyleSheet(small_text(theme, theme.warning))

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
                report = None  # cut off before it was written: the events tell what they can
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

    def _show_steps(self, steps: AvailableActions) -> None:
        for widget, shown in (
            (self.pause, steps.pause),
            (self.go_on, steps.go_on),
            (self.begin, steps.begin),
            (self.stop, steps.stop),
            (self.stop_now, steps.stop_now),
            (self.resume, steps.resume),
        ):
            if widget.isHidden() == shown:
                # The keyboard must not be left on a button that is gone.
                had_focus = widget.hasFocus()
                widget.setVisible(shown)
                if had_focus and not shown:
                    self.tabs.setFocus()
        self.use.setEnabled(steps.use or self._in_use)
        for action, allowed in (
            (self._repeat, steps.repeat),
            (self._weights, steps.from_weights),
            (self._more_epochs, steps.more_epochs),
            (self._half, steps.half_batch),
            (self._change, steps.repeat),
            (self._export, steps.export),
            (self._delete, steps.delete),
        ):
            action.setEnabled(allowed)

    def _on_cell(self, source: str, label: int, digit: int) -> None:
        self.mistakes.show_cell(source, label, digit)
        self.tabs.setCurrentWidget(self.mistakes)

    def _on_tab(self) -> None:
        looked_at = self.tabs.currentWidget() is self.log and self._view is not None
        self.log_wanted.emit(self._view.path if looked_at and self._view is not None else None)

    def _on_action(self, action: Action) -> None:
        signals = {
            Action.RESUME: "resume_asked", Action.REPEAT: "repeat_asked",
            Action.HALF_BATCH: "half_batch_asked", Action.LOWER_RATE: "lower_rate_asked",
            Action.MORE_EPOCHS: "more_epochs_asked", Action.USE_MODEL: "use_asked",
            Action.OPEN_FOLDER: "folder_asked",
        }  # fmt: skip
        if action is Action.SHOW_LOG:
            self.tabs.setCurrentWidget(self.log)
        elif action is Action.SHOW_DATA:
            self.data_asked.emit()
        else:
            self._emit(signals[action])

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "use"):
            self._apply_theme()

    def _apply_theme(self) -> None:
        theme = Colors.of(self.palette())
        self._machine.setStyleSheet(small_text(theme))
        self._notes_line.setStyleSheet(small_text(theme))
        if self._view is not None:
            self._show_head(self._view)


def _last_lines(text: str, *, most: int = 12) -> str:
    lines = text.strip().splitlines()
    return "\n".join(lines[-most:])
