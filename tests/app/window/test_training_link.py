from pathlib import Path

import pytest
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from app.services.model_files import SHIPPED_DETECTOR
from app.window.training_link import TrainingLink


class FakeTraining(QWidget):
    model_chosen = Signal(object)
    corrections_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[object] = []
        self.may = True

    def raise_(self) -> None:
        """Nothing: the offscreen platform would only warn."""

    def set_present_model(self, model: Path) -> None:
        self.calls.append(("present", model))

    def start_finetune(self) -> None:
        self.calls.append(("finetune",))

    def show_learnings(self) -> None:
        self.calls.append(("learnings",))

    def may_close(self) -> bool:
        return self.may

    def shutdown(self) -> None:
        self.calls.append(("shutdown",))


@pytest.fixture
def made() -> list[FakeTraining]:
    return []


@pytest.fixture
def link(qtbot: QtBot, made: list[FakeTraining]) -> TrainingLink:
    def make() -> FakeTraining:
        window = FakeTraining()
        qtbot.addWidget(window)
        made.append(window)
        return window

    return TrainingLink(make)


def test_the_window_is_built_when_first_wanted_and_once(link: TrainingLink, made: list[FakeTraining]) -> None:
    link.set_present_model(Path("a.onnx"))
    assert made == []
    assert link.may_close()
    link.shut_down()
    link.open()
    link.open()
    (window,) = made
    assert window.isVisible()
    assert window.calls == [("present", Path("a.onnx"))]
    link.set_present_model(Path("b.onnx"))
    assert window.calls[-1] == ("present", Path("b.onnx"))


def test_it_is_told_of_both_kinds_of_models(link: TrainingLink, made: list[FakeTraining]) -> None:
    link.set_present_model(Path("a.onnx"))
    link.set_present_model(SHIPPED_DETECTOR)
    link.set_present_model(Path("b.onnx"))
    link.open()
    assert made[0].calls == [("present", Path("b.onnx")), ("present", SHIPPED_DETECTOR)]


def test_a_model_that_is_chosen_there_is_told_here(
    link: TrainingLink, made: list[FakeTraining], qtbot: QtBot
) -> None:
    link.open()
    with qtbot.waitSignal(link.model_chosen) as blocker:
        made[0].model_chosen.emit(Path("best.onnx"))
    assert blocker.args == [Path("best.onnx")]


def test_what_was_labelled_is_looked_through_from_there(
    link: TrainingLink, made: list[FakeTraining], qtbot: QtBot
) -> None:
    link.open()
    with qtbot.waitSignal(link.corrections_wanted):
        made[0].corrections_wanted.emit()


def test_learning_from_corrections_opens_it(link: TrainingLink, made: list[FakeTraining]) -> None:
    link.learn_from_corrections()
    assert made[0].isVisible()
    assert made[0].calls == [("finetune",)]


def test_it_has_a_say_when_the_program_ends(link: TrainingLink, made: list[FakeTraining]) -> None:
    link.open()
    made[0].may = False
    assert not link.may_close()
    link.shut_down()
    assert made[0].calls == [("shutdown",)]
    assert not made[0].isVisible()
