"""Both formats of SVHN, on small files laid out as the official ones."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from PIL import Image
from scipy.io import savemat

from core.base.errors import DataError
from core.loaders import svhn
from core.reading.types import Box

Write = Callable[..., None]


def save_photo(path: Path, size: tuple[int, int] = (60, 40)) -> None:
    image = np.full((size[1], size[0], 3), 60, np.uint8)
    image[8:32, 10:22] = 220
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(image).save(path)


@pytest.fixture
def folder(tmp_path: Path, write_digit_struct: Write) -> Path:
    """Photo 1 with one digit, 2 with a 0 and a 4, 210 kept out with a 7."""
    box = (10.0, 8.0, 12.0, 24.0)
    write_digit_struct(
        tmp_path / "train" / "digitStruct.mat",
        [("1.png", [5], [box]), ("2.png", [10, 4], [box, (30.0, 8.0, 12.0, 24.0)]), ("210.png", [7], [box])],
    )
    for name in ("1.png", "2.png", "210.png"):
        save_photo(tmp_path / "train" / name)
    return tmp_path


def test_cuts_digits_with_their_surroundings(folder: Path) -> None:
    arrays = svhn.build(folder, "train")
    assert arrays["labels"].tolist() == [5, 0, 4]
    assert arrays["images"].shape == (3, 64, 64)
    # The box, 24 of 40 pixels high, is LOOSE; what is left of it would span 28.6 of 64, around the middle. The
    # photo's edge is repeated beyond it.
    bright = arrays["images"][0] > 140
    rows, columns = np.nonzero(bright)
    assert abs(rows.max() - rows.min() + 1 - 28.6 * svhn.LOOSE) <= 2
    assert abs(columns.max() - columns.min() + 1 - 14.3 * svhn.LOOSE) <= 2
    assert abs((rows.max() + rows.min()) / 2 - 31.5) <= 1.5
    assert abs(int(arrays["images"][0, 0, 0]) - 60) <= 2


def test_keeps_photos_201_to_256_out_of_training(folder: Path) -> None:
    assert svhn.build(folder, "dev")["labels"].tolist() == [7]
    assert [svhn.is_dev(n) for n in (1, 200, 201, 256, 257, 260)] == [False, False, True, True, False, True]


def test_reads_the_test_part(folder: Path, write_digit_struct: Write) -> None:
    write_digit_struct(folder / "test" / "digitStruct.mat", [("1.png", [3], [(10.0, 8.0, 12.0, 24.0)])])
    save_photo(folder / "test" / "1.png")
    assert svhn.build(folder, "test")["labels"].tolist() == [3]


def test_gives_boxes_of_whole_photos(folder: Path) -> None:
    photos = svhn.boxed_photos(folder, "train")
    assert [p.path.name for p in photos] == ["1.png", "2.png"]
    assert photos[1].digits == (0, 4)
    assert photos[1].boxes[1].as_list() == [30, 8, 12, 24]


def test_says_that_nothing_is_there(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="gnc data fetch svhn"):
        svhn.build(tmp_path, "train")


def test_names_a_missing_photo(folder: Path) -> None:
    (folder / "train" / "2.png").unlink()
    with pytest.raises(DataError, match=r"2\.png: there is no such file"):
        svhn.build(folder, "train")


def test_names_a_damaged_photo(folder: Path) -> None:
    path = folder / "train" / "2.png"
    path.write_bytes(path.read_bytes()[:60])
    with pytest.raises(DataError, match=r"2\.png"):
        svhn.build(folder, "train")


@pytest.mark.parametrize("box", [(200.0, 8.0, 12.0, 24.0), (10.0, 8.0, 0.0, 24.0), (10.0, -90.0, 12.0, 24.0)])
def test_refuses_a_box_out_of_the_photo(
    tmp_path: Path, write_digit_struct: Write, box: tuple[float, ...]
) -> None:
    write_digit_struct(tmp_path / "train" / "digitStruct.mat", [("1.png", [5], [box])])
    save_photo(tmp_path / "train" / "1.png")
    with pytest.raises(DataError, match=r"1\.png: a digit's box .* is not inside"):
        svhn.build(tmp_path, "train")


def test_accepts_a_box_a_few_pixels_out(tmp_path: Path, write_digit_struct: Write) -> None:
    write_digit_struct(tmp_path / "train" / "digitStruct.mat", [("1.png", [5], [(-2.0, -1.0, 12.0, 24.0)])])
    save_photo(tmp_path / "train" / "1.png")
    assert len(svhn.build(tmp_path, "train")["labels"]) == 1


@pytest.mark.parametrize(
    ("name", "labels", "says"),
    [
        ("1.png", [11], "label other than 1 to 10"),
        ("../1.png", [1], "not a plain file name"),
        ("", [1], "plain"),
    ],
)
def test_refuses_wrong_entries(
    tmp_path: Path, write_digit_struct: Write, name: str, labels: list[int], says: str
) -> None:
    write_digit_struct(
        tmp_path / "train" / "digitStruct.mat", [(name or "\0", labels, [(1.0, 1.0, 5.0, 5.0)])]
    )
    with pytest.raises(DataError, match=says if name else r"digitStruct\.mat|no such file"):
        svhn.build(tmp_path, "train")


def test_names_a_broken_digit_struct(folder: Path) -> None:
    path = folder / "train" / "digitStruct.mat"
    whole = path.read_bytes()
    for data in (whole[: len(whole) // 2], b"no HDF5 at all", b""):
        path.write_bytes(data)
        with pytest.raises(DataError, match=r"digitStruct\.mat is damaged"):
            svhn.build(folder, "train")
    path.unlink()
    with h5py.File(path, "w") as file:
        file.create_group("digitStruct")
    with pytest.raises(DataError, match="not laid out as SVHN"):
        svhn.build(folder, "train")


def test_names_a_digit_struct_whose_box_lacks_a_value(folder: Path) -> None:
    path = folder / "train" / "digitStruct.mat"
    with h5py.File(path, "r+") as file:
        group = file[file["digitStruct/bbox"][0, 0]]
        del group["left"]
        group.create_dataset("left", data=np.array([[1.0], [2.0]]))
    with pytest.raises(DataError, match=r"1\.png are damaged"):
        svhn.build(folder, "train")


def write_crops(path: Path, count: int = 40, **changes: object) -> None:
    crops = np.full((32, 32, 3, count), 30, np.uint8)
    crops[:, 10:22] = 200
    content: dict[str, object] = {
        "X": crops,
        "y": (np.arange(count) % 10 + 1).reshape(-1, 1).astype(np.uint8),
    }
    savemat(path, {k: v for k, v in (content | changes).items() if v is not None})


def test_reads_format_2(tmp_path: Path) -> None:
    write_crops(tmp_path / "train_32x32.mat")
    write_crops(tmp_path / "test_32x32.mat", 3)
    train, dev = svhn.build(tmp_path, "train"), svhn.build(tmp_path, "dev")
    assert train["labels"][:11].tolist() == [1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1]
    assert (len(train["labels"]), len(dev["labels"])) == (38, 2)
    assert svhn.build(tmp_path, "test")["labels"].tolist() == [1, 2, 3]
    # The 32 pixels of height span 28.6 of 64.
    rows, columns = np.nonzero(train["images"][0] > 120)
    assert rows.max() - rows.min() + 1 == 64
    assert 9 <= columns.max() - columns.min() + 1 <= 13


def test_prefers_format_1(folder: Path) -> None:
    write_crops(folder / "train_32x32.mat")
    assert svhn.build(folder, "train")["labels"].tolist() == [5, 0, 4]


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"X": None}, "lacks X or y"),
        ({"y": None}, "lacks X or y"),
        ({"X": np.zeros((8, 8, 3, 40), np.uint8)}, "8x8x3x40, not bytes of 32x32x3xN"),
        ({"y": np.ones((4, 1), np.uint8)}, "4 labels for 40 images"),
        ({"y": np.zeros((40, 1), np.uint8)}, "label other than 1 to 10"),
    ],
)
def test_names_a_wrong_mat(tmp_path: Path, changes: dict[str, Any], says: str) -> None:
    write_crops(tmp_path / "train_32x32.mat", **changes)
    with pytest.raises(DataError, match=rf"train_32x32\.mat.*{says}"):
        svhn.build(tmp_path, "train")


def test_names_a_damaged_mat(tmp_path: Path) -> None:
    path = tmp_path / "train_32x32.mat"
    write_crops(path)
    for data in (path.read_bytes()[:3000], b"nonsense", b""):
        path.write_bytes(data)
        with pytest.raises(DataError, match=r"train_32x32\.mat is damaged"):
            svhn.build(tmp_path, "train")


def test_digits_without_boxes_are_known_by_photo(tmp_path: Path) -> None:
    table = tmp_path / "unlabelled.csv"
    table.write_text("file,x,y,w,h\n1.png,1,2,3,4\n2.png,5,6,7,8\n1.png,9,9,9,9\n")
    found = svhn.read_unlabelled(table)
    assert found["1.png"] == [Box(1, 2, 3, 4), Box(9, 9, 9, 9)]
    assert list(found) == ["1.png", "2.png"]
    assert svhn.read_unlabelled(), "those that come with the program"
    for damage, words in (
        ("file,x\n", "column"),
        ("file,x,y,w,h\n1.png,1,2\n", "short"),
        ("file,x,y,w,h\na,1,2,3,?\n", "a "),
    ):
        table.write_text(damage)
        with pytest.raises(DataError, match=words):
            svhn.read_unlabelled(table)


def test_a_tight_box_is_lower_but_as_wide() -> None:
    assert svhn.tight(Box(10, 20, 8, 24)).as_list() == pytest.approx([10, 22, 8, 20])
