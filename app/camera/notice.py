"""What stands in place of a picture: no camera, something wrong with it, and what to do next."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from app.camera.actions import CameraAction
from app.camera.source.capture import CapturePhase, State
from app.camera.source.faults import FaultKind
from app.camera.source.sources import ADDRESS_EXAMPLES, Source
from app.ui.actions import PageActions, way_button
from app.ui.icons import icon_pixmap
from app.ui.labels import QuietLabel
from app.ui.theme import scaled_font
from training.ui.flow_layout import FlowLayout
from training.ui.theme import Colors, ThemeWatch


@dataclass(frozen=True)
class NoticeView:
    """What the notice says. icon: its name. trying: the program keeps trying by itself."""

    icon: str
    title: str
    text: str = ""
    trying: bool = False


def notice_of(state: State, source: Source | None, *, looking: bool, any_camera: bool) -> NoticeView | None:
    """The notice that goes with a state; None while there is a picture to see.

    looking: cameras are being listed for the first time. any_camera: whether there is one.
    """
    if source is None:
        if looking:
            return NoticeView("camera", "Looking for cameras…")
        if any_camera:
            return NoticeView("camera", "The camera is off", "Choose a source to go on.")
        return NoticeView(
            "nocamera",
            "No camera found",
            "Plug one in and it is shown at once. Or read from a phone or a network camera, from a video, "
            "or try the sample.",
        )
    if state.phase is CapturePhase.OPENING:
        return NoticeView("camera", f"Opening {source.name}…")
    fault = state.fault
    if fault is None or (fault.kind is FaultKind.ENDED and not fault.retries):
        return None
    return NoticeView("warning", fault.sentence, fault.advice, trying=fault.retries)


class CameraNotice(QWidget):
    """A card in the middle of the picture."""

    address_given = Signal(str)
    """What was typed as the address of a stream."""

    def __init__(self, actions: PageActions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._actions = actions
        self._view: NoticeView | None = None
        self._icon = QLabel()
        self._icon.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._title = self._label(QLabel())
        self._title.setFont(scaled_font(self.font(), 1.3))
        self._text = self._label(QuietLabel())
        self._trying = self._label(QuietLabel())
        self._trying.setText("Trying again until it works …")
        self._address = QLineEdit()
        self._address.setPlaceholderText(ADDRESS_EXAMPLES)
        self._address.setClearButtonEnabled(True)
        self._address.setAccessibleName("Address of a stream")
        self._address.returnPressed.connect(self._on_connect)
        self._connect = QPushButton("Connect")
        self._connect.clicked.connect(self._on_connect)
        self._cancel = QPushButton("Cancel")
        self._cancel.clicked.connect(lambda: self.ask_address(False))
        self._problem = self._label(QLabel())
        self._entry = QWidget()
        entry = QVBoxLayout(self._entry)
        entry.setContentsMargins(0, 0, 0, 0)
        row = QHBoxLayout()
        row.addWidget(self._address, 1)
        row.addWidget(self._connect)
        row.addWidget(self._cancel)
        entry.addLayout(row)
        entry.addWidget(self._problem)
        self._problem.hide()
        self._address.setMinimumWidth(self.fontMetrics().height() * 24)
        self._entry.hide()
        self._ways = QWidget()
        ways = FlowLayout(self._ways, spacing=6, centred=True)
        for way in (CameraAction.STREAM, CameraAction.VIDEO, CameraAction.SAMPLE, CameraAction.LOOK_AGAIN):
            ways.addWidget(way_button(actions[way]))
        column = QVBoxLayout(self)
        em = self.fontMetrics().height()
        column.setContentsMargins(2 * em, em + em // 2, 2 * em, em + em // 2)
        column.setSpacing(em // 2)
        for widget in (self._icon, self._title, self._text, self._trying, self._entry, self._ways):
            column.addWidget(widget)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self.setMaximumWidth(44 * em)
        ThemeWatch(self, self._style)
        self.hide()

    @property
    def view(self) -> NoticeView | None:
        """What is said; None while it is hidden."""
        return self._view

    @property
    def address(self) -> QLineEdit:
        return self._address

    @property
    def problem(self) -> str:
        """What is wrong with the address typed; "" for nothing."""
        return self._problem.text() if self._problem.isVisibleTo(self) else ""

    def show_view(self, view: NoticeView | None) -> None:
        """Say this; None hides the card, unless an address is being typed."""
        if view == self._view:
            return
        self._view = view
        if view is not None:
            self._title.setText(view.title)
            self._text.setText(view.text)
            self._text.setVisible(bool(view.text))
            self._trying.setVisible(view.trying)
            self._ways.setVisible(bool(view.text))
        self._show()

    def ask_address(self, ask: bool, text: str = "") -> None:
        """Let an address be typed, or no longer."""
        self._entry.setVisible(ask)
        self._set_problem("")
        if ask:
            if text:
                self._address.setText(text)
            self._address.selectAll()
        self._show()
        if ask:
            self._address.setFocus(Qt.FocusReason.OtherFocusReason)

    def refuse_address(self, sentence: str) -> None:
        """What was typed is no address."""
        self._set_problem(sentence)
        self._address.setFocus(Qt.FocusReason.OtherFocusReason)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Colors.of(self.palette()).edge)
        painter.setBrush(self.palette().color(QPalette.ColorRole.Window))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 10, 10)
        painter.end()

    def _show(self) -> None:
        asking = not self._entry.isHidden()
        if self._view is None and asking:
            self._title.setText("Show a stream")
            self._text.setText("A phone's camera app or a network camera tells the address of its video.")
            self._text.show()
            self._trying.hide()
            self._ways.hide()
        elif self._view is not None:
            self._ways.setVisible(bool(self._view.text) and not asking)
        self.setVisible(self._view is not None or asking)
        self._style()

    def _set_problem(self, sentence: str) -> None:
        self._problem.setText(sentence)
        self._problem.setVisible(bool(sentence))

    def _on_connect(self) -> None:
        self.address_given.emit(self._address.text())

    def _style(self) -> None:
        theme = Colors.of(self.palette())
        self._problem.setStyleSheet(f"color: {theme.bad.name()};")
        name = self._view.icon if self._view is not None else "stream"
        colour = theme.warning if name == "warning" else theme.muted
        side = round(self.fontMetrics().height() * 2.6)
        self._icon.setPixmap(icon_pixmap(name, side, self.devicePixelRatioF(), colour))

    @staticmethod
    def _label(label: QLabel) -> QLabel:
        label.setWordWrap(True)
        label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        return label
