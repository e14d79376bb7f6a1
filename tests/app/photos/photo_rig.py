"""The main window with the photos page and a fake reader, and hands to use it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.pages.page import PageFactory
from app.photos.page import PhotosPage
from app.services.models import ModelService
from app.services.settings import Settings
from app.window.main_window import MainWindow, WindowParts
from core.base.paths import Places
from core.collection.numbers import LabelledNumber, NumberStore
from core.loaders.user_digits import UserDigit, UserDigitStore
from core.reading.types import Box
from tests.app.fake_reader import FakeLoader
from tests.app.picture_fakes import FakeReader, number_of, plain, save_picture
from training.runs.model_cards import Kind


class PhotoRig:
    """The window with the photos page, a fake reader, and a photo of 160 x 120 pixels with 1824 and 56."""

    def __init__(self, folder: Path, qtbot: QtBot, *, opens: bool = True) -> None:
        self.folder, self.qtbot = folder, qtbot
        self.reader = FakeReader(number_of("1824"), number_of("56", 100, 60, confidence=0.7))
        self.places = Places.find(home=folder / "home")
        self.settings = Settings(self.places.settings)
        shipped = {kind: folder / f"{kind.value}.onnx" for kind in (Kind.CLASSIFIER, Kind.DETECTOR)}
        for path in shipped.values():
            path.touch()
        models = ModelService(self.settings, shipped=shipped, loader=FakeLoader(self.reader))
        factory = PageFactory(
            "photos", "Photos", "photos", lambda context: PhotosPage(context, samples=folder)
        )
        self.window = MainWindow(WindowParts(self.places, self.settings, models, [factory]))
        qtbot.addWidget(self.window)
        self.window.resize(1024, 640)
        self.window.show()
        qtbot.waitExposed(self.window)
        self.window.activateWindow()
        if opens:
            self.photo = save_picture(
                folder / "house.png", np.dstack([plain()[..., 0] + k for k in range(3)])
            )
            self.page.open_paths([self.photo])
            self.wait(lambda: self.texts)

    @property
    def page(self) -> PhotosPage:
        page = self.window.page
        assert isinstance(page, PhotosPage)
        return page

    @property
    def texts(self) -> list[str]:
        return [row.text for row in self.page.model.shown]

    @property
    def numbers(self) -> list[LabelledNumber]:
        return NumberStore.within(self.places.corrections).entries()[0]

    @property
    def digits(self) -> list[UserDigit]:
        return UserDigitStore(self.places.corrections).entries()

    def wait(self, condition: Callable[[], object]) -> None:
        self.qtbot.waitUntil(lambda: bool(condition()), timeout=10_000)

    def kept(self, count: int) -> None:
        """Wait until so many numbers are kept, and everything that was begun is done."""
        self.wait(lambda: len(self.numbers) == count)
        done: list[bool] = []
        self.window.corrections.then(lambda: done.append(True))
        self.wait(lambda: done)

    def key(self, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        QTest.keyClick(self.page.view, key, modifier)

    def drag(self, box: Box, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        """Drag from the box's top left corner to its bottom right one; pixels of the photo."""
        view = self.page.view
        start = QPointF(*view.viewport.to_widget(box.x, box.y))
        stop = QPointF(*view.viewport.to_widget(box.x + box.w, box.y + box.h))
        left, none = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
        for kind, at, button, buttons in (
            (QEvent.Type.MouseButtonPress, start, left, left),
            (QEvent.Type.MouseMove, (start + stop) / 2, none, left),
            (QEvent.Type.MouseMove, stop, none, left),
            (QEvent.Type.MouseButtonRelease, stop, left, none),
        ):
            place = view.mapToGlobal(at)
            QApplication.sendEvent(view, QMouseEvent(kind, at, place, button, buttons, modifier))

    def type(self, text: str) -> None:
        """Type into what has the keyboard, then Enter."""
        field = self.window.panel.field.edit
        assert field.hasFocus()
        QTest.keyClicks(field, text)
        QTest.keyClick(field, Qt.Key.Key_Return)
