"""Whole journeys through the main window: drawing, correcting, pictures, models, settings, closing."""

from __future__ import annotations

import threading
import time

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QMimeData, QPoint, QSize, Qt, QTimer, QUrl, Signal
from PySide6.QtGui import QAction, QGuiApplication, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QFileDialog, QLabel, QPushButton, QToolButton, QWidget

from app.main_window import MainWindow, WindowParts
from app.pages import Page, PageOffer
from app.settings import Settings, Theme
from app.theme import fusion_palette
from core.mine import MineStore, read_strokes
from core.paths import Places
from tests.app.fake_reader import FakeModels, FakeReader, digit_of, reading_of
from tests.app.pointer import drag, line, move
from tests.app.test_training_link import FakeTraining

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


@pytest.fixture
def bench(qtbot, tmp_path):
    made = Bench(qtbot, tmp_path)
    yield made
    made.window.close()


def test_a_digit_is_read_while_it_is_drawn(bench):
    drag(bench.canvas, line(100, 50, 110, 170), let_go=False)
    bench.read("1")
    QTest.mouseRelease(bench.canvas, Qt.MouseButton.LeftButton, pos=QPoint(110, 170))
    bench.draw(200)
    bench.read("12")
    bench.qtbot.waitUntil(lambda: bench.window.bottom.time_text == "read in 1.2 ms")


def test_undo_redo_clear(bench):
    bench.draw(100)
    bench.draw(200)
    bench.read("12")
    bench.key(Qt.Key.Key_Z, CTRL)
    bench.read("1")
    bench.key(Qt.Key.Key_Y, CTRL)
    bench.read("12")
    bench.key(Qt.Key.Key_C)
    bench.read("")
    assert bench.canvas.drawing.is_empty
    bench.key(Qt.Key.Key_Z, CTRL)
    bench.read("12")
    for _ in range(2):
        bench.key(Qt.Key.Key_Z, CTRL)
    bench.read("")


def test_the_eraser_by_key(bench):
    bench.draw(100)
    bench.read("1")
    bench.key(Qt.Key.Key_E)
    drag(bench.canvas, line(60, 110, 160, 110))
    bench.read("12")  # two pieces, which the fake reader counts
    bench.key(Qt.Key.Key_E)
    bench.draw(300)
    bench.read("123")


def test_a_late_reading_never_comes_back_after_clear(bench, tmp_path):
    gate = threading.Event()
    slow = tmp_path / "slow.onnx"
    reader = bench.models.readers[slow] = FakeReader(gate=gate)
    with bench.qtbot.waitSignal(bench.page.model_ready):
        bench.window.use_model(slow)
    bench.draw()
    bench.qtbot.waitUntil(reader.started.is_set)
    bench.key(Qt.Key.Key_C)
    gate.set()
    reader.started.clear()
    bench.draw(300)
    bench.qtbot.waitUntil(reader.started.is_set)
    bench.read("1")


def test_wrong_tell_me_keeps_the_drawing_and_undo_takes_it_back(bench):
    bench.draw(100)
    bench.draw(200)
    bench.read("12")
    bench.key(Qt.Key.Key_Right)
    assert bench.window.panel.selected == 1
    bench.key(Qt.Key.Key_7)
    bench.count(1)
    assert "Kept as a 7." in bench.window.panel.notice
    store = MineStore(bench.places.mine)
    (entry,) = store.entries()
    assert entry.label == 7
    (stroke,) = read_strokes(entry)
    assert len(stroke.points) == 13
    assert all(0 <= x <= entry.size[0] and 0 <= y <= entry.size[1] for x, y in stroke.points)
    # Another answer for the same digit takes the place of the first.
    bench.key(Qt.Key.Key_1)
    bench.qtbot.waitUntil(lambda: [e.label for e in store.entries()] == [1])
    bench.key(Qt.Key.Key_Z, CTRL)
    bench.qtbot.waitUntil(lambda: [e.label for e in store.entries()] == [7])
    label = next(la for la in bench.window.panel.findChildren(QLabel) if "Undo" in la.text())
    label.linkActivated.emit("undo")
    bench.count(0)
    assert bench.text() == "12"
    assert bench.window.panel.notice == "Taken back."
    bench.key(Qt.Key.Key_Y, CTRL)
    bench.count(1)
    bench.draw(300)
    bench.read("123")
    assert bench.window.panel.notice == ""


