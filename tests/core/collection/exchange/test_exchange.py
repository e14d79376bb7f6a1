import csv
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.base.errors import DataError, InputError
from core.collection.exchange.entry import FORMATS, SIDECAR, Format, SharedEntry, collected
from core.collection.exchange.reading import import_collection
from core.collection.exchange.writing import export_collection, folder_name
from core.collection.numbers import NumberStore
from core.loaders.own.find import own_digits
from core.loaders.user_digits import UserDigitStore, read_image
from core.reading.types import NOT_A_DIGIT, Box
from tests.core.collection.filled import fill, noise

DIGITS, NUMBERS = 4, 9


@pytest.fixture
def filled(tmp_path: Path) -> Path:
    fill(tmp_path / "mine", tmp_path / "photos")
    return tmp_path / "mine"


def contents(corrections: Path) -> dict[str, tuple[SharedEntry, bytes]]:
    """All entries by their ids, with the bytes of their pictures."""
    found = collected(corrections)
    assert found.damaged == ()
    return {e.id: (replace(e, file=Path(e.file.suffix)), e.file.read_bytes()) for e in found.entries}


def exported(filled: Path, tmp_path: Path, form: Format) -> Path:
    done = export_collection(filled, tmp_path / "out", form)
    assert (done.digits, done.numbers, done.damaged) == (DIGITS, NUMBERS, ())
    return tmp_path / "out"


@pytest.mark.parametrize("form", FORMATS)
def test_a_fresh_home_gets_the_very_same_entries_and_never_twice(
    filled: Path, tmp_path: Path, form: Format
) -> None:
    out, fresh = exported(filled, tmp_path, form), tmp_path / "fresh"
    done = import_collection(out, fresh)
    assert (done.digits, done.numbers, done.there, done.deleted, done.left_out) == (DIGITS, NUMBERS, 0, 0, [])
    assert contents(fresh) == contents(filled)
    again = import_collection(out, fresh)
    assert (again.digits, again.numbers, again.there) == (0, 0, DIGITS + NUMBERS)
    assert contents(fresh) == contents(filled)


@pytest.mark.parametrize("form", FORMATS)
def test_back_home_nothing_is_new(filled: Path, tmp_path: Path, form: Format) -> None:
    out, before = exported(filled, tmp_path, form), contents(filled)
    assert import_collection(out, filled).there == DIGITS + NUMBERS
    assert contents(filled) == before


@pytest.mark.parametrize("form", FORMATS)
def test_what_was_deleted_or_relabelled_here_does_not_come_back_by_itself(
    filled: Path, tmp_path: Path, form: Format
) -> None:
    out = exported(filled, tmp_path, form)
    digits, numbers = UserDigitStore(filled), NumberStore.within(filled)
    digits.relabel(digits.entries()[0], 1)
    numbers.remove(numbers.entries()[0][0])
    before = contents(filled)
    done = import_collection(out, filled)
    assert (done.digits, done.numbers, done.deleted) == (0, 0, 2)
    assert contents(filled) == before
    again = import_collection(out, filled, deleted_too=True)
    assert (again.digits, again.numbers) == (1, 1)
    assert len(contents(filled)) == DIGITS + NUMBERS + 1


@pytest.mark.parametrize("form", FORMATS)
def test_without_the_list_beside_it_labels_and_texts_still_come_in(
    filled: Path, tmp_path: Path, form: Format
) -> None:
    out, fresh = exported(filled, tmp_path, form), tmp_path / "fresh"
    (out / SIDECAR).unlink()
    import_collection(out, fresh)
    labels = sorted(e.label for e in UserDigitStore(fresh).entries())
    written = sorted(e.written for e in NumberStore.within(fresh).entries()[0])
    # YOLO has no texts, nor a class for what is no digit; COCO has no “none” either.
    assert labels == ([0, 7, 7] if form in ("yolo", "coco") else [0, 7, 7, NOT_A_DIGIT])
    if form in ("folder", "csv"):
        assert written == sorted(["", "", "00217.61", "007", "12B", "12b", "1824", "47", "8/9"])
    elif form == "coco":
        assert written == ["", "", "00217.61", "007", "12B", "12b", "47"]


