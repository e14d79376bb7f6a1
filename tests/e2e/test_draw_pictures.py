"""Pictures on the canvas, and the drawing out of it: dropped, pasted, copied, saved."""

from __future__ import annotations

import numpy as np
from PIL import Image
from PySide6.QtCore import QMimeData, Qt, QUrl
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import QFileDialog

from tests.e2e.window_bench import CTRL


def _drop(bench, *paths):
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    QGuiApplication.clipboard().setMimeData(mime)
    bench.key(Qt.Key.Key_V, CTRL)


def test_a_picture_is_shown_read_and_undone(bench, tmp_path):
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


def test_a_bad_picture_is_a_sentence_in_place(bench, tmp_path):
    path = tmp_path / "broken.png"
    path.write_bytes(b"\x89PNG\r\n\x1a\nno")
    _drop(bench, path)
    bench.qtbot.waitUntil(lambda: "broken.png" in bench.page.message.text)
    assert bench.canvas.drawing.is_empty
    bench.draw()
    assert bench.page.message.text == ""


def test_a_copied_picture_is_pasted_and_nothing_is_a_sentence(bench):
    image = QImage(30, 40, QImage.Format.Format_ARGB32)
    image.fill(0x80FF0000)
    QGuiApplication.clipboard().setImage(image)
    bench.key(Qt.Key.Key_V, CTRL)
    bench.read("7")
    QGuiApplication.clipboard().setText("seven")
    bench.key(Qt.Key.Key_V, CTRL)
    assert "no picture to paste" in bench.page.message.text


def test_copy_gives_the_number_and_the_picture(bench):
    bench.draw()
    bench.read("1")
    bench.key(Qt.Key.Key_C, CTRL)
    mime = QGuiApplication.clipboard().mimeData()
    assert mime.text() == "1"
    assert mime.hasImage()


def test_save_as_png(bench, tmp_path, monkeypatch):
    bench.draw()
    bench.read("1")
    offered = []

    def ask(parent, title, name, kinds):
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
