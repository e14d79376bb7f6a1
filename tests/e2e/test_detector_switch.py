"""A detector that was trained here takes the place of the shipped one, is remembered, and gives it back."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from app.services.model_files import SHIPPED_DETECTOR
from app.services.models import ModelService, OnnxLoader
from app.services.settings import Settings
from app.startup.window import page_factories
from app.window.main_window import MainWindow, WindowParts
from app.window.model_menu import ModelButton
from core.base.files import write_json
from core.base.paths import Places
from core.recipes.recipe import recipe_named
from tests.app.fake_reader import FakeLoader
from training.runs.model_cards import Kind

LONG = 30_000


class Loader(FakeLoader):
    """Opens detectors in truth; the fake classifiers need not be models."""

    def open(self, kind: Kind, path: Path) -> Any:
        return OnnxLoader().open(kind, path) if kind is Kind.DETECTOR else super().open(kind, path)


class Journey:
    """A main window with a page of photos, and a run that trained a detector."""

    def __init__(self, qtbot: QtBot, folder: Path) -> None:
        self.qtbot = qtbot
        self.places = Places.find()
        self.run = self.places.runs / "detector-20260101-100000-aaaa"
        self.detector = self.run / "best_model.onnx"
        write_json(self.run / "recipe.json", recipe_named("detector").to_dict())
        shutil.copy(SHIPPED_DETECTOR, self.detector)
        self.classifier = folder / "classifier.onnx"
        self.classifier.write_bytes(b"model")
        self.start()

    def start(self) -> None:
        self.settings = Settings(self.places.settings)
        self.models = ModelService(self.settings, shipped={Kind.CLASSIFIER: self.classifier}, loader=Loader())
        self.window = MainWindow(WindowParts(self.places, self.settings, self.models, page_factories()))
        self.qtbot.addWidget(self.window, before_close_func=lambda window: window.close())
        self.window.show()
        self.qtbot.waitUntil(lambda: self.models.state.classifier is not None, timeout=LONG)

    @property
    def in_use(self) -> Path | None:
        detector = self.models.state.detector
        return detector.path if detector is not None else None

    def wait_for(self, detector: Path) -> None:
        self.qtbot.waitUntil(lambda: self.in_use == detector, timeout=LONG)


@pytest.fixture
def journey(qtbot: QtBot, tmp_path: Path) -> Iterator[Journey]:
    made = Journey(qtbot, tmp_path)
    yield made
    made.window.close()


def test_at_once_remembered_and_back(journey: Journey) -> None:
    journey.window.show_page("photos")
    journey.models.use(journey.detector)
    journey.wait_for(journey.detector)
    drawings = journey.models.state.classifier
    assert drawings is not None
    assert drawings.path == journey.classifier, "drawings are read as before"
    (button,) = journey.window.findChildren(ModelButton)
    assert button.toolTip().endswith("Digits in photos: detector 1 Jan 10:00")
    journey.window.close()

    journey.start()
    journey.wait_for(journey.detector)
    journey.models.use(SHIPPED_DETECTOR)
    journey.wait_for(SHIPPED_DETECTOR)
    assert journey.settings.detector is None


def test_a_damaged_one_is_refused_and_the_old_one_stays(journey: Journey) -> None:
    journey.detector.write_bytes(journey.detector.read_bytes()[:2000])
    journey.window.show_page("photos")
    journey.models.use(journey.detector)
    journey.qtbot.waitUntil(lambda: "is damaged" in journey.window.message.text, timeout=LONG)
    assert str(journey.detector) in journey.window.message.text
    assert journey.in_use == SHIPPED_DETECTOR
    assert journey.settings.detector is None


def test_a_remembered_one_that_is_gone_gives_way_to_the_shipped_one(journey: Journey) -> None:
    journey.models.use(journey.detector)
    journey.wait_for(journey.detector)
    journey.window.close()
    shutil.rmtree(journey.run)
    journey.start()
    journey.qtbot.waitUntil(
        lambda: "there is no such model file" in journey.window.message.text, timeout=LONG
    )
    assert journey.window.message.text.endswith("The shipped model finds digits in photos instead.")
    assert journey.in_use == SHIPPED_DETECTOR
    assert journey.settings.detector is None
