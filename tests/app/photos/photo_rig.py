"""The main window with the photos page and a fake reader, and hands to use it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.pages.page import PageFactory
from app.photos.page import PhotosPage
from core.reading.types import Box
from tests.app.picture_fakes import FakeReader, number_of, plain, save_picture
from tests.app.window_rig import WindowRig


class PhotoRig(WindowRig):
    """The window with the photos page, a fake reader, and a photo of 160 x 120 pixels with 1824 and 56."""

    def __init__(self, folder: Path, qtbot: QtBot, *, opens: bool = True) -> None:
        reader = FakeReader(number_of("1824"), number_of("56", 100, 60, confidence=0.7))
        factory = PageFactory(
            "photos", "Photos", "photos", lambda context: PhotosPage(context, samples=folder)
        )
        super().__init__(folder, qtbot, reader, factory)
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
