import errno
import json
import os
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from core.base.errors import DataError, FailureError, InputError
from core.collection.numbers import NumberStore, SeenFile, checked_number, picture_group, read_picture
from core.reading import images
from core.reading.strokes import Stroke
from core.reading.types import Box

STROKES = (Stroke(((10.0, 20.0), (30.5, 40.25)), 6.0, (0.5, 1.0)),)


@pytest.fixture
def store(tmp_path: Path) -> NumberStore:
    return NumberStore.within(tmp_path / "mine")


def picture(seed: int = 0, size: tuple[int, int] = (40, 60)) -> NDArray[np.uint8]:
    return np.random.default_rng(seed).integers(0, 256, (*size, 3), np.uint8)


def test_a_kept_number_comes_back_as_it_was(store: NumberStore) -> None:
    entry = store.add(
        picture(), "12B", box=Box(3, 4, 20.123, 10), whole=True, kind="camera", was_read="128", model="general",
        source_file="desk camera", group="evening", strokes=STROKES,
    )  # fmt: skip
    (found,), damaged = store.entries()
    assert damaged == []
    assert found == entry
    assert (found.written, found.box, found.whole, found.kind) == (
        "12B",
        Box(3, 4, 20.12, 10),
        True,
        "camera",
    )
    assert (found.was_read, found.model, found.source_file, found.group) == (
        "128", "general", "desk camera", "evening",
    )  # fmt: skip
    assert found.size == (60, 40)
    assert store.read_strokes(found) == STROKES
    np.testing.assert_array_equal(read_picture(found), picture())


def test_the_files_are_as_the_docstring_says(store: NumberStore, tmp_path: Path) -> None:
    entry = store.add(picture(), "47", box=Box(1, 2, 3, 4))
    body = json.loads((tmp_path / "mine" / "numbers" / f"{entry.id}.json").read_text())
    assert (body["v"], body["written"], body["box"], body["size"]) == (1, "47", [1, 2, 3, 4], [60, 40])
    assert (tmp_path / "mine" / "numbers" / "pictures" / body["picture"]).is_file()


def test_no_number_here_and_no_place_known(store: NumberStore) -> None:
    store.add(picture(1), "", box=Box(0, 0, 9, 9))
    store.add(picture(2), "1824", whole=True)
    entries, _ = store.entries()
    assert [(e.has_number, e.box) for e in entries] == [(False, Box(0, 0, 9, 9)), (True, None)]


def test_numbers_of_one_photo_share_its_picture_and_group(store: NumberStore) -> None:
    a = store.add(picture(), "1", box=Box(0, 0, 5, 5), whole=True)
    b = store.add(picture(), "2", box=Box(9, 9, 5, 5), whole=True)
    assert a.picture == b.picture
    assert a.group == b.group == picture_group(picture())
    assert len(list(a.picture.parent.iterdir())) == 1
    store.remove(a)
    assert [read_picture(e).shape for e in store.entries()[0]] == [(40, 60, 3)]


def test_other_pictures_are_other_groups(store: NumberStore) -> None:
    assert store.add(picture(1), "1").group != store.add(picture(2), "1").group
    flat = np.zeros((4, 6), np.uint8)
    assert picture_group(flat) != picture_group(flat.reshape(6, 4))


def test_a_photos_file_is_kept_as_it_is(store: NumberStore, tmp_path: Path) -> None:
    photo = tmp_path / "a.JPG"
    exif = Image.Exif()
    exif[0x0112] = 6  # Orientation: turned by a quarter
    Image.fromarray(picture(size=(64, 96))).save(photo, "JPEG", exif=exif)
    from core.reading.images import load_image

    upright = load_image(photo)
    entry = store.add(upright, "7", whole=True, photo=photo)
    assert entry.picture.suffix == ".jpg"
    assert entry.picture.read_bytes() == photo.read_bytes()
    assert entry.size == (64, 96)
    np.testing.assert_array_equal(read_picture(entry), upright)


def test_a_photo_that_was_turned_or_is_gone_is_kept_as_it_was_seen(
    store: NumberStore, tmp_path: Path
) -> None:
    photo = tmp_path / "a.png"
    Image.fromarray(picture()).save(photo)
    turned = np.ascontiguousarray(np.rot90(picture()))
    for image, file in ((turned, photo), (turned[:, ::-1].copy(), tmp_path / "none.png")):
        np.testing.assert_array_equal(read_picture(store.add(image, "7", whole=True, photo=file)), image)


