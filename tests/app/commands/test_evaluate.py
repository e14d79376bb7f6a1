"""`gnc evaluate` on good and bad input."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from app.cli import main
from core.base.opencv import cv2
from core.reading.strokes import rasterise
from tests.core.pen_digits import pen_digit
from tests.core.tiny_model import write_template_model


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return write_template_model(tmp_path / "model.onnx")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Ten digits, one of them under a wrong label, in two groups, and a dash that is none."""
    images = [rasterise(pen_digit(d), 40) for d in range(10)]
    dash = np.zeros((40, 40), np.uint8)
    dash[19:22, 6:34] = 255
    path = tmp_path / "digits.npz"
    labels = np.array([*range(9), 1, 10])
    group = np.array(["first"] * 5 + ["second"] * 6)
    np.savez(path, images=np.stack([*images, dash]), labels=labels, group=group)
    return path


def test_json_is_one_object_as_the_contract_says(
    data: Path, model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["evaluate", "--data", str(data), "--model", str(model), "--json"]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    found = json.loads(line)
    assert list(found)[:2] == ["data", "n"]
    assert {"accuracy", "interval95", "per_class", "confusion", "ece"} <= set(found)
    assert found["data"] == str(data)
    assert found["n"] == 11
    assert found["accuracy"] == pytest.approx(10 / 11, abs=1e-5)
    assert found["confusion"][1][9] == 1
    assert found["nothing"]["false_digits"] == 0
    assert found["groups"]["first"] == {"n": 5, "accuracy": 1.0}
    assert found["skipped"] == 0


def test_people_get_a_summary(data: Path, model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", "--data", str(data), "--model", str(model)]) == 0
    out = capsys.readouterr().out
    assert "90.9% of 11 right (95%: 62.3–98.4%)" in out
    assert "9 (1)" in out
    assert "1 show no digit; 0.00% of them are called one" in out
    assert "2 groups, the worst:" in out


def test_a_folder_with_a_broken_picture_exits_with_2(
    tmp_path: Path, model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "mine"
    (folder / "7").mkdir(parents=True)
    Image.fromarray(rasterise(pen_digit(7), 50)).save(folder / "7" / "a.png")
    (folder / "7" / "b.png").write_bytes(b"")
    assert main(["evaluate", "--data", str(folder), "--model", str(model), "--json"]) == 2
    out, err = capsys.readouterr()
    assert json.loads(out)["accuracy"] == 1
    assert json.loads(out)["skipped"] == 1
    assert "b.png is empty" in err


@pytest.mark.parametrize(
    ("data", "why"),
    [
        ("nowhere", "the sources are"), ("svhn", "is not here"), ("signs", "no such model file"),
        ("missing.npz", "no such file"),
    ],
)  # fmt: skip
def test_what_is_not_there(
    data: str, why: str, model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    detector = str(tmp_path / "none.onnx")
    assert main(["evaluate", "--data", data, "--model", str(model), "--detector", detector, "--json"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("gnc: ")
    assert why in err
    assert len(err.splitlines()) == 1


def test_data_dir_says_where_the_sources_are(
    tmp_path: Path, model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "sets" / "hwd1000"
    folder.mkdir(parents=True)
    images = np.stack([255 - rasterise(pen_digit(d), 28) for d in (2, 6)])
    np.savez(folder / "hwd1000.npz", images=images, labels=np.array([2, 6]))
    arguments = ["--data", "hwd1000", "--data-dir", str(tmp_path / "sets"), "--model", str(model), "--json"]
    assert main(["evaluate", *arguments]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["data"], found["n"], found["accuracy"]) == ("hwd1000", 2, 1.0)
    assert main(["evaluate", *arguments, "--split", "dev"]) == 2


@pytest.fixture
def sets(tmp_path: Path) -> Path:
    """Two house numbers, one of them empty of any, and two drawn digits."""
    folder = tmp_path / "sets" / "signs"
    folder.mkdir(parents=True)
    picture = np.full((120, 200), 230, np.uint8)
    Image.fromarray(picture).save(folder / "b.png")
    cv2.putText(picture, "42", (50, 85), cv2.FONT_HERSHEY_DUPLEX, 2.4, 20, 6, cv2.LINE_AA)
    Image.fromarray(picture).save(folder / "a.png")
    (folder / "labels.csv").write_text("file,number\na.png,42\nb.png,7\n")
    drawn = tmp_path / "sets" / "hwd1000"
    drawn.mkdir()
    images = np.stack([255 - rasterise(pen_digit(d), 28) for d in (2, 6)])
    np.savez(drawn / "hwd1000.npz", images=images, labels=np.array([2, 6]))
    return tmp_path / "sets"


def test_every_set_in_one_table(
    sets: Path, model: Path, capsys: pytest.CaptureFixture[str], no_starter: None
) -> None:
    arguments = ["evaluate", "--data", "all", "--data-dir", str(sets), "--model", str(model)]
    assert main([*arguments, "--json"]) == 0
    out, err = capsys.readouterr()
    signs, drawn, whole = map(json.loads, out.splitlines())
    assert (signs["data"], signs["n"], signs["kind"]) == ("signs", 2, "numbers")
    assert signs["nothing_read"] >= 1
    assert sum(signs["missed"].values()) == signs["n"] - signs["right"]
    assert signs["interval95"][0] < signs["accuracy"] < signs["interval95"][1]
    assert (drawn["data"], drawn["n"], drawn["accuracy"]) == ("hwd1000", 2, 1.0)
    assert (whole["data"], whole["n"], whole["right"]) == ("all", 2, signs["right"])
    assert "gnc: left out: The folder wagon_numbers is not here" in err
    assert main(arguments) == 0
    text = capsys.readouterr().out
    assert [line for line in text.splitlines() if line.startswith("house signs")]
    assert "not found" in text
    assert main([*arguments, "--limit", "1", "--json"]) == 0
    assert [json.loads(line)["n"] for line in capsys.readouterr().out.splitlines()] == [1, 1, 1]


def test_a_set_of_numbers_by_its_name(sets: Path, model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["evaluate", "--data", "signs", "--data-dir", str(sets), "--model", str(model)]
    assert main(arguments) == 0
    text = capsys.readouterr().out
    assert "whole numbers" in text.splitlines()[0]
    assert "of 2 photos right" in text


@pytest.mark.parametrize(
    ("more", "why"),
    [
        (["--data", "all"], "None of the sets is here"),
        (["--data", "all", "--split", "dev"], "leave --split away"),
        (["--data", "signs", "--limit", "0"], "at least one"),
    ],
)
def test_all_sets_of_nothing(
    more: list[str],
    why: str,
    model: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    no_starter: None,
) -> None:
    assert main(["evaluate", *more, "--data-dir", str(tmp_path), "--model", str(model)]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert why in err.splitlines()[-1]


@pytest.mark.data
def test_the_images_of_the_project_this_grew_from(capsys: pytest.CaptureFixture[str]) -> None:
    from assets import MODELS

    if not (MODELS / "classifier.onnx").exists():
        pytest.skip("no model is shipped yet")
    assert main(["evaluate", "--data", "seed_test", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["n"] == 35
    assert found["accuracy"] > 31 / 35
