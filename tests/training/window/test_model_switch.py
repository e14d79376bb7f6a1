"""Putting a model to use: a better one at once, a worse one after a question, and back."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from core.base.files import write_json
from core.recipes.recipe import recipe_named
from core.runs import events
from tests.training.conftest import MakeView, history
from tests.widgets import texts_in, words_in
from training.runs.launch import Commands
from training.runs.model_cards import Kind
from training.services.model_comparison import Comparison, Verdict
from training.window.model_switch import ModelSwitch, SwitchDialog, data_to_compare


class Models:
    """Two model files of known accuracies, and the switch between them."""

    def __init__(self, qtbot: QtBot, commands: Commands, folder: Path, present: float, other: float) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.present, self.other = folder / "present.onnx", folder / "other.onnx"
        for path, accuracy in ((self.present, present), (self.other, other)):
            path.write_bytes(b"a model")
            path.with_suffix(".accuracy").write_text(json.dumps({"mnist": accuracy, "corrections": accuracy}))
        self.commands = commands
        self.window = QWidget()
        qtbot.addWidget(self.window)
        self.window.show()
        self.switch = ModelSwitch(self.present, folder, commands=commands, window=self.window)


@pytest.fixture
def make_models(qtbot: QtBot, commands: Commands, home: Path):  # type: ignore[no-untyped-def]
    made: list[Models] = []

    def make(present: float, other: float) -> Models:
        made.append(Models(qtbot, commands, home, present, other))
        return made[-1]

    yield make
    for models in made:
        models.switch.close()


def test_what_is_measured(make_view: MakeView) -> None:
    tested = [
        events.Evaluated(source=name, n=10, accuracy=0.9, interval95=(0.8, 1.0), cost=0.1, time=1049.0)
        for name in ("non-digits", "fonts", "strokes", "mnist")
    ]
    view = make_view([*history(2), *tested])
    assert data_to_compare(view, Kind.CLASSIFIER, has_own=True) == ["corrections", "mnist", "strokes"]
    assert data_to_compare(make_view(), Kind.CLASSIFIER, has_own=False) == ["mnist"]
    assert data_to_compare(make_view(), Kind.LINE, has_own=True) == ["corrections-numbers", "made-numbers"]
    detector = make_view(recipe=recipe_named("detector"))
    assert data_to_compare(detector, Kind.DETECTOR, has_own=False) == ["made-numbers"]


def test_a_better_model_is_used_without_a_question(qtbot: QtBot, make_models) -> None:  # type: ignore[no-untyped-def]
    models = make_models(0.98, 0.99)
    chosen: list[Path] = []
    models.switch.chosen.connect(chosen.append)
    with qtbot.waitSignal(models.switch.switched, timeout=20_000) as told:
        models.switch.use(models.other, "quick", ["mnist"])
        assert models.switch.dialog is not None
    assert chosen == [models.other]
    assert told.args[0] == models.other
    assert "Better than the present model" in told.args[1]
    assert models.switch.present == models.other
    assert models.switch.dialog is None
    with qtbot.waitSignal(models.switch.chosen) as back:
        models.switch.switch_back(models.other)
    assert back.args == [models.present]
    with qtbot.assertNotEmitted(models.switch.chosen):
        models.switch.switch_back(models.other)


@pytest.mark.parametrize("use", [True, False])
def test_a_worse_model_says_so_first(qtbot: QtBot, make_models, use: bool) -> None:  # type: ignore[no-untyped-def]
    models = make_models(0.99, 0.9)
    models.switch.use(models.other, "quick", ["corrections", "mnist"])
    dialog = models.switch.dialog
    assert dialog is not None
    qtbot.waitUntil(lambda: "Worse" in words_in(dialog), timeout=20_000)
    assert models.switch.present == models.present, "nothing was switched yet"
    assert dialog.use.text() == "&Use it all the same"
    assert dialog.keep.isDefault()
    assert "MNIST" in words_in(dialog)
    if use:
        with qtbot.waitSignal(models.switch.chosen):
            dialog.use.click()
    else:
        with qtbot.assertNotEmitted(models.switch.chosen), qtbot.waitSignal(models.switch.refused) as refused:
            dialog.reject()
        assert refused.args == [models.other]
    assert models.switch.present == (models.other if use else models.present)
    assert models.switch.dialog is None


def test_an_offer_always_asks(qtbot: QtBot, make_models) -> None:  # type: ignore[no-untyped-def]
    models = make_models(0.98, 0.99)
    models.switch.use(models.other, "finetune", ["mnist"], ask=True)
    dialog = models.switch.dialog
    assert dialog is not None
    qtbot.waitUntil(lambda: "Better" in words_in(dialog), timeout=20_000)
    assert "Use it; you can switch back at any time." in words_in(dialog)
    assert dialog.use.isDefault()
    with qtbot.waitSignal(models.switch.chosen):
        dialog.use.click()


def test_it_can_be_used_without_measuring(qtbot: QtBot, make_models) -> None:  # type: ignore[no-untyped-def]
    models = make_models(0.99, 0.9)
    models.switch.use(models.other, "quick", ["mnist"])
    dialog = models.switch.dialog
    assert dialog is not None
    with qtbot.waitSignal(models.switch.chosen):
        dialog.use.click()
    with qtbot.assertNotEmitted(models.switch.chosen):
        models.switch.use(models.other, "quick", ["mnist"])
    assert models.switch.dialog is None, "it is in use already"


def test_what_can_not_be_measured_can_be_used(qtbot: QtBot, make_models) -> None:  # type: ignore[no-untyped-def]
    models = make_models(0.99, 0.9)
    models.other.with_suffix(".accuracy").unlink()
    models.switch.use(models.other, "quick", ["mnist"])
    dialog = models.switch.dialog
    assert dialog is not None
    qtbot.waitUntil(lambda: any(text.startswith("⚠") for text in texts_in(dialog)), timeout=20_000)
    assert models.switch.present == models.present
    models.switch.cancel()
    assert models.switch.dialog is None


def test_without_a_present_model_there_is_nothing_to_compare(qtbot: QtBot, make_models) -> None:  # type: ignore[no-untyped-def]
    models = make_models(0.99, 0.9)
    models.present.unlink()
    with qtbot.waitSignal(models.switch.chosen):
        models.switch.use(models.other, "quick", ["mnist"])


def test_a_detector_takes_the_place_of_the_detector(qtbot: QtBot, make_models, home: Path) -> None:  # type: ignore[no-untyped-def]
    models = make_models(0.99, 0.5)
    run = home / "runs" / "detector-20260101-100000-aaaa"
    write_json(run / "recipe.json", recipe_named("detector").to_dict())
    detector, before = run / "best_model.onnx", home / "detector.onnx"
    for path, accuracy in ((detector, 0.7), (before, 0.9)):
        path.write_bytes(b"a model")
        path.with_suffix(".accuracy").write_text(json.dumps({"svhn-numbers": accuracy}))
    switch = models.switch = ModelSwitch(
        models.present, home, shipped={Kind.DETECTOR: before}, commands=models.commands, window=models.window
    )
    switch.use(detector, "detector", ["svhn-numbers"])
    dialog = switch.dialog
    assert dialog is not None
    qtbot.waitUntil(lambda: "Worse" in words_in(dialog), timeout=20_000)
    assert "house numbers (90.0% → 70.0%)" in words_in(dialog)
    with qtbot.waitSignal(switch.chosen) as chosen:
        dialog.use.click()
    assert chosen.args == [detector]
    assert switch.is_in_use(detector)
    assert switch.present == models.present, "the classifier reads on"
    with qtbot.waitSignal(switch.chosen) as back:
        switch.switch_back(detector)
    assert back.args == [before]
    assert not switch.is_in_use(detector)


def test_the_dialog_grows_with_its_words(qtbot: QtBot) -> None:
    dialog = SwitchDialog("a model")
    qtbot.addWidget(dialog)
    dialog.show()
    lines = tuple(f"data set {i} (10 000 images): 99.50% → 99.45%" for i in range(4))
    dialog.show_comparison(
        Comparison(Verdict.ABOUT_THE_SAME, "The differences may be chance. " * 8, lines, ())
    )
    for label in dialog.findChildren(QLabel):
        assert label.height() >= label.heightForWidth(label.width()), label.text()
    dialog.show_failure("Nothing could be measured, as the data is not here. " * 9)
    for label in dialog.findChildren(QLabel):
        assert label.height() >= label.heightForWidth(label.width()), label.text()
