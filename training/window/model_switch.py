"""Putting a trained model to use: both are measured on the same data, a worse one says so first; and back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QLabel,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from training.runs.launch import Commands
from training.runs.model_cards import kind_of
from training.runs.model_kinds import KINDS, Kind
from training.runs.state import RunView
from training.services.model_comparison import Comparison, ModelComparison, Verdict
from training.ui.geometry import ScreenFit


def data_to_compare(view: RunView, kind: Kind, *, has_own: bool) -> list[str]:
    """What two models are measured on: what the user labelled and was held back, where there is such for the kind; and
    the best known of what this one was tested on."""
    facts = KINDS[kind]
    tested = {found.source for found in view.test}
    known = [name for name in facts.compared if name in tested][:2] or [facts.compared[0]]
    return [facts.own, *known] if has_own else known


class SwitchDialog(QDialog):
    """First the measuring, then the decision where there is one to make."""

    decided = Signal(bool)
    """Whether to use the model. Emitted once."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Use this model?")
        self.setMinimumWidth(34 * self.fontMetrics().height())
        self._over = False
        self._sentence = QLabel(f"Measuring {name} and the present model on the same data…", self)
        self._sentence.setWordWrap(True)
        self._lines = QLabel(self)
        self._lines.setWordWrap(True)
        self._lines.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._lines.hide()
        self._bar = QProgressBar(self)
        self._bar.setRange(0, 0)
        self._bar.setAccessibleName("Measuring")
        self._buttons = QDialogButtonBox(self)
        self.use = QPushButton("&Use it without measuring", self)
        self.keep = QPushButton("&Cancel", self)
        self._buttons.addButton(self.use, QDialogButtonBox.ButtonRole.AcceptRole)
        self._buttons.addButton(self.keep, QDialogButtonBox.ButtonRole.RejectRole)
        self.keep.setDefault(True)
        self.keep.setFocus()
        self._buttons.accepted.connect(lambda: self._decide(True))
        self._buttons.rejected.connect(lambda: self._decide(False))
        layout = QVBoxLayout(self)
        layout.setSpacing(10)
        layout.addWidget(self._sentence)
        layout.addWidget(self._bar)
        layout.addWidget(self._lines)
        layout.addWidget(self._buttons)
        ScreenFit(self)

    def set_progress(self, done: int, total: int) -> None:
        self._bar.setRange(0, total)
        self._bar.setValue(done)

    def show_comparison(self, found: Comparison) -> None:
        """Ask, now that it is known."""
        self._bar.hide()
        mark = {Verdict.BETTER: "✓ ", Verdict.ABOUT_THE_SAME: "", Verdict.UNCLEAR: "? "}.get(
            found.verdict, "⚠ "
        )
        self._sentence.setText(f"{mark}{found.sentence} {found.advice}".rstrip())
        self._lines.setText("\n".join(found.lines))
        self._lines.show()
        use = found.verdict.recommends
        self.use.setText("&Use it" if use else "&Use it all the same")
        self.keep.setText("&Keep the present model")
        (self.use if use else self.keep).setDefault(True)
        (self.use if use else self.keep).setFocus()
        self._grow()

    def show_failure(self, sentence: str) -> None:
        """Nothing could be measured; it can be used all the same."""
        self._bar.hide()
        self._sentence.setText(f"⚠ {sentence}")
        self.use.setText("&Use it all the same")
        self.keep.setText("&Keep the present model")
        self.keep.setDefault(True)
        self.keep.setFocus()
        self._grow()

    def _grow(self) -> None:
        """A dialog does not grow with words that wrap, nor with its buttons: they would be cut."""
        layout = self.layout()
        assert layout is not None
        layout.activate()
        width = max(self.width(), layout.totalMinimumSize().width())
        self.resize(width, max(self.height(), layout.totalHeightForWidth(width)))

    def reject(self) -> None:
        self._decide(False)

    def _decide(self, use: bool) -> None:
        if not self._over:
            self._over = True
            self.decided.emit(use)
            self.hide()
            self.deleteLater()


