"""Pictures on the canvas, and the drawing out of it: dropped, pasted, copied, saved."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QMimeData, Qt, QUrl
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import QFileDialog, QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from app.draw.canvas import Canvas
from app.draw.drawing import Drawing
from app.pages.page import Page, PageContext, PageFactory
from tests.app.pointer import drag, line
from tests.e2e.window_bench import CTRL, Bench


def _drop(bench: Bench, *paths: Path) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    QGuiApplication.clipboard().setMimeData(mime)
    bench.key(Qt.Key.Key_V, CTRL)


def test_a_picture_is_shown_read_and_undone(bench: Bench, tmp_path: Path) -> None:
    path = tmp_path / "seven.png"
    Image.fromarray(np.full((40, 30), 128, np.uint8)).save(path)
    bench.draw()
    bench.read("1")
    _drop(bench, path)
    bench.read("7")
    assert bench.canvas.drawing.picture is not None
    assert bench.canvas.drawing.strokes == ()
    bench.key(Qt.Key.Key_Z, CTRL)
    bench.read("1")


def test_a_bad_picture_is_a_sentence_in_place(bench: Bench, tmp_path: Path) -> None:
    path = tmp_path / "broken.png"
    path.write_bytes(b"\x89PNG\r\n\x1a\nno")
    _drop(bench, path)
    bench.qtbot.waitUntil(lambda: "broken.png" in bench.page.message.text)
    assert bench.canvas.drawing.is_empty
    bench.draw()
    assert bench.page.message.text == ""


def test_a_copied_picture_is_pasted_and_nothing_is_a_sentence(bench: Bench) -> None:
    image = QImage(30, 40, QImage.Format.Format_ARGB32)
    image.fill(0x80FF0000)
    QGuiApplication.clipboard().setImage(image)
    bench.key(Qt.Key.Key_V, CTRL)
    bench.read("7")
    QGuiApplication.clipboard().setText("seven")
    bench.key(Qt.Key.Key_V, CTRL)
    assert "no photo to paste" in bench.page.message.text


def test_copy_gives_the_number_and_the_picture(bench: Bench) -> None:
    bench.draw()
    bench.read("1")
    bench.key(Qt.Key.Key_C, CTRL)
    mime = QGuiApplication.clipboard().mimeData()
    assert mime.text() == "1"
    assert mime.hasImage()


def test_save_as_png(bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.draw()
    bench.read("1")
    offered: list[str] = []

    def ask(parent: QWidget, title: str, name: str, kinds: str) -> tuple[str, str]:
        offered.append(name)
        return str(tmp_path / "mine"), kinds

    monkeypatch.setattr(QFileDialog, "getSaveFileName", ask)
    with bench.qtbot.waitSignal(bench.page.status_changed):
        bench.key(Qt.Key.Key_S, CTRL)
    assert offered == ["drawing-1.png"]
    saved = QImage(str(tmp_path / "mine.png"))
    assert saved.size() == bench.canvas.size() * 2
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *args: (str(tmp_path / "no" / "\0.png"), ""))
    bench.key(Qt.Key.Key_S, CTRL)
    bench.qtbot.waitUntil(lambda: "could not be saved" in bench.page.message.text)


def test_a_correction_shows_in_the_headline_the_clipboard_and_the_name_offered(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.draw()
    bench.read("1")
    bench.key(Qt.Key.Key_7)
    bench.read("7")
    assert bench.window.panel.view.detail == "corrected"
    bench.key(Qt.Key.Key_C, CTRL)
    assert QGuiApplication.clipboard().text() == "7"
    offered: list[str] = []

    def ask(parent: QWidget, title: str, name: str, kinds: str) -> tuple[str, str]:
        offered.append(name)
        return "", ""

    monkeypatch.setattr(QFileDialog, "getSaveFileName", ask)
    bench.key(Qt.Key.Key_S, CTRL)
    assert offered == ["drawing-7.png"]
    bench.key(Qt.Key.Key_Z, CTRL)
    bench.read("1")


def test_a_folder_on_the_canvas_is_offered_to_the_photos(qtbot: QtBot, tmp_path: Path) -> None:
    photos = PhotosPages()
    bench = Bench(qtbot, tmp_path, more_pages=[PageFactory("photos", "Photos", "photos", photos.build)])
    bench.canvas.files_dropped.emit([tmp_path])
    assert "a folder can be read on the page Photos" in bench.page.message.text
    button = next(b for b in bench.page.message.findChildren(QPushButton) if b.text() == "Read in Photos")
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert bench.window.page is photos.page
    assert photos.page.opened == [tmp_path]
    bench.window.close()


def test_a_box_does_not_stay_on_the_next_picture(bench: Bench, tmp_path: Path) -> None:
    for name, size in (("one.png", (40, 30)), ("two.png", (30, 40))):
        Image.fromarray(np.full(size, 128, np.uint8)).save(tmp_path / name)
    _drop(bench, tmp_path / "one.png")
    bench.read("7")
    seen = []
    bench.canvas.ink_changed.connect(lambda: seen.append(bench.text()))
    _drop(bench, tmp_path / "two.png")
    bench.qtbot.waitUntil(lambda: bool(seen))
    assert seen == [""], "until the second one is read, nothing of the first is shown"
    bench.read("7")


def test_moves_of_the_mouse_do_not_copy_the_stroke(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    copies = 0
    snapshot = Canvas.snapshot

    def counted(canvas: Canvas) -> Drawing:
        nonlocal copies
        copies += 1
        return snapshot(canvas)

    monkeypatch.setattr(Canvas, "snapshot", counted)
    drag(bench.canvas, line(100, 50, 110, 170, steps=200))
    assert copies < 40, "asked for by the clock of the readings alone"
    bench.read("1")


class PhotosPages:
    """Builds a page that notes what it is to open."""

    def build(self, context: PageContext) -> Page:
        self.page = OpeningPage()
        return self.page


class OpeningPage(Page):
    def __init__(self) -> None:
        super().__init__()
        self.opened: list[Path] = []
        self._bar = QLabel()

    def bottom_bar(self) -> QLabel:
        return self._bar

    def open_paths(self, paths: Sequence[Path]) -> None:
        self.opened += paths