def test_a_button_of_the_panel_corrects_too(bench):
    bench.draw()
    bench.read("1")
    button = next(b for b in bench.window.panel.findChildren(QToolButton) if b.text() == "4")
    bench.qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    bench.count(1)
    assert MineStore(bench.places.mine).entries()[0].label == 4


def _drop(bench, *paths):
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    QGuiApplication.clipboard().setMimeData(mime)
    bench.key(Qt.Key.Key_V, CTRL)


class OtherPage(Page):
    """A page that reads a 5 as long as it is shown."""

    def __init__(self):
        super().__init__()
        self.calls = []
        self._bar = QLabel("other bar")
        self._side = QLabel("other side")
        self._action = QAction("Do other things", self)

    def activate(self):
        self.calls.append("activate")
        self.reading_changed.emit(reading_of(digit_of(5)))

    def deactivate(self):
        self.calls.append("deactivate")

    def shut_down(self):
        self.calls.append("shut_down")

    def bottom_bar(self):
        return self._bar

    def side_widget(self):
        return self._side

    def menu_actions(self):
        return {"Edit": [self._action]}

    def use_model(self, path):
        self.calls.append(path)

    def correct_digit(self, index, digit):
        self.calls.append((index, digit))


def test_pages_are_built_when_first_shown_and_share_the_panel(qtbot, tmp_path):
    built = []

    def build(context):
        built.append(OtherPage())
        return built[-1]

    bench = Bench(qtbot, tmp_path, more_pages=[PageOffer("other", "Other", "photos", build)])
    qtbot.waitUntil(lambda: bench.window.model == bench.shipped)
    bench.draw()
    bench.read("1")
    assert built == []
    bench.key(Qt.Key.Key_2, CTRL)
    (other,) = built
    assert other.calls == [bench.shipped, "activate"]
    assert bench.text() == "5"
    assert other.bottom_bar().isVisible()
    assert other.side_widget().isVisible()
    edit = next(m.menu() for m in bench.window.menuBar().actions() if m.text() == "Edit")
    assert [a.text() for a in edit.actions()] == ["Do other things"]
    bench.draw(300)  # news of a hidden page
    bench.window.panel.correct(3)
    assert other.calls[-1] == (0, 3)
    bench.key(Qt.Key.Key_1, CTRL)
    assert other.calls[-1] == "deactivate"
    bench.read("12")
    assert not other.side_widget().isVisible()
    assert bench.settings.page == "draw"
    another = tmp_path / "another.onnx"
    another.write_bytes(b"model")
    bench.window.use_model(another)
    qtbot.waitUntil(lambda: other.calls[-1] == another)
    bench.window.close()
    assert other.calls[-1] == "shut_down"


def test_training_may_keep_the_window_open(qtbot, tmp_path):
    class Training(QWidget):
        model_chosen = Signal(object)
        may = False
        shut = False

        def raise_(self):
            pass

        def set_present_model(self, model):
            self.present = model

        def may_close(self):
            return self.may

        def shutdown(self):
            self.shut = True

        def start_finetune(self):
            self.learning = True

    training = Training()
    qtbot.addWidget(training)
    bench = Bench(qtbot, tmp_path, make_training=lambda: training)
    qtbot.waitUntil(lambda: bench.window.model == bench.shipped)
    bench.key(Qt.Key.Key_T, CTRL)
    assert training.isVisible()
    assert training.present == bench.shipped
    chosen = tmp_path / "best.onnx"
    chosen.write_bytes(b"model")
    training.model_chosen.emit(chosen)
    qtbot.waitUntil(lambda: bench.window.model == chosen)
    assert training.present == chosen
    bench.window.close()
    assert bench.window.isVisible()
    training.may = True
    bench.window.close()
    assert not bench.window.isVisible()
    assert training.shut
    assert not training.isVisible()


