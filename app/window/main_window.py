"""The main window: wires pages, panel, menus and bars together, and does nothing else."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

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

from app.pages.page import Page, PageContext, PageFactory
from app.services.corrections import Corrections
from app.services.model_files import list_models
from app.services.models import ModelService, ModelState
from app.services.settings import Settings, Theme
from app.ui.errors import MessageBar
from app.ui.shown_reading import DigitRef, ShownReading
from app.window.bars import BottomBar, TopBar
from app.window.collection_link import CollectionLink
from app.window.dialogs import AboutDialog, ShortcutsDialog
from app.window.menus import WindowActions, WindowMenus
from app.window.model_menu import ModelButton, ModelMenu
from app.window.prediction_panel import PredictionPanel
from app.window.training_link import TrainingLink
from core.base.paths import Places
from core.loaders.user_digits import UserDigitStore
from training.runs import pending_model_offers
from training.ui.geometry import ScreenFit

TITLE = "General Number Classifier"


@dataclass(frozen=True)
class WindowParts:
    """What the window is given.

    models: not yet started; the window starts them and shuts them down.
    pages: the first one is built at once.
    make_training: builds the training window when it is first wanted, see `TrainingLink`; None leaves training out.
    """

    places: Places
    settings: Settings
    models: ModelService
    pages: Sequence[PageFactory]
    apply_theme: Callable[[Theme], None] = lambda theme: None
    make_training: Callable[[], QWidget] | None = None


class MainWindow(QMainWindow):
    """The window a person sees first."""

    closed = Signal()
    """The window is closed and every thread has ended."""

    def __init__(self, parts: WindowParts) -> None:
        super().__init__()
        self._parts = parts
        self._settings = parts.settings
        self._corrections = Corrections(UserDigitStore(parts.places.corrections), self)
        self._context = PageContext(parts.places, parts.settings, self._corrections, parts.models)
        self._collection = CollectionLink(self._context, self)
        self._in_use = dict(parts.models.state.in_use)
        self._told_of_model = ""
        self._has_told_of_offer = False
        self._leaving = False
        self._training: TrainingLink | None = None
        if parts.make_training is not None:
            self._training = TrainingLink(parts.make_training, self)
            self._training.model_chosen.connect(parts.models.use)
            self._training.corrections_wanted.connect(self._collection.open)
        self._pages: dict[str, Page] = {}
        self._page: Page | None = None
        self.setWindowTitle(TITLE)
        self._model_menu = ModelMenu(
            lambda: list_models(parts.places.runs, parts.settings.opened_models), self
        )
        self._model_button = ModelButton(self._model_menu)
        self._actions = WindowActions(
            parts.pages,
            parts.settings.theme,
            hints=parts.settings.hints,
            training=self._training is not None,
            parent=self,
        )
        self._top = TopBar(list(self._actions.pages.values()), self._model_button, self._actions.train)
        self._stack = QStackedWidget()
        self._panel = PredictionPanel()
        self._has_read: set[Page] = set()
        self._side = QSplitter(Qt.Orientation.Vertical)
        self._bottom = BottomBar(
            [self._actions.corrections, self._actions.learn, self._actions.open_corrections]
        )
        self._build()
        self._connect()
        self._build_page(parts.pages[0])
        self.show_page(self._settings.page)
        self._restore_geometry()
        self._corrections.recount()
        parts.models.start()

    # For other windows and tests

    @property
    def page(self) -> Page:
        """The page shown."""
        assert self._page is not None, "no page is shown"
        return self._page

    def page_named(self, name: str) -> Page:
        """A page of the window, built now if it was not yet."""
        return self._page_of(next(factory for factory in self._parts.pages if factory.name == name))

    @property
    def models(self) -> ModelService:
        return self._parts.models

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
    def collection(self) -> CollectionLink:
        return self._collection

    def leave(self) -> None:
        """Close without asking anything, as the system wants it; training runs go on."""
        self._leaving = True
        self.close()

    def show_page(self, name: str) -> None:
        """Switch to a page; an unknown one is the first."""
        offer = next((offer for offer in self._parts.pages if offer.name == name), self._parts.pages[0])
        page = self._page_of(offer)
        if page is self._page:
            return
        if self._page is not None:
            self._page.deactivate()
        self._page = page
        self._show_reading(None)
        self._panel.set_notice("")
        self._bottom.set_status("")
        self._stack.setCurrentWidget(page)
        self._bottom.show_bar(page.bottom_bar())
        self._show_side(page.side_widget())
        self._side.setVisible(page.uses_panel)
        self._menus.show(page.menu_actions())
        self._actions.pages[offer.name].setChecked(True)
        self._settings.page = offer.name
        page.activate()

    def pages_to_build(self) -> list[Callable[[], object]]:
        """A step for each page but the first: built before it is wanted, it is there at once when it is."""
        return [partial(self._page_of, offer) for offer in self._parts.pages[1:]]

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
        self._message = MessageBar(self._stack, content)
        column = QVBoxLayout(content)
        column.setContentsMargins(8, 6, 8, 6)
        column.setSpacing(6)
        column.addWidget(self._top)
        column.addWidget(splitter, 1)
        column.addWidget(self._bottom)
        self.setCentralWidget(content)
        self._menus = WindowMenus(self.menuBar(), self._actions, self._model_menu)

    def _connect(self) -> None:
        self._panel.digit_selected.connect(self._on_digit_selected)
        self._panel.digit_corrected.connect(self._on_digit_corrected)
        self._panel.number_given.connect(lambda place, written: self.page.correct_number(place, written))
        self._panel.typing_began.connect(lambda: self.page.begin_typing())
        self._panel.typing_given_up.connect(lambda: self.page.give_up_number())
        self._panel.correction_undone.connect(lambda: self.page.undo_correction())
        self._corrections.count_changed.connect(self._on_count)
        self._corrections.failed.connect(self._message.show_message)
        actions = self._actions
        actions.page_wanted.connect(self.show_page)
        actions.theme_wanted.connect(self._on_theme)
        actions.open_corrections.triggered.connect(self._on_open_corrections)
        actions.corrections.triggered.connect(self._collection.open)
        actions.quit.triggered.connect(self.close)
        actions.full_screen.toggled.connect(self._on_full_screen)
        actions.hints.toggled.connect(self._on_hints)
        actions.shortcuts.triggered.connect(self._on_shortcuts)
        actions.about.triggered.connect(lambda: AboutDialog(self).open())
        if self._training is not None:
            actions.train.triggered.connect(self._training.open)
            actions.learn.triggered.connect(self._training.learn_from_corrections)
            self._collection.learn_wanted.connect(self._training.learn_from_corrections)
            actions.learned.triggered.connect(self._training.show_learnings)
        self._model_menu.chosen.connect(self.models.use)
        self.models.changed.connect(self._on_models_changed)
        self.models.changed.connect(self._collection.set_models)
        self._model_menu.open_wanted.connect(self._on_open_model)

    def _page_of(self, offer: PageFactory) -> Page:
        return self._pages.get(offer.name) or self._build_page(offer)

    def _build_page(self, offer: PageFactory) -> Page:
        page = offer.build(self._context)
        self._pages[offer.name] = page
        self._stack.addWidget(page)
        page.reading_changed.connect(lambda reading, page=page: self._on_reading(page, reading))
        page.status_changed.connect(lambda text, page=page: self._on_status(page, text))
        page.notice_changed.connect(lambda text, undo, page=page: self._on_notice(page, text, undo))
        page.digit_selected.connect(lambda ref, page=page: self._on_page_selected(page, ref))
        page.number_wanted.connect(lambda place, text, page=page: self._on_number_wanted(page, place, text))
        page.panel_changed.connect(lambda page=page: self._on_panel_changed(page))
        page.page_wanted.connect(self.show_page)
        page.photos_given.connect(self._on_photos_given)
        page.hints_turned_off.connect(lambda: self._actions.hints.setChecked(False))
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
        ScreenFit(self)
        width = self._settings.panel_width or self._panel.sizeHint().width()
        self._splitter.setSizes([10_000, width])

    # News from the pages

    def _on_reading(self, page: Page, reading: ShownReading | None) -> None:
        if reading is not None:
            self._has_read.add(page)
        if page is self._page:
            self._show_reading(reading)

    def _show_reading(self, reading: ShownReading | None) -> None:
        words = "no number found"
        if reading is None:
            words = "" if self._page in self._has_read else "nothing to read yet"
        self._panel.set_reading(reading, empty_words=words)
        self._bottom.set_reading(reading)
        # The panel reports a digit only when its position changes. On a new photo the position may be the same.
        if self._page is not None and self._page.selected != self._panel.selected:
            self._page.select_digit(self._panel.selected)

    def _on_status(self, page: Page, text: str) -> None:
        if page is self._page:
            self._bottom.set_status(text)

    def _on_notice(self, page: Page, text: str, undo: bool) -> None:
        if page is self._page:
            self._panel.set_notice(text, undo=undo)

    def _on_page_selected(self, page: Page, ref: DigitRef | None) -> None:
        if page is self._page:
            self._panel.select(ref)

    def _on_panel_changed(self, page: Page) -> None:
        if page is self._page:
            self._side.setVisible(page.uses_panel)

    def _on_number_wanted(self, page: Page, place: int | None, text: str) -> None:
        if page is self._page:
            self._panel.type_number(place, text)

    def _on_photos_given(self, paths: Sequence[Path]) -> None:
        self.show_page("photos")
        self.page.open_paths(paths)

    # News from the panel and the bars

    def _on_digit_selected(self, ref: DigitRef | None) -> None:
        if self._page is not None:
            self._page.select_digit(ref)

    def _on_digit_corrected(self, ref: DigitRef, digit: int) -> None:
        self.page.correct_digit(ref, digit)

    def _on_count(self, count: int) -> None:
        self._bottom.set_count(count)
        self._collection.set_count(count)
        self._actions.learn.setEnabled(count > 0)

    def _on_open_corrections(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._parts.places.corrections)))

    # The model

    def _on_models_changed(self, state: ModelState) -> None:
        self._show_models(state)
        before, self._in_use = self._in_use, dict(state.in_use)
        if self._training is not None:
            for kind, model in state.in_use.items():
                failed = state.problem is not None and state.problem.kind is kind
                if failed or model != before.get(kind):
                    self._training.set_present_model(model.path)
        if state.problem is not None:
            self._told_of_model = state.problem.sentence
            self._message.show_message(
                self._told_of_model, details=state.problem.details, action="Choose a model file…",
                act=self._on_open_model,
            )  # fmt: skip
        elif state.in_use != before and self._told_of_model == self._message.text:
            self._message.clear()
        if state.classifier is not None and not self._has_told_of_offer:
            self._has_told_of_offer = True
            self._tell_of_offer()

    def _show_models(self, state: ModelState) -> None:
        model = state.classifier
        self._model_button.set_model(
            model.path if model is not None else None,
            model.info if model is not None else None,
            waiting=state.is_loading,
        )
        for kind, in_use in state.in_use.items():
            self._model_menu.set_current(in_use.path, kind)
        if state.detector is not None:
            self._model_button.set_detector(state.detector.path)

    def _tell_of_offer(self) -> None:
        """An earlier window began to learn from corrections: its answer is still to be given."""
        if self._training is not None and pending_model_offers.any_due(self._parts.places.runs):
            self._message.show_message(
                "What you corrected has been learned, and can be compared with the present model.",
                action="Compare…", act=self._training.open,
            )  # fmt: skip

    def _on_open_model(self) -> None:
        start = str(self._parts.places.runs) if self._parts.places.runs.is_dir() else ""
        kinds = "Models (*.onnx);;All files (*)"
        name, _ = QFileDialog.getOpenFileName(self, "Open a model file", start, kinds)
        if name:
            path = Path(name)
            others = [p for p in self._settings.opened_models if p != path]
            self._settings.opened_models = [path, *others][:5]
            self.models.use(path)

    # Menus

    def _on_theme(self, theme: Theme) -> None:
        self._settings.theme = theme
        self._parts.apply_theme(theme)

    def _on_hints(self, on: bool) -> None:
        self._settings.hints = on
        for page in self._pages.values():
            page.set_hints_on(on)

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
        self.models.shut_down()  # first, so that no thread of a page waits for one
        for page in self._pages.values():
            page.shut_down()
        self._collection.shut_down()
        self._corrections.shut_down()
        if self._training is not None:
            self._training.shut_down()
        event.accept()
        self.closed.emit()
