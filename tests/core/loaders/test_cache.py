"""The cache: found again, rebuilt when damaged or when what it was made from changed."""

from __future__ import annotations

import errno
import os
import shutil
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from core.loaders import cache
from core.loaders.cache import Arrays, cached, cached_facts, content_key, stat_key


class Builder:
    """Counts how often the arrays are made."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self) -> Arrays:
        self.calls += 1
        return {"images": np.arange(200 * 64, dtype=np.uint8).reshape(200, 8, 8), "labels": np.arange(200)}


def entry(tmp_path: Path) -> Path:
    return tmp_path / "data" / "digits-key"


def test_is_made_once(tmp_path: Path) -> None:
    build = Builder()
    first = cached(tmp_path, "digits", "key", build)
    second = cached(tmp_path, "digits", "key", build)
    assert build.calls == 1
    assert np.array_equal(first["images"], build()["images"])
    assert np.array_equal(second["labels"], np.arange(200))
    assert second["images"].flags.writeable
    facts = cached_facts(tmp_path, "digits", "key")
    assert facts is not None
    assert facts["arrays"]["images"]["shape"] == [200, 8, 8]
    assert not [p for p in (tmp_path / "data").iterdir() if p.name.startswith(".")]


def test_writing_to_the_arrays_leaves_the_cache_alone(tmp_path: Path) -> None:
    build = Builder()
    cached(tmp_path, "digits", "key", build)
    cached(tmp_path, "digits", "key", build)["images"][:] = 0
    assert cached(tmp_path, "digits", "key", build)["images"][0, 0, 5] == 5
    assert build.calls == 1


def test_another_key_is_another_entry(tmp_path: Path) -> None:
    build = Builder()
    cached(tmp_path, "digits", "key", build)
    cached(tmp_path, "digits", "other", build)
    assert build.calls == 2


@pytest.mark.parametrize("damage", ["cut", "zeros", "meta", "garbage", "gone"])
def test_a_damaged_entry_is_made_again(tmp_path: Path, damage: str) -> None:
    build = Builder()
    cached(tmp_path, "digits", "key", build)
    file = entry(tmp_path) / "images.npy"
    whole = file.read_bytes()
    if damage == "cut":
        file.write_bytes(whole[: len(whole) // 2])
    elif damage == "zeros":
        file.write_bytes(whole[:6000] + bytes(len(whole) - 6000))
    elif damage == "meta":
        (entry(tmp_path) / "meta.json").write_text('{"arrays": {"images": 3}}')
    elif damage == "garbage":
        file.write_bytes(b"garbage")
    else:
        file.unlink()
    again = cached(tmp_path, "digits", "key", build)
    assert build.calls == 2
    assert np.array_equal(again["images"], build()["images"])
    cached(tmp_path, "digits", "key", build)
    assert build.calls == 3  # the comparison's own, and no more


def test_empty_arrays_are_kept(tmp_path: Path) -> None:
    for _ in range(2):
        arrays = cached(tmp_path, "none", "key", lambda: {"images": np.zeros((0, 64, 64), np.uint8)})
        assert arrays["images"].shape == (0, 64, 64)


def test_works_without_a_place_to_keep_it(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    assert len(cached(tmp_path / "file", "digits", "key", Builder())["labels"]) == 200


def test_a_failed_building_leaves_nothing(tmp_path: Path) -> None:
    def fail() -> Arrays:
        raise RuntimeError("no")

    with pytest.raises(RuntimeError):
        cached(tmp_path, "digits", "key", fail)
    assert not (tmp_path / "data").exists()


def test_what_is_long_unused_is_removed(tmp_path: Path) -> None:
    cached(tmp_path, "digits", "old", Builder())
    cached(tmp_path, "other", "old", Builder())
    left = tmp_path / "data" / ".digits-key-left"
    left.mkdir()
    for path in (tmp_path / "data").iterdir():
        os.utime(path, (1, 1))
    cached(tmp_path, "digits", "key", Builder())
    assert sorted(p.name for p in (tmp_path / "data").iterdir()) == ["digits-key", "other-old"]


def claimed(folder: Path, name: str) -> bool:
    with cache.try_lock(folder, name) as is_ours:
        return is_ours


def test_a_claim_is_for_one(tmp_path: Path) -> None:
    with cache.try_lock(tmp_path, "digits") as first:
        assert first
        assert not claimed(tmp_path, "digits")
        assert len(cached(tmp_path, "digits", "key", Builder())["labels"]) == 200
    assert claimed(tmp_path, "digits")


def test_what_is_being_made_is_waited_for(tmp_path: Path) -> None:
    begun, go_on, builds = threading.Event(), threading.Event(), [Builder(), Builder()]

    def slow() -> Arrays:
        begun.set()
        assert go_on.wait(20)
        return builds[0]()

    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(cached, tmp_path, "digits", "key", slow)
        assert begun.wait(20)
        assert not claimed(tmp_path, "digits")
        assert claimed(tmp_path, "letters")
        second = threads.submit(cached, tmp_path, "digits", "key", builds[1])
        go_on.set()
        assert np.array_equal(first.result(20)["labels"], second.result(20)["labels"])
    assert [build.calls for build in builds] == [1, 0]
    assert claimed(tmp_path, "digits")


def test_without_locks_another_process_may_be_faster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_locks(folder: Path, name: str) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(cache, "_lock", no_locks)

    def build() -> Arrays:
        cached(tmp_path, "digits", "key", Builder())
        return Builder()()

    assert len(cached(tmp_path, "digits", "key", build)["labels"]) == 200
    assert [p.name for p in (tmp_path / "data").iterdir()] == ["digits-key"]


def test_keys_follow_content(tmp_path: Path) -> None:
    small, large = tmp_path / "small", tmp_path / "large"
    small.write_bytes(b"abc")
    large.write_bytes(bytes(200_000))
    first = content_key([small, large], 1)
    os.utime(small, (5, 5))
    assert content_key([large, small], 1) == first  # neither order nor a small file's time
    assert content_key([small, large], 2) != first
    small.write_bytes(b"abd")
    assert content_key([small, large], 1) != first
    small.write_bytes(b"abc")
    data = bytearray(large.read_bytes())
    data[100_000] = 1
    large.write_bytes(data)
    assert content_key([small, large], 1) != first


def test_stat_keys_follow_names_sizes_and_times(tmp_path: Path) -> None:
    file = tmp_path / "font.ttf"
    file.write_bytes(b"abc")
    first = stat_key([file])
    os.utime(file, (5, 5))
    assert stat_key([file]) != first
    copy = tmp_path / "other.ttf"
    shutil.copy2(file, copy)
    assert stat_key([copy]) != stat_key([file])


def test_samples_cover_the_whole_array() -> None:
    array = np.zeros((100, 64, 64), np.uint8)
    before = cache.checksum(array)
    array[99, 63, 63] = 1
    assert cache.checksum(array) != before


@pytest.mark.parametrize("key_of", [stat_key, content_key])
def test_what_ships_with_the_program_counts_by_its_content(
    key_of: Callable[..., str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two clones made the same rows twice: their files differ in place and time alone."""
    own = tmp_path / "own.npz"
    own.write_bytes(b"own")
    keys = list[str]()
    for clone in ("a", "b"):
        folder = tmp_path / clone / "assets"
        folder.mkdir(parents=True)
        for name in ("glyphs.npz", "part.npz"):
            (folder / name).write_bytes(name.encode() * 20_000)
            os.utime(folder / name, (len(keys), len(keys)))
        monkeypatch.setattr(cache, "_SHIPPED", (folder,))
        keys.append(key_of([folder / "part.npz", own, folder / "glyphs.npz"], "rows", 1))
    assert keys[0] == keys[1]
    (folder / "part.npz").write_bytes(b"other" * 20_000)
    assert key_of([folder / "part.npz", own, folder / "glyphs.npz"], "rows", 1) != keys[1]


def test_keys_of_the_users_own_files_are_as_they_were(tmp_path: Path) -> None:
    """Prepared data of gigabytes is on people's disks under them."""
    small, large = tmp_path / "small.npz", tmp_path / "large.npz"
    small.write_bytes(b"small")
    large.write_bytes(b"large" * 20_000)
    os.utime(large, ns=(5_000, 5_000))
    assert content_key([small, large], "facts", 3) == "e4dd20853cb6c61e4d32"
