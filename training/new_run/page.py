"""The page on which a run is made: recipe cards, Data, Augmentation, Learning, Device, and Start."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QKeySequence, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from core.recipes.recipe import OWN_FOLDER, RECIPES, Recipe, share_of_own
from training.new_run.augmentation_page import AugmentationPage
from training.new_run.data_page import DataPage
from training.new_run.device_page import DevicePage
from training.new_run.recipe_cards import RecipeCards
from training.recipe_form.draft import Checked, Draft, label_of
from training.recipe_form.form import Form, names_in
from training.runs.estimates import Estimate
from training.runs.launch import LaunchOptions
from training.runs.model_cards import Figure
from training.runs.model_kinds import KINDS, Kind, kind_of_network
from training.services.data_sources import SourceFetcher, SourceLister, SourcePreparer
from training.services.draft_estimate import DraftEstimate
from training.services.preview_process import GalleryFeed
from training.services.run_manager import RunManager
from training.ui import wording
from training.ui.lazy_page import LazyPage
from training.ui.theme import Colors, ThemeWatch, show_through, small_text

_FIRST = "quick"
"""What is chosen in a new window: who has just come wants to see something within minutes."""
_CLOCK_MS = 10_000
_CARDS_SHARE, _LEAST_CARDS = 0.4, 4
"""Of the page's height, at most; and lines of text, at least."""
_LOW = 40
"""Lines of text: on a lower page the cards say less, so that there is room for what lies below."""
_NEVER_READY = ("corrections",)
"""Sources that grow while one works, and are small: not worth getting ready beforehand."""
_ELSEWHERE = ("data_folder", "precision")


def _first_sources() -> list[str]:
    """What the recipes learn from, the quickest first: who has just come wants to see something soon."""
    # Rows and scenes are made when a run asks for them: whoever has just come looks at digits first.
    digits = [r for r in RECIPES.values() if kind_of_network(r.network) == Kind.CLASSIFIER]
    ordered = sorted(digits, key=lambda recipe: recipe.epochs * (recipe.images_per_epoch or math.inf))
    names = dict.fromkeys(name for recipe in ordered for name in recipe.sources)
    return [name for name in names if name not in _NEVER_READY]


