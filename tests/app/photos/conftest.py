"""What the tests of the photos page share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from tests.app.photos.page_rig import Rig
from tests.app.picture_fakes import FakeReader, as_shown, context_in, number_of, save_picture


@pytest.fixture
def rig(tmp_path: Path, qtbot: QtBot) -> Iterator[Rig]:
    (tmp_path / "samples").mkdir()
    save_picture(tmp_path / "samples" / "one.png")
    save_picture(tmp_path / "samples" / "two.png")
    reader = FakeReader(number_of("1824"), number_of("56", 100, 60, confidence=0.7))
    with context_in(tmp_path / "home", reader) as context:
        rig = Rig(context, tmp_path, reader)
        qtbot.addWidget(rig.page)
        as_shown(rig.page)
        rig.page.activate()
        yield rig
        rig.reader.gate.set()
        rig.page.deactivate()
        rig.page.shut_down()
