import threading
from pathlib import Path

import pytest

from app.draw.drawing import Drawing
from app.draw.reading_worker import ReadingWorker
from core.base.errors import ModelError
from core.reading.strokes import Stroke
from tests.app.fake_reader import FakeModels, FakeReader

MODEL = Path("model.onnx")


def drawing_of(count: int) -> Drawing:
    return Drawing(tuple(Stroke(((float(i * 50), 0.0),), 10.0) for i in range(count)))


@pytest.fixture
def models():
    return FakeModels()


@pytest.fixture
def worker(qtbot, models):
    made = ReadingWorker(models.load)
    yield made
    made.shut_down()


def test_the_answer_comes_with_its_drawing(worker, models, qtbot):
    models.readers[MODEL] = FakeReader()
    with qtbot.waitSignal(worker.model_ready) as blocker:
        worker.use_model(MODEL)
    assert blocker.args[0] == MODEL
    drawing = drawing_of(2)
    with qtbot.waitSignal(worker.reading_ready) as blocker:
        worker.read(drawing)
    assert blocker.args[0] is drawing
    assert blocker.args[1].numbers[0].text == "12"


def test_only_the_newest_drawing_is_read(worker, models, qtbot):
    gate = threading.Event()
    reader = models.readers[MODEL] = FakeReader(gate=gate)
    worker.use_model(MODEL)
    worker.read(drawing_of(1))
    assert reader.started.wait(10)
    for count in (2, 3, 4):
        worker.read(drawing_of(count))
    texts = []
    worker.reading_ready.connect(lambda drawing, reading: texts.append(reading.numbers[0].text))
    gate.set()
    qtbot.waitUntil(lambda: "1234" in texts)
    assert texts == ["1", "1234"]
    assert [len(d.strokes) for d in reader.read_drawings] == [1, 4]


def test_a_late_answer_is_dropped(worker, models, qtbot):
    gate = threading.Event()
    reader = models.readers[MODEL] = FakeReader(gate=gate)
    worker.use_model(MODEL)
    worker.read(drawing_of(1))
    assert reader.started.wait(10)
    worker.forget()
    worker.read(drawing_of(3))
    gate.set()
    with qtbot.waitSignal(worker.reading_ready) as blocker:
        pass
    assert blocker.args[1].numbers[0].text == "123"


def test_answers_of_the_model_before_are_late(worker, models, qtbot):
    gate = threading.Event()
    first = models.readers[MODEL] = FakeReader(gate=gate)
    other = Path("other.onnx")
    models.readers[other] = FakeReader()
    worker.use_model(MODEL)
    worker.read(drawing_of(1))
    assert first.started.wait(10)
    worker.use_model(other, drawing_of(2))
    gate.set()
    with qtbot.waitSignal(worker.reading_ready) as blocker:
        pass
    assert blocker.args[1].numbers[0].text == "12"
    assert models.loaded == [MODEL, other]


def test_a_model_that_waits_is_not_lost_to_a_drawing(worker, models, qtbot):
    gate = threading.Event()
    first = models.readers[MODEL] = FakeReader(gate=gate)
    other = Path("other.onnx")
    models.readers[other] = FakeReader()
    worker.use_model(MODEL, drawing_of(1))
    assert first.started.wait(10)
    worker.use_model(other)
    worker.read(drawing_of(2))
    with qtbot.waitSignal(worker.model_ready, check_params_cb=lambda path, info: path == other):
        gate.set()


def test_the_same_file_is_loaded_anew(worker, models, qtbot):
    models.readers[MODEL] = FakeReader()
    for _ in range(2):
        with qtbot.waitSignal(worker.model_ready):
            worker.use_model(MODEL)
    assert models.loaded == [MODEL, MODEL]


def test_a_bad_model_says_why_and_the_one_before_reads_on(worker, models, qtbot):
    models.readers[MODEL] = FakeReader()
    with qtbot.waitSignal(worker.model_ready):
        worker.use_model(MODEL)
    failed = []
    worker.model_failed.connect(lambda *args: failed.append(args))
    with qtbot.waitSignal(worker.reading_ready):
        worker.use_model(Path("gone.onnx"), drawing_of(1))
    assert failed == [(Path("gone.onnx"), "gone.onnx is not there.", "")]


def test_without_a_model_nothing_is_read(worker, models, qtbot):
    worker.read(drawing_of(1))
    with qtbot.waitSignal(worker.model_failed):
        worker.use_model(Path("gone.onnx"))
    with qtbot.assertNotEmitted(worker.reading_ready), qtbot.assertNotEmitted(worker.failed, wait=100):
        worker.read(drawing_of(1))


def test_a_loader_that_breaks_gives_details(qtbot):
    def broken(path):
        raise RuntimeError("segfault in the making")

    worker = ReadingWorker(broken)
    with qtbot.waitSignal(worker.model_failed) as blocker:
        worker.use_model(MODEL)
    worker.shut_down()
    assert blocker.args[1] == "model.onnx can't be used as a model."
    assert "segfault in the making" in blocker.args[2]


@pytest.mark.parametrize(
    ("error", "sentence", "has_details"),
    [
        (ModelError("The model is damaged."), "The model is damaged.", False),
        (ZeroDivisionError("ours"), "This drawing could not be read.", True),
    ],
)
def test_a_reader_that_raises_shows_a_sentence_and_reads_on(
    worker, models, qtbot, error, sentence, has_details
):
    models.readers[MODEL] = FakeReader(fail=error)
    worker.use_model(MODEL)
    for _ in range(2):
        with qtbot.waitSignal(worker.failed) as blocker:
            worker.read(drawing_of(1))
        assert blocker.args[0] == sentence
        assert bool(blocker.args[1]) == has_details


def test_a_late_failure_is_dropped(worker, models, qtbot):
    gate = threading.Event()
    reader = models.readers[MODEL] = FakeReader(gate=gate, fail=ZeroDivisionError())
    worker.use_model(MODEL)
    worker.read(drawing_of(1))
    assert reader.started.wait(10)
    worker.forget()
    other = Path("other.onnx")
    models.readers[other] = FakeReader()
    with qtbot.assertNotEmitted(worker.failed), qtbot.waitSignal(worker.model_ready):
        worker.use_model(other)
        gate.set()
