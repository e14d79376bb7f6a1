"""Labels that never ask for more room than there is; what does not fit stands in their tips."""

from __future__ import annotations

from html import escape

from PySide6.QtCore import QEvent, QSize, Qt, QTimer
from PySide6.QtGui import QIcon, QResizeEvent
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QSizePolicy, QWidget

from training.ui.labels import QuietLabel

__all__ = ["ElidedLabel", "NoticeLine", "QuietLabel", "QuietLine", "close_box"]

SHOWN_MS = 10_000
"""How long news stays that asks for nothing; what can be undone stays until there is other news."""
_LINK = ' <a href="undo">Undo</a>'


class NoticeLine(QLabel):
    """Words at the right, perhaps with a link to undo (`linkActivated`)."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._words = ""
        self._undo = False
        self._over = QTimer(self, singleShot=True, interval=SHOWN_MS)
        self._over.timeout.connect(lambda: self.show_words(""))
        self.setTextFormat(Qt.TextFormat.RichText)
        self.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.LinksAccessibleByKeyboard | Qt.TextInteractionFlag.LinksAccessibleByMouse
        )

    def show_words(self, words: str, *, undo: bool = False) -> None:
        """Show these words, plain text; undo: with the link."""
        self._words, self._undo = words, undo
        self.setAccessibleName(words)
        self._over.stop()
        if words and not undo:
            self._over.start()
        self._show()

    @property
    def words(self) -> str:
        """All of the text, whether it fits or not."""
        return self._words

    def minimumSizeHint(self) -> QSize:
        return QSize(0, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._show()

    def _show(self) -> None:
        metrics = self.fontMetrics()
        room = self.width() - (metrics.horizontalAdvance(" Undo ") if self._undo else 0)
        shown = metrics.elidedText(self._words, Qt.TextElideMode.ElideMiddle, room)
        self.setText(escape(shown) + (_LINK if self._undo else ""))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus if self._undo else Qt.FocusPolicy.NoFocus)
        self.setToolTip(self._words if shown != self._words else "")


class ElidedLabel(QLabel):
    """A line of words that gives way where there is little room: an ellipsis, and all of it in the tip."""

    def __init__(self, text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._words = self._tip = ""
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        self.setText(text)

    def setText(self, text: str) -> None:
        self._words = text
        self.setAccessibleName(text)
        self.updateGeometry()
        self._show()

    @property
    def words(self) -> str:
        """All of it, whether it fits or not."""
        return self._words

    def setToolTip(self, tip: str) -> None:
        self._tip = tip
        self._show()

    def sizeHint(self) -> QSize:
        metrics = self.fontMetrics()
        return QSize(metrics.horizontalAdvance(self._words) + 2, super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        return QSize(0, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._show()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._show()

    def _show(self) -> None:
        shown = self.fontMetrics().elidedText(self._words, Qt.TextElideMode.ElideRight, max(self.width(), 0))
        if shown != self.text():
            super().setText(shown)
        super().setToolTip("\n".join(filter(None, (self._words if shown != self._words else "", self._tip))))


class QuietLine(QuietLabel, ElidedLabel):
    """A line of quiet words that gives way."""


def close_box(dialog: QDialog) -> QDialogButtonBox:
    """A box with a Close button that closes `dialog`."""
    box = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
    # Fusion gives it a black icon, which a dark window swallows.
    box.button(QDialogButtonBox.StandardButton.Close).setIcon(QIcon())
    box.rejected.connect(dialog.reject)
    return box
