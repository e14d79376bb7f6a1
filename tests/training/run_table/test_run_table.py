"""The list of runs: rows, order, filter, selection, menu, table, CSV."""

from __future__ import annotations

import csv
import io
import math
from pathlib import Path

import pytest
from PySide6.QtCore import QItemSelectionModel, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QComboBox, QFileDialog, QLineEdit
from pytestqt.qtbot import QtBot

from core.recipes.recipe import recipe_named
from tests.widgets import button, named, texts_in, words_in
from training.run_table.model import (
    RUN_ROLE,
    RunColumn,
    RunsModel,
    RunsOrder,
    best_accuracies,
    cell_text,
    runs_csv,
    status_text,
)
from training.run_table.side_list import RunsPanel
from training.run_table.table import RunsTable
from training.runs.run_action import RunAction
from training.runs.run_list import RunSummary
from training.runs.state import Status


def summary(name: str, **changes: object) -> RunSummary:
    known: dict[str, object] = {
        "path": Path("/runs") / name, "recipe_name": "quick", "recipe": recipe_named("quick"),
        "status": Status.FINISHED, "epoch": 4, "epochs": 4, "best_epoch": 3, "best_dev_cost": 0.041,
        "test_accuracy": 0.991, "test_n": 100, "duration": 125.0, "date": 1000.0, "notes": "", "outcome": None,
        "can_resume": False, "has_checkpoint": True, "has_weights": True, "has_model": True,
    }  # fmt: skip
    return RunSummary(**(known | changes))  # type: ignore[arg-type]


RUNS = (
    summary("a", date=3000.0, best_dev_cost=0.05, notes="with fonts\nonly"),
    summary("b", date=2000.0, best_dev_cost=math.nan, test_accuracy=math.nan, status=Status.FAILED),
    summary(
        "c", date=1000.0, best_dev_cost=0.03, recipe_name="seed", status=Status.RUNNING, epoch=6, epochs=40
    ),
)


@pytest.fixture
def model() -> RunsModel:
    made = RunsModel()
    made.set_runs(RUNS)
    return made


@pytest.fixture
def order(model: RunsModel) -> RunsOrder:
    return RunsOrder(model)


def names(order: RunsOrder) -> str:
    return "".join(run.id for run in order.shown())


def test_cells(model: RunsModel) -> None:
    def cell(row: int, column: RunColumn) -> str:
        return str(model.index(row, column).data())

    assert cell(0, RunColumn.DEV_COST) == "0.0500"
    assert cell(1, RunColumn.DEV_COST) == ""
    assert cell(2, RunColumn.STATUS) == "● running, epoch 7 of 40"
    assert cell(0, RunColumn.NOTES) == "with fonts only"
    assert cell(0, RunColumn.TEST) == "99.10%"
    spoken = model.index(0, 0).data(Qt.ItemDataRole.AccessibleTextRole)
    assert spoken.startswith("quick, finished, ")
    assert spoken.endswith("best dev cost 0.0500")
    assert status_text(summary("x", status=Status.WAITING)) == "◷ waiting"
    heads = [model.headerData(c, Qt.Orientation.Horizontal) for c in RunColumn]
    assert heads[0] == "Run"
    assert len(set(heads)) == len(RunColumn)


def test_runs_are_told_apart(model: RunsModel) -> None:
    quick = recipe_named("quick")
    assert summary("a").title == "quick"
    assert summary("a", recipe=quick.with_values({"dropout": 0.5})).title == "quick, dropout 0.5"
    changes = {"epochs": 3, "seed": 7, "sources.meter": 0.5, "augmentation.rotate": 40}
    many = summary("a", recipe=quick.with_values(changes))
    assert many.title == "quick, rotate 40, share of meters 0.5, +1 more", "epochs come last"
    assert summary("a", recipe=quick.with_values({"seed": 7})).title == "quick, seed 7"
    assert summary("a", recipe=quick, own_name="the good one").title == "the good one"
    assert summary("own-20260101", recipe=None).title == "own"
    untested = summary("a", test_n=0, test_accuracy=math.nan)
    assert cell_text(untested, RunColumn.TEST) == "not tested"
    assert (
        cell_text(
            summary("a", test_n=0, has_weights=False, has_model=False, test_accuracy=math.nan), RunColumn.TEST
        )
        == ""
    )


def test_the_best_of_each_recipe() -> None:
    assert best_accuracies([*RUNS, summary("d", test_accuracy=0.5)]) == {"quick": 0.991, "seed": 0.991}


