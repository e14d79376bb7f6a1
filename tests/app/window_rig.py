"""The main window with one page and a fake reader, and what was kept through it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.pages.page import PageFactory
from app.services.models import ModelService
from app.services.settings import Settings
from app.window.main_window import MainWindow, WindowParts
from core.base.paths import Places
from core.collection.numbers import LabelledNumber, NumberStore
from core.loaders.user_digits import UserDigit, UserDigitStore
from tests.app.fake_reader import FakeLoader
from tests.app.picture_fakes import FakeReader
from training.runs.model_cards import Kind


class WindowRig:
    """The window, shown, with a home of its own in `folder`."""

    def __init__(self, folder: Path, qtbot: QtBot, reader: FakeReader, factory: PageFactory) -> None:
        self.folder, self.qtbot, self.reader = folder, qtbot, reader
        self.places = Places.find(home=folder / "home")
        self.settings = Settings(self.places.settings)
        shipped = {kind: folder / f"{kind.value}.onnx" for kind in (Kind.CLASSIFIER, Kind.DETECTOR)}
        for path in shipped.values():
            path.touch()
        models = ModelService(self.settings, shipped=shipped, loader=FakeLoader(reader))
        self.window = MainWindow(WindowParts(self.places, self.settings, models, [factory]))
        qtbot.addWidget(self.window)
        self.window.resize(1024, 640)
        self.window.show()
        qtbot.waitExposed(self.window)
        self.window.activateWindow()

    @property
    def numbers(self) -> list[LabelledNumber]:
        return NumberStore.within(self.places.corrections).entries()[0]

    @property
    def digits(self) -> list[UserDigit]:
        return UserDigitStore(self.places.corrections).entries()

    def wait(self, condition: Callable[[], object]) -> None:
        self.qtbot.waitUntil(lambda: bool(condition()), timeout=10_000)

    def type(self, text: str) -> None:
        """Type into the panel's field, which has the keyboard, then Enter."""
        field = self.window.panel.field.edit
        assert field.hasFocus()
        QTest.keyClicks(field, text)
        QTest.keyClick(field, Qt.Key.Key_Return)
