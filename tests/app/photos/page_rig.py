"""The photos page with a fake reader, and what its tests do again and again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pytestqt.qtbot import QtBot

from app.pages.page import PageContext
from app.photos.page import PhotosPage
from app.ui.shown_reading import DigitRef, ShownReading
from tests.app.picture_fakes import FakeReader, save_picture


class Rig:
    """A page with a fake reader, and what it told."""

    def __init__(self, context: PageContext, folder: Path, reader: FakeReader) -> None:
        self.context, self.folder, self.reader = context, folder, reader
        self.readings: list[ShownReading | None] = []
        self.status: list[str] = []
        self.notices: list[tuple[str, bool]] = []
        self.selected: list[DigitRef | None] = []
        self.page = PhotosPage(context, samples=folder / "samples")
        self.page.reading_changed.connect(self._on_reading)
        self.page.status_changed.connect(self.status.append)
        self.page.notice_changed.connect(lambda text, undo: self.notices.append((text, undo)))
        self.page.digit_selected.connect(self._on_selected)

    def _on_reading(self, reading: ShownReading | None) -> None:
        self.readings.append(reading)
        if reading is not None and self.page.selected not in reading.refs:
            self.page.select_digit(next(iter(reading.refs), None))  # as the panel does

    def _on_selected(self, ref: DigitRef | None) -> None:
        self.selected.append(ref)
        self.page.select_digit(ref)  # as the window does, by way of the panel

    def picture(self, name: str, image: NDArray[np.uint8] | None = None) -> Path:
        return save_picture(self.folder / "photos" / name, image)

    @property
    def texts(self) -> list[str]:
        return [row.text for row in self.page.model.shown]

    @property
    def best(self) -> str:
        """The first number of the newest reading."""
        reading = self.readings[-1] if self.readings else None
        return reading.numbers[0].text if reading is not None and reading.numbers else ""

    @property
    def read(self) -> bool:
        return bool(self.readings and self.readings[-1] is not None)


def wait(qtbot: QtBot, condition: Callable[[], Any]) -> None:
    qtbot.waitUntil(lambda: bool(condition()), timeout=10_000)


def opened(rig: Rig, qtbot: QtBot) -> None:
    rig.page.open_paths([rig.picture("house.png")])
    wait(qtbot, lambda: rig.read)


def folder_read(rig: Rig, qtbot: QtBot, count: int = 3) -> Path:
    for i in range(count):
        rig.picture(f"{i}.png")
    rig.page.open_paths([rig.folder / "photos"])
    wait(qtbot, lambda: not rig.page.queue.is_running and rig.read)
    return rig.folder / "photos"
