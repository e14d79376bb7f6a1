"""`gnc collection …` as a shell sees it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.cli import main
from app.commands.collection import FORMATS
from core.base.paths import Places
from core.collection.exchange import entry
from core.loaders.user_digits import UserDigitStore
from tests.core.collection.filled import fill


@pytest.fixture
def corrections(tmp_path: Path) -> Path:
    folder = Places.find().corrections
    fill(folder, tmp_path / "photos")
    return folder


def run(*args: object) -> int:
    return main(["collection", *map(str, args)])


def test_the_formats_are_those_of_the_exchange() -> None:
    assert FORMATS == entry.FORMATS


def test_list_for_people(corrections: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("list") == 0
    out = capsys.readouterr().out
    assert "4 digits\n  0: 1 · 7: 2 · no digit: 1\n" in out
    assert "9 numbers\n" in out
    assert str(corrections) in out


def test_list_of_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("list") == 0
    assert capsys.readouterr().out.startswith("0 digits\n0 numbers\n")


def test_list_as_json(corrections: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("list", "--json") == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.strip().split("\n")]
    assert len(rows) == 13
    (row,) = (row for row in rows if row["text"] == "47")
    assert set(row) == {
        "id", "what", "text", "box", "file", "kind", "size", "whole", "was_read", "model", "time",
        "source_file", "group",
    }  # fmt: skip
    assert row["box"] == [5, 5, 50, 30]
    assert Path(row["file"]).is_file()


@pytest.mark.parametrize("form", FORMATS)
def test_export_and_import(
    corrections: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    form: str,
) -> None:
    assert run("export", tmp_path / "out", "--as", form) == 0
    assert capsys.readouterr().out == f"{tmp_path / 'out'}: 4 digits and 9 numbers.\n"
    assert run("import", tmp_path / "out", "--json") == 0
    assert json.loads(capsys.readouterr().out) == {
        "digits": 0, "numbers": 0, "there": 13, "deleted": 0, "left_out": [],
    }  # fmt: skip
    assert main(["--home", str(tmp_path / "new"), "collection", "import", str(tmp_path / "out")]) == 0
    assert capsys.readouterr().out == "Took in 4 digits and 9 numbers.\n"
    assert UserDigitStore(tmp_path / "new" / "mine").count() == 4


def test_what_is_damaged_is_told(
    corrections: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = UserDigitStore(corrections).entries()[0]
    bad.json_path.write_text("{")
    assert run("export", tmp_path / "out", "--json") == 2
    out, err = capsys.readouterr()
    assert json.loads(out)["digits"] == 3
    assert bad.json_path.name in err
    assert err.count("\n") == 1


def test_what_was_deleted_comes_back_when_asked(
    corrections: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run("export", tmp_path / "out")
    store = UserDigitStore(corrections)
    store.remove(store.entries()[0])
    capsys.readouterr()
    assert run("import", tmp_path / "out") == 0
    assert "1 was deleted or relabelled here" in capsys.readouterr().out
    assert run("import", tmp_path / "out", "--deleted") == 0
    assert store.count() == 4


def test_bad_input_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("import", tmp_path / "gone") == 2
    assert "there is no such folder" in capsys.readouterr().err
    assert run("export", tmp_path / "out") == 2
    assert "Nothing was collected" in capsys.readouterr().err
