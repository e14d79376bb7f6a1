import errno
import json
import os
import time
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from numpy.typing import NDArray

from core.base.errors import DataError, FailureError
from core.loaders import user_digits
from core.loaders.user_digits import DigitOrigin, UserDigitStore
from core.reading.strokes import Stroke
from core.reading.types import NOT_A_DIGIT

STROKES = (Stroke(((10.0, 20.0), (30.5, 40.25)), 6.0, (0.5, 1.0)), Stroke(((1.0, 2.0),), 6.0))


@pytest.fixture
def store(tmp_path: Path) -> UserDigitStore:
    return UserDigitStore(tmp_path / "mine")


@pytest.fixture
def image() -> NDArray[np.uint8]:
    return np.arange(32 * 32, dtype=np.uint16).reshape(32, 32).astype(np.uint8)


def test_a_kept_digit_comes_back_as_it_was(store: UserDigitStore, image: NDArray[np.uint8]) -> None:
    entry = store.add(STROKES, image, 7, size=(640, 480))
    (found,) = store.entries()
    assert found.id == entry.id
    assert (found.label, found.kind, found.size) == (7, "drawing", (640, 480))
    assert found.created == pytest.approx(entry.created, abs=0.001)
    assert user_digits.read_strokes(found) == STROKES
    np.testing.assert_array_equal(user_digits.read_image(found), image)


def test_the_files_are_as_the_docstring_says(store: UserDigitStore, image: NDArray[np.uint8]) -> None:
    entry = store.add(STROKES, image, 4, size=(640, 480))
    assert entry.json_path == store.folder / "4" / f"{entry.id}.json"
    body = json.loads(entry.json_path.read_text())
    assert body["v"] == 1
    assert body["label"] == 4
    assert body["size"] == [640, 480]
    assert body["strokes"][0]["points"][1] == [30.5, 40.25]
    assert body["strokes"][0]["pressures"] == [0.5, 1.0]
    assert "pressures" not in body["strokes"][1]


def test_a_crop_of_a_photo_has_no_strokes(store: UserDigitStore, image: NDArray[np.uint8]) -> None:
    entry = store.add((), image, 3, kind="photo")
    assert user_digits.read_strokes(entry) == ()
    assert store.entries()[0].kind == "photo"
    assert store.entries()[0].size == (32, 32)


def test_a_folder_that_is_not_there_is_empty(store: UserDigitStore) -> None:
    assert store.count() == 0
    assert store.entries() == []
    assert store.damaged() == []
    assert not store.folder.exists()


def test_counts_by_label(store: UserDigitStore, image: NDArray[np.uint8]) -> None:
    for label in (1, 1, 9):
        store.add(STROKES, image, label)
    assert store.count() == 3
    assert store.count_by_label()[1] == 2
    assert store.count_by_label()[9] == 1
    assert store.count_by_label()[0] == 0


def test_removed_is_kept_in_the_trash_and_restored(store: UserDigitStore, image: NDArray[np.uint8]) -> None:
    entry = store.add(STROKES, image, 5)
    store.remove(entry)
    assert store.count() == 0
    assert store.entries() == []
    store.restore(entry)
    assert [e.id for e in store.entries()] == [entry.id]
    np.testing.assert_array_equal(user_digits.read_image(entry), image)


def test_removing_what_is_gone_is_one_sentence(store: UserDigitStore, image: NDArray[np.uint8]) -> None:
    entry = store.add(STROKES, image, 5)
    entry.json_path.unlink()
    with pytest.raises(FailureError, match="could not be moved"):
        store.remove(entry)


def test_names_never_collide(
    store: UserDigitStore, image: NDArray[np.uint8], monkeypatch: pytest.MonkeyPatch
) -> None:
    tokens = iter(["aaaaaaaa", "aaaaaaaa", "bbbbbbbb", "aaaaaaaa", "bbbbbbbb", "cccccccc"])
    monkeypatch.setattr(user_digits, "secrets", SimpleNamespace(token_hex=lambda n: next(tokens)))
    monkeypatch.setattr(time, "strftime", lambda *a: "20250101-000000")
    first = store.add(STROKES, image, 5)
    second = store.add(STROKES, 255 - image, 5)
    store.remove(first)
    third = store.add((), image, 5)
    assert len({first.id, second.id, third.id}) == 3
    store.restore(first)
    assert store.count() == 3


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        '{"v": 2}',
        '{"v": 1, "label": 3, "created": 0, "size": [1, 1]}',
        '{"v": 1, "label": 4, "created": 0, "size": [1, 1], "strokes": []}',
        '{"v": 1, "label": 3, "created": "x", "size": [1, 1], "strokes": []}',
        '{"v": 1, "label": 3, "created": 0, "size": [0, 1], "strokes": []}',
        '{"v": 1, "label": true, "created": 0, "size": [1, 1], "strokes": []}',
    ],
)
def test_damaged_entries_are_left_out_and_named(
    store: UserDigitStore, image: NDArray[np.uint8], text: str
) -> None:
    good = store.add(STROKES, image, 3)
    bad = good.json_path.with_name("bad.json")
    bad.write_text(text)
    bad.with_suffix(".png").write_bytes(good.png_path.read_bytes())
    assert [e.id for e in store.entries()] == [good.id]
    assert store.damaged() == [bad]
    with pytest.raises(DataError, match=r"bad\.json"):
        user_digits.read_entry(bad)


