"""Who labels faster than the disk still changes what is there now."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.collection.changes import Changes
from core.collection.items import Collection, Item
from core.collection.numbers import NumberStore
from core.loaders.user_digits import DigitOrigin, UserDigitStore
from core.reading.types import Box
from tests.app.collection.conftest import glyph

Labels = Callable[[], list[str]]


@pytest.fixture
def changes(qtbot: QtBot, tmp_path: Path) -> Iterator[Changes]:
    """Over one digit, a 9."""
    UserDigitStore(tmp_path).add((), glyph(1), 9)
    made = Changes(Collection(tmp_path))
    yield made
    made.shut_down()


@pytest.fixture
def labels(tmp_path: Path) -> Labels:
    return lambda: sorted(item.words for item in Collection(tmp_path).load()[0])


def shown(folder: Path) -> list[Item]:
    return Collection(folder).load()[0]


def all_done(qtbot: QtBot, changes: Changes, count: int) -> list[str]:
    """Waits until so many changes were made; returns the sentences of what failed."""
    told: list[str] = []
    seen: list[object] = []
    changes.failed.connect(told.append)
    changes.changed.connect(lambda *made: seen.append(made))
    qtbot.waitUntil(lambda: len(seen) + len(told) >= count, timeout=20_000)
    return told


@pytest.mark.parametrize("last", ["5", "9"], ids=["a third one", "the first one again"])
def test_the_last_of_two_labels_given_at_once_stays(
    qtbot: QtBot, changes: Changes, labels: Labels, tmp_path: Path, last: str
) -> None:
    (nine,) = shown(tmp_path)
    changes.relabel([nine], "3", [nine])
    changes.relabel([nine], last, [nine])
    assert all_done(qtbot, changes, 2) == []
    assert labels() == [last]


def test_what_is_relabelled_and_deleted_at_once_is_gone_and_comes_back_step_by_step(
    qtbot: QtBot, changes: Changes, labels: Labels, tmp_path: Path
) -> None:
    (nine,) = shown(tmp_path)
    changes.relabel([nine], "3", [nine])
    changes.remove([nine], [nine])
    assert all_done(qtbot, changes, 2) == []
    assert labels() == []
    changes.stack.undo()
    assert all_done(qtbot, changes, 1) == []
    assert labels() == ["3"]
    changes.stack.undo()
    assert all_done(qtbot, changes, 1) == []
    assert labels() == ["9"]
    changes.relabel(shown(tmp_path), "3", ())
    assert all_done(qtbot, changes, 1) == []
    assert labels() == ["3"], "what was taken back can be asked for again"


def test_digits_follow_a_number_that_is_typed_twice_at_once(
    qtbot: QtBot, changes: Changes, labels: Labels, tmp_path: Path
) -> None:
    changes.remove(shown(tmp_path), ())
    number = NumberStore.within(tmp_path).add(glyph(2), "12", box=Box(0, 0, 32, 32), whole=True)
    for seed, label in ((3, 1), (4, 2)):
        UserDigitStore(tmp_path).add((), glyph(seed), label, origin=DigitOrigin(number=number.id))
    items = shown(tmp_path)
    chosen = [item for item in items if item.what == "number"]
    changes.relabel(chosen, "17", items)
    changes.relabel(chosen, "47", items)
    assert all_done(qtbot, changes, 3) == []
    assert labels() == ["4", "47", "7"]
