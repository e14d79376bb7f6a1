"""Under a video file: play and pause, where it is, loop."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QMouseEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSlider, QStyle, QStyleOptionSlider, QWidget

from app.ui.actions import tool_button

_STEPS = 10  # a second of a video


def clock_text(seconds: float) -> str:
    """Minutes and seconds: "0:07", "12:30", "1:02:30"."""
    whole = max(int(seconds), 0)
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


class _SeekSlider(QSlider):
    """A click goes straight to where it was, as in every player."""

    def mousePressEvent(self, event: QMouseEvent) -> None:
        option = QStyleOptionSlider()
        self.initStyleOption(option)
        handle = self.style().subControlRect(
            QStyle.ComplexControl.CC_Slider, option, QStyle.SubControl.SC_SliderHandle, self
        )
        on_handle = handle.contains(event.position().toPoint())
        if event.button() == Qt.MouseButton.LeftButton and not on_handle:
            span = self.width() - handle.width()
            at = round(event.position().x() - handle.width() / 2)
            self.setValue(QStyle.sliderValueFromPosition(self.minimum(), self.maximum(), at, span))
            self.sliderMoved.emit(self.value())
        super().mousePressEvent(event)


class VideoStrip(QWidget):
    """Shows a place in a video and lets it be changed."""

    sought = Signal(float)
    """The user wants this place, seconds."""

    def __init__(self, play: QAction, loop: QAction, parent: QWidget | None = None) -> None:
        """play: freezes and goes on; loop: checkable."""
        super().__init__(parent)
        self._duration = 0.0
        self._slider = _SeekSlider(Qt.Orientation.Horizontal)
        self._slider.setAccessibleName("Place in the video")
        self._slider.setToolTip("Place in the video")
        self._slider.setSingleStep(_STEPS)
        self._slider.setPageStep(5 * _STEPS)
        self._slider.sliderMoved.connect(lambda value: self.sought.emit(value / _STEPS))
        self._slider.actionTriggered.connect(self._on_action)
        self._time = QLabel()
        self._time.setAccessibleName("Time in the video")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        row.addWidget(tool_button(play, words=False))
        row.addWidget(self._slider, 1)
        row.addWidget(self._time)
        row.addWidget(tool_button(loop, words=False))
        self.set_place(0.0)

    def set_duration(self, seconds: float) -> None:
        """How long the video is; 0 where it does not say, then it can't be sought."""
        self._duration = seconds
        self._slider.setRange(0, max(round(seconds * _STEPS), 1))
        self._slider.setEnabled(seconds > 0)

    def set_place(self, seconds: float) -> None:
        """Where the video is; not while the handle is in somebody's hand."""
        if not self._slider.isSliderDown():
            self._slider.setValue(round(seconds * _STEPS))
        total = f" / {clock_text(self._duration)}" if self._duration else ""
        self._time.setText(f"{clock_text(seconds)}{total}")

    @property
    def slider(self) -> QSlider:
        return self._slider

    @property
    def time_text(self) -> str:
        return self._time.text()

    def _on_action(self, action: int) -> None:
        if action != QSlider.SliderAction.SliderMove.value:  # keys and the wheel
            self.sought.emit(self._slider.sliderPosition() / _STEPS)
