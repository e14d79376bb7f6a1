"""What is not a digit."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.base.errors import DataError
from core.datasets import non_digits
from core.loaders import background_photos, scribbles
from core.loaders.font_files import faces_of
from core.loaders.fonts import is_dev
from core.reading.types import NOT_A_DIGIT


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    counts = {"letters": 40, "signs": 20, "scribbles": 40, "pieces": 20, "beside": 10}
    monkeypatch.setattr(non_digits, "COUNTS", counts)
    monkeypatch.setattr(background_photos, "KEPT_OUT", 1)


def save_backgrounds(folder: Path, count: int = 3) -> Path:
    folder.mkdir(parents=True)
    rng = np.random.default_rng(0)
    for i in range(count):
        Image.fromarray(rng.integers(0, 256, (70, 90), dtype=np.uint8)).save(folder / f"{i}.png")
    return folder


@pytest.mark.usefixtures("few")
def test_has_characters_scribbles_pieces_and_photos(one_font: Path, tmp_path: Path) -> None:
    backgrounds = save_backgrounds(tmp_path / "backgrounds")
    split = "dev" if is_dev("Aileron") else "train"
    arrays = non_digits.build(tmp_path / "cache", backgrounds, split)
    share = 10 if split == "dev" else 1
    photo_count = 10 + 1 if split == "dev" else 20 + 10
    assert len(arrays["labels"]) == 120 // share + photo_count
    assert set(arrays["labels"].tolist()) == {NOT_A_DIGIT}
    assert (~arrays["is_ink"]).sum() == photo_count
    ink = arrays["images"][arrays["is_ink"]]
    assert (ink.reshape(len(ink), -1).max(axis=1) > 0).mean() > 0.9
    again = non_digits.build(tmp_path / "cache2", backgrounds, split)
    assert np.array_equal(again["images"], arrays["images"])


@pytest.mark.usefixtures("few", "fonts_folder")
def test_works_without_fonts_and_photos(tmp_path: Path, no_starter: None) -> None:
    arrays = non_digits.build(tmp_path / "cache", None, "train")
    assert len(arrays["labels"]) == 40
    assert arrays["is_ink"].all()


def test_characters_never_look_like_a_digit_of_their_font(one_font: Path) -> None:
    from core.loaders.glyphs import draw_digits

    (face,) = faces_of(one_font)
    digits = draw_digits(face)
    assert digits is not None
    lettering = non_digits.Lettering("Aileron", partial(non_digits.draw_installed, face), digits)
    rng = np.random.default_rng(0)
    # A small l is a 1; characters the font lacks are boxes.
    assert non_digits.draw_some(lettering, "035", 6, rng) == []
    assert non_digits.draw_some(lettering, "\u3042\u0b85", 6, rng) == []
    assert len(non_digits.draw_some(lettering, "WMK", 6, rng)) == 6


def test_the_middle_between_digits_is_empty(one_font: Path) -> None:
    from core.loaders.glyphs import draw_digits

    (face,) = faces_of(one_font)
    digits = draw_digits(face)
    assert digits is not None
    rng = np.random.default_rng(0)
    for _ in range(20):
        gap = non_digits.gap_between(digits, rng)
        assert gap[:, 30:34].max() < 128
        assert gap[:, :28].max() > 128
        assert gap[:, 36:].max() > 128


@pytest.mark.parametrize("kind", scribbles.KINDS, ids=lambda kind: kind.__name__)
def test_every_scribble_can_be_drawn(kind: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scribbles, "KINDS", (kind,))
    for seed in range(6):
        image = scribbles.scribble(np.random.default_rng(seed))
        assert image.shape == (64, 64)
        assert image.max() > 100


def test_photos_kept_out_are_the_last_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(background_photos, "KEPT_OUT", 2)
    folder = save_backgrounds(tmp_path / "backgrounds", 5)
    assert [p.name for p in background_photos.background_files(folder, "train")] == [
        "0.png",
        "1.png",
        "2.png",
    ]
    assert [p.name for p in background_photos.background_files(folder, "dev")] == ["3.png", "4.png"]
    assert background_photos.build_textures(folder, "train")["images"].shape == (24, 64, 64)


def test_names_a_damaged_photo(tmp_path: Path) -> None:
    path = tmp_path / "x.png"
    path.write_bytes(b"no picture")
    with pytest.raises(DataError, match=r"x\.png"):
        background_photos.read_gray(path)
    with pytest.raises(DataError, match=r"y\.png: there is no such file"):
        background_photos.read_gray(tmp_path / "y.png")


def test_photos_smaller_than_a_piece_are_taken_whole(tmp_path: Path) -> None:
    path = tmp_path / "small.png"
    Image.fromarray(np.full((9, 12), 77, np.uint8)).save(path)
    assert (background_photos.cut_pieces([path], 2, seed=1) == 77).all()
