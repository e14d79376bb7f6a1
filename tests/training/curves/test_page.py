"""The curves page: what is drawn, hover, zoom, the best epoch, export."""

from __future__ import annotations

import csv
import dataclasses
import json
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QImage, QMouseEvent, QPalette, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QCheckBox, QLabel
from pytestqt.qtbot import QtBot

from core.base.errors import FailureError
from core.runs import events
from tests.training import conftest
from tests.widgets import button, child
from training.curves.axis import round_numbers, ticks
from training.curves.curves import Quantity, curves_of_run
from training.curves.label_place import label_place
from training.curves.page import CurvesPage, accuracy_note
from training.curves.plot import CurvePlot
from training.runs.series import RunSeries


@pytest.fixture
def series() -> RunSeries:
    made = RunSeries("quick-1")
    made.extend(conftest.history(4))
    return made


@pytest.fixture
def page(qtbot: QtBot) -> CurvesPage:
    made = CurvesPage()
    qtbot.addWidget(made)
    made.resize(700, 480)
    made.show()
    return made


def hover(plot: CurvePlot, x: float) -> None:
    """Move the mouse to a place on the axis of epochs."""
    view = plot.getPlotItem().getViewBox()
    low, high = view.viewRange()[1]
    at = QPointF(plot.mapFromScene(view.mapViewToScene(QPointF(x, (low + high) / 2))))
    event = QMouseEvent(
        QMouseEvent.Type.MouseMove, at, plot.mapToGlobal(at), Qt.MouseButton.NoButton,
        Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier,
    )  # fmt: skip
    plot.mouseMoveEvent(event)
    plot.redraw()


def assert_best(plot: CurvePlot, x: float, y: float, words: str) -> None:
    best = plot.best_point()
    assert best is not None
    assert best[:2] == pytest.approx((x, y))
    assert best[2] == words


def test_all_four_costs_are_drawn_and_the_best_is_marked(page: CurvesPage, series: RunSeries) -> None:
    page.show_run(series)
    plot = page.plot
    assert plot.redraw()
    assert [curve.label for curve in plot.curves] == [
        "train, each step", "train (as trained)", "train (measured)", "dev",
    ]  # fmt: skip
    x, y = plot.points["dev"]
    assert list(x) == [1, 2, 3, 4]
    assert np.allclose(y, np.log10([1, 1 / 2, 1 / 3, 1 / 4]))
    assert_best(plot, 4.0, np.log10(0.25), "best 0.250, epoch 4")
    assert not plot.redraw(), "nothing new: nothing is drawn"


def test_what_grows_is_drawn_while_the_view_follows(page: CurvesPage) -> None:
    run = RunSeries("r")
    run.extend(conftest.history(2))
    page.show_run(run.snapshot())
    page.plot.redraw()
    end = page.plot.getPlotItem().getViewBox().viewRange()[0][1]
    assert 2 <= end < 2.2
    run.extend(conftest.history(4)[-11:])
    page.show_run(run.snapshot())
    assert page.plot.redraw()
    assert page.plot.getPlotItem().getViewBox().viewRange()[0][1] > 4


def test_moving_the_view_stops_following_until_asked(
    qtbot: QtBot, page: CurvesPage, series: RunSeries
) -> None:
    page.show_run(series)
    plot = page.plot
    plot.redraw()
    plot.setFocus()
    before = plot.getPlotItem().getViewBox().viewRange()
    qtbot.keyClick(plot, Qt.Key.Key_Plus)
    following: bool = plot.following
    assert not following
    assert button(page, "Show all").isVisible()
    plot.redraw()
    assert plot.getPlotItem().getViewBox().viewRange() != before
    for key in (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Minus):
        qtbot.keyClick(plot, key)
    qtbot.keyClick(plot, Qt.Key.Key_Home)
    plot.redraw()
    assert plot.following
    assert np.allclose(plot.getPlotItem().getViewBox().viewRange(), before)
    assert not button(page, "Show all").isVisible()


def test_hovering_tells_the_values(page: CurvesPage, series: RunSeries) -> None:
    page.show_run(series)
    page.plot.redraw()
    hover(page.plot, 2.1)
    text = child(page.plot, QLabel).text()
    assert child(page.plot, QLabel).isVisible()
    assert "epoch 2" in text
    assert "0.500" in text, "the dev cost of epoch 2"
    assert "0.750" in text, "the train cost measured"
    page.plot.leaveEvent(QEvent(QEvent.Type.Leave))
    assert not child(page.plot, QLabel).isVisible()


