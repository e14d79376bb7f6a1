"""The small dialogs of the Help menu."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QGridLayout,
    QLabel,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from app.ui.icons import APP_ICON, icon_pixmap
from app.ui.labels import close_box
from app.ui.theme import scaled_font
from training.ui.geometry import ScreenFit

ABOUT = """\
Reads digits and numbers wherever they turn up: drawn with the mouse, in front of a camera, in a photo. \
Anyone can train the model that does it, here, on their own machine. Nothing leaves it.

The code is under the MIT licence; the cards beside the shipped models say what they learned from."""


def shortcuts_of(actions: Iterable[QAction]) -> list[tuple[str, str]]:
    """(what, keys) of all actions that have keys, in order; ten actions for ten digits become one line."""
    lines = []
    for action in actions:
        keys = [k.toString(QKeySequence.SequenceFormat.NativeText) for k in action.shortcuts()]
        what = action.text().replace("&", "").removesuffix("…")
        # Some keyboards have a key named Redo; its owner needs no list to find it.
        keys = [key for key in dict.fromkeys(keys) if key != what]
        if keys and what:
            lines.append((what, ", ".join(keys)))
    digits = [line for line in lines if line[0].startswith("It is a")]
    rest = [line for line in lines if line not in digits]
    return [*rest, ("Say which digit it really is", f"{digits[0][1]} … {digits[-1][1]}")] if digits else rest


_SCROLLING = (
    Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown, Qt.Key.Key_Home, Qt.Key.Key_End,
)  # fmt: skip


class ShortcutsDialog(QDialog):
    """All keys, by menu."""

    def __init__(self, groups: Mapping[str, Iterable[QAction]], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Shortcuts")
        content = QWidget()
        grid = QGridLayout(content)
        grid.setHorizontalSpacing(self.fontMetrics().height() * 2)
        row = 0
        for title, actions in groups.items():
            lines = shortcuts_of(actions)
            if not lines:
                continue
            head = QLabel(title)
            head.setFont(scaled_font(self.font(), 1.1))
            head.setStyleSheet("font-weight: bold;")
            grid.addWidget(head, row, 0, 1, 2)
            row += 1
            for what, keys in lines:
                grid.addWidget(QLabel(what), row, 0)
                grid.addWidget(QLabel(keys), row, 1)
                row += 1
            grid.setRowMinimumHeight(row, self.fontMetrics().height() // 2)
            row += 1
        grid.setRowStretch(row, 1)
        grid.setColumnStretch(0, 1)
        scroll = QScrollArea(widgetResizable=True)
        scroll.setFrameShape(QScrollArea.Shape.NoFrame)
        # Its keys come from the dialog: the area would not show that the keyboard is there.
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll = scroll
        scroll.setWidget(content)
        column = QVBoxLayout(self)
        column.addWidget(scroll)
        column.addWidget(close_box(self))
        em = self.fontMetrics().height()
        # As wide as the keys need; on a screen that is narrower they wrap, and nothing scrolls sideways.
        inside = content.sizeHint().width() + scroll.verticalScrollBar().sizeHint().width()
        for label in content.findChildren(QLabel):
            label.setWordWrap(True)
        self.resize(max(em * 28, inside + em * 2), em * 34)
        ScreenFit(self)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in _SCROLLING:
            QApplication.sendEvent(self._scroll.verticalScrollBar(), event)
        else:
            super().keyPressEvent(event)


class AboutDialog(QDialog):
    """What the program is."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("About General Number Classifier")
        # Reads the installed package's files: not worth a start's time.
        from importlib.metadata import version

        em = self.fontMetrics().height()
        picture = QLabel()
        ink = self.palette().text().color()
        picture.setPixmap(icon_pixmap(APP_ICON, 4 * em, self.devicePixelRatioF(), ink))
        title = QLabel(f"General Number Classifier {version('gnc')}")
        title.setFont(scaled_font(self.font(), 1.4))
        title.setWordWrap(True)
        text = QLabel(ABOUT, wordWrap=True)
        text.setMinimumWidth(min(em * 26, self.screen().availableGeometry().width() // 2))
        grid = QGridLayout(self)
        grid.setHorizontalSpacing(em)
        grid.setVerticalSpacing(em)
        grid.addWidget(picture, 0, 0, 2, 1, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(title, 0, 1)
        grid.addWidget(text, 1, 1)
        grid.addWidget(close_box(self), 2, 0, 1, 2)
        ScreenFit(self)
