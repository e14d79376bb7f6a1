"""A main window with a reader that needs no model, and hands to use it."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtTest import QTest

from app.services.settings import Settings
from app.window.main_window import MainWindow, WindowParts
from core.base.paths import Places
from tests.app.fake_reader import FakeModels
from tests.app.pointer import drag, line

SMALL = QSize(1024, 640)
CTRL = Qt.KeyboardModifier.ControlModifier


class Bench:
    """A main window with a reader that needs no model, and hands to use it."""

    def __init__(self, qtbot, tmp_path, **parts):
        self.qtbot = qtbot
        self.places = Places.find()
        self.models = FakeModels()
        self.shipped = tmp_path / "shipped.onnx"
        self.shipped.write_bytes(b"model")
        self.settings = Settings(self.places.settings)
        self.make(**parts)

    def make(self, *, size=SMALL, **parts):
        given = {"shipped": self.shipped, "load": self.models.load} | parts
        self.window = MainWindow(WindowParts(places=self.places, settings=self.settings, **given))
        self.qtbot.addWidget(self.window, before_close_func=lambda window: window.close())
        if size is not None:
            self.window.resize(size)
        self.window.show()
        self.qtbot.waitExposed(self.window)
        self.window.activateWindow()

    @property
    def page(self):
        return self.window.draw_page

    @property
    def canvas(self):
        return self.page.canvas

    def text(self):
        return self.window.panel.view.text

    def read(self, text):
        self.qtbot.waitUntil(lambda: self.text() == text)

    def draw(self, x=100, y=50):
        drag(self.canvas, line(x, y, x + 10, y + 120))

    def key(self, key, modifier=Qt.KeyboardModifier.NoModifier):
        QTest.keyClick(self.window, key, modifier)

    def count(self, count):
        self.qtbot.waitUntil(lambda: self.window.bottom.mine_text.startswith(f"{count} mine"))
