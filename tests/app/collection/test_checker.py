from pathlib import Path

import numpy as np
from pytestqt.qtbot import QtBot

from app.collection.checker import Checker, Checks
from core.collection.items import Collection, Item, key_of
from core.collection.numbers import NumberStore
from core.loaders.user_digits import UserDigitStore
from core.reading.types import Box, Digit, Number, Reading
from tests.app.collection.conftest import FakeJudge, glyph

BOX = Box(5, 5, 30, 12)
READ_47 = Reading((Number((Digit(4, 0.9, BOX), Digit(7, 0.9, BOX)), 0.95, BOX),))


def collection(folder: Path) -> list[Item]:
    """Three digits and a number."""
    for place in range(3):
        UserDigitStore(folder).add((), glyph(place), place)
    NumberStore.within(folder).add(np.full((20, 40), 128, np.uint8), "48", box=BOX)
    return Collection(folder).load()[0]


def checked(
    qtbot: QtBot, judge: FakeJudge, cache: Path, items: list[Item], known: Checks | None = None
) -> Checks:
    """What a whole pass finds."""
    checker, all_found = Checker(judge, cache), Checks()

    def take(found: Checks) -> None:
        all_found.prints.update(found.prints)
        all_found.said.update(found.said)

    checker.found.connect(take)
    with qtbot.waitSignal(
        checker.progressed, timeout=20_000, check_params_cb=lambda done, of: bool(done == of)
    ):
        checker.start(items, known or Checks())
    checker.shut_down()
    return all_found


def test_everything_is_looked_at_once(qtbot: QtBot, tmp_path: Path) -> None:
    items, judge = collection(tmp_path / "c"), FakeJudge(reading=READ_47)
    found = checked(qtbot, judge, tmp_path / "cache.json", items)
    assert set(found.prints) == set(found.said) == {key_of(item) for item in items}
    assert found.said[key_of(items[-1])] == ("47", 0.95)
    nothing = checked(qtbot, judge, tmp_path / "cache.json", items, found)
    assert (nothing.prints, nothing.said) == ({}, {})


def test_what_photos_say_is_remembered_until_the_models_change(qtbot: QtBot, tmp_path: Path) -> None:
    items, judge = collection(tmp_path / "c"), FakeJudge(reading=READ_47)
    for name, times in (("models", 1), ("models", 1), ("others", 2), ("others", 2)):
        judge.name = name
        found = checked(qtbot, judge, tmp_path / "cache.json", items)
        assert found.said[key_of(items[-1])] == ("47", 0.95)
        assert judge.read_count == times
    (tmp_path / "cache.json").write_text("{")
    checked(qtbot, judge, tmp_path / "cache.json", items)
    assert judge.read_count == 3


def test_without_models_pictures_are_still_compared(qtbot: QtBot, tmp_path: Path) -> None:
    items = collection(tmp_path / "c")
    found = checked(qtbot, FakeJudge(name=""), tmp_path / "cache.json", items)
    assert len(found.prints) == 4
    assert found.said == {}


def test_a_damaged_picture_is_told_and_the_others_are_looked_at(qtbot: QtBot, tmp_path: Path) -> None:
    items = collection(tmp_path / "c")
    items[0].picture.write_bytes(b"?")
    checker = Checker(FakeJudge(), tmp_path / "cache.json")
    with qtbot.waitSignal(checker.damaged, timeout=20_000) as told:
        checker.start(items, Checks())
    assert items[0].picture.name in told.args[0]
    checker.shut_down()
    assert len(checked(qtbot, FakeJudge(), tmp_path / "cache.json", items).prints) == 3
