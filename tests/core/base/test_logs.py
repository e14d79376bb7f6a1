"""The log: one line a decision, in files that stay small, shared by processes; never a word on standard error."""

from __future__ import annotations

import logging
import multiprocessing
from pathlib import Path

import pytest

from core.base import logs
from core.base.paths import Places

_log = logging.getLogger("core.example")


def write_lines(folder: str, count: int) -> None:
    with logs.kept_in(Path(folder)):
        for i in range(count):
            _log.info("line %d", i)


def test_lines_say_when_who_and_what(tmp_path: Path) -> None:
    with logs.kept_in(tmp_path / "new" / "logs") as path:
        _log.info("Source opened: %s", "a camera")
        _log.debug("not a decision")
        logging.getLogger("strange").info("not ours")
        logging.getLogger("strange").warning("a warning of theirs")
    _log.info("nobody listens any more")
    first, second = path.read_text("utf-8").splitlines()
    assert first.endswith("core.example: Source opened: a camera")
    assert " INFO " in first
    assert second.endswith("strange: a warning of theirs")


def test_files_stay_small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "_MOST_BYTES", 2000)
    write_lines(str(tmp_path), 300)
    found = sorted(p.name for p in tmp_path.iterdir())
    assert found == ["gnc.log", "gnc.log.1", "gnc.log.2", "gnc.log.3"]
    assert all(p.stat().st_size <= 2000 for p in tmp_path.iterdir())
    assert (tmp_path / "gnc.log").read_text().splitlines()[-1].endswith("line 299")


def test_processes_share_the_file(tmp_path: Path) -> None:
    spawn = multiprocessing.get_context("spawn")
    writers = [spawn.Process(target=write_lines, args=(str(tmp_path), 50)) for _ in range(2)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(60)
        assert writer.exitcode == 0
    lines = (tmp_path / "gnc.log").read_text().splitlines()
    assert len(lines) == 100
    assert all(": line " in line for line in lines)


def test_a_folder_that_cannot_be_written_costs_the_log_only(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("in the way")
    with logs.kept_in(tmp_path / "file" / "logs") as path:
        _log.error("nobody hears this")
    assert logs.tail(path) == ""
    assert capsys.readouterr().err == ""


def test_the_tail(tmp_path: Path) -> None:
    write_lines(str(tmp_path), 300)
    found = logs.tail(tmp_path / logs.LOG, lines=3).splitlines()
    assert [line.rpartition(": ")[2] for line in found] == ["line 297", "line 298", "line 299"]


def test_the_log_lies_in_the_home_that_was_chosen(home: Path) -> None:
    assert Places.find().logs == home / "logs"
