"""`gnc read`: files and folders, JSON and text, broken files among good ones."""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from app.commands import read
from core.base.errors import InputError, ModelError
from core.reading.types import Box, Digit, Number, Reading


class FakeReader:
    """Reads “57” in every picture that is wider than tall."""

    loaded: tuple[Any, ...] = ()

    @classmethod
    def load(cls, detector: Path, classifier: Path, line: Path | None, *, threads: int) -> FakeReader:
        cls.loaded = (detector, classifier)
        assert threads == 2
        return cls()

    def read(
        self, image: NDArray[np.uint8], *, threshold: float | None = None, any_direction: bool
    ) -> Reading:
        assert any_direction, "a photo may stand on its side"
        if image.shape[0] > image.shape[1]:
            return Reading(milliseconds=1.5)
        digits = (Digit(5, 0.98765, Box(1, 2, 3, 4.567)), Digit(7, 0.9, Box(5, 2, 3, 4)))
        return Reading((Number(digits, 0.8, Box(1, 2, 7, 4.567)),), milliseconds=2.0)


@pytest.fixture(autouse=True)
def fake_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    import core.reading.photo_reader

    monkeypatch.setattr(core.reading.photo_reader, "PhotoReader", FakeReader)


def picture(path: Path, w: int = 40, h: int = 20) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.zeros((h, w), np.uint8)).save(path)
    return path


def run(*arguments: object) -> int:
    parser = argparse.ArgumentParser()
    read.add_arguments(parser)
    return read.run(parser.parse_args([str(a) for a in arguments]))


def test_json_is_one_object_a_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = picture(tmp_path / "a.png")
    assert run(path, "--json") == 0
    out = capsys.readouterr().out
    assert json.loads(out) == {
        "file": str(path),
        "numbers": [
            {
                "text": "57",
                "written": "57",
                "confidence": 0.8,
                "box": [1, 2, 7, 4.57],
                "digits": [
                    {"digit": 5, "confidence": 0.9877, "box": [1, 2, 3, 4.57]},
                    {"digit": 7, "confidence": 0.9, "box": [5, 2, 3, 4]},
                ],
            }
        ],
        "maybe": [],
        "ms": 2.0,
    }


def test_a_folder_is_read_by_name_and_a_broken_file_does_not_stop_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    picture(tmp_path / "b.png")
    picture(tmp_path / "sub" / "c.jpg", w=20, h=40)
    (tmp_path / "a.png").write_bytes(b"not an image")
    (tmp_path / "notes.txt").write_text("not looked at")
    (tmp_path / ".hidden.png").write_bytes(b"not looked at either")
    assert run(tmp_path) == 2
    captured = capsys.readouterr()
    assert captured.out.splitlines() == [
        f"{tmp_path / 'b.png'}: 57 (fairly sure, 80%)",
        f"{tmp_path / 'sub' / 'c.jpg'}: no number",
    ]
    assert captured.err.count("\n") == 1
    assert "a.png" in captured.err


def test_a_missing_file_is_told_and_the_rest_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(tmp_path / "none.png", picture(tmp_path / "a.png"), "--json") == 2
    captured = capsys.readouterr()
    assert "none.png" in captured.err
    assert json.loads(captured.out)["numbers"]


def test_a_folder_without_pictures_is_told_and_the_rest_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a_empty").mkdir()
    assert run(tmp_path / "a_empty", picture(tmp_path / "b.png")) == 2
    captured = capsys.readouterr()
    assert captured.err == f"gnc: {tmp_path / 'a_empty'}: there are no photos in this folder.\n"
    assert captured.out.startswith(f"{tmp_path / 'b.png'}: 57")


def test_a_folder_that_cannot_be_read_is_told_and_the_rest_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    picture(tmp_path / "shut" / "a.png")
    real = os.scandir

    def scandir(path: str) -> object:
        if Path(path).name == "shut":
            raise PermissionError(13, "Permission denied", str(path))
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)
    assert run(tmp_path / "shut", picture(tmp_path / "b.png")) == 2
    captured = capsys.readouterr()
    assert captured.err == f"gnc: {tmp_path / 'shut'}: this folder can't be read (Permission denied).\n"
    assert captured.out.startswith(f"{tmp_path / 'b.png'}: 57")