class NewRunPage(QWidget):
    """Holds the draft; every page shows it and reports what was typed."""

    start_asked = Signal(object, object, bool)
    """Recipe, LaunchOptions, and whether it is to start at once though others run."""
    corrections_wanted = Signal()
    """To look through what was labelled in the program."""

    def __init__(
        self,
        manager: RunManager,
        *,
        data_dir: Path,
        feed: GalleryFeed,
        lister: SourceLister,
        fetcher: SourceFetcher,
        preparer: SourcePreparer,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._manager, self._data_dir = manager, data_dir
        self._draft = Draft(RECIPES[_FIRST])
        self._estimate: Estimate | None = None
        self._no_estimate = ""
        self._shipped: frozenset[str] = frozenset()
        self.cards = RecipeCards(list(RECIPES.values()), self)
        self.data = DataPage(
            lister, fetcher, preparer, data_dir=data_dir, prepared=_first_sources(), parent=self
        )
        self._augmentation = LazyPage(partial(AugmentationPage, feed), self._on_page_made, self)
        learning = [("", [n for n in names_in("") if n not in _ELSEWHERE])]
        self._learning = LazyPage(partial(Form, learning), self._on_page_made, self)
        self.device = DevicePage(self)
        self.duration = DraftEstimate(manager, self)
        self.tabs = QTabWidget(self)
        for page, title in (
            (self.data, "&Data"),
            (self._augmentation, "&Augmentation"),
            (self._learning, "&Learning"),
            (self.device, "D&evice"),
        ):
            self.tabs.addTab(page, title)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 10, 12, 10)
        layout.setSpacing(8)
        self._cards_area = QScrollArea(self)
        self._cards_area.setWidget(self.cards)
        self._cards_area.setWidgetResizable(True)
        self._cards_area.setFrameShape(QFrame.Shape.NoFrame)
        self._cards_area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._cards_area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        show_through(self._cards_area)
        self.cards.height_changed.connect(self._fit_cards)
        layout.addWidget(self._cards_area)
        layout.addWidget(self.tabs, 1)
        layout.addWidget(self._make_start_bar())
        # The end that is promised moves with the clock.
        self._clock = QTimer(self)
        self._clock.setInterval(_CLOCK_MS)
        self._clock.timeout.connect(self._on_clock)
        self._connect()
        ThemeWatch(self, lambda: self._write_expected(self._draft.check()))
        self.cards.choose(self._draft.base.name)
        self._show()

    def _fit_cards(self) -> None:
        """All cards where there is room; on a small screen they take less than half of it, and scroll."""
        line = self.fontMetrics().height()
        self.cards.set_compact(self.height() < _LOW * line)
        most = max(_LEAST_CARDS * line, round(_CARDS_SHARE * self.height()))
        high = min(self.cards.minimumHeight(), most)
        if high != self._cards_area.height():
            self._cards_area.setFixedHeight(high)
        self._show_chosen_card()

    def _show_chosen_card(self) -> None:
        card = self.cards.chosen_card
        if card is not None:
            self._cards_area.ensureWidgetVisible(card, 0, 4)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_cards()

    def _make_start_bar(self) -> QWidget:
        bar = QFrame(self)
        row = QHBoxLayout(bar)
        row.setContentsMargins(0, 0, 0, 0)
        self._expected = QLabel(bar)
        self._expected.setWordWrap(True)
        self._changes = QPushButton(bar)
        self._changes.setFlat(True)
        self._changes.setToolTip("Put every value back to the recipe's own.")
        self._changes.clicked.connect(self._on_put_all_back)
        self.start = QPushButton("&Start", bar)
        # Bold, not a default button: some styles show that as they show the focus, which then is lost on it.
        font = self.start.font()
        font.setBold(True)
        self.start.setFont(font)
        self.start.setShortcut(QKeySequence("Ctrl+Return"))
        self.start.setToolTip("Start this run (Ctrl+Return)")
        self.start.setMinimumWidth(110)
        self.start.clicked.connect(self._on_start)
        row.addWidget(self._expected, 1)
        row.addWidget(self._changes)
        row.addWidget(self.start)
        return bar

    def _connect(self) -> None:
        self.cards.chosen.connect(self._on_card)
        for page in (self.data, self.device):
            self._connect_page(page)
        self.data.listed.connect(self._show)
        self.data.settled.connect(self._on_data_settled)
        self.data.corrections_wanted.connect(self.corrections_wanted)
        self.tabs.currentChanged.connect(self._on_tab)
        self.device.changed.connect(self._on_device_changed)
        self.duration.known.connect(self._on_duration_known)
        self.duration.failed.connect(self._on_duration_failed)
        self._manager.devices_listed.connect(self.device.set_devices)
        self._manager.devices_failed.connect(self.device.set_failure)

    def _connect_page(self, page: DataPage | DevicePage | AugmentationPage | Form) -> None:
        page.edited.connect(self._on_edited)
        page.put_back.connect(self._on_put_back)

    def _on_page_made(self, page: AugmentationPage | Form) -> None:
        self._connect_page(page)
        page.show_draft(self._draft, self._draft.check())

    @property
    def augmentation(self) -> AugmentationPage:
        return self._augmentation.get()

    @property
    def learning(self) -> Form:
        return self._learning.get()

    def make_pages(self) -> list[Callable[[], object]]:
        """Steps that make the pages behind the tabs, for a moment when nothing else is to be done."""
        return [
            self._augmentation.get,
            lambda: self.augmentation.digits,
            lambda: self.augmentation.scenes,
            self._learning.get,
        ]

    # from outside

    def set_recipe(self, recipe: Recipe) -> None:
        """Begin with this recipe: its changes to the named one it came from are shown as changes."""
        base = RECIPES.get(recipe.name, recipe)
        draft = Draft(base)
        for name in (*(f"sources.{n}" for n in base.sources), *recipe.flat()):
            if name not in ("name", "summary"):
                draft = draft.with_value(name, recipe.value(name))
        self._draft = draft
        if recipe.name in RECIPES:
            self.cards.choose(recipe.name)
            self._draft = draft
        self._show()

    def set_figures(self, figures: Mapping[str, tuple[Figure, ...]]) -> None:
        """How good the recipes got for us."""
        self._shipped = frozenset(figures)
        for name, known in figures.items():
            if name in RECIPES:
                self.cards.set_quality(name, known[0].text)

    def set_own_best(self, accuracies: Mapping[str, float]) -> None:
        """What the user's own best run of each recipe reached, for recipes of which no model was shipped."""
        for name, accuracy in accuracies.items():
            if name in RECIPES and name not in self._shipped:
                self.cards.set_quality(name, f"{wording.accuracy(accuracy)} in your best run")

    def show_data(self) -> None:
        """Turn to the Data page."""
        self.tabs.setCurrentWidget(self.data)

    @property
    def draft(self) -> Draft:
        return self._draft

    @property
    def expected(self) -> str:
        """What stands beside “Start”: how long it will take, or what is wrong."""
        return self._expected.text()

    def options(self) -> LaunchOptions:
        return self.device.options(self._data_dir)

    # news

    def _on_card(self, name: str) -> None:
        if self._draft.base is not RECIPES[name]:
            self._draft = Draft(RECIPES[name])
            self._show()

    def _on_edited(self, name: str, value: object) -> None:
        self._draft = self._draft.with_value(name, value)
        if name == "data_folder":
            self._draft = with_own_folder(self._draft)
        self._show()

    def _on_put_back(self, name: str) -> None:
        self._draft = self._draft.put_back(name)
        self._show()

    def _on_put_all_back(self) -> None:
        self._draft = self._draft.put_back()
        self._show()

    def _on_device_changed(self) -> None:
        self.duration.set_draft(self._draft.check().recipe, self.options())

    def _on_duration_known(self, estimate: Estimate | None) -> None:
        self._estimate, self._no_estimate = estimate, ""
        self._write_expected(self._draft.check())
        self._show_known_durations()

    def _show_known_durations(self) -> None:
        """On the cards: of recipes that ran here, or were measured when they were chosen."""
        for name, recipe in RECIPES.items():
            estimate = self._manager.known_estimate(recipe)
            if estimate is not None:
                self.cards.set_duration(name, f"about {wording.duration(estimate.total_seconds)} here")

    def _on_duration_failed(self, sentence: str) -> None:
        self._estimate, self._no_estimate = None, sentence
        self._write_expected(self._draft.check())

    def _on_start(self) -> None:
        checked = self._draft.check()
        if checked.recipe is None:
            self._show_first_problem(checked)
            return
        self.start_asked.emit(checked.recipe, self.options(), self.device.at_once)

    def _show_first_problem(self, checked: Checked) -> None:
        name = next(iter(checked.problems))
        places: list[tuple[str, QWidget, Callable[[str], None] | None]] = [
            ("augmentation.", self._augmentation, self.augmentation.show_field),
            ("scenes.", self._augmentation, self.augmentation.show_field),
            ("sources", self.data, None),
            ("data_folder", self.data, None),
            ("precision", self.device, None),
        ]
        for prefix, page, show in places:
            if name.startswith(prefix):
                self.tabs.setCurrentWidget(page)
                if show is not None:
                    show(name)
                return
        self.tabs.setCurrentWidget(self._learning)
        self.learning.show_field(name)

    # showing

    def _show(self) -> None:
        checked = self._draft.check()
        looks = KINDS[kind_of_network(str(self._draft.value("network")))].looks_tab
        self.tabs.setTabVisible(1, bool(looks))
        self.tabs.setTabText(1, looks)
        for page in (self.data, self._augmentation.page, self._learning.page, self.device):
            if page is not None:
                page.show_draft(self._draft, checked)
        n = len(self._draft.changes)
        self._changes.setVisible(n > 0)
        self._changes.setText(f"↶ {wording.counted(n, 'change')}: put back")
        self.start.setEnabled(checked.recipe is not None)
        self.duration.set_draft(checked.recipe, self.options())
        self._write_expected(checked)

    def _write_expected(self, checked: Checked) -> None:
        theme = Colors.of(self.palette())
        text = expected_text(
            checked,
            self._estimate,
            no_estimate=self._no_estimate,
            missing=self.data.missing([n for n, s in self._shares(checked).items() if s > 0]),
            waits=bool(self._manager.active()) and not self.device.at_once,
            now=time.time(),
        )
        self._expected.setText(text)
        self._expected.setStyleSheet(small_text(theme, theme.bad if checked.recipe is None else None))

    def _shares(self, checked: Checked) -> Mapping[str, float]:
        return checked.recipe.sources if checked.recipe is not None else {}

    def _on_clock(self) -> None:
        self._write_expected(self._draft.check())

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._clock.start()
        self.data.refresh()
        self._on_tab()
        self._show_known_durations()
        self._show()

    def _on_data_settled(self) -> None:
        # Measured earlier, a recipe would seem to take longer than it does.
        self.duration.set_awake(self.isVisible())
        if self.isVisible():
            self._manager.list_devices()

    def _on_tab(self) -> None:
        # Seconds of a core, which the data needs first.
        if self.tabs.currentWidget() is self.device:
            self._manager.list_devices()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._clock.stop()
        self.duration.set_awake(False)


