"""The service that owns the models: what is opened when, what is told, and that nobody stands still for it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from app.services.model_files import SHIPPED, SHIPPED_DETECTOR
from app.services.models import ModelService, ModelState
from app.services.settings import Settings
from assets import SAMPLES
from core.base.errors import ModelError
from core.reading.images import load_image
from tests.app.fake_reader import FakeLoader
from tests.app.picture_fakes import FakeReader, number_of
from training.runs.model_cards import Kind

PICTURE = np.zeros((20, 20, 3), np.uint8)
Make = Callable[..., ModelService]


class Files:
    """Model files, a loader that opens them, and what the service told."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.photos = FakeReader(number_of("1824"))
        self.loader = FakeLoader(self.photos)
        self.settings = Settings(folder / "settings")
        self.shipped = {kind: self.file(f"{kind}.onnx") for kind in Kind}
        self.told: list[ModelState] = []

    def file(self, name: str, content: bytes = b"model") -> Path:
        path = self.folder / name
        path.write_bytes(content)
        return path

    def service(self) -> ModelService:
        made = ModelService(self.settings, shipped=self.shipped, loader=self.loader)
        made.changed.connect(self.told.append)
        return made


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path)


@pytest.fixture
def models(files: Files, qtbot: QtBot) -> Iterator[ModelService]:
    made = files.service()
    made.start()
    qtbot.waitUntil(lambda: not made.state.is_loading)
    yield made
    files.loader.gate.set()
    made.shut_down()


def path_of(state: ModelState) -> Path | None:
    return state.classifier.path if state.classifier is not None else None


def test_the_detector_is_opened_with_the_first_photo_and_the_classifier_only_once(
    models: ModelService, files: Files
) -> None:
    assert files.loader.opened == [files.shipped[Kind.CLASSIFIER]]
    assert [state.is_loading for state in files.told] == [True, False]
    for _ in range(2):
        assert [n.text for n in models.read(PICTURE).numbers] == ["1824"]
    assert models.drawing_reader() is not None
    assert sorted(files.loader.opened) == sorted(files.shipped.values())


def test_nobody_stands_still_while_a_model_is_opened(
    models: ModelService, files: Files, qtbot: QtBot
) -> None:
    other = files.file("other.onnx")
    files.loader.gate.clear()
    before = time.perf_counter()
    models.use(other)
    assert models.drawing_reader() is not None, "the one before reads on"
    assert path_of(models.state) == files.shipped[Kind.CLASSIFIER]
    assert models.state.is_loading
    assert time.perf_counter() - before < 1
    files.loader.gate.set()
    qtbot.waitUntil(lambda: path_of(models.state) == other)
    assert files.settings.model == other
    models.use(None)
    qtbot.waitUntil(lambda: path_of(models.state) == files.shipped[Kind.CLASSIFIER])
    assert files.settings.model is None


def test_a_thread_that_reads_waits_for_the_first_model(files: Files, qtbot: QtBot) -> None:
    files.loader.gate.clear()
    models = files.service()
    models.start()
    found: list[object] = []
    thread = threading.Thread(target=lambda: found.append(models.drawing_reader()))
    thread.start()
    thread.join(0.05)
    assert found == []
    files.loader.gate.set()
    thread.join(10)
    assert found != [None]
    assert len(found) == 1
    models.shut_down()


def test_who_waits_at_the_end_gets_none(files: Files) -> None:
    models = files.service()
    models.shut_down()
    assert models.drawing_reader() is None
    with pytest.raises(ModelError, match="no model to read with"):
        models.read(PICTURE)


def test_the_same_file_is_another_model(models: ModelService, files: Files, qtbot: QtBot) -> None:
    before = models.state.in_use
    models.use(files.shipped[Kind.CLASSIFIER])
    qtbot.waitUntil(lambda: models.state.in_use != before)
    assert files.loader.opened == [files.shipped[Kind.CLASSIFIER]] * 2


