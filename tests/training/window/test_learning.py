"""From labelled numbers to models that are offered one after another, and the list of what was learned."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from core.base.files import write_json
from core.base.paths import Places
from core.collection.learnings import LearningLog
from core.collection.numbers import NumberStore
from core.recipes.recipe import Recipe, recipe_named
from tests.training.conftest import MakeWindow
from tests.widgets import words_in
from training.runs.state import Status
from training.window.learnings_dialog import LearningsDialog
from training.window.window import TrainingWindow

LONG = 60_000


def in_use(folder: Path, network: str) -> Path:
    """A model that reads now, of a run; its accuracies beside it."""
    model = folder / network / "best_model.onnx"
    write_json(model.parent / "recipe.json", recipe_named(network).to_dict())
    model.write_bytes(b"a model")
    model.with_suffix(".accuracy").write_text(json.dumps({"corrections-numbers": 0.4, "made-numbers": 0.9}))
    return model


def test_numbers_teach_line_reader_and_detector_one_after_another(
    qtbot: QtBot, make_window: MakeWindow, places: Places, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def short(name: str) -> Recipe:
        return recipe_named(name).with_values({"epochs": 1})

    monkeypatch.setattr("training.runs.learning.recipe_named", short)
    before = {network: in_use(home, network) for network in ("line", "detector")}
    store = NumberStore.within(places.corrections)
    for i in range(10):
        store.add(np.full((20, 40), i, np.uint8), f"{i}")
    window = make_window()
    for model in before.values():
        window.set_present_model(model)
    window.start_finetune()
    assert "numbers of yours" in window.notices.text
    (learning,) = LearningLog.within(places.corrections).entries()
    assert len(learning.numbers) + len(learning.held) == 10
    runs = {run.partition("-2")[0]: places.runs / run for run in learning.runs}
    assert list(runs) == ["finetune-line", "finetune-detector"]

    qtbot.waitUntil(lambda: all(run.is_dir() for run in runs.values()), timeout=LONG)
    for run, accuracy in zip(runs.values(), (0.8, 0.1), strict=True):
        (run / "best_model.accuracy").write_text(
            json.dumps({"corrections-numbers": accuracy, "made-numbers": 0.9})
        )
    answer(qtbot, window, "Better", use=True)
    assert "numbers of yours" in window.notices.text, "the detector learns still"
    answer(qtbot, window, "Worse", use=False)
    assert window.notices.text == "", "nothing learns any more"

    first, second = LearningLog.within(places.corrections).entries()[0].runs.values()
    assert (first.used, second.used) == (True, False)
    assert first.before == str(before["line"])
    assert "40.0% → 80.0%" in first.sentence
    assert window.switch.is_in_use(runs["finetune-line"] / "best_model.onnx")
    assert window.switch.is_in_use(before["detector"])
    assert all(window.manager.summary(run) is not None for run in runs.values())

    window.show_learnings()
    dialog = window.findChild(LearningsDialog)
    assert dialog is not None
    assert [text_at(dialog, row, 4) for row in range(2)] == ["in use", "not used"]
    for row in range(2):  # no taller than its sentence needs, at the width that it has in the end
        assert dialog.table.rowHeight(row) == dialog.table.sizeHintForRow(row)
    assert "held back" in text_at(dialog, 0, 1)
    dialog.activateWindow()
    dialog.table.setFocus()
    qtbot.waitUntil(dialog.table.hasFocus)
    QTest.keyClick(dialog.table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    heads, *rows = csv.reader(QGuiApplication.clipboard().text().splitlines())
    assert (heads[0], heads[-1]) == ("When", "Run")
    assert [row[2] for row in rows if len(row) > 2] == ["line reader", "detector"]
    assert "40.0% → 80.0%" in rows[0][3]
    dialog.back.click()
    assert window.switch.is_in_use(before["line"])
    assert not dialog.back.isEnabled()
    assert LearningLog.within(places.corrections).entries()[0].runs[runs["finetune-line"].name].used is False
    dialog.reject()


def text_at(dialog: LearningsDialog, row: int, column: int) -> str:
    """What a cell of the list says."""
    item = dialog.table.item(row, column)
    assert item is not None
    return item.text()


def answer(qtbot: QtBot, window: TrainingWindow, word: str, *, use: bool) -> None:
    """Wait for the next offer's measurements, and take or refuse it."""
    qtbot.waitUntil(lambda: (d := window.switch.dialog) is not None and word in words_in(d), timeout=LONG)
    dialog = window.switch.dialog
    assert dialog is not None
    (dialog.use if use else dialog.keep).click()


def test_a_list_of_nothing_says_so(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window()
    window.show_learnings()
    dialog = window.findChild(LearningsDialog)
    assert dialog is not None
    assert dialog.table.isHidden()
    assert dialog.back.isHidden()
    assert "Nothing was learned from corrections yet." in words_in(dialog)
    dialog.reject()


def test_without_corrections_nothing_starts(make_window: MakeWindow, places: Places) -> None:
    window = make_window()
    window.start_finetune()
    assert "nothing to learn yet" in window.notices.text
    assert LearningLog.within(places.corrections).entries() == []
    assert all(run.status is not Status.STARTING for run in window.manager.summaries())


def test_learning_does_not_wait_for_what_is_made_in_the_background(
    qtbot: QtBot, make_window: MakeWindow, places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a fresh home the window gets sources ready, at the lowest priority: runs waited for it for minutes."""
    monkeypatch.setattr(
        "training.runs.learning.recipe_named", lambda name: recipe_named(name).with_values({"epochs": 1})
    )
    for place in (places.data / "meter", places.data.parent / "meter"):  # is here, and not ready yet
        place.parent.mkdir(parents=True, exist_ok=True)
        place.touch()
    store = NumberStore.within(places.corrections)
    for i in range(10):
        store.add(np.full((20, 40), i, np.uint8), f"{i}")
    window = make_window()
    made_at_end: list[bool] = []
    window.manager.run_ended.connect(
        lambda _: made_at_end.append(bool(list(places.data.parent.rglob("prepared.txt"))))
    )
    window.start_finetune()
    qtbot.waitUntil(lambda: len(made_at_end) == 2, timeout=LONG)
    assert made_at_end == [False, False]