def test_a_photo_that_is_the_same_as_when_it_was_seen_is_not_decoded_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a review of photos of eight megapixels that took longer than the person."""
    image = np.random.default_rng(3).integers(0, 256, (8, 20, 3), np.uint8)
    file = tmp_path / "photo.png"
    Image.fromarray(image).save(file)
    seen = SeenFile.of(file)
    with monkeypatch.context() as patch:
        patch.setattr(images, "load_image", lambda *_: pytest.fail("decoded again"))
        entry = NumberStore(tmp_path / "mine").add(image, "7", whole=True, photo=seen)
    assert entry.picture.read_bytes() == file.read_bytes()


def test_of_a_photo_that_changed_since_it_was_seen_what_was_seen_is_kept(tmp_path: Path) -> None:
    image = np.random.default_rng(3).integers(0, 256, (8, 20, 3), np.uint8)
    file = tmp_path / "photo.png"
    Image.fromarray(image).save(file)
    seen = SeenFile.of(file)
    Image.fromarray(255 - image).save(file)
    os.utime(file, ns=(seen.modified_ns, seen.modified_ns + 1))
    store = NumberStore(tmp_path / "mine")
    np.testing.assert_array_equal(read_picture(store.add(image, "7", whole=True, photo=seen)), image)
    file.unlink()
    np.testing.assert_array_equal(read_picture(store.add(image, "8", whole=True, photo=seen)), image)


def test_relabelled_is_the_same_picture_and_can_be_undone(store: NumberStore) -> None:
    old = store.add(picture(), "47", box=Box(1, 2, 3, 4), group="g", was_read="41", strokes=STROKES)
    new = store.relabel(old, " 49 ")
    assert store.entries() == ([new], [])
    assert (new.written, new.box, new.group, new.was_read) == ("49", old.box, "g", "41")
    assert store.read_strokes(new) == STROKES
    store.remove(new)
    store.restore(old)
    assert store.entries() == ([old], [])


def test_a_number_that_cannot_leave_does_not_get_a_second_label(
    store: NumberStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = store.add(picture(), "47")

    def fail(*_: object) -> None:
        raise FailureError("no")

    monkeypatch.setattr(NumberStore, "remove", fail)
    with pytest.raises(FailureError):
        store.relabel(old, "48")
    assert store.entries() == ([old], [])


def test_removed_waits_in_the_trash(store: NumberStore) -> None:
    entry = store.add(picture(), "5")
    store.remove(entry)
    assert store.count() == 0
    with pytest.raises(FailureError, match="could not be moved"):
        store.remove(entry)
    store.restore(entry)
    assert store.entries() == ([entry], [])


def test_a_folder_that_is_not_there_is_empty(store: NumberStore) -> None:
    assert store.count() == 0
    assert store.entries() == ([], [])
    assert not store.folder.exists()


@pytest.mark.parametrize(
    "change",
    [
        None, [], {"v": 2}, {"written": 7}, {"box": [1, 2, 3]}, {"box": [0, 0, 0, 4]}, {"box": ["a", 0, 1, 4]},
        {"size": [0, 4]}, {"size": [1.5, 4]}, {"kind": "scan"}, {"time": "x"}, {"time": True}, {"group": None},
        {"picture": "../../other.png"}, {"picture": "gone.png"}, {"strokes": None},
    ],
)  # fmt: skip
def test_a_damaged_entry_loses_itself_only(store: NumberStore, change: object) -> None:
    bad, good = store.add(picture(1), "1"), store.add(picture(2), "2")
    path = store.folder / f"{bad.id}.json"
    body = json.loads(path.read_text())
    path.write_text(json.dumps(body | change if isinstance(change, dict) else change))
    entries, (sentence,) = store.entries()
    assert entries == [good]
    assert path.name in sentence
    assert sentence.endswith(".")


def test_an_entry_cut_off_and_a_picture_that_is_none(store: NumberStore) -> None:
    bad, good = store.add(picture(1), "1"), store.add(picture(2), "2")
    (store.folder / f"{bad.id}.json").write_text("{")
    good.picture.write_bytes(b"no picture")
    entries, damaged = store.entries()
    assert (entries, len(damaged)) == ([good], 1)
    with pytest.raises(DataError, match=good.picture.name):
        read_picture(good)


def test_a_picture_that_was_cut_off_is_whole_again_when_it_is_kept_again(store: NumberStore) -> None:
    first = store.add(picture(), "1", whole=True)
    first.picture.write_bytes(first.picture.read_bytes()[:50])
    store.add(picture(), "2", whole=True)
    np.testing.assert_array_equal(read_picture(first), picture())


def test_a_full_disk_leaves_no_entry(store: NumberStore, monkeypatch: pytest.MonkeyPatch) -> None:
    rename, calls = os.rename, []

    def full_at_the_json(source: str, target: str) -> None:
        calls.append(target)
        if len(calls) == 2:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        rename(source, target)

    monkeypatch.setattr("core.base.files.os.replace", full_at_the_json)
    with pytest.raises(FailureError, match="No space left"):
        store.add(picture(), "3")
    assert store.entries() == ([], [])


@pytest.mark.parametrize("text", ["ABC", "1" * 65, "12\n3", "no"])
def test_what_cannot_be_a_number_is_refused(store: NumberStore, text: str) -> None:
    with pytest.raises(InputError):
        checked_number(text)
    with pytest.raises(InputError):
        store.add(picture(), text)
    assert store.count() == 0


def test_boxes_are_cut_at_the_pictures_edge(store: NumberStore) -> None:
    assert store.add(picture(), "1", box=Box(-5, 30, 20, 30)).box == Box(0, 30, 15, 10)
    with pytest.raises(InputError, match="outside"):
        store.add(picture(), "1", box=Box(61, 0, 5, 5))
