"""Sets of whole numbers in one form: their parts, boxes, written text, and what is kept from training."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from core.base.errors import DataError
from core.base.paths import Places
from core.loaders.number_photos import (
    SOURCES,
    WITHOUT_NUMBERS,
    NumberPhoto,
    digits_in,
    held_back,
    number_photos,
)
from core.reading.types import Box


@pytest.fixture
def places(tmp_path: Path) -> Places:
    return replace(Places.find(), data=tmp_path, downloads=tmp_path / "downloads", cache=tmp_path / "cache")


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str, str], None]:
    def table(name: str, text: str) -> None:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    return table


def only(found: list[NumberPhoto]) -> NumberPhoto:
    assert len(found) == 1
    return found[0]


def test_a_file_name_decides_what_is_held_back() -> None:
    names = [f"{i:04}.jpg" for i in range(4000)]
    tenth = {name for name in names if held_back(name, 0.1)}
    assert 340 < len(tenth) < 460
    # The same files as long as there is this function: another rule would train on what was validation.
    assert [name for name in names[:60] if name in tenth] == ["0001.jpg", "0016.jpg", "0054.jpg"]
    # What a tenth holds back a fifth does too.
    assert tenth < {name for name in names if held_back(name, 0.2)}


def test_a_tables_own_parts_are_kept(places: Places, write: Callable[[str, str], None]) -> None:
    write("wagon_numbers/labels.csv", "file,number,split\na.jpg,52,train\nb.jpg,37,validation\n")
    # Out of order, and of b one digit only, which does not spell its number.
    write(
        "wagon_numbers/boxes.csv",
        "file,digit,x,y,w,h\na.jpg,2,20,1,9,18\na.jpg,5,5,2,10,20\nb.jpg,3,1,1,5,9\n",
    )
    first, second = number_photos(places, "wagon-numbers")
    assert (first.split, first.digits, first.box) == ("train", "52", Box(5, 1, 24, 21))
    assert first.digit_boxes == ((5, Box(5, 2, 10, 20)), (2, Box(20, 1, 9, 18)))
    assert (second.split, second.digit_boxes, second.box) == ("validation", (), None)
    assert number_photos(places, "wagon-numbers", "validation") == [second]
    write("wagon_numbers/labels.csv", "file,number,split\na.jpg,52,spare\n")
    with pytest.raises(DataError, match="“spare” of a"):
        number_photos(places, "wagon-numbers")


def test_sets_without_parts_hold_back_by_their_size(
    places: Places, write: Callable[[str, str], None]
) -> None:
    for count, share in ((100, 0.2), (600, 0.1)):
        names = [f"{i}.jpg" for i in range(count)]
        write("speed_limit_signs/labels.csv", "file,number\n" + "".join(f"{n},50\n" for n in names))
        held = [p.file.name for p in number_photos(places, "speed-limit-signs", "validation")]
        assert held == [n for n in names if held_back(n, share)]


def test_a_word_is_kept_as_it_is_written(places: Places, write: Callable[[str, str], None]) -> None:
    row = '"[[2, 6, 9, 16], [11, 7, 12, 14], [23, 7, 11, 16]]"'
    write("iiit5k/numbers.csv", f"file,text,digits_only,char_boxes_xywh\na.jpg,1K3,0,{row}\n")
    photo = only(number_photos(places, "iiit5k-numbers"))
    assert (photo.written, photo.digits, photo.is_whole) == ("1K3", "13", True)
    assert photo.digit_boxes == ((1, Box(2, 6, 9, 16)), (3, Box(23, 7, 11, 16)))
    assert photo.box == Box(2, 6, 32, 17)
    write("iiit5k/numbers.csv", "file,text,digits_only,char_boxes_xywh\na.jpg,1K3,0,[[1]]\n")
    with pytest.raises(DataError, match="no lists of four"):
        number_photos(places, "iiit5k-numbers")
    write("iiit5k/words.csv", "file,text\nw.jpg,Friday\n")
    assert only(number_photos(places, "iiit5k-words")).digits == ""


def test_what_is_not_here_is_said(places: Places) -> None:
    with pytest.raises(DataError, match="orand_car is not here"):
        number_photos(places, "cheques")
    with pytest.raises(DataError, match="no photos “cats”; there are wagon-numbers"):
        number_photos(places, "cats")


def test_pictures_without_numbers_have_their_parts(places: Places, write: Callable[[str, str], None]) -> None:
    for i in range(80):
        write(f"backgrounds/{i:02}.jpg", "")
        write(f"backgrounds_more/{i:02}.jpg", "")
        write(f"icdar2015/scenes/{i:02}.jpg", "")
    photos = number_photos(places, "backgrounds")
    assert [p.file.name for p in photos if p.split == "validation"] == [f"{i:02}.jpg" for i in range(6, 80)]
    assert {p.split for p in photos[:6]} <= {"train", "dev"}
    for name in ("backgrounds-more", "icdar2015-scenes"):
        held = [p.file.name for p in number_photos(places, name, "validation")]
        assert held == [f"{i:02}.jpg" for i in range(80) if held_back(f"{i:02}.jpg", 0.2)]


def test_only_ascii_digits_are_digits() -> None:
    assert digits_in("No. 10-²３b") == "10"


@pytest.mark.data
def test_real_sets_have_their_parts() -> None:
    held = {name: len(number_photos(Places.find(), name, "validation")) for name in SOURCES | WITHOUT_NUMBERS}
    assert held["wagon-numbers"] == 400
    assert held["svhn-numbers"] == 283
    assert held["svhn"] == 56
    assert held["signs"] == 30
    assert held["backgrounds"] == 74
    assert min(held.values()) >= 30