class ModelSwitch(QObject):
    """Knows which models the live program reads with, one of each kind, and the ones from before.

    present: the classifier to begin with. shipped: the models of other kinds, where they are not the program's.
    """

    chosen = Signal(object)
    """Path of the model file to read with from now on."""
    refused = Signal(object)
    """Path of the model file that a person decided not to use."""
    switched = Signal(object, str)
    """Path of a model file that is used without a question, and a sentence about it."""
    left = Signal(object)
    """Path of a model file that is not read with any more, as a person went back to the one before it."""
    compared = Signal(object, object, object)
    """Path of a model file, that of the one it was compared with, and the Comparison."""

    def __init__(
        self,
        present: Path,
        data_dir: Path,
        *,
        shipped: Mapping[Kind, Path] | None = None,
        commands: Commands,
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._window, self._data_dir = window, data_dir
        self._present = {kind: facts.shipped for kind, facts in KINDS.items()} | dict(shipped or {})
        self._present[Kind.CLASSIFIER] = present
        self._before = dict(self._present)
        self._candidate = present
        self._ask_always = False
        self._dialog: SwitchDialog | None = None
        self._adoption = ModelComparison(commands=commands, parent=self)
        self._adoption.progress.connect(self._on_progress)
        self._adoption.compared.connect(self._on_compared)
        self._adoption.failed.connect(self._on_failed)

    @property
    def present(self) -> Path:
        """The classifier that reads."""
        return self._present[Kind.CLASSIFIER]

    @property
    def in_use(self) -> Mapping[Kind, Path]:
        """The models that read, by kind."""
        return dict(self._present)

    def is_in_use(self, model: Path) -> bool:
        return model in self._present.values()

    @property
    def dialog(self) -> SwitchDialog | None:
        """The question that is open."""
        return self._dialog

    def set_present(self, model: Path) -> None:
        """The live program reads with this file now, whoever chose it."""
        self._note(model, kind_of(model))

    def use(self, candidate: Path, name: str, data: Sequence[str], *, ask: bool = False) -> None:
        """Measure, then switch; asks first where it is worse, or in any case with `ask`."""
        kind = kind_of(candidate)
        present = self._present[kind]
        if candidate == present:
            return
        if not present.exists() or not data:
            self._switch(candidate, kind)
            return
        self.cancel()
        self._candidate, self._ask_always = candidate, ask
        self._dialog = SwitchDialog(name, self._window)
        self._dialog.decided.connect(self._on_decided)
        self._dialog.open()
        self._adoption.ask(candidate, present, data, self._data_dir, kind=kind, beside=self._present)

    def switch_back(self, model: Path) -> None:
        """To the model of its kind that was in use before this one."""
        kind = next((kind for kind, present in self._present.items() if present == model), None)
        if kind is not None and self._before[kind] != model:
            self._switch(self._before[kind], kind)
            self.left.emit(model)

    def cancel(self) -> None:
        """End a measurement or a question that is open; nothing changes."""
        self._adoption.cancel()
        dialog, self._dialog = self._dialog, None
        if dialog is not None:
            dialog.hide()
            dialog.deleteLater()

    def close(self) -> None:
        self.cancel()
        self._adoption.close()

    def _note(self, model: Path, kind: Kind) -> None:
        if model != self._present[kind]:
            self._before[kind], self._present[kind] = self._present[kind], model

    def _switch(self, model: Path, kind: Kind) -> None:
        self._note(model, kind)
        self.chosen.emit(model)

    def _on_progress(self, done: int, total: int) -> None:
        if self._dialog is not None:
            self._dialog.set_progress(done, total)

    def _on_compared(self, found: Comparison) -> None:
        if self._dialog is None:
            return
        self.compared.emit(self._candidate, self._present[kind_of(self._candidate)], found)
        if self._ask_always or found.verdict not in (Verdict.BETTER, Verdict.ABOUT_THE_SAME):
            self._dialog.show_comparison(found)
            return
        self.cancel()
        self._switch(self._candidate, kind_of(self._candidate))
        self.switched.emit(self._candidate, f"In use now. {found.sentence}")

    def _on_failed(self, sentence: str) -> None:
        if self._dialog is not None:
            self._dialog.show_failure(sentence)

    def _on_decided(self, use: bool) -> None:
        self._adoption.cancel()
        self._dialog = None
        if use:
            self._switch(self._candidate, kind_of(self._candidate))
        else:
            self.refused.emit(self._candidate)
