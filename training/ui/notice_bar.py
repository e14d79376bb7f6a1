"""One line of news at the window's foot, with a button for what can be done about it, gone after a while."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRectF, Qt, QTimer
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QToolButton, QWidget

from training.ui.theme import Colors, mixed


class TintedFrame(QFrame):
    """tint: the name of a colour of the theme, such as `good`, `bad`, `accent`."""

    def __init__(self, parent: QWidget | None = None, *, tint: str = "accent") -> None:
        super().__init__(parent)
        self._tint = tint

    def set_tint(self, tint: str) -> None:
        self._tint = tint
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = Colors.of(self.palette())
        colour = getattr(theme, self._tint)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(mixed(theme.ground, colour, 0.12))
        painter.drawRoundedRect(QRectF(self.rect()), 4, 4)
        painter.setBrush(colour)
        painter.drawRoundedRect(QRectF(0, 0, 4, self.height()), 2, 2)
        painter.end()


class NoticeBar(TintedFrame):
    """The newest notice replaces the one before, whose `gone` is called first."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._act: Callable[[], None] | None = None
        self._gone: Callable[[], None] | None = None
        self._text = QLabel(self)
        self._text.setWordWrap(True)
        self.button = QPushButton(self)
        self.button.clicked.connect(self._on_clicked)
        close = QToolButton(self)
        close.setText("✕")
        close.setAutoRaise(True)
        close.setAccessibleName("Close this notice")
        close.clicked.connect(self.dismiss)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 6, 8, 6)
        row.addWidget(self._text, 1)
        row.addWidget(self.button)
        row.addWidget(close)
        self._clock = QTimer(self)
        self._clock.setSingleShot(True)
        self._clock.timeout.connect(self.dismiss)
        self.hide()

    def tell(
        self,
        text: str,
        *,
        bad: bool = False,
        button: str = "",
        act: Callable[[], None] | None = None,
        gone: Callable[[], None] | None = None,
        seconds: float = 8.0,
    ) -> None:
        """Show a notice. act: what its button does; gone: what happens when it goes without that."""
        self.dismiss()
        self._act, self._gone = act, gone
        self._text.setText(f"⚠ {text}" if bad else text)
        self.setAccessibleName(text)
        self.button.setText(button)
        self.button.setVisible(bool(button))
        self._clock.start(round(1000 * (2 * seconds if bad else seconds)))
        self.set_tint("bad" if bad else "accent")
        self.show()

    def dismiss(self) -> None:
        """Away with it, as if its time were over."""
        self._clock.stop()
        gone, self._gone, self._act = self._gone, None, None
        self.hide()
        if gone is not None:
            gone()

    @property
    def text(self) -> str:
        return self._text.text() if not self.isHidden() else ""

    def _on_clicked(self) -> None:
        act, self._act, self._gone = self._act, None, None
        self.dismiss()
        if act is not None:
            act()
