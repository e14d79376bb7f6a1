"""Pen strokes, counters, scanned digits, numbers without boxes, folders."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from core.base.errors import DataError
from core.loaders import meters, pen_strokes, scanned_digits, svhn_extra


def write_strokes(path: Path, **changes: NDArray[Any]) -> None:
    """Three digits: a 1 of one stroke, a 4 of two, a 7 by a validation writer."""
    one, bar = [[500, y] for y in range(0, 1001, 50)], [[x, 600] for x in range(200, 801, 50)]
    content: dict[str, NDArray[Any]] = {
        "points": np.array([*one, *one, *bar, *bar], np.int16),
        "stroke_len": np.array([len(one), len(one), len(bar), len(bar)], np.int32),
        "n_strokes": np.array([1, 2, 1], np.int32),
        "labels": np.array([1, 4, 7], np.uint8),
        "writer": np.array([1, 1, 2], np.int16),
        "validation": np.array([False, False, True]),
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez(path, allow_pickle=False, **(content | changes))


def test_strokes_are_drawn_thin_and_fat(tmp_path: Path) -> None:
    write_strokes(tmp_path / pen_strokes.UNIPEN)
    file = tmp_path / pen_strokes.UNIPEN
    train, dev = pen_strokes.build(file, "train"), pen_strokes.build(file, "dev")
    assert train["labels"].tolist() == [1] * 4 + [4] * 4
    assert dev["labels"].tolist() == [7]
    ink = train["images"][:4].sum(axis=(1, 2), dtype=np.int64)
    assert (np.diff(ink) > 0).all()
    rows = np.flatnonzero(train["images"][0].max(axis=1) > 64)
    assert 27 <= np.ptp(rows) + 1 <= 31
    assert np.array_equal(
        pen_strokes.build(tmp_path / pen_strokes.UNIPEN, "train")["images"], train["images"]
    )


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
def test_names_a_damaged_stroke_file(tmp_path: Path, changes: dict[str, NDArray[Any]], says: str) -> None:
    write_strokes(tmp_path / pen_strokes.UNIPEN, **changes)
    with pytest.raises(DataError, match=rf"unipen_digits\.npz.*{says}"):
        pen_strokes.build(tmp_path / pen_strokes.UNIPEN, "train")


def write_meter(path: Path, **changes: NDArray[Any]) -> None:
    names = [
        f"{place}/{kind}{i}/x/2023"
        for place in ("hall", "cellar")
        for kind in ("gas", "water")
        for i in range(6)
    ]
    groups = np.repeat(np.array(names), 2)
    images = np.full((48, 52, 32, 3), 90, np.uint8)
    images[:, 8:44, 8:24] = 230
    content: dict[str, NDArray[Any]] = {
        "images": images,
        "labels": (np.arange(48) % 10).astype(np.uint8),
        "group": groups,
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez(path, allow_pickle=False, **(content | changes))


def test_frames_of_a_counter_stay_together(tmp_path: Path) -> None:
    write_meter(tmp_path / meters.FILE)
    train, dev = meters.build(tmp_path / meters.FILE, "train"), meters.build(tmp_path / meters.FILE, "dev")
    assert len(train["labels"]) + len(dev["labels"]) == 48
    assert len(dev["labels"]) % 2 == 0
    assert 0 < len(dev["labels"]) < 20
    rows = np.flatnonzero(train["images"][0].max(axis=1) > 160)
    assert 27 <= np.ptp(rows) + 1 <= 30
    assert meters.is_dev("a/b/c/d/1") == meters.is_dev("a/b/c/d/2")


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"images": np.zeros((48, 52, 32), np.uint8)}, "not N images of RGB"),
        ({"labels": np.zeros(3, np.uint8)}, "3 labels"),
        ({"labels": np.full(48, 30, np.uint8)}, "label 30"),
    ],
)
def test_names_a_damaged_meter_file(tmp_path: Path, changes: dict[str, NDArray[Any]], says: str) -> None:
    write_meter(tmp_path / meters.FILE, **changes)
    with pytest.raises(DataError, match=rf"meter_digits.*{says}"):
        meters.build(tmp_path / meters.FILE, "train")


def test_rare_digits_are_drawn_more_often(tmp_path: Path) -> None:
    line = [[500, y] for y in range(0, 1001, 50)]
    count = 31
    write_strokes(
        tmp_path / pen_strokes.CROHME,
        points=np.array(line * count, np.int16),
        stroke_len=np.full(count, len(line), np.int32),
        n_strokes=np.ones(count, np.int32),
        labels=np.array([1] * 20 + [7] * 9 + [8] * 2, np.uint8),
        writer=np.ones(count, np.int16),
        validation=np.zeros(count, bool),
    )
    train = pen_strokes.build(tmp_path / pen_strokes.CROHME, "train")
    assert np.bincount(train["labels"])[[1, 7, 8]].tolist() == [20, 9, 8]
    assert len(pen_strokes.build(tmp_path / pen_strokes.CROHME, "dev")["labels"]) == 0


def test_the_nearest_digit_of_a_turning_counter() -> None:
    digits, off = meters.nearest_digit(np.array([0, 1, 37, 44, 45, 52, 91, 97, 99], np.uint8))
    assert digits.tolist() == [0, 0, 4, 4, 5, 5, 9, 0, 0]
    assert off.tolist() == [0, 1, 3, 4, 5, 2, 1, 3, 1]


def write_tenths(path: Path, **changes: NDArray[Any]) -> Path:
    """Ten meters, each at every tenth of 3 to 5."""
    images = np.full((200, 32, 20, 3), 60, np.uint8)
    images[:, 5:27, 4:16] = 220
    tenths, group = np.tile(np.arange(30, 50), 10), np.repeat(np.arange(10), 20)
    content: dict[str, NDArray[Any]] = {
        "images": images,
        "tenths": tenths.astype(np.uint8),
        "group": group.astype(np.uint8),
    }
    np.savez(path, allow_pickle=False, **(content | changes))
    return path


def test_meters_stay_whole_and_half_turns_are_left_out(tmp_path: Path) -> None:
    path = write_tenths(tmp_path / meters.TENTHS)
    train, dev = meters.build_tenths(path, "train"), meters.build_tenths(path, "dev")
    # Of every meter 14 of 20 places: 4, 5 and 6 tenths are half-way.
    assert (len(train["labels"]) + len(dev["labels"]), len(dev["labels"]) % 14) == (140, 0)
    assert len(dev["labels"]) > 0
    assert set(train["labels"].tolist()) == {3, 4, 5}
    rows = np.flatnonzero(train["images"][0].max(axis=1) > 160)
    assert 25 <= np.ptp(rows) + 1 <= 30
    resting, groups = meters.read_tenths(path, "dev", meters.AT_REST)
    assert len(set(groups)) * 6 == len(resting["labels"])


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"images": np.zeros((200, 32, 20), np.uint8)}, "not N images of RGB"),
        ({"tenths": np.zeros(3, np.uint8)}, "3 tenths"),
        ({"tenths": np.full(200, 100, np.uint8)}, "outside 0 to 99"),
    ],
)
def test_names_a_damaged_file_of_tenths(tmp_path: Path, changes: dict[str, NDArray[Any]], says: str) -> None:
    path = write_tenths(tmp_path / meters.TENTHS, **changes)
    with pytest.raises(DataError, match=rf"meter_tenths.*{says}"):
        meters.build_tenths(path, "train")


def write_scans(path: Path, **changes: NDArray[Any]) -> Path:
    """Five digits on paper, one of them for validation: a dark upright bar, grey at its edge."""
    images = np.full((5, 64, 64), 240, np.uint8)
    images[:, 12:52, 26:38] = 140
    images[:, 14:50, 28:36] = 40
    marks = np.array([False, False, True, False, False])
    content: dict[str, NDArray[Any]] = {
        "images": images,
        "labels": np.arange(5, dtype=np.uint8),
        "validation": marks,
    }
    np.savez(path, allow_pickle=False, **(content | changes))
    return path


def test_scanned_ink_is_framed_and_church_books_stay_photos(tmp_path: Path) -> None:
    path = write_scans(tmp_path / "scans.npz")
    ink, photos = scanned_digits.build_cvl(path, "train"), scanned_digits.build_dida(path, "train")
    assert ink["labels"].tolist() == photos["labels"].tolist() == [0, 1, 3, 4]
    assert scanned_digits.build_cvl(path, "dev")["labels"].tolist() == [2]
    image = ink["images"][0]
    rows = np.flatnonzero(image.max(axis=1) > 64)
    assert 27 <= np.ptp(rows) + 1 <= 31
    assert image[0].max() == 0
    assert image.max() == 255
    assert photos["images"][0].min() == 40
    assert photos["images"][0][0].min() == 240


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"images": np.zeros((5, 64, 60), np.uint8)}, "square"),
        ({"labels": np.zeros(3, np.uint8)}, "3 labels"),
        ({"labels": np.full(5, 12, np.uint8)}, "label 12"),
    ],
)
def test_names_a_damaged_file_of_scans(tmp_path: Path, changes: dict[str, NDArray[Any]], says: str) -> None:
    path = write_scans(tmp_path / "scans.npz", **changes)
    for build in (scanned_digits.build_cvl, scanned_digits.build_dida):
        with pytest.raises(DataError, match=rf"scans\.npz.*{says}"):
            build(path, "train")


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
