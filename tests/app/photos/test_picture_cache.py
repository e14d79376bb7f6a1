"""Decoded photos that are kept for a while."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from app.photos.picture_cache import PictureCache, stamp_of


def test_what_was_not_wanted_for_longest_goes_first() -> None:
    cache = PictureCache(most_bytes=250)
    pictures = [np.full((10, 10), value, np.uint8) for value in range(3)]
    for key in (0, 1):
        cache.put(key, None, pictures[key])
    assert cache.get(0, None) is pictures[0]
    cache.put(2, None, pictures[2])
    assert cache.get(1, None) is None
    assert cache.get(0, None) is pictures[0]
    cache.clear()
    assert cache.get(0, None) is None


def test_a_file_that_is_another_one_since_is_not_taken_for_the_old_one(tmp_path: Path) -> None:
    path, cache = tmp_path / "photo.png", PictureCache()
    assert stamp_of(None) is None
    assert stamp_of(path) is None
    path.write_bytes(b"one")
    picture = np.zeros((2, 2), np.uint8)
    cache.put(1, stamp_of(path), picture)
    assert cache.get(1, stamp_of(path)) is picture
    path.write_bytes(b"another")
    assert cache.get(1, stamp_of(path)) is None


def test_a_picture_that_is_larger_than_all_that_may_be_kept_is_not_kept() -> None:
    cache = PictureCache(most_bytes=50)
    cache.put(1, None, np.zeros((10, 10), np.uint8))
    assert cache.get(1, None) is None
