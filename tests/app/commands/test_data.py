"""`gnc data …` as a shell sees it."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from app.cli import main
from core.loaders import download as fetch_module
from core.loaders.download import RemoteFile


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder with a tiny MNIST in it."""
    folder = tmp_path / "data" / "mnist"
    folder.mkdir(parents=True)
    images = np.zeros((30, 28, 28), np.uint8)
    images[:, 4:24, 10:18] = 255
    for part in ("train", "t10k"):
        head = bytes([0, 0, 8, 3]) + b"".join(n.to_bytes(4, "big") for n in images.shape)
        (folder / f"{part}-images-idx3-ubyte.gz").write_bytes(gzip.compress(head + images.tobytes()))
        labels = bytes([0, 0, 8, 1, 0, 0, 0, 30]) + bytes(i % 10 for i in range(30))
        (folder / f"{part}-labels-idx1-ubyte.gz").write_bytes(gzip.compress(labels))
    return tmp_path / "data"


def run(*args: object) -> int:
    return main(["data", *map(str, args)])


def test_list_as_json(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("list", "--json", "--data-dir", data) == 0
    out, err = capsys.readouterr()
    rows = {row["name"]: row for row in map(json.loads, out.splitlines())}
    assert err == ""
    assert rows["mnist"]["here"]
    assert rows["mnist"]["networks"] == ["seed", "general"]
    assert rows["svhn-numbers"]["networks"] == ["seed", "general", "detector", "line"]
    assert rows["line-dots"]["networks"] == ["line"]
    assert rows["scenes"]["networks"] == ["detector"]
    assert rows["mnist"]["note"] == str(data / "mnist")
    assert rows["mnist"]["fetchable"]
    assert not rows["svhn"]["here"]
    assert "gnc data fetch svhn" in rows["svhn"]["note"]
    assert set(rows["mnist"]) == {
        "name", "title", "here", "note", "counts", "counted", "splits", "terms", "address", "fetchable", "partial",
        "remarks", "networks", "choices",
    }  # fmt: skip


def test_list_for_people(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("list", "--data-dir", data) == 0
    out = capsys.readouterr().out
    assert "✓ mnist" in out
    assert "– svhn" in out
    assert "CC BY-SA 3.0" in out
    assert "about 55,000 train" in out


def test_preview_of_a_source(data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sheet = tmp_path / "sheet.png"
    assert run("preview", "mnist", "--out", sheet, "--count", 20, "--split", "test", "--data-dir", data) == 0
    with Image.open(sheet) as image:
        assert image.size == (16 * 68 + 4, 2 * 84 + 4)
    out, err = capsys.readouterr()
    assert out == ""
    assert "20 images" in err


def test_preview_of_a_recipe(data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sheet = tmp_path / "sheet.png"
    args = ("--recipe", "seed", "--count", 4, "--data-dir", data, "--out", sheet)
    assert run("preview", "mnist", *args) == 0
    first = sheet.read_bytes()
    assert run("preview", "mnist", *args) == 0
    assert sheet.read_bytes() == first
    assert run("preview", "mnist", *args, "--seed", 2) == 0
    assert sheet.read_bytes() != first


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (("preview", "mnits"), "there is no source “mnits”"),
        (("preview",), "name a source to look at"),
        (("preview", "meter"), "is not here"),
        (("preview", "mnist", "--split", "dev"), "no images for dev"),
        (("preview", "mnist", "--recipe", "best"), "there is no recipe “best”"),
        (("preview", "meter", "--recipe", "seed"), "none of meter is here"),
    ],
)
def test_preview_says_what_is_wrong(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], args: tuple[str, ...], says: str
) -> None:
    assert run(*args, "--out", tmp_path / "sheet.png", "--data-dir", data) == 2
    assert says in capsys.readouterr().err
    assert not (tmp_path / "sheet.png").exists()


@pytest.mark.parametrize("count", ["0", "many", "1.5"])
def test_odd_counts_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str], count: str) -> None:
    with pytest.raises(SystemExit) as caught:
        run("preview", "mnist", "--out", tmp_path / "x.png", "--count", count)
    assert caught.value.code == 2
    assert count in capsys.readouterr().err


def test_bake(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from core.recipes import recipe

    seed = recipe.RECIPES["seed"]
    only_mnist = seed.with_values({"sources.fonts": 0, "sources.svhn": 0, "sources.svhn-numbers": 0})
    monkeypatch.setitem(recipe.RECIPES, "seed", only_mnist)
    out = tmp_path / "baked"
    assert run("bake", "--recipe", "seed", "--count", "1,200", "--out", out, "--data-dir", data) == 0
    with np.load(out / "shard-00000.npz") as shard:
        assert shard["images"].shape == (1200, 28, 28)
    assert "1,200 images in 1 files" in capsys.readouterr().err
    assert run("bake", "--recipe", "seed", "--count", 50, "--out", out, "--data-dir", data) == 2
    assert "other settings" in capsys.readouterr().err


def test_fetch_of_what_is_here(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("fetch", "mnist", "--data-dir", data) == 0
    assert "is here already" in capsys.readouterr().err


def test_fetch_without_a_network(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    closed = RemoteFile("x.gz", ("http://127.0.0.1:1/x.gz",), "sha256:0", 10)
    monkeypatch.setitem(fetch_module.REMOTE, "mnist", (closed,))
    assert run("fetch", "mnist", "--data-dir", tmp_path / "none") == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("gnc: mnist could not be fetched: ")
    assert err.count("\n") == 1


def test_fetch_of_something_else(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("fetch", "mnist", "fonts") == 2
    assert capsys.readouterr().err == "gnc: “fonts” can't be fetched; mnist, svhn can.\n"


def test_import_says_what_it_found_and_copies_it(
    tmp_path: Path, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for digit in (3, 4):
        (tmp_path / "own" / f"digit_{digit}").mkdir(parents=True)
        Image.fromarray(np.full((20, 20), 90, np.uint8)).save(tmp_path / "own" / f"digit_{digit}" / "a.png")
    assert main(["data", "import", str(tmp_path / "own"), "--look"]) == 0
    said = capsys.readouterr().out
    assert "named like “digit_3”" in said
    assert "No images of 0 1 2 5 6 7 8 9" in said
    assert not (home / "data" / "own").exists()
    assert main(["data", "import", str(tmp_path / "own"), "--name", "mine", "--json"]) == 0
    body = json.loads(capsys.readouterr().out)
    assert body["labels"] == {"3": 1, "4": 1}
    assert Path(body["folder"]) == (home / "data" / "own" / "mine")
    assert (home / "data" / "own" / "mine" / "labels.csv").is_file()
    assert main(["data", "import", str(tmp_path / "own"), "--name", "../x"]) == 2
