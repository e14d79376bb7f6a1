"""A folder on the photos page: its table, its rows' photos, stopping and going on, export."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

import core.reading.images
from app.photos.actions import PhotosAction
from app.ui.shown_reading import DigitRef
from tests.app.photos.page_rig import Rig, folder_read, opened, wait
from tests.app.picture_fakes import plain, save_picture


def test_a_folder_is_read_into_the_table(rig: Rig, qtbot: QtBot) -> None:
    (rig.folder / "photos").mkdir()
    (rig.folder / "photos" / "0 broken.png").write_bytes(b"no")
    folder_read(rig, qtbot)
    assert rig.page.table.isVisible()
    assert rig.texts == ["", "1824", "56", "1824", "56", "1824", "56"]
    assert rig.page.table.count_text == "4 photos · 6 numbers · 1 could not be read"
    assert rig.page.view.has_picture
    assert not rig.page.bar.progress.isVisibleTo(rig.page.bar)
    assert any("of 4" in text for text in rig.status)
    assert not rig.page.grab().isNull()


def test_a_row_shows_its_photo_with_its_number(rig: Rig, qtbot: QtBot) -> None:
    folder = folder_read(rig, qtbot)
    save_picture(folder / "1.png", plain(50, 50))
    table = rig.page.table.table
    table.selectRow(3)
    wait(qtbot, lambda: rig.page.view.viewport.image == (50, 50))
    wait(qtbot, lambda: rig.selected[-1:] == [DigitRef(1, 0)])
    assert rig.page.side.list.currentRow() == 1
    table.selectRow(2)
    assert rig.selected[-1] == DigitRef(0, 0)
    rig.page.actions_of_page[PhotosAction.NEXT].trigger()
    wait(qtbot, lambda: rig.page.view.viewport.image == (160, 120))


def test_a_broken_row_shows_its_sentence(rig: Rig, qtbot: QtBot) -> None:
    (rig.folder / "photos").mkdir()
    (rig.folder / "photos" / "9.png").write_bytes(b"no")
    folder_read(rig, qtbot)
    rig.page.table.table.selectRow(6)
    assert "9.png" in rig.page.side.hint
    assert not rig.page.view.has_picture
    assert not rig.page.view.offers


def test_a_photo_that_has_gone_since_is_reported(rig: Rig, qtbot: QtBot) -> None:
    folder = folder_read(rig, qtbot)
    (folder / "2.png").unlink()
    rig.page.table.table.selectRow(4)
    wait(qtbot, lambda: "2.png" in rig.page.message.text)


def test_reading_a_folder_can_be_stopped(rig: Rig, qtbot: QtBot) -> None:
    for i in range(20):
        rig.picture(f"{i:02}.png")
    rig.reader.gate.clear()
    rig.page.open_paths([rig.folder / "photos"])
    wait(qtbot, lambda: rig.reader.seen)
    wait(qtbot, lambda: rig.page.bar.progress.isVisibleTo(rig.page.bar))
    stop = rig.page.actions_of_page[PhotosAction.CANCEL]
    assert stop.isEnabled()
    stop.trigger()
    rig.reader.gate.set()
    wait(qtbot, lambda: not rig.page.queue.is_running)
    assert rig.status[-1] == "stopped"
    assert len(rig.texts) <= 2 * 2
    assert not stop.isEnabled()


def test_an_empty_folder_is_said(rig: Rig, qtbot: QtBot) -> None:
    (rig.folder / "photos").mkdir()
    rig.page.open_paths([rig.folder / "photos"])
    wait(qtbot, lambda: "no photos" in rig.page.message.text)
    wait(qtbot, lambda: rig.page.view.offers)
    assert rig.page.table.isHidden()


def test_a_correction_in_a_folder_stays_with_its_photo(rig: Rig, qtbot: QtBot) -> None:
    folder_read(rig, qtbot)
    rig.page.correct_number(0, "1111")
    wait(qtbot, lambda: rig.texts[0] == "1111")
    rig.page.actions_of_page[PhotosAction.NEXT].trigger()
    wait(qtbot, lambda: rig.best == "1824")
    rig.page.actions_of_page[PhotosAction.PREVIOUS].trigger()
    wait(qtbot, lambda: rig.best == "1111")
    rig.page.undo_correction()
    assert rig.texts[0] == "1824"


@pytest.mark.parametrize("kind", ["csv", "json"])
def test_readings_are_exported_as_shown(
    rig: Rig, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    folder_read(rig, qtbot)
    rig.page.table.slider.setValue(90)
    path = rig.folder / f"out.{kind}"
    kinds = {"csv": "Comma-separated values (*.csv)", "json": "JSON (*.json)"}
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path.with_suffix("")), kinds[kind]))
    rig.page.actions_of_page[PhotosAction.EXPORT].trigger()
    wait(qtbot, lambda: rig.status[-1:] == [f"exported as out.{kind}"])
    if kind == "json":
        photos = json.loads(path.read_text())
        assert [[n["text"] for n in p["numbers"]] for p in photos] == [["1824"]] * 3
    else:
        assert len(path.read_text().splitlines()) == 4
    rig.page.actions_of_page[PhotosAction.COPY_ROWS].trigger()
    assert "1824" in QGuiApplication.clipboard().text()


def test_an_export_that_fails_is_said(rig: Rig, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    opened(rig, qtbot)
    (rig.folder / "file").write_text("in the way")
    target = str(rig.folder / "file" / "out.csv")
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (target, ""))
    rig.page.actions_of_page[PhotosAction.EXPORT].trigger()
    wait(qtbot, lambda: "could not be exported" in rig.page.message.text)


def test_one_photo_more_is_added_to_the_list(rig: Rig, qtbot: QtBot) -> None:
    folder_read(rig, qtbot)
    rows = len(rig.texts)
    rig.page.open_paths([rig.picture("late.png", plain(50, 40))])
    wait(qtbot, lambda: not rig.page.queue.is_running and len(rig.texts) == rows + 2)
    wait(qtbot, lambda: rig.page.view.viewport.image == (50, 40))
    image = QImage(60, 30, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.gray)
    rig.page.view.image_dropped.emit(image)
    wait(qtbot, lambda: len(rig.texts) == rows + 4)
    assert rig.page.model.rows[-1].result.title == "pasted photo"
    rig.page.table.table.selectRow(0)
    wait(qtbot, lambda: rig.page.view.viewport.image == (160, 120))
    rig.page.table.table.selectRow(rows + 2)
    wait(qtbot, lambda: rig.page.view.viewport.image == (60, 30))


def test_what_comes_while_a_folder_is_read_is_read_after_it(rig: Rig, qtbot: QtBot) -> None:
    rig.reader.gate.clear()
    for name in ("a.png", "b.png"):
        rig.picture(name)
    rig.page.open_paths([rig.folder / "photos"])
    wait(qtbot, lambda: rig.reader.seen)
    rig.page.open_paths([save_picture(rig.folder / "c.png")])
    rig.reader.gate.set()
    wait(qtbot, lambda: not rig.page.queue.is_running and rig.page.model.counts[0] == 3)
    assert [row.result.title for row in rig.page.model.rows[::2]] == ["a.png", "b.png", "c.png"]


def test_a_stopped_folder_goes_on_where_it_stopped(rig: Rig, qtbot: QtBot) -> None:
    rig.reader.gate.clear()
    for i in range(4):
        rig.picture(f"{i}.png")
    rig.page.open_paths([rig.folder / "photos"])
    wait(qtbot, lambda: rig.reader.seen)
    go_on = rig.page.actions_of_page[PhotosAction.GO_ON]
    assert not go_on.isVisible()
    rig.page.actions_of_page[PhotosAction.CANCEL].trigger()
    rig.reader.gate.set()
    wait(qtbot, lambda: not rig.page.queue.is_running)
    assert rig.page.model.counts[0] == 1
    assert go_on.isVisible()
    assert rig.status[-1] == "stopped"
    go_on.trigger()
    wait(qtbot, lambda: not rig.page.queue.is_running and rig.page.model.counts[0] == 4)
    assert [row.result.title for row in rig.page.model.rows[::2]] == [f"{i}.png" for i in range(4)]
    assert not go_on.isVisible()


def test_a_folder_s_photos_are_decoded_once(rig: Rig, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    opened_files: list[Path] = []
    load = core.reading.images.load_image

    def counting(path: Path, page: int = 0) -> NDArray[np.uint8]:
        opened_files.append(path)
        return load(path, page)

    monkeypatch.setattr(core.reading.images, "load_image", counting)
    folder_read(rig, qtbot)
    rig.page.table.table.selectRow(rig.page.model.rowCount() - 1)
    wait(qtbot, lambda: rig.page.side.hint == "" and rig.page.view.has_picture)
    rig.page.table.table.selectRow(0)
    wait(qtbot, lambda: rig.page.side.hint == "")
    assert len(opened_files) == len(set(opened_files))
