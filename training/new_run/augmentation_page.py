"""How the digits are changed before the network sees them: strengths at the left, a live gallery at the right."""

from __future__ import annotations

import random
from collections.abc import Mapping
from functools import partial

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QHBoxLayout,
    QPushButton,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from core.recipes.recipe import Recipe
from training.new_run.image_grid import ImageGrid
from training.recipe_form.draft import Checked, Draft
from training.recipe_form.form import Form, names_in
from training.runs.model_cards import title_of
from training.runs.model_kinds import KINDS, Kind, kind_of_network
from training.services.preview_process import GalleryFeed, Pictures
from training.ui.flow_layout import FlowLayout
from training.ui.labels import QuietLabel
from training.ui.lazy_page import LazyPage

COUNT = 48
_COUNTS = {Kind.CLASSIFIER: COUNT, Kind.DETECTOR: 12, Kind.LINE: 36}
"""Pictures that are asked for."""
_ASK_MS = 40

_SHAPE = (
    "rotate", "zoom_min", "zoom_max", "stretch", "move", "shear", "perspective", "elastic", "thickness",
    "outline", "shadow", "neighbours",
)  # fmt: skip
_GROUND = (
    "background_simple", "background_pretty", "background_noisy", "background_figure", "background_photo",
    "plain", "invert", "contrast_min", "counterchange",
)  # fmt: skip
_SCENE = ("size", "fonts", "empty")
_NUMBERS = ("words", "ornaments", "handwritten", "vertical", "tilt", "perspective")


def augmentation_groups() -> list[tuple[str, list[str]]]:
    """All strengths under headings."""
    return _groups("augmentation.", {"Shape": _SHAPE, "Ground and ink": _GROUND})


def scene_groups() -> list[tuple[str, list[str]]]:
    """All that says what made photos look like, under headings."""
    return _groups("scenes.", {"Photo": _SCENE, "Numbers in it": _NUMBERS})


def _groups(prefix: str, headings: Mapping[str, tuple[str, ...]]) -> list[tuple[str, list[str]]]:
    """Settings under headings; what is under none of them, such as one that is new, comes under a last one."""
    names = [name.removeprefix(prefix) for name in names_in(prefix)]
    camera = [name for name in names if not any(name in members for members in headings.values())]
    groups = {**headings, "Light and camera": camera}
    return [(head, [prefix + n for n in members if n in names]) for head, members in groups.items()]


