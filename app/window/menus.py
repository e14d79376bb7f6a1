"""The main window's own actions and its menus, into which each page puts its actions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QMenu, QMenuBar, QWidget

from app.pages.page import PageFactory
from app.services.settings import Theme
from app.ui.icons import icon

_NATIVE = QKeySequence.SequenceFormat.NativeText
_STANDARD = QKeySequence.StandardKey


class WindowActions(QObject):
    """What can be done on every page. Those that need to say what was chosen have a signal here."""

    page_wanted = Signal(str)
    theme_wanted = Signal(Theme)

    def __init__(
        self, offers: Sequence[PageFactory], theme: Theme, *, hints: bool, training: bool, parent: QWidget
    ) -> None:
        """theme, hints: as they are now. training: whether there is a training window."""
        super().__init__(parent)
        self.pages: dict[str, QAction] = {}
        group = QActionGroup(self)
        for place, offer in enumerate(offers, start=1):
            action = self._action(offer.title, f"Ctrl+{place}", icon_name=offer.icon)
            action.setCheckable(True)
            action.triggered.connect(lambda _=False, name=offer.name: self.page_wanted.emit(name))
            group.addAction(action)
            self.pages[offer.name] = action
        self.train = self._action("Train…", "Ctrl+T", icon_name="train", tip="Train a model")
        self.train.setIconText("Train…")  # Qt would leave the dots out on the button
        self.corrections = self._action("My corrections…", "Ctrl+K", icon_name="copy")
        self.corrections.setToolTip("Look through what you labelled; put it right, share it")
        self.learn = self._action("Learn from my corrections…")
        self.learn.setEnabled(False)
        self.learned = self._action("What was learned…")
        for action in (self.train, self.learn, self.learned):
            action.setVisible(training)
        self.open_corrections = self._action("Show in folder", icon_name="open")
        self.quit = self._action("Quit", _STANDARD.Quit)
        self.quit.setMenuRole(QAction.MenuRole.QuitRole)
        self.full_screen = self._action("Full screen", "F11")
        self.full_screen.setCheckable(True)
        self.hints = self._action("Hints")
        self.hints.setCheckable(True)
        self.hints.setChecked(hints)
        self.shortcuts = self._action("Shortcuts", "F1")
        self.about = self._action("About General Number Classifier")
        self.about.setMenuRole(QAction.MenuRole.AboutRole)
        self.themes = QActionGroup(self)
        names = {Theme.SYSTEM: "As the system", Theme.LIGHT: "Light", Theme.DARK: "Dark"}
        for value, text in names.items():
            action = self._action(text)
            action.setCheckable(True)
            action.setChecked(value is theme)
            action.triggered.connect(lambda _=False, t=value: self.theme_wanted.emit(t))
            self.themes.addAction(action)

    def _action(
        self, text: str, keys: str | QKeySequence.StandardKey = "", *, icon_name: str = "", tip: str = ""
    ) -> QAction:
        action = QAction(text, self)
        if icon_name:
            action.setIcon(icon(icon_name))
        if keys:
            action.setShortcut(QKeySequence(keys))
        tip = tip or text.removesuffix("…")
        shown = action.shortcut().toString(_NATIVE)
        action.setToolTip(f"{tip} ({shown})" if shown else tip)
        return action


class WindowMenus:
    """File, Edit, Digit, View, Help."""

    def __init__(self, bar: QMenuBar, actions: WindowActions, models: QMenu) -> None:
        self._actions, self._models = actions, models
        self._menus = {name: bar.addMenu(f"&{name}") for name in ("File", "Edit", "Digit", "View", "Help")}
        self.show({})

    def show(self, of_page: Mapping[str, Sequence[QAction | None]]) -> None:
        """Fill the menus: the page's own actions first, then the window's; None separates."""
        actions = self._actions
        own: dict[str, list[QAction | None]] = {
            "File": [
                self._models.menuAction(), actions.train, actions.corrections, actions.learn, actions.learned, None,
                actions.quit,
            ],
            "View": [
                *actions.pages.values(), None, *actions.themes.actions(), None, actions.hints, actions.full_screen,
            ],
            "Help": [actions.shortcuts, actions.about],
        }  # fmt: skip
        for name, menu in self._menus.items():
            # Not `clear`: PySide counts actions that only the menu refers to as gone.
            for action in menu.actions():
                menu.removeAction(action)
                if action.isSeparator():
                    action.deleteLater()
            first, second = list(of_page.get(name, ())), own.get(name, [])
            for wanted in [*first, *([None] if first and second else []), *second]:
                if wanted is None:
                    menu.addSeparator()
                else:
                    menu.addAction(wanted)
            menu.menuAction().setVisible(bool(first or second))

    def groups(self) -> dict[str, list[QAction]]:
        """What is in the menus now, for the list of shortcuts."""
        return {name: menu.actions() for name, menu in self._menus.items()}
