"""One editor a kind of setting. Each accepts any text, valid or not, and emits what was typed."""

from __future__ import annotations

import contextlib
import math
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPalette, QWheelEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSizePolicy,
    QSlider,
    QWidget,
)

from core.recipes.recipe import Setting
from training.recipe_form.draft import as_text, range_text

SLIDER_STEPS = 1000


class Editor(QWidget):
    """Common to all. `edited` carries what was typed by a person, never what the program set."""

    edited = Signal(object)

    def set_value(self, value: Any) -> None:
        """Show a value without telling anyone."""
        raise NotImplementedError

    def set_wrong(self, wrong: bool) -> None:
        """Mark the value as one that can't be used."""

    def name_it(self, name: str, description: str) -> None:
        """For screen readers."""
        widget = self.focusProxy() or self
        widget.setAccessibleName(name)
        widget.setAccessibleDescription(description)


def show_in_line(line: QLineEdit, value: Any) -> None:
    """Write a value into a line, unless a person is typing there and what stands there means the same.

    “0.” means 0: written anew as “0” under the cursor, the 5 that follows would make it “05”.
    """
    text = as_text(value)
    is_typed_in = line.window().focusWidget() is line
    if text != line.text() and not (is_typed_in and means_the_same(line.text(), text)):
        line.setText(text)


def means_the_same(one: str, other: str) -> bool:
    """Whether two texts are the same number, or the same text: “0.” and “0”, “1e-3” and “0.001”."""
    try:
        return float(one) == float(other)
    except ValueError:
        return one == other


def _tidy_when_left(line: QLineEdit) -> None:
    """Once the keyboard leaves, a number stands as every other does: “0.50” as “0.5”."""

    def tidy() -> None:
        with contextlib.suppress(ValueError):
            value = float(line.text())
            if math.isfinite(value):
                line.setText(as_text(value))

    line.editingFinished.connect(tidy)


class _Slider(QSlider):
    """A slider that leaves the wheel to the page around it unless it was chosen first."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()


class _Choice(QComboBox):
    """As `_Slider`."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()


def _row(owner: QWidget) -> QHBoxLayout:
    layout = QHBoxLayout(owner)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(8)
    return layout


def _unit(text: str, parent: QWidget) -> QLabel:
    label = QLabel(text, parent)
    label.setForegroundRole(QPalette.ColorRole.PlaceholderText)
    return label


class NumberEditor(Editor):
    """A number as free text, so that 3e-3 can be typed and a wrong value be explained, not refused."""

    def __init__(self, *, unit: str = "") -> None:
        super().__init__()
        self._line = QLineEdit(self)
        self._line.textEdited.connect(self.edited.emit)
        _tidy_when_left(self._line)
        self._line.setAlignment(Qt.AlignmentFlag.AlignRight)
        self._line.setFixedWidth(self._line.fontMetrics().horizontalAdvance("0") * 11)
        self.setFocusProxy(self._line)
        layout = _row(self)
        layout.addWidget(self._line)
        layout.addWidget(_unit(unit, self))
        layout.addStretch(1)

    def set_value(self, value: Any) -> None:
        show_in_line(self._line, value)

    def set_wrong(self, wrong: bool) -> None:
        mark_wrong(self._line, wrong)


class PathEditor(Editor):
    """A file or folder: typed or chosen."""

    def __init__(self, parent: QWidget | None = None, *, folder: bool, pattern: str = "") -> None:
        super().__init__(parent)
        self._folder, self._pattern = folder, pattern
        self._line = QLineEdit(self)
        self._line.setMinimumWidth(110)
        self._line.textEdited.connect(self.edited.emit)
        button = QPushButton("Choose…", self)
        button.clicked.connect(self._choose)
        self.setFocusProxy(self._line)
        layout = _row(self)
        layout.addWidget(self._line, 1)
        layout.addWidget(button)

    def set_value(self, value: Any) -> None:
        show_in_line(self._line, str(value))

    def set_wrong(self, wrong: bool) -> None:
        mark_wrong(self._line, wrong)

    def _choose(self) -> None:
        start = str(Path(self._line.text()).parent) if self._line.text() else ""
        if self._folder:
            chosen = QFileDialog.getExistingDirectory(self, "Choose a folder", start)
        else:
            chosen, _ = QFileDialog.getOpenFileName(self, "Choose a file", start, self._pattern)
        if chosen:
            self._line.setText(chosen)
            self.edited.emit(chosen)