def test_a_bad_file_is_told_of_and_the_one_before_reads_on(
    models: ModelService, files: Files, qtbot: QtBot
) -> None:
    bad = files.file("bad.onnx", b"damaged")
    before = models.drawing_reader()
    models.use(bad)
    qtbot.waitUntil(lambda: models.state.problem is not None)
    problem = models.state.problem
    assert problem is not None
    assert problem.sentence == f"{bad} is damaged: it is not a model file."
    assert (problem.kind, problem.details) == (Kind.CLASSIFIER, "")
    assert models.drawing_reader() is before
    assert path_of(models.state) == files.shipped[Kind.CLASSIFIER]
    assert files.settings.model is None


def test_a_loader_that_breaks_gives_details(models: ModelService, files: Files, qtbot: QtBot) -> None:
    def broken(kind: Kind, path: Path) -> FakeReader:
        raise RuntimeError("segfault in the making")

    files.loader.open = broken  # type: ignore[method-assign,assignment]
    models.use(files.file("odd.onnx"))
    qtbot.waitUntil(lambda: models.state.problem is not None)
    assert models.state.problem is not None
    assert models.state.problem.sentence.endswith("odd.onnx can't be used as a model.")
    assert "segfault in the making" in models.state.problem.details


@pytest.mark.parametrize("kind", [Kind.CLASSIFIER, Kind.DETECTOR])
def test_a_remembered_file_that_is_gone_gives_way_to_the_shipped_one(
    files: Files, qtbot: QtBot, kind: Kind
) -> None:
    gone = files.folder / "gone.onnx"
    match kind:
        case Kind.CLASSIFIER:
            files.settings.model = gone
        case Kind.DETECTOR:
            files.settings.detector = gone
        case Kind.LINE:
            files.settings.line = gone
    models = files.service()
    models.start()
    qtbot.waitUntil(lambda: not models.state.is_loading)
    told = [state.problem.sentence for state in files.told if state.problem is not None]
    assert len(told) == 1
    assert told[0].startswith(f"{gone} is not there. The shipped model ")
    assert models.state.in_use[kind].path == files.shipped[kind]
    assert files.settings.model is None
    assert files.settings.detector is None
    assert files.settings.line is None
    models.shut_down()


def test_without_any_model_photos_say_so(files: Files, qtbot: QtBot) -> None:
    files.shipped[Kind.CLASSIFIER].unlink()
    models = files.service()
    models.start()
    qtbot.waitUntil(lambda: not models.state.is_loading)
    assert models.state.classifier is None
    assert models.drawing_reader() is None
    with pytest.raises(ModelError, match=r"classifier\.onnx is not there"):
        models.read(PICTURE)
    models.use(files.file("other.onnx"))
    qtbot.waitUntil(lambda: models.state.classifier is not None)
    assert models.read(PICTURE).numbers
    models.shut_down()


@pytest.mark.skipif(not SHIPPED_DETECTOR.is_file(), reason="the shipped models are not there yet")
def test_the_shipped_files_read_a_photo_and_a_copy_of_the_detector_takes_its_place(
    tmp_path: Path, qtbot: QtBot
) -> None:
    models = ModelService(Settings(tmp_path / "settings"))
    photo = load_image(SAMPLES / "house_1.jpg")
    assert models.read(photo).numbers[0].text == "1824"
    copy = tmp_path / "copy.onnx"
    copy.write_bytes(SHIPPED_DETECTOR.read_bytes())
    models.use(copy)
    qtbot.waitUntil(lambda: not models.state.is_loading)
    assert models.state.detector is not None
    assert models.state.detector.path == copy
    assert models.state.detector.info.kind == "detector"
    assert models.state.classifier is None, "opened for the photo alone, `start` was never called"
    assert models.read(photo).numbers[0].text == "1824"
    copy.write_bytes(SHIPPED.read_bytes()[:1000])
    models.use(copy)
    qtbot.waitUntil(lambda: models.state.problem is not None)
    models.shut_down()
