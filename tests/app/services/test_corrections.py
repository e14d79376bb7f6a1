from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from app.services.corrections import Corrections
from core.loaders.user_digits import UserDigitStore
from core.reading.strokes import Stroke

STROKES = (Stroke(((0.0, 0.0), (10.0, 10.0)), 4.0),)
IMAGE = np.zeros((32, 32), np.uint8)


@pytest.fixture
def store(tmp_path: Path) -> UserDigitStore:
    return UserDigitStore(tmp_path / "mine")


@pytest.fixture
def corrections(qtbot: QtBot, store: UserDigitStore) -> Iterator[Corrections]:
    made = Corrections(store)
    yield made
    made.shut_down()


def test_the_count_follows(corrections: Corrections, store: UserDigitStore, qtbot: QtBot) -> None:
    with qtbot.waitSignal(corrections.count_changed) as blocker:
        corrections.recount()
    assert blocker.args == [0]
    with qtbot.waitSignal(corrections.count_changed) as blocker:
        ticket = corrections.keep(STROKES, IMAGE, 3)
    assert blocker.args == [1]
    assert ticket.label == 3
    assert store.entries()[0].label == 3


def test_taking_back_what_is_still_being_written(
    corrections: Corrections, store: UserDigitStore, qtbot: QtBot
) -> None:
    counts: list[int] = []
    corrections.count_changed.connect(counts.append)
    ticket = corrections.keep(STROKES, IMAGE, 3)
    corrections.take_back(ticket)
    corrections.put_back(ticket)
    qtbot.waitUntil(lambda: counts == [1, 0, 1])


def test_a_folder_that_cannot_be_written_is_one_sentence(qtbot: QtBot, tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("a file in the way")
    corrections = Corrections(UserDigitStore(tmp_path / "mine"))
    with qtbot.waitSignal(corrections.failed) as blocker:
        ticket = corrections.keep(STROKES, IMAGE, 3)
    assert "could not be kept" in blocker.args[0]
    with qtbot.waitSignal(corrections.count_changed):
        corrections.take_back(ticket)
    corrections.shut_down()


def test_what_is_heard_of_after_the_end_is_not_counted(qtbot: QtBot, tmp_path: Path) -> None:
    """Another window's last change, told once this one is closed, was an error report."""
    corrections = Corrections(UserDigitStore(tmp_path / "mine"))
    corrections.shut_down()
    with qtbot.assertNotEmitted(corrections.count_changed, wait=50):
        corrections.recount()