class ChoiceEditor(Editor):
    """One of a few words."""

    def __init__(self, choices: tuple[str, ...], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._box = _Choice(self)
        self._box.addItems(list(choices))
        self._box.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._box.textActivated.connect(self.edited.emit)
        self.setFocusProxy(self._box)
        layout = _row(self)
        layout.addWidget(self._box)
        layout.addStretch(1)

    def set_value(self, value: Any) -> None:
        self._box.setCurrentText(str(value))


class SwitchEditor(Editor):
    """Yes or no."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._box = QCheckBox(self)
        self._box.clicked.connect(lambda on: self.edited.emit(on))
        self.setFocusProxy(self._box)
        layout = _row(self)
        layout.addWidget(self._box)
        layout.addStretch(1)

    def set_value(self, value: Any) -> None:
        self._box.setChecked(bool(value))


class SliderEditor(Editor):
    """A strength between two bounds: a slider, and beside it the number, which may be typed."""

    def __init__(self, low: float, high: float, *, unit: str = "", whole: bool = False) -> None:
        super().__init__()
        self._low, self._high, self._whole = low, high, whole
        self._slider = _Slider(Qt.Orientation.Horizontal, self)
        self._slider.setRange(0, SLIDER_STEPS)
        self._slider.setSingleStep(SLIDER_STEPS // 100)
        self._slider.setPageStep(SLIDER_STEPS // 10)
        self._slider.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._slider.setMinimumWidth(80)
        self._slider.valueChanged.connect(self._on_slider_moved)
        self._line = QLineEdit(self)
        self._line.setAlignment(Qt.AlignmentFlag.AlignRight)
        self._line.setFixedWidth(self._line.fontMetrics().horizontalAdvance("0") * 8)
        self._line.textEdited.connect(self._on_text_edited)
        _tidy_when_left(self._line)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusProxy(self._slider)
        layout = _row(self)
        layout.addWidget(self._slider, 1)
        layout.addWidget(self._line)
        words = _unit(unit, self)
        words.setFixedWidth(words.fontMetrics().horizontalAdvance("px "))
        layout.addWidget(words)

    def name_it(self, name: str, description: str) -> None:
        super().name_it(name, description)
        self._line.setAccessibleName(f"{name}, as a number")

    def set_value(self, value: Any) -> None:
        show_in_line(self._line, value)
        self._move_slider(as_text(value))

    def set_wrong(self, wrong: bool) -> None:
        mark_wrong(self._line, wrong)

    def _move_slider(self, text: str) -> None:
        try:
            value = float(text)
        except ValueError:
            return
        if math.isfinite(value):
            share = (min(max(value, self._low), self._high) - self._low) / (self._high - self._low)
            self._slider.blockSignals(True)
            self._slider.setValue(round(share * SLIDER_STEPS))
            self._slider.blockSignals(False)

    def _on_slider_moved(self, place: int) -> None:
        value = self._low + (self._high - self._low) * place / SLIDER_STEPS
        # As many digits as a thousandth of the range needs, so that the number stays one to read.
        digits = 0 if self._whole else max(0, 3 - math.ceil(math.log10(self._high - self._low)))
        rounded = float(f"{value:.{min(digits, 3)}f}")
        self._line.setText(as_text(rounded))
        self.edited.emit(rounded)

    def _on_text_edited(self, text: str) -> None:
        self._move_slider(text)
        self.edited.emit(text)


def mark_wrong(line: QLineEdit, wrong: bool) -> None:
    """A red edge; the words beside it say why."""
    line.setProperty("wrong", wrong)
    colour = "#ff8f7f" if line.palette().base().color().lightness() < 128 else "#b42318"
    line.setStyleSheet(f"QLineEdit {{ border: 2px solid {colour}; border-radius: 3px; }}" if wrong else "")


def editor_for(name: str, setting: Setting, default: Any, *, slider: bool = False) -> Editor:
    """The editor that suits a field. slider: for a strength between two bounds."""
    if setting.choices:
        return ChoiceEditor(setting.choices)
    if isinstance(default, bool):
        return SwitchEditor()
    if isinstance(default, str):
        return PathEditor(folder=name.endswith("folder"), pattern="Models (*.pt);;All files (*)")
    if slider and setting.low is not None and setting.high is not None:
        return SliderEditor(setting.low, setting.high, unit=setting.unit, whole=isinstance(default, int))
    editor = NumberEditor(unit=setting.unit)
    editor.setToolTip(range_text(setting))
    return editor