def test_wildcards_are_expanded_where_the_shell_has_not(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("a.jpg", "b.jpg", "c.png", "d[1].jpg"):
        picture(tmp_path / name)
    assert run(tmp_path / "*.jpg") == 0
    lines = capsys.readouterr().out.splitlines()
    assert [Path(line.partition(": ")[0]).name for line in lines] == ["a.jpg", "b.jpg", "d[1].jpg"]
    assert run(tmp_path / "d[1].jpg") == 0  # a name that looks like a wildcard
    capsys.readouterr()
    assert run(tmp_path / "*.bmp") == 2
    assert capsys.readouterr().err == f"gnc: {tmp_path / '*.bmp'}: no file has such a name.\n"


def test_every_page_is_read_and_what_is_not_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pages = [Image.new("L", (20, 40)), Image.new("L", (40, 20))]
    pages[0].save(tmp_path / "scan.tif", save_all=True, append_images=pages[1:])
    assert run(tmp_path / "scan.tif", "--json") == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(line["page"], len(line["numbers"])) for line in lines] == [(1, 0), (2, 1)]
    frames = [Image.new("L", (40, 20), grey) for grey in (0, 200)]
    frames[0].save(tmp_path / "moving.gif", save_all=True, append_images=frames[1:])
    assert run(tmp_path / "moving.gif") == 0
    captured = capsys.readouterr()
    assert "57" in captured.out
    assert captured.err == f"gnc: {tmp_path / 'moving.gif'}: only the first of its 2 frames is read.\n"


def test_the_models_can_be_chosen(tmp_path: Path) -> None:
    path = picture(tmp_path / "a.png")
    run(path, "--model", "c.onnx", "--detector", "d.onnx")
    assert FakeReader.loaded == (Path("d.onnx"), Path("c.onnx"))
    run(path)
    assert [p.name for p in FakeReader.loaded] == ["detector.onnx", "classifier.onnx"]


def test_a_threshold_is_a_probability(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="between 0 and 1"):
        run(picture(tmp_path / "a.png"), "--threshold", "90")


def test_a_missing_detector_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from core.reading.detector import Detector

    monkeypatch.setattr(FakeReader, "load", lambda d, c, line, threads: Detector.load(d))
    with pytest.raises(ModelError, match=r"none\.onnx"):
        run(picture(tmp_path / "a.png"), "--detector", tmp_path / "none.onnx")


class UnsureReader(FakeReader):
    """Reads “57” (its 7 perhaps a 1), then “40”, then nothing."""

    def read(
        self, image: NDArray[np.uint8], *, threshold: float | None = None, any_direction: bool
    ) -> Reading:
        text = {20: "57", 21: "40"}.get(image.shape[0], "")
        table = {
            c: tuple(0.9 if v == int(c) else 0.09 if (c, v) == ("7", 1) else 0.0 for v in range(10))
            for c in text
        }
        digits = tuple(
            Digit(int(c), 0.9, Box(9 * i, 2, 8, 9), probabilities=table[c]) for i, c in enumerate(text)
        )
        return Reading((Number(digits, 0.8, Box(0, 2, 20, 9)),) if text else ())


@pytest.fixture
def three(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    import core.reading.photo_reader

    monkeypatch.setattr(core.reading.photo_reader, "PhotoReader", UnsureReader)
    for name, tall in (("a", 20), ("b", 21), ("c", 22)):
        picture(tmp_path / "set" / f"{name}.png", h=tall)
    return tmp_path / "set"


def test_what_is_expected_chooses_between_close_readings_and_says_what_breaks_it(
    three: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(three, "--expect", "digits=2,range=50-55") == 0
    assert capsys.readouterr().out.splitlines() == [
        f"{three / 'a.png'}: 51 (unsure, 8%); 51: was read as 57",
        f"{three / 'b.png'}: 40 (fairly sure, 80%); 40: below 50",
        f"{three / 'c.png'}: no number",
    ]


def test_what_breaks_the_format_stands_in_the_json(three: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(three, "--expect", "rises,digits=2", "--json") == 0
    first, second, third = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert (first["numbers"][0]["text"], first["numbers"][0]["was_read"]) == ("57", "57")
    said = [one["numbers"][0]["problems"] for one in (first, second)]
    assert sorted(map(tuple, said)) == [(), ("does not rise with the others",)]
    assert (third["numbers"], third["problems"]) == ([], ["no number"])


def test_a_format_that_is_none_is_told_before_anything_is_read(three: Path) -> None:
    with pytest.raises(InputError, match=r"--expect digits: “digits” is no part of an expected format"):
        run(three, "--expect", "digits")