def test_other_programs_read_the_digits(filled: Path, tmp_path: Path) -> None:
    for form in FORMATS:
        out = tmp_path / form
        export_collection(filled, out, form)
        found = own_digits(out / "digits" if form in ("folder", "csv") else out)
        assert sorted(label for label in found.labels if label != NOT_A_DIGIT) == [0, 7, 7]
        left_out: list[str] = []
        for item in found.read(None, left_out):
            assert item.picture.shape == (32, 32)
        assert left_out == []


def test_boxes_are_those_of_the_formats(filled: Path, tmp_path: Path) -> None:
    out = tmp_path / "coco"
    export_collection(filled, out, "coco")
    body = json.loads((out / "annotations.json").read_text())
    numbers = {a["utf8_string"]: a for a in body["annotations"] if a["category_id"] == 10}
    assert sorted(numbers) == ["00217.61", "007", "12B", "12b", "47"]
    assert numbers["00217.61"]["bbox"] == [3.25, 4.5, 50.33, 20.77]
    (photo,) = (i for i in body["images"] if i["id"] == numbers["12B"]["image_id"])
    assert (photo["width"], photo["height"]) == (90, 160)  # upright
    out = tmp_path / "yolo"
    export_collection(filled, out, "yolo")
    texts = {p.stem: p.read_text().split() for p in (out / "labels").iterdir()}
    (whole,) = (
        t for t in texts.values() if t == ["10", "0.500000000", "0.500000000", "1.000000000", "1.000000000"]
    )
    # “no number” as a whole, and “no digit”, are empty texts; what YOLO can not say stands elsewhere.
    assert sum(t == [] for t in texts.values()) == 2
    assert {p.name for p in (out / "images").iterdir()} == {
        p.name for p in (out / "images").iterdir() if p.stem in texts
    }
    assert len(list((out / "others").iterdir())) == 2
    assert whole


@pytest.mark.parametrize("form", FORMATS)
def test_what_was_changed_by_hand_in_an_export_counts(filled: Path, tmp_path: Path, form: Format) -> None:
    out, fresh = exported(filled, tmp_path, form), tmp_path / "fresh"
    (digit,) = (e for e in UserDigitStore(filled).entries() if e.label == 0)
    (number,) = (e for e in NumberStore.within(filled).entries()[0] if e.written == "47")
    if form == "folder":
        (out / "digits" / "3").mkdir()
        (out / "digits" / "0" / f"{digit.id}.png").rename(out / "digits" / "3" / f"{digit.id}.png")
        (out / "numbers" / "41").mkdir()
        (out / "numbers" / "47" / f"{number.id}.png").rename(out / "numbers" / "41" / f"{number.id}.png")
    elif form == "csv":
        for table, old, new in (("digits", ",0,", ",3,"), ("numbers", ",47,", ",41,")):
            path = out / table / "labels.csv"
            path.write_text(path.read_text().replace(old, new, 1))
    elif form == "coco":
        body = json.loads((out / "annotations.json").read_text())
        for annotation in body["annotations"]:
            if annotation["entry"] == digit.id:
                annotation["category_id"] = 3
            if annotation["entry"] == number.id:
                annotation["utf8_string"] = "41"
        (out / "annotations.json").write_text(json.dumps(body))
    else:
        path = out / "labels" / f"{digit.id}.txt"
        path.write_text("3" + path.read_text()[1:])
    import_collection(out, fresh)
    found = {e.id: e for e in UserDigitStore(fresh).entries()}
    assert found[digit.id].label == 3
    assert found[digit.id].kind == "camera"
    if form != "yolo":
        numbers = {e.id: e for e in NumberStore.within(fresh).entries()[0]}
        assert (numbers[number.id].written, numbers[number.id].group) == ("41", "evening")
        assert numbers[number.id].box == number.box


def test_a_moved_box_counts(filled: Path, tmp_path: Path) -> None:
    out, fresh = exported(filled, tmp_path, "coco"), tmp_path / "fresh"
    body = json.loads((out / "annotations.json").read_text())
    for annotation in body["annotations"]:
        if annotation["utf8_string"] == "47":
            annotation["bbox"] = [10, 5, 45, 30]
    (out / "annotations.json").write_text(json.dumps(body))
    import_collection(out, fresh)
    (number,) = (e for e in NumberStore.within(fresh).entries()[0] if e.written == "47")
    assert number.box == Box(10, 5, 45, 30)


