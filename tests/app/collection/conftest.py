"""A window over a collection, with a judge that says what a test wants."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.collection.window import CollectionWindow
from app.services.settings import Settings
from core.base.paths import Places
from core.collection.items import Collection, Item, key_of
from core.collection.numbers import NumberStore
from core.loaders.user_digits import DigitOrigin, UserDigitStore
from core.reading.types import Reading


@dataclass
class FakeJudge:
    """Reads digits as they are labelled, but for those in `digits` (by id); every picture as `reading`."""

    digits: dict[str, tuple[str, float]] = field(default_factory=dict)
    reading: Reading = Reading()  # noqa: RUF009  (it is frozen)
    read_count: int = 0
    name: str = "models"

    def signature(self) -> str:
        return self.name

    def classify(
        self, items: Sequence[Item], images: Mapping[str, NDArray[np.uint8]]
    ) -> list[tuple[str, float]]:
        assert set(images) == {key_of(item) for item in items}
        return [self.digits.get(item.id, (item.text, 0.99)) for item in items]

    def read(self, image: NDArray[np.uint8]) -> Reading:
        self.read_count += 1
        return self.reading


def glyph(seed: int) -> NDArray[np.uint8]:
    """A picture that is like no other, even reduced."""
    return np.kron(
        np.random.default_rng(seed).integers(0, 256, (16, 16), np.uint8), np.ones((2, 2), np.uint8)
    )


@dataclass
class Rig:
    """The window, its stores, and what a person does with it."""

    qtbot: QtBot
    places: Places
    judge: FakeJudge
    window: CollectionWindow

    @property
    def digits(self) -> UserDigitStore:
        return UserDigitStore(self.places.corrections)

    @property
    def numbers(self) -> NumberStore:
        return NumberStore.within(self.places.corrections)

    @property
    def shown(self) -> list[str]:
        return [item.words for item in self.window.model.items]

    def labels(self) -> list[str]:
        """What is in the stores, sorted."""
        return sorted(item.words for item in Collection(self.places.corrections).load()[0])

    def wait(self, condition: Callable[[], bool]) -> None:
        self.qtbot.waitUntil(condition, timeout=20_000)

    def open(self, count: int) -> None:
        """Show the window and wait until it has so many items and has looked at them."""
        over: list[int] = []
        self.window.browser.checking.connect(lambda done, of: over.append(done) if done == of else None)
        self.window.show()
        self.wait(lambda: len(self.window.browser.items) == count and bool(over))

    def click(self, row: int, *, ctrl: bool = False) -> None:
        """Click the picture in a row."""
        grid = self.window.grid
        keys = Qt.KeyboardModifier.ControlModifier if ctrl else Qt.KeyboardModifier.NoModifier
        at = grid.visualRect(self.window.model.index(row)).center()
        QTest.mouseClick(grid.viewport(), Qt.MouseButton.LeftButton, keys, at)

    def choose_group(self, row: int) -> None:
        """Click a part of the collection."""
        groups = self.window.groups
        rect = groups.visualItemRect(groups.item(row))
        QTest.mouseClick(
            groups.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(rect.x() + 20, rect.center().y())
        )

    def type(self, keys: str) -> None:
        """In the grid."""
        QTest.keyClicks(self.window.grid, keys)

    def press(self, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        """In the grid."""
        QTest.keyClick(self.window.grid, key, modifier)


@pytest.fixture
def rig(qtbot: QtBot, tmp_path: Path) -> Iterator[Rig]:
    places = Places.find(home=tmp_path / "own")
    judge = FakeJudge()
    window = CollectionWindow(places, Settings(places.settings), judge)
    qtbot.addWidget(window)
    window.resize(900, 540)
    yield Rig(qtbot, places, judge, window)
    window.shut_down()


def add_digits(rig: Rig, *labels: int, number: str = "") -> list[str]:
    """Digits with pictures of their own; returns their ids."""
    store, before = rig.digits, rig.digits.count()
    return [
        store.add((), glyph(before + place), label, origin=DigitOrigin(was_read="8", number=number)).id
        for place, label in enumerate(labels)
    ]
