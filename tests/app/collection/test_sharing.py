from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.collection.sharing import Sharing, counted, free_folder, summary_of
from core.collection.exchange.reading import Imported
from core.collection.items import Collection
from tests.core.collection.filled import fill


def test_an_export_that_is_cancelled_writes_nothing(qtbot: QtBot, tmp_path: Path) -> None:
    fill(tmp_path / "c", tmp_path / "photos")
    sharing = Sharing(tmp_path / "c")
    # From the worker's thread, after the first picture.
    sharing.progressed.connect(lambda done, of: sharing.cancel(), Qt.ConnectionType.DirectConnection)
    with qtbot.waitSignal(sharing.ended, timeout=20_000) as ended:
        sharing.export("coco", tmp_path / "out")
    assert ended.args == ["The export was stopped; nothing was written.", "", None]
    assert not (tmp_path / "out").exists()
    assert not sharing.is_busy
    sharing.shut_down()


def test_what_goes_wrong_is_a_sentence(qtbot: QtBot, tmp_path: Path) -> None:
    sharing = Sharing(tmp_path / "c")
    with qtbot.waitSignal(sharing.ended, timeout=20_000) as ended:
        sharing.export("csv", tmp_path / "out")
    assert ended.args == ["Nothing was collected yet: there is nothing to export.", "", None]
    with qtbot.waitSignal(sharing.ended, timeout=20_000) as ended:
        sharing.take_in(tmp_path / "gone")
    assert "no such folder" in ended.args[0]
    sharing.shut_down()


def test_there_and_back(qtbot: QtBot, tmp_path: Path) -> None:
    fill(tmp_path / "c", tmp_path / "photos")
    here, there = Sharing(tmp_path / "c"), Sharing(tmp_path / "d")
    with qtbot.waitSignal(here.ended, timeout=20_000) as ended:
        here.export("folder", tmp_path / "out")
    assert ended.args[0] == f"Exported 4 digits and 9 numbers to {tmp_path / 'out'}."
    with qtbot.waitSignals([there.imported, there.ended], timeout=20_000):
        there.take_in(tmp_path / "out")
    assert Collection(tmp_path / "d").count() == 13
    for sharing in (here, there):
        sharing.shut_down()


@pytest.mark.parametrize(
    ("result", "words"),
    [
        (Imported(3, 1), "Imported 3 digits and 1 number."),
        (Imported(0, 0, there=9), "Nothing new: all 9 are here already."),
        (
            Imported(1, 0, there=1, deleted=2),
            "Imported 1 digit. 1 was here already. 2 stay deleted or relabelled.",
        ),
        (Imported(0, 2, left_out=["x"]), "Imported 2 numbers. 1 thing could not be used."),
    ],
)
def test_what_came_of_an_import(result: Imported, words: str) -> None:
    assert summary_of(result) == words


def test_words_and_names(tmp_path: Path) -> None:
    assert counted(0, 0) == "nothing"
    assert free_folder(tmp_path, "x") == tmp_path / "x"
    (tmp_path / "x").mkdir()
    (tmp_path / "x 2").mkdir()
    assert free_folder(tmp_path, "x") == tmp_path / "x 3"