def test_a_spreadsheet_that_drops_zeros_loses_none(filled: Path, tmp_path: Path) -> None:
    out, fresh = exported(filled, tmp_path, "csv"), tmp_path / "fresh"
    path = out / "numbers" / "labels.csv"
    rows = list(csv.reader(path.read_text("utf-8-sig").splitlines()))
    shown = {"007": "7", "00217.61": "217.61"}
    path.write_text(
        "\n".join(";".join([row[0], shown.get(row[1], row[1]), *row[2:]]) for row in rows), "cp1252"
    )
    done = import_collection(out, fresh)
    assert done.left_out == []
    assert {"007", "00217.61"} <= {e.written for e in NumberStore.within(fresh).entries()[0]}


def test_what_was_taken_out_of_an_export_stays_out(filled: Path, tmp_path: Path) -> None:
    out, fresh = exported(filled, tmp_path, "folder"), tmp_path / "fresh"
    for path in (out / "digits" / "7").iterdir():
        path.unlink()
    done = import_collection(out, fresh)
    assert (done.digits, done.numbers) == (DIGITS - 2, NUMBERS)


@pytest.mark.parametrize("form", FORMATS)
def test_one_damaged_picture_is_told_and_the_rest_comes_in(
    filled: Path, tmp_path: Path, form: Format
) -> None:
    out, fresh = exported(filled, tmp_path, form), tmp_path / "fresh"
    (digit,) = (e for e in UserDigitStore(filled).entries() if e.label == 0)
    (path,) = out.rglob(f"{digit.id}.png")
    path.write_bytes(path.read_bytes()[:200])
    done = import_collection(out, fresh)
    assert (done.digits, done.numbers) == (DIGITS - 1, NUMBERS)
    (sentence,) = done.left_out
    assert path.name in sentence


def test_damaged_entries_are_left_out_of_an_export_and_told(filled: Path, tmp_path: Path) -> None:
    digits, numbers = UserDigitStore(filled).entries(), NumberStore.within(filled).entries()[0]
    digits[0].png_path.write_bytes(b"?")
    digits[1].json_path.write_text("{")
    (filled / "numbers" / f"{numbers[-1].id}.json").write_text("{")
    done = export_collection(filled, tmp_path / "out", "coco")
    assert (done.digits, done.numbers, len(done.damaged)) == (DIGITS - 2, NUMBERS - 1, 3)


def test_a_damaged_line_of_the_list_loses_its_entrys_facts_only(filled: Path, tmp_path: Path) -> None:
    out, fresh = exported(filled, tmp_path, "folder"), tmp_path / "fresh"
    lines = (out / SIDECAR).read_text().split("\n")
    lines[1] = lines[1][:40]
    (out / SIDECAR).write_text("\n".join(lines))
    done = import_collection(out, fresh)
    assert (done.digits, done.numbers) == (DIGITS, NUMBERS)
    (sentence,) = done.left_out
    assert "line 2" in sentence


def test_a_list_from_elsewhere_reaches_no_files_outside(filled: Path, tmp_path: Path) -> None:
    out = exported(filled, tmp_path, "coco")
    secret = tmp_path / "secret" / "others"
    secret.mkdir(parents=True)
    Image.fromarray(noise(99, 20, 20)).save(secret / "x.png")
    line = {"id": "x", "what": "number", "text": "1", "box": None, "file": "../secret/others/x.png"}
    with (out / SIDECAR).open("a") as file:
        file.write(json.dumps(line) + "\n")
    done = import_collection(out, tmp_path / "fresh")
    assert done.numbers == NUMBERS
    assert len(done.left_out) == 1


def test_a_list_of_a_later_version_is_refused(filled: Path, tmp_path: Path) -> None:
    out = exported(filled, tmp_path, "folder")
    (out / SIDECAR).write_text('{"v": 2, "format": "folder"}\n')
    with pytest.raises(InputError, match="later version"):
        import_collection(out, tmp_path / "fresh")


def test_an_export_overwrites_nothing_and_needs_something(filled: Path, tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / "letter.txt").write_text("dear")
    with pytest.raises(InputError, match="there already"):
        export_collection(filled, tmp_path / "there", "folder")
    with pytest.raises(InputError, match="Nothing was collected"):
        export_collection(tmp_path / "empty", tmp_path / "new", "folder")
    assert not (tmp_path / "new").exists()
    (tmp_path / "fits").mkdir()
    assert export_collection(filled, tmp_path / "fits", "folder").digits == DIGITS


