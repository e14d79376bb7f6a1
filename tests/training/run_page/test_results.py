"""The test phase's results: report, confusion matrix, mistakes, calibration."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QPixmap
from PySide6.QtWidgets import QComboBox
from pytestqt.qtbot import QtBot

from core.base.errors import NAME_DATA, DataError
from core.base.files import write_json
from core.evaluation.metrics import Bin, Evaluation, evaluate_predictions
from core.evaluation.numbers import NumberEvaluation
from core.runs import events
from tests.training.conftest import MakeRun
from tests.widgets import button, named, texts_in, words_in
from training.run_page.calibration_plot import CalibrationView
from training.run_page.confusion_matrix import ConfusionTable
from training.run_page.mistakes_page import MistakesPage, filtered
from training.run_page.test_page import TestPage, cells_of
from training.runs.model_kinds import Kind
from training.runs.test_report import (
    NumbersFound,
    RowsFound,
    SourceResult,
    TestReport,
    confusion_matrix,
    read_report,
    report_of_events,
)


def matrix_of(tested: SourceResult | None) -> NDArray[np.int64]:
    assert tested is not None
    assert isinstance(tested.found, Evaluation)
    matrix = confusion_matrix(tested.found)
    assert matrix is not None
    return matrix


@pytest.fixture
def report(make_run: MakeRun) -> TestReport:
    return read_report(make_run(report=True))


def choose(box: QComboBox, data: str) -> None:
    """As a person does in the list."""
    box.setCurrentIndex(box.findData(data))
    box.activated.emit(box.currentIndex())


def test_reading_a_report(report: TestReport) -> None:
    assert [source.name for source in report.sources] == ["mnist", "fonts"]
    assert matrix_of(report.whole).shape == (10, 11)
    fonts = report.sources[1]
    assert matrix_of(fonts).shape == (11, 11)
    assert matrix_of(fonts)[10].tolist() == [1, *[0] * 9, 4]
    assert [found.n for found in fonts.found.calibration] == [10, 93], "empty bins are left out"
    assert [mistake.text for mistake in report.mistakes] == ["4 read as 9", "7 read as 1", "none read as 0"]


def test_it_reads_what_the_evaluation_writes(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 11, 300)
    scores = rng.random((300, 11)) + 3 * np.eye(11)[labels]
    evaluation = evaluate_predictions(scores / scores.sum(1, keepdims=True), labels).to_dict()
    (tmp_path / "test.json").write_text(json.dumps({"sources": {"a": evaluation}, "all": evaluation}))
    tested = read_report(tmp_path).sources[0]
    assert isinstance(tested.found, Evaluation)
    assert tested.found.to_dict() == evaluation
    assert matrix_of(tested).sum() == 300


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
    assert cells_of(report.whole, Kind.CLASSIFIER)[:4] == ("all together", "103", "97.1%", "91.8–99.0%")
    page.table.selectRow(2)
    assert page.shown is not None
    assert page.shown.name == "fonts"
    assert page.confusion.table.rowCount() == 11
    page.set_report(report)
    assert page.shown.name == "fonts", "what was looked at stays"
    with qtbot.waitSignal(page.cell_chosen) as heard:
        page.confusion.table.cellClicked.emit(10, 0)
    assert heard.args == ["fonts", 10, 0]
    page.copy()
    assert "97.1%" in QGuiApplication.clipboard().text()


def test_cells_of_the_matrix_by_keyboard(qtbot: QtBot, report: TestReport) -> None:
    table = ConfusionTable()
    qtbot.addWidget(table)
    table.set_matrix(matrix_of(report.whole))
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


def test_mistakes_by_source_digit_and_answer(qtbot: QtBot, report: TestReport, home: Path) -> None:
    page = MistakesPage()
    qtbot.addWidget(page)
    page.show()
    assert "once the test phase is over" in words_in(page)
    page.set_report(report, next((home / "runs").iterdir()))
    assert len(page.shown) == 3
    picture = page.view.model().index(1, 0).data(Qt.ItemDataRole.DecorationRole)
    assert isinstance(picture, QPixmap)
    assert picture.toImage().pixelColor(5, 5).red() == 200, "the second crop of the sheet"
    assert page.view.model().index(0, 0).data() == "4 → 9\n97%"
    page.show_cell("mnist", 7, 1)
    assert [mistake.index for mistake in page.shown] == [1]
    page.copy()
    assert QGuiApplication.clipboard().text().splitlines()[1] == "mnist\t7\t1\t0.8000"
    page.show_cell("", 3, 3)
    assert "read right" in words_in(page)
    page.show_cell("fonts", 3, 5)
    assert "No image was kept" in words_in(page)
    page.show_all()
    assert len(page.shown) == 3
    page.set_report(TestReport("classifier", None, report.sources[:1]))
    assert "Not a single mistake in the test phase." in texts_in(page)
    page.set_report(TestReport("line", None, (), not_measured={"svhn": "it is not here."}))
    assert "Not a single" not in words_in(page), "nothing was measured"
    assert "Nothing could be measured" in words_in(page)
    assert filtered(report.mistakes, answer="0") == [report.mistakes[2]]


def test_calibration(qtbot: QtBot, report: TestReport) -> None:
    view = CalibrationView()
    qtbot.addWidget(view)
    assert report.whole is not None
    view.set_bins(report.whole.found.calibration, report.whole.found.ece)
    assert "Off by 2.0% on average." in words_in(view)
    assert view.plot.accessibleDescription() == "70% sure: 60% right; 99% sure: 98% right"
    view.set_bins((), math.nan)
    assert "Off by" not in words_in(view)


@pytest.fixture
def numbers(tmp_path: Path) -> TestReport:
    """The report of a detector, written as its test phase writes it."""
    bins = (Bin(0.6, 0.5, 2), Bin(0.95, 0.9, 10))
    houses = NumberEvaluation(
        "svhn-numbers", 10, 8, 12, 3, 20, 22, 19, 19, 18, 17, 0.07, bins, 38.2,
        (("7.png", "610", "2610", 0.61), ("9.png", "159", "", 0.0)),
    )  # fmt: skip
    grounds = NumberEvaluation(
        "backgrounds", 5, 4, 0, 0, 0, 0, 0, 0, 0, 0, math.nan, (), 4.0, (("street.jpg", "", "00", 0.77),)
    )
    write_json(
        tmp_path / "test.json",
        {
            "kind": "detector", "classifier": None,
            "sources": {found.data: found.to_dict() for found in (houses, grounds)},
            "mistakes_sheet": "mistakes.png", "mistake_size": 96, "mistakes_columns": 10,
        },
    )  # fmt: skip
    sheet = np.zeros((96, 960), np.uint8)
    sheet[:, 192:288] = 200  # the third photo: the street
    Image.fromarray(sheet).save(tmp_path / "mistakes.png")
    return read_report(tmp_path)


def test_a_detector_is_measured_by_whole_numbers(qtbot: QtBot, numbers: TestReport) -> None:
    page = TestPage()
    qtbot.addWidget(page)
    page.show()
    page.set_report(numbers)
    heads = [page.table.horizontalHeaderItem(x).text() for x in range(page.table.columnCount())]  # type: ignore[union-attr]
    assert heads[2:6] == ["Right", "95% interval", "False numbers", "Digits found"]
    houses, grounds = (cells_of(tested, Kind.DETECTOR) for tested in numbers.sources)
    assert houses == (
        "house numbers", "10", "80.0%", "49.0–94.3%", "3 of 12", "90.5%", "87.2%", "7.0%", "38 ms"
    )  # fmt: skip
    assert grounds[2:] == ("80.0%", "37.6–96.4%", "0 of 0", "–", "–", "–", "4.0 ms")
    assert page.confusion.isHidden()
    assert page.calibration.isVisible()
    assert page.calibration.plot.accessibleDescription() == "60% sure: 50% right; 95% sure: 90% right"
    page.set_report(report_of_events((), kind="classifier"))
    assert page.table.isHidden()


def test_mistakes_in_photos(qtbot: QtBot, numbers: TestReport, tmp_path: Path) -> None:
    page = MistakesPage()
    qtbot.addWidget(page)
    page.show()
    page.set_report(numbers, tmp_path)
    rows = [page.view.model().index(row, 0) for row in range(3)]
    assert [row.data().splitlines() for row in rows] == [
        ["nothing read as 00, 77% sure", "street.jpg · photos without numbers"],
        ["610 read as 2610, 61% sure", "7.png · house numbers"],
        ["159 read as nothing", "9.png · house numbers"],
    ]
    picture = rows[0].data(Qt.ItemDataRole.DecorationRole)
    assert picture.toImage().pixelColor(5, 5).red() == 200
    assert named(page, QComboBox, "True digit").isHidden()
    choose(named(page, QComboBox, "Source"), "svhn-numbers")
    assert len(page.shown) == 2
    button(page, "Copy list").click()
    lines = QGuiApplication.clipboard().text().splitlines()
    assert lines == [
        "source\tfile\tnumber\tread as\tconfidence",
        "svhn-numbers\t7.png\t610\t2610\t0.6100",
        "svhn-numbers\t9.png\t159\tnothing\t0.0000",
    ]


def test_while_a_detector_is_tested_nothing_is_called_nan(qtbot: QtBot) -> None:
    line = events.to_line(
        events.Evaluated(source="signs", n=30, accuracy=0.9, interval95=(0.7, 1.0), cost=math.nan)
    )
    event = events.from_line(line)
    assert isinstance(event, events.Evaluated)
    for kind, found in ((Kind.DETECTOR, NumbersFound), (Kind.CLASSIFIER, Evaluation), (Kind.LINE, RowsFound)):
        report = report_of_events((event,), kind=kind)
        assert isinstance(report.sources[0].found, found)
        page = TestPage()
        qtbot.addWidget(page)
        page.set_report(report, testing=True)
        page.copy()
        copied = QGuiApplication.clipboard().text()
        assert "90.0%" in copied
        assert "nan" not in copied.lower()


def test_a_line_reader_is_measured_by_rows(qtbot: QtBot, tmp_path: Path) -> None:
    rows = {
        "n": 200, "right": 180, "accuracy": 0.9, "interval95": [0.85, 0.93], "cost": 0.12, "ece": 0.03,
        "written": 170, "mistakes": [["7.png", "12B", "128", 0.61], ["8.png", "217", "", 0.2]],
    }  # fmt: skip
    digits = {
        "n": 10,
        "accuracy": 0.8,
        "interval95": [0.5, 0.9],
        "cost": None,
        "written": None,
        "mistakes": [],
    }
    sources = {"svhn-numbers": rows, "meter": digits}
    write_json(tmp_path / "test.json", {"kind": "line", "temperature": 1.1, "sources": sources})
    report = read_report(tmp_path)
    page = TestPage()
    qtbot.addWidget(page)
    page.show()
    page.set_report(report)
    cells = [[page.table.item(y, x).text() for x in range(7)] for y in range(2)]  # type: ignore[union-attr]
    assert cells == [
        ["house numbers", "200", "90.0%", "85.0–93.0%", "85.0%", "0.120", "3.0%"],
        ["meters", "10", "80.0%", "50.0–90.0%", "–", "–", "–"],
    ]
    assert not page.confusion.isVisible()
    mistakes = MistakesPage()
    qtbot.addWidget(mistakes)
    mistakes.show()
    mistakes.set_report(report, tmp_path)
    assert [mistake.text for mistake in mistakes.shown] == ["12B read as 128", "217 read as nothing"]


def test_the_file_is_written_as_it_is_read(report: TestReport, numbers: TestReport) -> None:
    for whole in (report, numbers):
        again = TestReport.from_json(json.loads(json.dumps(whole.to_json())))
        assert again.to_json() == whole.to_json()
        assert again.mistakes == whole.mistakes
        assert [source.name for source in again.sources] == [source.name for source in whole.sources]


def test_what_could_not_be_measured_is_said(qtbot: QtBot) -> None:
    page = TestPage()
    qtbot.addWidget(page)
    page.set_report(TestReport("classifier", None, (), not_measured={"svhn": "it was not here."}))
    assert any(text.startswith("Not measured: ") for text in texts_in(page))
    assert "it was not here." in words_in(page)
    page.set_report(
        TestReport("detector", None, (), not_measured={"cheques": f"It is not here; {NAME_DATA}."})
    )
    assert any("choose the data folder on the page Data" in text for text in texts_in(page))
    assert not any("--data-dir" in text for text in texts_in(page))
    again = TestReport.from_json(TestReport("classifier", None, (), not_measured={"svhn": "x"}).to_json())
    assert again.not_measured == {"svhn": "x"}
    page.set_report(None)
    assert "comes at the end" in words_in(page)
