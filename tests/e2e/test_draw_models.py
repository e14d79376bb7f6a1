"""The model that reads drawings: another one, a bad one, none."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QPushButton
from pytestqt.qtbot import QtBot

from app.services.settings import Settings
from core.base.paths import Places
from tests.e2e.window_bench import Bench


def test_another_model_reads_at_once_and_is_remembered(bench: Bench, tmp_path: Path) -> None:
    bench.draw()
    bench.read("1")
    other = tmp_path / "other.onnx"
    other.write_bytes(b"model")
    bench.models.use(other)
    bench.qtbot.waitUntil(lambda: bench.model == other)
    assert bench.loader.opened[-1] == other
    assert bench.settings.model == other
    bench.models.use(None)
    bench.qtbot.waitUntil(lambda: bench.model == bench.shipped)
    assert bench.settings.model is None


def test_a_bad_model_is_refused_and_the_one_before_reads_on(bench: Bench, tmp_path: Path) -> None:
    bad = tmp_path / "bad.onnx"
    bad.write_bytes(b"damaged")
    bench.qtbot.waitUntil(lambda: bench.model == bench.shipped)
    bench.models.use(bad)
    bench.qtbot.waitUntil(lambda: "bad.onnx is damaged" in bench.window.message.text)
    assert bench.model == bench.shipped
    bench.draw()
    bench.read("1")


def test_without_its_model_the_window_opens_and_offers_to_choose_one(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = Bench(qtbot, tmp_path, is_there=False)
    qtbot.waitUntil(lambda: "shipped.onnx is not there" in bench.window.message.text)
    bench.draw()
    assert bench.model is None
    chosen = tmp_path / "chosen.onnx"
    chosen.write_bytes(b"model")
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *args: (str(chosen), ""))
    button = next(
        b for b in bench.window.message.findChildren(QPushButton) if b.text() == "Choose a model file…"
    )
    bench.qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    bench.read("1")
    assert bench.window.message.text == ""
    assert bench.settings.opened_models == [chosen]
    bench.window.close()


def test_a_remembered_model_that_is_gone_gives_way_to_the_shipped_one(qtbot: QtBot, tmp_path: Path) -> None:
    settings = Settings(Places.find().settings)
    settings.model = tmp_path / "gone.onnx"
    settings.save()
    bench = Bench(qtbot, tmp_path)
    qtbot.waitUntil(lambda: bench.model == bench.shipped)
    assert "The shipped model reads instead." in bench.window.message.text
    assert bench.settings.model is None
    bench.window.close()
