"""As a person would: the window, a stream that is unplugged and comes back, the history, other pages, the end."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.camera.actions import CameraAction
from app.camera.page import CameraPage
from app.draw.page import DrawPage
from app.pages.page import Page, PageContext, PageFactory
from app.photos.page import PhotosPage
from app.services.models import ModelService
from app.services.settings import Settings
from app.window.main_window import MainWindow, WindowParts
from core.base.paths import Places
from core.reading.types import Number
from tests.app.fake_reader import FakeLoader
from tests.app.mjpeg_server import MjpegServer, jpeg
from tests.app.picture_fakes import FakeReader, number_of, save_picture


def house(i: int) -> bytes:
    """A frame of the stream: a light plate on a grey wall."""
    image = np.full((240, 320, 3), 90, np.uint8)
    image[80:160, 60:260] = 230
    return jpeg(image)


def plate(image: NDArray[np.uint8]) -> tuple[Number, ...]:
    """Reads the plate where there is one: every seventh frame wrongly."""
    if image.mean() < 95:
        return ()
    plate.count = getattr(plate, "count", 0) + 1  # type: ignore[attr-defined]
    wrong = plate.count % 7 == 0  # type: ignore[attr-defined]
    return (number_of("1829" if wrong else "1824", 80, 90, size=30),)


class Person:
    """The window, and what a person does with it."""

    def __init__(self, home: Path, qtbot: QtBot) -> None:
        self.reader = FakeReader()
        self.reader.numbers = plate

        def camera(context: PageContext) -> Page:
            return CameraPage(
                context, list_devices=list, samples=home / "none", pictures=lambda: home / "pictures"
            )

        def photos(context: PageContext) -> Page:
            return PhotosPage(context, samples=home / "none")

        places = Places.find(home=home)
        settings = Settings(places.settings)
        settings.page = "draw"
        models = ModelService(settings, loader=FakeLoader(self.reader))
        pages = [
            PageFactory("draw", "Draw", "draw", DrawPage),
            PageFactory("camera", "Camera", "camera", camera),
            PageFactory("photos", "Photos", "photos", photos),
        ]
        self.window = MainWindow(WindowParts(places, settings, models, pages))
        with qtbot.waitActive(self.window):
            self.window.show()
            self.window.activateWindow()
        self._qtbot = qtbot
        self.wait(lambda: self.window.models.state.classifier is not None)

    def wait(self, condition: Callable[[], Any]) -> None:
        self._qtbot.waitUntil(lambda: bool(condition()), timeout=15_000)

    @property
    def camera(self) -> CameraPage:
        assert isinstance(self.window.page, CameraPage)
        return self.window.page

    @property
    def photos(self) -> PhotosPage:
        assert isinstance(self.window.page, PhotosPage)
        return self.window.page

    @property
    def number(self) -> str:
        return self.window.panel.view.text

    def connect(self, address: str) -> None:
        self.camera.actions_of_page[CameraAction.STREAM].trigger()
        self.camera.notice.address.setText(address)
        QTest.keyClick(self.camera.notice.address, Qt.Key.Key_Return)


@pytest.fixture
def person(tmp_path: Path, qtbot: QtBot) -> Iterator[Person]:
    person = Person(tmp_path / "home", qtbot)
    yield person
    person.window.close()


def test_a_stream_is_read_lost_and_found_again(person: Person) -> None:
    with MjpegServer(picture=house, fps=30) as server:
        person.window.show_page("camera")
        person.wait(
            lambda: person.camera.notice.view and person.camera.notice.view.title == "No camera found"
        )
        person.connect(server.url)
        person.wait(lambda: person.number == "1824")
        person.wait(lambda: person.window.bottom.time_text == "read in 12 ms")
        assert [e.number for e in person.camera.history.entries] == ["1824"]
        assert person.camera.side_widget().isVisible()

        server.drop()
        person.wait(lambda: not person.camera.notice.isHidden())
        person.wait(lambda: person.number == "")
        server.come_back()
        person.wait(lambda: person.number == "1824")
        assert person.camera.notice.isHidden()

        server.mode = "stall"
        person.wait(lambda: "stopped sending" in getattr(person.camera.notice.view, "title", ""))
        server.mode = "garbage"
        server.hang_up()
        person.wait(lambda: server.connections >= 3)
        server.mode = "send"
        person.wait(lambda: person.number == "1824")
        # One visit to one house: no misread frame and no fault has made another entry.
        assert {e.number for e in person.camera.history.entries} == {"1824"}

        QTest.keyClick(person.camera.view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
        assert QGuiApplication.clipboard().text() == "1824"

        person.window.show_page("draw")
        began = time.monotonic()
        person.wait(lambda: server.clients == 0)
        assert time.monotonic() - began < 1
        person.window.show_page("camera")
        person.wait(lambda: person.number == "1824")

        began = time.monotonic()
        person.window.close()
        person.wait(lambda: server.clients == 0)
        assert time.monotonic() - began < 1.5


def test_closing_the_window_while_a_stream_stalls_and_reading_hangs(person: Person) -> None:
    with MjpegServer(picture=house, fps=30) as server:
        person.window.show_page("camera")
        person.connect(server.url)
        person.wait(lambda: person.number == "1824")
        server.mode = "stall"
        person.reader.seconds = 0.5
        began = time.monotonic()
        person.window.close()
        assert time.monotonic() - began < 2
        person.wait(lambda: server.clients == 0)
        assert time.monotonic() - began < 2


def test_a_folder_is_read_while_the_camera_runs(person: Person, tmp_path: Path) -> None:
    for i in range(6):
        save_picture(tmp_path / "photos" / f"{i}.png", np.full((120, 160, 3), 200, np.uint8))
    (tmp_path / "photos" / "broken.jpg").write_bytes(b"\xff\xd8\xff")
    with MjpegServer(picture=house, fps=30) as server:
        person.window.show_page("photos")
        photos = person.photos
        person.reader.gate.clear()
        photos.open_paths([tmp_path / "photos"])
        person.wait(lambda: person.reader.seen)
        person.window.show_page("camera")
        person.connect(server.url)
        person.wait(lambda: person.camera.view.has_picture)
        person.reader.gate.set()
        person.wait(lambda: person.number == "1824")
        person.wait(lambda: not photos.queue.is_running)
        person.window.show_page("photos")
        assert photos.table.count_text == "7 photos · 6 numbers · 1 could not be read"
        person.wait(lambda: person.number in ("1824", "1829"))
        photos.correct_number(0, "4711")
        person.wait(lambda: person.number == "4711")
        person.wait(lambda: person.window.bottom.corrections_text.startswith("5"))
        person.window.panel.correction_undone.emit()
        person.wait(lambda: person.number != "4711")
