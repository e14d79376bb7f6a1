"""A detector that was trained here takes the place of the shipped one, is remembered, and gives it back."""

from __future__ import annotations

import shutil

import pytest
from PySide6.QtWidgets import QWidget

from app.pages.page import Page, PageOffer
from app.services.models import SHIPPED, SHIPPED_DETECTOR
from app.services.settings import Settings
from app.services.shared_reader import SharedReader
from app.startup.window import load_picture_reader
from app.window.main_window import MainWindow, WindowParts
from app.window.model_menu import ModelButton
from assets import SAMPLES
from core.base.files import write_json
from core.base.paths import Places
from core.reading.images import load_image
from core.recipes.recipe import recipe_named
from tests.app.fake_reader import FakeModels

LONG = 30_000


class PhotoPage(Page):
    """Notes which models it is told of."""

    def __init__(self):
        super().__init__()
        self.models = []
        self._bar = QWidget()

    def bottom_bar(self):
        return self._bar

    def use_model(self, path):
        self.models.append(path)


class Journey:
    """A main window with a page of photos, and a run that trained a detector."""

    def __init__(self, qtbot, folder):
        self.qtbot = qtbot
        self.places = Places.find()
        self.run = self.places.runs / "detector-20260101-100000-aaaa"
        self.detector = self.run / "best_model.onnx"
        write_json(self.run / "recipe.json", recipe_named("detector").to_dict())
        shutil.copy(SHIPPED_DETECTOR, self.detector)
        self.classifier = folder / "classifier.onnx"
        self.classifier.write_bytes(b"model")
        self.start()

    def start(self):
        self.settings = Settings(self.places.settings)
        self.page = PhotoPage()
        offer = PageOffer("photos", "Photos", "photos", lambda context: self.page)
        parts = WindowParts(self.places, self.settings, FakeModels().load, [offer], shipped=self.classifier)
        self.window = MainWindow(parts)
        self.qtbot.addWidget(self.window, before_close_func=lambda window: window.close())
        self.window.show()
        self.qtbot.waitUntil(lambda: self.window.model == self.classifier, timeout=LONG)

    def wait_for(self, detector):
        self.qtbot.waitUntil(lambda: self.window.detector == detector, timeout=LONG)


@pytest.fixture
def journey(qtbot, tmp_path):
    made = Journey(qtbot, tmp_path)
    yield made
    made.window.close()


def test_at_once_remembered_and_back(journey):
    journey.window.show_page("photos")
    assert journey.page.models == [journey.classifier]
    journey.window.use_model(journey.detector)
    journey.wait_for(journey.detector)
    assert journey.page.models[-1] == journey.detector
    assert journey.window.model == journey.classifier, "drawings are read as before"
    button = journey.window.findChild(ModelButton)
    assert button.toolTip().endswith("Digits in photos: detector 1 Jan 10:00")
    journey.window.close()

    journey.start()
    journey.wait_for(journey.detector)
    journey.window.show_page("draw")
    journey.window.show_page("photos")
    assert journey.detector in journey.page.models
    journey.window.use_model(SHIPPED_DETECTOR)
    journey.wait_for(SHIPPED_DETECTOR)
    assert journey.page.models[-1] == SHIPPED_DETECTOR
    assert journey.settings.detector is None


def test_a_damaged_one_is_refused_and_the_old_one_stays(journey):
    journey.detector.write_bytes(journey.detector.read_bytes()[:2000])
    journey.window.show_page("photos")
    journey.window.use_model(journey.detector)
    journey.qtbot.waitUntil(lambda: "is damaged" in journey.window.message.text, timeout=LONG)
    assert str(journey.detector) in journey.window.message.text
    assert journey.window.detector == SHIPPED_DETECTOR
    assert journey.settings.detector is None
    assert journey.page.models == [journey.classifier]


def test_a_remembered_one_that_is_gone_gives_way_to_the_shipped_one(journey):
    journey.window.use_model(journey.detector)
    journey.wait_for(journey.detector)
    journey.window.close()
    shutil.rmtree(journey.run)
    journey.start()
    journey.qtbot.waitUntil(
        lambda: "there is no such model file" in journey.window.message.text, timeout=LONG
    )
    assert journey.window.message.text.endswith("The shipped model finds digits in photos instead.")
    assert journey.window.detector == SHIPPED_DETECTOR
    assert journey.settings.detector is None


def test_photos_are_read_with_it(journey):
    loaded = []

    def load(detector, classifier):
        loaded.append((detector, classifier))
        return load_picture_reader(detector, classifier)

    reader = SharedReader(load)
    photo = load_image(next(SAMPLES.glob("*.jpg")))
    reader.use_model(SHIPPED)
    before = reader.read(photo)
    reader.use_model(journey.detector)
    assert [n.text for n in reader.read(photo).numbers] == [n.text for n in before.numbers]
    reader.use_model(SHIPPED_DETECTOR)
    reader.use_model(SHIPPED)
    reader.read(photo)
    assert loaded == [(SHIPPED_DETECTOR, SHIPPED), (journey.detector, SHIPPED), (SHIPPED_DETECTOR, SHIPPED)]
