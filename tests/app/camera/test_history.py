"""The history of steady numbers: model, undo, text, CSV, and how it is shown."""

from __future__ import annotations

import csv
import io
from datetime import datetime, timedelta, timezone

import numpy as np
import pytest
from PySide6.QtCore import QItemSelectionModel, Qt
from PySide6.QtGui import QAction, QPixmap, QUndoStack
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

import app.camera.history
from app.camera.history import (
    THUMBNAIL_HEIGHT,
    ClearHistory,
    History,
    HistoryEntry,
    as_csv,
    as_text,
    thumbnail,
)
from app.camera.history_panel import HistoryView
from core.reading.types import Box

NOON = datetime(2025, 11, 12, 12, 0, 0, tzinfo=timezone(timedelta(hours=1)))


def entry(number: str, seconds: int = 0, *, picture: bool = False) -> HistoryEntry:
    shown = np.full((40, 90, 3), 80, np.uint8) if picture else None
    return HistoryEntry(NOON + timedelta(seconds=seconds), number, 0.973, "C920", shown)


@pytest.fixture
def history(qtbot: QtBot) -> History:
    history = History()
    tester = QAbstractItemModelTester(history, QAbstractItemModelTester.FailureReportingMode.Fatal)
    tester.setParent(history)
    return history


def test_the_newest_comes_first_and_the_oldest_go(history: History, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app.camera.history, "MOST", 3)
    counts: list[int] = []
    history.count_changed.connect(counts.append)
    for i in range(5):
        history.add(entry(str(i), i))
    assert [e.number for e in history.entries] == ["4", "3", "2"]
    assert counts[-1] == 3
    assert history.rowCount() == 3


def tracked(number: str, confidence: float, track: int | None = 7) -> HistoryEntry:
    return HistoryEntry(NOON, number, confidence, "C920", track=track)


def test_the_best_confidence_is_kept(history: History) -> None:
    assert history.note(tracked("1824", 0.62))
    assert not history.note(tracked("1824", 0.95))
    assert not history.note(tracked("1824", 0.7))
    assert [(e.number, e.confidence) for e in history.entries] == [("1824", 0.95)]
    assert history.note(tracked("1824", 0.99, track=8)), "seen again later"
    assert [e.confidence for e in history.entries] == [0.99, 0.95]


def test_half_of_a_number_is_not_kept(history: History) -> None:
    history.note(tracked("24", 0.9))
    assert not history.note(tracked("1824", 0.7))
    assert not history.note(tracked("182", 0.9))
    assert [e.number for e in history.entries] == ["1824"]
    assert history.note(tracked("99", 0.9)), "another number took its place"
    assert [e.number for e in history.entries] == ["99", "1824"]
    assert history.note(tracked("1824", 0.9, track=None)), "never followed"


def test_what_the_table_says(history: History) -> None:
    history.add(entry("1824", picture=True))
    shown = [history.data(history.index(0, c)) for c in range(3)]
    assert shown == ["12:00:00", "1824", "sure (97%)"]
    picture = history.data(history.index(0, 1), Qt.ItemDataRole.DecorationRole)
    assert isinstance(picture, QPixmap)
    assert "C920" in history.data(history.index(0, 0), Qt.ItemDataRole.ToolTipRole)
    assert history.headerData(1, Qt.Orientation.Horizontal) == "Number"
    assert history.data(history.index(5, 5)) is None


def test_clearing_can_be_undone_and_what_came_since_stays(history: History) -> None:
    undo: list[bool] = []
    history.undo_changed.connect(undo.append)
    stack = QUndoStack()
    stack.push(ClearHistory(history))
    assert undo == []
    history.add(entry("1", picture=True))
    history.add(entry("2"))
    stack.push(ClearHistory(history))
    assert history.entries == []
    assert history.can_undo
    history.add(entry("3"))
    stack.undo()
    assert [e.number for e in history.entries] == ["3", "2", "1"]
    assert undo == [True, False]
    assert isinstance(history.data(history.index(2, 1), Qt.ItemDataRole.DecorationRole), QPixmap)
    stack.redo()
    assert history.entries == []


def test_text_and_csv() -> None:
    entries = [entry("1824"), entry("007", 5)]
    assert as_text(entries) == "12:00:00\t1824\tsure (97%)\n12:00:05\t007\tsure (97%)"
    rows = list(csv.DictReader(io.StringIO(as_csv(entries))))
    assert rows[1] == {
        "time": "2025-11-12T12:00:05.000+01:00",
        "number": "007",
        "confidence": "0.9730",
        "source": "C920",
        "read_as": "",
    }


@pytest.mark.parametrize(
    ("box", "size"),
    [
        (Box(100, 100, 60, 40), (THUMBNAIL_HEIGHT, None)),
        (Box(0, 0, 600, 10), (None, 4 * THUMBNAIL_HEIGHT)),
        (Box(-30, -30, 40, 40), (THUMBNAIL_HEIGHT, None)),
        (Box(900, 900, 5, 5), (THUMBNAIL_HEIGHT, THUMBNAIL_HEIGHT)),
    ],
)
def test_thumbnails_are_small_and_stay_in_the_frame(box: Box, size: tuple[int | None, int | None]) -> None:
    made = thumbnail(np.full((480, 640, 3), 9, np.uint8), box)
    assert made.dtype == np.uint8
    assert made.shape[2] == 3
    for got, wanted in zip(made.shape, size, strict=False):
        assert wanted is None or got == wanted
    assert max(made.shape) <= 4 * THUMBNAIL_HEIGHT


def test_the_view_hints_selects_and_offers_to_undo(history: History, qtbot: QtBot) -> None:
    copy, export, clear, undo = (QAction(name) for name in ("Copy", "Export", "Clear", "Undo"))
    view = HistoryView(history, review=QAction("Review"), copy=copy, export=export, clear=clear, undo=undo)
    qtbot.addWidget(view)
    view.resize(300, 300)
    view.show()
    assert not copy.isEnabled()
    assert not view.table.isVisible()
    for i in range(3):
        history.add(entry(str(i), i, picture=True))
    assert export.isEnabled()
    assert view.table.isVisible()
    assert [e.number for e in view.selected()] == ["2", "1", "0"]
    flags = QItemSelectionModel.SelectionFlag
    view.table.selectionModel().select(history.index(1, 0), flags.Select | flags.Rows)
    assert [e.number for e in view.selected()] == ["1"]
    chosen: list[HistoryEntry] = []
    view.entry_picked.connect(chosen.append)
    view.table.clicked.emit(history.index(0, 0))
    assert chosen[0].number == "2"
    assert not view.grab().isNull()
    history.clear()
    assert not copy.isEnabled()
    assert not view.table.isVisible()
