"""A main window with a reader that needs no model, and hands to use it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QSize, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.draw.canvas import Canvas
from app.draw.page import DrawPage
from app.pages.page import PageFactory
from app.services.models import ModelService
from app.services.settings import Settings
from app.window.main_window import MainWindow, WindowParts
from core.base.paths import Places
from tests.app.fake_reader import FakeLoader
from tests.app.pointer import drag, line
from training.runs.model_cards import Kind

SMALL = QSize(1024, 640)
CTRL = Qt.KeyboardModifier.ControlModifier


class Bench:
    """A main window with a reader that needs no model, and hands to use it."""

    def __init__(self, qtbot: QtBot, tmp_path: Path, *, is_there: bool = True, **parts: Any) -> None:
        """is_there: whether the shipped model is."""
        self.qtbot = qtbot
        self.places = Places.find()
        self.loader = FakeLoader()
        self.shipped = tmp_path / "shipped.onnx"
        if is_there:
            self.shipped.write_bytes(b"model")
        self.settings = Settings(self.places.settings)
        self.make(**parts)

    def make(
        self, *, size: QSize | None = SMALL, more_pages: Sequence[PageFactory] = (), **parts: Any
    ) -> None:
        self.models = ModelService(self.settings, shipped={Kind.CLASSIFIER: self.shipped}, loader=self.loader)
        pages = [PageFactory("draw", "Draw", "draw", DrawPage), *more_pages]
        self.window = MainWindow(WindowParts(self.places, self.settings, self.models, pages, **parts))
        self.qtbot.addWidget(self.window, before_close_func=lambda window: window.close())
        if size is not None:
            self.window.resize(size)
        self.window.show()
        self.qtbot.waitExposed(self.window)
        self.window.activateWindow()

    @property
    def page(self) -> DrawPage:
        page = self.window.page_named("draw")
        assert isinstance(page, DrawPage)
        return page

    @property
    def canvas(self) -> Canvas:
        return self.page.canvas

    @property
    def model(self) -> Path | None:
        """The model file that reads now; None while none does."""
        classifier = self.models.state.classifier
        return classifier.path if classifier is not None else None

    def text(self) -> str:
        return self.window.panel.view.text

    def read(self, text: str) -> None:
        self.qtbot.waitUntil(lambda: self.text() == text)

    def draw(self, x: int = 100, y: int = 50) -> None:
        drag(self.canvas, line(x, y, x + 10, y + 120))

    def key(self, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        QTest.keyClick(self.window, key, modifier)

    def count(self, count: int) -> None:
        self.qtbot.waitUntil(lambda: self.window.bottom.corrections_text.startswith(f"{count} correction"))
