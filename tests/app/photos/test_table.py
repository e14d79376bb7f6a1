"""The table of readings: order, filter, counts, selection; fast for thousands."""

from __future__ import annotations

import random
import time
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QPersistentModelIndex, Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QToolButton
from pytestqt.qtbot import QtBot

from app.photos.results import PhotoResult, Row
from app.photos.table import ReadingsTable
from app.photos.table_model import COLUMNS, ReadingColumn, ReadingsModel
from core.reading.types import Reading
from tests.app.picture_fakes import number_of

UP, DOWN = Qt.SortOrder.AscendingOrder, Qt.SortOrder.DescendingOrder


def result(key: int, *numbers: tuple[str, float], name: str = "", error: str = "") -> PhotoResult:
    reading = (
        None if error else Reading(tuple(number_of(t, confidence=c) for t, c in numbers), (), float(key))
    )
    title = name or f"{key:03}.jpg"
    return PhotoResult(key, title, Path(title), reading, (9, 9), error)


SOME = [
    result(1, ("12", 0.95), ("7", 0.55)),
    result(2),
    result(3, ("100", 0.7), name="B.jpg"),
    result(4, name="a.jpg", error="a.jpg is empty."),
]


@pytest.fixture
def model(qtbot: QtBot) -> ReadingsModel:
    model = ReadingsModel()
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    tester.setParent(model)
    for r in SOME:
        model.add(r)
    return model


def checkable(text: str) -> QAction:
    return QAction(text, checkable=True)


@pytest.fixture
def table(model: ReadingsModel, qtbot: QtBot) -> ReadingsTable:
    table = ReadingsTable(
        model,
        doubtful=checkable("Doubtful first"),
        review=QAction("Review"),
        copy=QAction("Copy"),
        export=QAction("Export"),
        close=QAction("Close"),
    )
    qtbot.addWidget(table)
    table.resize(700, 300)
    table.show()
    return table


def texts(model: ReadingsModel) -> list[str]:
    return [row.text for row in model.shown]


def test_every_column_sorts_both_ways_and_back(model: ReadingsModel) -> None:
    model.sort(COLUMNS.index(ReadingColumn.NUMBER), UP)
    assert texts(model) == ["7", "12", "100", "", ""]
    model.sort(COLUMNS.index(ReadingColumn.CONFIDENCE), DOWN)
    assert texts(model)[:3] == ["12", "100", "7"]
    model.sort(COLUMNS.index(ReadingColumn.PHOTO), UP)
    assert [row.result.key for row in model.shown] == [1, 1, 2, 4, 3]
    model.sort(COLUMNS.index(ReadingColumn.TIME), DOWN)
    assert [row.result.key for row in model.shown] == [3, 2, 1, 1, 4]
    model.sort(COLUMNS.index(ReadingColumn.NOTE), DOWN)
    assert model.shown[0].note == "no number"
    model.sort(-1)
    assert texts(model) == ["12", "7", "", "100", ""]


@pytest.mark.parametrize("order", [UP, DOWN])
@pytest.mark.parametrize("column", list(ReadingColumn))
def test_what_comes_while_sorted_goes_to_its_place(
    column: ReadingColumn, order: Qt.SortOrder, qtbot: QtBot
) -> None:
    rng = random.Random(3)
    model = ReadingsModel()
    model.sort(COLUMNS.index(column), order)
    for key in range(60):
        model.add(result(key, (str(rng.randrange(300)), rng.random()), name=f"{rng.random()}.jpg"))
    came = texts(model)
    model.sort(COLUMNS.index(column), order)
    assert came == texts(model)


def test_the_filter_hides_what_is_less_sure(model: ReadingsModel) -> None:
    model.set_least(0.7)
    assert texts(model) == ["12", "100"]
    model.add(result(9, ("5", 0.2), ("6", 0.9)))
    assert texts(model) == ["12", "100", "6"]
    assert model.counts == (5, 5, 1)
    model.set_least(0)
    assert len(texts(model)) == 7


def test_a_result_is_replaced_in_its_place(model: ReadingsModel) -> None:
    model.replace(replace(SOME[0], corrected={1: "8"}))
    assert texts(model)[:2] == ["12", "8"]
    model.replace(result(1, ("1", 0.9)))
    assert texts(model) == ["1", "", "100", ""]
    assert model.counts == (4, 2, 1)
    model.sort(COLUMNS.index(ReadingColumn.NUMBER), DOWN)
    model.replace(result(3, ("0", 0.9)))
    assert texts(model)[-2:] == ["1", "0"]
    model.replace(result(77, ("1", 0.9)))
    assert model.counts == (4, 2, 1)
    model.clear()
    assert model.counts == (0, 0, 0)


