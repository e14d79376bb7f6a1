"""News at the window's foot, with a button for what can be done about them."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QRectF, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QToolButton, QWidget

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
    """A strip that keeps its place whether it says something or not, so that nothing moves under the mouse.

    A notice stays until it is closed or superseded; its `gone` is called then.
    """

    _LINES = 2

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._act: Callable[[], None] | None = None
        self._gone: Callable[[], None] | None = None
        self._words = ""
        self._text = QLabel(self)
        self._text.setWordWrap(True)
        self._text.setTextFormat(Qt.TextFormat.PlainText)
        self._text.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)
        self.button = QPushButton(self)
        self.button.clicked.connect(self._on_clicked)
        self.close_button = QToolButton(self)
        self.close_button.setText("✕")
        self.close_button.setAutoRaise(True)
        self.close_button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.close_button.setAccessibleName("Close this notice")
        self.close_button.setToolTip("Close this notice")
        self.close_button.clicked.connect(self.dismiss)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 3, 8, 3)
        row.addWidget(self._text, 1)
        row.addWidget(self.button)
        row.addWidget(self.close_button)
        self._fix_height()
        self._show_parts(False)

    def show_notice(
        self,
        text: str,
        *,
        bad: bool = False,
        button: str = "",
        act: Callable[[], None] | None = None,
        gone: Callable[[], None] | None = None,
    ) -> None:
        """Show a notice. act: what its button does; gone: what happens when it goes without that."""
        self.dismiss()
        self._act, self._gone = act, gone
        self._words = f"⚠ {text}" if bad else text
        self.setAccessibleName(text)
        self.button.setText(button)
        self.set_tint("bad" if bad else "accent")
        self._show_parts(True)
        self._fit_text()

    def dismiss(self) -> None:
        """Away with it."""
        gone, self._gone, self._act = self._gone, None, None
        self._words = ""
        self._show_parts(False)
        if gone is not None:
            gone()

    def withdraw(self, text: str) -> None:
        """Away with it if that is what is said: it does not hold any more."""
        if self._words == text:
            self.dismiss()

    @property
    def text(self) -> str:
        """All of what is said; empty for nothing."""
        return self._words

    def _show_parts(self, shown: bool) -> None:
        self._text.setVisible(shown)
        self.button.setVisible(shown and bool(self.button.text()))
        self.close_button.setVisible(shown)
        self.setAccessibleDescription("" if shown else "No notice")
        self.update()

    def _fit_text(self) -> None:
        """As much as two lines hold; all of it is the tooltip."""
        room = max(40, self._text.width())
        shown = shortened(self._words, QFontMetrics(self._text.font()), room, self._LINES)
        self._text.setText(shown)
        self._text.setToolTip(self._words if shown != self._words else "")

    def _fix_height(self) -> None:
        lines = self._LINES * self.fontMetrics().lineSpacing() + 4
        self.setFixedHeight(max(lines, self.button.sizeHint().height()) + 6)

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._words:
            super().paintEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_text()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange and hasattr(self, "close_button"):
            self._fix_height()

    def _on_clicked(self) -> None:
        act, self._act, self._gone = self._act, None, None
        self.dismiss()
        if act is not None:
            act()


def shortened(text: str, metrics: QFontMetrics, width: int, lines: int) -> str:
    """As many words as so many lines of `width` pixels hold, with an ellipsis where some are left out."""
    flags = int(Qt.TextFlag.TextWordWrap)

    def fits(part: str) -> bool:
        return (
            metrics.boundingRect(0, 0, width, 10_000, flags, part).height() <= lines * metrics.lineSpacing()
        )

    if fits(text):
        return text
    words = text.split(" ")
    while len(words) > 1 and not fits(" ".join(words) + " …"):
        words.pop()
    return " ".join(words) + " …"