def test_an_offer_that_was_not_answered_is_told_of_at_the_next_start(qtbot, tmp_path):
    run = Places.find().runs / "finetune-20260101-100000-aaaa"
    run.mkdir(parents=True)
    for name in ("offer", "test.json", "best_model.onnx"):
        (run / name).touch()
    training = FakeTraining()
    qtbot.addWidget(training)
    bench = Bench(qtbot, tmp_path, make_training=lambda: training)
    qtbot.waitUntil(lambda: "can be compared with the present model" in bench.window.message.text)
    button = next(b for b in bench.window.message.findChildren(QPushButton) if b.text() == "Compare…")
    bench.qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert training.isVisible()
    bench.window.close()


def test_the_system_closes_without_a_question(qtbot, tmp_path):
    bench = Bench(qtbot, tmp_path)
    with qtbot.waitSignal(bench.window.closed):
        bench.window.leave()


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


def test_another_model_reads_at_once_and_is_remembered(bench, tmp_path):
    bench.draw()
    bench.read("1")
    other = tmp_path / "other.onnx"
    other.write_bytes(b"model")
    with bench.qtbot.waitSignal(bench.page.model_ready):
        bench.window.use_model(other)
    bench.qtbot.waitUntil(lambda: bench.window.model == other)
    assert bench.models.loaded[-1] == other
    assert bench.settings.model == other
    bench.window.use_model(None)
    bench.qtbot.waitUntil(lambda: bench.window.model == bench.shipped)
    assert bench.settings.model is None


def test_a_bad_model_is_refused_and_the_one_before_reads_on(bench, tmp_path):
    bad = tmp_path / "bad.onnx"
    bad.write_bytes(b"damaged")
    bench.qtbot.waitUntil(lambda: bench.window.model == bench.shipped)
    bench.window.use_model(bad)
    bench.qtbot.waitUntil(lambda: "bad.onnx is damaged" in bench.window.message.text)
    assert bench.window.model == bench.shipped
    bench.draw()
    bench.read("1")


def test_without_its_model_the_window_opens_and_offers_to_choose_one(qtbot, tmp_path, monkeypatch):
    bench = Bench(qtbot, tmp_path, shipped=tmp_path / "gone.onnx")
    qtbot.waitUntil(lambda: "gone.onnx is not there" in bench.window.message.text)
    bench.draw()
    assert bench.window.model is None
    chosen = tmp_path / "chosen.onnx"
    chosen.write_bytes(b"model")
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *args: (str(chosen), ""))
    button = next(b for b in bench.window.message.findChildren(QPushButton) if b.text() == "Choose a model file…")
    bench.qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    bench.read("1")
    assert bench.window.message.text == ""
    assert bench.settings.opened_models == [chosen]
    bench.window.close()


def test_a_remembered_model_that_is_gone_gives_way_to_the_shipped_one(qtbot, tmp_path):
    settings = Settings(Places.find().settings)
    settings.model = tmp_path / "gone.onnx"
    settings.save()
    bench = Bench(qtbot, tmp_path)
    qtbot.waitUntil(lambda: bench.window.model == bench.shipped)
    assert "The shipped model reads instead." in bench.window.message.text
    assert bench.settings.model is None
    bench.window.close()


def test_what_was_chosen_is_there_at_the_next_start(bench):
    bench.key(Qt.Key.Key_BracketRight)
    assert bench.canvas.pen_width == 18
    bench.window.resize(790, 590)
    bench.window.close()
    bench.settings = Settings(bench.places.settings)
    bench.make(size=None)
    assert bench.canvas.pen_width == 18
    assert bench.window.size() == QSize(790, 590)
    assert "pen" in bench.settings.hints_done