def test_order_and_filter(order: RunsOrder) -> None:
    assert names(order) == "abc"
    order.sort(RunColumn.DEV_COST, Qt.SortOrder.AscendingOrder)
    assert names(order) == "cab", "a run without a cost comes last"
    order.sort(RunColumn.TEST, Qt.SortOrder.DescendingOrder)
    assert names(order)[-1] == "b"
    for column in RunColumn:
        order.sort(column)
        assert sorted(names(order)) == list("abc")
    order.set_filter("QUICK fonts")
    assert names(order) == "a"
    order.set_filter("")
    order.set_hidden(frozenset({RUNS[0].path}))
    assert sorted(names(order)) == list("bc")


def test_selection_stays_as_runs_change(qtbot: QtBot, model: RunsModel, order: RunsOrder) -> None:
    panel = RunsPanel(model, order)
    qtbot.addWidget(panel)
    assert panel.select(RUNS[1].path)
    assert panel.selected() == (RUNS[1].path,)
    newer = summary("d", date=4000.0)
    model.set_runs((newer, RUNS[0], summary("b", date=2000.0, best_dev_cost=0.01)))
    assert panel.selected() == (RUNS[1].path,)
    assert names(order) == "dab"
    assert model.row_of(RUNS[2].path) == -1
    assert not panel.select(RUNS[2].path)


def test_choosing_several_compares_them(qtbot: QtBot, model: RunsModel, order: RunsOrder) -> None:
    panel = RunsPanel(model, order)
    qtbot.addWidget(panel)
    panel.resize(220, 400)
    panel.show()
    with qtbot.waitSignal(panel.selection_changed) as heard:
        panel.select(RUNS[0].path)
    assert heard.args == [(RUNS[0].path,)]
    with qtbot.waitSignal(panel.selection_changed) as heard:
        panel.view.selectAll()
    assert heard.args == [tuple(run.path for run in RUNS)]
    assert "Comparing 3 runs." in texts_in(panel)
    with qtbot.assertNotEmitted(panel.selection_changed):
        panel.show_mode("new")
    assert panel.new.isChecked()
    assert panel.selected() == ()
    panel.grab()


def test_keys_and_orders_of_the_panel(qtbot: QtBot, model: RunsModel, order: RunsOrder) -> None:
    panel = RunsPanel(model, order)
    qtbot.addWidget(panel)
    with qtbot.waitActive(panel):
        panel.show()
    panel.select(RUNS[0].path)
    panel.view.setFocus()
    with qtbot.waitSignal(panel.action_requested) as heard:
        qtbot.keyClick(panel.view, Qt.Key.Key_Delete)
    assert heard.args == [RunAction.DELETE, (RUNS[0].path,)]
    lines = {line.text().replace("&", ""): line for line in panel.make_menu((RUNS[0].path,)).actions()}
    with qtbot.waitSignal(panel.action_requested) as heard:
        lines["Rename…"].trigger()
    assert heard.args == [RunAction.RENAME, (RUNS[0].path,)]
    assert list(lines) == ["Rename…", "Notes…", "Show in folder", "Copy the list", "", "Delete"]
    assert len(panel.make_menu(tuple(run.path for run in RUNS)).actions()) == 3
    named(panel, QComboBox, "Order of runs").setCurrentIndex(1)
    named(panel, QComboBox, "Order of runs").activated.emit(1)
    assert names(order) == "cab"
    named(panel, QLineEdit, "Filter runs").setText("nothing like it")
    assert "No run has these words." in texts_in(panel)
    model.set_runs(())
    assert "No runs yet" in words_in(panel)
    with qtbot.waitSignal(panel.new_asked):
        panel.new.click()
    with qtbot.waitSignal(panel.all_asked):
        button(panel, "Table of all runs").click()


def test_the_table_opens_compares_copies_and_exports(
    qtbot: QtBot, order: RunsOrder, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    table = RunsTable(order)
    qtbot.addWidget(table)
    table.show()
    with qtbot.waitSignal(table.opened) as heard:
        table.view.activated.emit(order.index(0, 0))
    assert heard.args == [RUNS[0].path]
    rows = QItemSelectionModel.SelectionFlag.Select | QItemSelectionModel.SelectionFlag.Rows
    for row in (0, 2):
        table.view.selectionModel().select(order.index(row, 0), rows)
    with qtbot.waitSignal(table.compare_asked) as heard:
        button(table, "Compare (2)").click()
    assert heard.args == [(RUNS[0].path, RUNS[2].path)]
    table.copy()
    copied = list(csv.DictReader(io.StringIO(QGuiApplication.clipboard().text())))
    assert [row["name"] for row in copied] == ["a", "c"]
    target = tmp_path / "runs.csv"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(target), ""))
    button(table, "Export…").click()
    assert target.read_text() == runs_csv(RUNS)
    with qtbot.waitSignal(table.action_requested):
        button(table, RunAction.DELETE.label.replace("&", "")).click()
    assert order.index(0, 0).data(RUN_ROLE) == RUNS[0]
