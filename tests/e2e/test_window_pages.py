"""Pages, the training window and the end, as the main window handles them."""

from __future__ import annotations

import threading
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QLabel, QMenu, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from app.pages.page import Page, PageContext, PageFactory
from app.ui.shown_reading import DigitRef
from core.base.paths import Places
from tests.app.fake_reader import digit_of, shown
from tests.app.window.test_training_link import FakeTraining
from tests.e2e.window_bench import CTRL, Bench


class OtherPage(Page):
    """A page that reads a 5 as long as it is shown."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[object] = []
        self._bar = QLabel("other bar")
        self._side = QLabel("other side")
        self._action = QAction("Do other things", self)

    def activate(self) -> None:
        self.calls.append("activate")
        self.reading_changed.emit(shown(digit_of(5)))

    def deactivate(self) -> None:
        self.calls.append("deactivate")

    def shut_down(self) -> None:
        self.calls.append("shut_down")

    def bottom_bar(self) -> QWidget:
        return self._bar

    def side_widget(self) -> QWidget:
        return self._side

    def menu_actions(self) -> dict[str, list[QAction]]:
        return {"Edit": [self._action]}

    def correct_digit(self, ref: DigitRef, digit: int) -> None:
        self.calls.append((ref, digit))


def offer_of(built: list[OtherPage]) -> PageFactory:
    """A page that is put into the list when it is built."""

    def build(context: PageContext) -> Page:
        built.append(OtherPage())
        return built[-1]

    return PageFactory("other", "Other", "photos", build)


def test_pages_are_built_when_first_shown_and_share_the_panel(qtbot: QtBot, tmp_path: Path) -> None:
    built: list[OtherPage] = []
    bench = Bench(qtbot, tmp_path, more_pages=[offer_of(built)])
    qtbot.waitUntil(lambda: bench.model == bench.shipped)
    bench.draw()
    bench.read("1")
    assert built == []
    bench.key(Qt.Key.Key_2, CTRL)
    (other,) = built
    assert other.calls == ["activate"]
    assert bench.text() == "5"
    assert other.bottom_bar().isVisible()
    assert other.side_widget().isVisible()
    edit = next(menu for menu in bench.window.findChildren(QMenu) if menu.title() == "&Edit")
    assert [a.text() for a in edit.actions()] == ["Do other things"]
    bench.draw(300)  # news of a hidden page
    bench.window.panel.correct(3)
    assert other.calls == ["activate", (DigitRef(0, 0), 3)]
    bench.key(Qt.Key.Key_1, CTRL)
    assert other.calls[2:] == ["deactivate"]
    bench.read("12")
    assert not other.side_widget().isVisible()
    assert bench.settings.page == "draw"
    bench.window.close()
    assert other.calls[3:] == ["shut_down"]


def test_training_may_keep_the_window_open(qtbot: QtBot, tmp_path: Path) -> None:
    class Training(QWidget):
        model_chosen = Signal(object)
        corrections_wanted = Signal()
        may = False
        shut = False

        def raise_(self) -> None:
            pass

        def set_present_model(self, model: Path) -> None:
            self.present = model

        def may_close(self) -> bool:
            return self.may

        def shutdown(self) -> None:
            self.shut = True

        def start_finetune(self) -> None:
            self.learning = True

    training = Training()
    qtbot.addWidget(training)
    bench = Bench(qtbot, tmp_path, make_training=lambda: training)
    qtbot.waitUntil(lambda: bench.model == bench.shipped)
    bench.key(Qt.Key.Key_T, CTRL)
    assert training.isVisible()
    assert training.present == bench.shipped
    chosen = tmp_path / "best.onnx"
    chosen.write_bytes(b"model")
    training.model_chosen.emit(chosen)
    qtbot.waitUntil(lambda: bench.model == chosen)
    assert training.present == chosen
    bench.window.close()
    assert bench.window.isVisible()
    training.may = True
    bench.window.close()
    assert not bench.window.isVisible()
    assert training.shut
    assert not training.isVisible()


def test_an_offer_that_was_not_answered_is_told_of_at_the_next_start(qtbot: QtBot, tmp_path: Path) -> None:
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


def test_the_system_closes_without_a_question(qtbot: QtBot, tmp_path: Path) -> None:
    bench = Bench(qtbot, tmp_path)
    with qtbot.waitSignal(bench.window.closed):
        bench.window.leave()


def test_closing_ends_every_thread(bench: Bench) -> None:
    bench.draw()
    bench.read("1")
    names = ("reading", "mine", "models", "background")
    assert any(t.name.startswith(names) for t in threading.enumerate())
    with bench.qtbot.waitSignal(bench.window.closed):
        bench.window.close()
    left = {t.name for t in threading.enumerate() if t.name.startswith(names)}
    assert left == set()


def test_pages_can_be_built_beforehand_without_being_shown(qtbot: QtBot, tmp_path: Path) -> None:
    built: list[OtherPage] = []
    bench = Bench(qtbot, tmp_path, more_pages=[offer_of(built)])
    for step in bench.window.pages_to_build():
        step()
    assert len(built) == 1
    assert "activate" not in built[0].calls
    at_first: Page = bench.window.page
    assert at_first is bench.page
    bench.window.show_page("other")
    assert len(built) == 1
    assert bench.window.page is built[0]
