"""Reading many photos: order, progress, cancel; broken files are reported and the rest goes on."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from PIL import Image
from pytestqt.qtbot import QtBot

from app.photos.folder_job import FolderJob, FolderProgress
from app.photos.results import PhotoResult
from core.base.errors import InputError, ModelError
from tests.app.picture_fakes import FakeReader, number_of, save_picture


class Told:
    """What a job told."""

    def __init__(self, job: FolderJob) -> None:
        self.job = job
        self.results: list[PhotoResult] = []
        self.progress: list[FolderProgress] = []
        self.failures: list[str] = []
        self.whole: list[bool] = []
        job.photo_read.connect(self.results.append)
        job.progressed.connect(self.progress.append)
        job.failed.connect(self.failures.append)
        job.finished.connect(self.whole.append)


@pytest.fixture
def read(qtbot: QtBot) -> Iterator[Callable[..., Told]]:
    """Runs a job to its end."""
    jobs: list[FolderJob] = []

    def run(paths: Sequence[Path], reader: FakeReader, **options: object) -> Told:
        keys = itertools.count(1)
        job = FolderJob(paths, reader, next_key=lambda: next(keys), **options)  # type: ignore[arg-type]
        jobs.append(job)
        told = Told(job)
        with qtbot.waitSignal(job.finished, timeout=20_000):
            job.start()
        return told

    yield run
    for job in jobs:
        job.cancel()
        assert job.wait(10)


def test_a_folder_with_broken_files_is_read_to_its_end(read: Callable[..., Told], tmp_path: Path) -> None:
    for name in ("b.png", "a.jpg", "deep/c.png"):
        save_picture(tmp_path / name)
    (tmp_path / "broken.jpg").write_bytes(b"\xff\xd8 no more")
    (tmp_path / "empty.png").touch()
    (tmp_path / "notes.txt").write_text("no photo")
    told = read([tmp_path], FakeReader(number_of("42")))
    names = [r.path.relative_to(tmp_path).as_posix() for r in told.results if r.path]
    assert names == ["a.jpg", "b.png", "broken.jpg", "empty.png", "deep/c.png"]
    assert [bool(r.error) for r in told.results] == [False, False, True, True, False]
    assert [r.key for r in told.results] == [1, 2, 3, 4, 5]
    assert told.results[0].size == (160, 120)
    assert told.results[0].reading is not None
    assert told.results[0].reading.numbers[0].text == "42"
    assert "empty.png" in told.results[3].error
    assert told.progress[0] == FolderProgress(0, None)
    assert told.progress[-1] == FolderProgress(5, 5, 2)
    assert told.whole == [True]
    assert told.failures == []


def test_files_and_folders_may_be_mixed(read: Callable[..., Told], tmp_path: Path) -> None:
    save_picture(tmp_path / "folder" / "x.png")
    (tmp_path / "empty").mkdir()
    lone = save_picture(tmp_path / "lone.png")
    told = read([lone, tmp_path / "empty", tmp_path / "folder", tmp_path / "gone.png"], FakeReader())
    assert [r.title for r in told.results] == ["empty", "lone.png", "x.png", "gone.png"]
    assert "no photos" in told.results[0].error
    assert told.results[3].error
    assert [r.is_photo for r in told.results] == [False, True, True, True]
    assert told.progress[-1] == FolderProgress(3, 3, 2)


def test_a_folder_without_photos_gets_a_sentence(read: Callable[..., Told], tmp_path: Path) -> None:
    told = read([tmp_path], FakeReader())
    assert told.whole == [False]
    assert told.results == []
    assert "no photos" in told.failures[0]


@pytest.mark.parametrize(
    ("error", "problems"),
    [(InputError("Not a picture."), 3), (ZeroDivisionError("odd"), 3), (MemoryError(), 3)],
)
def test_whatever_a_photo_does_the_rest_goes_on(
    read: Callable[..., Told], tmp_path: Path, error: Exception, problems: int
) -> None:
    for i in range(3):
        save_picture(tmp_path / f"{i}.png")
    reader = FakeReader()
    reader.error = error
    told = read([tmp_path], reader)
    assert told.progress[-1] == FolderProgress(3, 3, problems)
    assert all(r.error.endswith((".", "…")) for r in told.results)
    assert told.whole == [True]


def test_without_a_model_nothing_goes_on(read: Callable[..., Told], tmp_path: Path) -> None:
    for i in range(3):
        save_picture(tmp_path / f"{i}.png")
    reader = FakeReader()
    reader.error = ModelError("detector.onnx is missing.")
    told = read([tmp_path], reader)
    assert told.failures == ["detector.onnx is missing."]
    assert told.results == []
    assert told.whole == [False]


def test_cancel_stops_after_the_photo_being_read(tmp_path: Path, qtbot: QtBot) -> None:
    paths = [save_picture(tmp_path / f"{i:03}.png") for i in range(50)]
    reader = FakeReader()
    reader.gate.clear()
    job = FolderJob(paths, reader, next_key=lambda: 1)
    told = Told(job)
    job.start()
    qtbot.waitUntil(lambda: bool(reader.seen), timeout=10_000)
    with qtbot.waitSignal(job.finished, timeout=10_000):
        job.cancel()
        reader.gate.set()
    assert told.whole == [False]
    assert len(told.results) == 1
    assert job.wait(5)


def test_cancel_while_folders_are_searched(tmp_path: Path, qtbot: QtBot) -> None:
    job = FolderJob([save_picture(tmp_path / "a.png")], FakeReader(), next_key=lambda: 1)
    told = Told(job)
    with qtbot.waitSignal(job.finished, timeout=10_000):
        job.cancel()
        job.start()
    assert told.whole == [False]
    assert told.results == []


def test_each_page_of_a_scan_is_a_result(read: Callable[..., Told], tmp_path: Path) -> None:
    pages = [Image.new("L", (40 + i, 30), 90 * i) for i in range(3)]
    pages[0].save(tmp_path / "scan.tif", save_all=True, append_images=pages[1:])
    pages[0].save(tmp_path / "moving.gif", save_all=True, append_images=pages[1:])
    told = read([tmp_path], FakeReader(number_of("42")))
    assert [r.title for r in told.results] == [
        "moving.gif", "page 1 of scan.tif", "page 2 of scan.tif", "page 3 of scan.tif",
    ]  # fmt: skip
    assert [r.size for r in told.results[1:]] == [(40, 30), (41, 30), (42, 30)]
    assert [r.page.number for r in told.results if r.page] == [1, 2, 3]
    assert "only the first of its 3 frames" in told.results[0].remark
    assert told.progress[-1] == FolderProgress(2, 2)