def test_accuracy_is_the_share_wrong_on_a_logarithmic_axis(page: CurvesPage, series: RunSeries) -> None:
    page.show_run(series)
    page.set_quantity(Quantity.ACCURACY)
    page.plot.redraw()
    plot = page.plot
    assert np.allclose(plot.points["dev"][1], np.log10([0.2, 0.1, 0.2 / 3, 0.05]))
    assert np.allclose(plot.points["measured"][1], np.log10([0.1, 0.05, 0.1 / 3, 0.025])), (
        "not the augmented digits"
    )
    assert np.allclose(plot.points["train"][1], np.log10(0.1)), "as trained: with augmentation"
    assert plot.getAxis("left").labelText == "share wrong"
    assert_best(plot, 4.0, np.log10(0.05), "kept model: 5.0% wrong, epoch 4")
    hover(plot, 2.0)
    assert "10.0% wrong" in child(plot, QLabel).text()
    button(page, "Logarithmic").setChecked(False)
    page.plot.redraw()
    assert np.allclose(page.plot.points["dev"][1], [0.8, 0.9, 1 - 0.2 / 3, 0.95])
    assert plot.getAxis("left").labelText == "share right"
    assert_best(plot, 4.0, 0.95, "kept model: 95.0% right, epoch 4")
    page.set_quantity(Quantity.RATE)
    page.plot.redraw()
    assert [curve.key for curve in page.plot.curves] == ["rate"]


def test_curves_can_be_hidden_and_stay_so(page: CurvesPage, series: RunSeries) -> None:
    page.show_run(series)
    box = next(b for b in page.findChildren(QCheckBox) if b.property("key") == "train")
    box.click()
    assert page.plot.hidden == {"train"}
    page.show_run(series.snapshot())
    page.plot.redraw()
    assert not page.plot.items["train"].isVisible()
    assert page.plot.items["dev"].isVisible()


def test_several_runs_in_one_plot(page: CurvesPage, series: RunSeries) -> None:
    other = RunSeries("other")
    other.extend(conftest.history(3))
    page.show_runs([series, other], ["one", "two"])
    page.plot.redraw()
    labels = [curve.label for curve in page.plot.curves]
    assert labels == ["one", "two"]
    assert {curve.dashes for curve in page.plot.curves} == {0, 1}, "not told apart by colour alone"
    page.clear()
    page.plot.redraw()
    assert page.plot.curves == []


def test_export(page: CurvesPage, series: RunSeries, tmp_path: Path) -> None:
    page.show_run(series)
    for name in ("a.png", "a.svg", "a.csv"):
        page.export(tmp_path / name)
    image = QImage(str(tmp_path / "a.png"))
    assert image.width() == 2 * page.plot.width()
    colours = {image.pixelColor(x, y).name() for x in range(0, image.width(), 3) for y in range(0, 700, 3)}
    assert page.plot.theme.line(0).name() in colours, "the dev curve is in the picture"
    text = (tmp_path / "a.svg").read_text()
    ElementTree.fromstring(text)
    assert "train (measured)" in text
    rows = list(csv.DictReader((tmp_path / "a.csv").read_text().splitlines()))
    assert sum(row["kind"] == "epoch" for row in rows) == 4
    assert rows[-1]["dev_cost"] == "0.25"
    page.show_runs([series, series], ["one", "two"])
    page.export(tmp_path / "b.csv")
    assert (tmp_path / "b.csv").read_text().count("dev_cost") == 1
    with pytest.raises(FailureError, match="can't be written"):
        page.export(tmp_path / "nowhere" / "a.png")


def test_dark_and_light(page: CurvesPage, series: RunSeries) -> None:
    page.show_run(series)
    dark: bool = page.plot.theme.dark
    assert not dark
    palette = QPalette(QColor("#202020"))
    page.setPalette(palette)
    page.plot.setPalette(palette)
    QApplication.processEvents()
    assert page.plot.theme.dark
    assert page.plot.backgroundBrush().color() == palette.color(QPalette.ColorRole.Base)


