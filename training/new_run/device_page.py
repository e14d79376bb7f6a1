"""Where a run trains: the device by name, on how many processes, in which number format."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QFormLayout,
    QFrame,
    QLabel,
    QRadioButton,
    QScrollArea,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from training.recipe_form.draft import Checked, Draft
from training.recipe_form.form import Form
from training.runs.estimates import DeviceOffer
from training.runs.launch import LaunchOptions
from training.ui.labels import QuietLabel
from training.ui.theme import show_through


class DevicePage(QScrollArea):
    """The choice of a device and what belongs to it. The first choice is the program's own, with its reason."""

    changed = Signal()
    """Another device or number of processes."""
    edited = Signal(str, object)
    put_back = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(
            Qt.FocusPolicy.NoFocus
        )  # what is in it has the keyboard, and is scrolled into sight
        page = QWidget(self)
        layout = QVBoxLayout(page)
        layout.setContentsMargins(4, 4, 12, 4)
        layout.setSpacing(4)
        self._group = QButtonGroup(self)
        self._list = QVBoxLayout()
        self._list.setSpacing(3)
        layout.addLayout(self._list)
        layout.addSpacing(10)
        rows = QFormLayout()
        rows.setContentsMargins(4, 0, 0, 0)
        rows.setVerticalSpacing(6)
        self._processes = QSpinBox(page)
        self._processes.setRange(1, max(1, os.cpu_count() or 1))
        self._processes.setAccessibleName("Number of processes")
        self._processes.valueChanged.connect(lambda _: self._on_changed())
        self._processes.setMaximumWidth(90)
        rows.addRow("&Processes:", self._processes)
        self._processes_words = self._quiet("")
        rows.addRow("", self._processes_words)
        self._tensorboard = QCheckBox("Write &TensorBoard files too", page)
        installed = importlib.util.find_spec("tensorboard") is not None
        self._tensorboard.setEnabled(installed)
        self._tensorboard.setToolTip(
            "Into the run's folder."
            if installed
            else "TensorBoard is not installed: pip install tensorboard."
        )
        rows.addRow("", self._tensorboard)
        self._at_once = QCheckBox("Start no&w, even if another run is going on", page)
        self._at_once.setToolTip(
            "Otherwise it waits for its turn. Two at the same time slow each other down."
        )
        rows.addRow("", self._at_once)
        layout.addLayout(rows)
        self._form = Form([("", ["precision"])], page)
        self._form.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._form.setMinimumHeight(self._form.content_height())
        self._form.edited.connect(self.edited.emit)
        self._form.put_back.connect(self.put_back.emit)
        layout.addWidget(self._form)
        layout.addStretch(1)
        self.setWidget(page)
        show_through(self)
        self._auto = self._add("auto", "The fastest here", "Looking which devices there are…")
        self._auto.setChecked(True)

    def _quiet(self, text: str) -> QLabel:
        label = QuietLabel(text, self)
        label.setWordWrap(True)
        return label

    def _add(self, device: str, title: str, reason: str) -> QRadioButton:
        button = QRadioButton(title, self)
        button.setProperty("device", device)
        button.toggled.connect(self._on_toggled)
        self._group.addButton(button)
        self._list.addWidget(button)
        words = self._quiet(reason)
        words.setContentsMargins(24, 0, 0, 4)
        words.setVisible(bool(reason))
        button.setProperty("words", words)
        button.setAccessibleDescription(reason)
        self._list.addWidget(words)
        return button

    def set_devices(self, devices: Sequence[DeviceOffer]) -> None:
        """Those that were found; what was chosen stays chosen."""
        chosen = self.device
        for button in self._group.buttons():
            if button is not self._auto:
                words = button.property("words")
                self._group.removeButton(button)
                for widget in (button, words):
                    self._list.removeWidget(widget)
                    widget.hide()
                    widget.deleteLater()
        default = next((d for d in devices if d.default), None)
        if default is not None:
            self._say_auto(f"The fastest here: {default.name}", default.why)
        for device in devices:
            button = self._add(device.id, device.name, "" if device.default else device.why)
            button.setChecked(device.id == chosen)
        if not any(button.isChecked() for button in self._group.buttons()):
            self._auto.setChecked(True)

    def set_failure(self, sentence: str) -> None:
        """The devices could not be listed; the automatic choice is left."""
        self._say_auto("The fastest here", sentence)

    def _say_auto(self, title: str, reason: str) -> None:
        self._auto.setText(title)
        words = self._auto.property("words")
        words.setText(reason)
        words.setVisible(bool(reason))
        self._auto.setAccessibleDescription(reason)

    def show_draft(self, draft: Draft, checked: Checked) -> None:
        self._form.show_draft(draft, checked)

    @property
    def device(self) -> str:
        """As `--device` takes it."""
        button = self._group.checkedButton()
        return str(button.property("device")) if button is not None else "auto"

    @property
    def at_once(self) -> bool:
        """Do not wait for other runs."""
        return self._at_once.isChecked()

    def options(self, data_dir: Path) -> LaunchOptions:
        """What was chosen."""
        return LaunchOptions(
            device=self.device, processes=self._processes.value(), data_dir=data_dir,
            tensorboard=self._tensorboard.isChecked(),
        )  # fmt: skip

    def _on_toggled(self, on: bool) -> None:
        if on:
            self._on_changed()

    def _on_changed(self) -> None:
        n = self._processes.value()
        self._processes_words.setText(
            "One process; it uses every core." if n == 1 else
            f"{n} processes train one model together (torchrun); each gets a part of every batch."
        )  # fmt: skip
        self.changed.emit()
