"""The frame of the command line: exit codes, one sentence an error, light imports."""

from __future__ import annotations

import importlib.metadata
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from app import cli
from app.commands import doctor
from core.base.errors import FailureError, InputError


def test_help_and_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        cli.main(["--help"])
    assert left.value.code == 0
    assert "doctor" in capsys.readouterr().out
    assert cli.main(["--version"]) == 0
    assert capsys.readouterr().out.startswith("gnc ")


@pytest.mark.parametrize("name", cli.COMMANDS)
def test_every_command_has_help(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        cli.main([name, "--help"])
    assert left.value.code == 0
    assert f"gnc {name}" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "command"),
    [
        ("--home data train --recipe quick", "train"),
        ("--home=read classify a.png", "classify"),
        ("read train", "read"),
        ("--home data", ""),
        ("--version", ""),
        ("-h", ""),
        ("read -h", "read"),
        ("", ""),
    ],
)
def test_the_command_is_the_first_word_that_is_no_value(words: str, command: str) -> None:
    assert cli.command_of(words.split()) == command


def test_a_home_called_as_a_command_is_a_home(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert cli.main(["--home", "data", "train", "--recipe", "no-such-recipe"]) == 2
    assert "no-such-recipe" in capsys.readouterr().err
    assert os.environ["GNC_HOME"] == str(tmp_path / "data")


@pytest.mark.parametrize("words", [["frob"], ["classify"], ["train"], ["export"]])
def test_wrong_words_exit_with_2_and_one_line(
    words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as left:
        cli.main(words)
    assert left.value.code == 2
    error = capsys.readouterr().err
    assert error.startswith("gnc: ")
    assert error.count("\n") == 1


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (InputError("It is odd."), 2),
        (FailureError("It broke."), 1),
        (MemoryError(), 1),
        (OSError(28, "No space left on device", "a.txt"), 1),
        (KeyboardInterrupt(), 130),
    ],
)
def test_errors_become_a_sentence_and_a_code(
    error: BaseException, code: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(args: object) -> None:
        raise error

    monkeypatch.setattr("app.commands.doctor.run", fail)
    assert cli.main(["doctor"]) == code
    assert capsys.readouterr().err.startswith("gnc: ")


def test_export_of_nothing_says_so(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert cli.main(["export", str(tmp_path / "no.pt"), "--out", str(tmp_path / "m.onnx")]) == 2
    assert "There is no file" in capsys.readouterr().err


def test_an_unknown_benchmark_names_those_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["bench", "stamina"]) == 2
    assert "there are classifier" in capsys.readouterr().err


def test_the_command_line_starts_without_torch_and_qt() -> None:
    script = (
        "import sys, app.cli; app.cli.build_parser('classify');"
        "sys.exit(bool({'torch', 'PySide6', 'cv2', 'onnxruntime'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", script], timeout=60, check=False).returncode == 0


@pytest.mark.slow
def test_the_doctor_finds_things(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["doctor", "--json"]) == 0
    found = {f["what"]: f for f in json.loads(capsys.readouterr().out)}
    assert found["torch"]["problem"] == ""
    assert "offscreen" in found["Qt"]["value"]
    assert "cpu" in found["training"]["value"]
    assert "data" in found


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("could not connect to display :9", "does not answer"),
        ("libxcb-cursor.so.0: cannot open shared object", "libxcb-cursor0"),
        ("libEGL.so.1: cannot open shared object file", "libegl1"),
        (
            "libEGL.so.1: cannot open shared object file\nlibodd.so.7: cannot open shared object",
            "libodd.so.7",
        ),
        ("something else\nand its last line", "and its last line"),
    ],
)
def test_the_doctor_explains_qt(said: str, words: str) -> None:
    assert words in doctor.explain_qt(said)


def test_the_doctor_names_all_that_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QT_QPA_PLATFORM", "xcb")
    monkeypatch.setattr(doctor, "missing_libraries", lambda: ("libxcb-icccm.so.4", "libodd.so.7"))
    finding = doctor.examine_qt()
    assert finding.value == "lacks libxcb-icccm.so.4, libodd.so.7"
    assert finding.problem == (
        "On Debian and Ubuntu: sudo apt install libxcb-icccm4; install what has libodd.so.7."
    )


def test_the_doctor_names_all_packages_that_are_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    real = importlib.metadata.version

    def version(name: str) -> str:
        if name in ("scipy", "numpy"):
            raise importlib.metadata.PackageNotFoundError(name)
        return real(name)

    monkeypatch.setattr(importlib.metadata, "requires", lambda name: ["scipy>=1", "torch", "odd; extra=='x'"])
    monkeypatch.setattr(importlib.metadata, "version", version)
    assert doctor.examine_packages()[-1].value == "missing: numpy, scipy"
