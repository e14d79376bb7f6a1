"""Fonts: which are used, which are not, and what of them is kept out of training."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from numpy.typing import NDArray

from core.base.errors import DataError
from core.loaders import fonts, glyphs
from core.loaders.font_files import faces_of, font_files
from core.loaders.font_filter import count_alike, looks_like_digits


def box_glyph(width: int, height: int) -> object:
    pen = TTGlyphPen(None)
    pen.moveTo((100, 0))
    for point in ((100, height), (100 + width, height), (100 + width, 0)):
        pen.lineTo(point)
    pen.closePath()
    return pen.glyph()


def build_font(
    path: Path, family: str, *, characters: str = "0123456789", same_glyph: bool = False, symbol: bool = False
) -> None:
    """A font whose characters are boxes of different sizes."""
    names = [".notdef", *(f"g{i}" for i in range(len(characters)))]
    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder(names)
    builder.setupCharacterMap({ord(c): "g0" if same_glyph else f"g{i}" for i, c in enumerate(characters)})
    builder.setupGlyf({name: box_glyph(300 + 20 * i, 700 - 30 * i) for i, name in enumerate(names)})
    builder.setupHorizontalMetrics(dict.fromkeys(names, (800, 100)))
    builder.setupHorizontalHeader(ascent=800, descent=-200)
    builder.setupNameTable({"familyName": family, "styleName": "Regular"})
    builder.setupOS2()
    builder.setupPost()
    if symbol:
        for table in builder.font["cmap"].tables:
            table.platformID, table.platEncID = 3, 0
        builder.font["cmap"].tables = builder.font["cmap"].tables[:1]
    builder.save(path)


def test_a_real_font_is_used(one_font: Path) -> None:
    (face,) = faces_of(one_font)
    assert face.family == "Aileron"
    digits = glyphs.draw_digits(face)
    assert digits is not None
    assert digits.shape == (10, 64, 64)
    assert looks_like_digits(digits)
    assert count_alike(digits) >= 9
    assert count_alike(digits[::-1].copy()) <= 4


def test_finds_fonts_below_the_folders(fonts_folder: Path, one_font: Path) -> None:
    deep = fonts_folder / "a" / "b"
    deep.mkdir(parents=True)
    shutil.copy(one_font, deep / "Copy.TTF")
    (deep / "readme.txt").write_text("no font")
    assert [p.name for p in font_files()] == ["Aileron.ttf", "Copy.TTF"]


def test_fonts_without_digits_are_skipped(tmp_path: Path) -> None:
    build_font(tmp_path / "letters.ttf", "Letters", characters="ABCDEFGHIJ")
    build_font(tmp_path / "boxes.ttf", "Boxes", same_glyph=True)
    build_font(tmp_path / "symbol.ttf", "Pictures", symbol=True)
    build_font(tmp_path / "named.ttf", "Fancy Dingbats")
    for path in tmp_path.glob("*.ttf"):
        assert faces_of(path) == [], path.name


def test_symbols_in_place_of_digits_are_skipped(fonts_folder: Path, tmp_path: Path) -> None:
    build_font(fonts_folder / "shapes.ttf", "Shapes")
    (face,) = faces_of(fonts_folder / "shapes.ttf")
    digits = glyphs.draw_digits(face)
    assert digits is not None
    assert not looks_like_digits(digits)
    assert len(fonts.render_installed(tmp_path / "cache")["images"]) == 0


def test_broken_fonts_are_skipped(tmp_path: Path, one_font: Path) -> None:
    data = one_font.read_bytes()
    for name, content in {
        "cut": data[:500],
        "text": b"no font",
        "empty": b"",
        "ttcf": b"ttcf\0\1\0\0\0\0\0\2",
    }.items():
        path = tmp_path / f"{name}.ttf"
        path.write_bytes(content)
        assert faces_of(path) == []
    assert faces_of(tmp_path / "absent.ttf") == []


def test_renders_large_and_small_once_each(one_font: Path, fonts_folder: Path, tmp_path: Path) -> None:
    shutil.copy(one_font, fonts_folder / "Copy.ttf")
    installed = fonts.render_installed(tmp_path)
    assert installed["images"].shape == (2, 10, 64, 64)
    assert fonts.families(tmp_path) == ["Aileron"]
    split = "dev" if fonts.is_dev("Aileron") else "train"
    arrays = fonts.build(tmp_path, None, split)
    assert arrays["labels"].tolist() == [*range(10), *range(10)]
    assert set(arrays["families"].tolist()) == {"Aileron"}
    other = fonts.build(tmp_path, None, "train" if split == "dev" else "dev")
    assert len(other["labels"]) == 0


def test_one_family_of_ten_is_dev() -> None:
    share = np.mean([fonts.is_dev(f"Family {i}") for i in range(2000)])
    assert 0.07 < share < 0.13


def test_renamed_copies_do_not_make_dev_easy(
    one_font: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (face,) = faces_of(one_font)
    digits = glyphs.draw_digits(face)
    small = glyphs.draw_digits(face, size=16)
    assert digits is not None
    assert small is not None
    arrays = {
        "images": np.stack([digits, np.maximum(digits, 3), small, digits[::-1]]),
        "families": np.array(["seen", "copy", "copy", "new"]),
    }
    monkeypatch.setattr(fonts, "render_installed", lambda _: arrays)
    monkeypatch.setattr(fonts, "is_dev", lambda family: family != "seen")
    assert set(fonts.build(tmp_path, None, "dev")["families"].tolist()) == {"new"}


def test_no_fonts_give_no_images(fonts_folder: Path, tmp_path: Path) -> None:
    assert fonts.build(tmp_path, None, "train")["images"].shape == (0, 64, 64)
    assert fonts.families(tmp_path) == []


def write_chars74k(path: Path, count: int = 20) -> None:
    images = np.full((10 * count, 64, 64), 255, np.uint8)
    images[:, 20:40, 28:34] = 0
    # The font's number, as the grey of a corner that is no ink.
    np.savez(path, images=images, labels=np.repeat(np.arange(10), count).astype(np.uint8))


def test_every_tenth_chars74k_font_is_dev(tmp_path: Path) -> None:
    path = tmp_path / fonts.CHARS74K_FILE
    write_chars74k(path)
    train, dev = fonts.build_chars74k(path, "train"), fonts.build_chars74k(path, "dev")
    assert np.bincount(train["labels"]).tolist() == [18] * 10
    assert np.bincount(dev["labels"]).tolist() == [2] * 10
    assert train["images"][0].max() == 255
    assert train["images"][0, 0, 0] == 0


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ({"images": np.zeros((20, 64, 64), np.uint8)}, "lacks “labels”"),
        ({"images": np.zeros((20, 64, 64), np.uint8), "labels": np.zeros(20, np.uint8)}, "not laid out"),
        ({"images": np.zeros((20, 64), np.uint8), "labels": np.repeat(np.arange(10), 2)}, "not laid out"),
    ],
)
def test_names_a_wrong_chars74k_file(tmp_path: Path, content: dict[str, NDArray[Any]], says: str) -> None:
    path = tmp_path / fonts.CHARS74K_FILE
    np.savez(path, allow_pickle=False, **content)
    with pytest.raises(DataError, match=rf"chars74k.*{says}"):
        fonts.build_chars74k(path, "train")


def test_names_a_damaged_npz(tmp_path: Path) -> None:
    path = tmp_path / fonts.CHARS74K_FILE
    write_chars74k(path)
    data = path.read_bytes()
    for content in (data[: len(data) // 2], b"no zip", b""):
        path.write_bytes(content)
        with pytest.raises(DataError, match=r"chars74k.* is damaged"):
            fonts.build_chars74k(path, "train")
    path.unlink()
    with pytest.raises(DataError, match="no such file"):
        fonts.build_chars74k(path, "train")
    np.save(tmp_path / "one.npy", np.zeros(3))
    (tmp_path / "one.npy").rename(path)
    with pytest.raises(DataError, match="a single array"):
        fonts.build_chars74k(path, "train")