class AugmentationPage(QWidget):
    """Asks for new pictures as strengths change, at most 25 times a second, while it can be seen."""

    edited = Signal(str, object)
    put_back = Signal(str)

    def __init__(self, feed: GalleryFeed, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._feed = feed
        self._draft: Draft | None = None
        self._seed = 1
        self._stale = True
        self._digits, self._scenes = (
            LazyPage(partial(Form, groups, sliders=True, brief=True), self._on_form_made)
            for groups in (augmentation_groups(), scene_groups())
        )
        self._forms = QStackedWidget(self)
        for place in (self._digits, self._scenes):
            self._forms.addWidget(place)
        self.gallery = ImageGrid(self)
        self.gallery.setAccessibleName("What the network is fed")
        self._words = QuietLabel(parent=self)
        self._words.setWordWrap(True)
        self._others = QPushButton("&Other images", self)
        self._others.setToolTip("Show other digits, changed by the same strengths.")
        self._others.clicked.connect(self._on_others)
        self._calm = QCheckBox("As in the last &epochs", self)
        self._calm.setToolTip("Show the weaker strengths of the calm end (a value on the page Learning).")
        self._calm.toggled.connect(self._on_calm)
        self._calm.hide()
        split = QSplitter(Qt.Orientation.Horizontal, self)
        split.setChildrenCollapsible(False)
        split.addWidget(self._forms)
        split.addWidget(self._make_right_side())
        split.setStretchFactor(0, 1)
        split.setStretchFactor(1, 2)
        split.setSizes([400, 400])
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(split)
        # One shot: a slider that moves asks once in this time, not once a pixel.
        self._clock = QTimer(self)
        self._clock.setSingleShot(True)
        self._clock.setInterval(_ASK_MS)
        self._clock.timeout.connect(self._ask)
        feed.pictures_ready.connect(self._on_pictures)
        feed.loading.connect(self._on_loading)
        feed.failed.connect(self._on_failed)

    def _make_right_side(self) -> QWidget:
        side = QWidget(self)
        layout = QVBoxLayout(side)
        layout.setContentsMargins(8, 4, 4, 4)
        layout.addWidget(self.gallery, 1)
        self.gallery.setMinimumHeight(40)
        layout.addWidget(self._words)
        buttons = FlowLayout(spacing=6)
        buttons.addWidget(self._calm)
        buttons.addWidget(self._others)
        layout.addLayout(buttons)
        return side

    @property
    def digits(self) -> Form:
        """Strengths of what happens to single digits."""
        return self._digits.get()

    @property
    def scenes(self) -> Form:
        """What the detector's made photos look like."""
        return self._scenes.get()

    def show_draft(self, draft: Draft, checked: Checked) -> None:
        """The draft's strengths; new pictures where it can be trained as it is."""
        changed = self._draft != draft
        self._draft = draft
        kind = kind_of_network(str(draft.value("network")))
        place = self._scenes if kind is Kind.DETECTOR else self._digits
        self._forms.setCurrentWidget(place)
        self._forms.setVisible(bool(KINDS[kind].looks))
        recipe = checked.recipe
        self._calm.setVisible(kind is Kind.CLASSIFIER and recipe is not None and recipe.calm_end > 0)
        if place.page is not None:
            place.page.show_draft(draft, checked)
        if changed:
            self._stale = True
            self._ask_soon()

    def show_field(self, name: str) -> None:
        """Put the keyboard on a strength."""
        (self.scenes if name.startswith("scenes.") else self.digits).show_field(name)

    def _on_form_made(self, form: Form) -> None:
        form.edited.connect(self.edited.emit)
        form.put_back.connect(self.put_back.emit)
        if self._draft is not None:
            form.show_draft(self._draft, self._draft.check())

    def _ask_soon(self) -> None:
        if self.isVisible() and self._stale and not self._clock.isActive():
            self._clock.start()

    def _ask(self) -> None:
        recipe = self._draft.check().recipe if self._draft is not None else None
        self._stale = False
        if recipe is None:
            self.gallery.set_dim(True)
            self._words.setText("A value is wrong; the images show what it was before.")
            return
        count = _COUNTS[kind_of_network(recipe.network)]
        epoch = recipe.epochs - 1 if self._calm.isChecked() else 0
        self._feed.ask(recipe, count=count, seed=self._seed, epoch=epoch)
        if not self.gallery.count:
            self._words.setText("The first images take a few seconds…")

    def _on_others(self) -> None:
        self._seed = random.randrange(1, 1_000_000)
        self._stale = True
        self._ask_soon()

    def _on_calm(self) -> None:
        self._stale = True
        self._ask_soon()

    def _on_pictures(self, pictures: Pictures) -> None:
        self.gallery.set_pictures(pictures.images, pictures.texts, pictures.sources)
        _, height, width = pictures.images.shape
        recipe = self._draft.check().recipe if self._draft is not None else None
        words = f"{_what(recipe)}, {width}×{height} pixels."
        if pictures.missing:
            words += f" Not available: {', '.join(title_of(name) for name in pictures.missing)}."
        self._words.setText(words)

    def _on_loading(self, source: str) -> None:
        self.gallery.set_dim(True)
        self._words.setText(f"Loading {title_of(source)}…")

    def _on_failed(self, sentence: str) -> None:
        self.gallery.set_dim(True)
        self._words.setText(f"⚠ {sentence}")

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._ask_soon()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._clock.stop()


def _what(recipe: Recipe | None) -> str:
    """What the pictures are."""
    kind = kind_of_network(recipe.network) if recipe is not None else Kind.CLASSIFIER
    return {
        Kind.CLASSIFIER: "What the network will be fed",
        Kind.DETECTOR: "Some of the photos that the detector will be fed, real and made ones",
        Kind.LINE: "A batch of rows that the line reader will be fed; those of about one length come together",
    }[kind]