def expected_text(
    checked: Checked,
    estimate: Estimate | None,
    *,
    no_estimate: str,
    missing: list[str],
    waits: bool,
    now: float,
) -> str:
    """The words beside Start: what is wrong, or when the run will be over and what it has to do without."""
    if checked.recipe is None:
        n = len(checked.problems)
        name, problem = next(iter(checked.problems.items()))
        return f"⚠ {label_of(name)}: {problem}" if n == 1 else f"⚠ {n} values are wrong; they are marked."
    words = []
    if estimate is not None:
        span = wording.duration(estimate.total_seconds)
        speed = wording.count(estimate.images_per_second)
        end = wording.clock(now + estimate.total_seconds, now=now)
        words.append(
            f"Takes about {span} here ({speed} images/s), then done at {end}." if not waits else
            f"Takes about {span} here ({speed} images/s), once it is its turn."
        )  # fmt: skip
    elif no_estimate:
        words.append(no_estimate)
    elif waits:
        words.append("It waits until the run that is going on is over.")
    else:
        words.append("Measuring how long it takes here…")
    if missing:
        words.append(f"Not available: {', '.join(missing)}.")
    return " ".join(words)


def with_own_folder(draft: Draft) -> Draft:
    """The draft in which a folder of one's own counts as soon as one is named, and no longer than that."""
    name = f"sources.{OWN_FOLDER}"
    shares = {source: _as_share(draft.value(f"sources.{source}")) for source in draft.base.sources}
    offered = share_of_own(shares)
    if not draft.value("data_folder"):
        return draft.put_back(name) if draft.value(name) == offered else draft
    return draft if _as_share(draft.value(name)) > 0 else draft.with_value(name, offered)


def _as_share(value: object) -> float:
    try:
        return float(str(value))
    except ValueError:
        return 0.0
