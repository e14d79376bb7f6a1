"""The main window: wires pages, panel, menus and bars together, and does nothing else."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, QUrl, Signal
from PySide6.QtGui import QAction, QActionGroup, QCloseEvent, QDesktopServices, QKeySequence
from PySide6.QtWidgets import (
    QFileDialog,
    QMainWindow,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.corrections import Corrections
from app.dialogs import AboutDialog, ShortcutsDialog
from app.draw_page import DrawPage
from app.errors import MessageBar
from app.icons import APP_ICON, icon
from app.model_menu import ModelButton, ModelMenu
from app.models import SHIPPED, list_models
from app.pages import Page, PageContext
from app.prediction_panel import PredictionPanel
from app.reading_worker import DrawingReading
from app.settings import Settings, Theme
from app.window_bars import BottomBar, TopBar
from core.mine import MineStore
from core.paths import Places

TITLE = "General Number Classifier"


@dataclass(frozen=True)
class PageOffer:
    """A page of the switch. build: called the first time the page is shown."""

    name: str
    title: str
    icon: str
    build: Callable[[PageContext], Page]


@dataclass(frozen=True)
class WindowParts:
    """What the window is given. load: opens a model file, in a thread. open_training: shows that window."""

    places: Places
    settings: Settings
    load: Callable[[Path], DrawingReading]
    more_pages: Sequence[PageOffer] = ()
    apply_theme: Callable[[Theme], None] = lambda theme: None
    open_training: Callable[[MainWindow], None] | None = None
    shipped: Path = SHIPPED


class MainWindow(QMainWindow):
    """The window a person sees first."""

    closed = Signal()
    """The window is closed and every thread has ended."""

    def __init__(self, parts: WindowParts) -> None:
        super().__init__()
        self._parts = parts
        self._settings = parts.settings
        self._corrections = Corrections(MineStore(parts.places.mine), self)
        self._context = PageContext(parts.places, parts.settings, self._corrections)
        self._model: Path | None = None
        self._offers = [
            PageOffer("draw", "Draw", "draw", lambda context: DrawPage(context, parts.load)),
            *parts.more_pages,
        ]
        self._pages: dict[str, Page] = {}
        self._page: Page | None = None
        self.setWindowTitle(TITLE)
        self.setWindowIcon(icon(APP_ICON))
        self._model_menu = ModelMenu(
            lambda: list_models(parts.places.runs, parts.settings.opened_models), self
        )
        self._model_button = ModelButton(self._model_menu)
        self._make_actions()
        self._top = TopBar(self._page_actions, self._model_button, self._train)
        self._message = MessageBar()
        self._stack = QStackedWidget()
        self._panel = PredictionPanel()
        self._panel.set_empty_words("nothing to read yet")
        self._side = QSplitter(Qt.Orientation.Vertical)
        self._bottom = BottomBar()
        self._build()
        self._connect()
        self._draw = self._build_page(self._offers[0])
        self.show_page(self._settings.page)
        self._restore_geometry()
        self._corrections.recount()
        self.use_model(self._settings.model or parts.shipped)

    # For other windows and tests

    @property
    def page(self) -> Page:
        """The page shown."""
        assert self._page is not None, "no page is shown"
        return self._page

    @property
    def draw_page(self) -> DrawPage:
        assert isinstance(self._draw, DrawPage), "the first page draws"
        return self._draw

    @property
    def panel(self) -> PredictionPanel:
        return self._panel

    @property
    def message(self) -> MessageBar:
        return self._message

    @property
    def bottom(self) -> BottomBar:
        return self._bottom

    @property
    def corrections(self) -> Corrections:
        return self._corrections

    @property
    def model(self) -> Path | None:
        """The model file that reads now; None while none does."""
        return self._model

    def use_model(self, path: Path | None) -> None:
        """Read with this model file (None: the shipped one) from now on, on every page, without a restart.

        If it can't be used, a message says why and the one before it reads on.
        """
        self._model_button.set_model(self._model, waiting=True)
        self.draw_page.use_model(path or self._parts.shipped)

    def show_page(self, name: str) -> None:
        """Switch to a page; an unknown one is the first."""
        offer = next((offer for offer in self._offers if offer.name == name), self._offers[0])
        page = self._pages.get(offer.name) or self._build_page(offer)
        if page is self._page:
            return
        if self._page is not None:
            self._page.deactivate()
        self._page = page
        self._panel.set_reading(None)
        self._panel.set_notice("")
        self._bottom.set_status("")
        self._stack.setCurrentWidget(page)
        self._bottom.show_bar(page.bottom_bar())
        self._show_side(page.side_widget())
        self._fill_menus(page.menu_actions())
        self._page_actions[self._offers.index(offer)].setChecked(True)
        self._settings.page = offer.name
        page.activate()

    # Building

    def _make_actions(self) -> None:
        group = QActionGroup(self)
        self._page_actions = []
        for place, offer in enumerate(self._offers, start=1):
            action = QAction(icon(offer.icon), offer.title, group, checkable=True)
            action.setShortcut(QKeySequence(f"Ctrl+{place}"))
            keys = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
            action.setToolTip(f"{offer.title} ({keys})")
            action.triggered.connect(lambda _=False, name=offer.name: self.show_page(name))
            self._page_actions.append(action)
        self._train: QAction | None = None
        open_training = self._parts.open_training
        if open_training is not None:
            self._train = QAction(icon("train"), "Train…", self)
            self._train.setShortcut("Ctrl+T")
            self._train.setToolTip("Train a model (Ctrl+T)")
            self._train.triggered.connect(lambda: open_training(self))
        self._model_actions = [self._model_menu.menuAction(), *([self._train] if self._train else [])]
        self._quit = QAction("Quit", self, shortcut=QKeySequence(QKeySequence.StandardKey.Quit))
        self._quit.setMenuRole(QAction.MenuRole.QuitRole)
        self._quit.triggered.connect(self.close)
        self._full_screen = QAction("Full screen", self, checkable=True)
        self._full_screen.setShortcut("F11")
        self._full_screen.toggled.connect(self._on_full_screen)
        self._hints = QAction("Hints", self, checkable=True, checked=self._settings.hints)
        self._hints.toggled.connect(self._on_hints)
        self._shortcuts = QAction("Shortcuts", self, shortcut=QKeySequence("F1"))
        self._shortcuts.triggered.connect(self._on_shortcuts)
        self._about = QAction("About General Number Classifier", self)
        self._about.setMenuRole(QAction.MenuRole.AboutRole)
        self._about.triggered.connect(lambda: AboutDialog(self).open())
        self._theme_group = QActionGroup(self)
        for theme, text in (
            (Theme.SYSTEM, "As the system"), (Theme.LIGHT, "Light"), (Theme.DARK, "Dark"),
        ):  # fmt: skip
            action = QAction(text, self._theme_group, checkable=True, checked=theme is self._settings.theme)
            action.triggered.connect(lambda _=False, t=theme: self._on_theme(t))

    def _build(self) -> None:
        self._side.addWidget(self._panel)
        self._side.setChildrenCollapsible(False)
        splitter = QSplitter()
        splitter.setChildrenCollapsible(False)
        splitter.addWidget(self._stack)
        splitter.addWidget(self._side)
        splitter.setStretchFactor(0, 1)
        splitter.setStretchFactor(1, 0)
        splitter.setHandleWidth(10)
        self._splitter = splitter
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(8, 6, 8, 6)
        column.setSpacing(6)
        column.addWidget(self._top)
        column.addWidget(self._message)
        column.addWidget(splitter, 1)
        column.addWidget(self._bottom)
        self.setCentralWidget(content)
        bar = self.menuBar()
        self._menus = {name: bar.addMenu(name) for name in ("File", "Edit", "Digit", "View")}
        help_menu = bar.addMenu("Help")
        help_menu.addActions([self._shortcuts, self._about])

    def _connect(self) -> None:
        self._panel.digit_selected.connect(self._on_digit_selected)
        self._panel.digit_corrected.connect(self._on_digit_corrected)
        self._panel.correction_undone.connect(lambda: self.page.undo_correction())
        self._corrections.count_changed.connect(self._bottom.set_count)
        self._corrections.failed.connect(self._message.tell)
        self._bottom.mine_clicked.connect(self._on_mine_clicked)
        self._model_menu.chosen.connect(self.use_model)
        self._model_menu.open_wanted.connect(self._on_open_model)

    def _build_page(self, offer: PageOffer) -> Page:
        page = offer.build(self._context)
        self._pages[offer.name] = page
        self._stack.addWidget(page)
        page.reading_changed.connect(lambda reading, page=page: self._on_reading(page, reading))
        page.status_changed.connect(lambda text, page=page: self._on_status(page, text))
        page.notice_changed.connect(lambda text, undo, page=page: self._on_notice(page, text, undo))
        page.digit_selected.connect(lambda index, page=page: self._on_page_selected(page, index))
        page.page_wanted.connect(self.show_page)
        if isinstance(page, DrawPage):
            page.model_ready.connect(self._on_model_ready)
            page.model_failed.connect(self._on_model_failed)
            page.hints.turned_off.connect(lambda: self._hints.setChecked(False))
        elif self._model is not None:
            page.use_model(self._model)
        return page

    def _show_side(self, wanted: QWidget | None) -> None:
        """Show a page's widget under the panel, and no other page's."""
        if wanted is not None and self._side.indexOf(wanted) < 0:
            self._side.addWidget(wanted)
        for place in range(1, self._side.count()):
            widget = self._side.widget(place)
            widget.setVisible(widget is wanted)

    def _fill_menus(self, of_page: Mapping[str, Sequence[QAction | None]]) -> None:
        """Menus: the page's own actions, then the window's."""
        own: dict[str, list[QAction | None]] = {
            "File": [*self._model_actions, None, self._quit],
            "Edit": [],
            "Digit": [],
            "View": [
                *self._page_actions, None, *self._theme_group.actions(), None, self._hints, self._full_screen,
            ],
        }
        for name, menu in self._menus.items():
            menu.clear()
            first, second = list(of_page.get(name, ())), own[name]
            for action in [*first, *([None] if first and second else []), *second]:
                if action is None:
                    menu.addSeparator()
                else:
                    menu.addAction(action)
            menu.menuAction().setVisible(bool(first or second))

    def _restore_geometry(self) -> None:
        em = self.fontMetrics().height()
        self.resize(em * 72, em * 46)
        if not self._settings.geometry.isEmpty():
            self.restoreGeometry(self._settings.geometry)
        width = self._settings.panel_width or self._panel.sizeHint().width()
        self._splitter.setSizes([10_000, width])

    # News from the pages

    def _on_reading(self, page: Page, reading: Any) -> None:
        if page is self._page:
            self._panel.set_reading(reading)
            self._bottom.set_reading(reading)

    def _on_status(self, page: Page, text: str) -> None:
        if page is self._page:
            self._bottom.set_status(text)

    def _on_notice(self, page: Page, text: str, undo: bool) -> None:
        if page is self._page:
            self._panel.set_notice(text, undo=undo)

    def _on_page_selected(self, page: Page, index: int) -> None:
        if page is self._page:
            self._panel.select(index)

    # News from the panel and the bars

    def _on_digit_selected(self, index: int) -> None:
        if self._page is not None:
            self._page.select_digit(index)

    def _on_digit_corrected(self, index: int, digit: int) -> None:
        self.page.correct_digit(index, digit)

    def _on_mine_clicked(self) -> None:
        folder = self._parts.places.mine
        if folder.is_dir():
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))

    # The model

    def _on_model_ready(self, path: Path, info: Any) -> None:
        self._model = path
        self._settings.model = None if path == self._parts.shipped else path
        self._message.clear()
        self._model_button.set_model(path, info)
        self._model_menu.set_current(path)
        for page in self._pages.values():
            if page is not self._draw:
                page.use_model(path)

    def _on_model_failed(self, path: Path, sentence: str, details: str) -> None:
        self._model_button.set_model(self._model)
        if path != self._parts.shipped and self._model is None:
            self._message.tell(
                f"{sentence} The shipped model reads instead.", details=details,
                action="Choose another…", act=self._on_open_model,
            )  # fmt: skip
            self.use_model(None)
            return
        self._message.tell(
            sentence, details=details, action="Choose a model file…", act=self._on_open_model
        )

    def _on_open_model(self) -> None:
        start = str(self._parts.places.runs) if self._parts.places.runs.is_dir() else ""
        kinds = "Models (*.onnx);;All files (*)"
        name, _ = QFileDialog.getOpenFileName(self, "Open a model file", start, kinds)
        if name:
            path = Path(name)
            others = [p for p in self._settings.opened_models if p != path]
            self._settings.opened_models = [path, *others][:5]
            self.use_model(path)

    # Menus

    def _on_theme(self, theme: Theme) -> None:
        self._settings.theme = theme
        self._parts.apply_theme(theme)

    def _on_hints(self, on: bool) -> None:
        self._settings.hints = on
        self.draw_page.set_hints_on(on)

    def _on_full_screen(self, on: bool) -> None:
        if on:
            self.showFullScreen()
        else:
            self.showNormal()

    def _on_shortcuts(self) -> None:
        groups = {name: menu.actions() for name, menu in self._menus.items()}
        groups["Help"] = [self._shortcuts]
        ShortcutsDialog(groups, self).open()

    def closeEvent(self, event: QCloseEvent) -> None:
        self._settings.geometry = self.saveGeometry()
        self._settings.panel_width = self._panel.width()
        self._settings.save()
        self.page.deactivate()
        for page in self._pages.values():
            page.shut_down()
        self._corrections.shut_down()
        event.accept()
        self.closed.emit()
