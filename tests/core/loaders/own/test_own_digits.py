"""People's own digits in whatever form they have them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from core.base.errors import DataError, InputError
from core.loaders.own import arrange
from core.loaders.own.arrays import as_images, as_labels
from core.loaders.own.boxes import yaml_names
from core.loaders.own.digits import OwnDigits, copies, joined, warnings_of
from core.loaders.own.find import own_digits
from core.loaders.own.names import label_of, split_of
from core.reading.types import NOT_A_DIGIT, Box

GREY = np.full((40, 30), 200, np.uint8)


def picture(path: Path, shade: int = 20) -> Path:
    """A dark bar on light ground."""
    path.parent.mkdir(parents=True, exist_ok=True)
    image = GREY.copy()
    image[8:32, 12:18] = shade
    Image.fromarray(image).save(path)
    return path


def found_in(folder: Path) -> list[tuple[int, str, str]]:
    return sorted((p.label, p.file.name, p.split) for p in own_digits(folder).pictures)


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("0", 0), ("00", 0), ("0.0", 0), ("7.", 7), ("digit_3", 3), ("Digit-03", 3), ("class 4", 4), ("zero", 0),
        ("NINE", 9), ("none", NOT_A_DIGIT), ("Sample001", 0), ("Sample010", 9), ("Sample011", None), ("10", None),
        ("train2", None), ("images", None), ("", None), ("٣", None),
    ],
)  # fmt: skip
def test_names_of_digits(name: str, label: int | None) -> None:
    assert label_of(name) == label


@pytest.mark.parametrize(
    ("name", "split"),
    [("train", "train"), ("Val", "dev"), ("validation", "dev"), ("x_test", "test"), ("instances_val2017", "dev"),
     ("images", None), ("contest", None)],
)  # fmt: skip
def test_names_of_parts(name: str, split: str | None) -> None:
    assert split_of(name) == split


@pytest.mark.parametrize("naming", ["{}", "digit_{}", "0{}", "{}.0"])
def test_sub_folders_by_any_usual_name(tmp_path: Path, naming: str) -> None:
    for digit in range(10):
        picture(tmp_path / naming.format(digit) / f"a{digit}.png")
    picture(tmp_path / "letters" / "x.png")
    assert [label for label, *_ in found_in(tmp_path)] == list(range(10))
    assert "“letters”" in own_digits(tmp_path).remarks[0]


def test_words_and_samples(tmp_path: Path) -> None:
    for name in ("zero", "four", "Sample010"):
        picture(tmp_path / name / "a.png")
    assert [label for label, *_ in found_in(tmp_path)] == [0, 4, 9]


def test_parts_one_level_down_keep_their_parts(tmp_path: Path) -> None:
    for part in ("train", "val", "test"):
        for digit in (1, 2):
            picture(tmp_path / part / str(digit) / f"{part}.png")
    digits = own_digits(tmp_path)
    assert digits.counts() == {"train": 2, "dev": 2, "test": 2}
    assert digits.has_parts
    assert {p.split for p in digits.pictures} == {"train", "dev", "test"}


def test_a_single_set_below_is_taken_and_several_are_offered(tmp_path: Path) -> None:
    picture(tmp_path / "archive" / "digits" / "3" / "a.png")
    assert own_digits(tmp_path).where == tmp_path / "archive" / "digits"
    picture(tmp_path / "other" / "4" / "a.png")
    with pytest.raises(DataError, match=r"several sets.*other \(1 digits\).*digits \(1 digits\)"):
        own_digits(tmp_path)


def test_what_is_missing_or_empty_or_odd_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"nowhere: there is no such folder"):
        own_digits(tmp_path / "nowhere")
    with pytest.raises(DataError, match="is empty"):
        own_digits(tmp_path)
    picture(tmp_path / "cats" / "a.png")
    with pytest.raises(DataError, match="it holds “cats”"):
        own_digits(tmp_path)
    (tmp_path / "notes.md").write_text("x")
    with pytest.raises(DataError, match="neither a folder nor"):
        own_digits(tmp_path / "notes.md")


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("file,label\na.png,7\n", "utf-8-sig"),
        ("File;Label\r\na.png;7\r\n", "utf-8"),
        ("filename\tclass\na.png\tseven\n", "utf-16"),
        ("label,image_path\n7.0,a.png\n\n", "cp1252"),
    ],
)
def test_tables_as_spreadsheets_write_them(tmp_path: Path, text: str, encoding: str) -> None:
    picture(tmp_path / "a.png")
    (tmp_path / "labels.csv").write_bytes(text.encode(encoding))
    assert found_in(tmp_path) == [(7, "a.png", "")]
    assert [item.label for item in own_digits(tmp_path / "labels.csv").read(None, [])] == [7]


def test_a_damaged_picture_is_left_out_and_told(tmp_path: Path) -> None:
    for i in range(3):
        picture(tmp_path / "3" / f"{i}.png")
    (tmp_path / "3" / "bad.png").write_bytes(b"no picture")
    (tmp_path / "5").mkdir()
    (tmp_path / "5" / "empty.jpg").touch()
    digits = own_digits(tmp_path)
    parts = [arrange.build(digits, split) for split in ("train", "dev")]
    assert sum(len(part["labels"]) for part in parts) == 3
    said = " ".join(str(sentence) for part in parts for sentence in part["left_out"])
    assert "bad.png" in said
    assert "empty.jpg" in said


def save(path: Path, **arrays: NDArray[Any]) -> OwnDigits:
    np.savez(path, allow_pickle=False, **arrays)
    return own_digits(path)


IMAGES = np.stack([GREY[:28, :28]] * 4)
LABELS = np.array([5, 0, 4, 1])


@pytest.mark.parametrize(
    "arrays",
    [
        {"images": IMAGES, "labels": LABELS},
        {"images": IMAGES[:, None], "labels": LABELS.astype(float)},
        {"X": IMAGES.reshape(4, -1) / 255.0, "y": LABELS[:, None]},
        {"arr_0": np.repeat(IMAGES[..., None], 3, 3), "arr_1": np.eye(10)[LABELS]},
        {"data": np.moveaxis(np.repeat(IMAGES[..., None], 3, 3), 3, 1), "target": LABELS.astype(str)},
    ],
)
def test_arrays_of_many_habits(tmp_path: Path, arrays: dict[str, NDArray[Any]]) -> None:
    digits = save(tmp_path / "a.npz", **arrays)
    assert digits.labels == (5, 0, 4, 1)
    assert digits.images is not None
    assert digits.images.shape[:3] == (4, 28, 28)
    assert abs(int(digits.images[0, 0, 0].max()) - 200) <= 1


def test_keras_parts(tmp_path: Path) -> None:
    digits = save(
        tmp_path / "mnist.npz", x_train=IMAGES, y_train=LABELS, x_test=IMAGES[:2], y_test=LABELS[:2]
    )
    assert digits.splits.count("test") == 2
    assert [item.label for item in digits.read("test", [])] == [5, 0]


@pytest.mark.parametrize(
    ("arrays", "says"),
    [
        ({"a": IMAGES}, "it|holds a"), ({"images": IMAGES, "labels": LABELS[:3]}, "4 images"),
        ({"images": IMAGES, "labels": LABELS + 0.5}, "not a list"),
        ({"images": IMAGES, "labels": LABELS + 10}, "label 15"),
        ({"images": IMAGES[0, 0], "labels": LABELS}, "N x H x W"),
    ],
)  # fmt: skip
def test_arrays_that_are_none(tmp_path: Path, arrays: dict[str, NDArray[Any]], says: str) -> None:
    with pytest.raises(DataError, match=rf"a\.npz.*({says})"):
        save(tmp_path / "a.npz", **arrays)


def test_float_pictures_keep_their_greys(tmp_path: Path) -> None:
    assert as_images(np.full((1, 4, 4), 0.5), tmp_path, "x")[0, 0, 0] == 128
    assert as_images(np.full((1, 4, 4), 77.0), tmp_path, "x")[0, 0, 0] == 77
    assert as_labels(np.array([[3], [4]]), tmp_path, "y").tolist() == [3, 4]


@pytest.mark.parametrize("header", [True, False])
def test_kaggles_table_of_pixels(tmp_path: Path, header: bool) -> None:
    path = tmp_path / "train.csv"
    pixels = np.arange(64) * 3
    rows = [f"{label}," + ",".join(map(str, pixels)) for label in (4, 9)]
    head = ["label," + ",".join(f"pixel{i}" for i in range(64))] if header else []
    path.write_text("\n".join([*head, *rows]) + "\n")
    digits = own_digits(path)
    assert digits.labels == (4, 9)
    assert digits.images is not None
    assert digits.images[0].ravel().tolist() == pixels.tolist()
    path.write_text("\n".join([",".join(f"pixel{i}" for i in range(64)), rows[0].partition(",")[2]]) + "\n")
    with pytest.raises(DataError, match="without labels"):
        own_digits(path)


YOLO = "7 0.5 0.5 0.2 0.6\n1 0.25 0.5 0.1 0.4\n"


@pytest.mark.parametrize(
    "layout", ["images/train/a.png labels/train/a.txt", "train/images/a.png train/labels/a.txt"]
)
def test_boxes_of_yolo(tmp_path: Path, layout: str) -> None:
    image, text = layout.split()
    picture(tmp_path / image)
    (tmp_path / text).parent.mkdir(parents=True)
    (tmp_path / text).write_text(YOLO)
    (tmp_path / "data.yaml").write_text("nc: 10\nnames: ['0','1','2','3','4','5','6','7','8','9']\n")
    digits = own_digits(tmp_path)
    assert [(p.label, p.split) for p in digits.pictures] == [(7, "train"), (1, "train")]
    items = list(digits.read(None, []))
    assert items[0].box == Box(12.0, 8.0, 6.0, 24.0)
    assert arrange.framed(items[0]).shape == (64, 64)


@pytest.mark.parametrize(
    "text",
    [
        "names: ['one', two]\n",
        "names:\n  - one\n  - two\nnc: 2\n",
        "nc: 2\nnames:\n  0: one\n  1: 'two'  # a\n",
    ],
)
def test_names_in_yaml(text: str) -> None:
    assert yaml_names(text) == {0: "one", 1: "two"}


def test_boxes_of_coco(tmp_path: Path) -> None:
    picture(tmp_path / "val2017" / "a.png")
    body = {
        "images": [{"id": 1, "file_name": "a.png"}, {"id": 2, "file_name": "gone.png"}],
        "categories": [{"id": 3, "name": "eight"}, {"id": 4, "name": "car"}],
        "annotations": [
            {"image_id": 1, "category_id": 3, "bbox": [12, 8, 6, 24]},
            {"image_id": 1, "category_id": 4, "bbox": [0, 0, 9, 9]},
            {"image_id": 2, "category_id": 3, "bbox": [0, 0, 9, 9]},
        ],
    }
    (tmp_path / "annotations").mkdir()
    (tmp_path / "annotations" / "instances_val2017.json").write_text(json.dumps(body))
    digits = own_digits(tmp_path)
    assert [(p.label, p.split, p.box) for p in digits.pictures] == [(8, "dev", Box(12, 8, 6, 24))]
    assert any("“car”" in remark for remark in digits.remarks)
    assert any("1 boxes" in remark for remark in digits.remarks)


def test_what_labels_lack_is_said() -> None:
    assert warnings_of([d for d in range(10) for _ in range(5)]) == []
    assert "No images of 1 2 3 4 5 6 7 8 9" in warnings_of([0] * 30)[0]
    assert "No images of 7:" in warnings_of([d for d in range(10) if d != 7])[0]
    lopsided = warnings_of([1] * 800 + [d for d in range(10) if d != 1 for _ in range(3)])
    assert lopsided[0].startswith("97% of the images show a 1")
    assert "None of the images" in warnings_of([NOT_A_DIGIT])[0]


def test_pictures_that_stand_in_both_parts_are_counted() -> None:
    images = np.arange(3 * 4, dtype=np.uint8).reshape(3, 2, 2)
    assert copies(images, images[1:]) == 2
    assert copies(images, images + 100) == 0
    assert joined(["a", "b", "c", "d", "e"]) == "a, b, c and 2 more"
    assert joined(["a", "b"]) == "a and b"


def test_imported_sets_read_back_the_same(tmp_path: Path) -> None:
    for part in ("train", "test"):
        for digit in (2, 7):
            picture(tmp_path / "mine" / part / str(digit) / f"{part}{digit}.png", shade=digit * 10)
    (tmp_path / "mine" / "train" / "2" / "bad.png").write_bytes(b"x")
    first = own_digits(tmp_path / "mine")
    left_out = arrange.import_digits(first, tmp_path / "data" / "own" / "mine")
    assert len(left_out) == 1
    again = own_digits(tmp_path / "data" / "own" / "mine")

    def content(digits: OwnDigits) -> list[tuple[str, int, bytes]]:
        return sorted(
            (split, item.label, item.picture.tobytes())
            for split in ("train", "test") for item in digits.read(split, [])
        )  # fmt: skip

    assert content(again) == content(first)
    with pytest.raises(InputError, match="there already"):
        arrange.import_digits(first, tmp_path / "data" / "own" / "mine")


def test_an_import_keeps_boxes_and_arrays(tmp_path: Path) -> None:
    picture(tmp_path / "y" / "images" / "a.png")
    (tmp_path / "y" / "labels").mkdir()
    (tmp_path / "y" / "labels" / "a.txt").write_text(YOLO)
    arrange.import_digits(own_digits(tmp_path / "y"), tmp_path / "boxed")
    boxes = {p.label: p.box for p in own_digits(tmp_path / "boxed").pictures}
    assert boxes[7] == Box(12.0, 8.0, 6.0, 24.0)
    assert len(list((tmp_path / "boxed" / "pictures").iterdir())) == 1
    arrange.import_digits(save(tmp_path / "a.npz", images=IMAGES, labels=LABELS), tmp_path / "plain")
    assert sorted(own_digits(tmp_path / "plain").labels) == [0, 1, 4, 5]


def test_a_tenth_of_a_set_without_parts_is_kept_for_measuring(tmp_path: Path) -> None:
    for i in range(60):
        picture(tmp_path / "1" / f"{i}.png")
    counts = own_digits(tmp_path).counts()
    assert counts["train"] + counts["dev"] == 60
    assert 1 <= counts["dev"] <= 14