@pytest.mark.parametrize(
    ("text", "name"),
    [("217.61", "217%2E61"), ("12/3", "12%2F3"), ("", "none"), ("COM1", "%43OM1"), ("№ 7", "%E2%84%96%207")],
)
def test_folders_of_numbers_have_names_for_every_system(text: str, name: str) -> None:
    assert folder_name(text) == name


def test_numbers_of_another_programs_table(tmp_path: Path) -> None:
    folder = tmp_path / "set"
    folder.mkdir()
    for i in range(4):
        Image.fromarray(noise(i, 30, 90, 3)).save(folder / f"{i}.png")
    (folder / "labels.csv").write_text(
        "filename,number,left,top,width,height\n0.png,1824,1,2,50,20\n1.png,12B,,,,\n2.png,none,,,,\n3.png,,,,,\n"
    )
    done = import_collection(folder, tmp_path / "mine")
    entries, _ = NumberStore.within(tmp_path / "mine").entries()
    assert sorted((e.written, e.box) for e in entries if e.box is None) == [("", None), ("12B", None)]
    assert [(e.written, e.box, e.whole) for e in entries if e.box] == [("1824", Box(1, 2, 50, 20), True)]
    (sentence,) = done.left_out
    assert "line 5" in sentence
    assert import_collection(folder, tmp_path / "mine").there == 3


def test_labels_that_are_whole_numbers_are_numbers(tmp_path: Path) -> None:
    Image.fromarray(noise(1, 30, 90, 3)).save(tmp_path / "a.png")
    Image.fromarray(noise(2, 30, 90, 3)).save(tmp_path / "b.png")
    (tmp_path / "labels.csv").write_text("file,label\na.png,7\nb.png,18\n")
    import_collection(tmp_path, tmp_path / "mine")
    entries, _ = NumberStore.within(tmp_path / "mine").entries()
    assert sorted(e.written for e in entries) == ["18", "7"]


def test_boxes_of_another_programs_coco(tmp_path: Path) -> None:
    Image.fromarray(noise(1, 60, 90, 3)).save(tmp_path / "a.png")
    body = {
        "images": [{"id": 1, "file_name": "a.png"}],
        "categories": [{"id": 1, "name": "text"}, {"id": 2, "name": "5"}, {"id": 3, "name": "face"}],
        "annotations": [
            {"id": 1, "image_id": 1, "category_id": 1, "bbox": [1, 2, 30, 10], "utf8_string": "12-34"},
            {"id": 2, "image_id": 1, "category_id": 2, "bbox": [50, 20, 10, 20]},
            {"id": 3, "image_id": 1, "category_id": 3, "keypoints": [1, 1, 2]},
            {"id": 4, "image_id": 1, "category_id": 1, "bbox": [1, 2, 30, 10], "utf8_string": "EXIT"},
        ],
    }
    (tmp_path / "boxes.json").write_text(json.dumps(body))
    done = import_collection(tmp_path / "boxes.json", tmp_path / "mine")
    (number,), _ = NumberStore.within(tmp_path / "mine").entries()
    (digit,) = UserDigitStore(tmp_path / "mine").entries()
    assert (number.written, number.box, number.whole) == ("12-34", Box(1, 2, 30, 10), True)
    assert (digit.label, digit.kind, digit.size) == (5, "photo", (90, 60))
    assert digit.origin.group == number.group
    assert done.left_out == ["Boxes of other classes are left out: “face”, “text”."]


def test_an_image_folder_of_digits_by_another_program(tmp_path: Path) -> None:
    for label in ("3", "none"):
        (tmp_path / "set" / label).mkdir(parents=True)
        for i in range(2):
            Image.fromarray(np.full((50, 40), 20 + i, np.uint8) + noise(i, 50, 40) // 8).save(
                tmp_path / "set" / label / f"{i}.jpg"
            )
    done = import_collection(tmp_path / "set", tmp_path / "mine")
    # The same pictures stand under both labels: both come in, and are told apart by a person.
    assert (done.digits, done.there) == (4, 0)
    entries = UserDigitStore(tmp_path / "mine").entries()
    assert sorted(e.label for e in entries) == [3, 3, NOT_A_DIGIT, NOT_A_DIGIT]
    assert {read_image(e).shape for e in entries} == {(32, 32)}
    assert import_collection(tmp_path / "set", tmp_path / "mine").there == 4


def test_nothing_there_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no such folder"):
        import_collection(tmp_path / "gone", tmp_path / "mine")
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match="empty"):
        import_collection(tmp_path / "empty", tmp_path / "mine")
