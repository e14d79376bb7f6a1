"""The run folder and its events survive what can happen to them."""

from __future__ import annotations

import dataclasses
import math
import os
import sys
from pathlib import Path

import pytest

from core.base.errors import DataError
from core.base.files import read_json, write_json, written_aside
from core.runs import events
from core.runs.folder import EventLog, RunFolder

STEP = events.Step(
    time=1.0, step=3, epoch=1, train_cost=0.5, learning_rate=1e-3, images_per_second=99.5, memory_mib=10.0
)


def test_events_come_back_as_they_were() -> None:
    assert events.from_line(events.to_line(STEP)) == STEP
    evaluated = events.Evaluated(source="mnist", n=5, accuracy=1.0, interval95=(0.5, 1.0), cost=0.1)
    assert events.from_line(events.to_line(evaluated)) == evaluated


def test_no_number_travels_as_null() -> None:
    line = events.to_line(events.Step(**{**vars(STEP), "train_cost": math.nan}))
    assert "null" in line
    back = events.from_line(line)
    assert isinstance(back, events.Step)
    assert math.isnan(back.train_cost)


@pytest.mark.parametrize("line", ["", "{", "[]", '{"v": 1}', '{"v": 1, "type": "step", "time": 1}'])
def test_a_line_that_is_no_event_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        events.from_line(line)


def test_events_of_later_versions_are_passed_over() -> None:
    assert events.from_line('{"v": 2, "type": "applause", "time": 1}') is None


def test_half_a_line_is_left_out_and_the_next_starts_afresh(tmp_path: Path) -> None:
    run = RunFolder.create(tmp_path, "Quick one!")
    assert run.name.startswith("quick-one-")
    log = EventLog(run)
    log.write(STEP)
    log.close()
    with run.events.open("ab") as file:
        file.write(b'{"v": 1, "type": "st')
    assert run.read_events() == [STEP]
    log = EventLog(run)
    log.write(STEP)
    log.close()
    assert run.read_events() == [STEP, STEP]


def test_a_run_without_events_has_none(tmp_path: Path) -> None:
    assert RunFolder(tmp_path).read_events() == []


def test_requests_are_files(tmp_path: Path) -> None:
    run = RunFolder.create(tmp_path, "quick")
    assert not run.stop_requested()
    run.request_stop()
    assert run.stop_requested()
    run.withdraw_stop()
    run.withdraw_stop()
    assert not run.stop_requested()
    run.request_pause()
    assert run.pause_requested()
    run.withdraw_pause()
    assert not run.pause_requested()


def test_a_write_that_breaks_off_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    write_json(path, {"a": 1})
    with pytest.raises(TypeError), written_aside(path) as file:
        file.write(b"half" + None)  # type: ignore[operator]
    assert read_json(path) == {"a": 1}
    assert [p.name for p in tmp_path.iterdir()] == ["a.json"]


def test_reading_names_the_file_at_fault(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"gone\.json"):
        read_json(tmp_path / "gone.json")
    (tmp_path / "bad.json").write_text("{")
    with pytest.raises(DataError, match=r"bad\.json is damaged"):
        read_json(tmp_path / "bad.json")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no umask")
def test_a_written_file_gets_the_rights_of_any_new_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = os.umask(0o027)
    try:
        # The umask belongs to the whole process: a thread that changes it for a moment changes it for all.
        monkeypatch.setattr(os, "umask", lambda mask: pytest.fail("the umask was touched"))
        write_json(tmp_path / "new.json", {})
    finally:
        monkeypatch.undo()
        os.umask(before)
    assert (tmp_path / "new.json").stat().st_mode & 0o777 == 0o640
    assert [p.name for p in tmp_path.iterdir() if p.is_file()] == ["new.json"]


def test_times_never_go_back_where_the_clock_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    run = RunFolder(tmp_path)
    log = EventLog(run)
    for time in (1000.0, 1010.0, 400.0, 1020.0):
        log.write(dataclasses.replace(STEP, time=time))
    log.close()
    assert "The clock was set back by 610 s." in caplog.text
    log = EventLog(run)  # the process that goes on another day
    log.write(dataclasses.replace(STEP, time=500.0))
    log.close()
    monkeypatch.setenv("GNC_LAUNCHED", "2000.5")
    log = EventLog(run)
    log.write(dataclasses.replace(STEP, time=600.0))
    log.close()
    assert [event.time for event in run.read_events()] == [1000, 1010, 1010, 1020, 1020, 2000.5]
