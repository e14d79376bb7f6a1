"""Made photos with one digit each: readable, in place, of all sizes, and always the same."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.base.errors import DataError
from core.base.opencv import cv2
from core.base.paths import Places
from core.evaluation.photo_sets import PHOTO_SETS, SINGLE, spread_indices
from core.evaluation.single_digits import HEIGHT, LARGEST, SMALLEST, single_digits
from core.loaders.fonts import CHARS74K_FILE


@pytest.fixture
def places(tmp_path: Path) -> Places:
    """Three photos that are kept out of training, one busier than the next, and ten fonts of which one is."""
    rng = np.random.default_rng(3)
    folder = tmp_path / "backgrounds"
    folder.mkdir()
    for i, cells in enumerate((4, 12, 40)):
        coarse = rng.integers(60, 200, (cells, cells), dtype=np.uint8)
        Image.fromarray(cv2.resize(coarse, (300, 200))).save(folder / f"{i}.png")
    (tmp_path / "backgrounds_more").mkdir()
    (tmp_path / "chars74k_fnt").mkdir()
    images = np.full((100, 64, 64), 255, np.uint8)
    for i, image in enumerate(images):
        cv2.putText(image, str(i // 10), (18, 46), cv2.FONT_HERSHEY_SIMPLEX, 1.3, 0, 3)
    np.savez(tmp_path / "chars74k_fnt" / CHARS74K_FILE, images=images, labels=np.repeat(np.arange(10), 10))
    return replace(Places.find(), data=tmp_path, downloads=tmp_path, cache=tmp_path / "cache")


def test_every_picture_has_one_digit_that_can_be_seen(places: Places) -> None:
    made, again = single_digits(places, 30), single_digits(places, 30)
    assert [p.digits for p in made.photos] == [str(i % 10) for i in range(30)]
    for photo in made.photos:
        picture, box = made.picture(photo), photo.box
        assert np.array_equal(picture, again.picture(photo))
        assert box is not None
        assert picture.shape == (HEIGHT, 720)
        assert min(box.x, box.y) > 0
        assert box.x + box.w < 720
        assert box.y + box.h < HEIGHT
        # Turned by up to six degrees it is a little taller than asked for; a wide one is a little lower.
        assert 0.5 * SMALLEST * HEIGHT < box.h < 1.4 * LARGEST * HEIGHT
        inside = picture[int(box.y) : int(box.y + box.h) + 1, int(box.x) : int(box.x + box.w) + 1]
        assert int(inside.max()) - int(inside.min()) > 30
    heights = [p.box.h for p in made.photos if p.box]
    assert max(heights) > 3 * min(heights)


def test_the_busiest_photo_comes_first(places: Places) -> None:
    made = single_digits(places, 3)
    edges = [float(np.abs(np.diff(made.picture(p).astype(float))).mean()) for p in made.photos]
    assert edges == sorted(edges, reverse=True)


def test_what_is_missing_is_said(places: Places, tmp_path: Path) -> None:
    (tmp_path / "chars74k_fnt" / CHARS74K_FILE).unlink()
    single = next(one for one in PHOTO_SETS if one.kind == SINGLE)
    with pytest.raises(DataError, match="chars74k"):
        single_digits(places)
    for file in (tmp_path / "backgrounds").iterdir():
        file.unlink()
    with pytest.raises(DataError, match="backgrounds"):
        single.evaluate(None, places)  # type: ignore[arg-type]


def test_a_quick_look_is_spread_over_the_set() -> None:
    assert spread_indices(10, 3) == [0, 4, 9]
    assert spread_indices(3, 10) == spread_indices(3, None) == [0, 1, 2]
    assert spread_indices(5, 1) == [0]
