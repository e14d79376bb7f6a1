"""The test phase's results: report, confusion matrix, mistakes, calibration."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QPixmap
from pytestqt.qtbot import QtBot

from core.errors import DataError
from core.evaluate import evaluate_predictions
from training.calibration import CalibrationView
from training.confusion import ConfusionTable
from training.mistakes import MistakesPage, filtered
from training.test_page import TestPage, measured_cells
from training.test_report import TestReport, read_report

from .conftest import MakeRun


@pytest.fixture
def report(make_run: MakeRun) -> TestReport:
    return read_report(make_run(report=True))


def test_reading_a_report(report: TestReport) -> None:
    assert [source.name for source in report.sources] == ["mnist", "fonts"]
    assert report.whole is not None
    assert report.whole.confusion is not None
    assert report.whole.confusion.shape == (10, 11)
    fonts = report.sources[1]
    assert fonts.confusion is not None
    assert fonts.confusion.shape == (11, 11)
    assert fonts.confusion[10].tolist() == [1, *[0] * 9, 4]
    assert [found.n for found in fonts.calibration] == [10, 93], "empty bins are left out"
    assert [mistake.text for mistake in report.mistakes] == ["4 read as 9", "7 read as 1", "none read as 0"]


def test_it_reads_what_the_evaluation_writes(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 11, 300)
    scores = rng.random((300, 11)) + 3 * np.eye(11)[labels]
    evaluation = evaluate_predictions(scores / scores.sum(1, keepdims=True), labels).to_dict()
    (tmp_path / "test.json").write_text(json.dumps({"sources": {"a": evaluation}, "all": evaluation}))
    found = read_report(tmp_path).sources[0]
    assert found.n == 300
    assert found.confusion is not None
    assert found.confusion.sum() == 300
    assert math.isfinite(found.ece)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"sources": {"a": {}}}', '{"sources": {"a": 1}}'])
def test_a_damaged_report_is_refused_by_its_name(tmp_path: Path, text: str) -> None:
    (tmp_path / "test.json").write_text(text)
    with pytest.raises(DataError, match=r"test\.json"):
        read_report(tmp_path)


def test_the_table_of_sources_and_its_details(qtbot: QtBot, report: TestReport) -> None:
    page = TestPage()
    qtbot.addWidget(page)
    page.show()
    assert page.table.isHidden()
    page.set_report(report)
    assert page.table.rowCount() == 3
    assert report.whole is not None
    assert measured_cells(report.whole)[:4] == ("all together", "103", "97.1%", "91.8–99.0%")
    page.table.selectRow(2)
    assert page.shown is not None
    assert page.shown.name == "fonts"
    assert page.confusion.table.rowCount() == 11
    page.set_report(report)
    assert page.shown.name == "fonts", "what was looked at stays"
    with qtbot.waitSignal(page.cell_chosen) as heard:
        page.confusion.table.cellClicked.emit(10, 0)
    assert heard.args == ["fonts", 10, 0]
    page._copy()
    assert "97.1%" in QGuiApplication.clipboard().text()


def test_cells_of_the_matrix_by_keyboard(qtbot: QtBot, report: TestReport) -> None:
    table = ConfusionTable()
    qtbot.addWidget(table)
    assert report.whole is not None
    table.set_matrix(report.whole.confusion)
    table.setCurrentCell(4, 9)
    with qtbot.waitSignal(table.chosen) as heard:
        qtbot.keyClick(table, Qt.Key.Key_Return)
    assert heard.args == [4, 9]
    item = table.item(4, 9)
    assert item is not None
    assert item.toolTip() == "4 read as 9: 2, 16.7% of them"
    ground = [table.item(4, column).background().color().name() for column in (4, 9, 8)]  # type: ignore[union-attr]
    assert len(set(ground)) == 3
    table.set_matrix(None)
    assert table.rowCount() == 0


def test_mistakes_by_source_digit_and_answer(qtbot: QtBot, report: TestReport) -> None:
    page = MistakesPage()
    qtbot.addWidget(page)
    page.show()
    assert "once the test phase is over" in page._words.text()
    page.set_report(report)
    assert len(page.shown) == 3
    picture = page.view.model().index(1, 0).data(Qt.ItemDataRole.DecorationRole)
    assert isinstance(picture, QPixmap)
    assert picture.toImage().pixelColor(5, 5).red() == 200, "the second crop of the sheet"
    assert page.view.model().index(0, 0).data() == "4 → 9\n97%"
    page.show_cell("mnist", 7, 1)
    assert [mistake.index for mistake in page.shown] == [1]
    page._copy()
    assert QGuiApplication.clipboard().text().splitlines()[1] == "mnist\t7\t1\t0.8000"
    page.show_cell("", 3, 3)
    assert "read right" in page._words.text()
    page.show_cell("fonts", 3, 5)
    assert "No picture was kept" in page._words.text()
    page.show_all()
    assert len(page.shown) == 3
    page.set_report(TestReport(None, ()))
    assert page._words.text() == "Not a single mistake in the test phase."
    assert filtered(report.mistakes, digit=0) == [report.mistakes[2]]


def test_calibration(qtbot: QtBot, report: TestReport) -> None:
    view = CalibrationView()
    qtbot.addWidget(view)
    assert report.whole is not None
    view.set_bins(report.whole.calibration, report.whole.ece)
    assert "Off by 2.0% on average." in view._title.text()
    assert view.plot.accessibleDescription() == "70% sure: 60% right; 99% sure: 98% right"
    view.set_bins((), math.nan)
    assert "Off by" not in view._title.text()