def test_a_damaged_history_is_drawn_as_far_as_it_goes(page: CurvesPage) -> None:
    run = RunSeries("r")
    run.extend(event for event in conftest.history(2) if event.type != "started")
    page.show_run(run)
    page.plot.redraw()
    assert [len(curve.points()[0]) for curve in curves_of_run(run, Quantity.COST)] == [20, 2, 2, 2]


@pytest.mark.parametrize(
    ("low", "high", "some"),
    [(1.2, 2.6, True), (0.031, 0.052, True), (3, 3, False)],
)
def test_round_numbers_between_two_others(low: float, high: float, some: bool) -> None:
    numbers = round_numbers(low, high)
    assert len(numbers) <= 7
    assert all(low <= n <= high for n in numbers)
    assert (len(numbers) >= 3) is some


def test_a_narrow_logarithmic_axis_has_numbers(page: CurvesPage, series: RunSeries) -> None:
    page.show_run(series)
    page.plot.redraw()
    page.plot.getPlotItem().getViewBox().setRange(yRange=(np.log10(1.2), np.log10(1.9)), padding=0)
    axis = page.plot.getPlotItem().getAxis("left")
    assert len(ticks(axis, np.log10(1.2), np.log10(1.9), 300)) >= 3


def test_the_kept_model_need_not_be_the_one_that_reads_most_right() -> None:
    run = RunSeries("r")
    news = conftest.history(3)
    last = news[-1]
    assert isinstance(last, events.Epoch)
    run.extend([*news[:-1], dataclasses.replace(last, dev_cost=0.9, dev_accuracy=0.99)])
    assert accuracy_note(run).endswith(
        "The kept model is that of the lowest dev cost, epoch 2. Most digits were read right in epoch 3: "
        "99.00% against 90.0%."
    )


def test_runs_of_earlier_versions_show_no_measured_accuracy(page: CurvesPage) -> None:
    lines = []
    for event in conftest.history(2):
        body = json.loads(events.to_line(event))
        body.pop("train_accuracy_measured", None)
        lines.append(json.dumps(body))
    run = RunSeries("old")
    run.extend([known for line in lines if (known := events.from_line(line)) is not None])
    assert list(run.dev_accuracy.values) == [0.8, 0.9]
    assert np.isnan(run.train_accuracy_measured.values).all()
    assert "did not measure" in accuracy_note(run)
    page.show_run(run)
    page.set_quantity(Quantity.ACCURACY)
    page.plot.redraw()
    assert np.isnan(page.plot.points["measured"][1]).all()


def test_the_words_of_the_best_cover_no_curve() -> None:
    x = np.linspace(0, 400, 200)
    area = QRectF(0, 0, 400, 300)
    # Two curves that fall towards the point, which is the end of the lower one: above it the other one runs.
    low, high = 250 - 200 * np.exp(-x / 60), 215 - 190 * np.exp(-x / 90)
    point = QPointF(400, float(low[-1]))
    place = label_place(point, QSizeF(130, 18), area, [(x, low), (x, high)])
    assert area.contains(place)
    for y in (low, high):
        over = (x >= place.left()) & (x <= place.right())
        assert not ((y[over] >= place.top()) & (y[over] <= place.bottom())).any()
    assert place.bottom() > 150, "near its point"


def test_the_wheel_can_not_leave_the_data(page: CurvesPage, series: RunSeries) -> None:
    page.show_run(series)
    plot = page.plot
    plot.redraw()
    view = plot.getPlotItem().getViewBox()
    for _ in range(60):
        wheel(plot, -120)
        plot.redraw()
    (left, right), _ = view.viewRange()
    assert -1 < left < 0
    assert 4 < right < 5
    for _ in range(200):
        wheel(plot, 120)
        plot.redraw()
    (left, right), _ = view.viewRange()
    assert 0 <= left < right <= 4.5, "at the very largest there still is something to see"
    assert right - left > 1e-3
    for _ in range(200):
        QTest.keyClick(plot, Qt.Key.Key_Right)
    plot.redraw()
    assert view.viewRange()[0][1] < 5


def wheel(plot: CurvePlot, angle: int) -> None:
    """One notch of the wheel in the middle of the plot."""
    at = QPointF(plot.rect().center())
    event = QWheelEvent(
        at, plot.mapToGlobal(at), QPoint(), QPoint(0, angle), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(plot.viewport(), event)
