"""The main window: wires pages, panel, menus and bars together, and does nothing else."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, QUrl, Signal
from PySide6.QtGui import QCloseEvent, QDesktopServices
from PySide6.QtWidgets import (
    QFileDialog,
    QMainWindow,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.draw.page import DrawPage
from app.draw.reading_worker import DrawingReading
from app.pages.page import Page, PageContext, PageOffer
from app.services.corrections import Corrections
from app.services.models import SHIPPED, SHIPPED_DETECTOR, list_models, load_detector
from app.services.settings import Settings, Theme
from app.services.workers import Background
from app.ui.errors import MessageBar, details_of
from app.window.bars import BottomBar, TopBar
from app.window.dialogs import AboutDialog, ShortcutsDialog
from app.window.menus import WindowActions, WindowMenus
from app.window.model_menu import ModelButton, ModelMenu
from app.window.prediction_panel import PredictionPanel
from app.window.training_link import TrainingLink
from core.base.errors import FailureError, InputError
from core.base.paths import Places
from core.loaders.user_digits import UserDigitStore
from training.runs import model_offers
from training.runs.model_cards import Kind, kind_of

TITLE = "General Number Classifier"


@dataclass(frozen=True)
class WindowParts:
    """What the window is given.

    load: opens a model file; called in a thread. make_training: builds the training window when it is first
    wanted, see `TrainingLink`; None leaves training out. load_detector: opens a detector's model file to see
    whether it can be used; called in a thread.
    """

    places: Places
    settings: Settings
    load: Callable[[Path], DrawingReading]
    more_pages: Sequence[PageOffer] = ()
    apply_theme: Callable[[Theme], None] = lambda theme: None
    make_training: Callable[[], QWidget] | None = None
    shipped: Path = SHIPPED
    shipped_detector: Path = SHIPPED_DETECTOR
    load_detector: Callable[[Path], Any] = load_detector


class MainWindow(QMainWindow):
    """The window a person sees first."""

    closed = Signal()
    """The window is closed and every thread has ended."""

    def __init__(self, parts: WindowParts) -> None:
        super().__init__()
        self._parts = parts
        self._settings = parts.settings
        self._corrections = Corrections(UserDigitStore(parts.places.mine), self)
        self._context = PageContext(parts.places, parts.settings, self._corrections)
        self._model: Path | None = None
        self._detector = parts.shipped_detector
        self._has_told_of_offer = False
        self._remembered_detector = parts.settings.detector
        self._background = Background(self)
        self._falling_back = False
        self._leaving = False
        self._training: TrainingLink | None = None
        if parts.make_training is not None:
            self._training = TrainingLink(parts.make_training, self)
            self._training.model_chosen.connect(self.use_model)
        self._offers = [
            PageOffer("draw", "Draw", "draw", lambda context: DrawPage(context, parts.load)),
            *parts.more_pages,
        ]
        self._pages: dict[str, Page] = {}
        self._page: Page | None = None
        self.setWindowTitle(TITLE)
        self._model_menu = ModelMenu(
            lambda: list_models(parts.places.runs, parts.settings.opened_models), self
        )
        self._model_button = ModelButton(self._model_menu)
        self._actions = WindowActions(
            self._offers,
            parts.settings.theme,
            hints=parts.settings.hints,
            training=self._training is not None,
            parent=self,
        )
        self._top = TopBar(list(self._actions.pages.values()), self._model_button, self._actions.train)
        self._message = MessageBar()
        self._stack = QStackedWidget()
        self._panel = PredictionPanel()
        self._panel.set_empty_words("nothing to read yet")
        self._side = QSplitter(Qt.Orientation.Vertical)
        self._bottom = BottomBar([self._actions.open_mine, self._actions.learn])
        self._build()
        self._connect()
        self._draw = self._build_page(self._offers[0])
        self.show_page(self._settings.page)
        self._restore_geometry()
        self._corrections.recount()
        self.use_model(self._settings.model or parts.shipped)
        self._show_detector()

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

    @property
    def detector(self) -> Path:
        """The model file that finds digits in photos."""
        return self._detector

    def use_model(self, path: Path | None) -> None:
        """Read with this model file (None: the shipped classifier) from now on, on every page, without a restart.

        A detector takes the place of the detector, anything else that of the classifier. If it can't be used,
        a message says why and the one before it reads on.
        """
        if path is not None and kind_of(path) is Kind.DETECTOR:
            self._use_detector(path)
            return
        self._model_button.set_model(self._model, waiting=True)
        self.draw_page.use_model(path or self._parts.shipped)

    def leave(self) -> None:
        """Close without asking anything, as the system wants it; training runs go on."""
        self._leaving = True
        self.close()

    def show_page(self, name: str) -> None:
        """Switch to a page; an unknown one is the first."""
        offer = next((offer for offer in self._offers if offer.name == name), self._offers[0])
        page = self._page_of(offer)
        if page is self._page:
            return
        if self._page is not None:
            self._page.deactivate()
        self._page = page
        self._panel.set_reading(None)
        self._panel.set_notice("")
        self._bottom.set_status("")
        self._bottom.set_reading(None)
        self._stack.setCurrentWidget(page)
        self._bottom.show_bar(page.bottom_bar())
        self._show_side(page.side_widget())
        self._menus.show(page.menu_actions())
        self._actions.pages[offer.name].setChecked(True)
        self._settings.page = offer.name
        page.activate()

    def pages_to_build(self) -> list[Callable[[], object]]:
        """A step for each page but the first: built before it is wanted, it is there at once when it is."""
        return [partial(self._page_of, offer) for offer in self._offers[1:]]

    # Building

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
        self._menus = WindowMenus(self.menuBar(), self._actions, self._model_menu)

    def _connect(self) -> None:
        self._panel.digit_selected.connect(self._on_digit_selected)
        self._panel.digit_corrected.connect(self._on_digit_corrected)
        self._panel.correction_undone.connect(lambda: self.page.undo_correction())
        self._corrections.count_changed.connect(self._on_count)
        self._corrections.failed.connect(self._message.tell)
        actions = self._actions
        actions.page_wanted.connect(self.show_page)
        actions.theme_wanted.connect(self._on_theme)
        actions.open_mine.triggered.connect(self._on_open_mine)
        actions.quit.triggered.connect(self.close)
        actions.full_screen.toggled.connect(self._on_full_screen)
        actions.hints.toggled.connect(self._on_hints)
        actions.shortcuts.triggered.connect(self._on_shortcuts)
        actions.about.triggered.connect(lambda: AboutDialog(self).open())
        if self._training is not None:
            actions.train.triggered.connect(self._training.open)
            actions.learn.triggered.connect(self._training.learn_from_corrections)
        self._model_menu.chosen.connect(self.use_model)
        self._model_menu.open_wanted.connect(self._on_open_model)

    def _page_of(self, offer: PageOffer) -> Page:
        return self._pages.get(offer.name) or self._build_page(offer)

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
            page.hints.turned_off.connect(lambda: self._actions.hints.setChecked(False))
            return page
        if self._detector != self._parts.shipped_detector:
            page.use_model(self._detector)
        if self._model is not None:
            page.use_model(self._model)
        return page

    def _show_side(self, wanted: QWidget | None) -> None:
        """Show a page's widget under the panel, and no other page's."""
        if wanted is not None and self._side.indexOf(wanted) < 0:
            self._side.addWidget(wanted)
        for place in range(1, self._side.count()):
            widget = self._side.widget(place)
            if widget is not None:
                widget.setVisible(widget is wanted)

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

    def _on_count(self, count: int) -> None:
        self._bottom.set_count(count)
        self._actions.learn.setEnabled(count > 0)

    def _on_open_mine(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._parts.places.mine)))

    # The model

    def _on_model_ready(self, path: Path, info: Any) -> None:
        self._model = path
        self._settings.model = None if path == self._parts.shipped else path
        if not self._falling_back:
            self._message.clear()
        self._falling_back = False
        self._model_button.set_model(path, info)
        self._model_menu.set_current(path)
        if self._training is not None:
            self._training.set_present_model(path)
        for page in self._pages.values():
            if page is not self._draw:
                page.use_model(path)
        # Only now: what there is to say about it must not be cleared away with the news of this one.
        if self._remembered_detector is not None:
            self._use_detector(self._remembered_detector)
        if not self._has_told_of_offer:
            self._has_told_of_offer = True
            self._tell_of_offer()

    def _tell_of_offer(self) -> None:
        """An earlier window began to learn from corrections: its answer is still to be given."""
        if self._training is not None and model_offers.any_due(self._parts.places.runs):
            self._message.tell(
                "What you corrected has been learned, and can be compared with the present model.",
                action="Compare…", act=self._training.open,
            )  # fmt: skip

    def _on_model_failed(self, path: Path, sentence: str, details: str) -> None:
        self._model_button.set_model(self._model)
        if self._training is not None and self._model is not None:
            self._training.set_present_model(self._model)
        if path != self._parts.shipped and self._model is None:
            self._message.tell(
                f"{sentence} The shipped model reads instead.", details=details,
                action="Choose another…", act=self._on_open_model,
            )  # fmt: skip
            self._falling_back = True
            self.use_model(None)
            return
        self._message.tell(sentence, details=details, action="Choose a model file…", act=self._on_open_model)

    def _use_detector(self, path: Path) -> None:
        """Open it in a thread first, so that one that can't be used changes nothing."""
        self._remembered_detector = None
        self._background.run(
            lambda: self._parts.load_detector(path),
            lambda _: self._on_detector_ready(path),
            lambda error: self._on_detector_failed(path, error),
        )

    def _on_detector_ready(self, path: Path) -> None:
        self._detector = path
        self._settings.detector = None if path == self._parts.shipped_detector else path
        self._show_detector()
        if self._training is not None:
            self._training.set_present_model(path)
        for page in self._pages.values():
            if page is not self._draw:
                page.use_model(path)

    def _show_detector(self) -> None:
        self._model_menu.set_current(self._detector, Kind.DETECTOR)
        self._model_button.set_detector(self._detector)

    def _on_detector_failed(self, path: Path, error: Exception) -> None:
        told = isinstance(error, InputError | FailureError)
        sentence = str(error) if told else f"{path} can't be used as a model."
        if path == self._settings.detector != self._detector:
            self._settings.detector = None
            sentence += " The shipped model finds digits in photos instead."
        self._message.tell(
            sentence, details="" if told else details_of(error), action="Choose a model file…",
            act=self._on_open_model,
        )  # fmt: skip
        if self._training is not None:
            self._training.set_present_model(self._detector)

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
        ShortcutsDialog(self._menus.groups(), self).open()

    def closeEvent(self, event: QCloseEvent) -> None:
        if self._training is not None and not self._leaving and not self._training.may_close():
            event.ignore()
            return
        self._settings.geometry = self.saveGeometry()
        self._settings.panel_width = self._panel.width()
        self._settings.save()
        self.page.deactivate()
        for page in self._pages.values():
            page.shut_down()
        self._corrections.shut_down()
        self._background.shut_down()
        if self._training is not None:
            self._training.shut_down()
        event.accept()
        self.closed.emit()
