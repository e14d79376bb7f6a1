"""UNIPEN's strokes, counters, numbers without boxes, folders, and what was drawn in the program."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.base.errors import DataError
from core.loaders import meters, svhn_extra, unipen, user_folder
from core.loaders.user_digits import UserDigitStore
from core.reading.strokes import Stroke
from core.reading.types import NOT_A_DIGIT


def write_strokes(path: Path, **changes: np.ndarray) -> None:
    """Three digits: a 1 of one stroke, a 4 of two, a 7 by a validation writer."""
    one, bar = [[500, y] for y in range(0, 1001, 50)], [[x, 600] for x in range(200, 801, 50)]
    content = {
        "points": np.array([*one, *one, *bar, *bar], np.int16),
        "stroke_len": np.array([len(one), len(one), len(bar), len(bar)], np.int32),
        "n_strokes": np.array([1, 2, 1], np.int32),
        "labels": np.array([1, 4, 7], np.uint8),
        "writer": np.array([1, 1, 2], np.int16),
        "validation": np.array([False, False, True]),
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez(path, **{**content, **changes})


def test_strokes_are_drawn_thin_and_fat(tmp_path: Path) -> None:
    write_strokes(tmp_path / unipen.FILE)
    train, dev = unipen.build(tmp_path, "train"), unipen.build(tmp_path, "dev")
    assert train["labels"].tolist() == [1] * 4 + [4] * 4
    assert dev["labels"].tolist() == [7]
    ink = train["images"][:4].sum(axis=(1, 2), dtype=np.int64)
    assert (np.diff(ink) > 0).all()
    rows = np.flatnonzero(train["images"][0].max(axis=1) > 64)
    assert 27 <= np.ptp(rows) + 1 <= 31
    assert np.array_equal(unipen.build(tmp_path, "train")["images"], train["images"])


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"stroke_len": np.array([1, 2, 3, 4])}, "do not add up"),
        ({"n_strokes": np.array([1, 1, 1])}, "do not add up"),
        ({"labels": np.array([1, 4])}, "do not add up"),
        ({"labels": np.array([1, 4, 12])}, "label 12"),
        ({"points": np.zeros(66)}, "do not add up"),
    ],
)
def test_names_a_damaged_stroke_file(tmp_path: Path, changes: dict[str, np.ndarray], says: str) -> None:
    write_strokes(tmp_path / unipen.FILE, **changes)
    with pytest.raises(DataError, match=rf"unipen_digits\.npz.*{says}"):
        unipen.build(tmp_path, "train")


def write_meter(path: Path, **changes: np.ndarray) -> None:
    names = [
        f"{place}/{kind}{i}/x/2023"
        for place in ("hall", "cellar")
        for kind in ("gas", "water")
        for i in range(6)
    ]
    groups = np.repeat(np.array(names), 2)
    images = np.full((48, 52, 32, 3), 90, np.uint8)
    images[:, 8:44, 8:24] = 230
    content = {"images": images, "labels": (np.arange(48) % 10).astype(np.uint8), "group": groups}
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez(path, **{**content, **changes})


def test_frames_of_a_counter_stay_together(tmp_path: Path) -> None:
    write_meter(tmp_path / meters.FILE)
    train, dev = meters.build(tmp_path, "train"), meters.build(tmp_path, "dev")
    assert len(train["labels"]) + len(dev["labels"]) == 48
    assert len(dev["labels"]) % 2 == 0
    assert 0 < len(dev["labels"]) < 20
    rows = np.flatnonzero(train["images"][0].max(axis=1) > 160)
    assert 27 <= np.ptp(rows) + 1 <= 30
    assert meters.is_dev("a/b/c/d/1") == meters.is_dev("a/b/c/d/2")


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"images": np.zeros((48, 52, 32), np.uint8)}, "not N pictures of RGB"),
        ({"labels": np.zeros(3, np.uint8)}, "3 labels"),
        ({"labels": np.full(48, 30, np.uint8)}, "label 30"),
    ],
)
def test_names_a_damaged_meter_file(tmp_path: Path, changes: dict[str, np.ndarray], says: str) -> None:
    write_meter(tmp_path / meters.FILE, **changes)
    with pytest.raises(DataError, match=rf"meter_digits.*{says}"):
        meters.build(tmp_path, "train")


@pytest.fixture
def numbers(tmp_path: Path) -> Path:
    rows = [
        "a.png,12,train,5of5",
        "b.png,7,train,disputed",
        "c.png,83,train,4of5",
        "d.png,4,validation,checked",
    ]
    (tmp_path / "labels.csv").write_text("file,number,split,agreement\n" + "\n".join(rows) + "\n")
    (tmp_path / "images").mkdir()
    for name in "abcd":
        image = np.full((40, 60, 3), 50, np.uint8)
        image[8:32, 10:22] = 220
        Image.fromarray(image).save(tmp_path / "images" / f"{name}.png")
    return tmp_path


HEAD = "file,index,digit,x,y,w,h\n"


def test_numbers_are_those_to_be_trusted(numbers: Path) -> None:
    assert [(p.name, n) for p, n in svhn_extra.load_numbers(numbers, "train")] == [
        ("a.png", "12"),
        ("c.png", "83"),
    ]
    assert [(p.name, n) for p, n in svhn_extra.load_numbers(numbers, "dev")] == [("d.png", "4")]


def test_where_votes_disagree_the_eye_decides(numbers: Path, tmp_path: Path) -> None:
    checked = tmp_path / "checked.csv"
    checked.write_text("file,number\nb.png,70\nother.png,1\nd.png,5\n")
    found = svhn_extra.load_numbers(numbers, "train", checked)
    assert [(p.name, n) for p, n in found] == [("a.png", "12"), ("b.png", "70"), ("c.png", "83")]
    assert [n for _, n in svhn_extra.load_numbers(numbers, "dev", checked)] == ["4"]


def test_digits_of_numbers_need_boxes_that_spell_them(numbers: Path, tmp_path: Path) -> None:
    boxes = tmp_path / "boxes.csv"
    lines = ["a.png,1,2,30,8,12,24", "a.png,0,1,10,8,12,24", "b.png,0,7,10,8,12,24", "c.png,0,8,10,8,12,24"]
    boxes.write_text(HEAD + "\n".join(lines) + "\n")
    arrays = svhn_extra.build(numbers, "train", boxes)
    assert arrays["labels"].tolist() == [1, 2]
    assert arrays["images"].shape == (2, 64, 64)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("file,index\na.png,0\n", "lacks the column “digit”"),
        (HEAD + "a.png,0,one,1,2,3,4\n", "does not hold numbers"),
        (HEAD + "a.png,0,11,1,2,3,4\n", "11 of a.png is not a digit"),
        (HEAD + "a.png,0,1,1,2\n", "cut short"),
        (HEAD + "a.png,0,1,500,8,12,24\na.png,1,2,1,8,12,24\n", "not inside the photo"),
    ],
)
def test_names_damaged_boxes(numbers: Path, tmp_path: Path, text: str, says: str) -> None:
    boxes = tmp_path / "boxes.csv"
    boxes.write_text(text)
    with pytest.raises(DataError, match=says):
        svhn_extra.build(numbers, "train", boxes)


def test_names_damaged_labels(numbers: Path) -> None:
    (numbers / "labels.csv").write_text("file,number,split,agreement\na.png,1x,train,5of5\n")
    with pytest.raises(DataError, match=r"labels\.csv: “1x” of a\.png is not a number"):
        svhn_extra.load_numbers(numbers, "train")
    (numbers / "labels.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(DataError, match="not a table of text"):
        svhn_extra.load_numbers(numbers, "train")
    (numbers / "labels.csv").unlink()
    with pytest.raises(DataError, match="no such file"):
        svhn_extra.load_numbers(numbers, "train")


def test_a_folder_with_a_sub_folder_a_digit(tmp_path: Path) -> None:
    for label, name in [(3, "3"), (8, "8"), (NOT_A_DIGIT, "none")]:
        for i in range(12):
            image = np.full((50, 50), 250, np.uint8)
            image[5 + i : 35 + i, 20:30] = 20
            path = tmp_path / name / f"{i}.png"
            path.parent.mkdir(exist_ok=True)
            Image.fromarray(image).save(path)
        assert sum(found == label for _, found in user_folder.labelled_files(tmp_path)) == 12
    (tmp_path / "notes").mkdir()
    train, dev = user_folder.build(tmp_path, "train"), user_folder.build(tmp_path, "dev")
    assert len(train["labels"]) + len(dev["labels"]) == 36
    assert set(train["labels"].tolist()) == {3, 8, NOT_A_DIGIT}
    # Framed as a picture to be classified would be: dark ink on light ground, in the middle.
    rows, _ = np.nonzero(train["images"][0] < 120)
    assert 26 <= np.ptp(rows) + 1 <= 31
    assert train["images"][0, 0, 0] > 240


def test_an_odd_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no such folder"):
        user_folder.build(tmp_path / "absent", "train")
    with pytest.raises(DataError, match="no pictures in sub-folders"):
        user_folder.build(tmp_path, "train")
    (tmp_path / "4").mkdir()
    (tmp_path / "4" / "x.png").write_bytes(b"no picture")
    split = "dev" if user_folder.is_dev("4/x.png", 10) else "train"
    with pytest.raises(DataError, match=r"x\.png"):
        user_folder.build(tmp_path, split)


def test_mine_gives_drawings_as_ink_and_crops_as_photos(tmp_path: Path) -> None:
    store = UserDigitStore(tmp_path)
    stroke = Stroke(((10.0, 10.0), (12.0, 90.0)), 6.0)
    for _ in range(8):
        store.add([stroke], np.zeros((32, 32), np.uint8), 1, size=(100, 100))
        store.add([], np.full((32, 32), 120, np.uint8), 6, kind="photo")
    train, dev = user_folder.build_mine(tmp_path, "train"), user_folder.build_mine(tmp_path, "dev")
    drawn = train["labels"] == 1
    assert train["is_ink"].tolist() == drawn.tolist()
    assert drawn.sum() % 3 == 0
    assert drawn.sum() // 3 + (dev["labels"] == 1).sum() == 8
    assert (train["labels"] == 6).sum() + (dev["labels"] == 6).sum() == 8
    assert train["images"][drawn].max() == 255
    assert (train["images"][~drawn] == 120).all()
    assert len(user_folder.mine_files(tmp_path)) == 16


def test_a_damaged_drawing_does_not_stop_the_rest(tmp_path: Path) -> None:
    store = UserDigitStore(tmp_path)
    entries = [
        store.add([Stroke(((1.0, 1.0), (9.0, 9.0)), 2.0)], np.zeros((32, 32), np.uint8), 1) for _ in range(3)
    ]
    entries[0].json_path.write_text("{")
    counts = [len(user_folder.build_mine(tmp_path, split)["labels"]) for split in ("train", "dev")]
    assert counts[0] / 3 + counts[1] == 2
    assert user_folder.build_mine(tmp_path / "absent", "train")["images"].shape == (0, 64, 64)
