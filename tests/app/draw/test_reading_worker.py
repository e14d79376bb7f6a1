import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from app.draw.drawing import Drawing, placed
from app.draw.reading_worker import ReadingWorker
from app.services.models import ModelService
from app.services.settings import Settings
from core.base.errors import ModelError
from core.reading.strokes import Stroke
from tests.app.fake_reader import FakeLoader, FakeReader
from training.runs.model_cards import Kind

MODEL = Path("model.onnx")


def drawing_of(count: int) -> Drawing:
    return Drawing(tuple(Stroke(((float(i * 50), 0.0),), 10.0) for i in range(count)))


class Rig:
    def __init__(self, folder: Path) -> None:
        self.loader = FakeLoader()
        self.models = ModelService(Settings(folder), shipped={Kind.CLASSIFIER: MODEL}, loader=self.loader)
        self.worker = ReadingWorker(self.models)

    def read_with(self, reader: FakeReader) -> FakeReader:
        self.loader.readers[MODEL] = reader
        self.models.start()
        return reader


@pytest.fixture
def rig(qtbot: QtBot, tmp_path: Path) -> Iterator[Rig]:
    made = Rig(tmp_path)
    yield made
    made.models.shut_down()
    made.worker.shut_down()


def test_the_answer_comes_with_its_drawing(rig: Rig, qtbot: QtBot) -> None:
    rig.read_with(FakeReader())
    drawing = drawing_of(2)
    with qtbot.waitSignal(rig.worker.reading_ready) as blocker:
        rig.worker.read(drawing)
    assert blocker.args[0] is drawing
    assert blocker.args[1].numbers[0].text == "12"


def test_a_picture_is_read_where_it_lies_on_the_canvas(rig: Rig, qtbot: QtBot) -> None:
    rig.read_with(FakeReader())
    picture = placed(np.zeros((50, 100), np.uint8), 640, 480)
    with qtbot.waitSignal(rig.worker.reading_ready) as blocker:
        rig.worker.read(Drawing((), picture))
    (number,) = blocker.args[1].numbers
    assert number.text == "7"
    assert number.box == picture.box


def test_only_the_newest_drawing_is_read(rig: Rig, qtbot: QtBot) -> None:
    gate = threading.Event()
    reader = rig.read_with(FakeReader(gate=gate))
    rig.worker.read(drawing_of(1))
    assert reader.started.wait(10)
    for count in (2, 3, 4):
        rig.worker.read(drawing_of(count))
    texts = []
    rig.worker.reading_ready.connect(lambda drawing, reading: texts.append(reading.numbers[0].text))
    gate.set()
    qtbot.waitUntil(lambda: "1234" in texts)
    assert texts == ["1", "1234"]
    assert [len(strokes) for strokes in reader.read_strokes] == [1, 4]


def test_a_late_answer_is_dropped(rig: Rig, qtbot: QtBot) -> None:
    gate = threading.Event()
    reader = rig.read_with(FakeReader(gate=gate))
    rig.worker.read(drawing_of(1))
    assert reader.started.wait(10)
    rig.worker.forget()
    rig.worker.read(drawing_of(3))
    gate.set()
    with qtbot.waitSignal(rig.worker.reading_ready) as blocker:
        pass
    assert blocker.args[1].numbers[0].text == "123"


def test_without_a_model_nothing_is_read(rig: Rig, qtbot: QtBot) -> None:
    rig.models.start()
    with (
        qtbot.assertNotEmitted(rig.worker.reading_ready),
        qtbot.assertNotEmitted(rig.worker.failed, wait=100),
    ):
        rig.worker.read(drawing_of(1))


@pytest.mark.parametrize(
    ("error", "sentence", "has_details"),
    [
        (ModelError("The model is damaged."), "The model is damaged.", False),
        (ZeroDivisionError("ours"), "This drawing could not be read.", True),
    ],
)
def test_a_reader_that_raises_shows_a_sentence_and_reads_on(
    rig: Rig, qtbot: QtBot, error: Exception, sentence: str, has_details: bool
) -> None:
    rig.read_with(FakeReader(fail=error))
    for _ in range(2):
        with qtbot.waitSignal(rig.worker.failed) as blocker:
            rig.worker.read(drawing_of(1))
        assert blocker.args[0] == sentence
        assert bool(blocker.args[1]) == has_details


def test_a_late_failure_is_dropped(rig: Rig, qtbot: QtBot) -> None:
    gate = threading.Event()
    reader = rig.read_with(FakeReader(gate=gate, fail=ZeroDivisionError()))
    rig.worker.read(drawing_of(1))
    assert reader.started.wait(10)
    rig.worker.forget()
    with qtbot.assertNotEmitted(rig.worker.failed, wait=100):
        gate.set()
