"""Actions: how a page declares them, and the buttons that offer them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import partial

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence, QPaintEvent, QUndoStack
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QMenu,
    QSizePolicy,
    QStyle,
    QStyleOptionToolButton,
    QStylePainter,
    QToolButton,
    QWidget,
)

from app.ui.icons import icon
from app.ui.shown_reading import DigitRef, ShownReading, step_from

_ARROW = " ▾"

Keys = str | QKeySequence | QKeySequence.StandardKey


@dataclass(frozen=True)
class ActionSpec:
    """An action, as a page declares it.

    text: in menus; what ends in "…" asks something first.
    icon: its name; "" for no icon.
    keys: work while the page is shown.
    tip: without keys, which are added; "" for the text.
    short: on buttons; "" for the text.
    """

    text: str
    icon: str = ""
    keys: tuple[Keys, ...] = ()
    tip: str = ""
    short: str = ""
    checkable: bool = False


class PageAction(Enum):
    """The base of a page's actions; the values are `ActionSpec`s."""

    @property
    def spec(self) -> ActionSpec:
        value = self.value
        assert isinstance(value, ActionSpec), "an action is declared by a spec"
        return value


class DigitAction(PageAction):
    """Which digit is described, and what it really is: the same on every page."""

    PREVIOUS = ActionSpec("Previous digit", "previous", ("Left",))
    NEXT = ActionSpec("Next digit", "next", ("Right",))
    IS_0 = ActionSpec("It is a 0", keys=("0",))
    IS_1 = ActionSpec("It is a 1", keys=("1",))
    IS_2 = ActionSpec("It is a 2", keys=("2",))
    IS_3 = ActionSpec("It is a 3", keys=("3",))
    IS_4 = ActionSpec("It is a 4", keys=("4",))
    IS_5 = ActionSpec("It is a 5", keys=("5",))
    IS_6 = ActionSpec("It is a 6", keys=("6",))
    IS_7 = ActionSpec("It is a 7", keys=("7",))
    IS_8 = ActionSpec("It is an 8", keys=("8",))
    IS_9 = ActionSpec("It is a 9", keys=("9",))
    NUMBER = ActionSpec("Type the whole number", keys=("F2", "W"))

    @property
    def label(self) -> int | None:
        """The digit that it is; None for a step."""
        return int(self.name[-1]) if self.name.startswith("IS_") else None

    @property
    def step(self) -> int:
        return {DigitAction.PREVIOUS: -1, DigitAction.NEXT: 1}.get(self, 0)

    @classmethod
    def labels(cls) -> list[DigitAction]:
        """The ten that say which digit it is, from 0 to 9."""
        return [action for action in cls if action.label is not None]


Menus = Mapping[str, Sequence[PageAction | None]]


class PageActions(QObject):
    """The Qt actions of one page, and the digit's; one signal reports which was triggered."""

    wanted = Signal(object, bool)
    """A `PageAction`, and whether it is checked now. A checkable one reports every change."""

    def __init__(self, page: QWidget, actions: type[PageAction], menus: Menus) -> None:
        """actions: the page's own. menus: which of them stand in which menu, None separates."""
        super().__init__(page)
        self._menus = menus
        self._made: dict[PageAction, QAction] = {}
        for action in (*actions, *DigitAction):
            spec = action.spec
            made = page_action(
                page,
                spec.icon,
                spec.text,
                *spec.keys,
                tip=spec.tip,
                short=spec.short,
                checkable=spec.checkable,
            )
            if spec.checkable:
                made.toggled.connect(partial(self._tell, action))
            else:
                made.triggered.connect(partial(self._tell, action))
            self._made[action] = made
        self.set_selected(None, None)

    def __getitem__(self, action: PageAction) -> QAction:
        return self._made[action]

    def menus(self) -> dict[str, Sequence[QAction | None]]:
        """As `Page.menu_actions` wants them."""
        digits = [DigitAction.PREVIOUS, DigitAction.NEXT, DigitAction.NUMBER, None, *DigitAction.labels()]
        return {
            name: [self._made[a] if a is not None else None for a in actions]
            for name, actions in {**self._menus, "Digit": digits}.items()
        }

    def bind_undo(self, stack: QUndoStack, undo: PageAction, redo: PageAction | None = None) -> None:
        """Let these actions undo and redo."""
        pairs = [(undo, stack.canUndoChanged, stack.undo)]
        if redo is not None:
            pairs.append((redo, stack.canRedoChanged, stack.redo))
        for action, can, do in pairs:
            made = self._made[action]
            made.setEnabled(False)
            can.connect(made.setEnabled)
            made.triggered.connect(do)

    def set_enabled(self, on: bool, *actions: PageAction) -> None:
        for action in actions:
            self._made[action].setEnabled(on)

    def set_selected(self, shown: ShownReading | None, selected: DigitRef | None) -> None:
        """Enable what makes sense with this digit of a reading."""
        for action in DigitAction:
            if action is DigitAction.NUMBER:
                on = shown is not None
            elif shown is None or selected is None:
                on = False
            elif action.label is not None:
                on = selected in shown.refs
            else:
                on = step_from(shown, selected, action.step) is not None
            self._made[action].setEnabled(on)

    def _tell(self, action: PageAction, checked: bool = False) -> None:
        self.wanted.emit(action, checked)


def page_action(
    page: QWidget,
    icon_name: str,
    text: str,
    *keys: Keys,
    tip: str = "",
    short: str = "",
    checkable: bool = False,
) -> QAction:
    """An action whose keys work while `page` is shown. tip: without keys, which are added. short: on buttons."""
    action = QAction(text, page)
    if icon_name:
        action.setIcon(icon(icon_name))
    action.setCheckable(checkable)
    action.setShortcuts(list(dict.fromkeys(sequence for key in keys for sequence in _sequences(key))))
    shown = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
    tip = tip or text.removesuffix("…")
    action.setToolTip(f"{tip} ({shown})" if shown else tip)
    action.setIconText(short or text.removesuffix("…"))
    action.setIconVisibleInMenu(bool(icon_name))
    page.addAction(action)
    return action


def _sequences(key: Keys) -> list[QKeySequence]:
    """All keys that the platform has for a standard one."""
    if isinstance(key, QKeySequence.StandardKey):
        return list(QKeySequence.keyBindings(key))
    return [QKeySequence(key)]


class ActionButton(QToolButton):
    """A flat button with icon and words; where there is no room for the words, the icon alone: the tip has them."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._is_measured = False
        self.setAutoRaise(True)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        self._is_measured = True  # with its words, however wide it is now
        try:
            return super().sizeHint()
        finally:
            self._is_measured = False

    def minimumSizeHint(self) -> QSize:
        wanted = self.sizeHint()
        if not self._may_drop_words:
            return wanted
        return QSize(wanted.height() + self.iconSize().width() // 4, wanted.height())

    def initStyleOption(self, option: QStyleOptionToolButton) -> None:
        super().initStyleOption(option)
        if not self._is_measured and self._may_drop_words and self.width() < self.sizeHint().width():
            option.toolButtonStyle = Qt.ToolButtonStyle.ToolButtonIconOnly

    @property
    def _may_drop_words(self) -> bool:
        with_words = self.toolButtonStyle() == Qt.ToolButtonStyle.ToolButtonTextBesideIcon
        return with_words and not self.icon().isNull()


def tool_button(action: QAction, *, words: bool = True) -> QToolButton:
    """A flat button for an action; without words its icon alone."""
    button = ActionButton()
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