def test_the_theme_is_applied_and_kept(qtbot, tmp_path):
    applied = []
    bench = Bench(qtbot, tmp_path, apply_theme=applied.append)
    dark = next(a for m in bench.window.menuBar().actions() for a in m.menu().actions() if a.text() == "Dark")
    dark.trigger()
    assert applied == [Theme.DARK]
    assert bench.settings.theme is Theme.DARK
    bench.window.close()


def test_hints_teach_one_thing_at_a_time_and_can_be_turned_off(bench):
    hints = bench.page.hints
    assert hints.text.startswith("Draw a digit")
    bench.draw()
    assert hints.text.startswith("Draw several")
    off = next(b for b in hints.findChildren(QToolButton) if "No more" in b.accessibleName())
    bench.qtbot.mouseClick(off, Qt.MouseButton.LeftButton)
    assert hints.text == ""
    assert not bench.settings.hints


def test_help_lists_every_key(bench):
    bench.key(Qt.Key.Key_F1)
    dialog = bench.window.findChild(QDialog)
    shown = {label.text() for label in dialog.findChildren(QLabel)}
    for words in ("Undo", "Eraser", "Clear", "Thinner pen", "Say which digit it really is", "Draw", "Shortcuts"):
        assert words in shown
    assert "C, Del" in shown
    dialog.close()


def test_every_control_has_a_name_and_the_keyboard_reaches_it(bench):
    for button in bench.window.findChildren(QToolButton):
        if button.isVisible() and button.objectName() != "qt_toolbar_ext_button":
            assert button.accessibleName() or button.text(), button
    seen = set()
    bench.canvas.setFocus()
    for _ in range(60):
        bench.key(Qt.Key.Key_Tab)
        seen.add(QApplication.focusWidget())
    assert bench.canvas in seen
    assert len(seen) >= 4


def test_closing_ends_every_thread(bench):
    before = {t.name for t in threading.enumerate()}
    assert any(name.startswith(("reading", "mine")) for name in before)
    bench.draw()
    with bench.qtbot.waitSignal(bench.window.closed):
        bench.window.close()
    left = {t.name for t in threading.enumerate() if t.name.startswith(("reading", "mine", "background"))}
    assert left == set()


def test_the_window_never_blocks_while_one_draws(bench):
    """Between two heartbeats of the GUI thread, 50 ms at most go by (as processor time: the machine is shared)."""
    gaps: list[float] = []
    last = time.thread_time()

    def beat():
        nonlocal last
        now = time.thread_time()
        gaps.append(now - last)
        last = now

    timer = QTimer(interval=5)
    timer.timeout.connect(beat)
    timer.start()
    turns = np.linspace(0, 14, 600)
    points = [(round(200 + 150 * np.cos(t)), round(200 + 120 * np.sin(1.7 * t))) for t in turns]
    QTest.mousePress(bench.canvas, Qt.MouseButton.LeftButton, pos=QPoint(*points[0]))
    for start in range(0, len(points), 4):
        for x, y in points[start : start + 4]:
            move(bench.canvas, x, y)
        QApplication.processEvents()
    QTest.mouseRelease(bench.canvas, Qt.MouseButton.LeftButton, pos=QPoint(*points[-1]))
    bench.read("1")
    assert max(gaps) < 0.05


def _paper(canvas):
    image = canvas.grab().toImage()
    return image.pixelColor(image.width() - 20, image.height() - 20).lightness()


def test_the_theme_changes_while_the_window_is_open(bench, qapp):
    before = qapp.palette()
    try:
        bench.draw()
        bench.read("1")
        qapp.setPalette(fusion_palette(dark=True))
        bench.qtbot.waitUntil(lambda: _paper(bench.canvas) < 60)
    finally:
        qapp.setPalette(before)