def test_an_entry_without_its_picture_is_damaged(store: UserDigitStore, image: NDArray[np.uint8]) -> None:
    entry = store.add(STROKES, image, 3)
    entry.png_path.unlink()
    assert store.entries() == []
    assert store.damaged() == [entry.json_path]


def test_damaged_strokes_and_pictures_name_their_file(
    store: UserDigitStore, image: NDArray[np.uint8]
) -> None:
    entry = store.add(STROKES, image, 3)
    body = json.loads(entry.json_path.read_text())
    entry.json_path.write_text(json.dumps(body | {"strokes": [{"points": "?"}]}))
    entry.png_path.write_bytes(b"no picture")
    with pytest.raises(DataError, match=entry.json_path.name):
        user_digits.read_strokes(entry)
    with pytest.raises(DataError, match=entry.png_path.name):
        user_digits.read_image(entry)


def test_a_full_disk_leaves_nothing_behind(
    store: UserDigitStore, image: NDArray[np.uint8], monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = []

    def full_at_the_json(source: Path, target: Path) -> None:
        calls.append(target)
        if len(calls) == 2:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return os.rename(source, target)

    monkeypatch.setattr("core.runs.folder.os.replace", full_at_the_json)
    with pytest.raises(FailureError, match="No space left"):
        store.add(STROKES, image, 3)
    assert [p for p in store.folder.rglob("*") if p.is_file()] == []


def test_what_was_read_there_and_where_it_comes_from_is_kept(
    store: UserDigitStore, image: NDArray[np.uint8]
) -> None:
    origin = DigitOrigin("1", "general", "20260101-120000-aaaaaaaa", "meter.jpg", "photo-5")
    entry = store.add((), image, 7, kind="photo", origin=origin)
    (found,) = store.entries()
    assert found.origin == entry.origin == origin


def test_a_digit_without_a_group_is_its_own(store: UserDigitStore, image: NDArray[np.uint8]) -> None:
    entry = store.add(STROKES, image, 7)
    assert entry.origin.group == store.entries()[0].origin.group == entry.id


def test_entries_of_before_have_no_origin_and_are_their_own_group(
    store: UserDigitStore, image: NDArray[np.uint8]
) -> None:
    entry = store.add(STROKES, image, 7)
    body = json.loads(entry.json_path.read_text())
    entry.json_path.write_text(
        json.dumps({name: body[name] for name in ("v", "label", "created", "kind", "size", "strokes")})
    )
    (found,) = store.entries()
    assert found.origin == DigitOrigin(group=entry.id)
    assert found.added == found.created


def test_no_digit_is_a_label(store: UserDigitStore, image: NDArray[np.uint8]) -> None:
    entry = store.add(STROKES, image, NOT_A_DIGIT)
    assert entry.json_path.parent.name == "none"
    assert [e.label for e in store.entries()] == [NOT_A_DIGIT]
    assert store.count() == store.count_by_label()[NOT_A_DIGIT] == 1


def test_relabelled_is_the_same_digit_and_can_be_undone(
    store: UserDigitStore, image: NDArray[np.uint8]
) -> None:
    old = store.add(
        STROKES, image, 4, kind="drawing", size=(640, 480), origin=DigitOrigin("9", "m", "", "", "g")
    )
    new = store.relabel(old, 7)
    (found,) = store.entries()
    assert (found.id, found.label, found.origin, found.size) == (new.id, 7, old.origin, old.size)
    assert user_digits.read_strokes(found) == STROKES
    np.testing.assert_array_equal(user_digits.read_image(found), image)
    store.remove(new)
    store.restore(old)
    assert [(e.id, e.label) for e in store.entries()] == [(old.id, 4)]


def test_a_digit_that_cannot_leave_its_label_does_not_get_a_second_one(
    store: UserDigitStore, image: NDArray[np.uint8], monkeypatch: pytest.MonkeyPatch
) -> None:
    old = store.add(STROKES, image, 4)

    def fail(*_: object) -> None:
        raise FailureError("no")

    monkeypatch.setattr(UserDigitStore, "remove", fail)
    with pytest.raises(FailureError):
        store.relabel(old, 7)
    assert [(e.id, e.label) for e in store.entries()] == [(old.id, 4)]


def test_each_damaged_entry_is_told_in_a_sentence(store: UserDigitStore, image: NDArray[np.uint8]) -> None:
    good, bad = store.add(STROKES, image, 3), store.add(STROKES, image, 4)
    bad.json_path.write_text("{")
    entries, damaged = store.entries_and_damaged()
    assert [e.id for e in entries] == [good.id]
    assert damaged == {bad.json_path: f"{bad.json_path} is damaged: it is not JSON."}
