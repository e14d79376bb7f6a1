"""Actions that the camera and the photos page have in common."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence, QPaintEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QMenu,
    QStyle,
    QStyleOptionToolButton,
    QStylePainter,
    QToolButton,
    QWidget,
)

from app.ui.icons import icon

_ARROW = " ▾"

Keys = str | QKeySequence | QKeySequence.StandardKey


def page_action(
    page: QWidget, icon_name: str, text: str, *keys: Keys, tip: str = "", checkable: bool = False
) -> QAction:
    """An action whose keys work while `page` is shown. tip: without keys, which are added."""
    action = QAction(text, page)
    if icon_name:
        action.setIcon(icon(icon_name))
    action.setCheckable(checkable)
    action.setShortcuts([QKeySequence(key) for key in keys])
    shown = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
    tip = tip or text.removesuffix("…")
    action.setToolTip(f"{tip} ({shown})" if shown else tip)
    action.setIconText(text.removesuffix("…"))
    action.setIconVisibleInMenu(bool(icon_name))
    page.addAction(action)
    return action


def tool_button(action: QAction, *, words: bool = True) -> QToolButton:
    """A flat button for an action; without words its icon alone."""
    button = QToolButton()
    button.setAutoRaise(True)
    button.setDefaultAction(action)
    style = Qt.ToolButtonStyle
    button.setToolButtonStyle(style.ToolButtonTextBesideIcon if words else style.ToolButtonIconOnly)
    button.setAccessibleName(action.text().removesuffix("…"))
    return button


class MenuButton(QToolButton):
    """A flat button that opens a menu at once: its arrow stands behind the words.

    Fusion would squeeze the arrow into a corner. A style sheet could hide it there, but what has one keeps the
    colours of the theme it was made in.
    """

    def __init__(self, menu: QMenu, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAutoRaise(True)
        self.setMenu(menu)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)

    @property
    def words(self) -> str:
        return self.text().removesuffix(_ARROW)

    def set_words(self, words: str) -> None:
        self.setText(words + _ARROW)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QStylePainter(self)
        option = QStyleOptionToolButton()
        self.initStyleOption(option)
        option.features &= ~QStyleOptionToolButton.ToolButtonFeature.HasMenu
        painter.drawComplexControl(QStyle.ComplexControl.CC_ToolButton, option)
        painter.end()


def way_button(action: QAction) -> QToolButton:
    """A framed button with words for a card; it is there only while its action is visible."""
    button = tool_button(action)
    button.setAutoRaise(False)
    if not action.isVisible():
        button.hide()  # never show it here: without a parent yet it would be a window
    action.visibleChanged.connect(lambda: button.setVisible(action.isVisible()))
    return button


class DigitActions:
    """Which digit is described, and what it really is."""

    def __init__(self, page: QWidget) -> None:
        self.previous = page_action(page, "previous", "Previous digit", "Left")
        self.next = page_action(page, "next", "Next digit", "Right")
        self.correct = [page_action(page, "", f"It is a {digit}", str(digit)) for digit in range(10)]

    def set_place(self, selected: int, count: int) -> None:
        """Enable what makes sense with digit `selected` of `count`."""
        self.previous.setEnabled(0 < selected < count)
        self.next.setEnabled(0 <= selected < count - 1)
        for action in self.correct:
            action.setEnabled(0 <= selected < count)

    def menu(self) -> Sequence[QAction | None]:
        """For the window's menu "Digit"."""
        return [self.previous, self.next, None, *self.correct]


class SpaceStaysWithButtons(QObject):
    """A page uses the Space key; a button that has the keyboard keeps it, as everywhere else."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._button: QAbstractButton | None = None

    def watch(self, on: bool) -> None:
        """Only while the page is shown."""
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        if on:
            application.focusChanged.connect(self._on_focus)
        else:
            application.focusChanged.disconnect(self._on_focus)

    def _on_focus(self, old: QWidget | None, new: QWidget | None) -> None:
        if self._button is not None:
            self._button.removeEventFilter(self)
            self._button = None
        if isinstance(new, QAbstractButton):
            self._button = new
            new.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        override = event.type() == QEvent.Type.ShortcutOverride
        if override and isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Space:
            event.accept()
            return True
        return False