def test_a_row_keeps_its_index_while_sorting(model: ReadingsModel) -> None:
    index = QPersistentModelIndex(model.index(3, 1))
    model.sort(COLUMNS.index(ReadingColumn.NUMBER), UP)
    assert index.row() == 2
    assert model.data(model.index(2, 1)) == "100"


def test_what_the_cells_say(model: ReadingsModel) -> None:
    def cells(row: int) -> list[str]:
        return [model.data(model.index(row, c)) for c in range(len(COLUMNS))]

    assert cells(0) == ["001.jpg", "12", "sure (95%)", "1.0 ms", ""]
    assert cells(2) == ["002.jpg", "—", "", "2.0 ms", "no number"]
    assert cells(4) == ["a.jpg", "—", "", "", "a.jpg is empty."]
    model.replace(replace(SOME[2], corrected={0: "101"}))
    assert cells(3) == ["B.jpg", "101", "corrected", "3.0 ms", "read as 100"]
    assert model.data(model.index(4, 4), Qt.ItemDataRole.ToolTipRole) == "a.jpg is empty."
    assert model.headerData(0, Qt.Orientation.Horizontal) == "Photo"


def test_counts_in_words(table: ReadingsTable) -> None:
    assert table.count_text == "4 photos · 3 numbers · 1 could not be read"
    table.slider.setValue(90)
    assert table.count_text.endswith("1 shown")
    assert [row.text for row in table.shown()] == ["12"]


def test_an_empty_folder_is_no_photo(table: ReadingsTable, model: ReadingsModel) -> None:
    folder = replace(SOME[0], key=9, reading=None, error="There are no pictures in it.", is_photo=False)
    model.add(folder)
    assert table.count_text == "4 photos · 3 numbers · 2 could not be read"


def test_choosing_is_quiet_and_clicking_is_told(table: ReadingsTable) -> None:
    chosen: list[Row] = []
    table.row_chosen.connect(chosen.append)
    table.choose(SOME[2])
    assert chosen == []
    assert [row.text for row in table.selected()] == ["100"]
    table.choose(SOME[0], 1)
    assert [row.text for row in table.selected()] == ["7"]
    table.table.selectRow(0)
    assert chosen[-1].text == "12"
    table.step(1)
    assert chosen[-1].result.key == 2
    table.step(1)
    table.step(1)
    table.step(1)
    assert chosen[-1].result.key == 4
    table.step(-1)
    table.step(-1)
    table.step(-1)
    assert (chosen[-1].result.key, chosen[-1].place) == (1, 0)
    table.table.selectAll()
    assert len(table.selected()) == 5
    assert "5 selected" in table.count_text
    assert not table.grab().isNull()


def test_thousands_of_rows_sort_without_a_pause(qtbot: QtBot) -> None:
    model = ReadingsModel()
    numbers = [result(key, (str(key * 7919 % 9973), key * 7919 % 101 / 101)) for key in range(500)]
    for key in range(5_000):
        model.add(replace(numbers[key % 500], key=key))
    began = time.perf_counter()
    model.sort(COLUMNS.index(ReadingColumn.CONFIDENCE), DOWN)
    assert time.perf_counter() - began < 0.5


def test_the_doubtful_come_first_until_a_column_is_sorted(table: ReadingsTable, model: ReadingsModel) -> None:
    doubtful = next(
        b.defaultAction() for b in table.findChildren(QToolButton) if b.text() == "Doubtful first"
    )
    doubtful.trigger()
    sure = [row.confidence for row in table.shown() if row.number is not None]
    assert sure == sorted(sure)
    assert [row.number is None for row in table.shown()] == sorted(
        row.number is None for row in table.shown()
    )
    model.add(result(50, ("3", 0.01)))
    assert table.shown()[0].text == "3"
    table.table.sortByColumn(COLUMNS.index(ReadingColumn.PHOTO), UP)
    assert not doubtful.isChecked()
    assert table.shown()[0].result.title == "001.jpg"


def test_the_selected_row_stays_in_sight_and_selected(
    table: ReadingsTable, model: ReadingsModel, qtbot: QtBot
) -> None:
    for key in range(100, 400):
        model.add(result(key, (str(key), 0.5 + key / 1000)))
    table.resize(500, 200)
    table.show()
    qtbot.waitExposed(table)
    table.choose(next(row.result for row in model.rows if row.text == "250"))
    for order in (UP, DOWN):
        table.table.sortByColumn(COLUMNS.index(ReadingColumn.NUMBER), order)
        at = table.table.visualRect(table.table.currentIndex())
        assert table.table.viewport().rect().contains(at.center())
        assert [row.text for row in table.selected()] == ["250"]
    table.slider.setValue(70)
    assert [row.text for row in table.selected()] == ["250"]


def test_one_of_several_selected_rows_becomes_the_current_one(table: ReadingsTable) -> None:
    table.table.selectAll()
    table.choose(SOME[2])
    assert len(table.selected()) == 5
    assert table.table.currentIndex().row() == 3
