"""`gnc classify` on good and bad input."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PIL import Image

from app.cli import main
from core.reading.strokes import rasterise
from tests.core.pen_digits import pen_digit
from tests.core.tiny_model import STAGES, write_template_model


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return write_template_model(tmp_path / "model.onnx")


def picture(folder: Path, digit: int) -> Path:
    path = folder / f"digit {digit}.png"
    Image.fromarray(255 - rasterise(pen_digit(digit), 90, ink_share=0.5)).save(path)
    return path


def test_json_is_one_object_a_line_as_the_contract_says(
    tmp_path: Path, model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    paths = [picture(tmp_path, d) for d in (3, 7)]
    assert main(["classify", *map(str, paths), "--json", "--model", str(model)]) == 0
    out, err = capsys.readouterr()
    lines = [json.loads(line) for line in out.splitlines()]
    assert err == ""
    assert [line["digit"] for line in lines] == [3, 7]
    for line, path in zip(lines, paths, strict=True):
        assert list(line) == ["file", "digit", "confidence", "is_digit", "probabilities", "votes", "ms"]
        assert line["file"] == str(path)
        assert line["is_digit"] is True
        assert len(line["probabilities"]) == 10
        assert line["confidence"] == line["probabilities"][line["digit"]]
        assert line["votes"] == dict.fromkeys(STAGES, line["digit"])
        assert line["ms"] > 0


def test_people_get_aligned_lines(tmp_path: Path, model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    blank = tmp_path / "a longer name.png"
    Image.new("L", (40, 40), 200).save(blank)
    assert main(["classify", str(picture(tmp_path, 5)), str(blank), "--model", str(model)]) == 0
    first, second = capsys.readouterr().out.splitlines()
    assert first.index("  5  ") == second.index("  –  ")
    assert "sure (" in first
    assert "no digit (100%)" in second


def test_a_broken_file_is_told_and_the_rest_goes_on(
    tmp_path: Path, model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"\x89PNG\r\n\x1a\n and no more")
    arguments = [str(broken), str(picture(tmp_path, 1)), str(tmp_path / "missing.png"), "--json"]
    assert main(["classify", *arguments, "--model", str(model)]) == 2
    out, err = capsys.readouterr()
    assert [json.loads(line)["digit"] for line in out.splitlines()] == [1]
    assert len(err.splitlines()) == 2
    assert str(broken) in err.splitlines()[0]
    assert "no such file" in err.splitlines()[1]


def test_a_model_that_is_none(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "nothing.onnx"
    path.write_bytes(b"nothing")
    assert main(["classify", str(picture(tmp_path, 1)), "--model", str(path)]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err == f"gnc: {path} is not an ONNX model file.\n"


def test_no_path_is_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["classify"])
    assert caught.value.code == 2
    assert "PATH" in capsys.readouterr().err
