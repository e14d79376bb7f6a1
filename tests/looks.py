"""What is wrong with a window for who looks at it: words that are cut, mnemonics that stand for two things."""

from __future__ import annotations

import re
from collections import Counter

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QCheckBox,
    QComboBox,
    QGroupBox,
    QLabel,
    QMenuBar,
    QPushButton,
    QRadioButton,
    QScrollArea,
    QTabBar,
    QToolButton,
    QWidget,
)


def spoken(text: str) -> str:
    """Without the sign before a mnemonic."""
    return re.sub("&(?=.)", "", text)


def shown(window: QWidget) -> list[QWidget]:
    return [widget for widget in window.findChildren(QWidget) if widget.isVisible()]


def mnemonics(window: QWidget) -> list[tuple[str, str]]:
    """(letter, text) of all that can be seen: menus of the bar, buttons, labels of fields, tabs."""
    texts: list[str] = []
    for widget in shown(window):
        if isinstance(widget, QAbstractButton) or (isinstance(widget, QLabel) and widget.buddy() is not None):
            texts.append(widget.text())
        elif isinstance(widget, QGroupBox):
            texts.append(widget.title())
        elif isinstance(widget, QTabBar):
            texts += [widget.tabText(i) for i in range(widget.count()) if widget.isTabVisible(i)]
        elif isinstance(widget, QMenuBar):
            texts += [action.text() for action in widget.actions() if action.isVisible()]
    return [(letter[1].lower(), text) for text in texts if (letter := re.search(r"&(\w)", text))]


def mnemonics_of_two(window: QWidget) -> list[tuple[str, str]]:
    """Those of `mnemonics` whose letter stands for more than one thing."""
    found = mnemonics(window)
    counts = Counter(letter for letter, _ in found)
    return [pair for pair in found if counts[pair[0]] > 1]


def cut_words(window: QWidget) -> list[str]:
    """What is not shown whole, and has no tip that says all of it; what would have to be scrolled sideways."""
    return [words for widget in shown(window) if (words := _cut(widget))]


def focus_unseen(window: QWidget, *, most: int = 200) -> list[str]:
    """What the Tab key reaches and does not look another way while the keyboard is there."""
    unseen: list[str] = []
    reached: set[QWidget] = set()
    for _ in range(most):
        QTest.keyClick(window.focusWidget() or window, Qt.Key.Key_Tab)
        widget = window.focusWidget()
        if widget is None or widget in reached:
            break
        reached.add(widget)
        place = QRect(widget.mapTo(window, QPoint()), widget.size()).adjusted(-8, -8, 8, 8)
        focused = window.grab(place).toImage()
        widget.clearFocus()
        # A dialog's default button always looks as one that the keyboard is on: Return presses it from anywhere.
        is_default = isinstance(widget, QPushButton) and widget.isDefault()
        if window.grab(place).toImage() == focused and not is_default:
            unseen.append(f"{type(widget).__name__} {_words_of(widget)!r}")
        widget.setFocus(Qt.FocusReason.TabFocusReason)
    assert reached, "the keyboard reaches nothing"
    return unseen


def _words_of(widget: QWidget) -> str:
    return widget.accessibleName() or (widget.text() if isinstance(widget, QAbstractButton) else "")


def _cut(widget: QWidget) -> str:
    metrics = widget.fontMetrics()
    kind = type(widget).__name__
    if isinstance(widget, QLabel) and widget.text() and not widget.text().startswith("<"):
        if widget.toolTip() or "<a " in widget.text():
            return ""
        if widget.wordWrap():
            needed, room = widget.heightForWidth(widget.width()), widget.height()
            return f"{kind} {widget.text()!r}: {needed} high, has {room}" if needed > room + 1 else ""
        lines = (spoken(widget.text()) if widget.buddy() else widget.text()).split("\n")
        needed, room = max(map(metrics.horizontalAdvance, lines)), widget.contentsRect().width()
        return f"{kind} {widget.text()!r}: {needed} wide, has {room}" if needed > room + 1 else ""
    if isinstance(widget, QAbstractButton) and widget.text():
        needed = metrics.horizontalAdvance(spoken(widget.text()))
        if isinstance(widget, QToolButton) and not widget.icon().isNull():
            # The icon speaks for itself where there is no room for words; the tip has them.
            needed = 0 if widget.toolTip() else needed + widget.iconSize().width()
        elif isinstance(widget, QCheckBox | QRadioButton):
            needed += metrics.height() // 2  # at least, for its box
        return (
            f"{kind} {widget.text()!r}: {needed} wide, has {widget.width()}"
            if needed > widget.width()
            else ""
        )
    if isinstance(widget, QComboBox):
        needed = metrics.horizontalAdvance(widget.currentText())
        return f"{kind} {widget.currentText()!r} has {widget.width()}" if needed > widget.width() - 16 else ""
    if isinstance(widget, QTabBar):
        beyond = [
            widget.tabText(i) for i in range(widget.count())
            if widget.isTabVisible(i) and widget.tabRect(i).right() > widget.width()
        ]  # fmt: skip
        return f"tabs {beyond}" if beyond else ""
    if isinstance(widget, QScrollArea):
        beyond_sideways = widget.horizontalScrollBar().maximum()
        never = widget.horizontalScrollBarPolicy() == Qt.ScrollBarPolicy.ScrollBarAlwaysOff
        return f"{kind} scrolls sideways by {beyond_sideways}" if beyond_sideways and not never else ""
    return ""
